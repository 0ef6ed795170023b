"""The door's thread with a lock behind a real broker that is killed, halted and started again."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp.access.door_thread import DoorThread
from faceapp.access.doors.mqtt import MqttDoor
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.opening import DoorOptions
from tests.broker import Broker
from tests.fakes.doors import ListedLog, always, grant_at
from tests.fakes.locks import MqttLock
from tests.polling import until

PATIENCE = 0.1
"""Seconds that a frame may wait for anything about a door."""


class Kiosk:
    """Asks as the recognition thread does, and notes how long that took."""

    def __init__(self, door: DoorThread) -> None:
        self.door = door
        self.waited = 0.0
        self._tracks = itertools.count(1)

    def status(self) -> str:
        began = time.monotonic()
        status = self.door.status()
        self.waited = max(self.waited, time.monotonic() - began)
        return status

    def submit(self) -> bool:
        grant = grant_at(time.monotonic_ns(), track=next(self._tracks))
        began = time.monotonic()
        taken = self.door.submit(grant, {"person": grant.person_id})
        self.waited = max(self.waited, time.monotonic() - began)
        return taken

    def outcome(self) -> str:
        """Of a grant that is submitted now."""
        before = self.door.last
        assert self.submit()
        until(lambda: self.door.last is not before)
        assert self.door.last is not None
        return self.door.last.outcome


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path, persistent=True) as running:
        yield running


@pytest.fixture
def log() -> ListedLog:
    return ListedLog()


@pytest.fixture
def kiosk(broker: Broker, log: ListedLog) -> Iterator[Kiosk]:
    options = DoorOptions(pulse=0.2, look_every=0.5)
    door = DoorThread(MqttDoor.from_url(broker.address(), DoorSecrets()), log, always, options=options)
    door.start()
    kiosk = Kiosk(door)
    yield kiosk
    assert door.stop(5.0)
    assert kiosk.waited < PATIENCE


@pytest.mark.parametrize("trouble", ["killed", "halted"])
def test_a_broker_that_goes_leaves_the_door_shut_and_one_that_comes_opens_it_again(
    trouble: str, broker: Broker, kiosk: Kiosk, log: ListedLog
) -> None:
    with MqttLock(broker, speaks=True, remembered=True) as lock:
        until(lambda: kiosk.status() == "ready")
        assert kiosk.outcome() == "opened"
        until(lambda: kiosk.status() == "ready")

        broker.kill() if trouble == "killed" else broker.halt()
        until(lambda: (kiosk.submit() and None) or kiosk.status() == "out_of_order", seconds=5)
        opened = lock.states().count("UNLOCK")
        assert opened == 1
        end = time.monotonic() + 1.0
        until(lambda: kiosk.submit() or time.monotonic() > end)
        assert kiosk.status() == "out_of_order"
        assert "check" in (kiosk.door.trouble() or "")

        broker.start() if trouble == "killed" else broker.wake()
        until(lambda: kiosk.status() == "ready", seconds=8)
        assert lock.here.wait(5)
        assert lock.states().count("UNLOCK") == 1, "nothing opens late"
        assert kiosk.door.trouble() is None
        until(lambda: kiosk.outcome() == "opened")
    assert log.kinds().count("outcome opened") == 2
    assert {"out_of_order", "recovered"} <= set(log.kinds())


def test_without_a_broker_it_is_out_of_order_from_the_start(broker: Broker, log: ListedLog) -> None:
    broker.stop()
    door = DoorThread(
        MqttDoor.from_url(broker.address(), DoorSecrets()), log, always, options=DoorOptions(look_every=0.5)
    )
    door.start()
    kiosk = Kiosk(door)
    until(lambda: kiosk.status() == "out_of_order")
    assert not kiosk.submit()
    broker.start()
    with MqttLock(broker) as lock:
        until(lambda: kiosk.status() == "ready", seconds=8)
        assert kiosk.outcome() == "opened"
        until(lambda: "UNLOCK" in lock.states())
    assert door.stop(5.0)
    assert kiosk.waited < PATIENCE
