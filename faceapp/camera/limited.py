"""HTTP with one time limit for everything that is read until the next renewal.

A socket's own time limit starts anew with every byte: a camera that drips them keeps a reader waiting for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.parse
from typing import Any, BinaryIO, cast


class Deadline:
    """The moment until which everything must have been read."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def renew(self) -> None:
        """Count from now."""
        self._until = time.monotonic() + self._seconds

    def left(self) -> float:
        """Seconds left. Raises TimeoutError where there are none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class LimitedConnection:
    """An HTTP connection whose every wait ends at `deadline`. Follows no redirections: cameras send none."""

    def __init__(self, url: str, deadline: Deadline) -> None:
        """Connects to nothing. `url`: http or https, without user and password."""
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port)
        self._target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        self._deadline = deadline

    def get(self, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Connect and ask. Raises OSError, TimeoutError among them, or HTTPException."""
        self._connection.timeout = self._deadline.left()
        self._connection.connect()
        if isinstance(self._connection.sock, socket.socket):
            # HTTPConnection uses of its socket what `_LimitedSocket` has.
            self._connection.sock = cast(Any, _LimitedSocket(self._connection.sock, self._deadline))
        self._connection.request("GET", self._target, headers={"Connection": "close", **headers})
        return self._connection.getresponse()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class _LimitedSocket:
    """As `socket.socket` does, it stays open as long as a file made of it is: a response outlives its connection."""

    def __init__(self, inner: socket.socket, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        self._shared = False

    def sendall(self, data: bytes) -> None:
        self._inner.settimeout(self._deadline.left())
        self._inner.sendall(data)

    def makefile(self, _mode: str) -> BinaryIO:
        self._shared = True
        return cast(BinaryIO, io.BufferedReader(_LimitedRaw(self._inner, self._deadline), 1 << 16))

    def close(self) -> None:
        if not self._shared:
            self._inner.close()


class _LimitedRaw(io.RawIOBase):
    def __init__(self, inner: socket.socket, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._inner.settimeout(self._deadline.left())
        return self._inner.recv_into(buffer)

    def close(self) -> None:
        self._inner.close()
        super().close()
