"""The people page's work on the gallery's thread: everybody's rows, deleting many, merging two, consent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from datetime import date

from faceapp.app import consent as consents
from faceapp.app import corrections, people_log
from faceapp.app.door_guard import check_merge, door_holders, merge_gives_door
from faceapp.app.duplicates import likeness
from faceapp.app.gallery_thread import GalleryThread, GalleryView
from faceapp.app.live_types import ConsentForm
from faceapp.app.parts import Parts
from faceapp.app.people_types import NO_DOOR, DoorWords, Likeness, Merged, PeopleDeleted, PeopleRow
from faceapp.app.pictures import PORTRAIT, thumbnail
from faceapp.app.rights import describe_door, describe_right
from faceapp.app.thumbnails import Thumbnails
from faceapp.errors import UnavailableError
from faceapp.gallery.merges import MergeRow
from faceapp.gallery.right_rows import RightRow
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary

UNREAD = "The gallery is not open, so nobody knows who may open the door: try again in a moment."


class ManagedPeople:
    """`ManageControl` on the gallery's thread. Called on the GUI thread."""

    def __init__(self, parts: Parts, gallery: GalleryThread, not_logged: Callable[[str | None], object]) -> None:
        """`not_logged` is told why a deletion isn't in the audit log, where it should be, or None. Starts nothing."""
        self._parts = parts
        self._gallery = gallery
        self._not_logged = not_logged
        self._thumbnails = Thumbnails(gallery, thumbnail)
        self._listed: tuple[GalleryView, tuple[PeopleRow, ...]] | None = None
        self._progress: float | None = None

    # Looking

    def rows(self) -> Sequence[PeopleRow]:
        """See `ManageControl.rows`."""
        view = self._gallery.view
        if view is None:
            return ()
        if self._listed is None or self._listed[0] is not view:
            words: dict[object, DoorWords] = {}
            made = (PeopleRow(p, _door(view.rights.get(p.id), words)) for p in view.people)
            self._listed = view, tuple(made)
        return self._listed[1]

    def marker(self) -> int:
        """See `ManageControl.marker`."""
        view = self._gallery.view
        return -1 if view is None else view.marker

    def thumbnail(self, person: PersonSummary) -> bytes | None:
        """See `ManageControl.thumbnail`."""
        return person.thumbnail or self._thumbnails.get(person)

    def drawn(self) -> int:
        """See `ManageControl.drawn`."""
        return self._thumbnails.drawn

    def portrait(self, person_id: str) -> Future[bytes | None]:
        """See `ManageControl.portrait`."""
        return self._gallery.submit(lambda store: thumbnail(store, person_id, PORTRAIT))

    def consent(self, person_id: str) -> Future[ConsentForm | None]:
        """See `ManageControl.consent`."""

        def look(store: GalleryStore) -> ConsentForm | None:
            row = store.consent(person_id)
            if row is None:
                return None
            until = None if row.until is None else date.fromisoformat(row.until)
            return ConsentForm(row.purpose, row.given_by, row.text or "", until)

        return self._gallery.submit(look)

    def likeness(self, one_id: str, other_id: str) -> Future[Likeness]:
        """See `ManageControl.likeness`."""
        limit = self._parts.thresholds().verify

        def look(_: GalleryStore) -> Likeness:
            view = self._gallery.view
            if view is None:
                return Likeness(None, limit)
            theirs = [(id, "", v) for id in (one_id, other_id) for v in view.index.templates_of(id)]
            return likeness(TemplateTable.of(view.index.space, theirs), one_id, other_id, limit)

        return self._gallery.submit(look)

    def door_holders(self, names: Collection[str] | None = None) -> tuple[str, ...]:
        """See `ManageControl.door_holders`."""
        view = self._read()
        return door_holders(view.people, view.rights, names)

    def merge_gives_door(self, person_id: str, into_id: str) -> bool:
        """See `ManageControl.merge_gives_door`."""
        rights = self._read().rights
        return merge_gives_door(rights.get(person_id), rights.get(into_id))

    # Changing

    def delete(self, person_ids: Sequence[str]) -> Future[PeopleDeleted]:
        """See `ManageControl.delete`."""
        ids = tuple(dict.fromkeys(person_ids))
        self._progress = 0.0

        def job(store: GalleryStore) -> PeopleDeleted:
            try:
                known = {person.id for person in store.people()}
                why = dict.fromkeys((id for id in ids if id in known), people_log.DELETED)
                gone = tuple(id for id in ids if id not in known)
                if not why:
                    return PeopleDeleted(0, True, gone)
                done = people_log.delete_all(store, self._parts.data_dir, why, self._step)
            finally:
                self._progress = None
            self._not_logged(done.not_logged)
            return PeopleDeleted(len(why), done.erased, gone)

        asked = self._gallery.submit(job)
        if asked.cancelled():  # the session was stopped
            self._progress = None
        return asked

    def progress(self) -> float | None:
        """See `ManageControl.progress`."""
        return self._progress

    def merge(self, person_id: str, into_id: str, pin_given: bool = False) -> Future[Merged]:
        """See `ManageControl.merge`."""
        data_dir = self._parts.data_dir

        def job(store: GalleryStore) -> Merged:
            if not pin_given:
                check_merge(store, data_dir, person_id, into_id)
            return _merged(corrections.merge(store, data_dir, person_id, into_id))

        return self._gallery.submit(job)

    def merges(self) -> Future[Sequence[Merged]]:
        """See `ManageControl.merges`."""
        return self._gallery.submit(lambda store: tuple(map(_merged, store.merges())))

    def undo_merge(self, merge_id: str) -> Future[str]:
        """See `ManageControl.undo_merge`."""
        data_dir = self._parts.data_dir
        return self._gallery.submit(lambda store: corrections.undo_merge_by_id(store, data_dir, merge_id).name)

    def record_consent(self, person_id: str, consent: ConsentForm) -> Future[None]:
        """See `ManageControl.record_consent`."""

        def job(store: GalleryStore) -> None:
            given = consents.new_consent(consent.text, consent.until, consent.given_by, consent.purpose)
            people_log.record_consent(store, self._parts.data_dir, person_id, given)

        return self._gallery.submit(job)

    def withdraw_consent(self, person_id: str) -> Future[PeopleDeleted]:
        """See `ManageControl.withdraw_consent`."""

        def job(store: GalleryStore) -> PeopleDeleted:
            done = consents.withdraw(store, self._parts.data_dir, person_id)
            self._not_logged(done.not_logged)
            return PeopleDeleted(len(done.ids), done.erased)

        return self._gallery.submit(job)

    def _read(self) -> GalleryView:
        view = self._gallery.view
        if view is None:  # nobody knows who has the door, so nothing may count as reaching nobody who has it
            raise UnavailableError(UNREAD)
        return view

    def _step(self, part: float) -> None:
        self._progress = part


def _door(right: RightRow | None, words: dict[object, DoorWords]) -> DoorWords:
    """`words`: those that were made already. Thousands of people share a few."""
    if right is None:
        return NO_DOOR
    key = right.allowed, right.own, right.active, right.groups, right.hours, right.badge_required
    if key not in words:
        door, hours = describe_door(describe_right(right))
        with_badge = ", with a badge" if right.badge_required and door == "yes" else ""
        words[key] = DoorWords(f"{door}{with_badge}", hours, ", ".join(right.groups))
    return words[key]


def _merged(row: MergeRow) -> Merged:
    return Merged(row.id, row.name, row.into_name, row.created, row.photos)
