"""TensorFlow's random normal numbers from a seed, for the one oracle that needs them.

Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011) with the operation's seed as key, and Box-Muller on pairs of its output
as TensorFlow does it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_M = (0xD2511F53, 0xCD9E8D57)
_W = (0x9E3779B9, 0xBB67AE85)
_MASK = 0xFFFFFFFF


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Ten rounds: four 32-bit numbers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = _M[0] * c0, _M[1] * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & _MASK, (p0 >> 32) ^ c3 ^ k1, p0 & _MASK
        k0, k1 = (k0 + _W[0]) & _MASK, (k1 + _W[1]) & _MASK
    return c0, c1, c2, c3


def normal(
    shape: tuple[int, ...], mean: float, deviation: float, seed: int, graph_seed: int = 1
) -> NDArray[np.float32]:
    """What `tf.random_normal(shape, mean, deviation, seed=seed)` gives after `tf.set_random_seed(graph_seed)`."""
    count = int(np.prod(shape))
    numbers: list[float] = []
    block = 0
    while len(numbers) < count:
        raw = philox((block, 0, seed, 0), (graph_seed, 0))
        for a, b in (raw[:2], raw[2:]):
            numbers += _box_muller(a, b)
        block += 1
    values = np.array(numbers[:count], np.float32).reshape(shape)
    return values * np.float32(deviation) + np.float32(mean)


def _box_muller(a: int, b: int) -> list[float]:
    u1 = max(np.float32(_unit(a)), np.float32(1e-7))
    radius = np.sqrt(np.float32(-2) * np.log(u1))
    angle = np.float32(2 * np.pi) * np.float32(_unit(b))
    return [float(np.sin(angle) * radius), float(np.cos(angle) * radius)]


def _unit(x: int) -> float:
    """The 23 low bits as the fraction of a float between 1 and 2, less 1."""
    return float(np.array([(127 << 23) | (x & 0x7FFFFF)], np.uint32).view(np.float32)[0] - np.float32(1))
