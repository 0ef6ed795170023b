"""How fast a large gallery is searched, and whether it answers as comparing with everybody does.

    .venv/bin/python -m tests.bench.search [--people N ...] [--probes N]

The templates are `faceapp.app.bench.population`'s: as near to each other as those of real photographs, and both spreads
are printed. Half of the probes are further photographs of people in the gallery, half are of strangers. Times are of
one probe at a time: by the clock, and of the processor, which is what counts where others use the machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faceapp.app.bench.population import GENUINE, IMPOSTOR, QUANTILES, Population, distances
from faceapp.gallery.index import EXACT_UP_TO, GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search import snapshot
from faceapp.gallery.search.heads import SAMPLE, evenly
from faceapp.gallery.search.large import LargeIndex
from faceapp.security.vault import Vault
from faceapp.types import Floats, Match

SPACE, THRESHOLD = "bench", 0.42
VAULT = Vault((b"a key for this bench alone, 32 b",), b"another one")


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


def brute_force(templates: Floats, probes: Floats) -> NDArray[np.intp]:
    """The nearest two rows of each probe (M, 2), by float32 products with all."""
    rows, best = np.zeros((len(probes), 0), np.intp), np.zeros((len(probes), 0), np.float32)
    for start in range(0, len(templates), 50_000):
        products = probes @ templates[start : start + 50_000].T
        nearest = np.argpartition(-products, 1, axis=1)[:, :2]
        rows = np.concatenate([rows, nearest + start], axis=1)
        best = np.concatenate([best, np.take_along_axis(products, nearest, axis=1)], axis=1)
    return np.take_along_axis(rows, np.argsort(-best, axis=1, kind="stable")[:, :2], axis=1)


def timed(
    index: GalleryIndex, probes: Floats, *, sure: bool = False
) -> tuple[list[Match | None], list[float], list[float]]:
    """Answers, milliseconds by the clock, milliseconds of the processor."""
    answers, clock, processor = [], [], []
    index.match(probes[:1], THRESHOLD)
    for probe in probes:
        begun, used = time.perf_counter(), time.thread_time()
        answers.append(index.match(probe[np.newaxis], 2.0 if sure else THRESHOLD, sure=sure)[0])
        processor.append(1000 * (time.thread_time() - used))
        clock.append(1000 * (time.perf_counter() - begun))
    return answers, clock, processor


def told(what: str, values: list[float]) -> None:
    """Print how long it took."""
    print(f"  {what}: p50 {np.median(values):.2f}, p99 {np.quantile(values, 0.99):.2f} ms")


def measured(people: int, probes: int) -> None:
    """A gallery of so many people, compared with brute force."""
    population = Population()
    known = population.people(people)
    templates = population.photographs(known)
    asked = drawn(population, known, probes)
    ids = tuple(f"{n:08d}" for n in range(people))
    begun, used = time.perf_counter(), time.process_time()
    index = GalleryIndex.build(SPACE, TemplateTable(SPACE, templates, ids, ids))
    how = "exact" if people <= EXACT_UP_TO else "approximate"
    took = f"{time.perf_counter() - begun:.1f} s, {time.process_time() - used:.1f} s of the processor"
    print(f"{people} people, {how}; built in {took}")
    answers, clock, processor = timed(index, asked)
    told("by the clock", clock)
    told("of the processor", processor)
    nearest = brute_force(templates, asked)
    found = np.array([(int(m.nearest.person_id), int(m.runner_up.person_id)) for m in answers if m and m.runner_up])
    same, half = found == nearest, probes // 2
    for what, some in (("people in it", same[:half]), ("strangers", same[half:])):
        first, both = some[:, 0].mean(), some.all(axis=1).mean()
        print(f"  {len(some)} {what}: the nearest as by brute force {first:.4f}, with the runner-up {both:.4f}")
    begun = time.thread_time()
    np.einsum("ij,kj->ik", asked[:1], templates)
    print(f"  comparing with all: {1000 * (time.thread_time() - begun):.1f} ms of the processor")
    begun, used = time.perf_counter(), time.thread_time()
    match = index.plus("new", "New", asked[-1]).match(asked[-1:], THRESHOLD)[0]
    assert match is not None
    assert match.name == "New"
    took = f"{1000 * (time.perf_counter() - begun):.1f} ms, {1000 * (time.thread_time() - used):.1f} of the processor"
    print(f"  somebody who comes is found after {took}")
    if isinstance(index, LargeIndex) and index.crowd.codes is not None:
        begun = time.perf_counter()
        index.without([match.nearest.person_id, ids[0]])
        print(f"  somebody who goes is left out after {1000 * (time.perf_counter() - begun):.1f} ms")
        found = [m.nearest.person_id for m in answers if m]
        del index
        from_file(TemplateTable(SPACE, templates, ids, ids), asked, found)


def from_file(table: TemplateTable, asked: Floats, expected: list[str]) -> None:
    """The same from a sealed snapshot, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        sample = table.vectors[evenly(len(table), SAMPLE)]
        some = (
            (table.person_ids[a : a + 4_096],) * 2 + (table.vectors[a : a + 4_096],)
            for a in range(0, len(table), 4_096)
        )
        snapshot.write(Path(folder) / "crowd", VAULT, SPACE, "1", sample, len(table), some)
        size = (Path(folder) / "crowd").stat().st_size
        print(f"  snapshot: {size / 1e9:.2f} GB, sealed in {time.perf_counter() - begun:.1f} s", flush=True)
        np.savez(Path(folder) / "asked.npz", asked=asked, expected=np.array(expected))
        command = [sys.executable, "-m", "tests.bench.search", "--from-file", folder]
        subprocess.run(command, check=True)


def opened(folder: Path) -> None:
    """Open a snapshot and search it, and print what that took."""
    begun, used = time.perf_counter(), time.process_time()
    found = snapshot.read(folder / "crowd", VAULT, SPACE, lambda mark: mark == "1")
    assert found is not None
    index = LargeIndex.over(SPACE, found[0])
    took = f"{time.perf_counter() - begun:.1f} s, {time.process_time() - used:.1f} s of the processor"
    print(f"  snapshot opened in {took}")
    asked = np.load(folder / "asked.npz")
    answers, clock, processor = timed(index, asked["asked"])
    told("from the snapshot, by the clock", clock)
    told("from the snapshot, of the processor", processor)
    same = [m.nearest.person_id if m else None for m in answers] == asked["expected"].tolist()
    *_, sure = timed(index, asked["asked"], sure=True)
    told("from the snapshot and passing nobody over, of the processor", sure)
    times = []
    for number, vector in enumerate(asked["asked"][-30:]):
        begun = time.perf_counter()
        index = index.changed(TemplateTable.of(SPACE, [(f"new {number}", "New", vector)]))
        match = index.match(vector[np.newaxis], THRESHOLD)[0]
        times.append(1000 * (time.perf_counter() - begun))
        assert match is not None
        assert match.nearest.person_id == f"new {number}"
    told("30 who come one after the other are found after", times)
    anonymous, mapped = resident()
    print(f"  the same answers: {same}; resident {anonymous:.0f} MB, and {mapped:.0f} MB of the file's cache")


def resident() -> tuple[float, float]:
    """Megabytes of this process: its own, and of mapped files. Linux."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return int(lines["RssAnon"].split()[0]) / 1024, int(lines["RssFile"].split()[0]) / 1024


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--probes", type=int, default=300)
    parser.add_argument("--from-file", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.from_file:
        opened(chosen.from_file)
        return
    spread()
    for people in chosen.people:
        measured(people, chosen.probes)


if __name__ == "__main__":
    main()
