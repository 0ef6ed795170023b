"""What the networks of an installation are known for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faceapp import paths
from faceapp.app import calibration, calibration_file
from faceapp.app.model_import import EmbedderEntry, import_embedder
from faceapp.app.models import describe, verify_distances
from faceapp.app.parts import Parts
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.specs import CropSpec
from tests.fakes.crowds import crowd
from tests.fakes.networks import SIZE, embedder, save

TABLE = """
[thresholds.mine]
space = "{space}"
fars = [0.01, 0.001]
distances = [0.9, 0.75]
source = "counted by hand"
"""


def test_distances_by_space_hold_own_embedders_as_soon_as_they_have_any(data_dir: Path, tmp_path: Path) -> None:
    shipped = {e.space: e.threshold_verify() for e in load_manifest(paths.manifest_dir()).embedders.values()}
    assert verify_distances(data_dir) == shipped
    entry = EmbedderEntry("mine", CropSpec("box", SIZE), "rgb", (0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
    with Parts.open(str(data_dir)) as parts:
        space = import_embedder(parts, save(embedder(), tmp_path / "brought.onnx"), entry).spec.space
    assert verify_distances(data_dir) == shipped
    with (data_dir / "models" / "manifest.toml").open("a") as f:
        f.write(TABLE.format(space=space))
    assert verify_distances(data_dir) == {**shipped, space: pytest.approx(0.75)}
    (data_dir / "models" / "manifest.toml").write_text("not TOML")
    assert verify_distances(data_dir) == shipped


def test_a_calibration_gives_an_own_embedder_its_thresholds(data_dir: Path, tmp_path: Path) -> None:
    entry = EmbedderEntry("mine", CropSpec("box", SIZE), "rgb", (0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
    with Parts.open(str(data_dir)) as parts:
        space = import_embedder(parts, save(embedder(), tmp_path / "brought.onnx"), entry).spec.space
        vectors, owners = crowd(120)
        material = calibration.Material("gallery", vectors, owners, (120, len(owners)), "0" * 64)
        targets = calibration.targets_of(parts, None, None)
    kept = calibration_file.save(data_dir, calibration.calibrated(material, space, targets))

    def listed() -> dict[str, Any]:
        (row,) = [e for e in describe(str(data_dir))["embedders"] if e["id"] == "mine"]
        return dict(row)

    row = listed()
    assert row["calibrated"] is True
    assert 0 < row["thresholds"]["identify_100"] <= row["thresholds"]["verify"] < 2
    assert row["thresholds"]["door"] is None, "a calibration opens a door only where somebody said so"
    assert verify_distances(data_dir)[space] == pytest.approx(row["thresholds"]["verify"], abs=1e-4)
    kept.write_text("spoilt")
    assert listed()["thresholds"] is None
    assert space not in verify_distances(data_dir)
