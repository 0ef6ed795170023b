"""SCRFD behind our detector, and ArcFace in our own embedder held to InsightFace's."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.errors import BugError, UnavailableError
from faceapp.types import BgrImage
from faceapp.vision.embedder import CropSpec, InputSpec, NetworkEmbedder, PartSpec
from faceapp.vision.insightface_models import Scrfd, certainty
from faceapp.vision.session import ModelSession, OrtSession, SessionPolicy, open_session
from tests.fakes.packs import POINTS, SQUARE, tiny_arcface, tiny_scrfd, with_a_face


def opened(folder: Path, network: bytes) -> ModelSession:
    file = folder / "network.onnx"
    file.write_bytes(network)
    return open_session(file, SessionPolicy("cpu"))


@pytest.fixture(params=[(640, True), (640, False), (None, False)], ids=["batched", "plain", "any size"])
def scrfd(request: pytest.FixtureRequest, tmp_path: Path) -> Scrfd:
    side, batched = request.param
    return Scrfd("scrfd-tiny", opened(tmp_path, tiny_scrfd(side=side, batched=batched)))


def test_a_face_is_where_it_is(scrfd: Scrfd) -> None:
    (face,) = scrfd.detect(with_a_face((5, 7)), 40)
    assert (face.box.x1, face.box.y1) == (4 * SQUARE, 6 * SQUARE)
    assert (face.box.x2, face.box.y2) == (7 * SQUARE, 9 * SQUARE)
    assert face.score > 0.99
    assert face.landmarks is not None
    assert face.landmarks.dtype == np.float32
    np.testing.assert_allclose(face.landmarks, (np.array(POINTS) + np.array([5, 7])) * SQUARE, atol=1e-3)
    assert scrfd.id == "scrfd-tiny"
    assert scrfd.provider == "CPUExecutionProvider"


@pytest.mark.parametrize("times", [2, 3, 4])
def test_a_large_picture_is_shrunk_and_its_faces_are_put_back(tmp_path: Path, times: int) -> None:
    scrfd = Scrfd("scrfd-tiny", opened(tmp_path, tiny_scrfd()))
    (face,) = scrfd.detect(with_a_face((5, 7), side=640 * times), 40)
    assert face.box.x1 == pytest.approx(4 * SQUARE * times, abs=times)
    assert face.box.height == pytest.approx(3 * SQUARE * times, abs=times)
    assert face.landmarks is not None
    np.testing.assert_allclose(face.landmarks, (np.array(POINTS) + np.array([5, 7])) * SQUARE * times, atol=times)


def test_shrinking_looks_at_every_pixel(tmp_path: Path) -> None:
    """Six rows of eight of the square are black, and by bilinear sampling alone it would be all white."""
    scrfd = Scrfd("scrfd-tiny", opened(tmp_path, tiny_scrfd()), min_score=0.3)
    image = with_a_face((5, 7), side=2560)
    rows = np.arange(2560) % 8
    image[(rows < 3) | (rows > 4)] = 0
    assert scrfd.detect(image, 40) == []


def test_a_score_means_what_mtcnns_does() -> None:
    scores = certainty(np.array([0.5, 0.6, 0.7477, 0.82, 0.8725, 0.99], np.float32))
    np.testing.assert_allclose(scores[[0, 2, 3, 4]], [0.5, 0.951, 0.9983, 0.99999], atol=2e-3)
    assert (np.diff(scores) > 0).all()
    assert scores.max() <= 1


@pytest.mark.parametrize("shape", [(400, 400), (300, 500), (640, 640), (480, 640), (2000, 1500)])
def test_a_picture_fills_no_more_than_half_of_what_the_network_sees(scrfd: Scrfd, shape: tuple[int, int]) -> None:
    """Or a face that fills the picture is larger than such a network knows."""
    shown, factors = scrfd._shown(np.full((*shape, 3), 255, np.uint8))
    rows, columns = (int(shown.any(axis=(1 - axis, 2)).sum()) for axis in (0, 1))
    assert min(rows, columns) <= 320
    assert max(rows, columns) <= 640
    assert max(rows / 320, columns / 320) >= 1
    assert factors == pytest.approx((columns / shape[1], rows / shape[0]))
    assert shown.shape[0] % 32 == shown.shape[1] % 32 == 0


def test_two_faces_come_largest_first_and_clipped(scrfd: Scrfd) -> None:
    first, second = scrfd.detect(with_a_face((0, 0), (6, 6)), 40)
    assert first.box.area > second.box.area
    assert (second.box.x1, second.box.y1) == (0, 0)


def test_the_smallest_face_is_a_setting(scrfd: Scrfd) -> None:
    image = with_a_face((5, 7))
    assert len(scrfd.detect(image, 3 * SQUARE)) == 1
    assert scrfd.detect(image, 3 * SQUARE + 1) == []


@pytest.mark.parametrize("size", [(1, 1), (10, 10), (1, 3000), (3000, 1), (3, 500)])
def test_tiny_pictures_have_no_faces(scrfd: Scrfd, size: tuple[int, int]) -> None:
    assert scrfd.detect(np.full((*size, 3), 255, np.uint8), 12) == []


def test_the_packs_own_normalisation_is_used(tmp_path: Path) -> None:
    session = opened(tmp_path, tiny_scrfd())
    assert Scrfd("scrfd-tiny", session, mean=127.5, std=128.0).detect(with_a_face((5, 7)), 40)
    assert Scrfd("scrfd-tiny", session, mean=255.0, std=128.0).detect(with_a_face((5, 7)), 40) == []


def test_our_session_runs_and_no_other_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    session = opened(tmp_path, tiny_scrfd(side=None, batched=False))

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a session of its own, with another policy than ours")

    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)
    assert len(Scrfd("scrfd-tiny", session).detect(with_a_face((5, 7)), 40)) == 1


def test_without_the_package_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened(tmp_path, tiny_scrfd())
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("insightface"):
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    for name in [n for n in sys.modules if n.split(".")[0] == "insightface"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UnavailableError, match=r"scrfd-tiny needs the Python package insightface: run .make.") as e:
        Scrfd("scrfd-tiny", session)
    assert "\n" not in str(e.value)


def test_one_without_landmarks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="finds no landmarks"):
        Scrfd("scrfd-tiny", opened(tmp_path, tiny_scrfd(landmarks=False)))


def test_it_takes_real_sessions_only() -> None:
    class Other:
        provider = "none"

    with pytest.raises(BugError):
        Scrfd("scrfd-tiny", Other())  # type: ignore[arg-type]  # what this is about


@pytest.mark.parametrize("embedded", [False, True], ids=["127.5", "in the network"])
def test_our_embedder_gives_what_insightfaces_gives(tmp_path: Path, embedded: bool, astronaut: BgrImage) -> None:
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX

    session = opened(tmp_path, tiny_arcface(embedded=embedded))
    assert isinstance(session, OrtSession)
    theirs = ArcFaceONNX(str(tmp_path / "network.onnx"), session.session)
    mean, std = (0.0, 1.0) if embedded else (127.5, 127.5)
    part = PartSpec(CropSpec("box", 112), InputSpec((mean,) * 3, (std,) * 3), 16)
    ours = NetworkEmbedder("arcface-tiny", "space", session, part)
    crop = astronaut[60:172, 160:272]
    expected = theirs.get_feat(crop)[0]
    np.testing.assert_allclose(ours.embed_crops([crop])[0], expected / np.linalg.norm(expected), atol=1e-6)
