"""Bringing everybody from one installation to another: `people export --all`, `people import`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from faceapp.app.audit import log_action_if_kept, log_actions_if_kept
from faceapp.app.duplicates import limits
from faceapp.app.enrolling import NEEDS_PIN
from faceapp.app.imports import ImportReport
from faceapp.app.parts import Parts
from faceapp.app.spaces import current_index, embed_crop, reembeddable
from faceapp.app.transfer_records import Head, Sent, SentPerson, SentPhoto, records_of, understood
from faceapp.enrollment.duplicates import relate
from faceapp.errors import BugError, InputError, KnownError, UnavailableError
from faceapp.files import write_atomically
from faceapp.gallery.consent import put_consent
from faceapp.gallery.consent_rows import NewConsent, state_of
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.names import clean_name
from faceapp.gallery.rows import Added, NewPhoto, PersonRow
from faceapp.images import decode_image
from faceapp.security.sealed_file import check_passphrase, read_records, write_records
from faceapp.types import Face, Floats, JsonObject

EXPORTED, EXPORTED_ALL = "exported", "exported_all"
"""Actions in the audit log: of each of those who were exported; of everybody, with how many they are."""
CANCELLED = "the export was cancelled: nothing was written"


class ExportCancelledError(KnownError):
    """An export was told to end. Nothing was written."""


def export_all(
    parts: Parts,
    out: Path,
    passphrase: str,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    only: Collection[str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> JsonObject:
    """Write everybody, or `only` those with these ids, with photos, templates and consent, to the file `out`, sealed
    with the passphrase; whole or not at all, for its owner alone. `stopped` is asked before each photo. Raises
    InputError for a passphrase that is too short, an `out` that is there already and nobody to export;
    UnavailableError where it can't be written, or the gallery's key is missing, or there is an audit log that can't be
    written: it is in there first; ExportCancelledError."""
    check_passphrase(passphrase)
    store = parts.existing_gallery()
    if store is None or not store.people():
        raise InputError("there is nobody to export: nobody is enrolled yet")
    if only is not None and not any(person.id in only for person in store.people()):
        raise InputError("there is nobody to export: choose somebody who is enrolled")
    if out.exists() or not out.parent.is_dir():
        raise InputError(f"{out} is there already, or its folder is not: name a new file")
    head: Head | None = None
    people = photos = 0

    def counted() -> Iterator[bytes]:
        nonlocal head, people, photos
        for record in records_of(store, only):
            if stopped():
                raise ExportCancelledError(CANCELLED)
            if head is None:
                first = understood(record)
                head = first if isinstance(first, Head) else None
            elif record[4:].startswith(b'{"person"'):
                people += 1
            else:
                photos += 1
                progress(photos, max(photos, head.photos))
            yield record

    def content(file: BinaryIO) -> None:
        write_records(file, passphrase, counted())

    if stopped():
        raise ExportCancelledError(CANCELLED)
    going = [person.id for person in store.people() if only is None or person.id in only]
    if only is None:
        log_action_if_kept(parts.data_dir, f"{EXPORTED_ALL} {len(going)}")
    else:
        log_actions_if_kept(parts.data_dir, dict.fromkeys(going, EXPORTED))
    try:
        write_atomically(out, content)
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror or e}): choose another place") from e
    return {"out": str(out), "people": people, "photos": photos}


@dataclass(slots=True)
class _Arriving:
    """The person whose photos come."""

    name: str
    consent: NewConsent | None = None
    given: str | None = None
    """When, ISO 8601."""
    refused: tuple[str, str] | None = None
    """Reason code and reason, where their photos aren't taken."""
    known: bool | None = None
    """Whether somebody here is called so; None where that wasn't looked at yet."""
    agreed_before: bool = False
    """Whether that person's consent is on record here."""
    photos: list[SentPhoto] = field(default_factory=list)
    """Not yet taken."""


def head_of(path: Path, passphrase: str) -> Head:
    """What an exported gallery holds. Raises InputError for another passphrase and for a file that is none."""
    try:
        with path.open("rb") as file:
            first = understood(next(read_records(file, passphrase, str(path)), b""))
    except OSError as e:
        raise InputError(f"{path} cannot be read: {e.strerror or e}") from e
    if not isinstance(first, Head):
        raise InputError(f"{path} does not begin as an exported gallery: export it again")
    return first


AT_ONCE = 64
"""Photos of a person that are compared with whoever is called the same, at most."""


class GalleryImport:
    """One import of an exported gallery. Used once, on the thread that owns the networks; `stop` is for anybody.

    Each photo is one transaction, with its person and their consent, and is known again by its picture: an import that
    was cut short is simply begun again. Somebody here who is called the same must look the same: else a stranger's face
    would be added to them, and with it whatever they may do.
    """

    def __init__(
        self, parts: Parts, path: Path, passphrase: str, guard: Callable[[str], None] = lambda _name: None
    ) -> None:
        """`guard`: called with the name of somebody here who is to get photos; an InputError of its refuses them."""
        self._parts = parts
        self._guard = guard
        self._path = path
        self._passphrase = passphrase
        self._stop = False
        self.report: ImportReport | None = None
        """What it has done so far, from `run` on. Of the thread that runs it."""

    def stop(self) -> None:
        """End after the photo at hand. Takes no lock."""
        self._stop = True

    def run(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> ImportReport:
        """Import. What can't be taken is rejected, and the others stay. Raises InputError for another passphrase and a
        file that is none; where it proves cut off or altered later, the report's `problem` says so."""
        began = time.perf_counter()
        report = self.report = ImportReport("gallery", str(self._path), 0, resumed=False)
        try:
            with self._path.open("rb") as file:
                self._read(file, report, progress)
        except FileNotFoundError as e:
            raise InputError(f"{self._path}: there is no such file") from e
        except OSError as e:
            raise InputError(f"{self._path} cannot be read: {e.strerror or e}") from e
        except KnownError as e:
            if not report.done:
                raise
            report.problem = e
        report.seconds = time.perf_counter() - began
        return report

    def _read(self, file: BinaryIO, report: ImportReport, progress: Callable[[int, int], None]) -> None:
        index: GalleryIndex | None = None
        person: _Arriving | None = None
        records = read_records(file, self._passphrase, str(self._path))
        for sent in (self._understood(record) for record in records):
            if index is None:
                # Of before: what is added from the file itself needs no comparing, and building it anew takes time.
                index = self._index()
            if isinstance(sent, Head):
                report.pictures = sent.photos
                continue
            if person is not None and (isinstance(sent, SentPerson) or len(person.photos) >= AT_ONCE):
                self._take(person, index, report, progress)
            if report.cancelled:
                return
            if isinstance(sent, SentPerson):
                person = self._arriving(sent)
            elif person is None:
                raise InputError(f"{self._path} begins with a photo of nobody: export it again")
            else:
                person.photos.append(sent)
        if person is not None and index is not None:
            self._take(person, index, report, progress)

    def _index(self) -> GalleryIndex:
        """Everybody who is here. No network is loaded for it unless somebody has to be embedded first."""
        space, store = self._parts.space(), self._parts.existing_gallery()
        if store is None:
            return GalleryIndex.empty(space)
        return (
            current_index(self._parts)
            if reembeddable(store, space)
            else GalleryIndex.build(space, store.templates(space))
        )

    def _understood(self, record: bytes) -> Sent:
        try:
            return understood(record)
        except InputError as e:
            raise InputError(f"{self._path} {e}") from e

    def _arriving(self, sent: SentPerson) -> _Arriving:
        row = sent.consent
        person = _Arriving(sent.name)
        try:
            person.name = clean_name(sent.name)
            if state_of(row, date.today()) in ("expired", "withdrawn"):
                person.refused = "consent", "their consent has ended: ask them again"
            elif row is not None:
                until = None if row.until is None else date.fromisoformat(row.until)
                person.consent = NewConsent(row.text or row.purpose, until, row.given_by, row.purpose)
                person.given = datetime.fromisoformat(row.given).isoformat(timespec="seconds")
        except (InputError, ValueError) as e:
            person.refused = "name", str(e)
        return person

    def _take(
        self, person: _Arriving, index: GalleryIndex, report: ImportReport, progress: Callable[[int, int], None]
    ) -> None:
        """Enrol the photos of `person` that have come so far."""
        ready: list[tuple[SentPhoto, str, Floats]] = []
        for photo in person.photos:
            label = f"{self._path}, {person.name}, {photo.source}"
            try:
                ready.append((photo, label, self._vector(photo, label)))
            except InputError as e:
                report.rejected.append(_rejected(person, label, "unreadable", str(e)))
        person.photos.clear()
        if person.known is None and person.refused is None:
            self._compare(person, index, [vector for _, _, vector in ready], report)
        for photo, label, vector in ready:
            if self._stop:
                report.cancelled = True
                return
            if person.refused is not None:
                code, why = person.refused
                report.rejected.append(_rejected(person, label, code, f"{label}: {why}"))
            else:
                self._enrol(person, photo, vector, label, report)
            progress(report.done, max(report.done, report.pictures))

    def _compare(self, person: _Arriving, index: GalleryIndex, vectors: list[Floats], report: ImportReport) -> None:
        """Is whoever is called so here the same person? And is there consent where the site requires it, and who
        else here looks like them?"""
        store = self._parts.gallery()
        here: PersonRow | None = None
        try:
            here = store.person(person.name)
        except InputError:
            person.known = False
        else:
            person.known = True
            person.agreed_before = state_of(store.consent(here.id), date.today()) == "given"
            distances = index.distance_to(here.id, np.array(vectors)) if vectors else None
            if distances is None or float(distances.min()) > self._parts.thresholds().verify:
                why = f'somebody is called "{here.name}" here and does not look the same: rename one of the two'
                person.refused = "name_taken", why
                return
            try:
                self._guard(here.name)
            except InputError as e:
                person.refused = NEEDS_PIN, str(e)
                return
        of, id = limits(self._parts, index.templates), None if here is None else here.id
        for vector in vectors:
            report.note_alike(person.name, (c.name for c in relate(vector, index, of, id).others))
        if self._parts.settings.require_consent and person.consent is None and not person.agreed_before:
            person.refused = "consent", "this site requires consent, and none is on record: ask them"

    def _enrol(self, person: _Arriving, photo: SentPhoto, vector: Floats, label: str, report: ImportReport) -> None:
        report.looked_at += 1
        try:
            new = self._store(person, photo, vector, report)
        except BugError:  # a template of a known space with another number of dimensions
            line = f"{label}: its template is none of this version's: photograph them again"
            report.rejected.append(_rejected(person, label, "unreadable", line))
            return
        if new:
            row = {"name": person.name, "image": label, "quality": round(photo.quality, 1), "warnings": []}
            report.enrolled.append(row)
        else:
            report.already.append({"name": person.name, "image": label})

    def _store(self, person: _Arriving, photo: SentPhoto, mine: Floats, report: ImportReport) -> bool:
        """True where the photo is new."""
        parts, store = self._parts, self._parts.gallery()
        whole = photo.crop or b"".join(v.tobytes() for _, v in sorted(photo.templates.items()))
        known = {spec.space for spec in parts.manifest.embedders.values()}
        keep = parts.settings.keep_crops

        def write(person_id: str, new: bool) -> None:
            log_action_if_kept(parts.data_dir, "enrolled" if new else "photo_added", person_id)

        def agree(connection: Any, added: Added) -> None:
            if person.consent is not None and not person.agreed_before:
                put_consent(connection, added.person.id, person.consent, given=person.given)
                person.agreed_before = True

        first = NewPhoto(
            space=parts.space(),
            vector=mine,
            quality=photo.quality,
            source=photo.source,
            crop=photo.crop if keep else None,
            box=photo.box if keep else None,
            landmarks=photo.landmarks if keep else None,
            content=store.vault.mac(whole, "photo"),
            issues=photo.issues,
            override=photo.override,
        )
        added = store.add_photo(person.name, first, first=write, within=agree)
        if not added.repeated:
            report.people.add(added.person.id)
        for space, vector in photo.templates.items():  # of other embedders: they go to the photo that is there now
            if space in known and space != first.space:
                store.add_photo(person.name, replace(first, space=space, vector=vector), first=write)
        return not added.repeated

    def _vector(self, photo: SentPhoto, label: str) -> Floats:
        """Its template of the embedder in use, made from the crop where it brings none. Raises InputError where it
        can't be."""
        there = photo.templates.get(self._parts.space())
        if photo.crop is not None:
            decode_image(photo.crop, label)  # so that nothing is stored that can't be shown
        if there is not None:
            return there
        if photo.crop is None or photo.box is None:
            raise InputError(f"{label}: no template of {self._parts.settings.embedder} and no picture: photograph them")
        return embed_crop(self._parts.embedder(), photo.crop, Face(photo.box, 1.0, photo.landmarks))


def _rejected(person: _Arriving, label: str, code: str, line: str) -> JsonObject:
    return {"name": person.name, "image": label, "reason": line, "codes": [code]}
