"""Accepting connections, whatever one of them or the system does."""

import errno
import socket
from typing import Any

from serving.greens import sleep

# A client that left before it was accepted.
GONE = frozenset({errno.ECONNABORTED, errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE, errno.EPROTO, errno.ESHUTDOWN})
SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})  # no descriptor or memory left
PAUSE = 0.1  # seconds until something may have been given back


class PatientListener:
    """A listening socket for eventlet's server, which would stop accepting for good at the first such error."""

    def __init__(self, listener: socket.socket):
        self._listener = listener

    def accept(self) -> Any:
        while True:
            try:
                return self._listener.accept()
            except OSError as error:
                if error.errno not in GONE | SHORT:
                    raise
                sleep(PAUSE if error.errno in SHORT else 0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)
