"""Motion JPEG over HTTP, read with the standard library.

OpenCV's FFmpeg reads it too, but waits for a camera that stalls as long as it likes, hides why a camera refused, and
needs the password within the address. Here every wait has a limit and every refusal a reason.
"""

from __future__ import annotations

import base64
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import cast

import cv2
import numpy as np

from faceapp.camera.address import Address
from faceapp.errors import UnavailableError
from faceapp.types import BgrImage

TIMEOUT = 4.0
"""Seconds to connect, and to wait for the next bytes."""
SNAPSHOTS_A_SECOND = 10.0
"""How often an address that gives one picture at a time is asked."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one JPEG; more is no camera's picture."""
BAD_IN_A_ROW = 10
"""So many parts that are no picture end the stream."""


class MjpegReader:
    """An open HTTP stream of JPEGs. `open_http` makes one; the thread that reads also closes it."""

    def __init__(self, address: Address, response: http.client.HTTPResponse, again: Callable[[], MjpegReader]) -> None:
        self._address = address
        self._response = response
        self._again = again
        self._boundary = _boundary(response)
        self._next_snapshot = time.monotonic()

    @property
    def speaks(self) -> bool:
        """True where what is sent are JPEGs: a stream of them, or one for each request."""
        return self._boundary is not None or self._response.headers.get_content_type() == "image/jpeg"

    def read(self) -> BgrImage:
        """The next picture. Raises UnavailableError where none comes in time, the camera hangs up, or what it sends is
        no picture."""
        for _ in range(BAD_IN_A_ROW):
            try:
                data = self._part() if self._boundary is not None else self._snapshot()
            except (OSError, http.client.HTTPException, ValueError) as e:
                raise UnavailableError(f"{self._address.public} stopped sending pictures ({_reason(e)})") from e
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
            if image is not None:
                return cast(BgrImage, image)
        raise UnavailableError(f"{self._address.public} sends no pictures: check the address")

    def close(self) -> None:
        """Hang up."""
        self._response.close()

    def _part(self) -> bytes:
        """The body of the next part of a multipart/x-mixed-replace stream (RFC 2046)."""
        boundary = self._boundary or b""
        while not (line := self._line()).startswith(boundary):
            pass
        if line.startswith(boundary + b"--"):
            raise ValueError("it ended")
        length = None
        while (line := self._line()) not in (b"\r\n", b"\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        if length is None:
            return self._until_boundary(boundary)
        if not 0 <= length <= LARGEST:
            raise ValueError(f"a picture of {length} bytes")
        return self._response.read(length)

    def _until_boundary(self, boundary: bytes) -> bytes:
        """A part without a length ends where the next boundary begins, which is kept for the next part."""
        lines: list[bytes] = []
        size = 0
        while not (line := self._line()).startswith(boundary):
            lines.append(line)
            size += len(line)
            if size > LARGEST:
                raise ValueError("a picture without end")
        self._kept = line
        return b"".join(lines)

    _kept: bytes | None = None

    def _line(self) -> bytes:
        kept, self._kept = self._kept, None
        line = kept or self._response.readline(LARGEST)
        if not line:
            raise ValueError("it hung up")
        return line

    def _snapshot(self) -> bytes:
        """One picture, then the next request: at most SNAPSHOTS_A_SECOND."""
        data = self._response.read(LARGEST)
        if data:
            return data
        time.sleep(max(0.0, self._next_snapshot - time.monotonic()))  # why: the camera is asked no faster than this
        self._next_snapshot = time.monotonic() + 1 / SNAPSHOTS_A_SECOND
        self._response.close()
        self._response = self._again()._response
        return self._response.read(LARGEST)


def open_http(address: Address, timeout: float = TIMEOUT) -> MjpegReader:
    """Ask `address`, with its user and password where the camera wants them (basic or digest). Raises UnavailableError
    where nobody answers, the camera refuses, or what answers is a web page."""
    # No proxy: a camera is on this network, not behind one.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            response = opener.open(address.bare, timeout=timeout)
        except urllib.error.HTTPError as e:
            e.close()
            if e.code != 401 or address.user is None:
                raise
            response = opener.open(_with_password(address, e.headers), timeout=timeout)
    except urllib.error.HTTPError as e:
        e.close()
        raise UnavailableError(f"{address.public} {_refusal(e.code)}") from e
    except (OSError, http.client.HTTPException, ValueError) as e:
        raise UnavailableError(
            f"{address.public} does not answer ({_reason(e)}): check the address and that the camera is on"
        ) from e
    if response.headers.get_content_maintype() == "text":
        response.close()
        raise UnavailableError(f"{address.public} is a web page, not a stream: use the camera's stream address")
    return MjpegReader(address, response, lambda: open_http(address, timeout))


def _with_password(address: Address, refusal: Message) -> urllib.request.Request:
    """The request again, with user and password in the form the camera asks for: digest (RFC 7616) or basic (7617)."""
    request = urllib.request.Request(address.bare)  # noqa: S310 - http or https, by StreamSource
    user, password = address.user or "", address.password or ""
    challenges = refusal.get_all("WWW-Authenticate") or []
    digest = next((c for c in challenges if c.lower().startswith("digest ")), None)
    if digest is None:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
        return request
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, address.bare, user, password)
    fields = urllib.request.parse_keqv_list(urllib.request.parse_http_list(digest.partition(" ")[2]))
    answer = urllib.request.HTTPDigestAuthHandler(passwords).get_authorization(request, fields)
    request.add_unredirected_header("Authorization", f"Digest {answer}")
    return request


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
    inner = e.reason if isinstance(e, urllib.error.URLError) and isinstance(e.reason, BaseException) else e
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return type(inner).__name__ if isinstance(inner, http.client.HTTPException) else str(inner)[:80]
