"""A small liveness network: the brighter the picture, the livelier. Three classes, the second is live."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.fakes.networks import model, value

SIZE = 80


def by_brightness(
    *, batch: int | str = 1, classes: int = 3, softmax: bool = False, middle: float = 110
) -> onnx.ModelProto:
    """Its "live" is likelier than the others from a mean of `middle` of 255 on; `softmax`: it gives shares itself."""
    slope = np.zeros((1, classes), np.float32)
    slope[0, 1] = 0.2
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "axis"], ["column"]),
        helper.make_node("Sub", ["column", "middle"], ["above"]),
        helper.make_node("MatMul", ["above", "slope"], ["plain" if softmax else "classes"]),
    ]
    nodes += [helper.make_node("Softmax", ["plain"], ["classes"], axis=1)] if softmax else []
    weights = [
        numpy_helper.from_array(np.array([1], np.int64), "axis"),
        numpy_helper.from_array(np.array([middle], np.float32), "middle"),
        numpy_helper.from_array(slope, "slope"),
    ]
    return model(
        nodes,
        weights,
        inputs=[value("picture", [batch, 3, SIZE, SIZE])],
        outputs=[value("classes", [batch, classes])],
    )
