"""How fast a gallery of many is searched, and whether it answers as comparing with everybody would."""

from __future__ import annotations

import gc
import time

import numpy as np

from faceapp.app.bench.figures import Spread, resident_mb
from faceapp.app.bench.population import Population
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Floats, JsonObject

PROBES = 300
_THRESHOLD = 0.45
"""About that of the default embedder."""
_PORTION = 50_000
_SPACE = "bench"


def search(people: int) -> JsonObject:
    """An index of `people`, one template each, asked for `PROBES` faces, one at a time: every second is another
    photograph of somebody in it, the others are strangers."""
    population = Population()
    known = population.people(people)
    before, _ = resident_mb()
    templates = population.photographs(known)
    probes = _probes(population, known)
    del known
    nearest = _nearest(templates, probes)
    ids = tuple(f"{n:08d}" for n in range(people))
    begun = time.perf_counter()
    index = GalleryIndex.build(_SPACE, TemplateTable(_SPACE, templates, ids, ids))
    built = time.perf_counter() - begun
    del templates
    gc.collect()
    after, _ = resident_mb()
    times, same = [], 0
    index.match(probes[:1], _THRESHOLD)
    for probe, expected in zip(probes, nearest, strict=True):
        begun = time.perf_counter()
        match = index.match(probe[np.newaxis], _THRESHOLD)[0]
        times.append(1000 * (time.perf_counter() - begun))
        same += match is not None and match.nearest.person_id == ids[expected]
    begun = time.perf_counter()
    larger = index.plus(f"{people:08d}", "one more", probes[1])
    found = larger.match(probes[1:2], _THRESHOLD)[0]
    visible = time.perf_counter() - begun
    seen = found is not None and found.nearest.name == "one more"
    return {
        "people": people,
        "ms": Spread.of(times).as_json(),
        "same_as_brute_force": same,
        "probes": len(probes),
        "build_s": round(built, 3),
        "enrolment_visible_ms": round(1000 * visible, 2) if seen else None,
        "memory_mb": None if before is None or after is None else round(after - before),
    }


def _probes(population: Population, known: Floats) -> Floats:
    asked = population.people(PROBES)
    asked[::2] = known[np.linspace(0, len(known) - 1, len(asked[::2])).astype(np.intp)]
    return population.photographs(asked)


def _nearest(templates: Floats, probes: Floats) -> list[int]:
    """The row nearest to each probe, by the largest float32 dot product of all."""
    best = np.full(len(probes), -np.inf, np.float32)
    which = np.zeros(len(probes), np.intp)
    for start in range(0, len(templates), _PORTION):
        products = probes @ templates[start : start + _PORTION].T
        rows = products.argmax(axis=1)
        values = products[np.arange(len(probes)), rows]
        better = values > best
        which[better] = rows[better] + start
        best[better] = values[better]
    return which.tolist()
