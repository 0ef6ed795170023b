"""The metrics against plain loops written from the protocol's words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from faceapp.evaluation.metrics import (
    best_threshold,
    folded_accuracy,
    impostor_distances,
    roc,
    tar_at_far,
    threshold_at_far,
)


def scores(seed: int, pairs: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    same = np.arange(pairs) % 2 == 0
    distances = np.where(same, random.normal(0.8, 0.2, pairs), random.normal(1.3, 0.2, pairs))
    return distances, same, np.arange(pairs) * 10 // pairs


def test_folded_accuracy_equals_a_plain_reference() -> None:
    distances, same, fold = scores(1)
    accuracies = []
    for k in range(10):
        best, chosen = -1, 0.0
        train = [(d, s) for d, s, f in zip(distances, same, fold, strict=True) if f != k]
        for t in sorted(d for d, _ in train):
            right = sum((d <= t) == s for d, s in train)
            if right > best:
                best, chosen = right, t
        upper = min((d for d, _ in train if d > chosen), default=chosen)
        middle = (chosen + upper) / 2
        test = [(d, s) for d, s, f in zip(distances, same, fold, strict=True) if f == k]
        accuracies.append(sum((d <= middle) == s for d, s in test) / len(test))
    result = folded_accuracy(distances, same, fold)
    assert result.accuracies == pytest.approx(accuracies)
    assert result.mean == pytest.approx(np.mean(accuracies))
    assert result.std == pytest.approx(np.std(accuracies))


def test_a_missing_face_is_an_error_whatever_the_truth() -> None:
    distances = np.array([0.1, 0.2, 1.8, 1.9] * 10)
    same = np.array([True, True, False, False] * 10)
    fold = np.arange(40) // 4
    assert folded_accuracy(distances, same, fold).mean == 1.0
    distances[[0, 2]] = np.inf  # one genuine and one impostor pair of the first fold
    assert folded_accuracy(distances, same, fold).mean == pytest.approx(38 / 40)


def test_best_threshold_lies_in_the_gap() -> None:
    assert best_threshold(np.array([0.2, 0.4, 1.0, 1.2]), np.array([True, True, False, False])) == pytest.approx(0.7)


def test_tar_at_far_accepts_no_more_impostors_than_allowed() -> None:
    distances, same, _ = scores(2)
    for far in (0.1, 0.01, 0.001):
        t = threshold_at_far(distances[~same], far)
        allowed = int(far * (~same).sum())
        assert (distances[~same] <= t).sum() == allowed
        assert tar_at_far(distances, same, far) == (distances[same] <= t).mean()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([0.1, 0.5, 0.5000001, 1.0]), min_size=1, max_size=40), st.floats(0, 1))
def test_ties_at_the_threshold_are_refused_together(values: list[float], far: float) -> None:
    impostors = np.array(values)
    assert (impostors <= threshold_at_far(impostors, far)).sum() <= np.floor(far * len(values) + 1e-9)


def test_impostor_distances_leave_out_pairs_of_one_person() -> None:
    embeddings = np.eye(4, dtype=np.float32)
    distances = impostor_distances(embeddings, np.array([0, 0, 1, 2]))
    assert distances == pytest.approx([np.sqrt(2)] * 5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("decimals", [1, 2, 16])
def test_the_curve_and_its_area_are_scikit_learns(seed: int, decimals: int) -> None:
    distances, same, _ = scores(seed, 700)
    distances = distances.round(decimals)  # coarse ones have many ties
    distances[:7] = 9.0  # as pairs without a face, of both kinds
    far, tar, thresholds = roc_curve(same, -distances, drop_intermediate=False)
    curve = roc(distances, same)
    np.testing.assert_allclose(curve.far, far, atol=1e-12)
    np.testing.assert_allclose(curve.tar, tar, atol=1e-12)
    np.testing.assert_allclose(curve.thresholds, -thresholds, atol=1e-12)
    assert curve.auc() == pytest.approx(roc_auc_score(same, -distances), abs=1e-9)


def test_the_curve_takes_infinity_for_what_it_is() -> None:
    distances, same, _ = scores(3)
    far_away = distances.copy()
    distances[:6], far_away[:6] = np.inf, 99.0
    assert roc(distances, same).auc() == roc(far_away, same).auc()


def test_the_equal_error_rate_is_where_the_errors_meet() -> None:
    same = np.array([True] * 4 + [False] * 4)
    assert roc(np.array([0.1, 0.2, 0.3, 0.7, 0.6, 0.8, 0.9, 1.0]), same).eer() == 0.25
    assert roc(np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.9, 1.0]), same).eer() == 0.0
    assert roc(np.array([0.6, 0.8, 0.9, 1.0, 0.1, 0.2, 0.3, 0.4]), same).eer() == 1.0
    distances, same, _ = scores(4, 4000)
    curve = roc(distances, same)
    t = curve.thresholds[np.argmin(np.abs(curve.far - (1 - curve.tar)))]
    assert curve.eer() == pytest.approx((distances[~same] <= t).mean(), abs=1e-3)
