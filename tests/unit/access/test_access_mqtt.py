"""The MQTT door, against a real broker."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.access.doors.mqtt import MqttDoor, parse_state
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.errors import UnavailableError
from tests.broker import Broker
from tests.fakes.locks import MqttLock
from tests.polling import until

LIMIT = 2.0
SHORT = 1.5
"""For openings that are going to fail: they take all the time they have."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path) as running:
        yield running


@pytest.fixture
def door(broker: Broker) -> Iterator[MqttDoor]:
    door = MqttDoor.from_url(broker.address(), DoorSecrets())
    yield door
    door.close()
    assert threads() == []


def threads() -> list[str]:
    """Ours that are still running."""
    return [t.name for t in threading.enumerate() if t.name == "mqtt"]


# An opening


def test_an_opening_is_one_message_that_nobody_keeps(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker) as lock:
        assert door.state(LIMIT) == "unknown"
        before = time.time()
        reply = door.open(3.0, LIMIT)
        until(lambda: "UNLOCK" in lock.states())
    assert (reply.outcome, reply.confirmed) == ("opened", False)
    assert lock.states() == ["LOCK", "UNLOCK"]
    command, message = lock.told[-1], lock.messages[-1]
    assert command["pulse_ms"] == 3000
    assert len(command["nonce"]) == 32
    assert before < command["expires_at"] / 1000 < before + LIMIT
    assert message.qos == 1
    assert not message.retain
    assert message.properties.MessageExpiryInterval == 1
    with MqttLock(broker) as later:
        later.say("x")  # acknowledged after what the broker has kept
    assert later.told == []


def test_no_two_openings_are_alike(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker) as lock:
        door.state(LIMIT)
        for _ in range(3):
            assert door.open(1.0, LIMIT).outcome == "opened"
        until(lambda: len(lock.told) == 4)
    assert len({command["nonce"] for command in lock.told}) == 4


def test_a_lock_that_speaks_confirms(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker, speaks=True) as lock:
        door.shut(LIMIT)
        until(lambda: door.state(LIMIT) == "shut")
        assert door.open(3.0, LIMIT).confirmed
        assert door.state(LIMIT) == "open"
        lock.say("LOCKED")
        until(lambda: door.state(LIMIT) == "shut")


@pytest.mark.parametrize("broken", ["silent", "locked", "other nonce"])
def test_a_lock_that_spoke_and_does_not_unlock_is_not_open(broken: str, broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker) as lock:
        lock.say("UNLOCKED", retain=True)  # of before; it is no answer
        until(lambda: door.state(LIMIT) == "open")
        lock.speaks = broken != "silent"
        lock.obeys = broken != "locked"
        lock.answer = {"nonce": "of another"} if broken == "other nonce" else {}
        reply = door.open(3.0, SHORT)
        assert (reply.outcome, reply.detail) == ("unreachable", "not confirmed")
        until(lambda: lock.states()[-2:] == ["UNLOCK", "LOCK"])


def test_nobody_listening_is_out_of_order(broker: Broker, door: MqttDoor) -> None:
    with pytest.raises(UnavailableError, match=r"no lock listens to mqtt://127.0.0.1:\d+/door/front/set"):
        door.state(LIMIT)
    assert door.open(3.0, LIMIT).detail == "nobody listens"
    with MqttLock(broker):
        assert door.state(LIMIT) == "unknown"
        assert door.open(3.0, LIMIT).outcome == "opened"
    until(lambda: shutting_is_refused(door))  # the broker notices in its own time that the lock has gone
    assert raises(door, "no lock listens")


def test_what_the_lock_says_of_itself_counts(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker, will=True) as lock:
        assert door.state(LIMIT) == "unknown"
        lock.say("jammed")
        until(lambda: raises(door, "jammed: see to it"))
        lock.say('{"state": "unlocked"}')
        until(lambda: door.state(LIMIT) == "open")
        lock.say("UNLOCKING")
        until(lambda: door.state(LIMIT) == "unknown")
        lock.say("offline", "availability")
        until(lambda: raises(door, "is offline: check its power"))
        assert door.open(3.0, LIMIT).detail == "lock offline"
        lock.say("online", "availability")
        until(lambda: not raises(door, "offline"))
    assert "UNLOCK" not in lock.states()


def shutting_is_refused(door: MqttDoor) -> bool:
    try:
        door.shut(LIMIT)
    except UnavailableError as e:
        return "no lock listens" in str(e)
    return False


def raises(door: MqttDoor, line: str) -> bool:
    try:
        door.state(LIMIT)
    except UnavailableError as e:
        return line in str(e)
    return False


# Nothing is kept for later


def test_what_a_lock_that_is_away_missed_it_does_not_get_later(broker: Broker, door: MqttDoor) -> None:
    # It has a session at the broker, which would queue for it: the broker acknowledges, and nobody can tell.
    with MqttLock(broker, remembered=True):
        door.state(LIMIT)
    assert door.open(3.0, SHORT).outcome == "opened"
    end = time.monotonic() + 2.2  # its expiry of a second, and the broker counts in whole ones
    until(lambda: time.monotonic() > end)
    with MqttLock(broker, remembered=True) as lock:
        door.shut(LIMIT)
        until(lambda: lock.told)
    assert "UNLOCK" not in lock.states()


def test_nothing_is_published_while_the_broker_is_away(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker) as lock:
        door.state(LIMIT)
        broker.kill()
        for _ in range(5):
            began = time.monotonic()
            assert door.open(3.0, LIMIT).outcome == "unreachable"
            assert time.monotonic() - began < LIMIT + 2
        with pytest.raises(UnavailableError, match="cannot be reached"):
            door.state(LIMIT)
        lock.told.clear()
        broker.start()
        assert lock.here.wait(5)
        until(lambda: not raises(door, ""), every=0.1)  # it has told the lock to lock, after all that could be late
        until(lambda: lock.told)
        assert set(lock.states()) == {"LOCK"}


def test_a_broker_that_has_gone_quiet_gets_no_opening(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker) as lock:
        door.state(LIMIT)
        broker.halt()
        began = time.monotonic()
        reply = door.open(3.0, LIMIT)
        assert time.monotonic() - began < LIMIT + 2
        assert (reply.outcome, reply.detail) == ("unreachable", "no answer")
        assert raises(door, "cannot be reached")
        broker.wake()
        until(lambda: not raises(door, ""), every=0.1)
        assert set(lock.states()) == {"LOCK"}


@pytest.mark.parametrize("then", ["wakes", "dies"])
def test_an_opening_that_was_not_acknowledged_is_never_sent_again(
    then: str, broker: Broker, door: MqttDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = MqttDoor._answers

    def answers_for_the_last_time(self: MqttDoor, *args: object) -> bool:
        answered = answers(self, *args)  # type: ignore[arg-type] # as they come
        broker.halt()
        return answered

    with MqttLock(broker) as lock:
        door.state(LIMIT)
        until(lambda: lock.told)
        lock.told.clear()
        lock.messages.clear()
        monkeypatch.setattr(MqttDoor, "_answers", answers_for_the_last_time)
        began = time.monotonic()
        assert door.open(3.0, SHORT).outcome == "unreachable"
        assert time.monotonic() - began < SHORT + 2
        monkeypatch.undo()
        if then == "wakes":
            broker.wake()
        else:
            broker.kill()
            broker.start()
        until(lambda: not raises(door, ""), every=0.1)
        until(lambda: lock.told)
        # A broker that was halted in between has it already; then it also has what takes it back, right behind.
        assert lock.states().count("UNLOCK") <= (then == "wakes")
        assert lock.states()[-1] == "LOCK"
        if "UNLOCK" in lock.states():
            first = lock.states().index("UNLOCK")
            assert lock.states()[first + 1] == "LOCK"
            assert lock.messages[first + 1].timestamp - lock.messages[first].timestamp < 0.1


def test_a_call_too_short_for_an_expiry_publishes_nothing(broker: Broker, door: MqttDoor) -> None:
    with MqttLock(broker) as lock:
        door.state(LIMIT)
        assert door.open(3.0, 0.9).outcome == "unreachable"
        until(lambda: not raises(door, ""), every=0.1)
    assert "UNLOCK" not in lock.states()


# Who we are to others


def test_home_assistant_sees_a_lock_that_it_cannot_open(broker: Broker, door: MqttDoor) -> None:
    topic, config = door.discovery()
    ours = "door/front/faceapp"
    topics = (topic, f"{ours}/state", f"{ours}/availability")
    with MqttLock(broker) as lock:
        door.state(LIMIT)
        door.open(0.3, LIMIT)
        with MqttLock(broker, "other", topics=topics) as assistant:
            until(lambda: len(assistant.heard) == 3 and assistant.heard[topics[1]][-1][0] == "UNLOCKED")
            assert assistant.heard[topic] == [(config, True)]
            assert assistant.heard[topics[1]][0][1]
            assert assistant.heard[topics[2]] == [("online", True)]
            until(lambda: door.state(LIMIT) and assistant.heard[topics[1]][-1] == ("LOCKED", False))
            known = json.loads(config)
            assert (known["state_topic"], known["availability_topic"]) == (topics[1], topics[2])
            assert known["optimistic"] is False
            told = len(lock.told)
            assistant.say("UNLOCK", f"../{known['command_topic']}")
            lock.say("UNLOCK", known["command_topic"].removeprefix("door/front/"))
            door.shut(LIMIT)
            until(lambda: len(lock.told) > told)
            assert lock.states()[told:] == ["LOCK"]
            door.close()
            until(lambda: assistant.heard[f"{ours}/availability"][-1] == ("offline", False))


def test_a_program_that_dies_leaves_an_opening_that_ends_by_itself(broker: Broker) -> None:
    script = (
        "import sys\nfrom faceapp.access.doors.mqtt import MqttDoor\n"
        "from faceapp.access.doors.secrets import DoorSecrets\n"
        f"door = MqttDoor.from_url({broker.address()!r}, DoorSecrets()); door.state(5)\n"
        "print(door.open(3.0, 2.0).outcome, flush=True); sys.stdin.read()"
    )
    said = "door/front/faceapp/availability"
    with MqttLock(broker, topics=(said,)) as lock:
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "opened\n"
            child.send_signal(signal.SIGKILL)
        until(lambda: lock.heard[said][-1][0] == "offline")
        assert lock.told[-1]["pulse_ms"] == 3000
        assert lock.states() == ["LOCK", "UNLOCK"], "the lock has all it needs to shut again"


# What a lock says


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"LOCKED", ("LOCKED", None)),
        (b" unlocked\n", ("UNLOCKED", None)),
        (b'{"state": "OPEN", "nonce": "a"}', ("UNLOCKED", "a")),
        (b'{"state": "jammed", "battery": 3}', ("JAMMED", None)),
        (b"UNLOCKING", ("", None)),
        (b"", ("", None)),
        (b"{", ("", None)),
        (b'{"state": 1}', ("", None)),
        (b"\xff", ("", None)),
        (b'{"a":' * 5000, ("", None)),
    ],
)
def test_what_a_lock_says(payload: bytes, said: tuple[str, str | None]) -> None:
    assert parse_state(payload) == said


@given(st.binary() | st.text().map(lambda t: json.dumps({"state": t, "nonce": [t]}).encode()))
def test_nothing_a_lock_says_is_an_error(payload: bytes) -> None:
    said, _ = parse_state(payload)
    assert said in ("LOCKED", "UNLOCKED", "JAMMED", "")
