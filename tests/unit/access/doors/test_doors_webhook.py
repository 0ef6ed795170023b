"""The webhook against a real server that answers well, delays, drops, repeats, lies and goes away."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from faceapp.access.door import DoorReply
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.doors.webhook import WebhookDoor
from faceapp.errors import UnavailableError
from tests.fakes.webhook import SHARED, Handler, Receiver, receiving, reply_signature, well, within

SECRETS = DoorSecrets(secret=SHARED)
OPENED = DoorReply("opened", confirmed=True)
Message = dict[str, Any]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def door(receiver: Receiver) -> WebhookDoor:
    return WebhookDoor.from_url(receiver.url, SECRETS)


# The protocol


def test_an_opening_that_is_confirmed(receiver: Receiver, door: WebhookDoor) -> None:
    assert door.open(3.0, 2.0) == OPENED
    assert len(receiver.requests) == 1
    path, headers, body = receiver.requests[0]
    message = json.loads(body)
    assert path == "/door"
    assert message.keys() == {"action", "pulse_ms", "nonce", "issued_at", "expires_at"}
    assert (message["action"], message["pulse_ms"]) == ("open", 3000)
    assert abs(message["issued_at"] / 1000 - time.time()) < 5
    assert message["expires_at"] - message["issued_at"] == 2000
    assert headers["Faceapp-Timestamp"] == str(message["issued_at"])
    signed = f"faceapp-door-request-v1\n{headers['Faceapp-Timestamp']}\n".encode() + body
    assert headers["Faceapp-Signature"] == "v1=" + hmac.new(SHARED.encode(), signed, hashlib.sha256).hexdigest()


def test_no_two_messages_have_the_same_nonce(receiver: Receiver, door: WebhookDoor) -> None:
    for _ in range(5):
        assert door.open(3.0, 2.0) == OPENED
    nonces = {json.loads(body)["nonce"] for _, _, body in receiver.requests}
    assert len(nonces) == 5
    assert {len(nonce) for nonce in nonces} == {32}


@pytest.mark.parametrize(
    ("said", "state"), [("shut", "shut"), ("open", "open"), ("unknown", "unknown"), (None, "unknown"), (7, "unknown")]
)
def test_the_state_is_read_back(receiver: Receiver, door: WebhookDoor, said: object, state: str) -> None:
    receiver.behave = lambda handler, message: handler.answer(message, state=said)
    assert door.state(1.0) == state
    assert receiver.actions() == ["state"]


def test_a_receiver_that_knows_only_openings_has_no_state_and_cannot_be_told_to_shut(
    receiver: Receiver, door: WebhookDoor
) -> None:
    receiver.behave = lambda handler, message: handler.answer(message, error="unknown action")
    assert door.state(1.0) == "unknown"
    door.shut(1.0)
    assert receiver.actions() == ["state", "shut"]


def test_a_user_and_a_password_are_sent_and_not_shown(receiver: Receiver) -> None:
    url = f"http://kiosk:p%40ss@127.0.0.1:{receiver.port}/hook/token?t=1"
    door = WebhookDoor.from_url(url, SECRETS)
    assert door.name == f"http://127.0.0.1:{receiver.port}"
    assert door.open(3.0, 2.0) == OPENED
    path, headers, _ = receiver.requests[0]
    assert path == "/hook/token?t=1"
    assert headers["Authorization"] == "Basic a2lvc2s6cEBzcw=="
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_a_proxy_of_the_environment_is_not_used(door: WebhookDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert door.open(3.0, 2.0) == OPENED


# Refusals and lies


def says(**fields: Any) -> Callable[[Handler, Message], None]:
    return lambda handler, message: handler.answer(message, **fields)


def sends(body: bytes, **kwargs: Any) -> Callable[[Handler, Message], None]:
    return lambda handler, _: handler.send(body, **kwargs)


def writes(data: bytes) -> Callable[[Handler, Message], None]:
    def raw(handler: Handler, _: Message) -> None:
        handler.wfile.write(data)

    return raw


def yes(message: Message) -> bytes:
    return json.dumps({"nonce": message["nonce"], "opened": True}).encode()


LIES: dict[str, tuple[Callable[[Handler, Message], None], DoorReply]] = {
    "no": (says(opened=False), DoorReply("refused", "refused")),
    "no, with a reason": (says(opened=False, error="expired"), DoorReply("refused", "expired")),
    "a reason that is no code": (says(error="<b>no</b>\n"), DoorReply("refused", "_b_no_/b__")),
    "something like yes": (says(opened="yes"), DoorReply("refused", "refused")),
    "one": (says(opened=1), DoorReply("refused", "refused")),
    "another nonce": (says(nonce="0" * 32, opened=True), DoorReply("failed", "wrong nonce")),
    "no nonce": (sends(b'{"opened": true}'), DoorReply("failed", "wrong nonce")),
    "a list": (sends(b"[true]"), DoorReply("failed", "wrong nonce")),
    "no JSON": (sends(b"opened"), DoorReply("failed", "not json")),
    "nothing": (sends(b""), DoorReply("failed", "not json")),
    "a captive portal": (
        sends(b"<html>Welcome to our WLAN</html>", signature=""), DoorReply("failed", "not signed")
    ),
    "no signature": (lambda h, m: h.send(yes(m), signature=""), DoorReply("failed", "not signed")),
    "a signature that is no text": (sends(b"{}", signature="v1=\xe9"), DoorReply("failed", "not signed")),
    "a signature with another secret": (
        lambda h, m: h.send(yes(m), signature=reply_signature(yes(m), "another secret")),
        DoorReply("failed", "not signed"),
    ),
    "our own signature, sent back": (
        lambda h, m: h.send(yes(m), signature=h.headers["Faceapp-Signature"]), DoorReply("failed", "not signed")
    ),
    "yes, with an error": (lambda h, m: h.send(yes(m), status=500), DoorReply("failed", "http 500")),
    "yes, with a redirection": (
        lambda h, m: h.send(yes(m), status=307, Location=f"/again?{m['nonce']}"), DoorReply("failed", "http 307")
    ),
    "forbidden": (sends(b"", status=403, signature=""), DoorReply("failed", "http 403")),
    "too much": (sends(b" " * 5000), DoorReply("failed", "too long")),
    "no HTTP": (writes(b"opened\r\n\r\n"), DoorReply("failed", "not http")),
    "a header without end": (
        writes(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), DoorReply("failed", "not http")
    ),
    "half a reply": (
        writes(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"opened": true'),
        DoorReply("failed", "not signed"),
    ),
    "hanging up": (writes(b""), DoorReply("unreachable", "hung up")),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_nothing_but_a_confirmation_is_an_opening_and_it_is_asked_once(
    receiver: Receiver, door: WebhookDoor, lie: str
) -> None:
    receiver.behave, expected = LIES[lie]
    assert within(2.0, lambda: door.open(3.0, 1.5)) == expected
    assert receiver.actions() == ["open"]
    receiver.behave = well
    assert door.open(3.0, 1.5) == OPENED


def test_an_old_answer_repeated_is_no_opening(receiver: Receiver, door: WebhookDoor) -> None:
    old: list[bytes] = []

    def repeats(handler: Handler, message: Message) -> None:
        old.append(yes(message))
        handler.send(old[0])

    receiver.behave = repeats
    assert door.open(3.0, 2.0) == OPENED
    assert door.open(3.0, 2.0) == DoorReply("failed", "wrong nonce")


@pytest.mark.parametrize("call", ["state", "shut"])
def test_a_state_that_is_not_the_receivers_own_is_a_line_for_the_administrator(
    receiver: Receiver, door: WebhookDoor, call: str
) -> None:
    receiver.behave = sends(b'{"state": "shut"}', signature="")
    with pytest.raises(
        UnavailableError, match=r"is not the door's receiver \(not signed\): check the address, the sha"
    ):
        getattr(door, call)(1.0)


# Delays. Each must be over within its limit, whoever hangs where.


def test_a_server_that_hangs_for_a_minute_costs_no_more_than_the_limit(receiver: Receiver, door: WebhookDoor) -> None:
    receiver.behave = receiver.hang
    assert within(0.5, lambda: door.open(3.0, 0.4)) == DoorReply("unreachable", "timeout")
    assert "does not answer (timeout)" in str(within(0.5, lambda: door.state(0.4)))
    receiver.behave = well
    assert door.open(3.0, 2.0) == OPENED


def drips_headers(handler: Handler, message: Message) -> None:
    handler.drip(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 100)


def drips_continue(handler: Handler, message: Message) -> None:
    handler.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, every=0.002)


def drips_body(handler: Handler, message: Message) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.drip(yes(message) + b" " * 100)


def drips_chunks(handler: Handler, message: Message) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.drip(b"1\r\n \r\n" * 100, every=0.005)


@pytest.mark.parametrize("drips", [drips_headers, drips_continue, drips_body, drips_chunks])
def test_a_server_that_drips_costs_no_more_than_the_limit(
    receiver: Receiver, door: WebhookDoor, drips: Callable[[Handler, Message], None]
) -> None:
    receiver.behave = drips
    assert within(0.5, lambda: door.open(3.0, 0.4)) == DoorReply("unreachable", "timeout")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_accepts_costs_no_more_than_the_limit(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        door = WebhookDoor.from_url(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/", SECRETS)
        assert within(0.5, lambda: door.open(3.0, 0.4)) == DoorReply("unreachable", "timeout")


def test_a_name_server_that_hangs_costs_no_more_than_the_limit_and_one_thread(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, asked, real = threading.Event(), [], socket.getaddrinfo

    def slow(host: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        answered.wait(20)
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    door = WebhookDoor.from_url(f"http://localhost:{receiver.port}/", SECRETS)
    for _ in range(3):
        assert within(0.4, lambda: door.open(3.0, 0.3)) == DoorReply("unreachable", "timeout")
    assert asked == ["localhost"]
    answered.set()
    assert door.open(3.0, 2.0) == OPENED


def test_the_name_server_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    door = WebhookDoor.from_url("https://door.example/", SECRETS)
    assert door.open(3.0, 2.0) == DoorReply("unreachable", "host not found")


def test_the_first_of_two_addresses_may_swallow_everything(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as full:  # its queue is full: another connection waits for ever
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", a) for a in (full.getsockname(), receiver.server_address)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        door = WebhookDoor.from_url("http://localhost/", SECRETS)
        assert within(1.1, lambda: door.open(3.0, 1.0)) == OPENED
        for filler in fillers:
            filler.close()


def test_a_receiver_that_is_gone_and_back(door: WebhookDoor) -> None:
    with receiving() as receiver:
        port = receiver.port
        door = WebhookDoor.from_url(receiver.url, SECRETS)
        assert door.open(3.0, 2.0) == OPENED
    assert door.open(3.0, 2.0) == DoorReply("unreachable", "connection refused")
    with pytest.raises(UnavailableError, match=r"does not answer \(connection refused\): check the receiver"):
        door.state(1.0)
    with receiving(port):
        assert door.open(3.0, 2.0) == OPENED
