"""Each kind of door on the door's thread: what hangs or is pulled out is out of order, recovers by itself, and makes
nobody wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faceapp.access.door import Door
from faceapp.access.door_thread import DoorThread
from faceapp.access.doors.choose import open_door
from faceapp.access.doors.relay_door import RelayDoor
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.opening import DoorOptions
from tests.fakes.boards import plugged
from tests.fakes.doors import PERSON, ListedLog, always, grant_at
from tests.fakes.webhook import SHARED, receiving, well
from tests.polling import until

LIMIT = 1.0
OPTIONS = DoorOptions(pulse=0.1, time_limit=LIMIT, look_every=0.05)
posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals")


class Kiosk:
    """What a kiosk does with the thread: on a thread of its own it asks all the time, and measures."""

    def __init__(self, door: Door) -> None:
        self.log = ListedLog()
        self.thread = DoorThread(door, self.log, always, options=OPTIONS)
        self.slowest = 0.0
        self._over = threading.Event()
        self._asking = threading.Thread(target=self._ask)

    def _measured(self, call: Callable[[], object]) -> None:
        began = time.monotonic()
        call()
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _ask(self) -> None:
        while not self._over.wait(0.002):
            self._measured(self.thread.status)
            self._measured(self.thread.trouble)

    def submit(self) -> None:
        self._measured(lambda: self.thread.submit(grant_at(time.monotonic_ns()), {"person": PERSON}))

    def outcome(self) -> str:
        """Of a grant submitted now."""
        before = self.thread.last
        self.submit()
        until(lambda: self.thread.last is not before)
        assert self.thread.last is not None
        return self.thread.last.outcome

    def becomes(self, status: str, seconds: float = 15.0) -> None:
        until(lambda: self.thread.status() == status, seconds)

    def __enter__(self) -> Kiosk:
        self.thread.start()
        self._asking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._asking.join()
        assert self.thread.stop(10)


@contextmanager
def kiosk_at(url: str) -> Iterator[tuple[Kiosk, Door]]:
    door = open_door(url, DoorSecrets(secret=SHARED))
    with Kiosk(door) as kiosk:
        kiosk.becomes("ready")
        yield kiosk, door
    assert kiosk.slowest < 0.1


def test_a_webhook_that_hangs_for_a_minute() -> None:
    with receiving() as receiver, kiosk_at(receiver.url) as (kiosk, _):
        assert kiosk.outcome() == "opened"
        kiosk.becomes("ready")
        receiver.behave = receiver.hang
        hung = time.monotonic()
        kiosk.becomes("out_of_order")
        assert time.monotonic() - hung < 2 * LIMIT  # a look may just have begun
        assert not kiosk.thread.submit(grant_at(time.monotonic_ns()), {"person": PERSON})
        until(lambda: "does not answer (timeout)" in str(kiosk.thread.trouble()))
        receiver.behave = well
        kiosk.becomes("ready")
        assert kiosk.thread.trouble() is None
        assert kiosk.outcome() == "opened"
    assert kiosk.log.kinds().count("outcome opened") == 2
    assert receiver.actions().count("open") == 2


def test_a_webhook_that_hangs_in_an_opening_is_asked_once() -> None:
    with receiving() as receiver, kiosk_at(receiver.url) as (kiosk, _):
        receiver.behave = lambda handler, message: (receiver.hang if message["action"] == "open" else well)(
            handler, message
        )
        assert kiosk.outcome() == "unreachable"
        receiver.behave = well
        kiosk.becomes("ready")
        assert receiver.actions().count("open") == 1


@posix
def test_a_serial_cable_that_is_pulled(tmp_path: Path) -> None:
    with plugged(tmp_path) as cable, kiosk_at(cable.url) as (kiosk, _):
        assert kiosk.outcome() == "opened"
        kiosk.becomes("ready")
        cable.pull()
        kiosk.becomes("out_of_order")
        until(lambda: "(not there): plug it in" in str(kiosk.thread.trouble()))
        board = cable.plug_in()
        kiosk.becomes("ready")
        assert board.times(True) == []
        assert kiosk.outcome() == "opened"
        until(lambda: board.times(True) and not board.on)


@posix
@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_a_watchdog_that_is_stuck_or_killed(tmp_path: Path, how: signal.Signals) -> None:
    with plugged(tmp_path) as cable, kiosk_at(cable.url) as (kiosk, door):
        assert isinstance(door, RelayDoor)
        assert door._process is not None
        os.kill(door._process.pid, how)
        kiosk.becomes("out_of_order")
        kiosk.becomes("ready")
        assert kiosk.outcome() == "opened"
        until(lambda: cable.board.times(True) and not cable.board.on)


def test_a_door_of_which_everything_is_missing_is_out_of_order_and_says_why(tmp_path: Path) -> None:
    with Kiosk(open_door(f"serial:{tmp_path / 'nothing'}?board=lcus1", DoorSecrets())) as kiosk:
        until(lambda: "(not there): plug it in" in str(kiosk.thread.trouble()))
        assert kiosk.thread.status() == "out_of_order"
    assert kiosk.slowest < 0.1
