"""Relays behind the watchdog process: real processes, boards at pseudo-terminals, kills and pulled cables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp.access.door import DoorReply
from faceapp.access.doors.relay_door import RelayDoor
from faceapp.errors import UnavailableError, UsageError
from tests.fakes.boards import (
    Board,
    Cable,
    DevantechBoard,
    KmtronicBoard,
    LcusBoard,
    NumatoBoard,
    StuckBoard,
    plugged,
)
from tests.polling import until

ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")

OPENED = DoorReply("opened")
SLOW = 10.0
"""Seconds that a start may take on a busy machine."""


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    with plugged(tmp_path) as cable:
        yield cable


@pytest.fixture
def door(cable: Cable) -> Iterator[RelayDoor]:
    door = RelayDoor.from_url(cable.url)
    yield door
    door.close()


def pid(door: RelayDoor) -> int:
    assert door._process is not None
    return door._process.pid


# Boards


@pytest.mark.parametrize(
    ("kind", "confirmed", "states"),
    [
        (LcusBoard, False, ("unknown", "unknown")),
        (KmtronicBoard, True, ("shut", "open")),
        (NumatoBoard, True, ("shut", "open")),
        (DevantechBoard, True, ("shut", "open")),
    ],
)
def test_a_board_is_pulsed_and_asked(
    tmp_path: Path, kind: type[Board], confirmed: bool, states: tuple[str, str]
) -> None:
    with plugged(tmp_path, kind) as cable:
        door = RelayDoor.from_url(cable.url)
        try:
            door.shut(SLOW)
            assert door.state(SLOW) == states[0]
            before = time.monotonic()
            assert door.open(0.4, 2.0) == DoorReply("opened", confirmed=confirmed)
            assert door.state(SLOW) == states[1]
            until(lambda: cable.board.times(True) and not cable.board.on)
            assert cable.board.times(False)[-1] - before >= 0.4
            assert door.state(SLOW) == states[0]
        finally:
            door.close()
        assert [on for _, on in cable.board.changes if on] == [True]


def test_it_is_shut_when_told_so(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    assert cable.board.times(False)
    assert door.open(30.0, 2.0) == OPENED
    until(lambda: cable.board.on)
    door.shut(2.0)
    until(lambda: not cable.board.on)


def test_closing_releases(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    assert door.open(30.0, 2.0) == OPENED
    until(lambda: cable.board.on)
    process = door._process
    door.close()
    until(lambda: not cable.board.on)
    assert process is not None
    assert process.ended.is_set()


def test_nothing_is_started_before_it_is_needed(cable: Cable) -> None:
    RelayDoor.from_url(cable.url).close()
    assert cable.board.changes == []


# The end of a process


def opener(cable: Cable) -> subprocess.Popen[bytes]:
    """A program that opens the door for a minute."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.opener", cable.url, "60"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_relay_is_released_when_the_program_is_killed_right_after_opening(
    cable: Cable, how: signal.Signals
) -> None:
    with opener(cable) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"opened\n"
        until(lambda: cable.board.on)
        killed = time.monotonic()
        program.send_signal(how)
        until(lambda: not cable.board.on)
        assert cable.board.times(False)[-1] - killed < 2.0


def test_killed_at_any_moment_the_relay_is_released(cable: Cable) -> None:
    pause = threading.Event()
    for seconds in (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        with opener(cable) as program:
            pause.wait(seconds)  # somewhere between its start and the open door
            program.kill()
        until(lambda: not cable.board.on)
    door = RelayDoor.from_url(cable.url)  # and nothing of them holds the port, or opens later
    try:
        until(lambda: settled(door))
        ends = len(cable.board.times(True)), len(cable.board.times(False))
        door.shut(2.0)
        until(lambda: len(cable.board.times(False)) > ends[1])
        assert len(cable.board.times(True)) == ends[0]
        assert not cable.board.on
    finally:
        door.close()


def settled(door: RelayDoor) -> bool:
    try:
        return door.state(2.0) == "unknown"
    except (OSError, UnavailableError):
        return False


def test_a_signal_for_the_whole_terminal_does_not_end_the_watchdog(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    keeper = pid(door)
    assert os.getsid(keeper) != os.getsid(0)
    os.kill(keeper, signal.SIGINT)
    os.kill(keeper, signal.SIGHUP)
    assert door.open(0.1, 2.0) == OPENED
    assert pid(door) == keeper


def test_an_ordered_end_of_the_watchdog_releases(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    assert door.open(60.0, 2.0) == OPENED
    until(lambda: cable.board.on)
    os.kill(pid(door), signal.SIGTERM)
    until(lambda: not cable.board.on)


def test_when_the_watchdog_is_killed_the_relay_is_released_from_here_and_the_door_recovers(
    cable: Cable, door: RelayDoor
) -> None:
    door.shut(SLOW)
    assert door.open(60.0, 2.0) == OPENED
    until(lambda: cable.board.on)
    os.kill(pid(door), signal.SIGKILL)
    until(lambda: not cable.board.on)
    until(lambda: door._process is not None and door._process.over.is_set())
    with pytest.raises(UnavailableError, match="ended: it is started again"):
        door.state(2.0)
    assert door.state(SLOW) == "unknown"
    assert door.open(0.1, 2.0) == OPENED


def test_a_watchdog_that_is_stuck_is_killed_and_opens_nothing_later(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    stopped = pid(door)
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    assert door.open(60.0, 0.4) == DoorReply("unreachable", "timeout")
    assert time.monotonic() - began < 3.0
    assert door.state(SLOW) == "unknown"
    assert pid(door) != stopped
    assert cable.board.times(True) == []


def test_an_opening_while_it_starts_waits_no_longer_than_its_limit(cable: Cable, door: RelayDoor) -> None:
    began = time.monotonic()
    assert door.open(60.0, 0.001) == DoorReply("unreachable", "timeout")
    assert time.monotonic() - began < 5.0  # forking takes what it takes
    assert door.state(SLOW) == "unknown"
    assert cable.board.times(True) == []


# Devices


def test_a_cable_pulled_is_unreachable_and_recovers_when_it_is_back(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    cable.pull()
    with pytest.raises(
        UnavailableError, match=r"the relay at serial:.* cannot be used \(disconnected\): check the cab"
    ):
        door.state(2.0)
    assert door.open(3.0, 2.0) == DoorReply("unreachable", "not there")
    with pytest.raises(UnavailableError, match=r"\(not there\): plug it in, or correct the door's address"):
        door.shut(2.0)
    board = cable.plug_in()
    assert door.state(2.0) == "unknown"
    assert door.open(0.1, 2.0) == OPENED
    until(lambda: [on for _, on in board.changes] == [False, True, False])


def test_a_cable_pulled_during_the_pulse_is_released_when_it_is_back(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    assert door.open(0.3, 2.0) == OPENED
    until(lambda: cable.board.on)
    cable.pull()
    board = cable.plug_in()
    until(lambda: board.times(False))
    assert board.times(True) == []


def test_a_board_that_does_not_answer_is_not_taken_for_open(tmp_path: Path) -> None:
    with plugged(tmp_path, DevantechBoard) as cable:
        door = RelayDoor.from_url(cable.url)
        try:
            door.shut(SLOW)
            cable.board.mute = True
            began = time.monotonic()
            assert door.open(3.0, 2.0) == DoorReply("unreachable", "no answer")
            assert time.monotonic() - began < 5.0
            with pytest.raises(UnavailableError, match=r"\(no answer\): check that the board is of the kind"):
                door.state(2.0)
            cable.board.mute = False
            assert door.state(2.0) == "shut"
        finally:
            door.close()


def test_a_relay_that_does_not_pull_in_is_a_failure(tmp_path: Path) -> None:
    with plugged(tmp_path, StuckBoard) as cable:
        door = RelayDoor.from_url(cable.url)
        try:
            door.shut(SLOW)
            assert door.open(3.0, 2.0) == DoorReply("failed", "does not switch")
            assert [on for _, on in cable.board.changes][-1] is False
        finally:
            door.close()


def test_a_port_that_another_program_uses_is_said_to_be(cable: Cable, door: RelayDoor) -> None:
    door.shut(SLOW)
    other = RelayDoor.from_url(cable.url)
    try:
        with pytest.raises(UnavailableError, match=r"\(in use\): end the other program"):
            other.shut(SLOW)
    finally:
        other.close()


def test_what_is_no_serial_port_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    door = RelayDoor.from_url(f"serial:{file}?board=lcus1")
    try:
        with pytest.raises(UnavailableError, match="cannot be used") as refused:
            door.shut(SLOW)
        assert "\n" not in str(refused.value)
        assert door.open(3.0, 2.0).outcome == "unreachable"
    finally:
        door.close()


# Addresses


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("serial:", "needs its board|names no device"),
        ("serial:?board=lcus1", "names no device"),
        ("serial://dev/ttyUSB0?board=lcus1", "names no device: write it as serial:/dev/ttyUSB0"),
        ("serial:/dev/ttyUSB0", "needs its board, one of lcus1, kmtronic, numato, devantech"),
        ("serial:/dev/ttyUSB0?board=x", "needs its board"),
        ("serial:/dev/ttyUSB0?board=lcus1&relay=9", "must be a number from 1 to 8"),
        ("serial:/dev/ttyUSB0?board=numato&relay=-1", "must be a number from 0 to 31"),
        ("serial:/dev/ttyUSB0?board=lcus1&baud=fast", "the baud rate of a serial door must be a number from 300"),
        ("serial:/dev/ttyUSB0?board=lcus1&board=numato", "has the options board and relay and baud, each once"),
        ("serial:/dev/ttyUSB0?bord=lcus1", "has the options"),
        ("serial:/dev/ttyUSB0?board", "cannot be understood"),
        ("gpio:", "names no device"),
        ("gpio:28", "a GPIO door's pin must be a number from 0 to 27"),
        ("gpio:seventeen", "must be a number"),
        ("gpio:17?active=yes", "active must be high or low"),
        ("gpio:17?pull=up", "has the options active"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_a_line(url: str, line: str) -> None:
    with pytest.raises(UsageError, match=line) as refused:
        RelayDoor.from_url(url)
    assert "\n" not in str(refused.value)
