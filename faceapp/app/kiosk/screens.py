"""What a passer-by reads: one screen for each decision, and the time a welcome stays."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from faceapp.access.decisions import Decision, Deny, Grant, Hold, Reason
from faceapp.app.kiosk.types import KioskView, Question, Screen

_SCREENS: Mapping[Reason, Screen] = MappingProxyType({
    Reason.NOBODY: "idle",
    Reason.NO_CLAIM: "badge",
    Reason.CLAIM_EXPIRED: "badge",
    Reason.COME_CLOSER: "come_closer",
    Reason.LOOK_HERE: "look_here",
    Reason.CHECKING: "checking",
    Reason.TWO_PEOPLE: "one_at_a_time",
    Reason.LIVENESS: "checking",
    Reason.COOLDOWN: "go_through",
    Reason.DOOR_BUSY: "checking",
    Reason.OUT_OF_ORDER: "out_of_order",
    Reason.STALE_FRAME: "out_of_order",
    Reason.OTHER_EMBEDDER: "out_of_order",
    Reason.OTHER_SEARCH: "out_of_order",
    Reason.TIE: "not_recognised",
    Reason.NOT_RECOGNISED: "not_recognised",
    Reason.NOT_ALLOWED: "not_recognised",
    Reason.DEACTIVATED: "not_recognised",
    Reason.OUTSIDE_HOURS: "not_recognised",
    Reason.NEEDS_BADGE: "not_recognised",
    Reason.ATTACK: "show_face",
    Reason.NOT_LIVE: "not_recognised",
    Reason.LOCKED_OUT: "wait",
})  # fmt: skip

_SAY_WHY: Mapping[Reason, Screen] = MappingProxyType({
    Reason.NOT_ALLOWED: "not_allowed",
    Reason.DEACTIVATED: "not_allowed",
    Reason.OUTSIDE_HOURS: "not_allowed",
    Reason.NEEDS_BADGE: "not_allowed",
})  # fmt: skip
"""Kinder to colleagues, and it tells whoever holds up a photograph that this person is enrolled: a site's choice."""
QUESTIONED = frozenset({
    "asking", "not_answered", "not_frontal", "wrong_way", "too_soon", "flat", "jumped", "other_face", "lost",
    "questions_abandoned",
})  # fmt: skip
"""What the questions found out (`vision.liveness.evidence.Reason`), unlike what a model says of a picture."""
_UNANSWERED: Mapping[Reason, Screen] = MappingProxyType({
    Reason.NOT_LIVE: "try_again",
    Reason.ATTACK: "start_again",
})  # fmt: skip
_ASKING = frozenset({Reason.LIVENESS, Reason.CHECKING, Reason.LOOK_HERE, Reason.TIE})
"""Who is asked something reads that: after the last answer, to look back at the camera."""
_LEAVING = frozenset({Reason.DOOR_BUSY, Reason.COOLDOWN, Reason.NOBODY, Reason.NO_CLAIM, Reason.COME_CLOSER})
ANSWER_NS = 5_000_000_000
"""A door answers sooner than this, or is out of order."""
BEHIND_NS = 2_000_000_000
"""A camera whose frames come too late for so long is out of order."""


class Screens:
    """Follows the decisions and says what is shown. Pure but for its memory; one thread owns it."""

    def __init__(self, say_why: bool = False) -> None:
        """`say_why`: tell somebody who is recognised and may not enter that this is why."""
        self._screens = {**_SCREENS, **_SAY_WHY} if say_why else dict(_SCREENS)
        self.view = KioskView("starting", 0)
        self._welcome: tuple[str, int] | None = None
        self._opening = False
        self._stale_since_ns: int | None = None

    def decided(
        self, decision: Decision, now_ns: int, remaining_s: float | None = None, question: Question | None = None
    ) -> None:
        """The newest frame's decision. `remaining_s`: of a lockout; `question`: what is asked at the moment."""
        if isinstance(decision, Grant):
            self._stale_since_ns = None
            self._opening = True
            self._show("opening", now_ns, track=decision.track)
            return
        reason = decision.reason
        self._follow_staleness(reason, now_ns)
        if self._stale_since_ns is not None and now_ns - self._stale_since_ns < BEHIND_NS:
            return  # a hiccup changes nothing
        if self._opening and now_ns - self.view.since_ns < ANSWER_NS:
            return  # the answer comes with `opened` or `not_opened`
        if self._welcoming(now_ns) and reason in _LEAVING:
            return  # whoever was let in has turned to the door: the screen still says so
        self._opening = False
        self._welcome = None
        screen = self._screens[reason]
        if reason is Reason.TIE and isinstance(decision, Hold):
            screen = "checking"
        evidence = decision.evidence
        if reason in _ASKING and isinstance(decision, Hold) and question is not None:
            screen = "question"
        elif evidence is not None and evidence.liveness_reason in QUESTIONED:
            screen = _UNANSWERED.get(reason, screen)
        elif isinstance(decision, Deny) and not decision.counted and self.view.screen == _UNANSWERED.get(reason):
            screen = self.view.screen  # the refusal stands
        # Of looking, not of recognising: a stranger's ring fills as anybody's does.
        progress = 0.0 if evidence is None else min(1.0, evidence.usable / max(1, evidence.votes_needed))
        self._show(
            screen,
            now_ns,
            progress=progress if screen == "checking" else 0.0,
            remaining_s=remaining_s if screen == "wait" else None,
            track=None if evidence is None else evidence.track,
            question=question if screen == "question" else None,
        )

    def opened(self, name: str, until_ns: int, now_ns: int) -> None:
        """The door has opened for `name`, and stays so until `until_ns`."""
        self._opening = False
        self._welcome = name, until_ns
        self._show("welcome", now_ns, name=name)

    def not_opened(self, now_ns: int, ours: bool = True) -> None:
        """It has not, after all. `ours`: because something of ours failed; else it came too late or the right was
        taken meanwhile, and the visitor is asked to try again."""
        self._opening = False
        self._show("out_of_order" if ours else "not_recognised", now_ns)

    def out_of_order(self, now_ns: int) -> None:
        """No frame, no gallery, no log or no door."""
        self._opening = False
        self._welcome = None
        self._show("out_of_order", now_ns)

    def waiting(self, screen: Screen, now_ns: int) -> None:
        """Nothing is decided: still starting, say."""
        self._show(screen, now_ns)

    def _welcoming(self, now_ns: int) -> bool:
        return self._welcome is not None and now_ns < self._welcome[1]

    def _follow_staleness(self, reason: Reason, now_ns: int) -> None:
        if reason is not Reason.STALE_FRAME:
            self._stale_since_ns = None
        elif self._stale_since_ns is None:
            self._stale_since_ns = now_ns

    def _show(
        self,
        screen: Screen,
        now_ns: int,
        *,
        name: str | None = None,
        progress: float = 0.0,
        remaining_s: float | None = None,
        track: int | None = None,
        question: Question | None = None,
    ) -> None:
        since = self.view.since_ns if self.view.screen == screen else now_ns
        self.view = KioskView(screen, since, name, progress, remaining_s, track, question)
