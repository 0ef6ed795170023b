"""The inbox of unknown faces: who is in it, by person, and what somebody decides about each. Nothing is learned without
that decision.

An entry is one person's tracks, clustered anew whenever it is asked for, and is called by the id of the track whose
picture is shown. Any of its tracks' ids means the entry; enrolling takes the very picture that is asked for, not one
that came in since somebody looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from faceapp.app.audit import log_action_if_kept
from faceapp.app.enrolling import Enrolled, Enroller
from faceapp.enrollment.clusters import cluster, nearest
from faceapp.errors import InputError, KnownError
from faceapp.gallery.inbox import GONE
from faceapp.gallery.inbox_rows import NewTrack, TrackRow
from faceapp.gallery.store import GalleryStore
from faceapp.images import decode_image
from faceapp.types import Floats, JsonObject

IGNORED, DELETED = "unknown_ignored", "unknown_deleted"
"""Actions in the audit log, with the id of the entry's track, which is as random as a person's."""
SOURCE = "unknown faces"
"""What the gallery notes as a photo's origin."""
SHORTEST_ID = 6
"""Characters of an id that are enough where they mean one track."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Somebody in the inbox."""

    id: str
    """Of the track whose picture is the best."""
    tracks: tuple[str, ...]
    """Ids; each is one time that they were seen."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    camera: str
    """Where they were seen last."""
    quality: float
    """Of the best picture, 0 to 100."""
    ignored: bool
    has_picture: bool

    def as_json(self) -> JsonObject:
        """For the command line."""
        return {
            "id": self.id,
            "seen": len(self.tracks),
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
            "camera": self.camera,
            "quality": round(self.quality, 1),
            "state": "ignored" if self.ignored else "new",
            "picture": self.has_picture,
        }


# Looking


def entries(store: GalleryStore, space: str, same_person: float) -> list[Entry]:
    """Everybody in the inbox: new ones first, of each kind who was seen last first. `same_person`: the distance up to
    which two tracks are one person, the space's verify threshold. Raises UnavailableError where the key is missing."""
    rows = store.tracks(space)
    new = [r for r in rows if not r.ignored]
    groups = [[new[i] for i in group] for group in cluster([_vectors(r) for r in new], same_person)]
    groups += _ignored(rows)
    found = sorted((_entry(group) for group in groups), key=lambda e: e.last_seen, reverse=True)
    return sorted(found, key=lambda e: e.ignored)


def find(found: Sequence[Entry], wanted: str) -> tuple[Entry, str]:
    """The entry that an id, or the beginning of one, means, and the whole id of that track. Raises InputError where it
    means nobody or several."""
    wanted = wanted.strip().lower()
    hits = [(e, t) for e in found for t in e.tracks if t.startswith(wanted)] if len(wanted) >= SHORTEST_ID else []
    if not hits:
        raise InputError(GONE)
    if len(hits) > 1:
        raise InputError(f"several faces have an id that begins with {wanted}: give more of it")
    return hits[0]


# Deciding


def enrol(store: GalleryStore, enroller: Enroller, entry: Entry, track_id: str, name: str) -> Enrolled:
    """Make that track's picture a photo of `name`, as any other picture: through the quality gate, with consent where
    the site requires it. The entry leaves the inbox. Raises as `Enroller.enrol`, and then it stays."""
    picture = store.track_crop(track_id)
    if picture is None:
        raise InputError("no picture is kept of who is ignored: delete this entry, and it can be enrolled next time")
    label = f"unknown face {track_id[:8]}"
    done = enroller.enrol(name, decode_image(picture, label), SOURCE, label=label, data=picture)
    store.delete_tracks(entry.tracks)
    store.scrub()
    return done


def ignore(store: GalleryStore, data_dir: Path, entry: Entry) -> None:
    """Bother nobody with this person any more, as long as they come again within the retention time. Raises InputError
    where the entry is gone, UnavailableError where there is a log that can't be written."""
    store.ignore_tracks(entry.tracks, first=lambda: log_action_if_kept(data_dir, IGNORED, entry.id))
    store.scrub()


def delete(store: GalleryStore, data_dir: Path, entry: Entry) -> tuple[bool, str | None]:
    """Remove an entry with every trace. Whether no byte lingers, and why it isn't in the audit log (None: it is, or
    there is none): a deletion waits for nothing. Raises InputError where the entry is gone."""
    not_logged = None
    try:
        log_action_if_kept(data_dir, DELETED, entry.id)
    except KnownError as e:
        not_logged = str(e)
    store.delete_tracks(entry.tracks)
    return store.scrub(), not_logged


# Coming and going


def take_in(store: GalleryStore, track: NewTrack, same_person: float) -> bool:
    """Keep a track; False where it isn't kept: it is somebody who is ignored, who is remembered for another while, or
    the inbox is full."""
    ignored = _ignored(store.tracks(track.space))
    known = [(group, [v for r in group if len(v := _vectors(r))]) for group in ignored]
    known = [(group, vectors) for group, vectors in known if vectors]
    at = nearest(track.vectors, [vectors for _, vectors in known], same_person)
    if at is None:
        return store.add_track(track) is not None
    store.touch_cluster(str(known[at][0][0].cluster), track.last_seen)
    return False


def expire(store: GalleryStore, days: int, now: datetime) -> int:
    """Delete who was last seen more than `days` days before `now` (with a time zone), ignored or not; how many tracks
    that were."""
    before = (now - timedelta(days=days)).astimezone(UTC).isoformat(timespec="microseconds")
    gone = store.expire_tracks(before)
    if gone:
        store.scrub()
    return gone


def _ignored(rows: Sequence[TrackRow]) -> list[list[TrackRow]]:
    """The ignored tracks, by person."""
    groups: dict[str, list[TrackRow]] = {}
    for row in rows:
        if row.ignored:
            groups.setdefault(row.cluster or row.id, []).append(row)
    return list(groups.values())


def _vectors(row: TrackRow) -> Floats:
    return np.zeros((0, 0), np.float32) if row.vectors is None else row.vectors


def _entry(group: Sequence[TrackRow]) -> Entry:
    best = max(group, key=lambda r: (r.has_crop, r.quality, r.id))
    last = max(group, key=lambda r: r.last_seen)
    return Entry(
        id=best.id,
        tracks=tuple(r.id for r in group),
        first_seen=min(r.first_seen for r in group),
        last_seen=last.last_seen,
        camera=last.camera,
        quality=best.quality,
        ignored=best.ignored,
        has_picture=best.has_crop,
    )
