"""How fast a large gallery is searched, and whether it answers as comparing with everybody does.

    .venv/bin/python -m tests.bench.search [--people N ...] [--probes N]

The templates are `faceapp.app.bench.population`'s: as near to each other as those of real photographs, and both spreads
are printed. Half of the probes are further photographs of people in the gallery, half are of strangers. Times are of
one probe at a time: by the clock, and of the processor, which is what counts where others use the machine.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from faceapp.app.bench.population import GENUINE, IMPOSTOR, QUANTILES, Population, distances
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Floats, Match

SPACE, THRESHOLD = "bench", 0.42


def spread() -> None:
    """Print the distances of the templates that are made up beside those of photographs."""
    genuine, impostor = distances()
    print("part of the pairs       ", *(f"{q:7.1%}" for q in QUANTILES))
    for what, real, made in (("one person", GENUINE, genuine), ("two people", IMPOSTOR, impostor)):
        print(f"{what}: photographs ", *(f"{d:7.3f}" for d in real))
        print(f"{what}: this bench  ", *(f"{d:7.3f}" for d in made))


def drawn(population: Population, people: Floats, probes: int) -> Floats:
    """`probes` faces, half of them of `people`."""
    of = people[np.linspace(0, len(people) - 1, probes // 2).astype(np.intp)]
    return np.concatenate([population.photographs(of), population.photographs(population.people(probes - len(of)))])


def brute_force(templates: Floats, probe: Floats) -> tuple[int, int]:
    """The nearest two rows, by float32 products with all."""
    products = templates @ probe
    nearest = np.argpartition(-products, 2)[:3]
    first, second, *_ = nearest[np.argsort(-products[nearest])]
    return int(first), int(second)


def timed(index: GalleryIndex, probes: Floats) -> tuple[list[Match | None], list[float], list[float]]:
    """Answers, milliseconds by the clock, milliseconds of the processor."""
    answers, clock, processor = [], [], []
    index.match(probes[:1], THRESHOLD)
    for probe in probes:
        begun, used = time.perf_counter(), time.thread_time()
        answers.append(index.match(probe[np.newaxis], THRESHOLD)[0])
        processor.append(1000 * (time.thread_time() - used))
        clock.append(1000 * (time.perf_counter() - begun))
    return answers, clock, processor


def told(what: str, values: list[float]) -> None:
    """Print how long it took."""
    print(f"  {what}: p50 {np.median(values):.2f}, p99 {np.quantile(values, 0.99):.2f} ms")


def exact(people: int, probes: int) -> None:
    """A gallery in memory, compared with brute force."""
    population = Population()
    known = population.people(people)
    templates = population.photographs(known)
    asked = drawn(population, known, probes)
    ids = tuple(f"{n:08d}" for n in range(people))
    begun = time.perf_counter()
    index = GalleryIndex.build(SPACE, TemplateTable(SPACE, templates, ids, ids))
    print(f"{people} people, exact; built in {time.perf_counter() - begun:.1f} s")
    answers, clock, processor = timed(index, asked)
    told("by the clock", clock)
    told("of the processor", processor)
    nearest = [brute_force(templates, probe) for probe in asked]
    found = [(int(m.nearest.person_id), int(m.runner_up.person_id)) for m in answers if m and m.runner_up]
    print(
        f"  nearest two as by brute force: {sum(a == b for a, b in zip(found, nearest, strict=True))} of {len(asked)}"
    )
    begun = time.thread_time()
    np.einsum("ij,kj->ik", asked[:1], templates)
    print(f"  the same by comparing with all: {1000 * (time.thread_time() - begun):.1f} ms of the processor")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--probes", type=int, default=300)
    chosen = parser.parse_args()
    spread()
    for people in chosen.people:
        exact(people, chosen.probes)


if __name__ == "__main__":
    main()
