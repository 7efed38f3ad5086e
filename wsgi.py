"""`python wsgi.py` serves Deskbell, as the environment says. No flags."""

import sys

if sys.version_info < (3, 11):
    sys.exit("Deskbell needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])

try:
    import serving

    serving.patch()

    import errno
    import os
    import socket
    from pathlib import Path

    from app import create_app
    from config import Config, ConfigError
    from startup import StartError, prepare, setup_url, start_background
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is not installed: run `make run`, or pip install -r requirements.txt.")


def main() -> None:
    try:
        config = Config.from_environ(os.environ, Path(__file__).resolve().parent / "instance")
        listener = _listen(config)
        app = create_app(config)
        prepare(app)
    except (ConfigError, StartError) as error:
        sys.exit(f"Deskbell cannot start. {error}")
    start_background(app)
    banner = _banner(app.config["PUBLIC_URL"], setup_url(app))
    serving.serve(app, listener, ready=lambda: print(banner, flush=True))


def _listen(config: Config) -> socket.socket:
    """Before anything is migrated: a port in use may mean that Deskbell runs already."""
    try:
        listener = serving.listen(config.HOST, config.PORT)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"Port {config.PORT} on {config.HOST} is in use: stop the other program, or set PORT."
        else:
            why = f"{config.HOST}:{config.PORT} cannot be listened on ({error.strerror}): set HOST and PORT."
        raise StartError(why) from None
    if config.PORT == 0:  # the system chose one
        port = listener.getsockname()[1]
        config.PUBLIC_URL = config.PUBLIC_URL.removesuffix(":0") + f":{port}" * config.PUBLIC_URL.endswith(":0")
        config.PORT = port
    return listener


def _banner(url: str, setup: str | None) -> str:
    lines = ["Deskbell is running.", f"  Dashboard  {url}/", f"  Demo site  {url}/demo"]
    if setup:
        lines.append(f"  Set up     {setup}   (one time: makes the first owner)")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
