"""One time limit for everything that is sent and read over a socket.

A socket's own time limit starts anew with every byte: who drips them keeps a reader waiting for ever.
"""

from __future__ import annotations

import io
import socket
import time
from typing import Any, BinaryIO, cast


class Deadline:
    """The moment until which everything must be done."""

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


class LimitedSocket:
    """What an HTTPConnection uses of its socket, every wait ending at the deadline. As `socket.socket` does, it stays
    open as long as a file made of it is: a response outlives its connection."""

    def __init__(self, inner: socket.socket, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        self._shared = False

    def sendall(self, data: bytes) -> None:
        """Not the socket's own: with TLS that gives every part the whole time."""
        view = memoryview(data)
        while view:
            self._inner.settimeout(self._deadline.left())
            view = view[self._inner.send(view) :]

    def makefile(self, _mode: str) -> BinaryIO:
        """A file to read the answer from; closing it closes the socket."""
        self._shared = True
        return cast(BinaryIO, io.BufferedReader(_LimitedRaw(self._inner, self._deadline), 1 << 16))

    def close(self) -> None:
        """Close the socket, unless a file of it is in use."""
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
