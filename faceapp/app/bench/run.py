"""`faceapp bench`: everything that is measured, one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faceapp.app.bench import measure, population, searching, starting
from faceapp.app.bench.figures import MEANING, machine, resident_mb
from faceapp.app.bench.films import FPS
from faceapp.app.bench.measure import Film, Paint
from faceapp.app.bench.timed import TimedParts
from faceapp.errors import UnavailableError
from faceapp.types import JsonObject

PARTS = ("stages", "pipeline", "latency", "start", "search")
SIZES = ((640, 480), (1920, 1080))
SEARCHED = (1_000, 100_000)
SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured."""

    only: Sequence[str] = PARTS
    seconds: float = SECONDS
    """Of each film that is made."""
    clip: Path | None = None
    """Measure on this one instead."""
    search: Sequence[int] = SEARCHED
    """Sizes of the galleries to search."""


def bench(parts: TimedParts, wish: Wish, paint: Paint | None, say: Callable[[str], None]) -> JsonObject:
    """Measure. `say` gets a line when something begins. Nothing of the user's gallery is read or written. Raises
    UnavailableError where a network is missing, InputError for a clip that can't be used."""
    report: JsonObject = {"meaning": MEANING, "machine": machine(), "settings": _settings(parts), "notes": []}
    with tempfile.TemporaryDirectory(prefix="faceapp-bench-") as made:
        folder = Path(made)
        if {"stages", "pipeline", "latency"} & set(wish.only):
            say("making films" if wish.clip is None else f"looking for faces in {wish.clip.name}")
            films = _films(parts, wish, folder, report["notes"])
            if "pipeline" in wish.only:
                report["pipeline"] = _every_frame(parts, films, say)
            if "latency" in wish.only:
                _measure_latency(parts, wish, films, folder, say, report)
            now, peak = resident_mb()
            report["memory_mb"] = {"now": now and round(now), "peak": peak and round(peak)}
        if "stages" in wish.only:
            report["stages_ms"] = _stages(parts, films, paint, say)
        if "start" in wish.only:
            say("starting the command")
            report["start"] = starting.starts(folder)
    if "search" in wish.only:
        report["search"] = _search(wish, say)
    return report


def _settings(parts: TimedParts) -> JsonObject:
    from faceapp.vision.session import thread_count

    return {
        "detector": parts.settings.detector,
        "embedder": parts.settings.embedder,
        "min_face": parts.settings.min_face,
        "runs_on": parts.provider_text(),
        "threads": thread_count(parts.settings.threads),
    }


def _films(parts: TimedParts, wish: Wish, folder: Path, notes: list[str]) -> list[Film]:
    if wish.clip is not None:
        return [measure.own_film(parts, wish.clip)]
    frames, films = max(30, round(wish.seconds * FPS)), []
    sizes = SIZES if {"pipeline", "latency"} & set(wish.only) else SIZES[:1]
    for faces in (1, 6):
        try:
            films += [measure.made_film(parts, faces, size, folder, frames, comings=False) for size in sizes]
        except UnavailableError as e:
            notes.append(f"six faces were not measured: {e}")
    return films


def _every_frame(parts: TimedParts, films: Sequence[Film], say: Callable[[str], None]) -> list[JsonObject]:
    rows = []
    for film in films:
        say(f"every frame: {film.name}")
        rows.append(measure.every_frame(parts, film))
    return rows


def _measure_latency(
    parts: TimedParts,
    wish: Wish,
    films: Sequence[Film],
    folder: Path,
    say: Callable[[str], None],
    report: JsonObject,
) -> None:
    report["latency"] = []
    for film in films:
        say(f"in real time: {film.name}")
        report["latency"].append(measure.in_real_time(parts, film, comings=False))
    if wish.clip is None:
        film = measure.made_film(parts, 1, SIZES[0], folder, round(2 * wish.seconds * FPS), comings=True)
        say("in real time: somebody comes")
        report["comings"] = measure.in_real_time(parts, film, comings=True)


def _stages(
    parts: TimedParts, films: Sequence[Film], paint: Paint | None, say: Callable[[str], None]
) -> list[JsonObject]:
    rows = []
    for film in films:
        if film.size == films[0].size:
            say(f"each stage: {film.name}")
            spreads = measure.stages(parts, film, paint)
            rows.append({"film": film.name, "stages": {name: s.as_json() for name, s in spreads.items()}})
    return rows


def _search(wish: Wish, say: Callable[[str], None]) -> JsonObject:
    genuine, impostor = population.distances()
    galleries = []
    for people in wish.search:
        say(f"searching {people:,} people")
        galleries.append(searching.search(people))
    return {
        "galleries": galleries,
        "distances": {
            "quantiles": population.QUANTILES,
            "genuine": [round(d, 3) for d in genuine],
            "genuine_of_photographs": population.GENUINE,
            "impostor": [round(d, 3) for d in impostor],
            "impostor_of_photographs": population.IMPOSTOR,
        },
    }
