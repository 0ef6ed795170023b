"""Networks that are trained on pictures: what PyTorch computes, ONNX Runtime computes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from faceapp.errors import InputError
from faceapp.training.augment import Augmentations, augmented
from faceapp.training.finetune import FACENET_CUT, FinetuneLearner
from faceapp.training.loop import Trainer
from faceapp.training.onnx_module import OnnxModule, until
from faceapp.training.plan import Plan
from faceapp.training.small import SIDE, SmallLearner, tensor
from faceapp.types import BgrImage, Floats

FACENET = Path(__file__).parents[3] / "models" / "facenet-512.fp32.onnx"


def run(model: onnx.ModelProto, inputs: Floats) -> Floats:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: inputs})[0], np.float32)


def stripes(count: int, side: int = SIDE) -> list[BgrImage]:
    """Crops of four "people": stripes in four directions, none of which is another's mirror image, with noise."""
    draw = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side]
    crops = []
    for i in range(count):
        angle = (i % 4) * np.pi / 6
        wave = 127 + 90 * np.sin((x * np.cos(angle) + y * np.sin(angle)) / 4 + draw.uniform(0, 6))
        crops.append(np.clip(wave[..., None] + draw.normal(0, 20, (side, side, 3)), 0, 255).astype(np.uint8))
    return crops


def test_the_small_network_learns_and_is_the_same_in_onnx() -> None:
    crops = stripes(32)
    learner = SmallLearner(crops, seed=0, how=Augmentations(mirror=0, turn=2))
    people = np.arange(32) % 4
    plan = Plan(steps=12, people_per_batch=4, pictures_each=4, check_every=4, rate=3e-3, selection="hard")

    def apart() -> float:
        e = learner.embed(crops)
        d = np.linalg.norm(e[:, None] - e[None], axis=2)
        same = people[:, None] == people
        return float(d[~same].min() - d[same].mean())

    ended = Trainer(learner, people, plan, apart, "stripes").run(None)
    assert ended.best > ended.first
    model = learner.to_onnx()
    inputs = tensor(crops[:5]).numpy()
    assert np.abs(run(model, inputs) - learner.embed(crops[:5])).max() < 1e-5
    assert "BatchNormalization" not in {n.op_type for n in model.graph.node}
    mirrored = np.ascontiguousarray(inputs[..., ::-1])
    assert np.abs(run(model, mirrored) - run(model, inputs)).max() < 1e-5, "a face and its mirror image are one"
    assert np.abs(run(model, inputs * 0.5 + 0.1) - run(model, inputs)).max() < 0.2, "in whatever light"


def test_facenets_last_blocks_compute_what_the_file_does_and_are_written_back() -> None:
    model = onnx.load(FACENET)
    front = until(model, FACENET_CUT, ["N", 1792, 3, 3])
    crops = stripes(6, 160)

    def frozen(pictures: list[BgrImage]) -> Floats:
        return run(front, tensor(pictures).numpy())

    learner = FinetuneLearner(model, FACENET_CUT, frozen, crops, 512)
    before = learner.embed(frozen(crops))
    inputs = tensor(crops).numpy()
    assert np.abs(before - run(model, inputs)).max() < 1e-4
    plan = Plan(steps=2, people_per_batch=2, pictures_each=3, check_every=1, rate=1e-4, selection="all", margin=1.0)
    people = np.arange(6) % 2
    # Each look is better than the one before, so the last weights are kept.
    looks = iter(range(9))
    Trainer(learner, people, plan, lambda: float(next(looks)), "stripes").run(None)
    after = learner.embed(frozen(crops))
    assert np.abs(after - before).max() > 1e-3
    trained = learner.to_onnx()
    assert np.abs(run(trained, inputs) - after).max() < 1e-4
    changed = {
        a.name
        for a, b in zip(model.graph.initializer, trained.graph.initializer, strict=True)
        if a.SerializeToString() != b.SerializeToString()
    }
    behind = set(OnnxModule(model, FACENET_CUT).learned())
    assert changed <= behind
    assert len(changed) > 8
    assert not any("block8_5" in name for name in changed), "frozen"


def tiny(op: str, **attributes: object) -> onnx.ModelProto:
    weights = [numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "w")]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node(op, ["b"], ["y"], **attributes),
    ]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", 1, 4, 4]) for n in "xy"]
    return helper.make_model(helper.make_graph(nodes, "tiny", ends[:1], ends[1:], weights))


def test_what_cannot_be_trained_is_said() -> None:
    with pytest.raises(InputError, match="has a Erf that"):
        OnnxModule(tiny("Erf"), "a")
    with pytest.raises(InputError, match="no tensor 'z'"):
        OnnxModule(tiny("Relu"), "z")
    round_it = tiny("Relu")
    round_it.graph.node.append(helper.make_node("Add", ["y", "a"], ["sum"]))
    round_it.graph.output[0].name = "sum"
    with pytest.raises(InputError, match="'a' goes round it"):
        OnnxModule(round_it, "b")


def test_augmentation_is_what_the_dice_say() -> None:
    crop = stripes(1)[0]
    how = Augmentations(blur=1.0, jpeg=1.0, occlusion=1.0)
    one, same, other = (augmented(crop, how, np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.shape == crop.shape
    assert one.dtype == np.uint8
    nothing = Augmentations(mirror=0, crop=0, turn=0, light=0, blur=0, jpeg=0, occlusion=0)
    assert np.array_equal(augmented(crop, nothing, np.random.default_rng(3)), crop)
    mirrored = augmented(crop, Augmentations(1.0, 0, 0, 0, 0, 0, 0), np.random.default_rng(3))
    assert np.array_equal(mirrored, cv2.flip(crop, 1))
    assert torch.equal(tensor([mirrored]), tensor([crop]).flip(-1))
