"""From results to the door: judges every frame, asks the door's thread to open, has refusals logged, and says why.

The one place where a decision becomes an act. The recognition thread owns it; what other threads read (`view`,
`decisions`, `current`) are values that are replaced whole.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from faceapp.access.chain import Scalar
from faceapp.access.decisions import Decision, Deny, Grant, Hold, Reason
from faceapp.access.door_thread import DoorThread
from faceapp.access.observations import Claim, DoorStatus, Permission
from faceapp.access.opening import Opened, since_boot_ns
from faceapp.access.records import UNKNOWN, code, fields_of
from faceapp.app.kiosk.explain import Told, explained
from faceapp.app.kiosk.judge import Judge, Surroundings
from faceapp.app.kiosk.life import Examined
from faceapp.app.kiosk.life_rules import InForce
from faceapp.app.kiosk.screens import Screens
from faceapp.app.kiosk.types import Explained, KioskView
from faceapp.types import FrameResult

WELCOME_S = 4.0
"""A welcome stays at least so long: long enough to be read while turning to the door."""
KEPT = 200
"""Decisions kept for the administrator's panel; the log has them all."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the decisions rest on, for as long as it stays as it is: replaced whole when the gallery changes."""

    space: str
    gallery_space: str
    permissions: Mapping[str, Permission]
    names: Mapping[str, str]
    """By person id, for the welcome and the administrator."""
    spared: frozenset[str] = frozenset()
    """Ids of those who come with a badge and are looked at by a model instead of being asked to move."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One frame's decision, as an event tells it."""

    decision: Decision
    name: str | None
    """Of the person a grant or a refusal is about, where it is somebody."""


class Gatekeeper:
    """Owned by the thread that recognises."""

    def __init__(
        self,
        judge: Judge,
        door: DoorThread,
        door_name: str,
        provider: str,
        pulse: float,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        now_ns: Callable[[], int] = time.monotonic_ns,
        door_ns: Callable[[], int] = since_boot_ns,
        say_why: bool = False,
    ) -> None:
        """`now`: the local wall clock; `now_ns`: the screen's clock; `door_ns`: the door thread's."""
        self.judge = judge
        self._door = door
        self._door_name = door_name
        self.provider = provider
        """What the networks run on, for the log and the administrator; known once they are loaded."""
        self._pulse = pulse
        self._now = now
        self._now_ns = now_ns
        self._door_ns = door_ns
        self._screens = Screens(say_why)
        self._ground: Ground | None = None
        self._pending: Grant | None = None
        self.told: Opened | None = None
        """What became of the last grant, once it is known."""
        self._told_of: tuple[Told, ...] = ()
        self._current: Told | None = None
        self._numbers = 0
        self._in_force: InForce | None = None
        self._frame_ns = self._open_until_ns = 0  # on the frames' clock: a film's own

    @property
    def view(self) -> KioskView:
        """What the screen shows."""
        return self._screens.view

    def decide(
        self,
        result: FrameResult,
        ground: Ground,
        claim: Claim | None,
        now_ns: int,
        fault: bool = False,
        examined: Examined = Examined(),  # noqa: B008  # frozen
    ) -> Verdict:
        """Judge one frame and act. `now_ns`: the clock of the frame's time, which is a film's own where one is played
        as fast as it goes. `fault`: something else than the door makes this a door that must stay shut. `examined`:
        what is known of the one in front being alive."""
        self.look_at_door()
        self._frame_ns = now_ns
        if ground is not self._ground:
            self._ground = ground
            self.judge.forget_votes()
        force = self._in_force = examined.in_force
        local = self._now() if force is None else force.local
        around = Surroundings(
            ground.space,
            ground.gallery_space,
            ground.permissions,
            local.replace(tzinfo=None),
            claim,
            self._status(fault, now_ns),
            examined.sign,
            examined.required,
            examined.abandoned,
        )
        decision = self.judge.decide(result, around, now_ns)
        taken = (local - timedelta(microseconds=(now_ns - result.captured_ns) / 1000)).astimezone(UTC)
        if isinstance(decision, Grant):
            decision = self._grant(dataclasses.replace(decision, decided_ns=self._door_ns()), result, taken)
        elif isinstance(decision, Deny) and decision.counted:
            self._door.note("refusal", self._fields(decision, result, taken))
        self._keep(decision, local)
        if isinstance(decision, Grant):
            self._pending = decision
        remaining = None
        if isinstance(decision, Deny):
            remaining = self.judge.locked_for_s(decision, claim, now_ns) or None
        self._screens.decided(decision, self._now_ns(), remaining, examined.question)
        person = decision.evidence.person_id if decision.evidence is not None else None
        return Verdict(decision, ground.names.get(person) if person is not None else None)

    def no_picture(self) -> None:
        """The camera, the gallery or the networks have failed: nobody can be judged."""
        self.look_at_door()
        self._current = None
        self._screens.out_of_order(self._now_ns())

    def look_at_door(self) -> None:
        """See what became of the last grant."""
        opened = self._door.last
        if opened is None or opened is self.told or opened.grant is not self._pending:
            return
        self.told, self._pending = opened, None
        self._told_of = tuple(
            dataclasses.replace(told, outcome=opened.outcome) if told.decision is opened.grant else told
            for told in self._told_of
        )
        if opened.outcome == "opened":
            self._open_until_ns = self._frame_ns + round(self._pulse * 1e9)
            until = self._now_ns() + round(max(self._pulse, WELCOME_S) * 1e9)
            name = "" if self._ground is None else self._ground.names.get(opened.grant.person_id, "")
            self._screens.opened(name, until, self._now_ns())
        else:
            self.judge.not_opened()
            self._screens.not_opened(self._now_ns(), ours=opened.outcome not in ("withdrawn", "expired"))

    @property
    def opening(self) -> bool:
        """True while what becomes of a grant isn't known."""
        return self._pending is not None

    def log(self, kind: str, fields: Mapping[str, Scalar]) -> None:
        """Have something written to the audit log."""
        self._door.note(kind, fields)

    def _status(self, fault: bool, now_ns: int) -> DoorStatus:
        status: DoorStatus = "out_of_order" if fault else self._door.status()
        return "busy" if status == "ready" and now_ns < self._open_until_ns else status

    def _grant(self, grant: Grant, result: FrameResult, taken: datetime) -> Decision:
        if self._door.submit(grant, self._fields(grant, result, taken)):
            return grant
        # It broke between the look at it and now. Whoever stands there has not been let in.
        self.judge.not_opened()
        reason = Reason.DOOR_BUSY if self._door.status() == "busy" else Reason.OUT_OF_ORDER
        return Hold(reason, grant.evidence)

    def _fields(self, decision: Grant | Deny, result: FrameResult, taken: datetime) -> dict[str, Scalar]:
        settings, runner_up = self.judge.settings, decision.evidence.runner_up_id
        force = self._in_force
        return {
            **fields_of(
                decision,
                frame_time=taken.isoformat(timespec="milliseconds"),
                model=code(settings.space),
                settings=settings.version,
            ),
            "runner_up_person": runner_up or UNKNOWN,
            "frame": result.frame_id,
            "door": code(self._door_name),
            "provider": code(self.provider),
            "liveness_mode": None if force is None else force.mode,
            "liveness_why": None if force is None else force.why,
        }

    # For the administrator

    def decisions(self, names: Mapping[str, str]) -> tuple[Explained, ...]:
        """The last grants and refusals, newest first, with the names people have now, by id. From any thread."""
        return tuple(explained(told, names, self.judge.settings, self.provider) for told in self._told_of)

    def current(self, names: Mapping[str, str]) -> Explained | None:
        """About the newest frame, holds included; None where no single face is looked at. From any thread."""
        told = self._current
        return None if told is None else explained(told, names, self.judge.settings, self.provider)

    def _keep(self, decision: Decision, local: datetime) -> None:
        if decision.evidence is None:
            self._current = None
            return
        counts = isinstance(decision, Grant) or (isinstance(decision, Deny) and decision.counted)
        self._numbers += counts
        at = local.replace(tzinfo=None).isoformat(timespec="seconds")
        self._current = told = Told(self._numbers, at, decision, decision.evidence)
        if counts:
            self._told_of = (told, *self._told_of[: KEPT - 1])
