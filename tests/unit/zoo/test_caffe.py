"""The Caffe converter on a small hand-made SSD, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.zoo.caffe import convert
from faceapp.zoo.wire import ConversionError
from tests.fakes.formats import caffemodel, field

RNG = np.random.default_rng(11)


def random(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


PROTOTXT = """
input: "data"
input_shape { dim: 1 dim: 3 dim: 12 dim: 12 }
layer { name: "data_bn" type: "BatchNorm" bottom: "data" top: "data_bn" }
layer { name: "data_scale" type: "Scale" bottom: "data_bn" top: "data_bn" scale_param { bias_term: true } }
layer { name: "conv" type: "Convolution" bottom: "data_bn" top: "conv"
        convolution_param { num_output: 4 pad: 1 kernel_size: 3 stride: 1 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { kernel_size: 3 stride: 2 } }
layer { name: "side" type: "Convolution" bottom: "pool" top: "side"
        convolution_param { num_output: 4 bias_term: false kernel_size: 1 } }
layer { name: "sum" type: "Eltwise" bottom: "pool" bottom: "side" top: "sum" }
layer { name: "norm" type: "Normalize" bottom: "sum" top: "norm"
        norm_param { across_spatial: false channel_shared: false } }
layer { name: "loc" type: "Convolution" bottom: "norm" top: "loc" convolution_param { num_output: 16 kernel_size: 1 } }
layer { name: "loc_perm" type: "Permute" bottom: "loc" top: "loc_perm"
        permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "loc_flat" type: "Flatten" bottom: "loc_perm" top: "loc_flat" flatten_param { axis: 1 } }
layer { name: "conf" type: "Convolution" bottom: "norm" top: "conf" convolution_param { num_output: 8 kernel_size: 1 } }
layer { name: "conf_perm" type: "Permute" bottom: "conf" top: "conf_perm"
        permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "conf_flat" type: "Flatten" bottom: "conf_perm" top: "conf_flat" }
layer { name: "prior" type: "PriorBox" bottom: "norm" bottom: "data" top: "prior"
        prior_box_param { min_size: 3 max_size: 6 aspect_ratio: 2 flip: true clip: false
                          variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 step: 2 offset: 0.5 } }
layer { name: "all_loc" type: "Concat" bottom: "loc_flat" top: "all_loc" concat_param { axis: 1 } }
layer { name: "all_conf" type: "Concat" bottom: "conf_flat" top: "all_conf" }
layer { name: "all_priors" type: "Concat" bottom: "prior" top: "all_priors" concat_param { axis: 2 } }
layer { name: "rows" type: "Reshape" bottom: "all_conf" top: "rows"
        reshape_param { shape { dim: 0 dim: -1 dim: 2 } } }
layer { name: "softmax" type: "Softmax" bottom: "rows" top: "softmax" softmax_param { axis: 2 } }
layer { name: "flat" type: "Flatten" bottom: "softmax" top: "flat" flatten_param { axis: 1 } }
layer { name: "detection_out" type: "DetectionOutput" bottom: "all_loc" bottom: "flat" bottom: "all_priors" top: "out"
        detection_output_param { num_classes: 2 share_location: true code_type: CENTER_SIZE } }
"""

WEIGHTS: dict[str, list[Any]] = {
    "data_bn": [random(3) * 5, random(3) ** 2 * 5 + 1, np.array([5], np.float32)],
    "data_scale": [random(3), random(3)],
    "conv": [random(4, 3, 3, 3), random(4)],
    "side": [random(4, 4, 1, 1)],
    "norm": [random(4)],
    "loc": [random(16, 4, 1, 1), random(16)],
    "conf": [random(8, 4, 1, 1), random(8)],
}


def channels(values: Any) -> Any:
    return values[:, None, None]


def expected(x: Any) -> tuple[Any, Any]:
    mean, variance, count = WEIGHTS["data_bn"]
    x = (x - channels(mean / count)) / np.sqrt(channels(variance / count) + 1e-5)
    x = np.pad(x * channels(WEIGHTS["data_scale"][0]) + channels(WEIGHTS["data_scale"][1]), ((0, 0), (1, 1), (1, 1)))
    weights, bias = WEIGHTS["conv"]
    y = np.array([[np.tensordot(weights, x[:, i : i + 3, j : j + 3], 3) for j in range(12)] for i in range(12)])
    y = np.maximum(y.transpose(2, 0, 1) + channels(bias), 0)
    # 12 pixels, windows of 3 every 2: the last is only partly filled, and counts.
    y = np.array([[y[:, i : i + 3, j : j + 3].max((1, 2)) for j in range(0, 12, 2)] for i in range(0, 12, 2)])
    y = y.transpose(2, 0, 1)
    y = y + np.einsum("oi,ihw->ohw", WEIGHTS["side"][0][:, :, 0, 0], y)
    y = y / np.sqrt((y**2).sum(0) + 1e-10) * channels(WEIGHTS["norm"][0])
    loc, conf = ((np.einsum("oi,ihw->hwo", w[:, :, 0, 0], y) + b) for w, b in (WEIGHTS["loc"], WEIGHTS["conf"]))
    e = np.exp(conf.reshape(-1, 2))
    return loc.reshape(-1, 4), e / e.sum(1, keepdims=True)


def test_converts_all_it_knows(run: Any) -> None:
    model = convert(caffemodel(WEIGHTS), PROTOTXT.encode())
    x = random(2, 3, 12, 12)
    loc, conf, priors, variances = run(model, x)
    assert [o.name for o in model.graph.output] == ["loc", "conf", "priors", "variances"]
    for i in range(2):
        wanted = expected(x[i])
        np.testing.assert_allclose(loc[i], wanted[0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(conf[i], wanted[1], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(variances, [0.1, 0.1, 0.2, 0.2])
    assert priors.shape == (6 * 6 * 4, 4)
    # The first place, then the next to its right: squares of 3 and of sqrt(3 * 6), rectangles of ratio 2 and 1/2.
    root, square = 3 * np.sqrt(2), np.sqrt(18)
    sizes = np.array([[3, 3], [square, square], [root, root / 2], [root / 2, root]])
    np.testing.assert_allclose(priors[:4], np.hstack([np.full((4, 2), 1), sizes]) / 12, rtol=1e-5)
    np.testing.assert_allclose(priors[4:8], np.hstack([np.tile([3, 1], (4, 1)), sizes]) / 12, rtol=1e-5)


def test_norms_and_scales_cost_nothing_at_run_time() -> None:
    kinds = [n.op_type for n in convert(caffemodel(WEIGHTS), PROTOTXT.encode()).graph.node]
    assert kinds.count("Conv") == 4
    assert "Mul" not in kinds
    assert "BatchNormalization" not in kinds


def without(name: str) -> dict[str, list[Any]]:
    return {k: v for k, v in WEIGHTS.items() if k != name}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('type: "ReLU"', 'type: "PReLU"', "no conversion for the layer 'PReLU'"),
        ('bottom: "pool" bottom: "side"', 'bottom: "pool" bottom: "nowhere"', "input 1 is not there"),
        ("num_output: 16", "num_output: 12", "do not fit"),
        ("dim: 12 dim: 12", "dim: 12", "not that of a colour picture"),
        ('pool" pooling_param {', 'pool" pooling_param { pool: AVE', "only a max pool"),
        ("across_spatial: false", "across_spatial: true", "only a norm over channels"),
        ("kernel_size: 3 stride: 1", "kernel_size: 3 stride: 0", "not supported"),
        ("kernel_size: 3 stride: 1", "kernel_size: 3 stride: 1 group: 3", "not supported"),
        ("order: 0 order: 2", "order: 0 order: 1", "order"),
        ("clip: false", "clip: true", "prior boxes of this kind"),
        ("CENTER_SIZE", "CORNER", "CENTER_SIZE"),
        ("num_classes: 2", "num_classes: 3", "do not fit"),
        ("dim: 0 dim: -1 dim: 2", "dim: 0 dim: -1 dim: 7", "reshape"),
        ("softmax_param { axis: 2 }", "softmax_param { axis: 1 }", "last axis"),
        ("flatten_param { axis: 1 }", "flatten_param { axis: 2 }", "from axis 1"),
        ('bottom: "loc_flat" top', 'bottom: "loc_flat" bottom: "prior" top', "only flat parts"),
        ('bottom: "all_priors"', 'bottom: "flat"', "not made of prior boxes"),
        ('top: "conv"\n', 'top: "conv" top: "two"\n', "2 results"),
        ("DetectionOutput", "ReLU", "does not end in a DetectionOutput"),
    ],
)
def test_what_it_does_not_know_is_named(old: str, new: str, what: str) -> None:
    assert old in PROTOTXT
    with pytest.raises(ConversionError, match=what):
        convert(caffemodel(WEIGHTS), PROTOTXT.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (b"", "no weights in the file"),
        (caffemodel(without("side")), "side: 0 blobs"),
        (caffemodel({**WEIGHTS, "conv": [random(4, 3, 5, 5), random(4)]}), "do not fit"),
        (field(100, field(1, "a") + field(7, field(7, field(1, b"\x05")) + field(5, b"\0" * 4))), "holds 1 numbers"),
    ],
)
def test_damaged_weights_are_named(source: bytes, what: str) -> None:
    with pytest.raises(ConversionError, match=what):
        convert(source, PROTOTXT.encode())


def test_a_prototxt_that_is_no_text() -> None:
    with pytest.raises(ConversionError, match="not text"):
        convert(caffemodel(WEIGHTS), b"\xff\xfe")


@given(st.integers(1, 1500))
def test_a_cut_off_file_is_refused(cut: int) -> None:
    source = caffemodel(WEIGHTS)
    with pytest.raises(ConversionError):
        convert(source[: -min(cut, len(source))], PROTOTXT.encode())
