"""The only package that imports eventlet: greenlets, threads, and the server. Another async mode replaces it.

`patch()` must run before anything else is imported, in `wsgi.py` and in `tests/conftest.py`. The command line
does without: everything here works unpatched too.
"""

from serving.greens import Channel, Lock, TimedOut, offload, patch, sleep, spawn, timeout
from serving.server import listen, serve
from serving.state import stopping

__all__ = [
    "Channel",
    "Lock",
    "TimedOut",
    "listen",
    "offload",
    "patch",
    "serve",
    "sleep",
    "spawn",
    "stopping",
    "timeout",
]
