from __future__ import annotations

import math
from collections.abc import Iterable
from copy import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.types import Box, Face
from faceapp.vision.tracker import Memo, Track, Tracker

FRAME = 33_333_333  # ns at 30 frames a second


def face(x: float, y: float = 100, size: float = 100, score: float = 0.99) -> Face:
    """A face around (x, y)."""
    box = Box(x - size * 0.4, y - size / 2, x + size * 0.4, y + size / 2)
    marks = np.array([[-18, -10], [18, -10], [0, 8], [-14, 28], [14, 28]], np.float32) * size / 100
    return Face(box, score, marks + np.array([x, y], np.float32))


def play(tracker: Tracker, frames: Iterable[list[Face]], start: int = 0, step: int = FRAME) -> list[list[Track]]:
    """The tracks as they were after each frame (copies: the tracker's own live on)."""
    return [[copy(t) for t in tracker.update(faces, start + i * step)] for i, faces in enumerate(frames)]


def ids(tracks: list[Track]) -> list[int]:
    return [t.id for t in tracks]


def test_a_new_face_is_a_track_at_once() -> None:
    seen = face(100)
    (track,) = Tracker().update([seen], 5)
    assert track.observed
    assert track.face is track.detection is seen
    assert (track.born_ns, track.seen_ns, track.hits, track.memo) == (5, 5, 1, None)
    assert track.certain


def test_a_face_keeps_its_track() -> None:
    history = play(Tracker(), [[face(100 + 4 * i)] for i in range(30)])
    assert {tuple(ids(tracks)) for tracks in history} == {(1,)}
    assert history[-1][0].hits == 30


def test_tracks_come_largest_first() -> None:
    tracks = Tracker().update([face(100, size=50), face(400, size=150), face(700, size=90)], 0)
    assert [round(t.face.box.height) for t in tracks] == [150, 90, 50]


def test_a_missed_face_is_carried_along_its_way_and_then_gone() -> None:
    tracker = Tracker()
    play(tracker, [[face(100 + 5 * i)] for i in range(20)])
    (carried,) = tracker.update([], 20 * FRAME)
    assert not carried.observed
    assert carried.detection is None
    assert carried.face.box.center[0] == pytest.approx(200, abs=3)
    assert carried.face.landmarks is not None
    assert carried.face.landmarks[2, 0] == pytest.approx(200, abs=3)  # the nose goes with it
    assert carried.seen_ns == 19 * FRAME
    assert len(tracker.update([], 19 * FRAME + 390_000_000)) == 1
    assert tracker.update([], 19 * FRAME + 410_000_000) == []


def test_a_face_found_again_is_the_same() -> None:
    tracker = Tracker()
    play(tracker, [[face(100 + 5 * i)] for i in range(20)])
    play(tracker, [[]] * 8, start=20 * FRAME)
    (track,) = tracker.update([face(240)], 28 * FRAME)
    assert track.id == 1
    assert track.observed
    assert not track.certain, "somebody else may have come to the same place"
    (track,) = tracker.update([face(245)], 29 * FRAME)
    assert track.certain


def test_what_was_seen_in_a_single_frame_dies_quietly() -> None:
    tracker = Tracker()
    play(tracker, [[face(100)], [face(100), face(500)]])
    assert ids(tracker.update([face(100)], 2 * FRAME)) == [1]


def test_ids_are_never_used_twice() -> None:
    tracker = Tracker()
    seen = set()
    for i in range(10):
        (track,) = tracker.update([face(100 + 1000 * (i % 2))], i * 10**10)
        assert track.id not in seen
        seen.add(track.id)
    tracker.reset()
    (track,) = tracker.update([face(100)], 10**12)
    assert track.id not in seen


def test_a_still_face_does_not_tremble() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1.5, (200, 3))
    raw = [face(300 + dx, 200 + dy, 120 + ds) for dx, dy, ds in noise.tolist()]
    drawn = [tracks[0].face.box for tracks in play(Tracker(), [[f] for f in raw])]

    def trembling(boxes: list[Box]) -> float:
        return float(np.abs(np.diff([b.as_list() for b in boxes[20:]], axis=0)).mean())

    assert trembling(drawn) < 0.6 * trembling([f.box for f in raw])


def test_a_moving_face_is_not_lagged_behind() -> None:
    for speed in (3, 12, 30):  # pixels a frame; the face is 100 high
        history = play(Tracker(), [[face(100 + speed * i)] for i in range(25)])
        assert ids(history[-1]) == [1]
        for i in range(5, 25):
            assert history[i][0].face.box.center[0] == pytest.approx(100 + speed * i, abs=3)
        assert history[-1][0].velocity[0] == pytest.approx(speed * 30, rel=0.1)


def test_a_fast_face_that_starts_from_rest_keeps_its_track() -> None:
    positions = [100.0] * 10 + [100 + 60 * i for i in range(1, 10)]
    history = play(Tracker(), [[face(x)] for x in positions])
    assert {tuple(ids(tracks)) for tracks in history} == {(1,)}


def test_on_a_slow_machine_too() -> None:
    # Five frames a second; somebody walks by at a face's height per second and a half.
    history = play(Tracker(), [[face(100 + 14 * i)] for i in range(20)], step=200_000_000)
    assert {tuple(ids(tracks)) for tracks in history} == {(1,)}


def test_a_face_elsewhere_is_another() -> None:
    tracker = Tracker()
    play(tracker, [[face(100)]] * 5)
    assert sorted(ids(tracker.update([face(500)], 5 * FRAME))) == [1, 2]  # the first is carried


def test_a_face_of_another_size_is_another() -> None:
    tracker = Tracker()
    play(tracker, [[face(100, size=200)]] * 5)
    tracks = tracker.update([face(100, size=60)], 5 * FRAME)
    assert 2 in ids(tracks)


def test_one_face_never_has_two_boxes() -> None:
    tracker = Tracker()
    play(tracker, [[face(100, size=200)]] * 5)
    # Too small to be the same to the tracker, but right within its box.
    tracks = tracker.update([face(100, size=110)], 5 * FRAME)
    seen = [t for t in tracks if t.observed]
    for carried in (t for t in tracks if not t.observed):
        assert all(carried.face.box.iou(s.face.box) < 0.4 for s in seen)


def test_people_who_walk_past_each_other_keep_their_tracks() -> None:
    tracker = Tracker()
    history = play(tracker, [[face(100 + 10 * i, 100), face(600 - 10 * i, 160)] for i in range(50)])
    by_id = {t.id: t for t in history[-1]}
    assert set(by_id) == {1, 2}
    assert by_id[1].face.box.center[0] == pytest.approx(590, abs=5)
    assert by_id[2].face.box.center[0] == pytest.approx(110, abs=5)


def test_where_two_faces_meet_neither_is_certain() -> None:
    history = play(Tracker(), [[face(100 + 10 * i, 100), face(600 - 10 * i, 110)] for i in range(50)])
    assert all(t.certain for t in history[10])
    assert not any(t.certain for t in history[25])
    assert all(t.certain for t in history[-1])


def test_a_jump_is_not_certain() -> None:
    tracker = Tracker()
    play(tracker, [[face(100)]] * 5)
    (track,) = tracker.update([face(165)], 5 * FRAME)
    assert track.id == 1
    assert not track.certain
    play(tracker, [[face(165)]] * 3, start=6 * FRAME)
    (track,) = tracker.update([face(165)], 9 * FRAME)
    assert track.certain


def test_a_neighbours_face_is_not_taken_over() -> None:
    """One of two neighbours is no longer seen: the other's face stays the other's."""
    tracker = Tracker()
    play(tracker, [[face(100), face(210)]] * 5)
    tracks = tracker.update([face(210)], 5 * FRAME)
    assert {t.id: t.observed for t in tracks} == {1: False, 2: True}


def test_time_that_stands_still_or_goes_back_breaks_nothing() -> None:
    tracker = Tracker()
    for now in (10**9, 10**9, 5 * 10**8):
        (track,) = tracker.update([face(100)], now)
        assert all(math.isfinite(v) for v in (*track.velocity, *track.face.box.as_list()))


def test_the_memo_is_left_alone() -> None:
    tracker = Tracker()
    (track,) = tracker.update([face(100)], 0)
    memo = Memo(np.ones(3, np.float32), 0, 50.0)
    track.memo = memo
    for i in range(1, 5):
        (same,) = tracker.update([face(100)] if i != 3 else [], i * FRAME)
        assert same is track
        assert same.memo is memo


def test_what_needs_an_embedding() -> None:
    tracker = Tracker()
    (track,) = tracker.update([face(100)], 0)
    assert track.needs_embedding(50, 0)  # new
    track.memo = Memo(np.ones(3, np.float32), embedded_ns=0, quality=50)
    assert not track.needs_embedding(50, FRAME)
    assert not track.needs_embedding(64, FRAME)
    assert track.needs_embedding(65, FRAME)  # improved
    assert not track.needs_embedding(10, 999_999_999)
    assert track.needs_embedding(10, 1_000_000_000)  # stale
    tracker.update([face(100)], FRAME)
    tracker.update([], 2 * FRAME)
    assert not track.needs_embedding(100, 10**10)  # carried: there is nothing to embed


def test_a_doubt_stays_until_the_face_is_embedded_again() -> None:
    tracker = Tracker()
    play(tracker, [[face(100)]] * 5)
    (track,) = tracker.update([face(165)], 5 * FRAME)
    track.memo = Memo(np.ones(3, np.float32), embedded_ns=4 * FRAME, quality=50)
    assert track.needs_embedding(50, 5 * FRAME)
    play(tracker, [[face(165)]] * 5, start=6 * FRAME)
    assert track.certain
    assert track.needs_embedding(50, 10 * FRAME)
    track.memo = Memo(np.ones(3, np.float32), embedded_ns=10 * FRAME, quality=50)
    assert not track.needs_embedding(50, 10 * FRAME)


boxes = st.builds(face, st.floats(-50, 700), st.floats(-50, 500), st.floats(5, 400))


@given(st.lists(st.tuples(st.lists(boxes, max_size=5), st.integers(0, 10**9)), max_size=12))
def test_whatever_is_seen_every_face_has_one_track(frames: list[tuple[list[Face], int]]) -> None:
    tracker, now, highest = Tracker(), 0, 0
    for faces, gone in frames:
        now += gone
        tracks = tracker.update(faces, now)
        observed = [t for t in tracks if t.observed]
        assert {id(t.detection) for t in observed} == {id(f) for f in faces}
        assert len({t.id for t in tracks}) == len(tracks)
        new = [t.id for t in tracks if t.hits == 1 and t.born_ns == now and t.id > highest]
        assert all(i > highest for i in new)
        highest = max([highest, *ids(tracks)])
        for track in tracks:
            assert now - track.seen_ns <= 400_000_000
            assert all(math.isfinite(v) for v in (*track.face.box.as_list(), *track.velocity))
