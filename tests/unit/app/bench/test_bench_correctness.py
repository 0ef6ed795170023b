"""The judge of live runs: each kind of mistake is seen, and a run without one is right."""

from __future__ import annotations

from typing import Any

import pytest

from faceapp.app.bench.correctness import TrueFace, judge, presences
from faceapp.types import Box

FRAMES = 40


def box(k: int, x: float = 0.0) -> Box:
    """Somebody who walks to the right, in frame `k`."""
    return Box(x + 2 * k, 10, x + 2 * k + 60, 90)


def true_faces() -> list[list[TrueFace]]:
    """Ada, whom every second frame's embedding knows, and a stranger far to her right."""
    return [[TrueFace(box(k), "Ada" if k % 2 else None), TrueFace(box(k, 400))] for k in range(FRAMES)]


def event(k: int, ada: str | None = "Ada", stranger: str | None = None) -> dict[str, Any]:
    """What the command says of frame `k`."""
    faces = [
        {"box": box(k).as_list(), "track": 1, "name": ada, "distance": 0.5 + 0.01 * (k // 6), "observed": True},
        {"box": box(k, 400).as_list(), "track": 2, "name": stranger, "distance": 1.2, "observed": True},
    ]
    return {"type": "frame", "frame": k, "t": k / 30, "faces": faces}


def said() -> list[dict[str, Any]]:
    """A run without a mistake: the name comes with the third frame."""
    return [event(k, ada="Ada" if k >= 2 else None) for k in range(FRAMES)] + [{"type": "summary"}]


def test_a_run_without_a_mistake_is_right() -> None:
    found = judge(true_faces(), said())
    assert found.right
    assert (found.frames, found.faces, found.more) == (FRAMES, 2 * FRAMES, 0)
    assert found.until_named == [2]
    assert found.oldest_s == pytest.approx(5 / 30)


def test_a_presence_has_the_name_that_its_frames_know() -> None:
    ada, stranger = presences(true_faces())
    assert (ada.name, stranger.name) == ("Ada", None)
    assert len(ada.faces) == len(stranger.faces) == FRAMES


def test_somebody_who_comes_back_later_is_another_presence() -> None:
    faces = true_faces()
    faces[10:30] = [[] for _ in range(20)]
    assert len(presences(faces)) == 4


def test_a_frame_that_was_not_processed_is_seen() -> None:
    events = said()
    del events[7]
    assert len(judge(true_faces(), events).lost) == 2


def test_a_box_beside_the_face_is_seen() -> None:
    events = said()
    events[5]["faces"][0]["box"] = box(5, 25).as_list()
    found = judge(true_faces(), events)
    assert len(found.lost) == 1
    assert "frame 5" in found.lost[0]


def test_one_box_is_not_two_faces() -> None:
    events = said()
    events[5]["faces"].pop()
    assert len(judge(true_faces(), events).lost) == 1


@pytest.mark.parametrize(("ada", "stranger"), [("Bea", None), ("Ada", "Ada")])
def test_a_wrong_name_is_seen(ada: str, stranger: str | None) -> None:
    events = said()
    events[20] = event(20, ada, stranger)
    found = judge(true_faces(), events)
    assert len(found.wrong) == 1
    assert not found.right


def test_a_name_that_goes_again_is_seen() -> None:
    events = said()
    events[20] = event(20, ada=None)
    found = judge(true_faces(), events)
    assert len(found.nameless) == 1
    assert not found.right


def test_somebody_who_is_never_named_is_seen() -> None:
    events = [event(k, ada=None) for k in range(FRAMES)]
    found = judge(true_faces(), events)
    assert len(found.never) == 1
    assert not found.right


def test_a_box_on_nothing_is_counted() -> None:
    events = said()
    events[3]["faces"].append({"box": [600, 300, 660, 380], "track": 3, "name": None, "observed": True})
    found = judge(true_faces(), events)
    assert found.more == 1
    assert found.right, "a poster that looks like a face is no mistake of speed"


def test_an_identity_that_is_never_looked_at_again_grows_old() -> None:
    events = said()
    for k in range(2, FRAMES):
        events[k]["faces"][0]["distance"] = 0.5
    assert judge(true_faces(), events).oldest_s == pytest.approx((FRAMES - 3) / 30, abs=1e-3)
