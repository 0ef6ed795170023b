"""The naive baseline: an embedding that is the picture itself, grey and small. There to show why it fails.

Two pictures of one person under another light, or with another expression, differ by more than two people under the
same light. It has no weights to fetch: the network is written here.
"""

from __future__ import annotations

import numpy as np
import onnx

from faceapp.zoo.onnx_graph import OnnxGraph

SIZE = 64
"""Pixels of a side."""
DIMENSION = SIZE * SIZE

_LUMA = (0.299, 0.587, 0.114)
"""Rec. ITU-R BT.601: how bright red, green and blue look."""


def build(name: str) -> onnx.ModelProto:
    """A network from RGB (N, 3, 64, 64) to (N, 4096): each pixel's brightness, row by row. Length as it comes."""
    graph = OnnxGraph(name)
    picture = graph.input("picture", ["N", 3, SIZE, SIZE])
    grey = graph.conv(picture, np.array(_LUMA, np.float32).reshape(1, 3, 1, 1), "grey")
    graph.add("Flatten", [grey], "embedding", axis=1)
    graph.output("embedding", ["N", DIMENSION])
    return graph.to_model()
