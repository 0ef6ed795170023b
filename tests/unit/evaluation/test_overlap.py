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
from tests.bench.used_pictures import digest as digest_of
from tests.bench.used_pictures import note, numbers_digest

LISTS = paths.manifest_dir() / "statistics" / "people.json"
NOTES = paths.manifest_dir() / "statistics" / "pictures.json"
"""Which pictures each shipped number was really made from: `tests/bench/used_pictures.py`."""


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


def shipped_numbers() -> dict[str, object]:
    """Everything in the manifest that was computed from photographs, by its name in the notes."""
    manifest = load_manifest(paths.manifest_dir())
    numbers: dict[str, object] = {}
    for network in manifest.networks.values():
        if network.int8:
            numbers[f"{network.id}.ranges"] = json.loads(manifest.statistics(network.id).read_text())["ranges"]
    for embedder in manifest.embedders.values():
        for part in embedder.parts:
            if part.subtract is not None:
                numbers[f"{part.network}.mean"] = json.loads(part.subtract.read_text())["mean"]
        if len(embedder.parts) > 1:
            numbers[f"{embedder.id}.weights"] = [part.weight for part in embedder.parts]
        if embedder.thresholds is not None:
            numbers[f"{embedder.id}.thresholds"] = list(embedder.thresholds.distances)
    return numbers


def test_every_shipped_number_says_which_pictures_it_is_from_and_none_is_one_of_the_measured() -> None:
    raw = json.loads(NOTES.read_text())
    tuned, measured = (
        {d for p in read_people_lists(LISTS) if bool(p.used_for) == used for d in p.person} for used in (True, False)
    )
    numbers = shipped_numbers()
    assert set(raw["statistics"]) == set(numbers), "compute it with tests/bench/calibrate.py or collect_ranges.py"
    for name, found in raw["statistics"].items():
        used = set(raw["pictures"][found["pictures"]])
        assert found["numbers"] == numbers_digest(numbers[name]), f"{name} has changed since its pictures were noted"
        assert len(used) >= 100
        assert used <= tuned, f"{name} is from pictures that people.json doesn't know"
        assert not used & measured, f"{name} is from people whom the README's figures are of"


def test_a_note_keeps_each_list_once_and_forgets_what_nobody_uses(tmp_path: Path) -> None:
    photos = [tmp_path / f"{k}.jpg" for k in range(3)]
    for k, photo in enumerate(photos):
        photo.write_bytes(bytes([k]))
    file = tmp_path / "pictures.json"
    note("a.mean", [1.0], photos, file)
    note("b.mean", [2.0], reversed(photos), file)
    note("a.mean", [1.5], photos[:2], file)
    raw = json.loads(file.read_text())
    assert [len(used) for used in raw["pictures"].values()].count(3) == 1
    assert raw["statistics"]["a.mean"]["numbers"] == numbers_digest([1.5])
    note("b.mean", [2.0], photos[:2], file)
    raw = json.loads(file.read_text())
    assert list(raw["pictures"].values()) == [sorted(digest_of(bytes([k])) for k in (0, 1))]


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
