"""The webhook's addresses, its secret, and TLS with a certificate made here."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp.access.door import DoorReply
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.doors.webhook import WebhookDoor
from faceapp.errors import UnavailableError, UsageError
from tests.fakes.webhook import SHARED, Handler, Receiver, receiving, within

SECRETS = DoorSecrets(secret=SHARED)
OPENED = DoorReply("opened", confirmed=True)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For localhost, signed by itself; the key lies in the same file."""
    openssl = shutil.which("openssl")
    assert openssl, "these tests make a certificate with the openssl command: install openssl"
    pem = tmp_path_factory.mktemp("tls") / "door.pem"
    key, cert = pem.with_suffix(".key"), pem.with_suffix(".crt")
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
            "-keyout", str(key), "-out", str(cert),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    pem.write_bytes(key.read_bytes() + cert.read_bytes())
    return pem


@pytest.fixture
def secured(certificate: Path) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiving(tls=context) as receiver:
        yield receiver


def drips(handler: Handler, _: object) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.drip(b" " * 100)


def test_a_certificate_of_the_sites_own(secured: Receiver, certificate: Path) -> None:
    secrets = DoorSecrets(secret=SHARED, ca_file=certificate.with_suffix(".crt"))
    door = WebhookDoor.from_url(f"https://localhost:{secured.port}/door", secrets)
    assert door.open(3.0, 2.0) == OPENED
    assert door.state(2.0) == "shut"
    secured.behave = secured.hang
    assert within(0.6, lambda: door.open(3.0, 0.5)) == DoorReply("unreachable", "timeout")
    secured.behave = drips
    assert within(0.6, lambda: door.open(3.0, 0.5)) == DoorReply("unreachable", "timeout")


def test_a_certificate_that_nobody_vouches_for_is_refused(secured: Receiver) -> None:
    door = WebhookDoor.from_url(f"https://localhost:{secured.port}/door", SECRETS)
    assert door.open(3.0, 2.0) == DoorReply("failed", "certificate")
    with pytest.raises(UnavailableError, match=r"has a certificate that is not trusted .*: name the authority's own"):
        door.state(2.0)
    assert secured.requests == []


def test_a_certificate_for_another_name_is_refused(secured: Receiver, certificate: Path) -> None:
    secrets = DoorSecrets(secret=SHARED, ca_file=certificate.with_suffix(".crt"))
    door = WebhookDoor.from_url(f"https://127.0.0.1:{secured.port}/door", secrets)
    assert door.open(3.0, 2.0) == DoorReply("failed", "certificate")
    assert secured.requests == []


def test_a_plain_server_is_no_secured_one() -> None:
    with receiving() as receiver:
        door = WebhookDoor.from_url(receiver.url.replace("http", "https"), SECRETS)
        assert door.open(3.0, 2.0) == DoorReply("unreachable", "no tls")
        assert receiver.requests == []


@pytest.mark.parametrize("content", [None, b"not a certificate"])
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    door = WebhookDoor.from_url("https://127.0.0.1:9/", DoorSecrets(secret=SHARED, ca_file=file))
    with pytest.raises(UnavailableError, match=r"ca\.pem cannot be read .*: FACEAPP_DOOR_CA must name a PEM file"):
        door.state(1.0)


# Addresses


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://door.example/hunter2", "a door at http://door.example would be opened by anybody on the way there"),
        ("http://192.168.1.9/hunter2", "a door at http://192.168.1.9 would be opened by anybody"),
        ("https:///hunter2", "names no host"),
        ("https://", "names no host"),
        ("https://door.example:70000/hunter2", "cannot be understood"),
        ("https://[door/hunter2", "cannot be understood"),
        ("https://" + "x" * 70 + "/hunter2", "cannot be understood"),
        ("https://a:hunter2/@door.example/", "cannot be understood|an @ after its host"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_a_line(url: str, line: str) -> None:
    with pytest.raises(UsageError, match=line) as refused:
        WebhookDoor.from_url(url, SECRETS)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://localhost/", "http://127.0.0.2:8000/", "http://[::1]:80/", "HTTPS://Door.example"]
)
def test_an_address_that_can_be(url: str) -> None:
    assert WebhookDoor.from_url(url, SECRETS).name.startswith(url[:5].lower().rstrip(":"))


@pytest.mark.parametrize("secret", [None, "", "fifteen letters"])
def test_a_secret_is_needed(secret: str | None) -> None:
    with pytest.raises(
        UnavailableError, match="needs a shared secret of at least 16 characters: set FACEAPP_DOOR_SECR"
    ):
        WebhookDoor.from_url("https://door.example/hook", DoorSecrets(secret=secret))
