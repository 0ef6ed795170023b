"""A network camera that speaks RTSP: real sockets on loopback, JPEG in RTP, interleaved in the one TCP connection.

Just enough of RFC 2326 (RTSP), RFC 3550 (RTP) and RFC 2435 (JPEG in RTP) for FFmpeg to play it.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
import time
from types import TracebackType
from typing import Self

import cv2
import numpy as np

SIZE = (320, 240)
_PACKET = 1400


def picture(number: int) -> np.ndarray:
    """Picture `number`: BGR, SIZE, a grey that tells it from its neighbours."""
    return np.full((SIZE[1], SIZE[0], 3), 40 + number * 5 % 160, np.uint8)


class RtspCamera:
    """A context manager: a camera at `address`, 30 pictures a second to everybody who plays it.

    pauses_after: after so many pictures nothing is sent until `resume` is set; then what piled up comes at once, under
    the times at which it was taken. login: `user:password`, asked for by basic authentication. path: any other is
    answered with 404.
    stalls_after: after so many pictures nothing more is sent, while the connection stays. hangs_up_after: it is closed.
    """

    def __init__(
        self,
        *,
        login: str | None = None,
        path: str = "/live",
        stalls_after: int | None = None,
        hangs_up_after: int | None = None,
        pauses_after: int | None = None,
        port: int = 0,
    ) -> None:
        self._secret = None if login is None else base64.b64encode(login.encode()).decode()
        self._path = path
        self._stalls_after, self._hangs_up_after = stalls_after, hangs_up_after
        self._pauses_after = pauses_after
        self.resume = threading.Event()
        self.paused = threading.Event()
        self._closing = threading.Event()
        self.port = port
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.asked: list[str] = []
        """The first line of each request."""

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}{self._path}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        # `shutdown` wakes the threads that wait in accept and recv; `close` alone would not.
        for connection in [self._listener, *self._connections]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            received = b""
            while True:
                while b"\r\n\r\n" not in received:
                    more = connection.recv(4096)
                    if not more:
                        return
                    received += more
                request, _, received = received.partition(b"\r\n\r\n")
                self._answer(connection, request.decode())

    def _answer(self, connection: socket.socket, request: str) -> None:
        first, *lines = request.split("\r\n")
        self.asked.append(first)
        header = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        method, url = first.split()[:2]
        status, extra, body = "200 OK", "", ""
        if method != "OPTIONS" and self._secret and header.get("authorization") != f"Basic {self._secret}":
            status, extra = "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n'
        elif self._path not in url and method != "OPTIONS":
            status = "404 Not Found"
        elif method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            body = (
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
                "m=video 0 RTP/AVP 26\r\nc=IN IP4 0.0.0.0\r\na=framerate:30\r\na=control:track1\r\n"
            )
            extra = f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\n"
        elif method == "SETUP":
            if "TCP" not in header.get("transport", ""):
                status = "461 Unsupported Transport"
            else:
                extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        answer = f"RTSP/1.0 {status}\r\nCSeq: {header.get('cseq', '0')}\r\nSession: 1\r\n{extra}"
        connection.sendall(f"{answer}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        if method == "PLAY" and status == "200 OK":
            self._start(self._play, connection)

    def _play(self, connection: socket.socket) -> None:
        sequence = 0
        with contextlib.suppress(OSError):
            number, begun = 0, time.monotonic()
            while not self._closing.wait(max(0.0, begun + number / 30 - time.monotonic())):
                if number == self._pauses_after:
                    self.paused.set()
                    self.resume.wait(10)
                if number == self._stalls_after:
                    self._closing.wait()
                    return
                if number == self._hangs_up_after:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                for packet in _packets(picture(number)):
                    marker = 0x80 if packet.last else 0
                    rtp = struct.pack(">BBHII", 0x80, marker | 26, sequence & 0xFFFF, number * 3000, 1)
                    payload = rtp + packet.payload
                    connection.sendall(struct.pack(">cBH", b"$", 0, len(payload)) + payload)
                    sequence += 1
                number += 1


class _Packet:
    def __init__(self, payload: bytes, last: bool) -> None:
        self.payload, self.last = payload, last


def _packets(image: np.ndarray) -> list[_Packet]:
    """A picture as RTP payloads (RFC 2435): its quantisation tables, then the compressed data, no JPEG headers."""
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    _, encoded = cv2.imencode(".jpg", image, sampling)
    data = encoded.tobytes()
    tables, at = b"", 2
    while data[at + 1] != 0xDA:  # up to "start of scan"
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xDB:
            segment = data[at + 4 : at + 2 + length]
            tables += b"".join(segment[k + 1 : k + 65] for k in range(0, len(segment), 65))
        at += 2 + length
    scan = data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") : -2]
    packets = []
    for offset in range(0, len(scan), _PACKET):
        header = struct.pack(">I", offset) + bytes([1, 255, image.shape[1] // 8, image.shape[0] // 8])
        if offset == 0:
            header += struct.pack(">BBH", 0, 0, len(tables)) + tables
        packets.append(_Packet(header + scan[offset : offset + _PACKET], offset + _PACKET >= len(scan)))
    return packets
