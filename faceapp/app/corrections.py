"""What somebody puts right: two people who are one, and "that is not NAME". Each is in the audit log, where the site
keeps one, before it happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeAlias

from faceapp.app.audit import log_action_if_kept
from faceapp.app.futures import then
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.guest import GUEST_ID
from faceapp.app.parts import Parts
from faceapp.app.spaces import current_index, require_person
from faceapp.errors import InputError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.merges import MergeRow
from faceapp.gallery.names import name_key
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import Floats, JsonObject

OWN_PHOTO = 0.1
"""A face so near to one of a person's photos is that very photo: the astronaut's, compressed to JPEG quality 50, lies
at 0.07 of itself, and another photo of the same person is mostly 0.2 to 0.45 away. That it isn't them would mean that
the photo stands under the wrong name, which no negative example mends."""

MERGED, MERGED_AWAY, UNMERGED, RESTORED = "merged_into", "merged_away", "merge_undone", "restored"
NOT_THEM, NOT_THEM_FORGOTTEN = "negative_added", "negatives_forgotten"
"""Actions in the audit log: of the one who stays and of the other one; of a person."""


def merge(store: GalleryStore, data_dir: Path, person_id: str, into_id: str) -> MergeRow:
    """Make two people one. Raises as `GalleryStore.merge`, and UnavailableError where there is a log that can't be
    written."""

    def write(away: str, into: str) -> None:
        log_action_if_kept(data_dir, MERGED_AWAY, away)
        log_action_if_kept(data_dir, MERGED, into)

    done = store.merge(person_id, into_id, first=write)
    store.scrub()  # the other name stood in the clear
    return done


def undo_merge(store: GalleryStore, data_dir: Path, name: str | None = None) -> tuple[MergeRow, PersonRow]:
    """Take back the newest merge, or the newest of whoever was called `name`: that merge, and the person who is back.
    Raises as `GalleryStore.undo_merge`, and InputError where there is no such merge."""

    found = [m for m in store.merges() if name is None or name_key(m.name) == name_key(name)]
    if not found:
        who = "nobody was merged" if name is None else f'nobody called "{" ".join(name.split())}" was merged'
        raise InputError(f"{who} into somebody, or it cannot be undone any more")
    return found[0], undo_merge_by_id(store, data_dir, found[0].id)


def undo_merge_by_id(store: GalleryStore, data_dir: Path, merge_id: str) -> PersonRow:
    """Take back this merge: the person who is back. Raises as `GalleryStore.undo_merge`, and UnavailableError where
    there is a log that can't be written."""

    def write(away: str, into: str) -> None:
        log_action_if_kept(data_dir, RESTORED, away)
        log_action_if_kept(data_dir, UNMERGED, into)

    return store.undo_merge(merge_id, first=write)


def add_negative(
    store: GalleryStore, data_dir: Path, index: GalleryIndex, person_id: str, space: str, vector: Floats
) -> PersonRow:
    """Keep a face, float32 (D,), that is not this person's. `index`: holds the person's templates. Raises InputError
    where it is one of the person's own photos, and as `GalleryStore.add_negative`."""
    person = store.person_by_id(person_id)
    distances = index.distance_to(person_id, vector[None])
    if distances is not None and float(distances[0]) <= OWN_PHOTO:
        raise InputError(
            f"this is one of {person.name}'s own photos: if it is somebody else's, that photo is under the wrong name"
        )
    store.add_negative(person_id, space, vector, first=lambda id: log_action_if_kept(data_dir, NOT_THEM, id))
    return person


def not_name(parts: Parts, name: str, vector: Floats) -> JsonObject:
    """That face, float32 (D,) in the embedder's space, is not `name`'s. Raises InputError for an unknown name."""
    person = require_person(parts, name)
    store, index = parts.gallery(), current_index(parts)
    add_negative(store, parts.data_dir, index, person.id, parts.space(), vector)
    distances = index.distance_to(person.id, vector[None])
    return {
        "id": person.id,
        "name": person.name,
        "distance": None if distances is None else round(float(distances[0]), 4),
        "negatives": store.negatives_of(person.id),
    }


def forget_not_name(parts: Parts, name: str) -> JsonObject:
    """Forget every face that was said not to be `name`'s. Raises InputError for an unknown name."""
    person = require_person(parts, name)
    forgotten = parts.gallery().forget_negatives(
        person.id, first=lambda id: log_action_if_kept(parts.data_dir, NOT_THEM_FORGOTTEN, id)
    )
    return {"id": person.id, "name": person.name, "negatives": 0, "forgotten": forgotten}


Named: TypeAlias = tuple[Floats, str]
"""A face's embedding and the id of whom it is named as."""
Asks: TypeAlias = Callable[[Callable[[Recogniser], Named]], Future[Named]]


class LiveCorrections:
    """ "That is not NAME", said of a live face. Nothing waits: the face is asked of the recognition's thread, and what
    is stored is stored on the gallery's."""

    def __init__(self, gallery: GalleryThread, ask: Asks, data_dir: Path, space: str) -> None:
        """`ask`: the recognition's thread, `RecognitionThread.call`."""
        self._gallery = gallery
        self._ask = ask
        self._data_dir = data_dir
        self._space = space

    def not_this_person(self, track: int, person_id: str | None = None) -> Future[str]:
        """Keep the face of `track` as one that is not `person_id`'s (None: whom it is named as now); their name. It is
        named otherwise from the next frame on when the future is done. An InputError where the face is gone, not named,
        or named otherwise by now."""

        def keep(named: Named) -> Future[str]:
            vector, whose = named

            def job(store: GalleryStore) -> str:
                view = self._gallery.view
                index = GalleryIndex.empty(self._space) if view is None else view.index
                return add_negative(store, self._data_dir, index, whose, self._space, vector).name

            return self._gallery.submit(job)

        return then(self._ask(lambda recogniser: _named(recogniser, track, person_id)), keep)


def _named(recogniser: Recogniser, track: int, person_id: str | None) -> Named:
    """On the recognition thread: the face's embedding and whom it is named as."""
    vector, match = recogniser.seen(track) or (None, None)
    if vector is None or match is None or not match.accepted:
        raise InputError("this face is not there any more, or has no name: point at one that has")
    if person_id is not None and match.nearest.person_id != person_id:
        raise InputError(f"this face is taken for {match.nearest.name} now: look again")
    if match.nearest.person_id == GUEST_ID:
        raise InputError("the demonstration's guest is never stored, so there is nothing to correct")
    return vector, match.nearest.person_id
