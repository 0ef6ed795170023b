"""The naive baseline says what it promises, and fails where it is there to fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from faceapp import paths
from faceapp.app.parts import Parts
from faceapp.images import read_image
from faceapp.zoo import pixels
from faceapp.zoo.build import serialise
from faceapp.zoo.manifest import load_manifest
from tests.unit.zoo.conftest import Run


def test_gives_each_pixels_brightness(run: Run) -> None:
    x = np.random.default_rng(3).uniform(0, 1, (2, 3, 64, 64)).astype(np.float32)
    (got,) = run(pixels.build("pixels"), x)
    wanted = (0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]).reshape(2, -1)
    assert got.shape == (2, pixels.DIMENSION)
    np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_the_manifest_agrees_with_the_network() -> None:
    network = load_manifest(paths.manifest_dir()).network("pixels")
    assert (network.dimension, network.input.width, network.input.height) == (pixels.DIMENSION, 64, 64)
    assert network.sources == ()
    assert serialise(pixels.build("pixels")) == serialise(pixels.build("pixels"))


def test_another_light_moves_a_face_further_than_its_threshold(tmp_path: Path, models_dir: Path) -> None:
    image = read_image(paths.resource("astronaut.jpg"))
    with Parts.open(tmp_path, precision="fp32") as parts:
        face = parts.detector("mtcnn").detect(image, 40)[0]
    left, right = face.box.x1, face.box.x2
    light = np.interp(np.arange(image.shape[1]), [left, right], [0.1, 1.0])  # from the side, as by a window
    other = (image * light[None, :, None]).astype(np.uint8)
    distances = {}
    for name in ("pixels", "dlib-resnet-128"):
        with Parts.open(tmp_path, precision="fp32", embedder=name) as parts:
            a, b = (parts.embedder().embed(picture, [face])[0] for picture in (image, other))
            distances[name] = float(np.linalg.norm(a - b)) / parts.thresholds().verify
    assert distances["dlib-resnet-128"] < 1 < distances["pixels"]
