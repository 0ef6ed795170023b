from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnx
import onnxruntime as ort
import pytest

from faceapp import paths
from faceapp.errors import UnavailableError
from faceapp.vision import session as module
from faceapp.vision.session import CPU, CUDA, TENSORRT, Precision, SessionPolicy, open_session
from faceapp.vision.tensorrt import LARGEST_BATCH, cache_options, private_folder, tensorrt_options
from faceapp.zoo.fp16 import halve

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes as POSIX has them")


# The range of shapes


def test_one_engine_is_for_all_batches() -> None:
    assert tensorrt_options({"input": ["N", 3, 160, 160]}) == {
        "trt_profile_min_shapes": "input:1x3x160x160",
        "trt_profile_opt_shapes": "input:1x3x160x160",
        "trt_profile_max_shapes": f"input:{LARGEST_BATCH}x3x160x160",
    }


def test_all_free_inputs_are_named_and_no_others() -> None:
    found = tensorrt_options({"a": [None, 3, 8, 8], "size": [1, 2], "b": ["N", 4], "scalar": []})
    assert found is not None
    assert found["trt_profile_max_shapes"] == "a:32x3x8x8,b:32x4"


def test_a_network_without_free_axes_needs_no_range() -> None:
    assert tensorrt_options({"input": [1, 3, 112, 112]}) == {}


@pytest.mark.parametrize("inputs", [{"input": ["N", 3, "H", "W"]}, {"input.1": [1, 3, None, None]}, {"x:0": ["N", 3]}])
def test_free_sizes_are_left_to_cuda(inputs: dict[str, Any]) -> None:
    assert tensorrt_options(inputs) is None


# The engines' folder


def test_each_network_has_a_folder_of_its_own(tmp_path: Path) -> None:
    network, folder = tmp_path / "a.onnx", tmp_path / "cache" / "tensorrt"
    network.write_bytes(b"weights")
    first = cache_options(network, folder)
    assert first["trt_engine_cache_enable"]
    assert first["trt_timing_cache_enable"]
    assert first["trt_timing_cache_path"] == str(folder)
    own = Path(first["trt_engine_cache_path"])
    assert own.parent == folder
    assert own.is_dir()
    assert cache_options(network, folder) == first
    network.write_bytes(b"weights of another training")
    assert cache_options(network, folder)["trt_engine_cache_path"] != str(own), "an engine knows no weights"


@POSIX
def test_engines_are_for_the_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tensorrt"
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


@POSIX
def test_somebody_elses_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="not a folder of this user"):
        private_folder(tmp_path / "link")
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="not a folder of this user"):
        private_folder(tmp_path)


def test_what_cannot_be_written_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = tmp_path / "a.onnx"
    network.write_bytes(b"weights")
    assert cache_options(network, network / "tensorrt") == {}, "below a file"
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="can't be written"):
        private_folder(tmp_path)


# Sessions


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What sessions on a card with TensorRT were asked for; they note it and run nothing."""
    asked: list[Any] = []
    real = ort.InferenceSession

    def load(path: str, options: Any, providers: list[Any], **rest: Any) -> Any:
        if providers == [CPU]:
            return real(path, options, providers=providers, **rest)
        asked[:] = providers
        names = [p if isinstance(p, str) else p[0] for p in providers]
        one = [SimpleNamespace(name="x")]
        return SimpleNamespace(get_providers=lambda: names, get_inputs=lambda: one, get_outputs=lambda: one)

    monkeypatch.setattr(module.ort, "InferenceSession", load)
    monkeypatch.setattr(module, "cuda_usable", lambda: True)
    monkeypatch.setattr(module.ort, "get_available_providers", lambda: [TENSORRT, CUDA, CPU])
    monkeypatch.setattr(paths, "engines_dir", lambda: tmp_path / "tensorrt")
    return asked


def network(models_dir: Path, tmp_path: Path, precision: Precision) -> Path:
    file = models_dir / "mtcnn-rnet.fp32.onnx"
    if precision == "fp16":
        half = tmp_path / "half.onnx"
        onnx.save_model(halve(onnx.load_model(file)), half)
        return half
    return file


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_fp16_is_for_networks_that_are_fp16(
    asked: list[Any], models_dir: Path, tmp_path: Path, precision: Precision
) -> None:
    session = open_session(network(models_dir, tmp_path, precision), SessionPolicy("tensorrt"), precision)
    assert session.provider == TENSORRT
    (name, options), (after, _), last = asked
    assert (name, after, last) == (TENSORRT, CUDA, CPU)
    assert options["trt_fp16_enable"] is (precision == "fp16")
    assert options["trt_profile_max_shapes"] == "input:32x3x24x24"
    assert Path(options["trt_engine_cache_path"]).parent == tmp_path / "tensorrt"


@pytest.mark.parametrize(("file", "precision"), [("mtcnn-pnet", "fp32"), ("mtcnn-rnet", "int8")])
def test_what_is_left_to_cuda(
    asked: list[Any], models_dir: Path, tmp_path: Path, file: str, precision: Precision
) -> None:
    session = open_session(models_dir / f"{file}.fp32.onnx", SessionPolicy("tensorrt"), precision)
    assert session.provider == CUDA
    assert [p if isinstance(p, str) else p[0] for p in asked] == [CUDA, CPU]
    assert not (tmp_path / "tensorrt").exists()


def test_a_missing_network_is_told_as_elsewhere(asked: list[Any], tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r'none\.onnx is missing: run "faceapp models install"'):
        open_session(tmp_path / "none.onnx", SessionPolicy("tensorrt"))
