"""A loop of frames follows the gallery, waits for no snapshot, and hears of every right that changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.following import Following
from faceapp.app.parts import Parts
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from tests.polling import until

WAIT = 30.0


def named(index: GalleryIndex, seed: int) -> str | None:
    [match] = index.match(vector(seed)[np.newaxis], 0.01)
    return None if match is None else match.name


def vector(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    v = np.random.default_rng(seed).standard_normal(8)
    return (v / np.linalg.norm(v)).astype(np.float32)


def test_no_frame_waits_for_a_snapshot(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("app.indexing", "gallery.index", "gallery.snapshots"):
        monkeypatch.setattr(f"faceapp.{module}.EXACT_UP_TO", 20)
    monkeypatch.setattr("faceapp.gallery.index.IN_ONE_STAGE", 20)
    release, write = threading.Event(), GalleryStore.write_snapshot

    def slow(store: GalleryStore, space: str, going: Callable[[], bool]) -> None:
        assert release.wait(WAIT)
        write(store, space, going)

    parts = Parts.open(data_dir)
    with GalleryStore.open(data_dir) as other, Following(parts) as following:
        space = parts.embedder().space
        for seed in range(22):
            other.add_photo(f"Person {seed}", NewPhoto(space, vector(seed), 70, f"{seed}.jpg"))
        first = following.now()
        assert following.now() is first
        assert following.changes == 1
        monkeypatch.setattr(GalleryStore, "write_snapshot", slow)
        other.delete(other.person("Person 7").id)
        index = following.now()
        assert (named(index, 7), named(index, 8)) == (None, "Person 8")
        before = following.changes
        other.rename(other.person("Person 8").id, "Ada")
        assert named(following.now(), 8) == "Ada"
        assert following.changes == before + 1
        other.add_group("cleaners", allowed=True)
        following.now()
        assert following.changes == before + 2, "a right may be another one"
        release.set()
        until(lambda: other.has_snapshot(space), WAIT)
        until(lambda: not following.now().changes, WAIT)  # type: ignore[attr-defined] # of a large index
        assert (named(following.now(), 7), named(following.now(), 8)) == (None, "Ada")
