"""How the MQTT door gets to its broker and away again: addresses, credentials, TLS, brokers and names that hang."""

from __future__ import annotations

import dataclasses
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp.access.doors.mqtt import MqttDoor
from faceapp.access.doors.mqtt_link import Broker as Place
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.errors import UnavailableError, UsageError
from tests.broker import Broker, Certificates, certificates
from tests.fakes.locks import MqttLock
from tests.polling import until

LIMIT = 2.0
HUSH, WRONG = "s3cret/@:pass", "wr0ng"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def of_another(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Of an authority with the same name, for a server with another."""
    return certificates(tmp_path_factory.mktemp("another"), "DNS:elsewhere.example")


@pytest.fixture
def no_threads_left() -> Iterator[None]:
    yield
    until(lambda: not [t for t in threading.enumerate() if t.name == "mqtt"])


def refusal(door: MqttDoor) -> str:
    """Why it can't be reached. Closes it."""
    try:
        with pytest.raises(UnavailableError) as caught:
            until(lambda: door.state(LIMIT), seconds=0)
        return str(caught.value)
    finally:
        door.close()


# Addresses


@pytest.mark.parametrize(
    ("url", "name", "broker"),
    [
        ("mqtt://broker/door", "mqtt://broker:1883/door", Place("broker", 1883)),
        ("mqtts://broker/a/b%20c/", "mqtts://broker:8883/a/b c", Place("broker", 8883, tls=True)),
        ("mqtt://[::1]:99/door", "mqtt://[::1]:99/door", Place("::1", 99)),
        ("mqtt://me:p%40ss@broker/door", "mqtt://broker:1883/door", Place("broker", 1883, False, "me", "p@ss")),
    ],
)
def test_an_address(url: str, name: str, broker: Place) -> None:
    door = MqttDoor.from_url(url, DoorSecrets())
    assert door.name == name
    assert door._link._broker == broker
    assert threading.active_count() == len(threading.enumerate())
    assert not [t for t in threading.enumerate() if t.name == "mqtt"], "nothing has begun"


def test_what_is_kept_apart_goes_before_the_address(tmp_path: Path) -> None:
    secrets = DoorSecrets("them", "theirs", ca_file=tmp_path)
    broker = MqttDoor.from_url("mqtts://me:mine@broker/door", secrets)._link._broker
    assert broker == Place("broker", 8883, True, "them", "theirs", tmp_path)
    assert "theirs" not in repr(broker)
    assert "them" not in repr(broker)


@pytest.mark.parametrize(
    "rest",
    "@broker @broker/ @broker:x/door @broker:0/door @broker:99999/door @/door @broker/door?a=b @broker/a/+/b "
    f"@broker/%23 @[::1/door @broker/$SYS/x @broker/a%00b @{'x' * 64}/door @broker/{'x' * 201} 1/hush@a/b".split(),
)
def test_an_address_that_cannot_be_is_one_line_without_its_password(rest: str) -> None:
    with pytest.raises(UsageError) as caught:
        MqttDoor.from_url(f"mqtt://me:{'hush'}{rest}", DoorSecrets())
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


# Who we are, and who the broker is


@pytest.mark.usefixtures("no_threads_left")
def test_credentials_are_given_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Broker(tmp_path, login=("kiosk", HUSH)) as broker, MqttLock(broker):
        door = MqttDoor.from_url(broker.address(), DoorSecrets(user="kiosk", password=HUSH))
        assert door.state(LIMIT) == "unknown"
        assert door.open(1.0, LIMIT).outcome == "opened"
        door.close()
        line = refusal(MqttDoor.from_url(broker.address(), DoorSecrets(user="kiosk", password=WRONG)))
        assert "not authorised): check FACEAPP_DOOR_USER" in line
        assert "not authorised" in refusal(MqttDoor.from_url(broker.address(), DoorSecrets()))
    shown = caplog.text + line + door.name + repr(door) + repr(vars(door)) + repr(vars(door._link))
    for hidden in (HUSH, WRONG, "kiosk"):
        assert hidden not in shown


@pytest.mark.usefixtures("no_threads_left")
def test_a_broker_that_does_not_let_us_command_is_out_of_order(tmp_path: Path) -> None:
    rights = "user kiosk\ntopic read door/#\ntopic write door/front/faceapp/#\n"
    with Broker(tmp_path, login=("kiosk", HUSH), rights=rights) as broker, MqttLock(broker) as lock:
        door = MqttDoor.from_url(broker.address(), DoorSecrets(user="kiosk", password=HUSH))
        with pytest.raises(UnavailableError, match="takes no commands from us"):
            door.state(LIMIT)
        reply = door.open(1.0, LIMIT)
        door.close()
    assert (reply.outcome, reply.detail) == ("refused", "reason 135")
    assert lock.told == []


@pytest.mark.usefixtures("no_threads_left")
def test_the_rights_in_the_manual_are_enough(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "door-mqtt.md").read_text(encoding="utf-8")
    rights = re.search(r"```\n(user kiosk\n.*?)\nuser lock\n(.*?)```", manual, re.DOTALL)
    assert rights is not None
    both = "".join(rights.groups())  # our lock says that it is the kiosk
    with Broker(tmp_path, login=("kiosk", HUSH), rights=both) as broker, MqttLock(broker, speaks=True, will=True):
        door = MqttDoor.from_url(broker.address(), DoorSecrets(user="kiosk", password=HUSH))
        until(lambda: door.state(LIMIT) == "shut")
        assert door.open(1.0, LIMIT).confirmed
        door.close()
        assert "Denied" not in broker.log()


@pytest.mark.usefixtures("no_threads_left")
def test_a_broker_is_believed_with_a_certificate_only(
    tmp_path: Path, trusted: Certificates, of_another: Certificates
) -> None:
    with Broker(tmp_path, tls=trusted) as broker, MqttLock(broker):
        door = MqttDoor.from_url(broker.address(), DoorSecrets(ca_file=trusted.authority))
        assert door.state(LIMIT) == "unknown"
        assert door.open(1.0, LIMIT).outcome == "opened"
        door.close()
        for ca_file in (None, of_another.authority):
            line = refusal(MqttDoor.from_url(broker.address(), DoorSecrets(ca_file=ca_file)))
            assert "(certificate): name the authority's own certificate in FACEAPP_DOOR_CA" in line
        missing = refusal(MqttDoor.from_url(broker.address(), DoorSecrets(ca_file=tmp_path / "none.pem")))
        assert "(CA file): FACEAPP_DOOR_CA must name a readable certificate" in missing
        plain = MqttDoor.from_url(broker.address().replace("mqtts", "mqtt"), DoorSecrets())
        assert "cannot be reached" in refusal(plain)


@pytest.mark.usefixtures("no_threads_left")
def test_a_certificate_for_another_name_is_none(tmp_path: Path, of_another: Certificates) -> None:
    with Broker(tmp_path, tls=of_another) as broker:
        door = MqttDoor.from_url(broker.address(), DoorSecrets(ca_file=of_another.authority))
        assert "(certificate)" in refusal(door)


@pytest.mark.usefixtures("no_threads_left")
def test_a_broker_without_tls_is_none_for_mqtts(tmp_path: Path) -> None:
    with Broker(tmp_path) as broker:
        door = MqttDoor.from_url(broker.address().replace("mqtt", "mqtts"), DoorSecrets())
        assert "cannot be reached (no TLS): the broker does not speak TLS at this port" in refusal(door)


# What hangs


@pytest.mark.usefixtures("no_threads_left")
def test_what_answers_the_telephone_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        door = MqttDoor.from_url(f"mqtt://127.0.0.1:{silent.getsockname()[1]}/door", DoorSecrets())
        for call in (door.state, door.shut):
            began = time.monotonic()
            with pytest.raises(UnavailableError, match="no answer"):
                call(0.4)
            assert time.monotonic() - began < 2.0
        assert door.open(1.0, LIMIT).outcome == "unreachable"
        began = time.monotonic()
        door.close()
        assert time.monotonic() - began < 5.0


@pytest.mark.usefixtures("no_threads_left")
def test_nobody_there_is_known_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.monotonic()
    door = MqttDoor.from_url(f"mqtt://127.0.0.1:{port}/door", DoorSecrets())
    assert "(no broker): check the broker and the network" in refusal(door)
    assert time.monotonic() - began < 5.0


@pytest.mark.usefixtures("no_threads_left")
def test_a_name_server_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    asked = threading.Event()

    def hangs(*_: object, **__: object) -> list[object]:
        asked.set()
        released.wait(20)
        raise socket.gaierror("Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    monkeypatch.setattr("faceapp.access.doors.mqtt._CLOSING", 0.2)
    door = MqttDoor.from_url("mqtt://broker.example/door", DoorSecrets())
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="no answer"):
        door.state(0.4)
    assert asked.is_set()
    assert door.open(1.0, LIMIT).outcome == "unreachable"
    door.close()
    assert time.monotonic() - began < 5.0
    released.set()  # and then the thread ends, which the fixture waits for


@pytest.mark.usefixtures("no_threads_left")
def test_a_door_that_was_never_used_is_closed() -> None:
    MqttDoor.from_url("mqtt://broker.example/door", DoorSecrets()).close()


def test_secrets_stay_out_of_every_field_that_is_shown() -> None:
    shown = {field.name for field in dataclasses.fields(Place) if field.repr}
    assert shown == {"host", "port", "tls"}
