"""From an address to its adapter, and what of an address people may see."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from faceapp.access.door import SimulatedDoor
from faceapp.access.doors.choose import is_simulated, open_door, shown
from faceapp.access.doors.mqtt import MqttDoor
from faceapp.access.doors.relay_door import RelayDoor
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.doors.webhook import WebhookDoor
from faceapp.errors import KnownError, UsageError
from tests.fakes.webhook import SHARED

SECRETS = DoorSecrets(secret=SHARED)

DOORS: list[tuple[str, type]] = [
    ("sim:", SimulatedDoor),
    (" SIM: ", SimulatedDoor),
    ("mqtt://127.0.0.1:1/door", MqttDoor),
    ("mqtts://broker.example/door", MqttDoor),
    ("https://door.example/hook", WebhookDoor),
    ("http://127.0.0.1:1/hook", WebhookDoor),
    ("serial:/dev/nothing?board=lcus1", RelayDoor),
    ("serial:COM3?board=numato", RelayDoor),
    ("gpio:17?active=low", RelayDoor),
]


@pytest.mark.parametrize(("url", "kind"), DOORS)
def test_an_address_has_its_adapter_and_nothing_is_opened(
    url: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_early(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("too early")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, too_early)
    monkeypatch.setattr(socket, "getaddrinfo", too_early)
    monkeypatch.setattr(subprocess, "Popen", too_early)
    door = open_door(url, SECRETS)
    assert type(door) is kind
    door.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sim",
        "sim:1",
        "sim:?x=1",
        "door",
        "/dev/ttyUSB0",
        "ftp://hunter2@door/",
        "hunter2://x",
        ":",
        "https:",
        "mqtt:",
    ],
)
def test_any_other_is_refused_in_a_line_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_door(url, SECRETS)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_line_has_examples_and_each_of_them_is_a_door() -> None:
    with pytest.raises(UsageError, match="that is no door's address: use ") as refused:
        open_door("door", SECRETS)
    examples = str(refused.value).partition(": use ")[2].replace(" or ", ", ").split(", ")
    assert len(examples) == 6
    for example in examples:
        open_door(example, SECRETS).close()


@pytest.mark.parametrize("url", [url for url, _ in DOORS])
def test_only_the_simulated_door_is_simulated(url: str) -> None:
    assert is_simulated(url) == (url.strip().lower() == "sim:")


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("sim:", "sim:"),
        ("mqtt://kiosk:hunter2@broker:1884/office/door?token=hunter2", "mqtt://broker:1884/office/door"),
        ("https://kiosk:hunter2@door.example/hook/hunter2?t=hunter2#hunter2", "https://door.example"),
        ("https://door.example:8443", "https://door.example:8443"),
        ("https://kiosk:hunter/2@door.example/", "https://…"),
        ("mqtt://broker/a@b", "mqtt://…"),
        ("https://[hunter2", "https://…"),
        ("https:hunter2", "https://…"),
        ("hunter2", "an unknown kind of door"),
        ("ftp://hunter2@door/", "an unknown kind of door"),
        ("serial:/dev/ttyUSB0?board=lcus1&relay=2", "serial:/dev/ttyUSB0?board=lcus1&relay=2"),
        ("gpio:17?active=low", "gpio:17?active=low"),
    ],
)
def test_what_people_may_see_of_an_address(url: str, seen: str) -> None:
    assert shown(url) == seen


@pytest.mark.parametrize("kind", ["mqtt", "mqtts", "https"])
def test_no_secret_of_an_address_is_in_a_doors_name(kind: str) -> None:
    door = open_door(f"{kind}://kiosk:hunter2@door.example/door", SECRETS)
    assert "hunter2" not in door.name + repr(door)
    assert "door.example" in door.name
    door.close()


def test_a_missing_secret_is_a_line(data_dir: Path) -> None:
    with pytest.raises(KnownError, match="needs a shared secret"):
        open_door("https://door.example/", DoorSecrets.from_environment({}, data_dir))
