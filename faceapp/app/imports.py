"""Importing people's pictures, one after the other, so that it may be cut short at any moment.

Each picture is one transaction: the person, the photo and its template, or nothing. A photo carries a keyed hash of the
picture it is from, so the same picture is kept once for each person however often it is imported; what a picture was
rejected for is noted until the source has been gone through. So an import that was killed goes on where it was, and
ends as if it had not been.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from faceapp.app.import_reader import ImportReader, Known, Mac, Read, Ready, Rejected
from faceapp.enrollment.importers.items import Refusal, Source
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.names import name_key
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage, JsonObject

_log = logging.getLogger(__name__)

Kind: TypeAlias = Literal["folder", "csv", "hdf5"]


class RejectedError(InputError):
    """A picture that can't be enrolled, with reason codes besides the line for people."""

    def __init__(self, line: str, codes: Sequence[str], boxes: Sequence[Sequence[float]] = ()) -> None:
        super().__init__(line)
        self.codes = tuple(codes)
        self.boxes = tuple(tuple(b) for b in boxes)
        """Of the faces in the picture, where it has several; pixels, largest first."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one picture."""

    row: JsonObject
    """As `enroll` reports it: name, image, quality, warnings."""
    repeated: bool
    """True where the person had this very picture already."""


class OnePicture(Protocol):
    """Enrols one picture: faces, quality, embedding, duplicates, gallery. Used on the thread that owns the networks."""

    options: str
    """Everything that its answer depends on besides the picture: an import with other options is another one."""

    def enrol(self, image: BgrImage, name: str, label: str, content: str) -> Enrolled:
        """Raises RejectedError, or another InputError, where the picture can't be used; UnavailableError where nothing
        can be enrolled at the moment."""

    def reason(self, label: str, codes: Sequence[str]) -> str:
        """The line of a picture that was rejected for `codes`."""


@dataclass(slots=True)
class ImportReport:
    """What an import did. Paths and names in it are the user's own; nothing of it is kept."""

    kind: str
    source: str
    pictures: int
    resumed: bool
    enrolled: list[JsonObject] = field(default_factory=list)
    already: list[JsonObject] = field(default_factory=list)
    rejected: list[JsonObject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cancelled: bool = False
    problem: UnavailableError | None = None
    """What ended it early: the disk is full, another program holds the gallery. What was enrolled stays."""
    seconds: float = 0.0
    looked_at: int = 0
    """Pictures in which a face was looked for."""

    @property
    def done(self) -> int:
        """Pictures of which something can be said."""
        return len(self.enrolled) + len(self.already) + len(self.rejected)

    @property
    def complete(self) -> bool:
        """The source was gone through."""
        return not self.cancelled and self.problem is None

    def as_json(self) -> JsonObject:
        """The object that `enroll` prints, with the import's own keys."""
        return {
            "enrolled": self.enrolled,
            "rejected": self.rejected,
            "already": self.already,
            "notes": self.notes,
            "import": {
                "kind": self.kind,
                "source": self.source,
                "pictures": self.pictures,
                "resumed": self.resumed,
                "complete": self.complete,
                "cancelled": self.cancelled,
                "seconds": round(self.seconds, 2),
                "pictures_per_second": round(self.looked_at / self.seconds, 2) if self.seconds else 0.0,
            },
        }


def open_source(kind: Kind, path: Path, *, nested: bool = False) -> Source:
    """The source at `path`, to be closed by the caller. Raises InputError where it can't be read."""
    if kind == "folder":
        from faceapp.enrollment.importers.folders import open_folder

        return open_folder(path, nested=nested)
    if kind == "csv":
        from faceapp.enrollment.importers.table import open_table

        return open_table(path)
    from faceapp.enrollment.importers.hdf5 import open_hdf5  # brings h5py: 0.2 s

    return open_hdf5(path)


class Import:
    """One import. Used once, on the thread that owns the networks; `stop` may be called from anywhere."""

    def __init__(self, source: Source, store: GalleryStore, enroller: OnePicture, space: str, mac: Mac) -> None:
        self._source = source
        self._store = store
        self._enroller = enroller
        self._space = space
        self._mac = mac
        self._stop = False
        self._spellings: set[tuple[str, str]] = set()

    def stop(self) -> None:
        """End after the picture at hand. The next import of the same source goes on from there. Takes no lock."""
        self._stop = True

    def run(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> ImportReport:
        """Import everything there is; `progress` is told how many pictures of how many are done.

        A picture that can't be used is rejected and the others stay. Where the gallery, the disk or a network becomes
        unavailable the import ends, and the report says why; raises UnavailableError where that is so from the start.
        """
        began = time.perf_counter()
        source = self._source
        run = self._store.begin_import(self._mac(f"{source.key}\0{self._space}\0{self._enroller.options}", "import"))
        report = ImportReport(source.kind, source.title, len(source), run.resumed, notes=list(source.notes))
        with ImportReader(source, self._store, self._space, self._mac, run.rejected) as reader:
            try:
                for entry in reader:
                    if self._stop:
                        report.cancelled = True
                        break
                    self._take(entry, report, run.id)
                    progress(report.done, report.pictures)
                else:
                    self._store.finish_import(run.id, report.done)
            except UnavailableError as e:
                if not report.done:
                    raise
                _log.warning("an import ended early: %s", type(e).__name__)
                report.problem = e
        report.seconds = time.perf_counter() - began
        return report

    def _take(self, entry: Read, report: ImportReport, run_id: str) -> None:
        match entry:
            case Refusal():
                report.rejected.append({"image": entry.label, "reason": entry.reason, "codes": [entry.code]})
            case Known():
                report.already.append({"name": entry.name, "image": entry.item.label})
            case Rejected():
                report.rejected.append(self._noted(entry))
            case Ready():
                report.looked_at += 1
                try:
                    done = self._enroller.enrol(entry.image, entry.name, entry.item.label, entry.content)
                except InputError as e:
                    report.rejected.append(self._reject(entry, e, run_id))
                else:
                    self._report(entry, done, report)

    def _report(self, entry: Ready, done: Enrolled, report: ImportReport) -> None:
        if done.repeated:
            report.already.append({"name": done.row["name"], "image": entry.item.label})
        else:
            report.enrolled.append(done.row)
        stored = str(done.row["name"])
        both = entry.name, stored
        if entry.name != stored and name_key(entry.name) == name_key(stored) and both not in self._spellings:
            self._spellings.add(both)
            report.notes.append(f'"{entry.name}" and "{stored}" are one name: their pictures are one person\'s')

    def _reject(self, entry: Ready, error: InputError, run_id: str) -> JsonObject:
        row: JsonObject = {"name": entry.name, "image": entry.item.label, "reason": str(error), "codes": ["other"]}
        if isinstance(error, RejectedError):
            noted: JsonObject = {"codes": list(error.codes)}
            if error.boxes:
                noted["boxes"] = [[round(v, 1) for v in box] for box in error.boxes]
            self._store.note_rejected(run_id, entry.seal, json.dumps(noted))
            row |= noted
        return row

    def _noted(self, entry: Rejected) -> JsonObject:
        noted = json.loads(entry.reason)
        label = entry.item.label
        return {
            "name": entry.item.name,
            "image": label,
            "reason": self._enroller.reason(label, noted["codes"]),
            **noted,
        }
