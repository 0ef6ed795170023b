"""A live session: one camera, recognised. It owns the threads and is what a window drives.

One thread, the GUI's, calls the methods; all return at once, and the gallery's answers come as futures.
"""

from __future__ import annotations

import atexit
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from faceapp.app.administration import GalleryRights, PinService, administration
from faceapp.app.cameras import cameras_to_choose
from faceapp.app.choices import Choices
from faceapp.app.corrections import LiveCorrections
from faceapp.app.duplicates import NightlyLook, limits
from faceapp.app.evaluation_service import EvaluationService
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.guest import guest_summary, guest_table, with_guest
from faceapp.app.inbox_watch import LiveWatch
from faceapp.app.live_enrolment import LiveEnrolment
from faceapp.app.live_imports import LiveImports
from faceapp.app.live_inbox import InboxService
from faceapp.app.live_switch import LiveSwitch
from faceapp.app.live_types import CameraInfo, Notice, Phase
from faceapp.app.liveness_wizard import LivenessTrials
from faceapp.app.notices import other_notices, source_notices
from faceapp.app.parts import Parts
from faceapp.app.people import PeopleService, summaries
from faceapp.app.pictures import thumbnail
from faceapp.app.reembedding import Reembedding
from faceapp.app.snapshots import Snapshots
from faceapp.app.training.job import TrainingJobs
from faceapp.app.upkeep import Upkeep
from faceapp.camera.choose import DEMO, normal_source, source_maker
from faceapp.camera.device import list_cameras
from faceapp.errors import BugError, KnownError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.threads import share_the_interpreter, stop_all
from faceapp.pipeline.watched import WatchedCapture
from faceapp.types import Frame, FrameResult, LiveStats, PersonSummary

T = TypeVar("T")
STOP_WITHIN = 0.9
"""Seconds `stop` waits for the threads in all."""
FINISH_WITHIN = 10.0
"""Seconds the program waits, at its very end, for each that had more to do."""

_log = logging.getLogger(__name__)


class LiveSession:
    """Drives one source. The threads below talk to it through slots, futures and values they replace whole."""

    def __init__(self, parts: Parts, source: str, fell_back: bool = False) -> None:
        """Starts nothing. `fell_back`: the demonstration plays because there is no camera."""
        self._parts = parts
        self._spec, self._fell_back = normal_source(source), fell_back
        self._choices = Choices(parts.settings)
        self._source_error: KnownError | None = None
        self._source_kind = ""
        self._capture: WatchedCapture | None = None
        self._slots: tuple[LatestSlot[Frame], LatestSlot[Frame]] = (LatestSlot(), LatestSlot())
        self._read_before = self._dropped_before = 0
        self._recognitions: list[RecognitionThread] = []
        self._results: LatestSlot[FrameResult] = LatestSlot()
        self._snapshots = Snapshots(limits=lambda templates: limits(parts, templates))
        self._guest: TemplateTable | None = None
        self._guest_summary: PersonSummary | None = None
        self._with_guest: tuple[GalleryIndex, GalleryIndex] | None = None
        self._provider = "starting"
        self._templates_searched = self._attached_ns = 0
        self._stopped = False
        self._look = NightlyLook(parts)
        upkeep = Upkeep(parts.data_dir, parts.settings, self._look)
        self.switching = LiveSwitch(parts)
        due = self.switching.looking(upkeep.when_due)
        self._gallery = GalleryThread(
            parts.open_gallery, parts.space(), self._gallery_changed, summaries, thumbnail, upkeep=due
        )
        self._reembedding = Reembedding(self._gallery, self._ask, parts.space())
        self._inbox = InboxService(parts, self._gallery, self._ask)
        watched = self._snapshots, self._inbox.collecting, upkeep.seen
        self._watch = LiveWatch(parts, self._gallery, *watched, self.threshold, self.source)
        self._recognition = self._new_recognition()
        self._enrolment = LiveEnrolment(parts, self._gallery, self._snapshots)
        self._people = PeopleService(parts, self._gallery, self._guests)
        self._corrections = LiveCorrections(self._gallery, self._ask, parts.data_dir, parts.space())
        self._rights, self._pin = administration(self._gallery, parts.data_dir)
        self.imports = LiveImports(parts, self.detector)
        self.evaluation = EvaluationService(parts, self._gallery)
        self.training = TrainingJobs(parts.data_dir)
        self.trials = LivenessTrials(parts, self.latest_frame)

    @classmethod
    def open(cls, parts: Parts, source: str | None) -> LiveSession:
        """A session on `source`, or on the first camera, or without a camera on the demonstration. Starts nothing."""
        if source is not None:
            return cls(parts, source)
        found = list_cameras()
        return cls(parts, found[0].spec if found else DEMO, fell_back=not found)

    @classmethod
    def demonstration(cls, parts: Parts) -> LiveSession:
        """A session on the demonstration, asked for. Starts nothing."""
        return cls(parts, DEMO)

    # Life

    def start(self) -> None:
        """Open the source and the models in the background; after "ended" or "failed", once more from the beginning."""
        if self._stopped:
            raise BugError("a session that was stopped cannot be started: make another one")
        share_the_interpreter()
        self._pin.look()
        if not self._gallery.started:
            self._gallery.start()
        if self._recognition.phase == "failed":
            self._recognition = self._new_recognition()
        if not self._recognition.started:
            self._recognition.start()
        self._open_source()

    def stop(self) -> None:
        """End all threads, within about a second even where a read is stuck."""
        if self._stopped:
            return
        self._stopped = True
        self._watch.finish()
        self._pin.stop()
        self.trials.forget()
        running = (self._capture, self._recognition, self._gallery, self.imports, self.switching)
        for thread in stop_all([t for t in running if t is not None], STOP_WITHIN):
            _log.warning("%s goes on alone", type(thread).__name__)
            if thread is not self._capture:
                # It will end: the program waits for it, without a window. A thread that is loading a network when the
                # interpreter goes takes the whole process down with it, and a deletion is to be finished.
                atexit.register(thread.stop, FINISH_WITHIN)
        self._choices.keep(self._parts.data_dir)

    def phase(self) -> Phase:
        """Where the session is. A recognition that failed is a notice, not a phase: the picture goes on."""
        if self._stopped:
            return "stopped"
        if self._source_error is not None or self._capture is None:
            return "failed" if self._source_error else "starting"
        match self._capture.phase:
            case "failed" | "ended" | "stopped" as phase:
                return phase
            case _ if self._slots[0].peek() is None:
                return "starting"
        return "running"

    def notices(self) -> tuple[Notice, ...]:
        """The conditions that hold now, the worst first."""
        view = self._gallery.view
        return (
            *source_notices(self._source_error, self._capture, self._source_kind, time.monotonic_ns()),
            *other_notices(
                self._recognition.problem,
                self._gallery.problem,
                self._choices.problem,
                self._reembedding.left,
                [p.name for p in view.people if not p.usable] if view is not None else [],
                self._fell_back,
                self._choices.settings.identify_threshold is not None and self.threshold_is_automatic(),
                self._people.not_logged,
                self._look.notice,
            ),
            *(notice for beside in (self.imports, self.switching, self.evaluation) for notice in beside.notices()),
        )

    @property
    def window_file(self) -> Path:
        """Where the window keeps its place and theme."""
        return self._parts.data_dir / "window.ini"

    # Pictures and results

    def latest_frame(self) -> Frame | None:
        """The newest captured frame."""
        return self._slots[0].peek()

    def latest_result(self) -> FrameResult | None:
        """The newest result of this source."""
        result = self._results.peek()
        frame = self._slots[0].peek()
        if result is None or frame is None or result.captured_ns < self._attached_ns:
            return None
        return result

    def stats(self) -> LiveStats:
        """The counters so far."""
        now = time.monotonic_ns()
        read = self._capture.read if self._capture else None
        p50, p95 = self._recognition.latencies.percentiles()
        return LiveStats(
            frames_read=self._read_before + (read.count if read else 0),
            frames_processed=sum(r.processed.count for r in self._recognitions),
            frames_dropped=self._dropped_before + self._slots[1].dropped + sum(r.failed for r in self._recognitions),
            fps=self._recognition.processed.per_second(now),
            preview_fps=read.per_second(now) if read else 0.0,
            latency_p50_ms=p50,
            latency_p95_ms=p95,
            provider=self._provider,
            slowed=self._recognition.slowed,
        )

    # Source

    def source(self) -> str:
        """The source in use, as `--source` takes it."""
        return self._spec

    def set_source(self, spec: str) -> None:
        """Use another source; the models stay loaded."""
        self._spec = normal_source(spec)
        self._fell_back = False
        self._open_source()

    def cameras(self) -> list[CameraInfo]:
        """What can be chosen: the cameras found, the source in use, the demonstration last."""
        return cameras_to_choose(self._spec)

    # Choices

    def detector(self) -> str:
        """Id of the detector in use."""
        return self._choices.settings.detector

    def detectors(self) -> list[tuple[str, str]]:
        """Id and title of every detector there is."""
        return [(d.id, d.title) for d in self._parts.manifest.detectors.values()]

    def set_detector(self, id: str) -> None:
        """Find faces with another detector, from the next frame on. One that can't be loaded is a notice, and the one
        before stays in use."""
        before = self.detector()
        self._choices.choose(detector=id)
        self._choices.problem = None

        def change(recogniser: Recogniser) -> None:
            recogniser.detector = self._thread_parts.detector(id)

        def look(done: Future[None]) -> None:
            error = None if done.cancelled() else done.exception()
            if error is not None:
                self._choices.problem = str(error) if isinstance(error, KnownError) else f"{id} cannot be used"
                if self.detector() == id:
                    self._choices.choose(detector=before)

        self._recognition.call(change).add_done_callback(look)

    def threshold(self) -> float:
        """The distance in force."""
        own = self._parts.own_threshold(self._choices.settings)
        return self._parts.automatic_threshold(self._templates_searched) if own is None else own

    def threshold_is_automatic(self) -> bool:
        """True where the manifest's threshold is in force, scaled by the size of the gallery."""
        return self._parts.own_threshold(self._choices.settings) is None

    def set_threshold(self, value: float | None) -> None:
        """Name faces up to this distance, from the next frame on; None: the automatic one."""
        space = None if value is None else self._parts.space()
        self._choices.choose(identify_threshold=value, identify_threshold_space=space)
        self._search_again()

    def threshold_range(self) -> tuple[float, float]:
        """What the slider covers: from half the door's distance to half as much again as verification's."""
        thresholds = self._parts.thresholds()
        return round(thresholds.door * 0.5, 2), round(min(1.99, thresholds.verify * 1.5), 2)

    # People

    @property
    def people(self) -> PeopleService:
        """The gallery's people."""
        return self._people

    @property
    def enrolment(self) -> LiveEnrolment:
        """Enrolment by snapshot."""
        return self._enrolment

    @property
    def inbox(self) -> InboxService:
        """Faces that nobody matched."""
        return self._inbox

    @property
    def rights(self) -> GalleryRights:
        """Who may open the door."""
        return self._rights

    @property
    def pin(self) -> PinService:
        """The administrator's PIN."""
        return self._pin

    def not_this_person(self, track: int, person_id: str | None = None) -> Future[str]:
        """Keep the face of `track` as one that is not `person_id`'s."""
        return self._corrections.not_this_person(track, person_id)

    # Below: not for windows

    def _new_recognition(self) -> RecognitionThread:
        self._reembedding.allow(False)
        self._thread_parts = self._parts.fork(detector=self._choices.settings.detector)
        self._recognitions.append(RecognitionThread(self._build, self._results, self._watch.watch))
        return self._recognitions[-1]

    def _open_source(self) -> None:
        self._close_source()
        self._watch.finish()
        self._source_error = None
        self._attached_ns = time.monotonic_ns()
        preview, work = self._slots = (LatestSlot(), LatestSlot())
        self._recognition.attach(work)
        self._search_again()
        # A camera that is not there fails at once here: somebody sits in front, sees why and can choose another one.
        capture = WatchedCapture(source_maker(self._spec, loop_demo=True), [preview, work])
        try:
            capture.start()
        except KnownError as e:
            self._source_error = e
            return
        self._source_kind = capture.kind
        self._capture = capture

    def _close_source(self) -> None:
        if self._capture is not None:
            self._capture.stop(0.3)
            work = self._slots[1]
            work.discard()
            self._read_before += self._capture.read.count
            self._dropped_before += work.dropped
            self._capture = None

    def _build(self) -> Recogniser:
        """On the recognition thread: load the networks, and warm them on the guest's photograph."""
        parts = self._thread_parts
        detector, embedder = parts.detector(), parts.embedder()
        self._guest = guest_table(detector, embedder)
        self._provider = parts.provider_text()
        recogniser = Recogniser(
            detector=detector,
            embedder=embedder,
            index=GalleryIndex.empty(embedder.space),
            threshold=self._parts.automatic_threshold(1),
            same_person=parts.thresholds().verify,
            min_face=parts.settings.min_face,
        )
        self._search(recogniser)
        self._reembedding.allow(True)
        self._reembedding.look()
        return recogniser

    def _ask(self, command: Callable[[Recogniser], T]) -> Future[T]:
        return self._recognition.call(command)

    def _gallery_changed(self) -> None:
        """On the gallery thread."""
        self._search_again()
        self._reembedding.look()

    def _search_again(self) -> None:
        """The gallery, the source or the threshold changed: search anew. From any thread."""
        self._recognition.call(self._search)

    def _search(self, recogniser: Recogniser) -> None:
        """On the recognition thread: put the newest index and threshold in force."""
        view = self._gallery.view
        if view is None:
            return
        index = view.index
        if self._spec == DEMO and self._guest is not None:
            if self._with_guest is None or self._with_guest[0] is not index:
                threshold = self._parts.automatic_threshold(index.templates)
                self._with_guest = index, with_guest(index, self._guest, threshold)
            index = self._with_guest[1]
        self._templates_searched = index.templates
        recogniser.search(index, self.threshold())

    def _guests(self) -> list[PersonSummary]:
        if self._spec != DEMO:
            return []
        self._guest_summary = self._guest_summary or guest_summary()
        return [self._guest_summary]
