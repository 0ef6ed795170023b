"""What the gallery has in which embedding space, and letting go of what nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faceapp.gallery.inbox_rows import NewTrack
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.spaces import SpaceRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import Box, Floats


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir, busy_seconds=0.05) as opened:
        yield opened


def vector(seed: int) -> Floats:
    v = np.random.default_rng(seed).standard_normal(16)
    return (v / np.linalg.norm(v)).astype(np.float32)


def photo(seed: int, crop: bytes | None = b"a JPEG") -> NewPhoto:
    return NewPhoto("old", vector(seed), 70.0, f"{seed}.jpg", crop, Box(1, 2, 30, 40), np.ones((5, 2), "f4"))


def test_what_is_kept_in_which_space(store: GalleryStore) -> None:
    assert store.spaces() == []
    ada = store.add_photo("Ada", photo(1))
    store.add_photo("Ada", photo(2))
    store.add_photo("Bob", photo(3, crop=None))
    store.add_templates("new", {ada.photo_id: vector(4)})
    store.add_negative(ada.person.id, "old", vector(5))
    store.add_negative(ada.person.id, "older", vector(6))
    now = "2026-01-01T00:00:00.000000+00:00"
    store.add_track(NewTrack(now, now, "camera", 50.0, b"a JPEG", "old", np.stack([vector(7), vector(8)])))
    assert store.spaces() == [
        SpaceRow("new", 1, 1, 0, 0),
        SpaceRow("old", 3, 2, 1, 1),
        SpaceRow("older", 0, 0, 1, 0),
    ]
    assert [row.all for row in store.spaces()] == [1, 5, 1]
    assert [p.name for p in store.people_lacking("new")] == ["Bob"]
    assert [p.name for p in store.people_lacking("newer")] == ["Ada", "Bob"]
    assert store.people_lacking("old") == []


def test_old_spaces_go_without_a_trace_and_photos_stay(store: GalleryStore, data_dir: Path) -> None:
    ada = store.add_photo("Ada", replace(photo(1), space="retired"))
    store.add_negative(ada.person.id, "retired", vector(5))
    store.add_templates("new", {ada.photo_id: vector(4)})
    assert [row.space for row in store.drop_spaces_but("new")] == ["retired"]
    assert [row.space for row in store.spaces()] == ["new"]
    assert store.negatives_of(ada.person.id) == 0
    [row] = store.photos(ada.person.id)
    assert (row.spaces, store.crop(row.id)) == (("new",), b"a JPEG")
    assert store.scrub()
    assert b"retired" not in b"".join(f.read_bytes() for f in sorted(data_dir.rglob("gallery.db*")))
    assert store.drop_spaces_but("new") == []
