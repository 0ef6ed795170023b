"""A network camera as a process of its own, which can be held, killed and started again on its port."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from faceapp.images import encode_jpeg
from tests.fakes.rtsp import RtspCamera

ROOT = Path(__file__).parents[2]
LOGIN = "ada:s3cret"
"""What the RTSP camera asks for; the other one doesn't care."""


def noisy(number: int) -> bytes:
    """A JPEG that differs from its neighbours, as a real camera's does."""
    return encode_jpeg(np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8))


class MjpegHandler(BaseHTTPRequestHandler):
    """Motion JPEG, 30 pictures a second. `give`: picture `number` of this connection in bytes, of a stream that was
    asked for before as often as `visit` says; an exception ends the connection."""

    give: Callable[[int, int], bytes] = staticmethod(lambda _visit, number: noisy(number))
    visits = 0

    def do_GET(self) -> None:
        visit, type(self).visits = self.visits, self.visits + 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number, pace = 0, threading.Event()
        with contextlib.suppress(OSError, StopIteration):
            while True:
                data = self.give(visit, number)
                self.wfile.write(b"--frame\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(data), data))
                number += 1
                pace.wait(1 / 30)

    def log_message(self, *_: object) -> None:
        pass


class CameraProcess:
    """A context manager: a camera of `kind` ("rtsp" or "mjpeg") in another process, on `port` (0: any free one)."""

    def __init__(self, kind: str, port: int = 0) -> None:
        self._kind = kind
        self.port = port

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.fakes.camera_process", self._kind, str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Killed, as by a power cut."""
        self._process.kill()
        self._process.communicate()

    @property
    def address(self) -> str:
        """With user and password."""
        return f"{'rtsp' if self._kind == 'rtsp' else 'http'}://{LOGIN}@127.0.0.1:{self.port}/live"

    def hold(self) -> None:
        """It says nothing more, while its connections stay: the kernel still takes what is sent to it, and calls."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It comes back to life."""
        self._process.send_signal(signal.SIGCONT)


def main(kind: str, port: int) -> None:
    """Be the camera until somebody hangs up."""
    if kind == "rtsp":
        with RtspCamera(login=LOGIN, port=port) as camera:
            os.write(1, b"%d\n" % camera.port)
            sys.stdin.read()
    else:
        with ThreadingHTTPServer(("127.0.0.1", port), MjpegHandler) as server:
            os.write(1, b"%d\n" % server.server_address[1])
            server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
