from pathlib import Path

import numpy as np

from faceapp.evaluation.people import people_of
from faceapp.evaluation.protocols import Pairs, read_pairs


def pairs(*rows: tuple[str, str, int]) -> Pairs:
    left, right, same = zip(*rows, strict=True)
    return Pairs(left, right, np.array(same, np.bool_), np.zeros(len(rows), np.intp))


def test_lfws_names_are_the_people(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("1\t1\nAda\t1\t2\nAda\t1\tBob\t3\n")
    people = people_of(read_pairs(file))
    assert people.of["Ada/Ada_0002.jpg"] == "Ada"
    assert people.count() == 2


def test_the_first_folder_that_differs_counts() -> None:
    people = people_of(pairs(("set/a/frontal/1", "set/a/profile/1", 1), ("set/a/frontal/1", "set/b/frontal/1", 0)))
    assert people.of["set/a/profile/1"] == "a"
    assert people.known_by == "the first folder of a path"


def test_else_the_folder_a_picture_lies_in() -> None:
    people = people_of(pairs(("x/a/1", "x/a/2", 1), ("x/a/1", "x/b/1", 0), ("y/c/1", "x/b/1", 0)))
    assert people.of["x/a/1"] == people.of["x/a/2"] != people.of["x/b/1"]
    assert people.known_by == "the folder of a picture"


def test_else_whom_genuine_pairs_connect() -> None:
    people = people_of(pairs(("1", "2", 1), ("2", "3", 1), ("1", "4", 0), ("5", "4", 0)))
    assert people.of["1"] == people.of["2"] == people.of["3"]
    assert people.count() == 3
    assert people.known_by.startswith("the genuine pairs")


def test_folders_that_contradict_a_label_are_not_believed() -> None:
    people = people_of(pairs(("men/1", "men/2", 0), ("men/1", "men/3", 1), ("women/1", "men/2", 0)))
    assert people.of["men/1"] == people.of["men/3"] != people.of["men/2"]
