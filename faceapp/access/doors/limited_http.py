"""One HTTP request with one time limit for everything: finding the address, connecting, TLS, sending, and reading.

A socket's own time limit starts anew with every byte, and finding a host's address has none at all. No redirection is
followed, nothing is tried twice, and no proxy is taken from the environment.
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from faceapp.deadlines import Deadline, LimitedSocket

Found: TypeAlias = list[tuple[Any, ...]]
"""What `socket.getaddrinfo` returns."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes."""

    host: str
    port: int
    path: str
    """With the query, quoted."""
    tls: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TooLongError(OSError):
    """The reply is longer than anything we asked for."""


class Finder:
    """Finds hosts' addresses on a thread, as the system's own way may take half a minute. One search at a time: while
    one is stuck nobody starts another, so that threads don't pile up."""

    def __init__(self) -> None:
        self._searching: tuple[str, int, queue.SimpleQueue[Found | OSError]] | None = None

    def find(self, host: str, port: int, deadline: Deadline) -> Found:
        """Raises OSError where there are none, TimeoutError where it takes too long."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            pass
        else:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        if self._searching is None or self._searching[:2] != (host, port):
            answer: queue.SimpleQueue[Found | OSError] = queue.SimpleQueue()
            self._searching = host, port, answer
            threading.Thread(target=_find, args=(host, port, answer), name="door-address", daemon=True).start()
        try:
            found = self._searching[2].get(timeout=deadline.left())
        except queue.Empty:
            raise TimeoutError("timed out") from None
        self._searching = None
        if isinstance(found, OSError):
            raise found
        return found


def _find(host: str, port: int, answer: queue.SimpleQueue[Found | OSError]) -> None:
    try:
        answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as e:
        answer.put(e)
    except UnicodeError as e:  # a name that can't be one
        answer.put(OSError(str(e)))


def post(
    place: Place,
    body: bytes,
    headers: Mapping[str, str],
    deadline: Deadline,
    *,
    finder: Finder,
    context: ssl.SSLContext | None,
    limit: int,
) -> Reply:
    """Send `body` once and read the reply, of at most `limit` bytes.

    Raises OSError: TimeoutError, ssl.SSLError and TooLongError among them; and http.client.HTTPException for what is no
    HTTP.
    """
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.default_port = 443 if place.tls else 80  # for the Host header
    with _connected(place, deadline, finder, context) as sock:
        # HTTPConnection uses of its socket what `LimitedSocket` has.
        connection.sock = cast(Any, LimitedSocket(sock, deadline))
        connection.request("POST", place.path, body, {**headers, "Connection": "close"})
        with connection.getresponse() as response:
            content = response.read(limit + 1)
            if len(content) > limit:
                raise TooLongError("the reply is too long")
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, content)


def _connected(place: Place, deadline: Deadline, finder: Finder, context: ssl.SSLContext | None) -> socket.socket:
    """A socket with TLS, where it is wanted, done."""
    sock = _reached(finder.find(place.host, place.port, deadline), deadline)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(deadline.left())  # for the whole handshake, as `ssl` has it
        return sock if context is None else context.wrap_socket(sock, server_hostname=place.host)
    except BaseException:
        sock.close()
        raise


def _reached(found: Found, deadline: Deadline) -> socket.socket:
    """The first that answers. Each may use its part of what is left: one that swallows everything isn't the end."""
    failed: OSError = OSError("the host has no address")
    for i, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.left() / (len(found) - i))
            sock.connect(address)
        except OSError as e:
            sock.close()
            failed = e
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failed
