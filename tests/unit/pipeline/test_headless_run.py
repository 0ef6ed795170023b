"""A source from its first frame to its last, without a window."""

from __future__ import annotations

import threading

import pytest

from faceapp.errors import InputError, UnavailableError
from faceapp.pipeline.headless import HeadlessRun
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Frame
from tests.fakes.camera import PunctualCamera, ScriptedSource, Step, picture
from tests.fakes.vision import Seen, World, index_of

SECOND = 1_000_000_000


def recogniser(world: World) -> Recogniser:
    return Recogniser(
        detector=world, embedder=world, index=index_of("Ada"), threshold=0.9, same_person=1.0, min_face=40
    )


@pytest.fixture
def world() -> World:
    world = World()
    world.people = [Seen("Ada")]
    return world


def film(count: int, fps: float = 30.0) -> list[Step]:
    return [picture(k, round(k * SECOND / fps), (640, 480)) for k in range(count)]


def test_every_frame_of_a_film_without_waiting_for_it(world: World) -> None:
    source = ScriptedSource(film(20, fps=0.01))  # half an hour, were it shown
    run = HeadlessRun(source, recogniser(world), drop=False, frames=None)
    assert [r.frame_id for r in run] == list(range(20))
    assert (run.frames_read, run.frames_processed, run.frames_dropped) == (20, 20, 0)
    assert source.calls[-1] == "close"
    assert run.fps > 1
    p50, p95 = run.latencies.percentiles()
    assert 0 < p50 <= p95 < 5000, "from reading to result, not from the film's own time"


def test_it_does_the_same_each_time(world: World) -> None:
    """Tracking and embedding go by the film's time, not by how fast this machine is."""

    def once() -> list[object]:
        results = list(HeadlessRun(ScriptedSource(film(40)), recogniser(world), drop=False, frames=None))
        return [[(f.track, f.face.box, f.match) for f in r.faces] for r in results]

    first = once()
    embedded = list(world.embedded)
    assert once() == first
    assert world.embedded == embedded * 2


def test_faces_are_found_ahead_of_naming_and_the_results_are_those_of_one_after_the_other(world: World) -> None:
    threads = set()
    detect = world.detect

    def noted(image: BgrImage, min_face: int) -> list[Face]:
        threads.add(threading.current_thread().name)
        return detect(image, min_face)

    steps = film(20)
    alone = recogniser(world)
    expected = [alone.process(step) for step in steps if isinstance(step, Frame)]
    world.detect = noted  # type: ignore[method-assign]  # to see who calls
    results = list(HeadlessRun(ScriptedSource(steps), recogniser(world), drop=False, frames=None))
    assert [[(f.face.box, f.match) for f in r.faces] for r in results] == [
        [(f.face.box, f.match) for f in r.faces] for r in expected
    ]
    assert threads == {"find-ahead"}
    assert not any(t.name == "find-ahead" for t in threading.enumerate())


def test_before_a_door_one_frame_is_judged_before_the_next_is_looked_at(world: World) -> None:
    looked: list[int] = []
    detect = world.detect
    before = Recogniser(
        detector=world,
        embedder=world,
        index=index_of("Ada"),
        threshold=0.9,
        same_person=1.0,
        min_face=40,
        front=lambda tracks, _: tracks[0] if tracks else None,
    )

    def noted(image: BgrImage, min_face: int) -> list[Face]:
        looked.append(len(world.embedded))
        return detect(image, min_face)

    world.detect = noted  # type: ignore[method-assign]  # to see when it is called
    assert len(list(HeadlessRun(ScriptedSource(film(4)), before, drop=False, frames=None))) == 4
    assert looked == [0, 1, 2, 3]


@pytest.mark.parametrize("drop", [True, False])
def test_what_goes_wrong_while_faces_are_found_is_raised(world: World, drop: bool) -> None:
    world.fails_with = UnavailableError("the card is gone")
    run = HeadlessRun(ScriptedSource(film(5)), recogniser(world), drop=drop, frames=None)
    with pytest.raises(UnavailableError, match="gone"):
        list(run)


@pytest.mark.parametrize("drop", [True, False])
def test_it_stops_after_so_many_frames(world: World, drop: bool) -> None:
    run = HeadlessRun(ScriptedSource(film(30, fps=240)), recogniser(world), drop=drop, frames=3)
    assert len(list(run)) == 3
    assert run.frames_processed == 3


def test_slow_recognition_sees_the_newest_frame_and_the_rest_is_counted(world: World) -> None:
    """While the first frame is in work the film runs to its end: recognition sees frames 0 and 9."""
    all_read, busy = threading.Event(), threading.Event()
    frames: list[Step] = film(10, fps=10_000)
    frames.insert(1, lambda: busy.wait(10))
    frames.append(all_read.set)
    detect = world.detect

    def slow(image: object, min_face: int) -> object:
        busy.set()
        all_read.wait(10)
        return detect(image, min_face)  # type: ignore[arg-type]

    world.detect = slow  # type: ignore[method-assign, assignment]
    run = HeadlessRun(ScriptedSource(frames), recogniser(world), drop=True, frames=None)
    assert [r.frame_id for r in run] == [0, 9]
    assert (run.frames_read, run.frames_processed, run.frames_dropped) == (10, 2, 8)


def test_a_pause_is_not_the_end(world: World) -> None:
    run = HeadlessRun(ScriptedSource(film(2, fps=3)), recogniser(world), drop=True, frames=None)
    assert [r.frame_id for r in run] == [0, 1]


@pytest.mark.parametrize("drop", [True, False])
def test_what_cannot_be_opened_or_breaks_off_is_raised(world: World, drop: bool) -> None:
    run = HeadlessRun(ScriptedSource(UnavailableError("no camera 7")), recogniser(world), drop=drop, frames=None)
    with pytest.raises(UnavailableError, match="no camera 7"):
        list(run)
    source = ScriptedSource([*film(2), InputError("cut off")])
    run = HeadlessRun(source, recogniser(world), drop=drop, frames=None)
    with pytest.raises(InputError, match="cut off"):
        list(run)
    assert source.calls[-1] == "close"
    assert run.frames_read == 2


def test_leaving_early_releases_the_camera(world: World) -> None:
    closed = threading.Event()

    class Camera(PunctualCamera):
        def close(self) -> None:
            closed.set()

    run = HeadlessRun(Camera(rate=200), recogniser(world), drop=True, frames=None)
    results = iter(run)
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert closed.wait(5)


@pytest.mark.parametrize("drop", [True, False])
def test_asked_to_stop_it_ends_after_the_frame_in_work(world: World, drop: bool) -> None:
    source = ScriptedSource(film(500, fps=100))
    run = HeadlessRun(source, recogniser(world), drop=drop, frames=None)
    for _ in run:
        run.stop()
    assert run.frames_processed == 1
    assert source.calls[-1] == "close"


def test_a_camera_lost_and_back_is_told_once_each(world: World) -> None:
    told: list[str] = []
    lost = UnavailableError("the camera was lost")
    source = ScriptedSource([*film(1), lost], [UnavailableError("again")], film(1), live=True)
    run = HeadlessRun(
        source, recogniser(world), drop=True, frames=2, source_changed=lambda e: told.append(str(e) if e else "back")
    )
    list(run)
    assert told == ["the camera was lost", "back"]
