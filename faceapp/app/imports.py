"""Importing people's pictures, one after the other, so that it may be cut short at any moment.

Each picture is one transaction: the person, the photo and its template, or nothing. A photo carries a keyed hash of the
picture it is from, so the same picture is kept once for each person however often it is imported; what a picture was
rejected for is noted until the source has been gone through. So an import that was killed goes on where it was, and
ends as if it had not been.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from faceapp.app.enrolling import (
    Enrolled,
    Enroller,
    QualityMode,
    RejectedError,
    rejection,
)
from faceapp.app.import_reader import ImportReader, Known, Mac, Read, Ready, Rejected
from faceapp.app.parts import Parts
from faceapp.app.people_log import ConsentMissingError, record_consent
from faceapp.enrollment.duplicates import OnDuplicate
from faceapp.enrollment.gate import SENTENCES
from faceapp.enrollment.importers.items import Item, Refusal, Source
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.gallery.consent_rows import ConsentRow, NewConsent
from faceapp.gallery.names import name_key
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage, JsonObject

_log = logging.getLogger(__name__)

SMALLEST_FACE, FACES_PER_HEIGHT = 12, 3
"""Pixels: no detector finds smaller ones. Somebody's photograph shows a face of a third of its height or more."""

Kind: TypeAlias = Literal["folder", "csv", "hdf5"]


class Enrols(Protocol):
    """Enrols one picture: `enrolling.Enroller`. Used on the thread that owns the networks."""

    def enrol(self, name: str, image: BgrImage, source: str, *, label: str, content: str) -> Enrolled:
        """Raises RejectedError, or another InputError, where the picture can't be used; UnavailableError where nothing
        can be enrolled at the moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Undecided:
    """A picture that shows several faces: which of them is meant is for somebody to say."""

    item: Item
    name: str
    """Whose it is said to be."""
    content: str
    seal: str
    """Both as of `Ready`."""
    row: JsonObject
    """Its row among the report's rejected ones, with the faces' boxes."""


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
    problem: KnownError | None = None
    """What ended it early: the disk is full, another program holds the gallery. What was enrolled stays."""
    seconds: float = 0.0
    people: set[str] = field(default_factory=set)
    """Ids of those who were enrolled or got a photo."""
    looked_at: int = 0
    """Pictures in which a face was looked for."""
    undecided: list[Undecided] = field(default_factory=list)
    """Of the rejected ones, those in which somebody may choose a face: `app/picking.py`."""

    alike: dict[tuple[str, str], None] = field(default_factory=dict)
    """Two names each, sorted: somebody who got a photo, and whom a camera may take that face for."""

    def note_alike(self, name: str, others: Iterable[str]) -> None:
        """`others`: whom a camera may take a new photo of `name` for."""
        for other in others:
            self.alike[min(name, other), max(name, other)] = None

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

    def __init__(
        self,
        source: Source,
        store: GalleryStore,
        enroller: Enrols,
        space: str,
        mac: Mac,
        options: str = "",
        known: Callable[[str], object] = lambda _name: None,
    ) -> None:
        """`space`: the embedding space that templates are made in. `options`: all else that an answer depends on
        besides the picture; an import with other options is another one. `known`: called with the name of somebody who
        has a picture already, once for each."""
        self._source = source
        self._store = store
        self._enroller = enroller
        self._space = space
        self._mac = mac
        self._options = options
        self._known = known
        self._told: set[str] = set()
        self._stop = False
        self._spellings: set[str] = set()
        self.report: ImportReport | None = None
        """What it has done so far, from `run` on. Of the thread that runs it."""

    @property
    def key(self) -> str:
        """The import's name in the gallery, a keyed hash: the same source with the same options has it again."""
        return self._mac(f"{self._source.key}\0{self._space}\0{self._options}", "import")

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
        run = self._store.begin_import(self.key)
        report = ImportReport(source.kind, source.title, len(source), run.resumed, notes=list(source.notes))
        self.report = report
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
                if entry.name not in self._told:
                    self._told.add(entry.name)
                    self._known(entry.name)
                report.already.append({"name": entry.name, "image": entry.item.label})
            case Rejected():
                self._reject_row(self._noted(entry), entry, report)
            case Ready():
                self._enrol(entry, report, run_id)

    def _enrol(self, entry: Ready, report: ImportReport, run_id: str) -> None:
        item = entry.item
        report.looked_at += 1
        try:
            source = Path(item.label).name
            done = self._enroller.enrol(entry.name, entry.image, source, label=item.label, content=entry.content)
        except InputError as e:
            self._reject_row(self._reject(entry, e, run_id), entry, report)
            return
        if done.repeated:
            report.already.append({"name": done.name, "image": item.label})
        else:
            quality, warnings = round(done.quality, 1), list(done.warnings)
            row = {"name": done.name, "image": item.label, "quality": quality, "warnings": warnings}
            report.enrolled.append(row)
            report.people.add(done.person_id)
            report.note_alike(done.name, done.alike)
        if entry.name not in self._spellings:
            self._spellings.add(entry.name)
            stored = self._store.person_by_id(done.person_id).name
            if entry.name != stored and name_key(entry.name) == name_key(stored):
                report.notes.append(f'"{entry.name}" and "{stored}" are one name: their pictures are one person\'s')

    def _reject_row(self, row: JsonObject, entry: Ready | Rejected, report: ImportReport) -> None:
        report.rejected.append(row)
        if "boxes" in row:
            report.undecided.append(Undecided(entry.item, entry.name, entry.content, entry.seal, row))

    def _reject(self, entry: Ready, error: InputError, run_id: str) -> JsonObject:
        label, line = entry.item.label, str(error)
        row = {"name": entry.name, **rejection(label, error)}
        if isinstance(error, ConsentMissingError):
            row |= {"codes": ["consent"], "reason": f"{label}: {line}"}
        if isinstance(error, RejectedError) and SENTENCES.keys() >= set(error.codes) and line.startswith(f"{label}: "):
            # The gate's reasons are the same next time and name nobody. Others are about people who may be gone.
            noted: JsonObject = {"why": line.removeprefix(f"{label}: "), "codes": row["codes"]}
            if "boxes" in row:
                noted["boxes"] = row["boxes"]
            self._store.note_rejected(run_id, entry.seal, json.dumps(noted))
        return row

    def _noted(self, entry: Rejected) -> JsonObject:
        noted = json.loads(entry.reason)
        label = entry.item.label
        return {"name": entry.name, "image": label, "reason": f"{label}: {noted.pop('why')}", **noted}


def importing(
    parts: Parts,
    source: Source,
    quality: QualityMode,
    on_duplicate: OnDuplicate,
    consent: NewConsent | None = None,
    *,
    any_size: bool = False,
    guard: Callable[[str], None] = lambda _name: None,
) -> Import:
    """An import of `source` into the gallery of `parts`, not begun. With `any_size`, smaller faces than the settings
    say are looked for where all of the source's pictures are small. `consent`: that of everybody in it.
    `guard`: see `Enroller`."""
    if any_size and source.height is not None:
        smallest = max(SMALLEST_FACE, min(parts.settings.min_face, source.height // FACES_PER_HEIGHT))
        parts.settings = dataclasses.replace(parts.settings, min_face=smallest)
    settings = parts.settings
    options = f"{settings.detector}\0{settings.min_face}\0{quality}\0{on_duplicate}"
    store = parts.gallery()
    enroller = Enroller(parts, quality, on_duplicate, consent, guard=guard)

    def agreed(name: str) -> None:
        """Pictures are imported once; consent may be said the second time."""
        who = store.person(name).id
        if consent is not None and not same_consent(store.consent(who), consent):
            record_consent(store, parts.data_dir, who, consent)

    return Import(source, store, enroller, parts.space(), store.vault.mac, options, agreed)


def same_consent(row: ConsentRow | None, new: NewConsent) -> bool:
    """Whether `new` is on record already."""
    if row is None or row.withdrawn is not None:
        return False
    until = None if new.until is None else new.until.isoformat()
    return (row.text, row.until, row.given_by, row.purpose) == (new.text, until, new.given_by, new.purpose)
