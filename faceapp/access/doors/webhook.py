"""`https://…`: a door behind a web address, and the small protocol that makes its answer worth something.

The request is a POST of JSON: `{"action": "open", "pulse_ms": 3000, "nonce": "…", "issued_at": …, "expires_at": …}`,
times in Unix milliseconds, with the headers

    Faceapp-Timestamp: the same as `issued_at`
    Faceapp-Signature: v1=HMAC-SHA256(secret, "faceapp-door-request-v1" LF timestamp LF body), in hex

The reply confirms with status 200, a JSON object that repeats the nonce and says `"opened": true`, and

    Faceapp-Signature: v1=HMAC-SHA256(secret, "faceapp-door-reply-v1" LF body), in hex

Everything else is no opening: a captive portal, a proxy, an old answer repeated and a receiver with another secret all
fail at the signature or the nonce. The labels differ so that our own request, sent back, is no reply. To what it
refuses or doesn't know a receiver answers `{"nonce": …, "error": "…"}`, signed. Such actions are `state`, asked every
two seconds (the reply says `"state": "shut"`, `"open"` or `"unknown"`), and `shut`. An example: docs/door-webhook.md.

A request is sent once. What arrives after `expires_at`, when nobody waits for it any more, the receiver must refuse.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import os
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from faceapp.access.door import DoorReply, DoorState
from faceapp.access.doors.limited_http import Finder, Place, TooLongError, post
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.records import code
from faceapp.deadlines import Deadline
from faceapp.errors import UnavailableError, UsageError

SHORTEST_SECRET = 16
"""Characters. A shorter one could be guessed from one overheard message."""
LONGEST_REPLY = 4096
"""Bytes."""

_MARGIN = 0.05
"""Seconds before the caller's limit at which we give up, so as to be back in time."""

_REASONS: dict[type[OSError], str] = {
    TimeoutError: "timeout",
    socket.gaierror: "host not found",
    ConnectionRefusedError: "connection refused",
    ConnectionError: "hung up",
    ssl.SSLError: "no tls",
}
"""The first that fits."""


class NotConfirmedError(OSError):
    """Something answered, and it isn't the door's word."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class WebhookDoor:
    """One receiver. Keeps no connection between calls: one that died in the meantime would cost an opening."""

    def __init__(
        self,
        place: Place,
        secret: str,
        *,
        authorization: str | None = None,
        ca_file: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`authorization`: the header of that name, for a proxy in front of the receiver. `now`: Unix seconds."""
        self.name = _public(place)
        self._place = place
        self._secret = secret.encode()
        self._authorization = authorization
        self._ca_file = ca_file
        self._now = now
        self._finder = Finder()
        self._context: ssl.SSLContext | None = None

    @classmethod
    def from_url(cls, url: str, secrets: DoorSecrets) -> Self:
        """Raises UsageError for an address that can't be and UnavailableError where there is no shared secret."""
        place, user, password = parse(url)
        if len(secrets.secret or "") < SHORTEST_SECRET:
            raise UnavailableError(
                f"the door {_public(place)} needs a shared secret of at least {SHORTEST_SECRET} characters: "
                "set FACEAPP_DOOR_SECRET, or write it into door-secrets.json in the data directory"
            )
        user, password = secrets.user or user, secrets.password or password
        authorization = None
        if user is not None:
            authorization = "Basic " + base64.b64encode(f"{user}:{password or ''}".encode()).decode()
        return cls(place, secrets.secret or "", authorization=authorization, ca_file=secrets.ca_file)

    def open(self, pulse: float, timeout: float) -> DoorReply:
        """Ask once. `opened` only where the reply is the receiver's own, to this very request."""
        try:
            reply = self._ask("open", timeout, pulse_ms=round(pulse * 1000))
        except NotConfirmedError as e:
            return DoorReply("failed", e.detail)
        except ssl.SSLCertVerificationError:
            return DoorReply("failed", "certificate")
        except OSError as e:
            return DoorReply("unreachable", _why(e))
        if reply.get("opened") is True:
            return DoorReply("opened", confirmed=True)
        return DoorReply("refused", code(str(reply.get("error", "refused"))[:40]))

    def state(self, timeout: float) -> DoorState:
        """`unknown` where the receiver answers and doesn't know."""
        said = self._asked_kindly("state", timeout).get("state")
        return said if said in ("shut", "open") else "unknown"

    def shut(self, timeout: float) -> None:
        """Tell it to shut; a receiver whose lock can't be told so says that it doesn't know the action."""
        self._asked_kindly("shut", timeout)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _asked_kindly(self, action: str, timeout: float) -> dict[str, Any]:
        """As `_ask`, with a line for the administrator."""
        try:
            return self._ask(action, timeout)
        except NotConfirmedError as e:
            raise UnavailableError(
                f"what answers at {self.name} is not the door's receiver ({e.detail}): "
                "check the address, the shared secret and both clocks"
            ) from e
        except ssl.SSLCertVerificationError as e:
            raise UnavailableError(
                f"{self.name} has a certificate that is not trusted ({e.verify_message}): "
                "name the authority's own certificate in FACEAPP_DOOR_CA"
            ) from e
        except OSError as e:
            raise UnavailableError(
                f"{self.name} does not answer ({_why(e)}): check the receiver and the network"
            ) from e

    def _ask(self, action: str, timeout: float, **fields: int) -> dict[str, Any]:
        """The signed answer to one message. Raises OSError, and NotConfirmedError for any other answer."""
        deadline = Deadline(timeout - min(_MARGIN, timeout / 10))
        nonce = os.urandom(16).hex()
        issued = round(self._now() * 1000)
        message = {"action": action, **fields, "nonce": nonce}
        message |= {"issued_at": issued, "expires_at": issued + int(timeout * 1000)}
        body = json.dumps(message).encode()
        headers = {
            "Content-Type": "application/json",
            "Faceapp-Timestamp": str(issued),
            "Faceapp-Signature": self._signature(b"faceapp-door-request-v1\n%d\n" % issued, body),
        }
        if self._authorization is not None:
            headers["Authorization"] = self._authorization
        try:
            reply = post(
                self._place, body, headers, deadline,
                finder=self._finder, context=self._trusted(), limit=LONGEST_REPLY,
            )  # fmt: skip
        except TooLongError as e:
            raise NotConfirmedError("too long") from e
        except http.client.HTTPException as e:
            if isinstance(e, OSError):  # it hung up without a word
                raise
            raise NotConfirmedError("not http") from e
        if reply.status != http.HTTPStatus.OK:
            raise NotConfirmedError(f"http {reply.status}")
        expected = self._signature(b"faceapp-door-reply-v1\n", reply.body)
        if not hmac.compare_digest(expected.encode(), reply.headers.get("faceapp-signature", "").encode()):
            raise NotConfirmedError("not signed")
        try:
            answer = json.loads(reply.body)
        except ValueError as e:
            raise NotConfirmedError("not json") from e
        if not isinstance(answer, dict) or answer.get("nonce") != nonce:
            raise NotConfirmedError("wrong nonce")
        return answer

    def _signature(self, label: bytes, body: bytes) -> str:
        return "v1=" + hmac.new(self._secret, label + body, hashlib.sha256).hexdigest()

    def _trusted(self) -> ssl.SSLContext | None:
        """Whom to trust, read when it is first needed. Raises UnavailableError for a file that isn't a certificate."""
        if self._context is None and self._place.tls:
            try:
                self._context = ssl.create_default_context(cafile=self._ca_file)
            except OSError as e:  # ssl.SSLError is one
                raise UnavailableError(
                    f"the certificate {self._ca_file} cannot be read ({e.strerror or e.__class__.__name__}): "
                    "FACEAPP_DOOR_CA must name a PEM file"
                ) from e
        return self._context


def parse(url: str) -> tuple[Place, str | None, str | None]:
    """Where it leads, user and password. Raises UsageError, without repeating the address."""
    try:
        parts = urllib.parse.urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError as e:
        raise UsageError("the door's web address cannot be understood: write it as https://host/path") from e
    if not host:
        raise UsageError("the door's web address names no host: write it as https://host/path")
    if "@" in parts.path + parts.query + parts.fragment:
        raise UsageError(
            "the door's web address has an @ after its host: "
            "write / ? # and @ in a user or password as %2F %3F %23 and %40"
        )
    tls = parts.scheme.lower() == "https"
    if not tls and not _on_this_machine(host):
        raise UsageError(
            f"a door at http://{host} would be opened by anybody on the way there: use https://, "
            "or http:// on this machine alone"
        )
    path = urllib.parse.quote(parts.path or "/", safe="/%:!$&'()*+,;=~")
    query = urllib.parse.quote(parts.query, safe="/%:!$&'()*+,;=~?")
    place = Place(host, port or (443 if tls else 80), f"{path}?{query}" if query else path, tls)
    user, password = (None if x is None else urllib.parse.unquote(x) for x in (parts.username, parts.password))
    return place, user, password


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _public(place: Place) -> str:
    """Without path and query: the path of a webhook is often a secret itself."""
    scheme, usual = ("https", 443) if place.tls else ("http", 80)
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{scheme}://{host}" + ("" if place.port == usual else f":{place.port}")


def _why(e: OSError) -> str:
    """A short code."""
    for kind, why in _REASONS.items():
        if isinstance(e, kind):
            return why
    return code(e.__class__.__name__)
