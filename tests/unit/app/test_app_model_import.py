"""Taking in an embedder somebody brings: tried for real in a process of its own, and then all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from faceapp import paths
from faceapp.app import model_trial
from faceapp.app.model_import import EmbedderEntry, crop_of, import_embedder
from faceapp.app.model_removal import remove
from faceapp.app.model_trial import check_results, try_embedder
from faceapp.app.models import describe
from faceapp.app.parts import Parts
from faceapp.errors import InputError, KnownError, UnavailableError, UsageError
from faceapp.images import read_image
from faceapp.settings import Settings
from faceapp.settings import save as save_settings
from faceapp.zoo.specs import CropSpec
from tests.fakes.networks import DIMENSION, SIZE, altered, embedder, model, save, value, weight

MEAN, STD = (127.5, 127.5, 127.5), (128.0, 128.0, 128.0)


@pytest.fixture
def parts(data_dir: Path) -> Iterator[Parts]:
    with Parts.open(str(data_dir)) as opened:
        yield opened


def entry(**changes: Any) -> EmbedderEntry:
    values: dict[str, Any] = {
        "id": "mine", "crop": CropSpec("box", SIZE, margin=0.25), "colour": "rgb", "mean": MEAN, "std": STD
    } | changes  # fmt: skip
    return EmbedderEntry(**values)


def refused(act: Callable[[], object], what: str, kind: type[KnownError] = InputError) -> None:
    with pytest.raises(kind, match=what) as e:
        act()
    assert "\n" not in str(e.value)


def constant(values: list[float]) -> onnx.ModelProto:
    """Gives these numbers, whatever the picture."""
    return altered_by("Mul", np.zeros(DIMENSION), "Add", np.array(values))


def altered_by(op: str, a: Any, then: str | None = None, b: Any = None) -> onnx.ModelProto:
    made = altered(op, "a")
    made.graph.initializer.append(numpy_helper.from_array(np.asarray(a, np.float32), "a"))
    if then:
        made.graph.node[-1].output[0] = "between"
        made.graph.node.append(helper.make_node(then, ["between", "b"], ["embedding"]))
        made.graph.initializer.append(numpy_helper.from_array(np.asarray(b, np.float32), "b"))
    return made


def test_what_was_imported_embeds_like_any_other(parts: Parts, data_dir: Path, tmp_path: Path) -> None:
    file = save(embedder(size=160, dimension=32), tmp_path / "brought.onnx")
    done = import_embedder(parts, file, entry(crop=CropSpec("box", 160, margin=0.25), mirror=True, licence="CC0"))
    assert (done.spec.dimension, done.spec.licence, done.spec.thresholds) == (32, "CC0", None)
    assert done.as_json()["calibrated"] is False
    with Parts.open(str(data_dir), embedder="mine") as again:
        image = read_image(paths.resource("astronaut.jpg"))
        rows = again.embedder().embed(image, again.detector("mtcnn").detect(image, 40)[:1])
        assert rows.shape == (1, 32)
        assert np.linalg.norm(rows) == pytest.approx(1, abs=1e-5)
        refused(again.thresholds, 'run "faceapp calibrate"', UnavailableError)
    (listed,) = [e for e in describe(str(data_dir))["embedders"] if e["own"]]
    assert (listed["id"], listed["thresholds"], listed["ready"]) == ("mine", None, True)


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (constant([0.0] * DIMENSION), "it gives zeros"),
        (constant([1.0] * DIMENSION), "the same numbers for every picture"),
        (altered_by("Mul", [np.nan] * DIMENSION), "not finite"),
        (altered_by("Div", [0.0] * DIMENSION), "not finite"),
        (altered("ReduceSum", keepdims=1), r"gives \(1, 1\) for 3 pictures"),
        (altered("Softmax", axis=0), "depend on the pictures beside it"),
        (altered("Relu", "plain"), "ONNX Runtime cannot load it"),
        (altered("NoSuchOperator"), "ONNX Runtime cannot load it"),
    ],
    ids=["zeros", "constant", "nan", "infinite", "shape", "batch", "invalid", "unknown"],
)
def test_a_network_that_gives_no_embedding_is_refused_and_nothing_is_written(
    parts: Parts, data_dir: Path, tmp_path: Path, made: onnx.ModelProto, what: str
) -> None:
    refused(lambda: import_embedder(parts, save(made, tmp_path / "brought.onnx"), entry()), what)
    assert not (data_dir / "models").exists()


def one_at_a_time(*, honest: bool = True) -> onnx.ModelProto:
    """As many export them: a batch of exactly one, and a reshape that says so."""
    last = "plain" if not honest else "embedding"
    nodes = [
        helper.make_node("Reshape", ["picture", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], [last]),
    ]
    nodes += [] if honest else [helper.make_node("Softmax", ["plain"], ["embedding"], axis=0)]
    shape = numpy_helper.from_array(np.array([1, -1]), "shape")
    return model(
        nodes,
        [weight("w", 3 * SIZE * SIZE, DIMENSION), shape],
        inputs=[value("picture", [1, 3, SIZE, SIZE])],
        outputs=[value("embedding", [1, DIMENSION])],
    )


def test_a_network_for_one_picture_at_a_time_is_opened_for_several(parts: Parts, tmp_path: Path) -> None:
    file = save(one_at_a_time(), tmp_path / "brought.onnx")
    done = import_embedder(parts, file, entry())
    assert done.trial.freed
    assert done.spec.dimension == DIMENSION
    assert done.file.read_bytes() != file.read_bytes()
    assert hashlib.sha256(done.file.read_bytes()).hexdigest() == done.trial.sha256
    refused(lambda: try_embedder(file, SIZE, MEAN, STD), "exactly 1 picture at a time")


def test_one_that_cannot_be_opened_is_refused(parts: Parts, data_dir: Path, tmp_path: Path) -> None:
    file = save(one_at_a_time(honest=False), tmp_path / "brought.onnx")
    refused(lambda: import_embedder(parts, file, entry()), r"brought.onnx is refused: .* (same numbers|depend on)")
    assert not (data_dir / "models").exists()


def slow() -> onnx.ModelProto:
    """Two million million multiplications for a picture, in a file of a megabyte."""
    nodes = [helper.make_node("Flatten", ["picture"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["x0"])]
    nodes += [
        helper.make_node("ConstantOfShape", ["large"], ["big"], value=helper.make_tensor("v", 1, [1], [0.01])),
        helper.make_node("Slice", ["x0", "zero", "one", "zero"], ["row"]),
        helper.make_node("ReduceMean", ["row"], ["number"], keepdims=0),
        helper.make_node("Add", ["big", "number"], ["y0"]),
    ]
    nodes += [helper.make_node("MatMul", [f"y{i}", f"y{i}"], [f"y{i + 1}"]) for i in range(200)]
    nodes += [helper.make_node("ReduceMean", ["y200"], ["last"], keepdims=0)]
    nodes += [helper.make_node("Add", ["x0", "last"], ["embedding"])]
    return model(
        nodes,
        [
            weight("w", 3 * SIZE * SIZE, DIMENSION),
            numpy_helper.from_array(np.array([2000, 2000]), "large"),
            numpy_helper.from_array(np.array([0]), "zero"),
            numpy_helper.from_array(np.array([1]), "one"),
        ],
    )


def test_a_network_that_takes_for_ever_is_stopped(tmp_path: Path) -> None:
    file = save(slow(), tmp_path / "brought.onnx")
    refused(lambda: try_embedder(file, SIZE, MEAN, STD, seconds=4), "did not finish within 4 seconds")


@pytest.mark.parametrize("side", [60_000, 1 << 40])
def test_a_network_that_wants_all_the_memory_is_refused(tmp_path: Path, side: int) -> None:
    made = altered("Add", "sum")
    nodes = [
        helper.make_node("ConstantOfShape", ["large"], ["big"], value=helper.make_tensor("v", 1, [1], [0.01])),
        helper.make_node("ReduceMean", ["big"], ["sum"], keepdims=0),
    ]
    for i, node in enumerate(nodes):
        made.graph.node.insert(i, node)
    made.graph.initializer.append(numpy_helper.from_array(np.array([side, side]), "large"))
    file = save(made, tmp_path / "brought.onnx")
    assert file.stat().st_size < 100_000
    refused(lambda: try_embedder(file, SIZE, MEAN, STD), "cannot load it|cannot be run|more than 6 GB")


def test_a_crash_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = save(embedder(), tmp_path / "brought.onnx")
    monkeypatch.setattr("faceapp.app.model_trial.sys.executable", "/bin/false")
    refused(lambda: try_embedder(file, SIZE, MEAN, STD), "it crashes")


def test_what_is_refused_unread_never_reaches_onnx_runtime(parts: Parts, data_dir: Path, tmp_path: Path) -> None:
    made = embedder()
    made.graph.initializer[0].external_data.add(key="location", value="../../../etc/passwd")
    made.graph.initializer[0].data_location = TensorProto.EXTERNAL
    refused(lambda: import_embedder(parts, save(made, tmp_path / "b.onnx"), entry()), "lie in another file")
    made.graph.initializer[0].dims[:] = [50_000, 50_000]
    refused(lambda: import_embedder(parts, save(made, tmp_path / "b.onnx"), entry()), "lie in another file")
    assert not (data_dir / "models").exists()


def test_an_interruption_during_the_trial_leaves_nothing(
    parts: Parts, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_trial.subprocess, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        import_embedder(parts, save(embedder(), tmp_path / "b.onnx"), entry())
    assert not (data_dir / "models").exists()


def test_an_entry_that_cannot_be_is_told_before_the_work(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceapp.app.model_import.try_embedder", lambda *_, **__: pytest.fail("it was tried"))
    file = save(embedder(), tmp_path / "brought.onnx")
    refused(lambda: import_embedder(parts, file, entry(id="facenet-512")), "already")
    refused(lambda: import_embedder(parts, file, entry(id="../x")), "can't be an id")
    refused(lambda: import_embedder(parts, file, entry(std=(0.0, 1.0, 1.0))), "std more than 0", UsageError)
    refused(lambda: import_embedder(parts, file, entry(mean=(np.inf, 1.0, 1.0))), "must be numbers", UsageError)
    refused(lambda: import_embedder(parts, file, entry(crop=CropSpec("box", 8))), "8 pixels", UsageError)


def test_results_of_a_wrong_length_are_told() -> None:
    good = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    check_results("b.onnx", good, good)
    refused(lambda: check_results("b.onnx", good[:, :1], good[:, :1]), "1 numbers are no embedding")
    refused(lambda: check_results("b.onnx", good, -good), "depend on the pictures beside it")


# An entry written by hand


def by_hand(data_dir: Path, made: onnx.ModelProto, dimension: int = DIMENSION) -> Path:
    """Somebody puts a file and an entry into the data directory."""
    folder = data_dir / "models"
    folder.mkdir(parents=True)
    file = save(made, folder / "lab.fp32.onnx")
    (folder / "manifest.toml").write_text(
        f"""version = 1
[networks.lab]
title = "From the lab"
kind = "embedder"
converter = "own"
file_sha256 = "{hashlib.sha256(file.read_bytes()).hexdigest()}"
dimension = {dimension}
unit_length = false
licence = "Ours"
photographs = "Ours"
input = {{ layout = "NCHW", width = 16, height = 16, colour = "rgb", mean = [0, 0, 0], std = [255, 255, 255] }}
crop = {{ kind = "box", size = 16, margin = 0.25 }}
[embedders.lab]
title = "From the lab"
parts = [{{ network = "lab", mirror = false, weight = 1 }}]
"""
    )
    return file


def test_an_entry_written_by_hand_is_tried_once_and_used(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(data_dir, embedder())
    with Parts.open(str(data_dir), embedder="lab") as parts:
        assert parts.embedder().dimension == DIMENSION
    monkeypatch.setattr("faceapp.app.model_import.try_embedder", lambda *_: pytest.fail("it was tried again"))
    with Parts.open(str(data_dir), embedder="lab") as parts:
        assert parts.embedder().dimension == DIMENSION


@pytest.mark.parametrize(
    ("made", "dimension", "what"),
    [
        (embedder(), DIMENSION + 1, "gives 8 numbers for a face, its entry says 9"),
        (embedder(size=32), DIMENSION, r"an embedder for this crop takes \(N, 3, 16, 16\)"),
        (altered("Loop"), DIMENSION, "operator Loop"),
    ],
)
def test_an_entry_written_by_hand_that_is_wrong_is_told(
    data_dir: Path, made: onnx.ModelProto, dimension: int, what: str
) -> None:
    by_hand(data_dir, made, dimension)
    with Parts.open(str(data_dir), embedder="lab") as parts:
        refused(parts.embedder, what, UnavailableError)
    assert not (data_dir / "models" / "lab.fp32.onnx.build.json").exists()


# Crops


def test_crops_as_they_are_written() -> None:
    assert crop_of("box:0.25", 160) == CropSpec("box", 160, margin=0.25)
    assert crop_of("similarity:arcface", 112).points[0] == pytest.approx((38.2946, 51.6963))
    assert crop_of("similarity:arcface", 224).points[2] == pytest.approx((2 * 56.0252, 2 * 71.7366))
    assert crop_of("similarity:arcface", 128).points[0] == pytest.approx((46.2946, 51.6963))
    assert crop_of("similarity:dlib", 75).points[2] == pytest.approx((37.4, 39.05))


@pytest.mark.parametrize("text", ["box:x", "box:-1", "box:nan", "similarity", "similarity:other", "", "box:0.1:2"])
def test_a_crop_that_cannot_be_is_told(text: str) -> None:
    refused(lambda: crop_of(text, 112), "is no crop", UsageError)


# Taking out


def test_removing_takes_everything_out_but_not_what_is_in_use(parts: Parts, data_dir: Path, tmp_path: Path) -> None:
    import_embedder(parts, save(embedder(), tmp_path / "brought.onnx"), entry())
    save_settings(Settings(embedder="mine"), data_dir)
    refused(lambda: remove(str(data_dir), "mine"), "mine is the embedder in use: choose another")
    save_settings(Settings(), data_dir)
    assert remove(str(data_dir), "mine") == ["mine.fp32.onnx"]
    assert {p.name for p in (data_dir / "models").iterdir()} == {"manifest.toml"}
    refused(lambda: remove(str(data_dir), "mine"), "there is no network 'mine' of your own: there is none")
    refused(lambda: remove(str(data_dir), "facenet-512"), "comes with faceapp")
