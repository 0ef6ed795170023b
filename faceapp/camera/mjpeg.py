"""Motion JPEG over HTTP, read with the standard library.

OpenCV's FFmpeg reads it too, but waits for a camera that stalls as long as it likes, hides why a camera refused, and
needs the password within the address. Here every wait has a limit and every refusal a reason.
"""

from __future__ import annotations

import base64
import http.client
import time
import urllib.request
from typing import Final

from faceapp.camera.address import Address
from faceapp.camera.limited import LimitedConnection
from faceapp.deadlines import Deadline
from faceapp.errors import UnavailableError
from faceapp.images import decode_frame
from faceapp.types import BgrImage

TIMEOUT: Final = 4.0
"""Seconds for connecting, and then for each picture."""
SNAPSHOTS_A_SECOND: Final = 10.0
"""How often an address that gives one picture at a time is asked."""
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of one JPEG; more is no camera's picture."""
BAD_IN_A_ROW: Final = 10
"""So many parts that are no picture end the stream."""


class MjpegReader:
    """JPEGs from an HTTP address: a stream of them, or one for each request. One thread opens, reads and closes it."""

    def __init__(self, address: Address, timeout: float = TIMEOUT) -> None:
        """Connects to nothing. `timeout`: seconds for connecting, and then for each picture."""
        self._address = address
        self._deadline = Deadline(timeout)
        self._connection: LimitedConnection | None = None
        self._response: http.client.HTTPResponse | None = None
        self._boundary: bytes | None = None
        self._kept: bytes | None = None
        self._answer: str | None = None
        self._next_snapshot = 0.0

    def open(self) -> str:
        """Ask, with user and password where the camera wants them; returns the kind of content. Raises UnavailableError
        where nobody answers in time or the camera refuses."""
        self._deadline.renew()
        try:
            response = self._ask()
            if response.status == 401 and self._address.user is not None:
                self._answer = _answer(self._address, response.headers.get_all("WWW-Authenticate") or [])
                response = self._ask()
        except (OSError, http.client.HTTPException, ValueError) as e:
            self.close()
            raise UnavailableError(
                f"{self._address.public} does not answer ({_reason(e)}): check the address and that the camera is on"
            ) from e
        if response.status != 200:
            self.close()
            raise UnavailableError(f"{self._address.public} {_refusal(response.status)}")
        self._boundary = _boundary(response)
        return response.headers.get_content_type()

    def read(self) -> BgrImage:
        """The next picture. Raises UnavailableError where none comes in time, the camera hangs up, or what it sends is
        no picture."""
        self._deadline.renew()
        for _ in range(BAD_IN_A_ROW):
            try:
                data = self._part(self._boundary) if self._boundary is not None else self._snapshot()
            except (OSError, http.client.HTTPException, ValueError) as e:
                raise UnavailableError(f"{self._address.public} stopped sending pictures ({_reason(e)})") from e
            image = decode_frame(data)
            if image is not None:
                return image
        raise UnavailableError(f"{self._address.public} sends no pictures: check the address")

    def close(self) -> None:
        """Hang up."""
        response, self._response = self._response, None
        connection, self._connection = self._connection, None
        self._kept = None
        if response is not None:
            response.close()
        if connection is not None:
            connection.close()

    def _ask(self) -> http.client.HTTPResponse:
        self.close()
        self._connection = LimitedConnection(self._address.bare, self._deadline)
        self._response = self._connection.get({} if self._answer is None else {"Authorization": self._answer})
        return self._response

    def _part(self, boundary: bytes) -> bytes:
        """The body of the next part of a multipart/x-mixed-replace stream (RFC 2046)."""
        while not (line := self._line()).startswith(boundary):
            pass  # the deadline ends this
        if line.startswith(boundary + b"--"):
            raise ValueError("it ended")
        length = None
        while (line := self._line()) not in (b"\r\n", b"\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        if length is None:
            return self._until(boundary)
        if not 0 <= length <= LARGEST or self._response is None:
            raise ValueError("its picture is too large")
        return self._response.read(length)

    def _until(self, boundary: bytes) -> bytes:
        """A part without a length ends where the next boundary begins, which is kept for the next part."""
        lines: list[bytes] = []
        size = 0
        while not (line := self._line()).startswith(boundary):
            lines.append(line)
            size += len(line)
            if size > LARGEST:
                raise ValueError("its picture is too large")
        self._kept = line
        return b"".join(lines)

    def _line(self) -> bytes:
        kept, self._kept = self._kept, None
        line = kept or (self._response.readline(LARGEST) if self._response else b"")
        if not line:
            raise ValueError("it hung up")
        return line

    def _snapshot(self) -> bytes:
        """One picture for each request, at most SNAPSHOTS_A_SECOND."""
        data = self._response.read(LARGEST) if self._response else b""
        if not data:
            time.sleep(max(0.0, self._next_snapshot - time.monotonic()))  # why: the camera is asked no faster than this
            self._next_snapshot = time.monotonic() + 1 / SNAPSHOTS_A_SECOND
            data = self._ask().read(LARGEST)
        return data


def _answer(address: Address, challenges: list[str]) -> str:
    """User and password in the form the camera asks for: digest (RFC 7616) or basic (RFC 7617)."""
    user, password = address.user or "", address.password or ""
    digest = next((c for c in challenges if c.lower().startswith("digest ")), None)
    if digest is None:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(address.bare)  # noqa: S310 - never opened: the standard library's digest wants one
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, address.bare, user, password)
    fields = urllib.request.parse_keqv_list(urllib.request.parse_http_list(digest.partition(" ")[2]))
    return f"Digest {urllib.request.HTTPDigestAuthHandler(passwords).get_authorization(request, fields)}"


def _boundary(response: http.client.HTTPResponse) -> bytes | None:
    if response.headers.get_content_maintype() != "multipart":
        return None
    boundary = response.headers.get_boundary() or ""
    # Many cameras give the boundary with its dashes already.
    return b"--" + boundary.strip('"').removeprefix("--").encode("latin-1", "replace")


def _refusal(code: int) -> str:
    if code in (401, 403):
        return "wants a user and password: write them as http://user:password@host/path"
    if code == 404:
        return "has nothing at this path: check the address"
    return f"refuses (HTTP {code}): check the address"


def _reason(e: BaseException) -> str:
    if isinstance(e, TimeoutError):
        return "no answer in time"
    if isinstance(e, OSError) and e.strerror:
        return e.strerror.lower()
    return type(e).__name__ if isinstance(e, http.client.HTTPException) else str(e)[:80]
