"""From results to the door: judges every frame, asks the door's thread to open, has refusals logged, and says why.

The one place where a decision becomes an act. The recognition thread owns it; what other threads read (`view`,
`explained`, `current`) are values that are replaced whole.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from faceapp.access.chain import Scalar
from faceapp.access.decisions import Decision, Deny, Evidence, Grant, Hold, Reason
from faceapp.access.door_thread import DoorThread, Opened
from faceapp.access.observations import Claim, DoorStatus, Permission
from faceapp.access.records import UNKNOWN, code, fields_of
from faceapp.app.kiosk.judge import Judge, Surroundings
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
    ) -> None:
        """`now`: the local wall clock; `now_ns`: the door's and the screen's clock."""
        self.judge = judge
        self._door = door
        self._door_name = door_name
        self.provider = provider
        """What the networks run on, for the log and the administrator; known once they are loaded."""
        self._pulse = pulse
        self._now = now
        self._now_ns = now_ns
        self._screens = Screens()
        self._pending: tuple[Grant, Explained] | None = None
        self.told: Opened | None = None
        """What became of the last grant, once it is known."""
        self._decisions: deque[Explained] = deque(maxlen=KEPT)
        self._numbers = 0
        self._frame_ns = self._open_until_ns = 0  # on the frames' clock: a film's own
        self.explained: tuple[Explained, ...] = ()
        """The last grants and refusals, newest first."""
        self.current: Explained | None = None
        """About the newest frame, holds included; None where no single face is looked at."""

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
    ) -> Verdict:
        """Judge one frame and act. `now_ns`: the clock of the frame's time, which is a film's own where one is played
        as fast as it goes. `fault`: something else than the door makes this a door that must stay shut."""
        self.look_at_door()
        self._frame_ns = now_ns
        local = self._now()
        around = Surroundings(
            ground.space,
            ground.gallery_space,
            ground.permissions,
            local.replace(tzinfo=None),
            claim,
            self._status(fault, now_ns),
        )
        decision = self.judge.decide(result, around, now_ns)
        taken = (local - timedelta(microseconds=(now_ns - result.captured_ns) / 1000)).astimezone(UTC)
        if isinstance(decision, Grant):
            decision = self._grant(dataclasses.replace(decision, decided_ns=self._now_ns()), result, taken)
        elif isinstance(decision, Deny) and decision.counted:
            self._door.note("refusal", self._fields(decision, result, taken))
        self._explain(decision, local, ground)
        remaining = None
        if isinstance(decision, Deny):
            remaining = self.judge.locked_for_s(decision, claim, now_ns) or None
        self._screens.decided(decision, self._now_ns(), remaining)
        person = decision.evidence.person_id if decision.evidence is not None else None
        return Verdict(decision, ground.names.get(person) if person is not None else None)

    def no_picture(self) -> None:
        """The camera, the gallery or the networks have failed: nobody can be judged."""
        self.look_at_door()
        self.current = None
        self._screens.out_of_order(self._now_ns())

    def look_at_door(self) -> None:
        """See what became of the last grant."""
        opened = self._door.last
        if opened is None or opened is self.told or self._pending is None or opened.grant is not self._pending[0]:
            return
        self.told = opened
        _, explained = self._pending
        self._pending = None
        self._replace(dataclasses.replace(explained, outcome=opened.outcome))
        if opened.outcome == "opened":
            self._open_until_ns = self._frame_ns + round(self._pulse * 1e9)
            until = opened.at_ns + round(max(self._pulse, WELCOME_S) * 1e9)
            self._screens.opened(explained.name or "", until, self._now_ns())
        else:
            self.judge.not_opened()
            self._screens.not_opened(self._now_ns())

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
        }

    # For the administrator

    def _explain(self, decision: Decision, local: datetime, ground: Ground) -> None:
        if decision.evidence is None:
            self.current = None
            return
        told = isinstance(decision, Grant) or (isinstance(decision, Deny) and decision.counted)
        self._numbers += told
        explained = self._explained(decision, decision.evidence, local, ground)
        self.current = explained
        if told:
            self._decisions.appendleft(explained)
            self.explained = tuple(self._decisions)
            if isinstance(decision, Grant):
                self._pending = decision, explained

    def _explained(self, decision: Decision, e: Evidence, local: datetime, ground: Ground) -> Explained:
        kind: Literal["grant", "deny", "hold"]
        if isinstance(decision, Grant):
            kind, reason, sentence = "grant", "granted", "Welcome. The door is open."
        else:
            kind = "deny" if isinstance(decision, Deny) else "hold"
            reason, sentence = decision.reason.code, decision.reason.sentence
        return Explained(
            number=self._numbers,
            at=local.replace(tzinfo=None).isoformat(timespec="seconds"),
            decision=kind,
            reason=reason,
            sentence=sentence,
            name=None if e.person_id is None else ground.names.get(e.person_id),
            runner_up=None if e.runner_up_id is None else ground.names.get(e.runner_up_id),
            distance=e.nearest,
            threshold=e.threshold,
            runner_up_distance=e.runner_up,
            margin_needed=e.margin_needed,
            votes=e.votes,
            votes_needed=e.votes_needed,
            frames=e.frames,
            height=e.height,
            min_height=self.judge.settings.min_height,
            quality=e.quality,
            min_quality=self.judge.settings.min_quality,
            liveness=e.liveness,
            latency_ms=e.latency_ms,
            waited_ms=e.waited_ms,
            provider=self.provider,
        )

    def _replace(self, explained: Explained) -> None:
        for i, kept in enumerate(self._decisions):
            if kept.number == explained.number:
                self._decisions[i] = explained
        self.explained = tuple(self._decisions)
