"""The kiosk behind its window: one camera, one door. It owns the threads.

The GUI's thread calls the methods; all return at once. Threads talk through slots, futures and values replaced whole,
as in `app/live.py`; besides those there, the door has a thread of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime

from faceapp import settings as settings_file
from faceapp.access.decisions import Grant
from faceapp.access.observations import Claim, Mode
from faceapp.app.administration import GalleryRights, PinService
from faceapp.app.audit import ACTION, ADMINISTRATOR, existing_log, log_action, verify
from faceapp.app.audit_pictures import PicturedLog
from faceapp.app.duplicates import NightlyLook
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.guest import guest_table, with_guest
from faceapp.app.kiosk.faults import Faults
from faceapp.app.kiosk.gatekeeper import Gatekeeper, Ground
from faceapp.app.kiosk.judge import Judge, within
from faceapp.app.kiosk.life import Examiner
from faceapp.app.kiosk.life_rules import Why
from faceapp.app.kiosk.searching import Searching
from faceapp.app.kiosk.site import (
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
from faceapp.app.kiosk.types import Explained, KioskView, PinCheck, RightsControl
from faceapp.app.parts import Parts
from faceapp.app.people import summaries
from faceapp.app.pictures import thumbnail
from faceapp.app.site_keys import pin_store, site_keys
from faceapp.app.spaces import require_person
from faceapp.app.upkeep import Upkeep
from faceapp.camera.choose import is_demo, is_live, parse_source, source_maker
from faceapp.camera.device import list_cameras
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.threads import share_the_interpreter, stop_all
from faceapp.pipeline.watched import WatchedCapture
from faceapp.security.keys import badge_mac
from faceapp.settings import LivenessMode, Settings, Zone
from faceapp.types import Frame, FrameResult, LiveStats
from faceapp.vision.codes import CodeReader

FIRST_CAMERA = "0"
STOP_WITHIN = 1.0
"""Seconds `stop` waits for the threads in all."""
CODE_STANDS_NS = 1_500_000_000
"""How long a code's claim is looked at before another code may take its place."""
READ_CODES_NS = 200_000_000
"""How often the picture is searched for a QR code in verify mode."""

_log = logging.getLogger(__name__)


class KioskSession:
    """Watches one door. `open` makes it, `start` begins."""

    def __init__(self, parts: Parts, options: KioskOptions, source: str, person: str | None) -> None:
        """Starts nothing. `person`: the id of whoever is claimed all the time."""
        self._parts = parts
        self._options = options
        self._spec = source
        self.demo = is_demo(source)
        self._guest_enters = guest_may_enter(options, self.demo)
        self._settings = policy_settings(parts, options.mode)
        self._rules, self._spared_group = options.rules, parts.settings.kiosk.spared_group
        self._in_force = self._rules.in_force(None, (), datetime.now().astimezone())
        self._keys = site_keys(parts.data_dir)
        self._judge = Judge(self._settings, parts.settings.kiosk.zone)
        self._searching = Searching(self._settings, person)
        still_allowed = StillAllowed(parts.data_dir, self._guest_enters)
        self._log = door_log(parts)
        self._door, self._door_name = open_door_thread(parts, options, still_allowed, self._log)
        self._keeper = Gatekeeper(
            self._judge,
            self._door,
            self._door_name,
            "starting",
            parts.settings.kiosk.pulse,
            say_why=parts.settings.kiosk.say_why,
        )
        self._preview: LatestSlot[Frame] = LatestSlot()
        self._work: LatestSlot[Frame] = LatestSlot()
        self._results: LatestSlot[FrameResult] = LatestSlot()
        self._examiner: Examiner | None = None
        self._has_model: Callable[[], bool] = lambda: True
        self._guest: TemplateTable | None = None
        self._ground: Ground | None = None
        self._indexed: GalleryIndex | None = None
        """The gallery's index that is searched."""
        self._codes = CodeReader()
        self._codes_read_ns = 0
        self._code: str | None = None
        self._claim_of_code: Claim | None = None
        self._stopped = False
        self._log_altered = False
        self._alone = contextlib.ExitStack()
        self._look = NightlyLook(parts)
        upkeep = Upkeep(parts.data_dir, parts.settings, self._look)
        self._seen = upkeep.seen
        self._gallery = GalleryThread(
            parts.open_gallery, parts.space(), self._gallery_changed, summaries, thumbnail, upkeep=upkeep.when_due
        )
        self._capture = WatchedCapture(
            source_maker(source, loop_demo=True, door=True), [self._preview, self._work], retry_opening=True
        )
        self._recognition = RecognitionThread(self._build, self._results, self._watch)
        self._rights = GalleryRights(self._gallery, self._write_action, lambda text: badge_mac(self._keys.badges, text))
        self._pin = PinService(lambda: pin_store(parts.data_dir), self._write_action)
        self._faults = Faults(self._capture, self._recognition, self._gallery, self._door)

    @classmethod
    def open(cls, parts: Parts, options: KioskOptions) -> KioskSession:
        """A session on `options.source`, or on the first camera. Starts nothing. Raises UsageError, InputError or
        UnavailableError, in one line, for what can't be."""
        source = options.source
        if source is None:
            found = list_cameras()
            source = found[0].spec if found else FIRST_CAMERA  # which is waited for
        parse_source(source, door=True)
        person = None if options.claim is None else require_person(parts, options.claim).id
        return cls(parts, options, source, person)

    # Life

    def start(self) -> None:
        """Open camera, networks, gallery and door in the background."""
        self._alone.enter_context(only_kiosk(self._parts.data_dir))
        share_the_interpreter()
        for line in start_notes(self._parts, self._options):
            _log.info("%s", line)
        self._pin.run(self._look_at_log)
        self._door.start()
        self._door.note("kiosk_started", {"mode": self._options.mode, "liveness": self.liveness})
        self._gallery.start()
        self._recognition.start()
        self._recognition.attach(self._work)
        self._capture.start()

    def stop(self) -> None:
        """End all threads and shut the door, within about a second even where a read is stuck."""
        if self._stopped:
            return
        self._stopped = True
        self._door.note("kiosk_stopped", {})
        if self._seen.waiting:
            self._gallery.submit(self._seen.write)
        self._pin.stop()
        threads = (self._capture, self._recognition, self._gallery, self._door)
        end = time.monotonic() + STOP_WITHIN
        self._door.stop(0.2)  # first of all
        for thread in stop_all(threads, max(0.0, end - time.monotonic())):
            _log.warning("%s goes on alone", type(thread).__name__)
        if self._examiner is not None:
            self._examiner.close()
        self._alone.close()

    # What there is to see

    @property
    def rights(self) -> RightsControl:
        """Who may open the door."""
        return self._rights

    @property
    def mode(self) -> Mode:
        """As chosen at the start."""
        return self._options.mode

    @property
    def liveness(self) -> LivenessMode:
        """In force when the newest frame was judged."""
        return self._in_force.mode

    @property
    def liveness_why(self) -> Why:
        """Whose choice that is."""
        return self._in_force.why

    @property
    def door_name(self) -> str:
        """Without credentials."""
        return self._door_name

    def view(self) -> KioskView:
        """What the screen shows now. Also notes in the log when something has failed or is well again."""
        now_ns = time.monotonic_ns()
        since = self._faults.look(now_ns, self._keeper.log)
        if since is not None:
            return KioskView("out_of_order", since)
        if self._ground is None or self._recognition.phase == "building" or self._results.peek() is None:
            return KioskView("starting", 0)
        return self._keeper.view

    def latest_frame(self) -> Frame | None:
        """The newest captured frame."""
        return self._preview.peek()

    def latest_result(self) -> FrameResult | None:
        """The newest result."""
        return self._results.peek()

    def stats(self) -> LiveStats:
        """The counters so far."""
        now = time.monotonic_ns()
        p50, p95 = self._recognition.latencies.percentiles()
        return LiveStats(
            frames_read=self._capture.read.count,
            frames_processed=self._recognition.processed.count,
            frames_dropped=self._work.dropped + self._recognition.failed,
            fps=self._recognition.processed.per_second(now),
            preview_fps=self._capture.read.per_second(now),
            latency_p50_ms=p50,
            latency_p95_ms=p95,
            provider=self._keeper.provider,
        )

    def decisions(self) -> Sequence[Explained]:
        """The last grants and refusals, newest first."""
        return self._keeper.decisions(self._names())

    def current(self) -> Explained | None:
        """About the newest frame."""
        return self._keeper.current(self._names())

    def _names(self) -> Mapping[str, str]:
        return {} if self._ground is None else self._ground.names

    def troubles(self) -> Sequence[str]:
        """What is wrong, a line each."""
        lines = self._faults.lines(time.monotonic_ns())
        if self._log_altered:
            lines.append(LOG_ALTERED)
        ground = self._ground
        if ground is not None and not any(p.allowed and p.active for p in ground.permissions.values()):
            lines.append("nobody may open this door yet: allow somebody")
        if not self._has_model():
            lines.append(NO_MODEL)
        if self._settings.require_live and self.liveness == "off":
            lines.append("this site requires a living person, and liveness is off: nobody is let in")
        return lines if self._look.notice is None else [*lines, self._look.notice]

    # What the administrator and the visitors do

    def zone(self) -> Zone:
        """Where people are looked at."""
        return self._judge.zone

    def set_zone(self, zone: Zone) -> Future[None]:
        """Look at people there, once it is in the audit log and kept. An UnavailableError where either can't be."""

        def moved(stored: Settings) -> Settings:
            self._write_action("zone_changed", None)
            return dataclasses.replace(stored, kiosk=dataclasses.replace(stored.kiosk, zone=zone))

        def change() -> None:
            settings_file.change(self._parts.data_dir, moved)
            self._judge.zone = zone

        return self._pin.run(change)

    def typed(self, text: str) -> None:
        """A claim. A badge that nobody has is looked at like any other, so that nobody learns whose are known."""
        if self._options.mode != "verify" or not text.strip():
            return
        self._claim(text, of_code=False)

    def has_pin(self) -> bool:
        """Whether an administrator has set one."""
        return self._pin.has_pin()

    def check_pin(self, pin: str) -> Future[PinCheck]:
        """Whether it is the right one."""
        return self._pin.check_pin(pin)

    def set_pin(self, new: str, old: str | None) -> Future[PinCheck]:
        """Another PIN."""
        return self._pin.set_pin(new, old)

    def log_action(self, action: str) -> None:
        """Have an administrator's action written to the audit log."""
        self._door.note(ACTION, {"action": action, "actor": ADMINISTRATOR})

    # On the recognition thread

    def _build(self) -> Recogniser:
        parts = self._parts.fork()
        recogniser = door_recogniser(parts, self._settings, self._judge)
        guest = guest_table(recogniser.detector, recogniser.embedder)  # which also warms the networks
        self._guest = guest if self.demo else None
        self._keeper.provider = parts.provider_text()
        self._indexed = None
        self._examiner, self._has_model = open_examiner(parts, self._options, self._settings)
        self._use_gallery(recogniser)
        return recogniser

    def _watch(self, recogniser: Recogniser, frame: Frame, result: FrameResult) -> None:
        ground, examiner = self._ground, self._examiner
        if ground is None or examiner is None:
            return
        now_ns = time.monotonic_ns()
        if isinstance(self._log, PicturedLog):
            self._log.see(frame, result)
        self._searching.follow(recogniser, self._judge, now_ns)
        claim, fault = self._searching.claim, self._faults.shut(now_ns)
        force = self._in_force = self._rules.in_force(claim, ground.spared, datetime.now().astimezone())
        examined = examiner.look(frame, result, self._judge.meant(result), recogniser.seen, force.mode)
        examined = dataclasses.replace(examined, in_force=force)
        verdict = self._keeper.decide(result, ground, claim, now_ns, fault, examined)
        examiner.decided(verdict.decision)
        self._searching.decided(verdict.decision)
        if isinstance(verdict.decision, Grant) and is_live(self._spec):  # in a film nobody is here today
            self._seen.note(verdict.decision.person_id)
        if self._options.mode == "verify":
            self._look_for_code(frame, now_ns)

    def _claim(self, text: str, of_code: bool) -> None:
        """From any thread: whose badge is `text`? Then that person is claimed."""
        claimed_ns = time.monotonic_ns()
        mac = badge_mac(self._keys.badges, text)

        def claim(recogniser: Recogniser, person_id: str) -> None:
            made = Claim(person_id, claimed_ns)
            self._claim_of_code = made if of_code else None
            self._searching.claimed(recogniser, made)

        def found(done: Future[str | None]) -> None:
            if not done.cancelled() and done.exception() is None:
                self._recognition.call(lambda r: claim(r, done.result() or mac))

        self._gallery.submit(lambda store: store.person_of_badge(mac)).add_done_callback(found)

    def _look_for_code(self, frame: Frame, now_ns: int) -> None:
        """A code held into the zone is a claim: where there is none, or in place of another code's that has had its
        time. What came from the reader or the keys is never overruled by something in the picture."""
        claim = self._searching.claim
        if now_ns - self._codes_read_ns < READ_CODES_NS or (claim is not None and claim != self._claim_of_code):
            return
        self._codes_read_ns = now_ns
        if claim is not None and now_ns - claim.claimed_ns < CODE_STANDS_NS:
            return
        text = self._codes.read(within(frame.image, self._judge.zone))
        if text is not None and (claim is None or text != self._code):
            self._code = text
            self._claim(text, of_code=True)

    def _use_gallery(self, recogniser: Recogniser) -> None:
        """Search the gallery as it is now, and know who may enter."""
        view = self._gallery.view
        if view is None:
            return
        found = ground(
            recogniser.embedder.space, view.index, view.rights, view.people, self._guest_enters, self._spared_group
        )
        if view.index is self._indexed and found == self._ground:
            return  # a day was noted, say: nothing that a vote rests on
        index = self._indexed = view.index
        if self._guest is not None:
            index = with_guest(index, self._guest, self._settings.threshold)
        self._searching.use(recogniser, index)
        self._ground = found

    # On others

    def _gallery_changed(self) -> None:
        self._recognition.call(self._use_gallery)

    def _look_at_log(self) -> None:
        """Once, at the start: an altered log keeps no door shut, and is told."""
        data_dir = self._parts.data_dir
        self._log_altered = bool(verify(data_dir, existing_log(data_dir)).problems)

    def _write_action(self, action: str, person_id: str | None) -> None:
        log_action(self._parts.data_dir, action, person_id)
