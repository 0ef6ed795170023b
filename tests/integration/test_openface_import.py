"""`faceapp models import openface-csv`: from 224 CSV files to embeddings, or one line and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from faceapp import paths
from faceapp.cli.main import main
from faceapp.images import read_image
from faceapp.vision.crops import similarity_crop
from faceapp.zoo.openface import CROP_POINTS
from tests.fakes import openface as f


def test_the_folder_becomes_an_embedder(tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tensors = f.random_tensors(seed=9)
    folder = f.write_folder(tmp_path / "csv", tensors)
    (folder / "dense_b.csv").rename(tmp_path / "dense_b.csv")
    assert main(["models", "import", "openface-csv", str(folder)]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "1 of 224 files are missing (dense_b.csv)" in told.err
    assert not list(data_dir.rglob("*.onnx"))

    (tmp_path / "dense_b.csv").rename(folder / "dense_b.csv")
    assert main(["models", "import", "openface-csv", str(folder), "--json"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert (report["imported"], report["dimension"]) == ("openface-nn4-small2", 128)
    assert "Apache-2.0" in report["licence"]
    assert report["passed_over"] == []

    picture, out = paths.resource("astronaut.jpg"), tmp_path / "e.npz"
    assert main(["embed", str(picture), "--embedder", "openface-nn4-small2", "--out", str(out)]) == 0
    assert main(["detect", str(picture), "--json"]) == 0
    (face,) = json.loads(capsys.readouterr().out.splitlines()[-1])["faces"]
    crop = similarity_crop(
        read_image(picture), np.array(face["landmarks"], np.float32), np.array(CROP_POINTS, np.float32), 96
    )
    expected = f.forward(tensors, crop[None, ..., ::-1].transpose(0, 3, 1, 2) / 255)
    with np.load(out) as file:
        assert np.abs(file["embeddings"] - expected).max() < 1e-4  # the landmarks above are rounded
