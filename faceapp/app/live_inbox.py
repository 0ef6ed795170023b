"""The inbox of unknown faces as a window sees and changes it.

Nothing waits. The entries are read, decided about and stored on the gallery's thread; a picture that is to become a
photo is looked at by the recogniser, between two frames, which alone owns networks.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeAlias

from faceapp import settings as settings_file
from faceapp.app import inbox
from faceapp.app.audit import log_action_if_kept
from faceapp.app.duplicates import limits
from faceapp.app.enrolling import new_photo
from faceapp.app.futures import or_else, then
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.inbox_types import Entry, InboxState
from faceapp.app.live_enrolment import given_consent
from faceapp.app.live_types import ConsentForm, Lookalike, SnapshotState
from faceapp.app.parts import Parts
from faceapp.app.people import summary
from faceapp.app.people_log import add_photo
from faceapp.app.snapshots import Portrait, as_sentence, related
from faceapp.enrollment.gate import Gate
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.gallery.inbox_rows import TrackRow
from faceapp.gallery.store import GalleryStore
from faceapp.images import decode_image
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, PersonSummary

COLLECTED, NOT_COLLECTED = "unknown_collected", "unknown_not_collected"
"""Actions in the audit log: the site turned its inbox on or off."""
GONE = "That face is not in the inbox any more: somebody decided about it, or its time was over."
NO_PICTURE = "No picture is kept of who is ignored: delete this entry, and it can be enrolled next time."
NO_FACE = "No face was found in this picture: delete the entry, and wait for a better one."
SEVERAL = (
    "This picture shows several faces, and nobody can tell whose name is meant: delete the entry, and wait for another."
)
NOT_NOW = "Faces are not recognised at the moment, so nobody can be enrolled: the notice in the picture says why."
LINGERING = "Another program holds the gallery's file: the last traces in it go when faceapp starts again."
NO_CROPS = "This site keeps no pictures of faces (the setting keep_crops is off), so none can be collected."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Examined:
    """A picture of the inbox that shows one face."""

    data: bytes
    portrait: Portrait
    known_as: str | None
    lookalikes: tuple[Lookalike, ...]


Asks: TypeAlias = Callable[[Callable[[Recogniser], _Examined]], "Future[_Examined]"]


class InboxService:
    """`InboxControl` on the gallery's thread. Called on the GUI thread; `collecting` by anybody."""

    def __init__(self, parts: Parts, gallery: GalleryThread, ask: Asks, gate: Gate | None = None) -> None:
        """`ask` runs a command with the recogniser between two frames; cancelled where none runs. Starts nothing."""
        self._parts = parts
        self._gallery = gallery
        self._ask = ask
        self._gate = gate or Gate()
        self._wanted = parts.settings.inbox
        self._listed: tuple[tuple[object, ...], tuple[Entry, ...]] | None = None
        """What the entries were made of, and the entries. The gallery's thread alone."""

    def collecting(self) -> bool:
        """Whether unknown faces are to be kept now."""
        return self._wanted and self._parts.settings.keep_crops

    # Looking

    def state(self) -> InboxState:
        """See `InboxControl.state`."""
        settings = self._parts.settings
        return InboxState(self.collecting(), settings.keep_crops, settings.retention.inbox_days)

    def marker(self) -> int:
        """See `InboxControl.marker`."""
        view = self._gallery.view
        return hash((view.marker if view else -1, self._wanted))

    def entries(self) -> Future[tuple[Entry, ...]]:
        """See `InboxControl.entries`."""
        return self._gallery.submit(self._entries)

    def waiting(self) -> Future[int]:
        """See `InboxControl.waiting`."""
        return self._gallery.submit(lambda store: sum(not e.ignored for e in self._entries(store)))

    def picture(self, entry: Entry) -> Future[bytes | None]:
        """See `InboxControl.picture`."""
        return self._gallery.submit(lambda store: _crop(store, entry))

    def examine(self, entry: Entry) -> Future[SnapshotState]:
        """See `InboxControl.examine`."""

        def shown(seen: _Examined) -> Future[SnapshotState]:
            portrait = seen.portrait
            answer: Future[SnapshotState] = Future()
            answer.set_result(
                SnapshotState(
                    "ready",
                    1.0,
                    keep_crop(portrait.image, portrait.face).image,
                    portrait.report.figure,
                    tuple(map(as_sentence, portrait.report.sentences)),
                    known_as=seen.known_as,
                    lookalikes=seen.lookalikes,
                    override=not portrait.report.passed,
                )
            )
            return answer

        return then(self._examined(entry), shown)

    # Deciding

    def enrol(self, entry: Entry, name: str, consent: ConsentForm | None = None) -> Future[PersonSummary]:
        """See `InboxControl.enrol`."""
        try:
            given = None if consent is None else given_consent(consent)
        except InputError as e:
            refused: Future[PersonSummary] = Future()
            refused.set_exception(e)
            return refused
        parts = self._parts

        def store_it(seen: _Examined) -> Future[PersonSummary]:
            def job(store: GalleryStore) -> PersonSummary:
                [there] = self._still_there(store, [entry])
                of, content = seen.portrait, store.vault.mac(seen.data, "photo")
                photo = new_photo(parts, of.image, of.face, of.vector, of.report, inbox.SOURCE, content)
                added = add_photo(store, parts.data_dir, name, photo, given, parts.settings.require_consent)
                store.delete_tracks(there.tracks)
                self._gallery.submit(lambda store: store.scrub())  # the name needn't wait for it
                return summary(added.person)

            return self._gallery.submit(job)

        return then(self._examined(entry), store_it)

    def ignore(self, entries: Sequence[Entry]) -> Future[None]:
        """See `InboxControl.ignore`."""
        return self._gallery.submit(
            lambda store: inbox.ignore(store, self._parts.data_dir, *self._still_there(store, entries))
        )

    def delete(self, entries: Sequence[Entry]) -> Future[str]:
        """See `InboxControl.delete`."""

        def job(store: GalleryStore) -> str:
            there = self._still_there(store, entries)
            erased, not_logged = inbox.delete(store, self._parts.data_dir, *there)
            logged = "" if not_logged is None else f"The deletion is not in the audit log: {not_logged}."
            return " ".join(line for line in ("" if erased else LINGERING, logged) if line)

        return self._gallery.submit(job)

    def collect(self, on: bool) -> Future[None]:
        """See `InboxControl.collect`. Turned on it is logged and stored first, turned off it is off first."""
        directory = self._parts.data_dir
        if not on:
            self._wanted = False

        def job(_: GalleryStore) -> None:
            if on and not self._parts.settings.keep_crops:
                raise UnavailableError(NO_CROPS)
            try:
                log_action_if_kept(directory, COLLECTED if on else NOT_COLLECTED)
            except KnownError as e:
                if on:
                    raise
                _log.warning("that no unknown faces are collected is not in the audit log: %s", e)
            settings_file.change(directory, lambda stored: dataclasses.replace(stored, inbox=on))
            self._wanted = on

        return self._gallery.submit(job)

    # Below: not for windows

    def _entries(self, store: GalleryStore) -> tuple[Entry, ...]:
        """On the gallery's thread. Any change of the gallery asks for them; people are clustered anew only when their
        tracks have changed."""
        rows = store.tracks(self._parts.space())
        of = tuple(_of_what(row) for row in rows)
        if self._listed is None or self._listed[0] != of:
            self._listed = of, tuple(inbox.group(rows, self._parts.thresholds().verify))
        return self._listed[1]

    def _still_there(self, store: GalleryStore, entries: Sequence[Entry]) -> list[Entry]:
        """The entries with those of their tracks that are there. Raises InputError where there are none."""
        known = {row.id for row in store.tracks(self._parts.space())}
        left = [dataclasses.replace(e, tracks=tuple(t for t in e.tracks if t in known)) for e in entries]
        left = [e for e in left if e.tracks]
        if not left:
            raise InputError(GONE)
        return left

    def _examined(self, entry: Entry) -> Future[_Examined]:
        """The entry's picture from the gallery's thread, looked at on the recognition's."""

        def read(store: GalleryStore) -> tuple[bytes, BgrImage]:
            data = _crop(store, entry)
            if data is None:
                raise InputError(NO_PICTURE)
            return data, decode_image(data, "the picture of this unknown face")

        def look(recogniser: Recogniser, data: bytes, image: BgrImage) -> _Examined:
            report = self._gate.check(image, recogniser.detector.detect(image, recogniser.min_face))
            if report.face is None:
                raise InputError(SEVERAL if "several_faces" in report.codes else NO_FACE)
            vector = recogniser.embedder.embed(image, [report.face])[0]
            known_as, lookalikes = related(recogniser, vector, lambda templates: limits(self._parts, templates))
            return _Examined(data, Portrait(image, report.face, vector, report), known_as, lookalikes)

        return then(
            self._gallery.submit(read),
            lambda read: or_else(self._ask(lambda recogniser: look(recogniser, *read)), UnavailableError(NOT_NOW)),
        )


def _of_what(row: TrackRow) -> tuple[object, ...]:
    return row.id, row.ignored, row.cluster, row.last_seen, row.has_crop, row.vectors is None


def _crop(store: GalleryStore, entry: Entry) -> bytes | None:
    try:
        return store.track_crop(entry.id)
    except InputError:
        raise InputError(GONE) from None
