"""The inbox in the gallery: sealed, listed, ignored, deleted with every trace, and over after its time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.gallery import inbox
from faceapp.gallery.backups import FOLDER, make_backup
from faceapp.gallery.database import FILE_NAME
from faceapp.gallery.inbox_rows import NewTrack
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats

SPACE = "space:1"


def unit(seed: int, rows: int = 1) -> Floats:
    v = np.random.default_rng(seed).normal(size=(rows, 128))
    return (v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32)


def track(seed: int, day: int = 1, rows: int = 2, space: str = SPACE) -> NewTrack:
    crop = np.random.default_rng(1000 + seed).bytes(9_000)
    seen = f"2026-11-{day:02d}T10:00:00+00:00"
    return NewTrack(seen, seen, "Camera 0", 70.0, crop, space, unit(seed, rows))


def added(store: GalleryStore, new: NewTrack) -> str:
    track_id = store.add_track(new)
    assert track_id is not None
    return track_id


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        yield store


def sealed_of(data_dir: Path, track_id: str) -> list[bytes]:
    """The picture and the embeddings as they stand in the file."""
    queries = "SELECT crop FROM inbox_track WHERE id = ?", "SELECT vector FROM inbox_face WHERE track_id = ?"
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as connection:
        return [value for query in queries for (value,) in connection.execute(query, (track_id,))]


def holding(data_dir: Path, *pieces: bytes) -> set[str]:
    """The files that hold one of `pieces`."""
    files = [f for f in data_dir.rglob("*") if f.is_file()]
    return {f.name for f in files if any(p in f.read_bytes() for p in pieces)}


def test_what_is_kept_comes_back(store: GalleryStore) -> None:
    later, first = added(store, track(2, day=2)), added(store, track(1, day=1))
    a, b = store.tracks(SPACE)
    assert (a.id, b.id) == (first, later)
    assert (a.camera, a.quality, a.ignored, a.cluster, a.has_crop) == ("Camera 0", 70.0, False, None, True)
    assert a.vectors is not None
    assert sorted(map(bytes, a.vectors)) == pytest.approx(sorted(map(bytes, unit(1, 2))))
    assert store.track_crop(first) == track(1).crop
    assert [t.vectors for t in store.tracks("other")] == [None, None], "another space is not compared"


def test_nothing_of_it_is_in_the_clear(store: GalleryStore, data_dir: Path) -> None:
    new = track(1)
    added(store, new)
    pieces = new.crop[100:148], new.vectors[0].tobytes()[:48]
    assert holding(data_dir, *pieces) == set()


def test_a_picture_put_under_another_track_does_not_open(store: GalleryStore, data_dir: Path) -> None:
    one, other = added(store, track(1)), added(store, track(2))
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as connection, connection:
        moving = "UPDATE inbox_track SET crop = (SELECT crop FROM inbox_track WHERE id = ?) WHERE id = ?"
        connection.execute(moving, (one, other))
        connection.execute("UPDATE inbox_face SET track_id = ? WHERE track_id = ?", (other, one))
    with pytest.raises(UnavailableError):
        store.track_crop(other)
    with pytest.raises(UnavailableError):
        store.tracks(SPACE)


def test_who_is_ignored_has_no_picture_and_stays_known(store: GalleryStore) -> None:
    one, two, other = (added(store, track(seed)) for seed in (1, 2, 3))
    cluster = store.ignore_tracks([one, two])
    rows = {t.id: t for t in store.tracks(SPACE)}
    assert [rows[i].ignored for i in (one, two, other)] == [True, True, False]
    assert [rows[i].cluster for i in (one, two, other)] == [cluster, cluster, None]
    assert rows[one].vectors is not None
    assert (store.track_crop(one), rows[one].has_crop) == (None, False)
    store.touch_cluster(cluster, "2026-11-09T10:00:00+00:00")
    store.touch_cluster(cluster, "2026-11-05T10:00:00+00:00")
    assert {t.last_seen[:10] for t in store.tracks(SPACE) if t.ignored} == {"2026-11-09"}


def test_deleted_leaves_no_trace_in_file_or_backup(store: GalleryStore, data_dir: Path) -> None:
    one, other = added(store, track(1)), added(store, track(2))
    pieces = [s[:40] for s in sealed_of(data_dir, one)]
    assert len(pieces) == 3
    make_backup(store.path, data_dir / FOLDER, datetime.now(UTC))
    assert len(holding(data_dir, *pieces)) >= 2, "the search finds them before"
    store.delete_tracks([one])
    assert store.scrub()
    assert holding(data_dir, *pieces) == set()
    assert [t.id for t in store.tracks(SPACE)] == [other]
    assert [(d.id, d.kind) for d in store.deletions()] == [(one, "track")]


def test_the_picture_of_who_is_ignored_leaves_no_trace_in_the_file(store: GalleryStore, data_dir: Path) -> None:
    one = added(store, track(1))
    sealed = sealed_of(data_dir, one)[0]
    store.ignore_tracks([one])
    assert store.scrub()
    assert holding(data_dir, sealed[:40]) == set()


def test_only_what_is_old_expires(store: GalleryStore) -> None:
    old, young = added(store, track(1, day=1)), added(store, track(2, day=5))
    assert store.expire_tracks("2026-11-05T10:00:00+00:00") == 1
    assert [t.id for t in store.tracks(SPACE)] == [young]
    assert [d.id for d in store.deletions()] == [old]
    assert store.expire_tracks("2026-11-05T10:00:00+00:00") == 0


def test_what_is_gone_is_said_to_be_and_nothing_is_done(store: GalleryStore) -> None:
    one = added(store, track(1))
    for ids in ([one, "nobody"], []):
        with pytest.raises(InputError, match="not in the inbox"):
            store.ignore_tracks(ids)
        with pytest.raises(InputError, match="not in the inbox"):
            store.delete_tracks(ids)
    with pytest.raises(InputError, match="not in the inbox"):
        store.track_crop("nobody")
    [row] = store.tracks(SPACE)
    assert not row.ignored


def test_what_must_be_written_down_first_can_keep_it_from_happening(store: GalleryStore) -> None:
    one = added(store, track(1))

    def fail() -> None:
        raise UnavailableError("the audit log cannot be written")

    with pytest.raises(UnavailableError):
        store.ignore_tracks([one], first=fail)
    with pytest.raises(UnavailableError):
        store.delete_tracks([one], first=fail)
    assert [t.ignored for t in store.tracks(SPACE)] == [False]


def test_a_full_inbox_takes_nothing_more(store: GalleryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST", 2)
    assert [store.add_track(track(seed)) is None for seed in (1, 2, 3)] == [False, False, True]
    assert len(store.tracks(SPACE)) == 2


def test_an_embedding_that_is_none_is_a_bug(store: GalleryStore) -> None:
    new = track(1)
    new.vectors[1] = 0
    with pytest.raises(BugError):
        store.add_track(new)
    assert store.tracks(SPACE) == []
