"""A live session: one camera, recognised. It owns the threads and is what a window drives.

One thread, the GUI's, calls the methods; all return at once, except those that say what they wait for.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import TypeVar

from faceapp import settings as settings_file
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.guest import guest_summary, guest_table, with_guest
from faceapp.app.live_types import CameraInfo, Notice, Phase, SnapshotState
from faceapp.app.parts import Parts
from faceapp.app.people import PeopleService, summaries, summary
from faceapp.app.snapshots import Snapshots
from faceapp.app.spaces import embed_crop, reembed_photo, reembeddable
from faceapp.app.stills import new_photo
from faceapp.camera.choose import parse_source
from faceapp.camera.device import list_cameras
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.threads import share_the_interpreter
from faceapp.settings import Settings
from faceapp.types import Face, Floats, Frame, FrameResult, LiveStats, PersonSummary

T = TypeVar("T")
DEMO = "demo:"
SLOWEST_JOB = 8.0
"""Seconds a click may wait for the gallery, which another process may hold for five."""
WHERE_PROVIDERS_RUN = {"CPUExecutionProvider": "CPU", "CUDAExecutionProvider": "GPU (CUDA)"}


class LiveSession:
    """Drives one source. The threads below talk to it through slots, futures and values they replace whole."""

    def __init__(self, parts: Parts, source: str, fell_back: bool = False) -> None:
        """Starts nothing. `fell_back`: the demonstration plays because there is no camera."""
        self._parts = parts
        self._spec = source
        self._fell_back = fell_back
        self._chosen: dict[str, object] = {}
        self._settings = parts.settings
        self._source_error: KnownError | None = None
        self._capture: CaptureThread | None = None
        self._slots: tuple[LatestSlot[Frame], LatestSlot[Frame]] = (LatestSlot(), LatestSlot())
        self._read_before = self._dropped_before = 0
        self._results: LatestSlot[FrameResult] = LatestSlot()
        self._first_result_id: int | None = None
        self._snapshots = Snapshots(parts.thresholds().verify)
        self._guest: TemplateTable | None = None
        self._guest_summary = guest_summary()
        self._provider = "starting"
        self._people_searched = 0
        self._to_reembed = 0
        self._stopped = False
        self._attached_ns = 0
        self._recognition = self._new_recognition()
        self._gallery = GalleryThread(parts.open_gallery, parts.space(), self._search_again, summaries)
        self._people = PeopleService(self._gallery, self._run, self._guests)

    @classmethod
    def open(cls, parts: Parts, source: str | None) -> LiveSession:
        """A session on `source`, or on the first camera, or without a camera on the demonstration. Starts nothing."""
        if source is not None:
            return cls(parts, source)
        found = list_cameras()
        return cls(parts, found[0].spec if found else DEMO, fell_back=not found)

    # Life

    def start(self) -> None:
        """Open the source and the models in the background; after "ended" or "failed", once more from the beginning."""
        share_the_interpreter()
        if self._gallery.view is None and not self._gallery.started:
            self._gallery.start()
            self._gallery.submit(self._reembed)
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
        self._close_source(0.4)
        self._recognition.stop(0.6)
        if self._chosen:
            self._gallery.submit(self._save_choices)
        self._gallery.stop(0.5)

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
        return tuple(n for n in (*self._source_notices(), *self._other_notices()) if n)

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
            frames_processed=self._recognition.processed.count,
            frames_dropped=self._dropped_before + self._slots[1].dropped,
            fps=self._recognition.processed.per_second(now),
            preview_fps=read.per_second(now) if read else 0.0,
            latency_p50_ms=p50,
            latency_p95_ms=p95,
            provider=self._provider,
        )

    # Source

    def source(self) -> str:
        """The source in use, as `--source` takes it."""
        return self._spec

    def set_source(self, spec: str) -> None:
        """Use another source; the models stay loaded."""
        self._spec = spec
        self._fell_back = False
        self._open_source()

    def cameras(self) -> list[CameraInfo]:
        """What can be chosen: the cameras found, the source in use, the demonstration last."""
        found = [CameraInfo(c.spec, c.name) for c in list_cameras()]
        if self._spec != DEMO and all(c.spec != self._spec for c in found):
            try:
                name = parse_source(self._spec).name
            except KnownError:
                name = "not available"
            found.append(CameraInfo(self._spec, name))
        return [*found, CameraInfo(DEMO, "Demonstration")]

    # Choices

    def detector(self) -> str:
        """`mtcnn` or `ssd`."""
        return self._settings.detector

    def set_detector(self, id: str) -> None:
        """Find faces with another detector, from the next frame on."""
        self._choose(detector=id)

        def change(recogniser: Recogniser) -> None:
            recogniser.detector = self._thread_parts.detector(id)

        self._recognition.call(change)

    def threshold(self) -> float:
        """The distance in force."""
        own = self._settings.identify_threshold
        return self._parts.automatic_threshold(self._people_searched) if own is None else own

    def threshold_is_automatic(self) -> bool:
        """True where the manifest's threshold is in force, scaled by the number of people."""
        return self._settings.identify_threshold is None

    def set_threshold(self, value: float | None) -> None:
        """Name faces up to this distance, from the next frame on; None: the automatic one."""
        self._choose(identify_threshold=value)
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

    def begin_snapshot(self) -> None:
        """Collect the best face of the next second's frames."""
        self._snapshots.begin()

    def snapshot(self) -> SnapshotState:
        """How far the snapshot is."""
        return self._snapshots.state()

    def cancel_snapshot(self) -> None:
        """Forget the snapshot."""
        self._snapshots.cancel()

    def enroll(self, name: str) -> PersonSummary:
        """Store the ready snapshot under `name`; waits for the gallery. Raises InputError or UnavailableError."""
        portrait = self._snapshots.portrait
        if portrait is None:
            raise InputError("There is no snapshot to store: take one first.")
        photo = new_photo(
            self._parts, portrait.image, portrait.face, portrait.vector, portrait.quality.score, "snapshot"
        )

        def add(store: GalleryStore) -> PersonSummary:
            return summary(store, store.add_photo(name, photo).person)

        person = self._run(add)
        self._snapshots.cancel()
        return person

    # Below: not for windows

    def _run(self, job: Callable[[GalleryStore], T]) -> T:
        """Run a job on the gallery thread and wait for it."""
        try:
            return self._gallery.submit(job).result(SLOWEST_JOB)
        except (FutureTimeoutError, CancelledError) as e:
            raise UnavailableError("the gallery does not answer: close other programs that use it, try again") from e

    def _choose(self, **choice: object) -> None:
        self._chosen.update(choice)
        self._settings = dataclasses.replace(self._settings, **choice)  # type: ignore[arg-type]  # checked by Settings

    def _save_choices(self, _: GalleryStore) -> None:
        """Keep what was chosen in the window, and nothing that came from the command line."""
        stored: Settings = settings_file.load(self._parts.data_dir)
        settings_file.save(dataclasses.replace(stored, **self._chosen), self._parts.data_dir)  # type: ignore[arg-type]

    def _new_recognition(self) -> RecognitionThread:
        self._thread_parts = self._parts.fork(detector=self._settings.detector)
        return RecognitionThread(self._build, self._results, self._snapshots.watch)

    def _open_source(self) -> None:
        self._close_source(0.3)
        self._source_error = None
        self._attached_ns = time.monotonic_ns()
        preview, work = self._slots = (LatestSlot(), LatestSlot())
        self._recognition.attach(work)
        self._search_again()
        try:
            source = parse_source(self._spec, loop_demo=True)
        except KnownError as e:
            self._source_error = e
            return
        self._capture = CaptureThread(source, [preview, work])
        self._capture.start()

    def _close_source(self, timeout: float) -> None:
        if self._capture is not None:
            self._capture.stop(timeout)
            self._read_before += self._capture.read.count
            self._dropped_before += self._slots[1].dropped
            self._capture = None

    def _build(self) -> Recogniser:
        """On the recognition thread: load the networks, and warm them on the guest's photograph."""
        parts = self._thread_parts
        detector, embedder = parts.detector(), parts.embedder()
        self._guest = guest_table(detector, embedder)
        precision = parts.precision_of(parts.embedder_spec.parts[0].network)
        self._provider = f"{WHERE_PROVIDERS_RUN.get(embedder.provider, embedder.provider)}, {precision.upper()}"
        recogniser = Recogniser(
            detector=detector,
            embedder=embedder,
            index=GalleryIndex.empty(embedder.space),
            threshold=self._parts.automatic_threshold(1),
            same_person=parts.thresholds().verify,
            min_face=parts.settings.min_face,
        )
        self._search(recogniser)
        return recogniser

    def _search_again(self) -> None:
        """The gallery, the source or the threshold changed. From any thread."""
        self._recognition.call(self._search)

    def _search(self, recogniser: Recogniser) -> None:
        """On the recognition thread: put the newest index and threshold in force."""
        view = self._gallery.view
        if view is None:
            return
        index = view.index
        if self._spec == DEMO and self._guest is not None:
            index = with_guest(index, view.templates, self._guest, self._parts.thresholds().verify)
        self._people_searched = index.people
        recogniser.search(index, self.threshold())

    def _guests(self) -> list[PersonSummary]:
        return [self._guest_summary] if self._spec == DEMO else []

    def _reembed(self, store: GalleryStore) -> None:
        """On the gallery thread: bring everybody whose crop was kept into the embedding space in use."""
        space = self._parts.space()
        waiting = reembeddable(store, space)

        def embed(crop: bytes, face: Face) -> Floats:
            future: Future[Floats] = self._recognition.call(lambda r: embed_crop(r.embedder, crop, face))
            return future.result(60)

        try:
            for k, photo in enumerate(waiting):
                self._to_reembed = len(waiting) - k
                reembed_photo(store, photo, embed, space)
        finally:
            self._to_reembed = 0

    def _source_notices(self) -> list[Notice]:
        if self._source_error is not None:
            return [Notice("source", "error", f"{_sentence(self._source_error)}")]
        capture = self._capture
        if capture is None:
            return []
        if capture.phase == "failed" and capture.error:
            return [Notice("source", "error", _sentence(capture.error))]
        if capture.phase == "reconnecting" and capture.error:
            return [Notice("source", "error", f"{_sentence(capture.error)} Trying again.")]
        if capture.stalled(time.monotonic_ns()):
            return [Notice("source", "error", "The camera sends no pictures: check its cable.")]
        return []

    def _other_notices(self) -> list[Notice]:
        found = []
        if self._recognition.problem:
            found.append(Notice("recognition", "error", _sentence(self._recognition.problem)))
        if self._gallery.problem:
            found.append(Notice("gallery", "error", _sentence(self._gallery.problem)))
        if self._to_reembed:
            found.append(Notice("reembed", "info", f"The embedder changed: {self._to_reembed} photos left to embed."))
        view = self._gallery.view
        lost = [p.name for p in view.people if not p.usable] if view and not self._to_reembed else []
        if lost:
            found.append(Notice("again", "warning", f"To be photographed again for this embedder: {', '.join(lost)}."))
        if self._fell_back:
            found.append(Notice("demo", "info", "No camera was found: this is a demonstration."))
        return found


def _sentence(error: object) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
