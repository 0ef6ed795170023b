"""HTTP with one time limit for everything that is read until the next renewal."""

from __future__ import annotations

import http.client
import socket
import urllib.parse
from typing import Any, cast

from faceapp.deadlines import Deadline, LimitedSocket


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
            # HTTPConnection uses of its socket what `LimitedSocket` has.
            self._connection.sock = cast(Any, LimitedSocket(self._connection.sock, self._deadline))
        self._connection.request("GET", self._target, headers={"Connection": "close", **headers})
        return self._connection.getresponse()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
