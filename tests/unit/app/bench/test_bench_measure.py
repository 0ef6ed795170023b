"""What `faceapp bench` measures in its own process, on real networks and films of a few frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.bench import films, measure
from faceapp.app.bench.timed import Spent, TimedParts, TimedSession
from faceapp.types import Box, Candidate, Face, Frame, FrameResult, Match, TrackedFace
from faceapp.vision.session import Tensor

FRAMES = 5


@pytest.fixture
def parts(models_dir: Path, data_dir: Path) -> Iterator[TimedParts]:
    assert models_dir.is_dir()
    with TimedParts.open(data_dir) as made:
        yield made


@pytest.fixture
def film(parts: TimedParts, tmp_path: Path) -> measure.Film:
    return measure.made_film(parts, 1, (320, 240), tmp_path, FRAMES, comings=False)


class Doubling:
    """A network that doubles."""

    provider = "CPUExecutionProvider"
    input_names = ("x",)

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        return [2 * inputs["x"]]


def test_a_timed_network_computes_the_same_and_its_runs_add_up() -> None:
    spent = Spent()
    session = TimedSession(Doubling(), spent)
    for n in range(1, 4):
        before = spent.clock
        assert session.run({"x": np.array([21])})[0] == 42
        assert spent.runs == n
        assert spent.clock > before
    assert (session.provider, session.input_names) == (Doubling.provider, ("x",))


def test_every_frame_is_measured_and_what_is_not_networks_is_less_than_all(
    parts: TimedParts, film: measure.Film
) -> None:
    figures = measure.every_frame(parts, film)
    assert figures["frames"] == FRAMES == figures["frame_ms"]["count"]
    assert figures["frames_with_every_name"] == FRAMES
    assert 0 < figures["outside_networks_ms"]["p50"] < figures["frame_ms"]["p99"]
    assert figures["outside_networks_clock_ms"]["p50"] < figures["frame_ms"]["p50"]
    assert {"detect", "track", "embed", "match"} <= set(figures["stages_ms"])


def test_each_stage_has_a_time_for_every_frame(parts: TimedParts, film: measure.Film) -> None:
    painted: list[Sequence[tuple[Frame, FrameResult]]] = []

    def paint(seen: Sequence[tuple[Frame, FrameResult]]) -> list[float]:
        painted.append(seen)
        return [1.0] * len(seen)

    spreads = measure.stages(parts, film, paint)
    assert list(spreads) == ["decode", "detect", "track", "crop", "embed", "match", "paint"]
    assert {s.count for s in spreads.values()} == {FRAMES}
    assert spreads["paint"].p50 == 1.0
    names = {f.match.name for _, result in painted[0] for f in result.faces if f.match}
    assert names == {"Astronaut"}


def test_a_clip_of_ones_own_is_measured_without_anybody_enrolled(parts: TimedParts, film: measure.Film) -> None:
    own = measure.own_film(parts, film.path)
    assert own.index.people == 1
    assert own.size == (320, 240)
    figures = measure.every_frame(parts, own)
    assert "frames_with_every_name" not in figures
    assert not (parts.data_dir / "gallery.db").exists()
    assert parts.existing_gallery() is None


def result(frame: int, named: bool, taken_ms: float, finished_ms: float) -> FrameResult:
    match = Match(Candidate("a", "Ada", 0.3), None, 0.45) if named else None
    face = TrackedFace(1, Face(Box(0, 0, 9, 9), 1.0), True, match)
    return FrameResult(frame, round(taken_ms * 1e6), round(finished_ms * 1e6), (64, 48), (face,))


def test_a_names_delay_counts_from_the_first_frame_with_somebody() -> None:
    begin = films.ROUND - films.THERE
    period = 1000 / films.FPS

    def at(k: int) -> float:
        return 5000 + k * period

    late = begin + films.ROUND
    results = [
        result(begin - 1, True, at(begin - 1), at(begin - 1) + 10),  # whoever is still named from before
        result(begin + 1, False, at(begin + 1), at(begin + 1) + 10),
        result(begin + 2, True, at(begin + 2), at(begin + 2) + 10),
        result(late, False, at(late), at(late) + 5),
        result(late + films.THERE, True, at(late + films.THERE), at(late + films.THERE) + 5),  # too late
        result(late + films.ROUND, True, at(late + films.ROUND), at(late + films.ROUND)),  # the film ends in this one
    ]
    first, second = measure.name_delays(results)
    assert first == pytest.approx(2 * period + 10)
    assert second is None
    assert measure.name_delays([]) == []


def test_a_film_of_comings_shows_somebody_when_it_says_so(parts: TimedParts) -> None:
    pictures = list(films.pictures(films.sitters(1), (320, 240), films.ROUND, comings=True))
    begin = films.ROUND - films.THERE
    assert [films.is_there(k) for k in (begin - 1, begin, films.ROUND - 1, films.ROUND)] == [False, True, True, False]
    assert not parts.detector().detect(pictures[begin - 1], 40)
    assert len(parts.detector().detect(pictures[begin], 40)) == 1
