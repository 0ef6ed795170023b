"""The door's thread: the order of an opening, what keeps the door shut, and that nobody ever waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from faceapp.access.audit import AuditLog
from faceapp.access.door import Door, DoorReply, SimulatedDoor
from faceapp.access.door_thread import DoorThread
from faceapp.access.opening import DoorOptions
from faceapp.errors import UnavailableError
from tests.fakes.doors import PERSON, HandClock, ListedLog, ScriptedDoor, always, grant_at, never

FIELDS = {"person": PERSON, "reason": "granted"}


class Bench:
    """A door thread with everything around it faked. `calls` is the order in which things happened."""

    def __init__(self, door: ScriptedDoor | None = None, **options: Any) -> None:
        self.calls: list[str] = []
        self.clock = HandClock()
        self.door = door or ScriptedDoor()
        self.door.calls = self.calls
        self.log = ListedLog(self.calls)
        self.active: Callable[[str], bool] = always
        self.thread = DoorThread(
            self.door,
            self.log,
            self._is_active,
            options=DoorOptions(**{"look_every": 60.0, **options}),
            now_ns=self.clock,
        )

    def _is_active(self, person: str) -> bool:
        if person:  # nobody is asked about now and then
            self.calls.append("active")
        return self.active(person)

    def submit(self) -> bool:
        return self.thread.submit(grant_at(self.clock.ns), FIELDS)

    def ready(self) -> None:
        self.until(lambda: self.thread.status() == "ready")

    def opened(self) -> list[str]:
        """What was done for one grant, after it was done."""
        self.ready()
        del self.calls[:]
        before = self.thread.last
        assert self.submit()
        self.until(lambda: self.thread.last is not before and not self.thread._opening)
        return [c for c in self.calls if c not in ("state", "out_of_order")]

    def until(self, condition: Callable[[], bool]) -> None:
        deadline, never = time.monotonic() + 10, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, (self.calls, self.thread.status(), self.thread.trouble())
            never.wait(0.002)

    @property
    def outcome(self) -> str:
        assert self.thread.last is not None
        return self.thread.last.outcome


@pytest.fixture
def benches() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*args: Any, **kwargs: Any) -> Bench:
        made.append(Bench(*args, **kwargs))
        made[-1].thread.start()
        return made[-1]

    yield make
    for bench in made:
        bench.door.free.set()
        assert bench.thread.stop(5)


Benches = Callable[..., Bench]


# The order


def test_intention_then_check_then_opening_then_outcome(benches: Benches) -> None:
    bench = benches()
    assert bench.opened() == ["intention", "active", "open", "outcome"]
    assert bench.outcome == "opened"
    intention, outcome = bench.log.entries[-2:]
    assert dict(intention.fields) == FIELDS
    assert outcome.fields == {
        "intention": intention.number, "outcome": "opened", "detail": "confirmed", "person": PERSON,
    }  # fmt: skip


def test_the_door_is_shut_first_and_let_go_of_last_and_only_by_its_thread(benches: Benches) -> None:
    bench = benches()
    bench.ready()
    assert bench.calls == ["shut"]
    bench.opened()
    assert bench.thread.stop(5)
    assert bench.calls[-1] == "close"
    assert bench.door.threads == {bench.thread._thread.ident}


def test_an_opening_that_cannot_be_logged_does_not_happen_and_the_door_recovers(benches: Benches) -> None:
    bench = benches(look_every=0.01)
    bench.log.broken = always
    assert bench.opened() == ["intention"]
    assert bench.outcome == "not_logged"
    assert bench.thread.status() == "out_of_order"
    assert "No space left" in str(bench.thread.trouble())
    assert not bench.submit()
    bench.log.broken = never
    bench.ready()
    assert bench.thread.trouble() is None
    assert "open" not in bench.calls
    assert bench.log.kinds()[-1] == "recovered"
    assert bench.opened() == ["intention", "active", "open", "outcome"]


def test_an_outcome_that_cannot_be_logged_puts_the_door_out_of_order(benches: Benches) -> None:
    bench = benches(pulse=0.0, look_every=0.01)
    bench.log.broken = lambda kind: kind in ("outcome", "recovered")
    bench.opened()
    assert bench.outcome == "opened"
    assert bench.thread.status() == "out_of_order"
    bench.log.broken = never
    bench.ready()


def test_a_grant_that_got_old_before_the_door_does_not_open(benches: Benches) -> None:
    bench = benches()

    def slow(person: str) -> bool:
        bench.clock.advance(1.0)
        return True

    bench.active = slow
    assert bench.opened() == ["intention", "active", "outcome"]
    assert bench.outcome == "expired"
    bench.active = always
    assert bench.thread.submit(grant_at(bench.clock.ns - 990_000_000), FIELDS)
    bench.until(lambda: bench.outcome == "opened")


def test_a_grant_from_the_future_does_not_open(benches: Benches) -> None:
    bench = benches()
    bench.ready()
    bench.thread.submit(grant_at(bench.clock.ns + 1), FIELDS)
    bench.until(lambda: bench.thread.last is not None)
    assert bench.outcome == "expired"


@pytest.mark.parametrize("answer", [False, UnavailableError("the gallery is locked"), RuntimeError("a bug")])
def test_who_is_not_active_any_more_or_cannot_be_checked_stays_out(benches: Benches, answer: Any) -> None:
    bench = benches()

    def active(person: str) -> bool:
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    bench.active = active
    assert bench.opened() == ["intention", "active", "outcome"]
    assert bench.outcome == "withdrawn"
    assert bench.thread.status() == ("out_of_order" if isinstance(answer, Exception) else "ready")


def test_where_nobody_can_be_checked_the_door_is_out_of_order_until_they_can(benches: Benches) -> None:
    bench = benches(look_every=0.01)

    def locked(_: str) -> bool:
        raise UnavailableError("the gallery is locked")

    bench.active = locked
    bench.until(lambda: bench.thread.status() == "out_of_order")
    assert "the gallery is locked" in str(bench.thread.trouble())
    assert not bench.submit()
    bench.active = always
    bench.ready()
    bench.until(lambda: bench.log.kinds()[-2:] == ["out_of_order", "recovered"])


# Doors that misbehave


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (DoorReply("refused", "http 403"), "refused"),
        (DoorReply("unreachable", "timeout"), "unreachable"),
        (UnavailableError("no broker"), "unreachable"),
        (TimeoutError("60 s"), "unreachable"),
        (ValueError("a bug in a driver"), "failed"),
    ],
)  # fmt: skip
def test_a_door_that_fails_is_out_of_order_until_it_answers(
    benches: Benches, answer: DoorReply | Exception, outcome: str
) -> None:
    bench = benches(ScriptedDoor(answer, DoorReply("opened")), look_every=0.01)
    bench.ready()
    bench.door.now = OSError("gone")
    before = bench.submit()  # unless it has just looked
    bench.until(lambda: bench.thread.status() == "out_of_order")
    bench.door.now = "shut"
    if before:
        bench.until(lambda: bench.thread.last is not None)
        assert bench.outcome == outcome
    bench.ready()


def test_what_a_device_says_is_logged_in_plain_characters(benches: Benches) -> None:
    bench = benches(ScriptedDoor(DoorReply("refused", "http 403 <Förbidden>")), look_every=0.01)
    bench.opened()
    assert bench.outcome == "refused"
    bench.until(lambda: {"outcome refused", "out_of_order", "recovered"} <= set(bench.log.kinds()))
    (outcome,) = (e for e in bench.log.entries if e.kind == "outcome")
    assert outcome.fields["detail"] == "http 403 _F_rbidden_"


def test_a_hung_door_delays_nobody_and_nothing_waits_behind_it(benches: Benches) -> None:
    bench = benches()
    bench.ready()
    bench.door.free.clear()
    assert bench.submit()
    bench.until(bench.door.entered.is_set)
    assert bench.thread.status() == "busy"
    bench.clock.advance(2.1)
    assert bench.thread.status() == "out_of_order"
    assert "does not answer" in str(bench.thread.trouble())
    longest = 0.0
    for _ in range(300):
        began = time.perf_counter()
        assert not bench.submit()
        bench.thread.note("denied", {"reason": "tie"})
        assert bench.thread.status() == "out_of_order"
        longest = max(longest, time.perf_counter() - began)
    assert longest < 1.0
    bench.door.free.set()
    bench.until(lambda: bench.log.kinds().count("denied") == 300)
    assert bench.calls.count("open") == 1, "none of the others came after"
    assert bench.outcome == "late"


def test_a_late_success_is_taken_back(benches: Benches) -> None:
    bench = benches()
    bench.ready()
    real = bench.door.open

    def slow(pulse: float, timeout: float) -> DoorReply:
        bench.clock.advance(timeout + 0.1)
        return real(pulse, timeout)

    bench.door.open = slow  # type: ignore[method-assign] # a slow one
    assert bench.opened() == ["intention", "active", "open", "shut", "outcome"]
    assert bench.outcome == "late"
    assert bench.thread.status() == "out_of_order"


def test_a_grant_that_waited_behind_a_hung_look_does_not_open(benches: Benches) -> None:
    bench = benches(look_every=0.01)
    bench.ready()
    bench.door.free.clear()
    bench.until(bench.door.entered.is_set)  # in `state`
    del bench.calls[:]
    assert bench.submit(), "so far nothing is wrong"
    assert not bench.submit(), "one at a time"
    bench.clock.advance(1.5)
    bench.door.free.set()
    bench.until(lambda: bench.thread.last is not None)
    assert bench.outcome == "expired"
    assert "open" not in bench.calls


def test_busy_while_it_stands_open(benches: Benches) -> None:
    bench = benches(pulse=3.0)
    bench.opened()
    assert bench.thread.status() == "busy"
    assert not bench.submit()
    bench.clock.advance(3.1)
    assert bench.thread.status() == "ready"


def test_a_lost_door_is_noticed_without_an_opening_and_comes_back(benches: Benches) -> None:
    bench = benches(look_every=0.01)
    bench.ready()
    bench.door.now = OSError("unplugged")
    bench.until(lambda: bench.thread.status() == "out_of_order")
    assert "cannot be reached" in str(bench.thread.trouble())
    bench.door.now = "open"
    bench.ready()
    assert bench.thread.state == "open"
    bench.until(lambda: bench.log.kinds() == ["out_of_order", "recovered"])


def test_before_the_start_and_after_the_end_it_is_out_of_order() -> None:
    bench = Bench()
    assert bench.thread.status() == "out_of_order"
    assert not bench.submit()
    bench.thread.start()
    bench.ready()
    assert bench.thread.stop(5)
    assert bench.thread.status() == "out_of_order"
    assert not bench.submit()


def test_stopping_drops_what_was_not_begun(benches: Benches) -> None:
    bench = benches(look_every=0.01)
    bench.ready()
    bench.door.free.clear()
    bench.until(bench.door.entered.is_set)
    bench.submit()
    del bench.calls[:]
    assert not bench.thread.stop(0.01), "it is stuck, and we don't wait for it"
    bench.door.free.set()
    assert bench.thread.stop(5)
    assert "open" not in bench.calls
    assert bench.calls[-1] == "close"


def test_a_door_that_cannot_be_shut_at_the_start_is_out_of_order(benches: Benches) -> None:
    door = ScriptedDoor()
    door.now = OSError("gone")
    bench = benches(door)
    bench.until(lambda: bench.thread.trouble() is not None)
    assert bench.thread.status() == "out_of_order"


# Notes


def test_refusals_are_written_in_order_and_wait_for_a_log_that_fails(benches: Benches) -> None:
    bench = benches(notes=20, look_every=0.01)
    bench.log.broken = always
    for i in range(30):
        bench.thread.note("denied", {"reason": "tie", "track": i})
    bench.until(lambda: bench.thread.trouble() is not None)
    bench.log.broken = never
    bench.until(lambda: len([e for e in bench.log.entries if e.kind == "denied"]) == 20)
    assert [e.fields["track"] for e in bench.log.entries if e.kind == "denied"] == list(range(10, 30))
    assert [e.fields["entries"] for e in bench.log.entries if e.kind == "recovered"] == [10]


def test_a_note_that_has_no_place_in_the_log_is_our_bug_and_blocks_nothing(benches: Benches, tmp_path: Path) -> None:
    log = AuditLog.open(tmp_path / "door", bytes(32))
    thread = DoorThread(ScriptedDoor(), log, always, options=DoorOptions(look_every=0.01))
    thread.start()
    thread.note("denied", {"name": "Ada"})
    thread.note("denied", {"reason": "tie"})
    bench = Bench()
    bench.until(lambda: [e.kind for e in log.entries()] == ["beginning", "denied"])
    assert thread.stop(5)


# With the real log


def test_an_intention_without_an_outcome_is_finished_at_the_next_start(tmp_path: Path) -> None:
    log = AuditLog.open(tmp_path / "door", bytes(32))
    log.append("intention", person=PERSON)
    finished = log.append("intention", person=PERSON).number
    log.append("outcome", intention=finished, outcome="opened")
    thread = DoorThread(ScriptedDoor(), log, always, options=DoorOptions(look_every=0.01))
    thread.start()
    Bench().until(lambda: len(list(log.entries())) == 5)
    assert thread.stop(5)
    last = list(log.entries())[-1]
    assert dict(last.fields) == {"intention": 2, "outcome": "interrupted", "person": PERSON}
    assert log.verify() == []


# The simulated door


def test_the_simulated_door_shuts_by_itself() -> None:
    clock = HandClock()
    door: Door = SimulatedDoor(clock)
    assert door.state(1) == "shut"
    assert door.open(3.0, 1.0) == DoorReply("opened", confirmed=True)
    clock.advance(2.9)
    assert door.state(1) == "open"
    clock.advance(0.1)
    assert door.state(1) == "shut"
    door.open(3.0, 1.0)
    door.shut(1.0)
    assert door.state(1) == "shut"
    door.open(3.0, 1.0)
    door.close()
    assert door.state(1) == "shut"
