"""Nobody is evaluated on whom something was tuned, or it is said."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from faceapp import paths
from faceapp.errors import UnavailableError
from faceapp.evaluation.overlap import DIGITS, PeopleList, read_people_lists
from faceapp.evaluation.people import People
from faceapp.zoo.manifest import load_manifest

LISTS = paths.manifest_dir() / "statistics" / "people.json"


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


TUNED = PeopleList(
    "three people", ("mean",), {digest(f"{k} {n}").hex()[:DIGITS]: k for k in range(3) for n in range(2)}
)


def test_a_person_is_known_again_by_one_picture() -> None:
    people = People({"x/1": "x", "x/2": "x", "y/1": "y", "z/1": "z"}, "")
    sha256 = {"x/1": digest("new"), "x/2": digest("2 1"), "y/1": digest("another"), "z/1": digest("0 0")}
    assert TUNED.among(sha256, people) == {"x", "z"}
    assert TUNED.among({"y/1": digest("another"), "nobody": digest("1 0")}, people) == frozenset()


def test_the_shipped_numbers_and_the_readmes_figures_are_from_different_people() -> None:
    tuned, measured = ([p for p in read_people_lists(LISTS) if bool(p.used_for) == used] for used in (True, False))
    assert tuned
    assert measured
    assert not {d for p in tuned for d in p.person} & {d for p in measured for d in p.person}


def test_whatever_was_tuned_names_people_whose_pictures_are_known() -> None:
    manifest = load_manifest(paths.manifest_dir())
    known = [p for p in read_people_lists(LISTS) if p.used_for]
    thresholds = [e.thresholds.source for e in manifest.embedders.values() if e.thresholds is not None]
    means = [
        json.loads(p.subtract.read_text())["source"] for e in manifest.embedders.values() for p in e.parts if p.subtract
    ]
    for source in thresholds + means:
        assert "(CFP, tune)" in source, "name the people, and add them to statistics/people.json"
    assert any(
        "(CFP, tune)" in p.source and {"mean", "weights", "thresholds", "ranges"} <= set(p.used_for) for p in known
    )


def test_an_overlap_would_be_seen(tmp_path: Path) -> None:
    raw = json.loads(LISTS.read_text())
    raw["lists"][1]["people"].append(raw["lists"][0]["people"][5][:1])
    file = tmp_path / "people.json"
    file.write_text(json.dumps(raw))
    tuned, measured = read_people_lists(file)
    assert set(tuned.person) & set(measured.person)


@pytest.mark.parametrize("text", ["", "{}", '{"lists": [{"source": 1}]}', '{"lists": 3}'])
def test_a_broken_list_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "people.json").write_text(text)
    with pytest.raises(UnavailableError, match="cannot be used"):
        read_people_lists(tmp_path / "people.json")
