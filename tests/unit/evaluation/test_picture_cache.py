import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from faceapp.evaluation.picture_cache import (
    KEPT_DAYS,
    Embedded,
    PictureCache,
    SeenFaces,
    begun,
    cache_folder,
    central_face,
    expire,
    forget,
)
from faceapp.types import Box, Face

DETECTOR = {"detector": "mtcnn", "min_face": 40}
EMBEDDER = {"embedder": "facenet+dlib", "space": "x:1", "dimension": 4}
A, B = b"a" * 32, b"b" * 32


def face(x: float, y: float, side: float, landmarks: bool = True) -> Face:
    points = np.arange(10, dtype=np.float32).reshape(5, 2) if landmarks else None
    return Face(Box(x, y, x + side, y + side), 0.75, points)


def test_what_was_found_is_known_again(tmp_path: Path) -> None:
    vector = np.array([0.5, -0.5, 0.5, 0.5], np.float32)
    with PictureCache(tmp_path, DETECTOR, EMBEDDER).opened() as cache:
        assert cache.faces(A) is None
        cache.add(
            {A: SeenFaces(face(1, 2, 30), face(5, 6, 20, landmarks=False), 0.25), B: SeenFaces(None, None, 0.5)},
            {A: Embedded(vector, 0.125), B: Embedded(None, 0.0)},
        )
    with PictureCache(tmp_path, DETECTOR, EMBEDDER).opened() as cache:
        seen = cache.faces(A)
        assert seen is not None
        assert seen.largest is not None
        assert seen.largest.box == Box(1, 2, 31, 32)
        assert seen.largest.landmarks is not None
        np.testing.assert_array_equal(seen.largest.landmarks, np.arange(10).reshape(5, 2))
        assert seen.central is not None
        assert seen.central.landmarks is None
        assert seen.meant("central") is seen.central
        empty, row, none = cache.faces(B), cache.embedded(A), cache.embedded(B)
        assert empty is not None
        assert empty.largest is None
        assert row is not None
        assert row.seconds == 0.125
        np.testing.assert_array_equal(row.vector, vector)
        assert none is not None
        assert none.vector is None


def test_another_embedder_shares_the_faces_and_nothing_else(tmp_path: Path) -> None:
    with PictureCache(tmp_path, DETECTOR, EMBEDDER).opened() as cache:
        cache.add({A: SeenFaces(None, None, 0.5)}, {A: Embedded(None, 0.0)})
    with PictureCache(tmp_path, DETECTOR, {**EMBEDDER, "space": "x:2"}).opened() as cache:
        assert cache.faces(A) is not None
        assert cache.embedded(A) is None
    with PictureCache(tmp_path, {**DETECTOR, "min_face": 20}, EMBEDDER).opened() as cache:
        assert cache.faces(A) is None
        assert cache.embedded(A) is None


def test_in_memory_nothing_is_written(tmp_path: Path) -> None:
    with PictureCache(None, DETECTOR, EMBEDDER).opened() as cache:
        cache.add({A: SeenFaces(None, None, 0.5)}, {A: Embedded(None, 0.0)})
        assert cache.embedded(A) is not None
    assert list(tmp_path.iterdir()) == []


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    with PictureCache(cache_folder(tmp_path), DETECTOR, EMBEDDER).opened() as cache:
        cache.add({A: SeenFaces(None, None, 0.5)}, {A: Embedded(None, 0.0)})
    assert forget(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []
    assert forget(tmp_path) == 0


def test_a_deletion_while_an_evaluation_runs_is_not_undone(tmp_path: Path) -> None:
    folder = cache_folder(tmp_path)
    mark = begun(tmp_path)
    assert begun(tmp_path) == mark
    with PictureCache(folder, DETECTOR, EMBEDDER, mark).opened() as first:
        first.add({A: SeenFaces(face(1, 2, 30), None, 0.5)}, {A: Embedded(np.ones(4, np.float32), 0.0)})
        assert forget(tmp_path) > 0
        first.add({B: SeenFaces(face(1, 2, 30), None, 0.5)}, {B: Embedded(np.ones(4, np.float32), 0.0)})
        seen = dict(first.seen())
    assert set(seen) == {A, B}
    assert list(tmp_path.iterdir()) == []
    with PictureCache(folder, DETECTOR, {**EMBEDDER, "space": "x:2"}, mark).opened() as second:
        second.add(seen, {A: Embedded(np.ones(4, np.float32), 0.0)})
        assert second.faces(A) is not None
        assert second.embedded(A) is not None, "the evaluation itself goes on"
    other = begun(tmp_path)  # an evaluation that began after the deletion
    assert other != mark
    with PictureCache(folder, DETECTOR, {**EMBEDDER, "space": "x:2"}, other).opened() as later:
        assert later.faces(A) is None
        assert later.embedded(A) is None
        later.add({}, {B: Embedded(None, 0.0)})
    with PictureCache(folder, DETECTOR, {**EMBEDDER, "space": "x:2"}, other).opened() as again:
        assert again.embedded(B) is not None


def test_what_a_kill_left_of_a_deletion_goes_with_the_next(tmp_path: Path) -> None:
    left = tmp_path / "evaluation.gone-0a1b2c3d"
    left.mkdir()
    (left / "faces.records").write_bytes(b"x")
    forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_for_ever(tmp_path: Path) -> None:
    expire(tmp_path, datetime.now(UTC))  # nothing there
    with PictureCache(cache_folder(tmp_path), DETECTOR, EMBEDDER).opened() as cache:
        cache.add({A: SeenFaces(None, None, 0.5)}, {A: Embedded(None, 0.0)})
    now = datetime.now(UTC)
    expire(tmp_path, now + timedelta(days=KEPT_DAYS) - timedelta(minutes=1))
    assert len(list(cache_folder(tmp_path).glob("*.records"))) == 2
    faces = next(cache_folder(tmp_path).glob("faces-*.records"))
    os.utime(faces, (now.timestamp(), now.timestamp() + 3600))
    expire(tmp_path, now + timedelta(days=KEPT_DAYS, minutes=1))
    assert list(cache_folder(tmp_path).glob("*.records")) == [faces]


def test_the_face_in_the_middle_is_not_the_largest_at_the_edge() -> None:
    large, middle = face(0, 0, 90), face(95, 95, 60)
    assert central_face([large, middle], 250, 250) is middle
    assert central_face([large], 250, 250) is large
    assert central_face([], 250, 250) is None
