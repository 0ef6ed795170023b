"""How much negatives slow the search, and how long everybody against everybody takes. Wants nothing; makes its own.

python -m tests.bench.negatives [--templates N]
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from faceapp.enrollment.near_pairs import near_pairs
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Floats

DIMENSION, SPACE = 640, "space"


def unit(rows: Floats) -> Floats:
    """Rows of unit length."""
    scaled: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def search_ms(index: GalleryIndex, probes: Floats) -> float:
    """The median of one probe's search."""
    times = []
    for probe in probes:
        begun = time.perf_counter()
        index.match(probe[None], 0.45)
        times.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--templates", type=int, default=10_000)
    count = parser.parse_args().templates
    random = np.random.default_rng(0)
    vectors = unit(random.standard_normal((count, DIMENSION)).astype(np.float32))
    ids = tuple(f"{n:05d}" for n in range(count))
    probes = unit(vectors[:200] + 0.3 * unit(random.standard_normal((200, DIMENSION)).astype(np.float32)))
    plain = TemplateTable(SPACE, vectors, ids, ids)
    print(f"{count} templates, one probe: {search_ms(GalleryIndex.build(SPACE, plain), probes):.2f} ms")
    for each in (1, 5):
        wrong = np.repeat(unit(vectors + 0.5 * probes[:1]), each, axis=0)
        owners = tuple(i for i in ids for _ in range(each))
        table = TemplateTable(SPACE, vectors, ids, ids, TemplateTable(SPACE, wrong, owners, owners))
        print(f"  with {each} of each person's negatives: {search_ms(GalleryIndex.build(SPACE, table), probes):.2f} ms")
        del wrong, table
    begun = time.perf_counter()
    near_pairs(plain, 0.4653)
    print(f"everybody against everybody: {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
