"""The manifest: what it must say, and that nothing wrong in it goes unnoticed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from faceapp import paths
from faceapp.errors import InputError, UnavailableError
from faceapp.zoo.manifest import Manifest, ThresholdTable, load_manifest
from tests.fakes.carriers import tiny_zoo

TABLE = ThresholdTable("s", (1e-2, 1e-3, 1e-4), (1.0, 0.8, 0.7), "test")


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return load_manifest(paths.manifest_dir())


# What is really in it


def test_everything_promised_is_there(manifest: Manifest) -> None:
    assert {"facenet+dlib", "facenet-512", "dlib-resnet-128"} <= manifest.embedders.keys()
    assert {"pixels", "facenet-512-mean", "facenet-512-mirror", "dlib-resnet-128-plain"} <= manifest.embedders.keys()
    assert {"mtcnn", "ssd"} <= manifest.detectors.keys()
    assert manifest.embedder("facenet+dlib").dimension == 640
    crop = manifest.network("facenet-512").crop
    assert crop is not None
    assert (crop.kind, crop.size, crop.margin) == ("box", 160, 0.25)
    crop = manifest.network("dlib-resnet-128").crop
    assert crop is not None
    assert (crop.kind, crop.size, crop.points[2]) == ("similarity", 150, (74.8, 78.1))


def test_every_network_says_what_is_known_of_it(manifest: Manifest) -> None:
    for network in manifest.networks.values():
        assert len(network.licence) > 2
        assert len(network.photographs) > 40
        assert network.source
        if network.int8:
            assert manifest.statistics(network.id).is_file()


def test_thresholds_belong_to_the_space_in_use(manifest: Manifest) -> None:
    for spec in manifest.embedders.values():
        assert 0 < spec.threshold_door() <= spec.threshold_verify() < 2
        assert spec.threshold_identify(1000) <= spec.threshold_identify(1) <= spec.threshold_verify()


def test_no_two_spaces_are_one(manifest: Manifest) -> None:
    assert len({e.space for e in manifest.embedders.values()}) == len(manifest.embedders)
    assert manifest.embedder("facenet-512").space.startswith("facenet-512:")


# Thresholds


def test_distances_between_the_tables_rates_are_interpolated() -> None:
    assert TABLE.distance_at(1e-3) == pytest.approx(0.8)
    assert TABLE.distance_at(math.sqrt(1e-3 * 1e-4)) == pytest.approx(0.75)
    assert TABLE.distance_at(0.5) == 1.0
    assert TABLE.distance_at(1e-9) == 0.7


def test_the_more_people_the_stricter(tmp_path: Path) -> None:
    spec = tiny_zoo(tmp_path).manifest.embedder("both")
    spec = replace(spec, thresholds=replace(TABLE, space=spec.space))
    assert spec.threshold_verify() == pytest.approx(0.8)
    assert spec.threshold_door() == pytest.approx(0.7)
    assert spec.threshold_identify(1) == pytest.approx(0.8)  # 0.002 for one person is more than verification allows
    assert spec.threshold_identify(20) == pytest.approx(0.7)
    assert spec.threshold_identify(10**6) == pytest.approx(0.7)


def test_thresholds_of_another_space_are_refused(tmp_path: Path) -> None:
    spec = tiny_zoo(tmp_path).manifest.embedder("both")
    with pytest.raises(UnavailableError, match="no thresholds for both"):
        spec.threshold_door()
    with pytest.raises(UnavailableError, match="compute them again"):
        replace(spec, thresholds=TABLE).threshold_verify()


# The space's fingerprint


def test_all_that_decides_the_numbers_decides_the_space(tmp_path: Path) -> None:
    spec = tiny_zoo(tmp_path).manifest.embedder("both")
    part = spec.parts[0]
    changed = [
        replace(part, weight=1.0),
        replace(part, mirror=False),
        replace(part, mean_embedding=(0.0, 0.0, 0.0, 0.1)),
        replace(part, crop=replace(part.crop, margin=0.3)),
        replace(part, input=replace(part.input, mean=(1.0, 0.0, 0.0))),
        replace(part, input=replace(part.input, colour="bgr")),
    ]
    spaces = {replace(spec, parts=(p, spec.parts[1])).space for p in changed}
    spaces |= {replace(spec, source_sha256=("0" * 64, spec.source_sha256[1])).space}
    assert len(spaces) == len(changed) + 1
    assert spec.space not in spaces
    assert replace(spec, title="Another title", thresholds=TABLE).space == spec.space


# Mistakes


def test_the_small_manifest_is_right(tmp_path: Path) -> None:
    found = tiny_zoo(tmp_path).manifest
    assert found.embedder("both").licence == "CC0"
    assert str(found.network("one").input) == "16x16 RGB, (x - 0) / 1"
    assert found.network("two").source == "other 2.0"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("version = 1\n", "version = 2\n", "belongs to another faceapp"),
        ("version = 1\n", "", "version is missing"),
        ("version = 1\n", "version = 1\nmore = 1\n", "no 'more' here"),
        ("verify_far = 1e-3", "verify_far = 2", "must be 1e-09 to 0.5"),
        ("verify_far = 1e-3", "verify_far = true", "must be a number"),
        ('"wheel"', '"egg"', "wheel or sdist"),
        ('archive = "tiny-1.0-py3-none-any.whl"', 'archive = "../x.whl"', "not the name of a file"),
        ('archive = "tiny-1.0-py3-none-any.whl"', 'archive = "x.tar.gz"', "no wheel"),
        ('title = "Tiny one"', 'title = ""', "title is empty"),
        ('title = "Tiny one"', 'titel = "Tiny one"', "title is missing"),
        ('title = "Tiny one"', 'title = "Tiny one"\nspare = 1', "no 'spare' here"),
        ('kind = "embedder"', 'kind = "thing"', "embedder or detector"),
        ('converter = "graphdef"', 'converter = "keras"', "not 'keras'"),
        ("int8 = true", "int8 = 1", "true or false"),
        ("dimension = 4", "dimension = 1", "2 to 4096"),
        ('carrier = "tiny"', 'carrier = "huge"', "no carrier 'huge'"),
        ('sha256 = "', 'sha256 = "x', "not a SHA-256"),
        ("std = [1, 1, 1]", "std = [1, 0, 1]", "must be positive"),
        ("std = [1, 1, 1]", "std = [1, 1]", "3 numbers"),
        ("std = [1, 1, 1]", 'std = ["1", 1, 1]', "list of numbers"),
        ("size = 16\nmargin", "size = 20\nmargin", "does not fit the input"),
        ('kind = "box"\nsize = 16\nmargin = 0.25', 'kind = "similarity"\nsize = 16\npoints = [[1, 2]]', "5 points"),
        ('network = "one"', 'network = "three"', "no embedder's network"),
        ("weight = 2.0", "weight = 0", "0.001 to 1000"),
        ("mirror = true", 'mirror = true\nsubtract = "statistics/no.json"', "no mean embedding"),
        ("mirror = true", 'mirror = true\nsubtract = "statistics/one.ranges.json"', "no mean embedding"),
        ("[detectors]", '[detectors.d]\ntitle = "D"\nnetworks = ["one"]', "no detector's network"),
        ("[detectors]", '[detectors.d]\ntitle = "D"\nnetworks = "one"', "list of texts"),
        (
            "[detectors]",
            "[thresholds.none]\nspace = 's'\nfars = [0.1, 0.01]\ndistances = [1, 0.5]\nsource = 's'\n[detectors]",
            "no embedder",
        ),
        (
            "[detectors]",
            "[thresholds.both]\nspace = 's'\nfars = [0.1, 0.2]\ndistances = [1, 0.5]\nsource = 's'\n[detectors]",
            "must fall",
        ),
        (
            "[detectors]",
            "[thresholds.both]\nspace = 's'\nfars = [0.1]\ndistances = [1]\nsource = 's'\n[detectors]",
            "two or more",
        ),
        (
            "[detectors]",
            "[thresholds.both]\nspace = 's'\nfars = [0.1, 0.01]\ndistances = [1, 1.5]\nsource = 's'\n[detectors]",
            "must not rise",
        ),
        ("[targets]", "[targets", "cannot be read"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    file = tiny_zoo(tmp_path).manifest.directory / "manifest.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(UnavailableError, match=what) as e:
        load_manifest(file.parent)
    assert "\n" not in str(e.value)
    assert str(file.parent) in str(e.value)


def test_a_missing_manifest_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="install faceapp again"):
        load_manifest(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        {"network": "two", "mean": [0, 0, 0, 0]},
        {"network": "one", "mean": [0, 0, 0]},
        {"network": "one", "mean": [0, 0, 0, math.nan]},
        {"network": "one"},
        [],
    ],
)
def test_a_mean_of_something_else_is_refused(tmp_path: Path, content: object) -> None:
    folder = tiny_zoo(tmp_path).manifest.directory
    (folder / "statistics" / "mean.json").write_text(json.dumps(content))
    file = folder / "manifest.toml"
    file.write_text(file.read_text().replace("mirror = true", 'mirror = true\nsubtract = "statistics/mean.json"'))
    with pytest.raises(UnavailableError, match="restore it"):
        load_manifest(folder)


def test_a_mean_is_read_into_the_part(tmp_path: Path) -> None:
    folder = tiny_zoo(tmp_path).manifest.directory
    (folder / "statistics" / "mean.json").write_text(json.dumps({"network": "one", "mean": [0, 1, 2, 3]}))
    file = folder / "manifest.toml"
    file.write_text(file.read_text().replace("mirror = true", 'mirror = true\nsubtract = "statistics/mean.json"'))
    part = load_manifest(folder).embedder("both").parts[0]
    assert part.mean_embedding == (0, 1, 2, 3)
    assert part.subtract == folder / "statistics" / "mean.json"


@pytest.mark.parametrize("kind", ["network", "detector", "embedder"])
def test_an_unknown_id_names_the_known_ones(manifest: Manifest, kind: str) -> None:
    with pytest.raises(InputError, match=f"no {kind} 'nothing': choose one of "):
        getattr(manifest, kind)("nothing")
