"""`kiosk --headless`: a door watched from a source's first frame to its last, as events."""

from __future__ import annotations

import dataclasses
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from faceapp.access.decisions import Deny, Grant, Reason
from faceapp.access.opening import Opened
from faceapp.app.audit import existing_log, verify
from faceapp.app.audit_pictures import PicturedLog
from faceapp.app.following import Following
from faceapp.app.gallery_thread import LOOK_EVERY
from faceapp.app.guest import guest_table, with_guest
from faceapp.app.headless import Interruption, frame_event
from faceapp.app.kiosk.gatekeeper import Gatekeeper, Ground, Verdict
from faceapp.app.kiosk.judge import Judge
from faceapp.app.kiosk.life import Examined
from faceapp.app.kiosk.searching import Searching
from faceapp.app.kiosk.site import (
    FILM_PATIENCE,
    LOG_ALTERED,
    NO_MODEL,
    KioskOptions,
    StillAllowed,
    door_log,
    door_recogniser,
    ground,
    guest_may_enter,
    only_kiosk,
    open_door_thread,
    open_examiner,
    policy_settings,
    start_notes,
)
from faceapp.app.kiosk.types import Question
from faceapp.app.parts import Parts
from faceapp.app.spaces import require_person
from faceapp.app.upkeep import Upkeep
from faceapp.camera.choose import is_demo, is_live, parse_source, source_maker
from faceapp.errors import KnownError, UsageError
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.headless import HeadlessRun
from faceapp.types import FrameResult, JsonObject

READY_WITHIN = 6.0
"""Seconds a door has at the start to say that it is shut, before frames are looked at all the same."""
_log = logging.getLogger(__name__)
SETTLE = 5.0
"""Seconds for which a film that is played as fast as it goes waits for the door's answer."""


@dataclass(slots=True)
class KioskSummary:
    """What was done, at the end."""

    run: HeadlessRun
    grants: Counter[str] = field(default_factory=Counter)
    """How often somebody was let in, by name."""
    refusals: Counter[str] = field(default_factory=Counter)
    """How often somebody was refused, by reason."""
    out_of_order: int = 0
    """In how many frames nobody could be let in."""
    openings: Counter[str] = field(default_factory=Counter)
    """What became of the grants: `opened`, `failed` ..."""

    def as_json(self) -> JsonObject:
        """The event that closes the list."""
        return {
            **self.run.as_json(),
            "grants": dict(self.grants),
            "refusals": dict(self.refusals),
            "openings": dict(self.openings),
            "frames_out_of_order": self.out_of_order,
        }


def run(
    parts: Parts,
    options: KioskOptions,
    drop: bool,
    frames: int | None,
    event: Callable[[JsonObject], None],
    note: Callable[[str], None],
    interruption: Interruption | None = None,
) -> KioskSummary:
    """Watch the door until the source ends, `frames` frames were processed, or `interruption` asks for the end.

    `event` gets a JSON object for every processed frame, for every grant and refusal, for every change of what the
    screen would show, and the summary last; `note` a line for people. Raises UsageError, InputError and
    UnavailableError in one line for what can't be: the door is then never touched."""
    if options.source is None:
        raise UsageError("a source is needed without a window")
    spec = options.source
    source = parse_source(spec, door=True)
    if not drop and source.live:
        raise UsageError("--no-drop needs a source that ends: a file, a folder or demo:")
    watch = _Watch(parts, options, is_demo(spec), film_time=not drop and not source.live, event=event, note=note)
    make = source_maker(spec, door=True) if source.live else None

    def changed(error: KnownError | None) -> None:
        note(f"{source.name} is back" if error is None else f"{error}; trying again")

    with only_kiosk(parts.data_dir), watch:
        going = HeadlessRun(source, watch.recogniser, drop, frames, changed, make=make, idle=lambda: watch.idle(going))
        if interruption is not None:
            interruption.stops(going.stop)
        for line in start_notes(parts, options):
            note(line)
        if not watch.has_model() and parts.has_passive_model():  # one that can't be used
            note(NO_MODEL)
        if verify(parts.data_dir, existing_log(parts.data_dir)).problems:
            note(LOG_ALTERED)
        if options.mode == "verify" and options.claim is None:
            note("nobody can show a badge without a window: nobody is let in, unless --claim names somebody")
        summary = KioskSummary(going)
        for result in going:
            watch.frame(result, going, summary)
        watch.ends(summary)
    event(summary.as_json())
    return summary


class _Watch:
    """One run's door. Used by the thread that recognises."""

    def __init__(
        self,
        parts: Parts,
        options: KioskOptions,
        demo: bool,
        film_time: bool,
        event: Callable[[JsonObject], None],
        note: Callable[[str], None],
    ) -> None:
        self._parts = parts
        self._mode, self._liveness, self._rules = options.mode, options.liveness, options.rules
        self._event = event
        self._note = note
        self._in_trouble = False
        self._film_time = film_time
        self._live = options.source is not None and is_live(options.source)
        self._settings = policy_settings(parts, options.mode)
        self._guest_enters = guest_may_enter(options, demo)
        person = None if options.claim is None else require_person(parts, options.claim).id
        kiosk = parts.settings.kiosk
        self._judge = judge = Judge(self._settings, kiosk.zone)
        self.recogniser = door_recogniser(parts, self._settings, judge)
        embedder = self.recogniser.embedder
        self._guest = guest_table(self.recogniser.detector, embedder) if demo else None
        self._searching = Searching(self._settings, person)
        still_allowed = StillAllowed(parts.data_dir, self._guest_enters)
        self._log = door_log(parts)
        self._upkeep = Upkeep(parts.data_dir, parts.settings)
        self._door, name = open_door_thread(parts, options, still_allowed, self._log, film_time)
        self._keeper = Gatekeeper(judge, self._door, name, parts.provider_text(), kiosk.pulse, say_why=kiosk.say_why)
        self._examiner, self.has_model = open_examiner(parts, options, self._settings)
        self._following, self._seen = Following(parts), 0
        self._gallery_fault = False
        self._had_model = self.has_model()
        self._ground = Ground(embedder.space, embedder.space, {}, {})
        self._looked = -math.inf
        self._first_ns: int | None = None
        self._screen = "starting"
        self._told: Opened | None = None
        self._asked: Question | None = None

    def __enter__(self) -> _Watch:
        self._look(force=True)
        self._searching.follow(self.recogniser, self._keeper.judge, time.monotonic_ns())
        self._door.start()
        self._door.note("kiosk_started", {"mode": self._mode, "liveness": self._liveness})
        self._door.wait(READY_WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._door.note("kiosk_stopped", {})
        self._door.stop(2.0)
        self._examiner.close()
        self._following.stop()
        if self._upkeep.seen.waiting:
            self._upkeep.seen.write(self._parts.gallery())

    def frame(self, result: FrameResult, going: HeadlessRun, summary: KioskSummary) -> None:
        """One processed frame."""
        self._first_ns = result.captured_ns if self._first_ns is None else self._first_ns
        now_ns = result.captured_ns if self._film_time else time.monotonic_ns()
        fault = self._gallery_fault or going.fault() is not None
        if isinstance(self._log, PicturedLog) and going.frame is not None:
            self._log.see(going.frame, result)
        if self._film_time:  # a slow disk or door holds the film up, and takes none of its frames
            self._door.wait(FILM_PATIENCE)
        claim, ground = self._searching.claim, self._ground
        force = self._rules.in_force(claim, ground.spared, datetime.now().astimezone())
        meant = self._judge.meant(result)
        examined = self._examiner.look(going.frame, result, meant, self.recogniser.seen, force.mode)
        examined = dataclasses.replace(examined, in_force=force)
        verdict = self._keeper.decide(result, ground, claim, now_ns, fault, examined)
        self._examiner.decided(verdict.decision)
        self._event(frame_event(result, self._first_ns))
        self._tell_question(examined, result.frame_id)
        self._searching.decided(verdict.decision)
        self._tell(verdict, result, summary)
        if isinstance(verdict.decision, Grant) and self._live:  # in a film nobody is here today
            self._upkeep.seen.note(verdict.decision.person_id)
        if isinstance(verdict.decision, Grant) and self._film_time:
            self._door.wait(SETTLE)
        self._tell_outcome(summary, result.frame_id)
        self._tell_screen(result.frame_id)
        self._searching.follow(self.recogniser, self._keeper.judge, now_ns)
        self._look()  # last, so that a frame is judged by the gallery it was searched in

    def idle(self, going: HeadlessRun) -> None:
        """No frame for a moment."""
        self._look()
        if going.fault() is not None:
            self._keeper.no_picture()
        self._tell_screen(None)

    def ends(self, summary: KioskSummary) -> None:
        """The source has ended: what became of the last grant?"""
        if self._keeper.opening:
            self._door.wait(SETTLE)
            self._tell_outcome(summary, None)

    def _look(self, force: bool = False) -> None:
        """Twice a second: has another process changed anything?"""
        if not force and time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        if self._had_model and not self.has_model():
            self._had_model = False
            self._note(NO_MODEL)
        try:
            store = self._parts.existing_gallery()
            if store is not None:
                self._upkeep.when_due(store)
            known = self._following.now()
            if self._following.changes != self._seen:  # also where only a right is another one
                index = self._searched(known)
                store = self._parts.existing_gallery()  # another one by now where the file was replaced
                rights, people = ({}, ()) if store is None else (store.rights(), store.people())
                space, spared = self.recogniser.embedder.space, self._parts.settings.kiosk.spared_group
                self._ground = ground(space, index, rights, people, self._guest_enters, spared)
                self._searching.use(self.recogniser, index)
                self._seen = self._following.changes
        except KnownError as e:
            if force:
                raise
            if not self._gallery_fault:
                _log.warning("gallery: %s", e)
            self._gallery_fault = True
        else:
            self._gallery_fault = False

    def _searched(self, known: GalleryIndex) -> GalleryIndex:
        if self._guest is None:
            return known
        return with_guest(known, self._guest, self._settings.threshold)

    def _tell(self, verdict: Verdict, result: FrameResult, summary: KioskSummary) -> None:
        decision = verdict.decision
        if isinstance(decision, Grant):
            summary.grants[verdict.name or ""] += 1
            self._event(_door_event("grant", verdict.name, "granted", result.frame_id))
        elif decision.reason is Reason.OUT_OF_ORDER:
            summary.out_of_order += 1
        elif isinstance(decision, Deny) and decision.counted:
            summary.refusals[decision.reason.code] += 1
            self._event(_door_event("deny", verdict.name, decision.reason.code, result.frame_id))

    def _tell_question(self, examined: Examined, frame: int) -> None:
        """Each question once, when it is asked."""
        if examined.question != self._asked:
            self._asked = asked = examined.question
            if asked is not None:
                told = {name: value for name, value in dataclasses.asdict(asked).items() if name != "reached"}
                self._event({"type": "question", **told, "frame": frame})

    def _tell_outcome(self, summary: KioskSummary, frame: int | None) -> None:
        self._keeper.look_at_door()
        told = self._keeper.told
        if told is not None and told is not self._told:
            self._told = told
            summary.openings[told.outcome] += 1
            self._event({"type": "opening", "outcome": told.outcome, "detail": told.detail, "frame": frame})
            if told.outcome == "withdrawn":
                self._looked = -math.inf  # the gallery has changed: don't grant by the old one until the next look

    def _tell_screen(self, frame: int | None) -> None:
        trouble = self._door.trouble()
        if (trouble is not None) != self._in_trouble:  # once, not for each way of saying it
            self._in_trouble = trouble is not None
            self._note(trouble or "the door works again")
        screen = self._keeper.view.screen
        if screen != self._screen:
            self._screen = screen
            self._event({"type": "screen", "screen": screen, "frame": frame})


def _door_event(decision: str, name: str | None, reason: str, frame: int) -> JsonObject:
    return {"type": "door", "decision": decision, "name": name, "reason": reason, "frame": frame}
