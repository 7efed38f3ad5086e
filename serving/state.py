"""Whether the process is stopping, and how many requests it is answering."""

_state = {"stopping": False, "running": 0}


def stopping() -> bool:
    """Whether a signal to stop has come."""
    return bool(_state["stopping"])


def stop() -> None:
    _state["stopping"] = True


def began() -> None:
    _state["running"] += 1


def answered() -> None:
    _state["running"] -= 1


def running() -> int:
    """Requests whose answer is not written yet."""
    return _state["running"]
