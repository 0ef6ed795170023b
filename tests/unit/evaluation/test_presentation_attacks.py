"""Rates of a liveness check: the standard's terms, and intervals that promise nothing."""

from __future__ import annotations

import math

import pytest

from faceapp.evaluation.presentation_attacks import FEWEST, Sample, halfway, report
from faceapp.vision.liveness.evidence import State


def samples(kind: str, state: State, count: int, clips: int = 0) -> list[Sample]:
    return [Sample(f"{kind} {state} {i % clips if clips else i}", kind, state) for i in range(count)]


def test_who_is_left_undecided_was_not_let_in() -> None:
    found = report(
        samples("live", "live", 90) + samples("live", "unknown", 6) + samples("live", "attack", 4)
        + samples("print", "attack", 48) + samples("print", "unknown", 1) + samples("print", "live", 1)
    )  # fmt: skip
    assert (found.bpcer, found.apcer, found.undecided_live, found.undecided_attacks) == (0.1, 0.02, 6, 1)
    assert found.acer == pytest.approx(0.06)


def test_the_worst_kind_of_attack_is_the_rate() -> None:
    found = report(samples("print", "attack", 99) + samples("print", "live", 1) + samples("phone", "live", 5))
    assert found.apcer == 1.0
    assert found.attacks["print"].value == 0.01
    assert math.isnan(found.bpcer)


def test_frames_of_one_clip_are_one_presentation() -> None:
    found = report(samples("live", "live", 300, clips=1)).live
    assert (found.samples, found.presentations, found.value) == (300, 1, 0.0)
    assert found.high == pytest.approx(0.975)
    assert not found.enough
    assert found.sentence() == (
        f"0 of 300; 1 presentation can't tell more than that the rate is below 97%: try at least {FEWEST}"
    )


def test_a_large_sample_says_its_interval() -> None:
    found = report(samples("print", "attack", 252)).attacks["print"]
    assert found.enough
    assert found.sentence() == "0 of 252, 0.0%; the true rate lies between 0.0% and 1.5% (95 %)"
    assert report([]).live.sentence() == "nothing was tried"


def test_the_threshold_lies_in_the_middle_of_the_gap() -> None:
    assert halfway([0.1, 0.02], [0.9, 0.99]) == pytest.approx(0.5)
    assert 0.05 < halfway([0.022], [0.144]) < 0.06
    assert 0 < halfway([0.0], [1.0]) < 1
    with pytest.raises(ValueError, match="needs attacks"):
        halfway([], [0.5])
