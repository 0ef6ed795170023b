"""The inbox of unknown faces: who is in it, by person, and what somebody decides about each. Nothing is learned without
that decision.

An entry is one person's tracks, clustered anew whenever it is asked for, and is called by the id of the track whose
picture is shown. Any of its tracks' ids means the entry; enrolling takes the very picture that is asked for, not one
that came in since somebody looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from faceapp.app.audit import log_action_if_kept
from faceapp.app.enrolling import Enrolled, Enroller
from faceapp.app.inbox_types import Entry
from faceapp.enrollment.clusters import cluster, nearest
from faceapp.errors import InputError, KnownError
from faceapp.gallery.inbox import GONE
from faceapp.gallery.inbox_rows import NewTrack, TrackRow
from faceapp.gallery.store import GalleryStore
from faceapp.images import decode_image
from faceapp.types import Floats

IGNORED, DELETED = "unknown_ignored", "unknown_deleted"
"""Actions in the audit log, with the id of the entry's track, which is as random as a person's."""
SOURCE = "unknown faces"
"""What the gallery notes as a photo's origin."""
SHORTEST_ID = 6
"""Characters of an id that are enough where they mean one track."""


# Looking


def entries(store: GalleryStore, space: str, same_person: float) -> list[Entry]:
    """Everybody in the inbox: new ones first, of each kind who was seen last first. `same_person`: the distance up to
    which two tracks are one person, the space's verify threshold. Raises UnavailableError where the key is missing."""
    return group(store.tracks(space), same_person)


def group(rows: Sequence[TrackRow], same_person: float) -> list[Entry]:
    """As `entries`, of what the gallery has."""
    new = [r for r in rows if not r.ignored]
    groups = [[new[i] for i in one] for one in cluster([_vectors(r) for r in new], same_person)]
    groups += _ignored(rows)
    found = sorted(map(_entry, groups), key=lambda e: e.last_seen, reverse=True)
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


def ignore(store: GalleryStore, data_dir: Path, *which: Entry) -> None:
    """Bother nobody with these people any more, as long as they come again within the retention time. Raises InputError
    where an entry is gone, UnavailableError where there is a log that can't be written; those before it are ignored."""
    try:
        for entry in which:
            store.ignore_tracks(entry.tracks, first=partial(log_action_if_kept, data_dir, IGNORED, entry.id))
    finally:
        store.scrub()


def delete(store: GalleryStore, data_dir: Path, *which: Entry) -> tuple[bool, str | None]:
    """Remove entries with every trace, all or none. Whether no byte lingers, and why it isn't in the audit log (None:
    it is, or there is none): a deletion waits for nothing. Raises InputError where an entry is gone."""
    not_logged = None
    for entry in which:
        try:
            log_action_if_kept(data_dir, DELETED, entry.id)
        except KnownError as e:
            not_logged = str(e)
    store.delete_tracks([track for entry in which for track in entry.tracks])
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
