"""A head on a frozen embedder: one linear layer from its embeddings to shorter ones, 512 to 128 as in FaceNet's paper.

The embedder isn't touched, so its embeddings are computed once and a run takes minutes on two cores. The head begins
as the principal components of the training embeddings, the best that a linear layer can do without knowing who is who.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from faceapp.errors import InputError
from faceapp.training.batches import Rows
from faceapp.types import Floats

DIMENSION = 128


class HeadLearner:
    """Learns a head from embeddings."""

    def __init__(self, embeddings: Floats, dimension: int = DIMENSION) -> None:
        """embeddings float32 (N, D) of unit length. Raises InputError where a head of `dimension` would not be
        shorter."""
        size = embeddings.shape[1]
        if not 2 <= dimension < size:
            raise InputError(f"a head shortens {size} numbers: its dimension is between 2 and {size - 1}")
        self._inputs = torch.from_numpy(embeddings)
        self._dimension = dimension
        self._layer = nn.Linear(size, dimension)
        mean, axes = principal_components(embeddings, dimension)
        with torch.no_grad():
            self._layer.weight.copy_(torch.from_numpy(axes))
            self._layer.bias.copy_(torch.from_numpy(-axes @ mean))

    @property
    def module(self) -> nn.Module:
        """The linear layer."""
        return self._layer

    @property
    def dimension(self) -> int:
        """Numbers of an embedding."""
        return self._dimension

    def forward(self, rows: Rows, draw: torch.Generator) -> Tensor:  # noqa: ARG002 - nothing is augmented here
        """See `Learner.forward`."""
        return self._through(self._inputs[torch.from_numpy(rows)].to(self._layer.weight.device))

    def embed(self, embeddings: Floats) -> Floats:
        """What the head makes of others' embeddings: float32 (N, D) gives (N, `dimension`), of unit length."""
        with torch.no_grad():
            return cast(Floats, self._through(torch.from_numpy(embeddings).to(self._layer.weight.device)).cpu().numpy())

    def weights(self) -> tuple[Floats, Floats]:
        """Weight (dimension, D) and bias (dimension,)."""
        layer = self._layer
        weight, bias = (t.detach().cpu().numpy().copy() for t in (layer.weight, layer.bias))
        return cast(Floats, weight), cast(Floats, bias)

    def to_onnx(self, base: Any, subtract: Floats | None = None) -> Any:
        """The frozen network with the head behind it: embeddings brought to unit length, less `subtract` (D,) where the
        embedder takes a mean away and then to unit length again, through the layer, to unit length."""
        weight, bias = self.weights()
        model = onnx.ModelProto()
        model.CopyFrom(base)
        graph = model.graph
        x, size = graph.output[0].name, weight.shape[1]
        graph.initializer.append(numpy_helper.from_array(weight, "head/weight"))
        graph.initializer.append(numpy_helper.from_array(bias, "head/bias"))

        def add(op: str, inputs: list[str], name: str, **attributes: Any) -> str:
            graph.node.append(helper.make_node(op, inputs, [f"head/{name}"], f"head/{name}", **attributes))
            return f"head/{name}"

        x = add("LpNormalization", [x], "unit", axis=1, p=2)
        if subtract is not None:
            graph.initializer.append(numpy_helper.from_array(subtract.reshape(1, size), "head/mean"))
            x = add("LpNormalization", [add("Sub", [x, "head/mean"], "less")], "centred", axis=1, p=2)
        x = add("Gemm", [x, "head/weight", "head/bias"], "layer", transB=1)
        x = add("LpNormalization", [x], "embedding", axis=1, p=2)
        del graph.output[:]
        graph.output.append(helper.make_tensor_value_info(x, onnx.TensorProto.FLOAT, ["N", self._dimension]))
        return model

    def _through(self, embeddings: Tensor) -> Tensor:
        return torch.nn.functional.normalize(self._layer(embeddings))


def principal_components(embeddings: Floats, dimension: int) -> tuple[Floats, Floats]:
    """Mean (D,) and the `dimension` directions (dimension, D) in which embeddings (N, D) differ most, the most first
    (PCA). The signs are fixed, so that the same embeddings give the same directions."""
    points = embeddings.astype(np.float64)
    mean = points.mean(axis=0)
    # With fewer embeddings than directions the others are any that stand upright on them.
    _, _, axes = np.linalg.svd(points - mean, full_matrices=len(points) <= dimension)
    axes = axes[:dimension]
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    axes = axes * np.sign(largest)[:, None]
    return mean.astype(np.float32), axes.astype(np.float32)
