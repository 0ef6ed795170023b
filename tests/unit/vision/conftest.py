"""The real networks, opened once, and the photographs they are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp.images import read_image
from faceapp.types import BgrImage
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.session import ModelSession, SessionPolicy, open_session
from faceapp.vision.ssd import Ssd


def _open(models_dir: Path, name: str) -> ModelSession:
    return open_session(models_dir / f"{name}.fp32.onnx", SessionPolicy("cpu"))


@pytest.fixture(scope="session")
def mtcnn(models_dir: Path) -> Mtcnn:
    return Mtcnn(*(_open(models_dir, f"mtcnn-{letter}net") for letter in "pro"))


@pytest.fixture(scope="session")
def ssd(models_dir: Path, mtcnn: Mtcnn) -> Ssd:
    return Ssd(_open(models_dir, "ssd-resnet10"), mtcnn)


@pytest.fixture(scope="session")
def facenet(models_dir: Path) -> ModelSession:
    return _open(models_dir, "facenet-512")


@pytest.fixture(scope="session")
def dlib_net(models_dir: Path) -> ModelSession:
    return _open(models_dir, "dlib-resnet-128")


@pytest.fixture(scope="session")
def six_people(group_photo: Path) -> BgrImage:
    """1280 x 886 BGR, six faces. Read-only."""
    image = read_image(group_photo)
    image.flags.writeable = False
    return image
