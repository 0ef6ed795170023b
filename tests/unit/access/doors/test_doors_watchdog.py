"""What the watchdog does with its relay, in this process: a relay that obeys the test, and a clock of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

from faceapp.access.door import DoorState
from faceapp.access.doors import watchdog
from faceapp.access.doors.watchdog import Keeper
from faceapp.errors import UnavailableError
from tests.polling import until


class ScriptedRelay:
    """Notes what it is told; `broken` makes it fail."""

    name = "scripted"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.on = False
        self.broken: Callable[[str], Exception | None] = lambda _: None
        self.before: Callable[[str], None] = lambda _: None

    def connect(self) -> None:
        self._called("connect")

    def switch(self, on: bool) -> bool:
        self._called("on" if on else "off")
        self.on = on
        return True

    def look(self) -> DoorState:
        self._called("look")
        return "open" if self.on else "shut"

    def disconnect(self) -> None:
        self.calls.append("disconnect")

    def _called(self, what: str) -> None:
        self.before(what)
        self.calls.append(what)
        if (error := self.broken(what)) is not None:
            raise error


class Bench:
    """A keeper on a thread."""

    def __init__(self, relay: ScriptedRelay | None = None) -> None:
        self.relay = relay or ScriptedRelay()
        self.now = 100.0
        self.gone = False
        self.commands: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.keeper = Keeper(self.relay, self.commands, self.answers.put, gone=lambda: self.gone, now=lambda: self.now)
        self.thread = threading.Thread(target=self.keeper.run)
        self.thread.start()
        assert self.answers.get(timeout=5) == {"ready": True}

    def ask(self, action: str, **fields: float) -> dict[str, Any]:
        self.commands.put({"id": 7, "action": action, "pulse": 3.0, "until": self.now + 2.0, **fields})
        answer = self.answers.get(timeout=5)
        assert answer.pop("id") == 7
        return answer

    def end(self) -> None:
        self.commands.put(None)
        self.thread.join(5)
        assert not self.thread.is_alive()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def test_a_start_releases_what_an_earlier_run_left_behind() -> None:
    with Bench() as bench:
        assert bench.relay.calls == ["connect", "off"]


def test_a_pulse_ends_by_itself() -> None:
    with Bench() as bench:
        assert bench.ask("open") == {"ok": True, "confirmed": True}
        assert bench.ask("state") == {"ok": True, "state": "open"}
        bench.now += 2.9
        assert bench.ask("state") == {"ok": True, "state": "open"}
        bench.now += 0.1
        until(lambda: not bench.relay.on)


def test_the_release_is_owed_before_anything_is_pulled_in() -> None:
    owed: list[tuple[bool, float]] = []
    with Bench() as bench:
        bench.relay.before = lambda _: owed.append((bench.keeper._owed, bench.keeper._release_at))
        bench.ask("open")
        assert set(owed) == {(True, 103.0)}
        bench.relay.before = lambda _: None


def test_what_nobody_waits_for_any_more_opens_nothing() -> None:
    with Bench() as bench:
        assert bench.ask("open", until=100.0) == {"error": "late"}
        assert "on" not in bench.relay.calls


def test_a_relay_that_took_too_long_is_released_at_once() -> None:
    def slow(what: str) -> None:
        bench.now += 2.5 * (what == "on")

    with Bench() as bench:
        bench.relay.before = slow
        assert bench.ask("open", pulse=60.0) == {"error": "late"}
        assert bench.relay.calls[-2:] == ["connect", "off"]


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (OSError(5, "Input/output error"), {"error": "disconnected"}),
        (FileNotFoundError(2, "No such file"), {"error": "not there"}),
        (PermissionError(13, "Permission denied"), {"error": "not allowed"}),
        (BlockingIOError(11, "locked"), {"error": "in use"}),
        (TimeoutError("no"), {"error": "no answer"}),
        (UnavailableError("install it"), {"error": "unavailable", "line": "install it"}),
    ],
)
def test_an_error_while_pulling_in_releases_and_is_said(error: Exception, answer: dict[str, str]) -> None:
    with Bench() as bench:
        bench.relay.broken = lambda what: error if what == "on" else None
        assert bench.ask("open") == answer
        assert bench.relay.calls[-4:] == ["on", "disconnect", "connect", "off"]
        bench.relay.broken = lambda _: None
        assert bench.ask("open") == {"ok": True, "confirmed": True}


def test_a_release_that_fails_is_tried_until_it_works() -> None:
    with Bench() as bench:
        bench.ask("open")
        bench.relay.broken = lambda what: OSError(5, "gone") if what in ("connect", "off") else None
        bench.now += 3.0
        until(lambda: "disconnect" in bench.relay.calls)
        assert bench.ask("shut") == {"error": "disconnected"}
        assert bench.ask("state") == {"error": "disconnected"}
        bench.relay.broken = lambda _: None
        bench.now += watchdog.AGAIN
        until(lambda: not bench.relay.on)
        assert bench.ask("shut") == {"ok": True}


def test_a_look_that_fails_is_said_and_the_release_stays_owed() -> None:
    with Bench() as bench:
        bench.ask("open")
        bench.relay.broken = lambda what: OSError(5, "gone") if what in ("connect", "look") else None
        assert bench.ask("state") == {"error": "disconnected"}
        bench.relay.broken = lambda _: None
        bench.now += 3.0
        until(lambda: not bench.relay.on)


def test_while_nothing_is_open_the_release_is_said_again() -> None:
    with Bench() as bench:
        del bench.relay.calls[:]
        assert bench.ask("state") == {"ok": True, "state": "shut"}
        assert bench.relay.calls == ["connect", "off", "look"]


def test_the_end_of_the_commands_releases() -> None:
    bench = Bench()
    bench.ask("open", pulse=60.0)
    bench.end()
    assert bench.relay.calls[-3:] == ["connect", "off", "disconnect"]
    assert not bench.relay.on


def test_the_end_of_the_kiosks_process_releases_though_its_pipe_stays_open() -> None:
    bench = Bench()
    bench.ask("open", pulse=60.0)
    bench.gone = True
    bench.thread.join(5)
    assert not bench.thread.is_alive()
    assert not bench.relay.on


def test_at_the_end_it_keeps_trying_to_release_what_it_pulled_in() -> None:
    bench = Bench()
    bench.ask("open", pulse=60.0)
    failures = iter([OSError(5, "gone")] * 2)
    bench.relay.broken = lambda what: next(failures, None) if what == "off" else None
    bench.end()
    assert bench.relay.calls.count("off") == 4  # at the start, twice in vain, and done
    assert not bench.relay.on


def test_at_the_end_a_relay_it_never_could_use_is_let_be() -> None:
    relay = ScriptedRelay()
    relay.broken = lambda what: BlockingIOError(11, "locked") if what == "connect" else None
    bench = Bench(relay)
    bench.end()
    assert 1 <= relay.calls.count("connect") <= 10
    assert "on" not in relay.calls
