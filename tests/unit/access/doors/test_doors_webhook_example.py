"""The receiver of docs/door-webhook.md, taken out of the page and run: what people copy must work and must refuse."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from faceapp.access.door import DoorReply
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.doors.webhook import WebhookDoor
from tests.polling import until

PAGE = Path(__file__).parents[4] / "docs" / "door-webhook.md"
SHARED = "another secret of the tests"


class Example:
    """The program, and the door that speaks to it."""

    def __init__(self, folder: Path) -> None:
        (source,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        program = folder / "receiver.py"
        program.write_text(source, encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(self.port)],
            env={**os.environ, "DOOR_SECRET": SHARED}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.door = WebhookDoor.from_url(f"http://127.0.0.1:{self.port}/", DoorSecrets(secret=SHARED))

    def answers(self) -> bool:
        assert self.process.poll() is None, "the example ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def stdout(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    example = Example(tmp_path)
    with example.process:
        try:
            until(example.answers)
            yield example
        finally:
            example.process.kill()


def now() -> int:
    return time.time_ns() // 1_000_000


def sent(example: Example, message: dict[str, Any], key: str = SHARED) -> Any:
    """The answer to a message of our own making; the status where it has no answer."""
    body, stamp = json.dumps(message).encode(), str(message["issued_at"])
    signature = hmac.new(key.encode(), f"faceapp-door-request-v1\n{stamp}\n".encode() + body, hashlib.sha256)
    connection = http.client.HTTPConnection("127.0.0.1", example.port, timeout=5)
    headers = {"Faceapp-Timestamp": stamp, "Faceapp-Signature": "v1=" + signature.hexdigest()}
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return json.loads(response.read()) if response.status == 200 else response.status
    finally:
        connection.close()


def message(**changes: Any) -> dict[str, Any]:
    issued = now()
    fields = {"action": "open", "pulse_ms": 3000, "nonce": os.urandom(16).hex()}
    return {**fields, "issued_at": issued, "expires_at": issued + 2000, **changes}


def test_it_opens_and_confirms(example: Example) -> None:
    assert example.door.state(2.0) == "unknown"
    assert example.door.open(1.5, 2.0) == DoorReply("opened", confirmed=True)
    assert example.stdout.readline() == "open for 1500\n"
    example.door.shut(2.0)


def test_it_refuses_what_is_repeated_expired_or_not_ours(example: Example) -> None:
    once = message()
    assert sent(example, once) == {"nonce": once["nonce"], "opened": True}
    assert sent(example, once)["error"] == "repeated"
    assert sent(example, message(issued_at=now() - 3000, expires_at=now() - 1))["error"] == "expired"
    assert sent(example, message(issued_at=now() + 60_000, expires_at=now() + 62_000))["error"] == "expired"
    before_it_started = now() - 50_000  # it may have seen that one, and forgotten
    assert sent(example, message(issued_at=before_it_started, expires_at=now() + 9_000))["error"] == "expired"
    assert sent(example, message(action="dance"))["error"] == "unknown action"
    assert sent(example, message(), key="not the secret of the tests") == 403
    example.process.kill()
    assert example.stdout.read() == "open for 3000\n"


def test_a_request_without_a_signature_is_forbidden(example: Example) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", example.port, timeout=5)
    connection.request("POST", "/", json.dumps(message()))
    assert connection.getresponse().status == 403
    connection.close()
