"""A detector whose entry somebody wrote by hand: tried once before it is used, and SCRFD or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp.app.parts import Parts
from faceapp.errors import UnavailableError
from faceapp.zoo.files import sha256_of
from faceapp.zoo.own import section
from tests.fakes.packs import tiny_scrfd, with_a_face

INPUT = {"layout": "NCHW", "width": 640, "height": 640, "colour": "rgb", "mean": [127.5] * 3, "std": [128.0] * 3}


def write(data_dir: Path, network: bytes, kind: str = "scrfd", networks: int = 1) -> None:
    """`ours`, as somebody would write it."""
    folder = data_dir / "models"
    folder.mkdir(parents=True)
    text = "version = 1\n"
    names = ["ours", "ours-2", "ours-3"][:networks]
    for name in names:
        file = folder / f"{name}.fp32.onnx"
        file.write_bytes(network)
        entry = {
            "title": "Ours",
            "kind": "detector",
            "converter": "own",
            "file_sha256": sha256_of(file),
            "licence": "Ours",
            "photographs": "Ours",
            "input": INPUT,
        }
        text += section(f"networks.{name}", entry)
    text += section("detectors.ours", {"title": "Ours", "kind": kind, "networks": names})
    (folder / "manifest.toml").write_text(text)


def test_it_is_tried_before_it_is_used(data_dir: Path) -> None:
    write(data_dir, tiny_scrfd())
    with Parts.open(data_dir, detector="ours") as parts:
        assert len(parts.detector().detect(with_a_face((5, 7)), 40)) == 1
        assert parts.models.tried(parts.manifest.network("ours"))


def test_one_that_gives_other_outputs_is_refused(data_dir: Path) -> None:
    write(data_dir, tiny_scrfd(box=2))
    with Parts.open(data_dir, detector="ours") as parts, pytest.raises(UnavailableError, match="output 3 is"):
        parts.detector()


def test_other_kinds_are_faceapps_own(data_dir: Path) -> None:
    write(data_dir, tiny_scrfd(), "mtcnn", 3)
    with pytest.raises(UnavailableError, match="kind must be scrfd: faceapp has its own mtcnn"):
        Parts.open(data_dir)


def test_the_number_of_networks_is_the_kinds(data_dir: Path) -> None:
    write(data_dir, tiny_scrfd(), "scrfd", 2)
    with pytest.raises(UnavailableError, match="networks must name 1 for scrfd, not 2"):
        Parts.open(data_dir)
