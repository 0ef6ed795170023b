"""Several cameras from their first frames to their last, over one invented pair of networks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from faceapp.camera.source import FrameSource
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.several_run import SeveralRun
from tests.fakes.camera import HandedSource, ScriptedSource, Step, picture
from tests.fakes.vision import Seen, World, index_of
from tests.polling import until

SECOND = 1_000_000_000


@pytest.fixture
def world() -> World:
    world = World()
    world.people = [Seen("Ada")]
    return world


def recognisers(world: World, count: int) -> list[Recogniser]:
    return [
        Recogniser(detector=world, embedder=world, index=index_of("Ada"), threshold=0.9, same_person=1.0, min_face=40)
        for _ in range(count)
    ]


def film(count: int, fps: float = 30.0) -> list[Step]:
    return [picture(k, round(k * SECOND / fps), (640, 480)) for k in range(count)]


def gives(source: FrameSource) -> Callable[[], FrameSource]:
    return lambda: source


def test_every_frame_of_each_film_one_of_each_in_turn(world: World) -> None:
    makes = [gives(ScriptedSource(film(n))) for n in (3, 5)]
    run = SeveralRun(makes, recognisers(world, 2), drop=False, frames=None)
    assert [(n, r.frame_id) for n, r in run] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (1, 3), (1, 4)]
    data = run.as_json()
    assert (data["frames_read"], data["frames_processed"], data["frames_dropped"]) == (8, 8, 0)
    assert [(c["camera"], c["frames_processed"]) for c in data["cameras"]] == [(0, 3), (1, 5)]


def test_each_camera_has_tracks_of_its_own(world: World) -> None:
    makes = [gives(ScriptedSource(film(2))) for _ in range(2)]
    tracks = {(n, f.track) for n, r in SeveralRun(makes, recognisers(world, 2), False, None) for f in r.faces}
    assert len(tracks) == 2


@pytest.mark.parametrize("drop", [True, False])
def test_so_many_frames_of_each_and_no_more(world: World, drop: bool) -> None:
    sources = [ScriptedSource(film(30, fps=5.0)) for _ in range(2)]
    run = SeveralRun([gives(s) for s in sources], recognisers(world, 2), drop, frames=3)
    assert Counter(n for n, _ in run) == {0: 3, 1: 3}
    until(lambda: all(s.calls[-1] == "close" for s in sources))


@pytest.mark.parametrize("drop", [True, False])
def test_one_that_cannot_be_opened_does_not_end_the_other(world: World, drop: bool) -> None:
    broken = ScriptedSource(InputError("this is no video"))
    run = SeveralRun([gives(broken), gives(ScriptedSource(film(3)))], recognisers(world, 2), drop, None)
    assert {n for n, _ in run} == {1}
    assert {n: str(e) for n, e in run.failed.items()} == {0: "this is no video"}


def test_a_camera_that_is_lost_is_told_and_told_again_when_it_is_back(world: World) -> None:
    camera = HandedSource()
    camera.hand(picture(0, 0, (640, 480)), UnavailableError("the camera was unplugged"))
    told: list[tuple[int, str | None]] = []

    def changed(n: int, error: KnownError | None) -> None:
        told.append((n, None if error is None else str(error)))
        if error is not None:
            camera.hand(picture(0, SECOND, (640, 480)))
        else:
            run.stop()

    run = SeveralRun([gives(HandedSource()), gives(camera)], recognisers(world, 2), True, None, changed)
    assert {n for n, _ in run} == {1}
    assert told == [(1, "the camera was unplugged"), (1, None)]
    assert run.failed == {}


def test_it_stops_when_it_is_asked_to(world: World) -> None:
    run = SeveralRun([gives(ScriptedSource(film(50))) for _ in range(2)], recognisers(world, 2), False, None)
    for _, result in run:
        if result.frame_id == 1:
            run.stop()
    assert run.total.frames_processed == 3
