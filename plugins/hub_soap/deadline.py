"""A deadline for one whole HTTP exchange: connecting, sending, headers and body.

The timeouts of sockets and of requests start anew with every byte, so that a server which sends one byte a second
holds a call for ever. Here a timer shuts the connection's socket down when the time is over, wherever the call is.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from hub_soap.errors import DeadlineExceeded

_current = threading.local()


class Deadline:
    """Use as a context around one exchange. ``seconds`` begins with the ``with``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.sent = False
        self.expired = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ends = 0.0

    def __enter__(self) -> Deadline:
        self._ends = time.monotonic() + self.seconds
        self._timer = threading.Timer(self.seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()
        _current.deadline = self
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _current.deadline = None
        with self._lock:
            self._socket = None

    def remaining(self) -> float:
        """Seconds left, never less than a millisecond (a timeout of 0 would mean another thing to a socket)."""
        return max(self._ends - time.monotonic(), 0.001)

    def check(self) -> None:
        """Raise ``DeadlineExceeded`` once the time is over."""
        if self.expired:
            raise DeadlineExceeded(self.seconds, self.sent)

    def watch(self, sock: socket.socket | None) -> None:
        """The socket to shut down; called by the connection before it waits."""
        with self._lock:
            self._socket = sock
            if self.expired:
                _shut(sock)

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            _shut(self._socket)


def _shut(sock: socket.socket | None) -> None:
    if sock is not None:
        with contextlib.suppress(OSError):
            # The plain socket's own shutdown: that of an SSLSocket would drop the TLS layer under a reading thread.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _watch(sock: Any, sent: bool) -> None:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None:
        deadline.sent = deadline.sent or sent
        deadline.watch(sock)


class _WatchedConnection(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _watch(self.sock, sent=self.sock is not None)
        super().request(*args, **kwargs)

    def connect(self) -> None:
        super().connect()
        _watch(self.sock, sent=True)

    def getresponse(self) -> Any:
        _watch(self.sock, sent=True)
        return super().getresponse()


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _watch(sock, sent=False)  # the TLS handshake comes next, and can be dripped like anything else
        return sock


class _Pool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


class WatchedAdapter(HTTPAdapter):
    """A requests adapter whose connections know the current ``Deadline``. It never repeats a request by itself."""

    def __init__(self) -> None:
        super().__init__(max_retries=0, pool_maxsize=8)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._give_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        self._give_pools(manager)
        return manager

    @staticmethod
    def _give_pools(manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
