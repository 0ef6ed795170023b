"""OpenFace's CSV files: all 224 with seeded numbers, and every way in which a folder can be wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from faceapp.errors import InputError
from faceapp.zoo import fp16, openface, openface_graph
from faceapp.zoo.openface import CROP_POINTS, read_folder
from faceapp.zoo.openface_graph import build, tensor_shapes
from tests.fakes import openface as f

LACKING = (
    "inception_3c_3x3_conv2_w",
    "inception_4e_3x3_conv2_w",
    "inception_5a_1x1_conv_w",
    "inception_5a_3x3_conv2_w",
    "inception_5b_3x3_conv2_w",
)


@pytest.fixture(scope="module")
def tensors() -> f.Tensors:
    return f.random_tensors()


@pytest.fixture(scope="module")
def whole(tensors: f.Tensors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return f.write_folder(tmp_path_factory.mktemp("openface") / "csv", tensors)


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to spoil; its files are links until one is replaced."""
    copy = tmp_path / "csv"
    shutil.copytree(whole, copy, copy_function=lambda source, target: Path(target).symlink_to(source))
    return copy


def spoil(folder: Path, name: str, text: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def complaint(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_folder(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_table_is_nn4_small2() -> None:
    shapes = tensor_shapes()
    assert len(shapes) == 224
    assert sum(int(np.prod(s)) for s in shapes.values()) == 3_743_280  # OpenFace: 3,733,968 and the running statistics
    assert shapes["conv1_w"] == (64, 3, 7, 7)
    assert shapes["inception_3a_5x5_conv2_w"] == (32, 16, 5, 5)
    assert shapes["inception_4a_pool_conv_w"] == (128, 640, 1, 1)
    assert shapes["inception_5a_pool_bn_v"] == (96,)
    assert shapes["dense_w"] == (128, 736)
    assert not {"inception_3c_pool_conv_w", "inception_5a_5x5_conv1_w", "inception_3c_1x1_conv_w"} & set(shapes)


def test_the_whole_way_agrees_with_plain_numpy(whole: Path, tensors: f.Tensors) -> None:
    read = read_folder(whole)
    assert read.passed_over == ()
    assert all(np.array_equal(read.tensors[name], values) for name, values in tensors.items())
    model = build(read.tensors)
    assert model.SerializeToString(deterministic=True) == build(read.tensors).SerializeToString(deterministic=True)

    coarse = np.random.default_rng(1).random((2, 3, 6, 6), dtype=np.float32)
    pictures = np.kron(coarse, np.ones((16, 16), np.float32))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: pictures})[0]
    expected = f.forward(tensors, pictures)
    assert found.shape == (2, 128)
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-6
    assert np.abs(found - expected).max() <= 1e-5
    assert np.abs(expected[0] - expected[1]).max() > 1e-2  # the pictures do count

    halved = onnxruntime.InferenceSession(fp16.halve(model).SerializeToString(), providers=["CPUExecutionProvider"])
    assert np.abs(halved.run(None, {"input": pictures})[0] - expected).max() < 0.02


def test_what_is_missing_is_told_in_one_line_and_exactly(folder: Path) -> None:
    for name in LACKING:
        (folder / f"{name}.csv").unlink()
    for name in openface.LEFTOVERS:  # as in the published folder
        spoil(folder, f"{name}.csv", "1,2")
    line = complaint(folder)
    assert sorted(re.findall(r"inception\w+", line)) == list(LACKING)
    assert "5 of 224" in line


def test_what_does_no_harm_is_read(folder: Path) -> None:
    for name in (*openface.LEFTOVERS, ".hidden"):  # left over in the published folder; told, and passed over
        spoil(folder, f"{name}.csv", "1,2")
    spoil(folder, "dense_b.csv", "\n".join(["0.25"] * 128) + "\n")  # one number in each line
    read = read_folder(folder)
    assert read.passed_over == ("inception_5a_3x3_conv2_m.csv", "inception_5a_3x3_conv2_v.csv")
    assert (read.tensors["dense_b"] == 0.25).all()


def test_strays_are_refused_by_name(folder: Path) -> None:
    spoil(folder, "inception_4b_1x1_conv_w.csv", "1,2")
    (folder / "more").mkdir()
    line = complaint(folder)
    assert "'inception_4b_1x1_conv_w.csv', 'more' do not belong there" in line
    (folder / "dense_b.csv").unlink()
    assert "1 of 224 files are missing (dense_b.csv); 'inception_4b" in complaint(folder)


WRONG = {
    "conv1_w": ("1", "holds 1 numbers where 9408 (64 x 3 x 7 x 7) belong"),
    "bn1_b": ("0.5," * 62 + "0.5", "holds 63 numbers where 64 belong"),
    "bn1_m": ("", "holds 0 numbers where 64 belong"),
    "bn1_v": ("1," * 63 + "-0.1", "holds a variance below zero"),
    "conv2_b": ("0," * 63 + "nan", "holds 'nan' where a number belongs"),
    "bn2_w": ("-inf" + ",0" * 63, "holds '-inf' where a number belongs"),
    "bn2_b": ("0,1e39" + ",0" * 62, "holds '1e39' where a number belongs"),
    "bn2_m": ("0,face" + ",0" * 62, "holds 'face' where a number belongs"),
    "bn2_v": ("0,," + "0," * 61 + "0", "holds '' where a number belongs"),
    "conv3_b": ("0" * 20_000, "is too large for 192 numbers"),
}


def test_wrong_contents_are_refused_by_name(folder: Path) -> None:
    for name, (text, _) in WRONG.items():
        spoil(folder, f"{name}.csv", text)
    line = complaint(folder)
    for name, (_, wrong) in WRONG.items():
        assert f"{name}.csv {wrong}" in line
    assert line.count(".csv") == len(WRONG)


def test_what_is_no_text_file_is_refused_by_name(folder: Path) -> None:
    (folder / "dense_b.csv").unlink()
    (folder / "dense_b.csv").write_bytes(b"\xff\xfe0,1")
    (folder / "conv1_b.csv").unlink()
    (folder / "conv1_b.csv").mkdir()
    assert "conv1_b.csv is not a file; dense_b.csv is not text: get these files again" in complaint(folder)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    assert "none of OpenFace's 224 CSV files" in complaint(tmp_path)
    assert "cannot be read" in complaint(tmp_path / "nowhere")


def test_the_crop_holds_a_face() -> None:
    points = np.array(CROP_POINTS)
    assert ((points > 0) & (points < openface_graph.SIZE)).all()
    left, right, nose, _, mouth = points
    assert left[0] < nose[0] < right[0]
    assert left[1] < nose[1] < mouth[1]
