"""A package index on loopback: PEP 503 pages, PEP 691 JSON, and all the ways one can misbehave."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeIndex:
    """What it serves, and what it was asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Archives by file name; the package is the name up to the version."""
    json: bool = False
    login: str = ""
    """user:password, without which it answers 401."""
    cut: int = 0
    """How many downloads break off in the middle before one succeeds."""
    moved_to: str = ""
    """An index to which pages are redirected."""
    links: dict[str, str] = field(default_factory=dict)
    """Addresses to state instead of the files' own."""
    asked: list[str] = field(default_factory=list)
    authorised: list[str | None] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    index: FakeIndex

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        index, name = self.index, self.path.rstrip("/").rpartition("/")[2]
        index.asked.append(self.path)
        index.authorised.append(self.headers.get("Authorization"))
        wanted = f"Basic {base64.b64encode(index.login.encode()).decode()}"
        if index.login and self.headers.get("Authorization") != wanted:
            self.send_error(401)
        elif self.path.startswith("/files/"):
            self._file(index.files.get(name))
        elif index.moved_to:
            self.send_response(302)
            self.send_header("Location", f"{index.moved_to}{name}/")
            self.end_headers()
        else:
            self._page([f for f in index.files if f.lower().replace("_", "-").startswith(f"{name}-")])

    def _file(self, data: bytes | None) -> None:
        if data is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.index.cut:
            self.index.cut -= 1
            data = data[: len(data) // 2]
        self.wfile.write(data)

    def _page(self, names: list[str]) -> None:
        if not names:
            self.send_error(404)
            return
        links = {n: self.index.links.get(n, f"/files/{n}#sha256=0") for n in names}
        if self.index.json:
            kind = "application/vnd.pypi.simple.v1+json"
            text = json.dumps({"meta": {}, "files": [{"filename": n, "url": u} for n, u in links.items()]})
        else:
            kind = "text/html; charset=utf-8"
            text = "<!DOCTYPE html><a>no address</a>" + "".join(f'<a href="{u}">{n}</a><br>' for n, u in links.items())
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def serving(index: FakeIndex) -> Iterator[FakeIndex]:
    """Serve until the end of the block; `url` is the address of the simple index."""
    handler = type("Handler", (_Handler,), {"index": index})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}/simple/"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
