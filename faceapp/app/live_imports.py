"""Imports and exports of a live window, beside its picture: on one thread, with networks and a gallery of its own.

The thread is nice to the rest: it takes fewer cores than recognition, and the system lets the others go first. What it
writes the window's gallery thread notices as any other program's change.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from faceapp.app.door_guard import DoorGuard
from faceapp.app.enrolling import QualityMode
from faceapp.app.import_report import result_of, write_csv
from faceapp.app.import_types import (
    ExportResult,
    Found,
    ImportState,
    ShownPicture,
    SourceKind,
    Wish,
)
from faceapp.app.imports import Import, ImportReport, Undecided, importing, open_source
from faceapp.app.keys import has_pin
from faceapp.app.live_enrolment import consent_wanted, given_consent
from faceapp.app.live_types import ConsentWanted, Notice
from faceapp.app.notices import sentence
from faceapp.app.parts import Parts
from faceapp.app.picking import PASSED_OVER, SKIPPED, Picking
from faceapp.app.transfer import ExportCancelledError, GalleryImport, export_all, head_of
from faceapp.enrollment.importers.items import Refusal
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.gallery.names import name_key
from faceapp.images import SUFFIXES
from faceapp.types import BgrImage, Box

NICENESS = 10
"""Added to the thread's; 19 would be the most (nice(2))."""
LARGEST = 1800
"""Pixels of the longer side of a picture that is shown."""
TELL_AFTER = 10
"""Pictures to be looked at before it is said how long the rest takes."""
_UNDER_WAY = ("importing", "exporting")
BUG = "Something went wrong inside faceapp. The log has the details."

T = TypeVar("T")
_log = logging.getLogger(__name__)


class LiveImports:
    """See `ImportsControl`. Called on the GUI thread; whatever has an underscore and isn't of the first group below
    belongs to the thread. Starts nothing before it is asked."""

    def __init__(self, parts: Parts, detector: Callable[[], str]) -> None:
        """`detector`: what the window finds faces with at the moment."""
        self._parts = parts
        self._detector = detector
        self._worker = ThreadPoolExecutor(1, "imports", initializer=_be_nice)
        self._asked = False
        self._stopping = threading.Event()
        self._cancelled = threading.Event()
        self._seen = True
        self._closed: Future[None] | None = None
        self._state = ImportState()
        """Replaced whole, by whichever thread has the turn: the GUI's while nothing is under way."""
        self._room = contextlib.ExitStack()
        self._going: Import | GalleryImport | None = None
        self._report: ImportReport | None = None
        self._picking: Picking | None = None
        self._guard: DoorGuard | None = None
        self._open: dict[int, Undecided] = {}

    # For the window

    def look(self, path: Path, nested: bool = False, passphrase: str = "") -> Future[Found]:
        """See `ImportsControl.look`."""
        return self._submit(lambda: look_at(path, nested, passphrase))

    def consent_wanted(self) -> ConsentWanted:
        """See `EnrolmentControl.consent_wanted`."""
        return consent_wanted(self._parts)

    def begin(self, wish: Wish) -> None:
        """See `ImportsControl.begin`."""
        self._start(ImportState("importing"), lambda: self._import(wish))

    def export(self, out: Path, passphrase: str, person_ids: Collection[str] | None) -> None:
        """See `ImportsControl.export`."""
        only = None if person_ids is None else frozenset(person_ids)
        self._start(ImportState("exporting"), lambda: self._export(out, passphrase, only))

    def state(self) -> ImportState:
        """What goes on now, or what it came to."""
        state = self._state
        if self._cancelled.is_set() and state.phase in _UNDER_WAY:
            return dataclasses.replace(state, cancelling=True)
        return state

    def cancel(self) -> None:
        """End after the picture at hand."""
        self._cancelled.set()

    def seen(self) -> None:
        """Somebody sees the result."""
        self._seen = True

    def dismiss(self) -> None:
        """Forget the result."""
        if self._state.phase not in ("idle", *_UNDER_WAY):
            self._state = ImportState()
            self._submit(self._let_go)

    def save_report(self, out: Path) -> Future[int]:
        """See `ImportsControl.save_report`."""
        result = self._state.result
        rejected = () if result is None else result.rejected
        return self._submit(lambda: write_csv(rejected, out))

    def picture(self, number: int) -> Future[ShownPicture]:
        """See `ImportsControl.picture`."""

        def show() -> ShownPicture:
            picking, undecided = self._question(number)
            return shrunk(*picking.picture(undecided))

        return self._submit(show)

    def choose(self, number: int, names: Mapping[int, str], pin_given: bool = False) -> Future[dict[int, str]]:
        """See `ImportsControl.choose`."""
        wanted = dict(names)
        return self._submit(lambda: self._choose(number, wanted, pin_given))

    def skip(self, number: int) -> Future[None]:
        """See `ImportsControl.skip`."""

        def skip() -> None:
            picking, undecided = self._question(number)
            picking.skip(undecided)
            why = {"reason": f"{undecided.item.label}: {PASSED_OVER}", "codes": [SKIPPED]}
            self._answered(number, {k: v for k, v in undecided.row.items() if k != "boxes"} | why)

        return self._submit(skip)

    # For the session

    def notices(self) -> list[Notice]:
        """That something is under way; then what it came to, until somebody sees that on its page."""
        state = self._state
        if state.phase in _UNDER_WAY:
            what = "imported" if state.phase == "importing" else "exported"
            line = f"Pictures are being {what} in the background: names may come more slowly meanwhile."
            return [Notice("imports", "info", line)]
        if self._seen or state.phase == "idle":
            return []
        if state.phase == "failed":
            return [Notice("imported", "error", f"The import or export ended: {state.problem}")]
        result = state.result
        if result is None:
            return [Notice("imported", "info", "The export is done.")]
        counts = f"{result.enrolled} pictures enrolled, {len(result.rejected)} rejected"
        return [Notice("imported", "info", f"The import is done: {counts}. “Import pictures” in the menu says more.")]

    def stop(self, timeout: float = 2.0) -> bool:
        """End after the picture at hand, which is finished; False where that takes longer than `timeout` seconds."""
        self._stopping.set()
        self._cancelled.set()
        if self._closed is None:
            self._closed = Future()
            if self._asked:
                self._closed = self._worker.submit(self._let_go)
            else:
                self._closed.set_result(None)
            self._worker.shutdown(wait=False)
        try:
            self._closed.result(timeout)
        except TimeoutError:
            return False
        return True

    # Between the two

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        def done() -> T:
            if self._stopping.is_set():
                raise UnavailableError("the window was closed: nothing was changed")
            return job()

        self._asked = True
        try:
            return self._worker.submit(done)
        except RuntimeError:  # stopped
            refused: Future[T] = Future()
            refused.cancel()
            return refused

    def _start(self, state: ImportState, job: Callable[[], ImportState]) -> None:
        if self._state.phase in _UNDER_WAY or self._stopping.is_set():
            return
        self._cancelled.clear()
        self._seen = False
        self._state = state

        def run() -> None:
            ended = ImportState("failed", problem=BUG)
            try:
                self._let_go()
                ended = job()
            except KnownError as e:
                ended = ImportState("failed", problem=sentence(e))
            except Exception:  # noqa: BLE001 - whoever opens the page is told, and the window goes on
                _log.exception("an import or export failed")
            finally:
                self._state = ended

        self._submit(run)

    # On the thread

    def _let_go(self) -> None:
        """Of the source, the networks and the gallery's connections."""
        self._going = self._report = self._picking = self._guard = None
        self._open.clear()
        self._room.close()

    def _own_parts(self) -> Parts:
        from faceapp.vision.session import thread_count

        # Half of what recognition takes, which goes on.
        threads = max(1, thread_count(self._parts.settings.threads) // 2)
        return self._room.enter_context(self._parts.fork(detector=self._detector(), threads=threads))

    def _import(self, wish: Wish) -> ImportState:
        consent = None if wish.consent is None else given_consent(wish.consent)
        parts = self._own_parts()
        guard = DoorGuard(lambda: has_pin(parts.data_dir), parts.existing_gallery, wish.pin_given)
        self._guard = guard
        if wish.kind == "gallery":
            going: Import | GalleryImport = GalleryImport(parts, wish.path, wish.passphrase, guard.check)
        else:
            source = self._room.enter_context(open_source(wish.kind, wish.path, nested=wish.nested))
            quality: QualityMode = "strict" if wish.strict else "warn"
            going = importing(parts, source, quality, wish.duplicates, consent, any_size=True, guard=guard.check)
            self._picking = Picking(parts, going.key, quality, wish.duplicates, consent, guard.check)
        began = time.monotonic()

        def progress(done: int, total: int) -> None:
            report = going.report
            if report is not None:
                self._state = _progress(report, done, total, time.monotonic() - began)
            if self._cancelled.is_set():
                going.stop()

        if self._cancelled.is_set():
            going.stop()
        self._report = report = going.run(progress)
        self._open = dict(enumerate(report.undecided))
        if not self._open:
            self._room.close()  # nobody asks for a picture any more
        return self._result()

    def _export(self, out: Path, passphrase: str, only: Collection[str] | None) -> ImportState:
        def progress(done: int, total: int) -> None:
            self._state = ImportState("exporting", done, total)

        try:
            told = export_all(self._own_parts(), out, passphrase, progress, only, self._cancelled.is_set)
        except ExportCancelledError:
            return ImportState("exported")
        finally:
            self._room.close()
        return ImportState("exported", exported=ExportResult(out, told["people"], told["photos"]))

    def _result(self) -> ImportState:
        report = self._report
        if report is None:
            return ImportState()
        result = result_of(report)
        left = tuple(u for u in result.undecided if u.number in self._open)
        return ImportState("imported", report.done, report.pictures, result=dataclasses.replace(result, undecided=left))

    def _question(self, number: int) -> tuple[Picking, Undecided]:
        picking, undecided = self._picking, self._open.get(number)
        if picking is None or undecided is None:
            raise InputError("this picture is no question any more: import it again")
        return picking, undecided

    def _choose(self, number: int, names: Mapping[int, str], pin_given: bool) -> dict[int, str]:
        picking, undecided = self._question(number)
        report, guard = self._report, self._guard
        assert guard is not None  # noqa: S101 - there is no question without
        with guard.lifted(pin_given):
            done = picking.take(undecided, names)
        assert report is not None  # noqa: S101 - there is no question without
        label = undecided.item.label
        for enrolled in done.enrolled:
            report.people.add(enrolled.person_id)
            report.note_alike(enrolled.name, enrolled.alike)
        report.enrolled += [
            {"name": e.name, "image": label, "quality": round(e.quality, 1), "warnings": list(e.warnings)}
            for e in done.enrolled
            if not e.repeated
        ]
        own = name_key(undecided.name)
        if not done.refused and done.enrolled:
            theirs = any(name_key(name) == own for name in names.values())
            why = f"{label}: {undecided.name} was not chosen in it"
            self._answered(number, None if theirs else {**undecided.row, "reason": why, "codes": [SKIPPED]})
        elif done.enrolled:
            self._state = self._result()
        return done.refused

    def _answered(self, number: int, row: dict[str, object] | None) -> None:
        """`row`: what the report says of the picture now; None: it isn't rejected any more."""
        undecided = self._open.pop(number)
        report = self._report
        if report is not None:
            at = next(i for i, r in enumerate(report.rejected) if r is undecided.row)
            report.rejected[at : at + 1] = [] if row is None else [row]
            self._state = self._result()


def shrunk(image: BgrImage, boxes: Sequence[Box]) -> ShownPicture:
    """As large as a screen shows it: a window that paints 50 megapixels again and again stands still."""
    factor = min(1.0, LARGEST / max(image.shape[:2]))
    if factor < 1.0:
        size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return ShownPicture(image, tuple(box.scaled(factor) for box in boxes))


def look_at(path: Path, nested: bool, passphrase: str) -> Found:
    """What there is to import at `path`. Raises InputError where there is nothing."""
    kind = kind_of(path)
    if kind == "gallery" and not passphrase:
        return Found(path, kind, 0, 0, locked=True)
    if kind == "gallery":
        head = head_of(path, passphrase)
        return Found(path, kind, head.people, head.photos, notes=(f"It was exported on {head.exported[:10]}.",))
    names: dict[str, str] = {}
    refused: list[str] = []
    with open_source(kind, path, nested=nested) as source:
        for entry in source:
            if isinstance(entry, Refusal):
                refused.append(entry.reason)
            else:
                with contextlib.suppress(InputError):  # a name that is no text is refused when it is imported
                    names.setdefault(name_key(entry.name), entry.name)
        pictures, people = len(source) - len(refused), frozenset(names.values())
        return Found(path, kind, len(names), pictures, tuple(refused), tuple(source.notes), names=people)


def kind_of(path: Path) -> SourceKind:
    """What lies there, by what it is and then by its name. Raises InputError where nothing does."""
    from faceapp.security.sealed_file import MAGIC

    if path.is_dir():
        return "folder"
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
    except FileNotFoundError as e:
        raise InputError(f"{path}: there is no such file or folder") from e
    except (OSError, ValueError) as e:
        raise InputError(f"{path} cannot be read: {getattr(e, 'strerror', None) or e}") from e
    if head == MAGIC or path.suffix.lower() == ".gallery":
        return "gallery"
    if path.suffix.lower() in SUFFIXES:
        raise InputError(f"{path} is one picture: choose the folder it lies in, or enrol by snapshot")
    return "hdf5" if head.startswith(b"\x89HDF") or path.suffix.lower() in (".h5", ".hdf5") else "csv"


def _progress(report: ImportReport, done: int, total: int, seconds: float) -> ImportState:
    enrolled, already, rejected = len(report.enrolled), len(report.already), len(report.rejected)
    left = None
    if report.looked_at >= TELL_AFTER:
        left = seconds / report.looked_at * max(0, total - done)
    return ImportState("importing", done, total, enrolled, already, rejected, left)


def _be_nice() -> None:
    """Let the other threads go first, where the system weighs threads singly. What this one starts inherits it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
