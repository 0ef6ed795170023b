"""Who is learned from, who judges, and what is refused before anything is learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faceapp.app.training.data import People
from faceapp.app.training.people import FEWEST, check_people, mean_distances, split_people
from faceapp.app.training.wish import Wish, check_out, plan_of
from faceapp.errors import InputError, UsageError
from faceapp.types import Floats


def people(each: list[int], vectors: Floats | None = None, sha256: list[str] | None = None) -> People:
    person = np.repeat(np.arange(len(each)), each)
    if vectors is None:
        vectors = np.eye(len(each), 64, dtype=np.float32)[person]
    hashes = sha256 or [f"{k}" for k in range(len(person))]
    return People("people", tuple(f"P{k}" for k in range(len(each))), person, tuple(hashes), [], vectors)


@pytest.mark.parametrize("count", [7, 8, 20, 41])
def test_people_are_split_never_pictures(count: int) -> None:
    person = np.repeat(np.arange(count), 3)
    split = split_people(person, seed=4)
    parts = [set(person[rows].tolist()) for rows in (split.train, split.validation, split.test)]
    assert set.union(*parts) == set(range(count))
    assert sum(map(len, parts)) == count, "nobody is in two parts"
    assert sum(map(len, (split.train, split.validation, split.test))) == 3 * count
    assert len(parts[0]) >= 2
    assert len(parts[1]) >= 2
    assert len(parts[2]) >= 3
    again = split_people(person, seed=4)
    assert np.array_equal(split.test, again.test)
    assert any(not np.array_equal(split_people(person, seed=s).test, split.test) for s in range(5, 9))


def test_who_has_one_picture_is_in_no_part() -> None:
    person = np.array([0] * 3 + [1] + [k for k in range(2, 10) for _ in range(2)])
    split = split_people(person, 0)
    assert 1 not in person[np.concatenate([split.train, split.validation, split.test])]


@pytest.mark.parametrize(
    ("each", "told"),
    [([4], "one person only"), ([1] * 9, "one picture of each"), ([2] * (FEWEST - 1) + [1], "6 people with two")],
)
def test_people_who_cannot_be_learned_from(each: list[int], told: str) -> None:
    with pytest.raises(InputError, match=told):
        check_people(people(each), None)


def test_enough_people_pass() -> None:
    check_people(people([2] * FEWEST), 0.9)


def test_two_folders_of_one_person_are_found_by_distance_and_named() -> None:
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(9, 64))
    centres[6] = centres[2]
    person = np.repeat(np.arange(9), 3)
    vectors = centres[person] + 0.3 * draw.normal(size=(27, 64))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    with pytest.raises(InputError, match=r"same person.*: P2 and P6 \(0\.\d\d\);"):
        check_people(people([3] * 9, vectors), 0.9)
    check_people(people([3] * 9, vectors), None)
    with pytest.raises(InputError, match="P0 and P1 hold the same picture"):
        check_people(people([2] * 8, sha256=["a", "b", "a", *map(str, range(13))]), None)


def test_mean_distances_are_those_of_all_pairs() -> None:
    draw = np.random.default_rng(1)
    vectors = draw.normal(size=(7, 5))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    person = np.array([0, 0, 0, 1, 1, 2, 2])
    squared = np.square(vectors[:, None] - vectors[None]).sum(axis=2)
    assert mean_distances(vectors, person, 3)[0, 1] == pytest.approx(np.sqrt(squared[:3, 3:5].mean()), abs=1e-6)


def test_where_a_run_is_made(tmp_path: Path) -> None:
    assert check_out(tmp_path / "out") == tmp_path / ".out.unfinished"
    (tmp_path / "there").mkdir()
    for out, told in ((tmp_path / "there", "is there already"), (tmp_path / "no" / "out", "is no folder")):
        with pytest.raises(UsageError, match=told):
            check_out(out)


def test_a_loss_brings_its_margin_and_a_folder_its_id() -> None:
    assert plan_of("head", loss="contrastive").margin == 1.0
    assert plan_of("head", loss="contrastive", margin=0.7).margin == 0.7
    assert plan_of("scratch", seed=5).seed == 5
    for name, id in (("Our People 2", "our-people-2"), ("--", "head"), ("ÄÖ.v1", "v1")):
        assert Wish("head", None, Path(name), plan_of("head")).id == id
