"""A small embedding network, trained from nothing: for teaching, and for grey industrial cameras.

Each picture is brought to the same brightness and contrast and shown to three towers side by side: four blocks of
convolution, batch normalisation, ReLU and pooling, and one linear layer each; two thirds of a million weights. What it
says of a face is the mean of what it says of the crop and of its mirror image. It runs in a few milliseconds and knows
no more than the few people it has seen: don't put it at a door.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from faceapp.training.augment import Augmentations, augmented
from faceapp.training.batches import Rows
from faceapp.training.device import device_of
from faceapp.training.plan import SMALL_SIDE
from faceapp.types import BgrImage, Floats
from faceapp.zoo.onnx_graph import OnnxGraph

SIDE = SMALL_SIDE
DIMENSION = 64
"""Numbers of a tower's embedding."""
TOWERS = 3
"""They start from other weights and err otherwise, as several networks do that are asked together: on AT&T's people
three had a seventh less equal error rate than one; a wider tower had no less."""
WIDTHS = (16, 32, 64, 128)
HOW = Augmentations(mirror=0.0, crop=0.09, turn=10.0, occlusion=0.3)
"""More than a network that has seen thousands of people needs: with half of it, twenty people are learned by heart.
Mirror images are other people here, see `with_mirrored`."""
_BATCH = 64
_FLAT = 0.01
"""Added to a picture's contrast, of (x - 127.5) / 128: noise alone isn't blown up to a picture."""


class _Tower(nn.Module):
    """Standardised grey crops (B, 1, `SIDE`, `SIDE`) to embeddings (B, `dimension`) of unit length."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for block, width in enumerate(WIDTHS):
            # The first one at half the size: three quarters of all the work would be there, for edges.
            size, stride = (5, 2) if block == 0 else (3, 1)
            layers += [
                nn.Conv2d(before, width, size, stride, padding=size // 2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            if block < len(WIDTHS) - 1:
                layers.append(nn.MaxPool2d(2))
            before = width
        self.blocks = nn.Sequential(*layers)
        self.linear = nn.Linear(before * (SIDE // 2 ** len(WIDTHS)) ** 2, dimension)
        # Keeps every number of an embedding spread over the batch: without it small batches of triplets collapse.
        self.spread = nn.BatchNorm1d(dimension, affine=False)

    def forward(self, grey: Tensor) -> Tensor:
        """See the class."""
        numbers = self.spread(self.linear(self.blocks(grey).flatten(1)))
        return torch.nn.functional.normalize(numbers)


class SmallNetwork(nn.Module):
    """Crops float (B, 3, `SIDE`, `SIDE`), (x - 127.5) / 128, to embeddings (B, towers x dimension) of unit length.
    Colours are averaged first: it sees grey. Each picture loses its mean and is divided by its deviation: with the
    light as it came, the equal error rate on AT&T's people was a fifth higher."""

    def __init__(self, dimension: int = DIMENSION, towers: int = TOWERS) -> None:
        super().__init__()
        self.towers = nn.ModuleList([_Tower(dimension) for _ in range(towers)])
        self.dimension = towers * dimension

    def forward(self, x: Tensor) -> Tensor:
        """One look, as in training. See the class."""
        grey = x.mean(dim=1, keepdim=True)
        grey = grey - grey.mean(dim=(2, 3), keepdim=True)
        grey = grey / (grey.square().mean(dim=(2, 3), keepdim=True).sqrt() + _FLAT)
        # Colours last: a third less time on the CPU.
        grey = grey.contiguous(memory_format=torch.channels_last)
        embeddings: Tensor = torch.cat([tower(grey) for tower in self.towers], dim=1) / len(self.towers) ** 0.5
        return embeddings

    def both(self, x: Tensor) -> Tensor:
        """The mean of the embeddings of crops and of their mirror images, of unit length again."""
        return torch.nn.functional.normalize(self(x) + self(x.flip(3)))


def with_mirrored(people: Rows) -> Rows:
    """Whose each of `SmallLearner`'s pictures is, where (N,) says it of the crops, from 0: (2 N,). Nobody's face is its
    own mirror image, so a mirrored person is one more to be told apart: of twice as many people a network learns more
    of what differs between them. On AT&T's people the equal error rate fell by an eighth."""
    return np.concatenate([people, people + int(people.max()) + 1])


class SmallLearner:
    """Learns the small network from crops and, as of other people, their mirror images."""

    def __init__(self, crops: list[BgrImage], seed: int, how: Augmentations | None = None) -> None:
        """`crops`: N of uint8 (`SIDE`, `SIDE`, 3) BGR each. Rows from N on are their mirror images."""
        torch.manual_seed(seed)
        self._network = SmallNetwork()
        self._crops = [*crops, *(np.ascontiguousarray(c[:, ::-1]) for c in crops)]
        self._how = how or HOW

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self._network

    @property
    def dimension(self) -> int:
        """Numbers of an embedding."""
        return self._network.dimension

    def forward(self, rows: Rows, draw: torch.Generator) -> Tensor:
        """See `Learner.forward`."""
        dice = np.random.Generator(np.random.PCG64(draw.initial_seed()))
        inputs = tensor([augmented(self._crops[r], self._how, dice) for r in rows])
        embeddings: Tensor = self._network(inputs.to(device_of(self._network)))
        return embeddings

    def settle(self) -> None:
        """Compute the batch normalisations' statistics anew, over all training pictures as they are: those that run
        along with small batches of a few people say more about the last batch."""
        norms = [m for m in self._network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
        usual = [m.momentum for m in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean over all batches
        self._network.train()
        # Dealt like cards, so that every batch has pictures of everybody.
        parts = max(1, len(self._crops) // _BATCH)
        with torch.no_grad():
            for part in range(parts):
                self._network(tensor(self._crops[part::parts]).to(device_of(self._network)))
        self._network.eval()
        for norm, momentum in zip(norms, usual, strict=True):
            norm.momentum = momentum

    def embed(self, crops: list[BgrImage]) -> Floats:
        """Embeddings float32 (N, `dimension`) of crops as they are."""
        with torch.no_grad():
            where = device_of(self._network)
            parts = [self._network.both(tensor(crops[i : i + _BATCH]).to(where)) for i in range(0, len(crops), _BATCH)]
        return np.concatenate([p.cpu().numpy() for p in parts]).astype(np.float32)

    def to_onnx(self) -> Any:
        """The network as an ONNX model, its batch normalisations folded into the convolutions. The mirror images go
        through it behind the crops, as one batch."""
        network = self._network.eval().cpu()
        graph = OnnxGraph("faceapp small")
        x = _mirrored_too(graph, graph.input("input", ["N", 3, SIDE, SIDE]))
        x = _standardised(graph, graph.add("ReduceMean", [x], "grey", axes=[1], keepdims=1))
        each = [_tower(graph, x, tower, f"tower{k}") for k, tower in enumerate(network.towers)]
        x = graph.add("Concat", each, "each", axis=1)
        x = graph.add("Reshape", [x, graph.weight("halves", np.array([2, -1, self.dimension]))], "pairs")
        x = graph.add("ReduceMean", [x], "mean", axes=[0], keepdims=0)
        x = graph.add("LpNormalization", [x], "embedding", axis=1, p=2)
        graph.output(x, ["N", self.dimension])
        return graph.to_model()


def tensor(crops: list[BgrImage]) -> Tensor:
    """uint8 BGR crops (H, W, 3) as float (B, 3, H, W), RGB, (x - 127.5) / 128."""
    batch = np.stack(crops)[..., ::-1].astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray((batch - 127.5).transpose(0, 3, 1, 2) / np.float32(128)))


def _tower(graph: OnnxGraph, x: str, tower: nn.Module, name: str) -> str:
    """(N, 1, H, W) to embeddings (N, D) of unit length."""
    assert isinstance(tower, _Tower)  # noqa: S101 - what a ModuleList holds has no type
    number = 0
    for layer in tower.blocks:
        block = f"{name}/block{number}"
        if isinstance(layer, nn.Conv2d):
            pad, stride = layer.kernel_size[0] // 2, layer.stride[0]
            pads, strides = (pad, pad, pad, pad), (stride, stride)
            x = graph.conv(x, _array(layer.weight), f"{block}/conv", strides=strides, pads=pads)
        elif isinstance(layer, nn.BatchNorm2d):
            scale, shift = _folded(layer)
            x = graph.affine(x, f"{block}/norm", scale=scale, shift=shift)
        elif isinstance(layer, nn.ReLU):
            x = graph.add("Relu", [x], f"{block}/relu")
        else:
            x = graph.add("MaxPool", [x], f"{block}/pool", kernel_shape=[2, 2], strides=[2, 2])
            number += 1
    x = graph.add("Flatten", [x], f"{name}/flat", axis=1)
    scale, shift = _folded(tower.spread)
    weight, bias = _array(tower.linear.weight) * scale[:, None], _array(tower.linear.bias) * scale + shift
    x = graph.gemm(x, weight, f"{name}/linear", bias=bias)
    return graph.add("LpNormalization", [x], f"{name}/embedding", axis=1, p=2)


def _mirrored_too(graph: OnnxGraph, x: str) -> str:
    """(N, 3, H, W) and the same mirrored behind it, (2 N, 3, H, W)."""
    ends = {"first": [SIDE - 1], "before": [-SIDE - 1], "axis": [3], "step": [-1]}
    names = [graph.weight(f"mirror/{name}", np.array(value)) for name, value in ends.items()]
    return graph.add("Concat", [x, graph.add("Slice", [x, *names], "mirrored")], "both", axis=0)


def _standardised(graph: OnnxGraph, x: str) -> str:
    """Each picture (N, 1, H, W) less its mean, over its deviation."""
    x = graph.add("Sub", [x, graph.add("ReduceMean", [x], "light", axes=[2, 3], keepdims=1)], "centred")
    variance = graph.add("ReduceMean", [graph.add("Mul", [x, x], "squares")], "variance", axes=[2, 3], keepdims=1)
    deviation = graph.affine(graph.add("Sqrt", [variance], "deviation"), "contrast", shift=_FLAT)
    return graph.add("Div", [x, deviation], "standardised")


def _array(tensor: Tensor) -> Floats:
    return np.asarray(tensor.detach().numpy(), np.float32)


def _folded(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Floats, Floats]:
    """Scale and shift of a batch normalisation whose statistics are settled."""
    mean, variance = layer.running_mean, layer.running_var
    assert mean is not None  # noqa: S101 - made with statistics, above
    assert variance is not None  # noqa: S101
    scale = 1 / np.sqrt(_array(variance) + np.float32(layer.eps))
    if not layer.affine:
        return scale, -_array(mean) * scale
    scale = _array(layer.weight) * scale
    return scale, _array(layer.bias) - _array(mean) * scale
