"""A real web server on loopback that plays a door's receiver, well or badly."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from faceapp.errors import UnavailableError

SHARED = "a secret of the tests"


def reply_signature(body: bytes, secret: str = SHARED) -> str:
    """Of a reply, as the protocol has it."""
    return "v1=" + hmac.new(secret.encode(), b"faceapp-door-reply-v1\n" + body, hashlib.sha256).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """One request, handed to the server's `behave`."""

    server: Receiver
    timeout = 5

    def do_POST(self) -> None:
        """Keep the request, then do what the test says."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        message = json.loads(body)
        self.server.behave(self, message)

    def answer(self, message: dict[str, Any], **fields: Any) -> None:
        """Properly: signed, with the message's nonce."""
        self.send(json.dumps({"nonce": message["nonce"], **fields}).encode())

    def send(self, body: bytes, signature: str | None = None, status: int = 200, **headers: str) -> None:
        """`body`, signed unless another signature is given."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Faceapp-Signature", reply_signature(body) if signature is None else signature)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, data: bytes, every: float = 0.05) -> None:
        """A byte at a time, until somebody has had enough."""
        for byte in data:
            if self.server.over.wait(every):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


BUSY = 3.0
"""Seconds that a busy machine may add; what hangs does so for longer."""


def within(limit: float, call: Callable[[], Any]) -> Any:
    """What `call` returns, or the exception it raised; it must be back by then (seconds), or soon after."""
    began = time.monotonic()
    try:
        return call()
    except (OSError, UnavailableError) as e:
        return e
    finally:
        took = time.monotonic() - began
        assert took < limit + BUSY, f"{took:.2f} s"


def well(handler: Handler, message: dict[str, Any]) -> None:
    """As a receiver should."""
    match message["action"]:
        case "open":
            handler.answer(message, opened=True)
        case "state":
            handler.answer(message, state="shut")
        case _:
            handler.answer(message, error="unknown action")


class Receiver(ThreadingHTTPServer):
    """Behaves well until told otherwise. `over` is set when the test ends."""

    daemon_threads = False  # the test waits for them
    request_queue_size = 16

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.behave: Callable[[Handler, dict[str, Any]], None] = well
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.over = threading.Event()

    def hang(self, *_: object) -> None:
        """Say nothing for a minute."""
        self.over.wait(60)

    def actions(self) -> list[str]:
        """What was asked."""
        return [json.loads(body)["action"] for _, _, body in self.requests]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/door"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever has had enough hangs up: that is what the tests are about."""


@contextmanager
def receiving(port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(port)
    if tls is not None:
        receiver.socket = tls.wrap_socket(receiver.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=receiver.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        receiver.shutdown()
        receiver.server_close()
        thread.join()
