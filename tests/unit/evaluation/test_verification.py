"""LFW's protocol, fold by fold, against a plain reference written from its words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from faceapp.errors import InputError
from faceapp.evaluation.people import people_of
from faceapp.evaluation.protocols import Pairs, read_pairs
from faceapp.evaluation.verification import check_kinds, verification


def view_2(tmp_path: Path, folds: int = 10, each: int = 30) -> Pairs:
    """`pairs.txt` of people who are in one fold alone."""
    lines = [f"{folds}\t{each}"]
    for fold in range(folds):
        lines += [f"P{fold}_{k}\t1\t2" for k in range(each)]
        lines += [f"P{fold}_{k}\t1\tP{fold}_{(k + 1) % each}\t3" for k in range(each)]
    file = tmp_path / "pairs.txt"
    file.write_text("\n".join(lines) + "\n")
    return read_pairs(file)


def scores(pairs: Pairs, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.where(pairs.same, random.normal(0.8, 0.2, len(pairs.same)), random.normal(1.3, 0.2, len(pairs.same)))


def reference(pairs: Pairs, distances: np.ndarray) -> list[float]:
    """For each fold: of the other nine the threshold with most right answers, then the part it answers rightly."""
    accuracies = []
    for fold in range(10):
        others = [(d, s) for d, s, f in zip(distances, pairs.same, pairs.fold, strict=True) if f != fold]
        candidates = sorted({d for d, _ in others})
        right = [sum((d <= t) == s for d, s in others) for t in candidates]
        k = right.index(max(right))
        threshold = (candidates[k] + candidates[k + 1]) / 2
        here = [(d, s) for d, s, f in zip(distances, pairs.same, pairs.fold, strict=True) if f == fold]
        accuracies.append(sum((d <= threshold) == s and d < np.inf for d, s in here) / len(here))
    return accuracies


@pytest.mark.parametrize("seed", [1, 2])
def test_fold_by_fold_it_is_lfws_view_2(tmp_path: Path, seed: int) -> None:
    pairs = view_2(tmp_path)
    distances = scores(pairs, seed)
    distances[[5, 40, 41]] = np.inf
    found = verification(pairs, distances, people_of(pairs))
    assert found.accuracy.accuracies == pytest.approx(reference(pairs, distances), abs=1e-12)
    row = found.as_json()
    assert row["accuracy"] == pytest.approx(np.mean(found.accuracy.accuracies), abs=1e-12)
    assert row["accuracy_std"] == pytest.approx(np.std(found.accuracy.accuracies), abs=1e-12)
    assert row["failed"] == 3
    finite = np.where(np.isinf(distances), 99.0, distances)
    assert row["auc"] == pytest.approx(roc_auc_score(pairs.same, -finite), abs=1e-9)
    assert found.right.mean() == pytest.approx(row["accuracy"], abs=1e-12)
    assert row["intervals"]["accuracy"][0] < row["accuracy"] < row["intervals"]["accuracy"][1]
    assert row["too_few_impostor_pairs_at_far"] == list(row["tar_at_far"]), "so short a list can't say how sure TAR is"
    assert "tar_at_far" not in row["intervals"]


def test_view_1_takes_the_threshold_of_other_pairs(tmp_path: Path) -> None:
    pairs = view_2(tmp_path)
    distances = scores(pairs, 3)
    training = (np.array([0.1, 0.2, 1.8, 1.9]), np.array([True, True, False, False]))
    found = verification(pairs, distances, people_of(pairs), training)
    assert found.threshold == pytest.approx(1.0)
    assert found.accuracy.mean == ((distances <= 1.0) == pairs.same).mean()


def test_pairs_of_one_kind_cannot_be_judged(tmp_path: Path) -> None:
    pairs = view_2(tmp_path)
    with pytest.raises(InputError, match="too few pairs, 300 of one person and 0 of two"):
        verification(pairs.only(pairs.same), np.zeros(300), people_of(pairs))


def test_too_few_pairs_are_counted_in_words_that_fit_one(tmp_path: Path) -> None:
    listed = tmp_path / "pairs.txt"
    listed.write_text("a.jpg\tb.jpg\t1\nc.jpg\td.jpg\t0\n")
    with pytest.raises(InputError, match=r"^too few pairs, 1 of one person and 1 of two: at least two of each kind, "):
        check_kinds(read_pairs(listed))
