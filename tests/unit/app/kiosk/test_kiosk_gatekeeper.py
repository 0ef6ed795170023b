"""From decisions to acts: the door is asked, refusals are logged, the administrator is told why."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from faceapp.access.decisions import Deny, Grant, Hold, Reason
from faceapp.access.door import DoorReply
from faceapp.access.door_thread import DoorThread
from faceapp.access.observations import Permission
from faceapp.access.opening import DoorOptions
from faceapp.access.records import check
from faceapp.app.kiosk.gatekeeper import Gatekeeper, Ground, Verdict
from faceapp.app.kiosk.judge import Judge
from tests.fakes.doors import HandClock, ListedLog, ScriptedDoor, always
from tests.fakes.visitors import ADA, BOB, NAMES, SPACE, Scene, Visitor, policy
from tests.polling import until

LOCAL = datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))
GROUND = Ground(SPACE, SPACE, {ADA: Permission(allowed=True), BOB: Permission()}, NAMES)


class Entrance:
    """A gatekeeper, its door and its log, on a clock that goes with the frames."""

    def __init__(self, door: ScriptedDoor) -> None:
        self.clock = HandClock()
        self.scene = Scene(self.clock.ns)
        self.log = ListedLog()
        self.ground = GROUND
        self.thread = DoorThread(
            door, self.log, always, options=DoorOptions(pulse=0.5, look_every=0.05), now_ns=self.clock
        )
        self.keeper = Gatekeeper(
            Judge(policy(), (0.0, 0.0, 1.0, 1.0)),
            self.thread,
            "scripted",
            "CPU, INT8",
            0.5,
            lambda: LOCAL,
            self.clock,
            self.clock,
        )
        self.thread.start()
        until(lambda: self.thread.status() == "ready")

    def sees(self, *visitors: Visitor, frames: int = 1, fault: bool = False) -> list[Verdict]:
        verdicts = []
        for _ in range(frames):
            result = self.scene.frame(*visitors)
            self.clock.ns = self.scene.now_ns
            verdicts.append(self.keeper.decide(result, self.ground, None, self.scene.now_ns, fault))
        return verdicts

    def answered(self) -> None:
        until(lambda: self.thread.last is not None)
        self.keeper.look_at_door()


@pytest.fixture
def door() -> ScriptedDoor:
    return ScriptedDoor()


@pytest.fixture
def entrance(door: ScriptedDoor) -> Iterator[Entrance]:
    entrance = Entrance(door)
    yield entrance
    door.free.set()
    assert entrance.thread.stop(5)


def test_a_grant_opens_the_door_and_is_welcomed_by_name(entrance: Entrance, door: ScriptedDoor) -> None:
    *_, last = entrance.sees(Visitor(), frames=5)
    assert isinstance(last.decision, Grant)
    assert last.name == "Ada"
    assert entrance.keeper.view.name is None
    entrance.answered()
    assert door.calls.count("open") == 1
    assert (entrance.keeper.view.screen, entrance.keeper.view.name) == ("welcome", "Ada")
    assert entrance.log.kinds() == ["intention", "outcome opened"]
    (told,) = entrance.keeper.decisions(NAMES)
    assert (told.decision, told.outcome, told.name, told.votes, told.provider) == (
        "grant",
        "opened",
        "Ada",
        5,
        "CPU, INT8",
    )


def test_what_is_logged_of_a_grant_has_ids_and_figures_and_no_name(entrance: Entrance) -> None:
    entrance.sees(Visitor(runner_up=BOB), frames=5)
    entrance.answered()
    fields = dict(entrance.log.entries[0].fields)
    check("intention", fields)
    assert (fields["person"], fields["runner_up_person"]) == (ADA, BOB)
    assert (fields["frame"], fields["provider"], fields["door"]) == (4, "CPU, INT8", "scripted")
    assert fields["frame_time"] == "2024-01-01T10:59:59.960+00:00"
    assert not {"Ada", "Bob"} & {str(v) for v in fields.values()}


def test_a_door_that_fails_welcomes_nobody_and_leaves_no_cooldown() -> None:
    door = ScriptedDoor(DoorReply("failed"), DoorReply("opened", confirmed=True))
    entrance = Entrance(door)
    entrance.sees(Visitor(), frames=5)
    entrance.answered()
    assert entrance.keeper.view.screen == "out_of_order"
    assert entrance.keeper.decisions(NAMES)[0].outcome == "failed"
    until(lambda: entrance.thread.status() == "ready")
    assert any(isinstance(v.decision, Grant) for v in entrance.sees(Visitor(), frames=6))
    assert entrance.thread.stop(5)


def test_a_refusal_is_logged_once_and_says_nothing_of_who_is_enrolled(entrance: Entrance) -> None:
    verdicts = entrance.sees(Visitor(person=None), frames=120)
    assert sum(isinstance(v.decision, Deny) and v.decision.counted for v in verdicts) == 1
    until(lambda: entrance.log.kinds() == ["refusal"])
    fields = dict(entrance.log.entries[0].fields)
    check("refusal", fields)
    assert (fields["person"], fields["reason"]) == ("unknown", "not_recognised")
    assert entrance.keeper.view.screen == "not_recognised"
    assert entrance.keeper.view.name is None


def test_somebody_without_the_right_is_refused_and_not_named_on_the_screen(
    entrance: Entrance, door: ScriptedDoor
) -> None:
    verdicts = entrance.sees(Visitor(person=BOB), frames=100)
    refused = next(v for v in verdicts if isinstance(v.decision, Deny))
    assert isinstance(refused.decision, Deny)
    assert refused.decision.reason is Reason.NOT_ALLOWED
    assert refused.name == "Bob"  # for the event and the administrator
    assert (entrance.keeper.view.screen, entrance.keeper.view.name) == ("not_recognised", None)
    assert "open" not in door.calls


def test_a_fault_elsewhere_keeps_the_door_shut(entrance: Entrance, door: ScriptedDoor) -> None:
    verdicts = entrance.sees(Visitor(), frames=20, fault=True)
    assert all(v.decision == Hold(Reason.OUT_OF_ORDER) for v in verdicts)
    assert entrance.keeper.view.screen == "out_of_order"
    assert "open" not in door.calls


def test_a_door_that_hangs_delays_no_frame(entrance: Entrance, door: ScriptedDoor) -> None:
    door.free.clear()
    until(door.entered.is_set)
    entrance.clock.advance(3)  # longer than its time limit
    entrance.scene.now_ns = entrance.clock.ns
    verdicts = entrance.sees(Visitor(), frames=20)
    assert all(v.decision == Hold(Reason.OUT_OF_ORDER) for v in verdicts)
    door.free.set()
    until(lambda: entrance.thread.status() == "ready")
    assert any(isinstance(v.decision, Grant) for v in entrance.sees(Visitor(), frames=6))


def test_what_cannot_be_logged_does_not_happen(entrance: Entrance, door: ScriptedDoor) -> None:
    entrance.log.broken = lambda kind: kind == "intention"
    entrance.sees(Visitor(), frames=5)
    entrance.answered()
    assert "open" not in door.calls
    assert entrance.keeper.decisions(NAMES)[0].outcome == "not_logged"
    assert entrance.keeper.view.screen == "out_of_order"


def test_votes_of_another_gallery_do_not_count(entrance: Entrance) -> None:
    entrance.sees(Visitor(), frames=4)
    entrance.ground = dataclasses.replace(GROUND)
    verdicts = entrance.sees(Visitor(), frames=5)
    assert [isinstance(v.decision, Grant) for v in verdicts] == [False] * 4 + [True]


def test_of_somebody_who_was_deleted_no_name_is_left(entrance: Entrance) -> None:
    entrance.sees(Visitor(), frames=5)
    entrance.answered()
    assert entrance.keeper.decisions({})[0].name is None


def test_the_administrator_sees_what_is_being_decided(entrance: Entrance) -> None:
    entrance.sees(Visitor(), frames=3)
    now = entrance.keeper.current(NAMES)
    assert now is not None
    assert (now.decision, now.name, now.votes, now.votes_needed) == ("hold", "Ada", 3, 5)
    assert now.distance == 0.3
    assert entrance.keeper.decisions(NAMES) == ()
    entrance.sees()
    assert entrance.keeper.current(NAMES) is None
