"""Why an RTSP camera cannot be played. FFmpeg, which plays it, says only that."""

from __future__ import annotations

import re
import socket
import urllib.parse
from typing import Final

from faceapp.camera.address import Address

PORTS: Final = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_QUESTION = "DESCRIBE {} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
_STATUS = re.compile(rb"RTSP/1\.[0-9] ([0-9]{3})")
_UNKNOWN = "sends no video that can be played, or not in time: check the address, try again"


def why_not(address: Address, seconds: float) -> str:
    """After FFmpeg failed: ask the camera ourselves (RFC 2326, DESCRIBE, without the password) and say what it answers,
    as the end of a line that begins with the camera's name. Takes up to `seconds` for connecting and for the answer."""
    parts = urllib.parse.urlsplit(address.bare)
    try:
        with socket.create_connection((parts.hostname, parts.port or PORTS[address.scheme]), seconds) as connection:
            if address.scheme != "rtsp":
                return _UNKNOWN
            connection.sendall(
                f"DESCRIBE {address.bare} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode()
            )
            answer = _STATUS.match(connection.recv(256))
    except OSError as e:
        reason = "no answer in time" if isinstance(e, TimeoutError) else (e.strerror or "no connection").lower()
        return f"does not answer ({reason}): check the address and that the camera is on"
    status = int(answer[1]) if answer else 0
    if status in (401, 403):
        if address.user is None:
            return "wants a user and password: write them as rtsp://user:password@host/path"
        return "refuses, most likely this user and password: check them"
    if status in (404, 410, 454):
        return "has nothing at this path: check the address"
    return f"refuses (RTSP {status}): check the address" if status >= 400 else _UNKNOWN
