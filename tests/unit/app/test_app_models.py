"""What the networks of an installation are known for."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp import paths
from faceapp.app.model_import import EmbedderEntry, import_embedder
from faceapp.app.models import verify_distances
from faceapp.app.parts import Parts
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.specs import CropSpec
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
