"""The recognition thread of several cameras: what the others get when one is in trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError

import pytest

from faceapp.errors import UnavailableError
from faceapp.pipeline import governor
from faceapp.pipeline.governor import Pace
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.several import SeveralRecognition
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.waiting import Waiting
from faceapp.types import FrameResult
from tests.fakes.camera import picture
from tests.fakes.vision import Seen, World, index_of
from tests.polling import until

WAIT = 30.0
SIZE = 640, 480


class Rig:
    """Two cameras over one invented world."""

    def __init__(self) -> None:
        self.world = World()
        self.world.people = [Seen("Ada")]
        self.waiting = Waiting(2)
        self.results: tuple[LatestSlot[FrameResult], ...] = (LatestSlot(), LatestSlot())
        self.watched: list[int] = []
        self.builds: Callable[[], object] = lambda: None
        watch = lambda camera, _: self.watched.append(camera)  # noqa: E731 - shorter than a method
        self.thread = SeveralRecognition(self._build, self.waiting, self.results, watch)

    def _build(self) -> Sequence[Recogniser]:
        self.builds()
        world = self.world
        return [
            Recogniser(
                detector=world, embedder=world, index=index_of("Ada"), threshold=0.9, same_person=1.0, min_face=40
            )
            for _ in range(2)
        ]

    def recognised(self, camera: int, id: int) -> str | None:
        """Whom one frame of a camera shows, put in now."""
        self.waiting.slots[camera].put(picture(id, id * 33_000_000, SIZE))
        result = until(lambda: self.results[camera].take(0), WAIT)
        match = result.faces[0].match
        return None if match is None else match.name


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.thread.stop(WAIT)


def test_each_camera_gets_its_own_results(rig: Rig) -> None:
    rig.thread.start()
    assert [rig.recognised(n, 0) for n in (0, 1)] == ["Ada", "Ada"]
    rig.thread.call(lambda _: None).result(WAIT)  # the watcher has returned by then
    assert rig.watched == [0, 1]
    assert [rate.count for rate in rig.thread.processed] == [1, 1]


def test_another_index_counts_for_all_from_the_next_frame_on(rig: Rig) -> None:
    rig.thread.start()
    rig.recognised(0, 0)
    rig.recognised(1, 0)

    def search(recognisers: Sequence[Recogniser]) -> None:
        for recogniser in recognisers:
            recogniser.search(index_of("Bo"), 0.9)

    rig.thread.call(search)
    assert [rig.recognised(n, 1) for n in (0, 1)] == [None, None]


def test_a_frame_that_fails_is_a_problem_until_the_next_one(rig: Rig) -> None:
    rig.thread.start()
    rig.world.fails_with = UnavailableError("the card is gone")
    rig.waiting.slots[0].put(picture(0, 0, SIZE))
    until(lambda: rig.thread.problem == "the card is gone", WAIT)
    rig.world.fails_with = None
    assert rig.recognised(1, 0) == "Ada"
    until(lambda: rig.thread.problem is None, WAIT)


def test_the_end_of_one_camera_is_not_the_end_of_the_other(rig: Rig) -> None:
    rig.thread.start()
    rig.waiting.slots[0].close()
    assert rig.recognised(1, 0) == "Ada"
    rig.waiting.slots[1].close()
    assert rig.thread.call(len).result(WAIT) == 2, "what is asked is answered, with nothing left to see"


def test_all_go_at_one_pace_where_the_machine_is_slow(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(governor, "OVER_NS", 0)
    monkeypatch.setattr(governor, "BOUND_MS", 0.0)
    eased: list[Pace] = []
    monkeypatch.setattr(Recogniser, "ease", lambda _, pace: eased.append(pace))
    rig.thread.start()
    for id in range(6):
        rig.recognised(id % 2, id)  # taken long ago, by their clock: each comes late
    until(lambda: rig.thread.slowed > 0, WAIT)
    rig.thread.call(lambda _: None).result(WAIT)
    assert len(eased) == 2
    assert eased[0] is eased[1]


def test_networks_that_cannot_be_loaded_are_a_line_and_nothing_waits(rig: Rig) -> None:
    def fail() -> None:
        raise UnavailableError("networks are missing: run `faceapp models install`")

    rig.builds = fail
    asked = rig.thread.call(len)
    rig.thread.start()
    until(lambda: rig.thread.phase == "failed", WAIT)
    assert rig.thread.problem == "networks are missing: run `faceapp models install`"
    with pytest.raises(CancelledError):
        asked.result(WAIT)
    assert rig.thread.call(len).cancelled()
