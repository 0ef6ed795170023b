"""The gallery's inbox: faces that nobody matched, until somebody decides or their time is over. The part of
`GalleryStore` that keeps them.

A track has one picture, its best, and a few embeddings; all are sealed. Who is ignored keeps the embeddings, so that
they are known again and bother nobody, and loses the picture: nobody needs to look at it any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.gallery.database import Database
from faceapp.gallery.inbox_rows import NewTrack, TrackRow
from faceapp.gallery.models import inbox_face, inbox_track
from faceapp.gallery.negatives import keyed
from faceapp.gallery.opening import request_scrub
from faceapp.gallery.queries import now
from faceapp.gallery.register import Deletion, register
from faceapp.gallery.rows import as_blob, as_matrix
from faceapp.gallery.sealing import bound_track_crop, bound_track_face
from faceapp.security.vault import Vault
from faceapp.types import Floats

MOST = 500
"""Tracks in the inbox. Who doesn't look at so many doesn't look at more, and collecting faces has to have an end."""
GONE = 'that face is not in the inbox any more: "faceapp people unknown list" shows who is'


class Inbox:
    """As everything in the store: each method is one short transaction, for any thread. Of what is deleted, expired or
    ignored the traces go with `GalleryStore.scrub`, which whoever asks for it calls next."""

    _database: Database

    def add_track(self, track: NewTrack) -> str | None:
        """Keep a face that nobody matched; its random id, or None where the inbox is full and nothing was kept."""
        blobs = [as_blob(vector) for vector in track.vectors]
        track_id = uuid.uuid4().hex
        with self._database.writing() as connection:
            if (connection.scalar(select(func.count()).select_from(inbox_track)) or 0) >= MOST:
                return None
            vault = keyed(self._database)
            connection.execute(
                insert(inbox_track).values(
                    id=track_id,
                    first_seen=track.first_seen,
                    last_seen=track.last_seen,
                    camera=track.camera,
                    state="new",
                    quality=track.quality,
                    crop=vault.seal(track.crop, bound_track_crop(track_id)),
                )
            )
            for blob in blobs:
                face_id = uuid.uuid4().hex
                sealed = vault.seal(blob, bound_track_face(face_id, track_id, track.space))
                values = {"id": face_id, "track_id": track_id, "space": track.space, "dimension": len(blob) // 4}
                connection.execute(insert(inbox_face).values(**values, vector=sealed))
        return track_id

    def tracks(self, space: str) -> list[TrackRow]:
        """Everything in the inbox, the oldest first, with the embeddings in `space`. Raises UnavailableError where the
        key is missing or something was altered."""
        with self._database.reading() as connection:
            vault = keyed(self._database)
            vectors = _vectors(connection, vault, space)
            columns = [c for c in inbox_track.c if c is not inbox_track.c.crop]
            query = select(*columns, inbox_track.c.crop.is_not(None).label("has_crop"))
            return [
                TrackRow(
                    id=row.id,
                    first_seen=row.first_seen,
                    last_seen=row.last_seen,
                    camera=row.camera,
                    ignored=row.state == "ignored",
                    cluster=row.cluster,
                    quality=row.quality,
                    has_crop=bool(row.has_crop),
                    vectors=vectors.get(row.id),
                )
                for row in connection.execute(query.order_by(inbox_track.c.first_seen, inbox_track.c.id))
            ]

    def track_crop(self, track_id: str) -> bytes | None:
        """The track's picture, JPEG; None where it has none (ignored). Raises InputError where the track is gone."""
        with self._database.reading() as connection:
            row = connection.execute(select(inbox_track.c.crop).where(inbox_track.c.id == track_id)).one_or_none()
            if row is None:
                raise InputError(GONE)
            return None if row.crop is None else keyed(self._database).open(row.crop, bound_track_crop(track_id))

    def ignore_tracks(self, track_ids: Collection[str], *, first: Callable[[], object] | None = None) -> str:
        """Bother nobody with these any more: one person's tracks. Their pictures go, the embeddings stay, under one
        cluster's id, which is returned. `first` is called when all is well and nothing is written yet; what it raises
        keeps it so. Raises InputError where one of them is gone."""
        cluster = uuid.uuid4().hex
        with self._database.writing() as connection:
            _require(connection, track_ids)
            if first is not None:
                first()
            values = {"state": "ignored", "cluster": cluster, "crop": None}
            connection.execute(update(inbox_track).where(inbox_track.c.id.in_(track_ids)).values(values))
            request_scrub(connection)
        return cluster

    def touch_cluster(self, cluster: str, at: str) -> None:
        """Somebody who is ignored was seen again, at this time (ISO 8601, UTC): their time begins anew."""
        with self._database.writing() as connection:
            one = (inbox_track.c.cluster == cluster) & (inbox_track.c.last_seen < at)
            connection.execute(update(inbox_track).where(one).values(last_seen=at))

    def delete_tracks(self, track_ids: Collection[str], *, first: Callable[[], object] | None = None) -> None:
        """Delete these, and enter it into the register of deletions. `first` as in `ignore_tracks`. Raises InputError
        where one of them is gone, and nothing is done."""
        with self._database.writing() as connection:
            _require(connection, track_ids)
            if first is not None:
                first()
            _delete(connection, inbox_track.c.id.in_(track_ids))

    def expire_tracks(self, before: str) -> int:
        """Delete who was last seen before this time (ISO 8601, UTC); how many tracks that were."""
        with self._database.writing() as connection:
            return _delete(connection, inbox_track.c.last_seen < before)


def _require(connection: Connection, track_ids: Iterable[str]) -> None:
    wanted = set(track_ids)
    found = set(connection.scalars(select(inbox_track.c.id).where(inbox_track.c.id.in_(wanted))))
    if not wanted or found != wanted:
        raise InputError(GONE)


def _delete(connection: Connection, which: ColumnElement[bool]) -> int:
    ids = connection.scalars(select(inbox_track.c.id).where(which)).all()
    if ids:
        at = now()
        register(connection, [Deletion(track_id, "track", at) for track_id in ids])
        connection.execute(delete(inbox_track).where(which))
        request_scrub(connection)
    return len(ids)


def _vectors(connection: Connection, vault: Vault, space: str) -> dict[str, Floats]:
    """By track: its embeddings (N, D) in `space`."""
    plain: dict[str, list[bytes]] = {}
    query = select(inbox_face).where(inbox_face.c.space == space).order_by(inbox_face.c.id)
    for row in connection.execute(query):
        blob = vault.open(row.vector, bound_track_face(row.id, row.track_id, space))
        plain.setdefault(row.track_id, []).append(blob)
    try:
        return {track_id: as_matrix(blobs) for track_id, blobs in plain.items()}
    except BugError as e:
        raise UnavailableError(f"the gallery is damaged ({e}): restore a backup") from e
