"""Before and after: figures against the evaluation's own, and verdicts that don't fool anybody."""

from __future__ import annotations

import numpy as np
import pytest

from faceapp.app.training.arrays import Ids
from faceapp.app.training.judging import NO_GAIN, all_pairs, judge, threshold_of, validation_figure
from faceapp.app.training.picture import TripletPicture
from faceapp.app.training.result import FEWEST_FOR_THRESHOLDS, Trained, thresholds_of
from faceapp.evaluation.metrics import impostor_distances, roc, tar_at_far
from faceapp.training.plan import Ended, Plan
from faceapp.types import Floats
from faceapp.vision.embedder import CropSpec, InputSpec, PartSpec

PEOPLE, EACH = 20, 5
PERSON = np.repeat(np.arange(PEOPLE), EACH)


def vectors(noise: float, people: int = PEOPLE, seed: int = 0) -> Floats:
    """Unit rows: a centre for each person and so much noise."""
    draw = np.random.default_rng(seed)
    points = draw.normal(size=(people, 16))[np.repeat(np.arange(people), EACH)]
    points = points + noise * draw.normal(size=points.shape)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_figures_are_the_evaluations_own() -> None:
    v = vectors(1.0)
    found = judge(PERSON, (v, 1.0), (v, 1.0))
    i, j = np.triu_indices(len(v), 1)
    distances = np.linalg.norm(v[i].astype(float) - v[j], axis=1)
    same = PERSON[i] == PERSON[j]
    assert found.before.eer == pytest.approx(roc(distances, same).eer())
    assert found.before.tar[0.01] == pytest.approx(tar_at_far(distances, same, 0.01))
    assert (found.people, found.genuine, found.impostor) == (PEOPLE, int(same.sum()), int((~same).sum()))
    pairs = all_pairs(PERSON)
    assert pairs.even.sum() == 2 * same.sum()
    assert found.before.accuracy == pytest.approx(((distances <= 1.0) == same)[pairs.even].mean())
    low, high = found.before.intervals["tar@0.01"]
    assert low < found.before.tar[0.01] < high
    assert (found.significant, found.worse, found.p) == (False, False, 1.0), "the same is no gain"
    assert found.verdict().startswith(NO_GAIN)


def test_a_gain_and_a_loss_are_told_apart() -> None:
    good, bad = vectors(0.5), vectors(1.2)
    gain, loss = (judge(PERSON, (a, 1.0), (b, 1.0)) for a, b in ((bad, good), (good, bad)))
    assert (gain.significant, gain.worse) == (True, False)
    assert gain.p == 0.0
    assert gain.verdict().startswith("a significant gain: TAR at FAR 1 % +")
    assert (loss.significant, loss.worse) == (False, True)
    assert loss.verdict().startswith(NO_GAIN)
    assert loss.verdict().endswith("a significant loss")


def test_two_people_are_too_few_to_tell() -> None:
    v = vectors(1.0, 2)
    person = np.repeat(np.arange(2), EACH)
    found = judge(person, (v, 1.0), (vectors(0.1, 2), 1.0))
    assert found.p is None
    assert not found.significant


def test_many_impostor_pairs_are_drawn_from() -> None:
    pairs = all_pairs(PERSON, most=500)
    assert (~pairs.same).sum() == 500
    assert pairs.same.sum() == PEOPLE * EACH * (EACH - 1) / 2


def test_a_run_is_steered_by_rates_of_the_validation_people() -> None:
    pairs = all_pairs(PERSON)
    perfect = np.eye(PEOPLE, dtype=np.float32)[PERSON]
    assert validation_figure(perfect, pairs) == (1.0, 1.0)
    figure, tar = validation_figure(vectors(1.0), pairs)
    assert 0 < figure < 1
    assert 0 < tar < 1
    assert 0.5 < threshold_of(PERSON, vectors(0.5)) < 1.4


def test_thresholds_fall_with_the_rate_and_are_never_laxer_than_the_data() -> None:
    v = vectors(1.0)
    table = thresholds_of(v, PERSON, "space:1")
    assert table is not None
    assert list(table.distances) == sorted(table.distances, reverse=True)
    impostors = impostor_distances(v, PERSON)
    for far, distance in zip(table.fars, table.distances, strict=True):
        assert (impostors <= distance).mean() <= far + 1e-9
    few: Ids = PERSON[PERSON < FEWEST_FOR_THRESHOLDS - 1]
    assert thresholds_of(v[: len(few)], few, "space:1") is None


def test_the_picture_follows_the_same_triplets() -> None:
    picture = TripletPicture(PERSON, np.arange(40, 90), seed=0)
    before, after = vectors(1.2)[picture.rows], vectors(0.2)[picture.rows]
    first = picture.look(before, before, 0)
    assert first["before"] == pytest.approx(np.array(first["now"]), abs=1e-3), "turned onto itself"
    assert first["distances_before"] == first["distances_now"]
    later = picture.look(before, after, 10)
    assert later["triplets"] == first["triplets"]
    for a, p, n in later["triplets"]:
        assert later["person"][a] == later["person"][p] != later["person"][n]
    pulled = np.mean(
        [now[0] - then[0] for then, now in zip(later["distances_before"], later["distances_now"], strict=True)]
    )
    assert pulled < 0
    assert all(isinstance(p, int) for p in later["person"])


@pytest.mark.parametrize(
    ("used", "gain", "told"),
    [
        (None, True, "a significant gain: TAR at FAR 1 % +"),
        (1.2, True, "a significant gain: TAR at FAR 1 % +"),
        (0.5, False, "no significant gain over facenet+dlib, which is in use: TAR at FAR 1 % +0.00 points"),
        (0.3, False, "no significant gain over facenet+dlib, which is in use: TAR at FAR 1 % -"),
    ],
)
def test_a_gain_is_one_over_what_is_in_use(used: float | None, gain: bool, told: str) -> None:
    before, after = vectors(1.2), vectors(0.5)
    against = None if used is None else judge(PERSON, (vectors(used), 1.0), (after, 1.0))
    run = Trained(
        kind="scratch",
        id="own",
        base="facenet-512",
        started_from="the pixels themselves",
        source="people",
        device="CPU",
        plan=Plan(),
        ended=Ended("finished", 1, 1, 1.0, 0.5),
        seconds=1.0,
        counts={},
        judged=judge(PERSON, (before, 1.0), (after, 1.0)),
        used=against,
        used_id="facenet+dlib",
        general=None,
        general_source="",
        parity=0.0,
        thresholds=None,
        shown=PartSpec(CropSpec("box", 64, margin=0.1), InputSpec((0.0,) * 3, (1.0,) * 3, "rgb"), 16),
        model_sha256="",
    )
    assert run.significant is gain
    assert run.verdict().startswith(told)
    assert gain or "; over the pixels themselves a significant gain" in run.verdict()
    assert run.as_json()["significant"] is gain
