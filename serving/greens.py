"""Greenlets, and what they wait on."""

import warnings
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

# Known: eventlet only mends errors now. That is why nothing outside of this package imports it.
warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402
import eventlet.tpool  # noqa: E402
from eventlet.queue import Full, Queue  # noqa: E402
from eventlet.semaphore import Semaphore  # noqa: E402

T = TypeVar("T")
P = ParamSpec("P")


class TimedOut(Exception):
    """What `timeout` raises inside of the greenlet."""


def patch() -> None:
    """Make the standard library's sockets, sleeps and locks cooperate."""
    eventlet.monkey_patch()


def sleep(seconds: float) -> None:
    """Let other greenlets run; 0 lets each of those that are ready run once."""
    eventlet.sleep(seconds)


def spawn(function: Callable[..., Any], *args: Any) -> Any:
    """Run a function in a greenlet of its own. The result has `wait()` and `kill()`."""
    return eventlet.spawn(function, *args)


def timeout(seconds: float) -> Any:
    """A context manager that raises `TimedOut` in the greenlet that is inside of it for too long."""
    return eventlet.Timeout(seconds, TimedOut())


def offload(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function in the native thread pool; return or raise what it does."""
    return eventlet.tpool.execute(function, *args, **kwargs)  # type: ignore[no-any-return]


class Lock(Semaphore):  # type: ignore[misc]
    """One greenlet at a time; a context manager. Not for threads."""


class Channel(Generic[T]):
    """A bounded queue between greenlets."""

    def __init__(self, maxsize: int):
        self._queue = Queue(maxsize)

    def put_nowait(self, item: T) -> bool:
        """False if it is full, and then the item is not in it."""
        try:
            self._queue.put_nowait(item)
        except Full:
            return False
        return True

    def get(self) -> T:
        """The oldest item, waited for."""
        return self._queue.get()  # type: ignore[no-any-return]
