"""OpenFace's nn4.small2 without its weights: seeded numbers in the form of its CSV files, and the network in plain
NumPy, written from the Torch definition (one step after the other, nothing folded) and not from ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from faceapp.zoo.openface_graph import tensor_shapes

Tensors = dict[str, Any]

_WORDS = [f"{n / 1000:g}" for n in range(-3000, 3001)]


def random_tensors(seed: int = 5) -> Tensors:
    """Every tensor with numbers of three decimals, of a size at which the values stay of the order of one."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for name, shape in tensor_shapes().items():
        if len(shape) > 1:
            values = rng.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape)
        elif name.endswith("_v"):
            values = rng.uniform(0.2, 2.0, shape)
        elif "bn" in name and name.endswith("_w"):
            values = rng.normal(2, 0.5, shape)
        else:
            values = rng.normal(0, 0.2, shape)
        tensors[name] = (np.round(np.clip(values, -3, 3) * 1000) / 1000).astype(np.float32)
    return tensors


def write_folder(folder: Path, tensors: Tensors) -> Path:
    """The tensors as CSV files of one line each, as Keras-OpenFace's are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in tensors.items():
        index = np.rint(values.ravel() * 1000).astype(int) + 3000
        (folder / f"{name}.csv").write_text(",".join([_WORDS[i] for i in index]) + "\r\n", encoding="ascii")
    return folder


def forward(t: Tensors, pictures: Any) -> Any:
    """Embeddings (N, 128) of RGB pictures (N, 3, 96, 96) from 0 to 1."""
    return np.stack([_forward_one(t, np.asarray(picture, np.float64)) for picture in pictures])


def _forward_one(t: Tensors, x: Any) -> Any:
    x = _layer(t, x, "conv1", "bn1", stride=2, pad=3)
    x = _response(_max_pool(_pad(x, 1, 1), 2))
    x = _layer(t, x, "conv2", "bn2")
    x = _response(_layer(t, x, "conv3", "bn3", pad=1))
    x = _max_pool(_pad(x, 1, 1), 2)  # (192, 12, 12)
    x = _join(
        _three(t, x, "3a"), _five(t, x, "3a"), _pad(_one(t, _max_pool(x, 2), "3a", "pool"), 3, 4), _one(t, x, "3a")
    )
    x = _join(_three(t, x, "3b"), _five(t, x, "3b"), _pad(_one(t, _l2_pool(x), "3b", "pool"), 4, 4), _one(t, x, "3b"))
    x = _join(_three(t, x, "3c", 2), _five(t, x, "3c", 2), _pad(_max_pool(x, 2), 0, 1))  # (640, 6, 6)
    x = _join(_three(t, x, "4a"), _five(t, x, "4a"), _pad(_one(t, _l2_pool(x), "4a", "pool"), 2, 2), _one(t, x, "4a"))
    x = _join(_three(t, x, "4e", 2), _five(t, x, "4e", 2), _pad(_max_pool(x, 2), 0, 1))  # (1024, 3, 3)
    x = _join(_three(t, x, "5a"), _pad(_one(t, _l2_pool(x), "5a", "pool"), 1, 1), _one(t, x, "5a"))
    x = _join(_three(t, x, "5b"), _pad(_one(t, _max_pool(x, 2), "5b", "pool"), 1, 1), _one(t, x, "5b"))
    y = t["dense_w"].astype(np.float64) @ x.mean(axis=(1, 2)) + t["dense_b"]
    return y / np.linalg.norm(y)


def _join(*branches: Any) -> Any:
    return np.concatenate(branches)


def _three(t: Tensors, x: Any, block: str, stride: int = 1) -> Any:
    x = _layer(t, x, f"inception_{block}_3x3_conv1", f"inception_{block}_3x3_bn1")
    return _layer(t, x, f"inception_{block}_3x3_conv2", f"inception_{block}_3x3_bn2", stride=stride, pad=1)


def _five(t: Tensors, x: Any, block: str, stride: int = 1) -> Any:
    x = _layer(t, x, f"inception_{block}_5x5_conv1", f"inception_{block}_5x5_bn1")
    return _layer(t, x, f"inception_{block}_5x5_conv2", f"inception_{block}_5x5_bn2", stride=stride, pad=2)


def _one(t: Tensors, x: Any, block: str, branch: str = "1x1") -> Any:
    return _layer(t, x, f"inception_{block}_{branch}_conv", f"inception_{block}_{branch}_bn")


def _layer(t: Tensors, x: Any, conv: str, norm: str, stride: int = 1, pad: int = 0) -> Any:
    """Convolution, batch norm, ReLU."""
    weights = t[f"{conv}_w"].astype(np.float64)
    size = weights.shape[2]
    windows = np.lib.stride_tricks.sliding_window_view(_pad(x, pad, pad), (size, size), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    y = np.tensordot(weights, windows, axes=([1, 2, 3], [0, 3, 4])) + t[f"{conv}_b"][:, None, None]
    scale, shift, mean, variance = (t[f"{norm}_{what}"].astype(np.float64)[:, None, None] for what in "wbmv")
    return np.maximum(scale * (y - mean) / np.sqrt(variance + 1e-5) + shift, 0)


def _pad(x: Any, before: int, after: int) -> Any:
    return np.pad(x, ((0, 0), (before, after), (before, after)))


def _max_pool(x: Any, stride: int) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4))


def _l2_pool(x: Any) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    return np.sqrt((windows[:, ::3, ::3] ** 2).sum(axis=(3, 4)))


def _response(x: Any) -> Any:
    """Torch's SpatialCrossMapLRN(5, 1e-4, 0.75): each value over its own and its four neighbours' channels."""
    squares = np.pad(x**2, ((2, 2), (0, 0), (0, 0)))
    total = sum(squares[i : i + len(x)] for i in range(5))
    return x / (1 + 1e-4 / 5 * total) ** 0.75
