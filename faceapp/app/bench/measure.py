"""What is measured in this process: each stage by itself, the whole pipeline, and how soon a name comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from faceapp.app.bench import films
from faceapp.app.bench.correctness import oldest_identity
from faceapp.app.bench.figures import Spread
from faceapp.app.bench.population import DIMENSION, Population
from faceapp.app.bench.timed import TimedParts, TimedRecogniser
from faceapp.app.headless import frame_event
from faceapp.app.parts import part_spec
from faceapp.camera.choose import parse_source
from faceapp.errors import InputError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.pipeline.headless import HeadlessRun
from faceapp.pipeline.threads import share_the_interpreter
from faceapp.types import BgrImage, Face, Frame, FrameResult, JsonObject, TrackedFace
from faceapp.vision.tracker import Tracker

Paint: TypeAlias = Callable[[Sequence[tuple[Frame, FrameResult]]], list[float]]
"""Paints each result over its frame as the live window does: the milliseconds each took. Given by `faceapp.__main__`:
no window is known here."""

STAGE_FRAMES = 75
_OTHERS = 1000


@dataclass(frozen=True, slots=True)
class Film:
    """A film to measure on, and who is known in it."""

    name: str
    path: Path
    size: tuple[int, int]
    index: GalleryIndex
    faces: int | None
    """How many are in every frame; None where that isn't known."""


def made_film(parts: TimedParts, faces: int, size: tuple[int, int], folder: Path, frames: int, comings: bool) -> Film:
    """A film of photographs, its people known. Raises UnavailableError as `films.sitters`."""
    people = films.sitters(faces)
    path = folder / f"{faces}-{size[0]}-{comings}.mp4"
    films.write(path, people, size, frames, comings)
    rows = []
    for person in people:
        found = parts.detector().detect(person.photograph, 40)
        face = max(found, key=lambda f: f.box.iou(person.face))
        rows.append((person.name, person.photograph, face))
    what = "one face" if faces == 1 else f"{faces} faces"
    return Film(f"{what}, {size[0]} × {size[1]}", path, size, _index(parts, rows), faces)


def own_film(parts: TimedParts, clip: Path) -> Film:
    """The user's own; known are the faces of the first frame that shows any. Raises InputError where there is none."""
    source = parse_source(str(clip))
    source.open()
    try:
        for frame in iter(source.read, None):
            faces = parts.detector().detect(frame.image, parts.settings.min_face)
            if faces:
                rows = [(f"Face {n}", frame.image, f) for n, f in enumerate(faces, 1)]
                width, height = frame.size
                return Film(f"{clip.name}, {width} × {height}", clip, frame.size, _index(parts, rows), None)
    finally:
        source.close()
    raise InputError(f"{clip} shows no face: name another clip")


def stages(parts: TimedParts, film: Film, paint: Paint | None) -> dict[str, Spread]:
    """Each stage by itself, for every frame: all faces are looked for everywhere, and all are embedded."""
    times: dict[str, list[float]] = {s: [] for s in ("decode", "detect", "track", "crop", "embed", "match", "paint")}
    detector, embedder, tracker = parts.detector(), parts.embedder(), Tracker()
    crops = [part_spec(p).crop for p in parts.embedder_spec.parts]
    many, threshold = _with_others(parts, film.index), parts.identify_threshold(film.index.templates)
    seen: list[tuple[Frame, FrameResult]] = []
    source = parse_source(str(film.path))
    source.open()
    try:
        while len(seen) < STAGE_FRAMES:
            clock = _Clock(times)
            frame = source.read()
            if frame is None:
                break
            clock.lap("decode")
            faces = detector.detect(frame.image, parts.settings.min_face)
            clock.lap("detect")
            tracks = tracker.update(faces, frame.captured_ns)
            clock.lap("track")
            for crop in crops:
                for face in faces:
                    crop.cut(frame.image, face)
            clock.lap("crop")
            vectors = embedder.embed(frame.image, faces)
            clock.lap("embed")
            if faces:
                many.match(vectors, threshold)
            clock.lap("match")
            matches = dict(zip(map(id, faces), film.index.match(vectors, threshold) if faces else [], strict=True))
            found = tuple(
                TrackedFace(t.id, t.face, t.observed, matches.get(id(t.detection)), t.velocity) for t in tracks
            )
            result = FrameResult(frame.id, frame.captured_ns, frame.captured_ns, frame.size, found)
            seen.append((frame, result))
    finally:
        source.close()
    times["embed"] = [max(0.0, e - c) for e, c in zip(times["embed"], times["crop"], strict=True)]  # it crops itself
    if paint is not None:
        times["paint"] = paint(seen)
    return {stage: Spread.of(values) for stage, values in times.items() if values}


def every_frame(parts: TimedParts, film: Film) -> JsonObject:
    """The whole pipeline on every frame of a film, as fast as it goes (`live --headless --no-drop`)."""
    recogniser = _recogniser(parts, film)
    run = HeadlessRun(parse_source(str(film.path)), recogniser, drop=False, frames=None)
    before = time.process_time()
    results = list(run)
    spent = time.process_time() - before
    count = max(1, len(results))
    figures: JsonObject = {
        "film": film.name,
        "faces": film.faces,
        "size": list(film.size),
        "frames": len(results),
        "fps": round(run.fps, 2),
        "processor_ms_per_frame": round(1000 * spent / count, 3),
        "frame_ms": Spread.of([t.whole for t in recogniser.times]).as_json(),
        **_said(film, results),
    }
    if parts.all_timed:
        figures["outside_networks_ms"] = Spread.of([t.outside_thread for t in recogniser.times]).as_json()
        figures["outside_networks_clock_ms"] = Spread.of([t.outside for t in recogniser.times]).as_json()
    names = dict.fromkeys(n for t in recogniser.times for n in t.stages)
    figures["stages_ms"] = {n: Spread.of([t.stages.get(n, 0.0) for t in recogniser.times]).as_json() for n in names}
    return figures


def in_real_time(parts: TimedParts, film: Film, comings: bool) -> JsonObject:
    """A film in its own time, as from a camera: what is dropped, and how long a frame takes to its decision. With
    `comings` also how long from the first frame with somebody to their name."""
    recogniser = _recogniser(parts, film)
    share_the_interpreter()
    run = HeadlessRun(parse_source(str(film.path)), recogniser, drop=True, frames=None)
    results = list(run)
    figures: JsonObject = {
        "film": film.name,
        "frames_read": run.frames_read,
        "frames_dropped": run.frames_dropped,
        "latency_ms": Spread.of([r.latency_ms for r in results]).as_json(),
    }
    if comings:
        named = name_delays(results)
        figures["comings"] = len(named)
        figures["never_named"] = sum(d is None for d in named)
        figures["name_ms"] = Spread.of([d for d in named if d is not None]).as_json()
    return figures


def name_delays(results: Sequence[FrameResult]) -> list[float | None]:
    """For each coming of a film of comings, the milliseconds from the taking of the first frame that shows somebody to
    the result with their name; None where there was none. The coming in which the film ends is left out."""
    if not results:
        return []
    delays: list[float | None] = []
    for begin in range(films.ROUND - films.THERE, results[-1].frame_id - films.THERE + 1, films.ROUND):
        during = [r for r in results if begin <= r.frame_id < begin + films.THERE]
        named = next((r for r in during if any(f.match and f.match.name for f in r.faces)), None)
        if named is None:
            delays.append(None)
            continue
        taken = named.captured_ns - (named.frame_id - begin) * 1e9 / films.FPS
        delays.append((named.finished_ns - taken) / 1e6)
    return delays


def _said(film: Film, results: Sequence[FrameResult]) -> JsonObject:
    """Whether the names came, and how old they were."""
    first_ns = results[0].captured_ns if results else 0
    oldest = oldest_identity([frame_event(r, first_ns) for r in results])
    said: JsonObject = {"oldest_identity_s": round(oldest, 3)}
    if film.faces is not None:
        names = [len({f.match.name for f in r.faces if f.match and f.match.name}) for r in results]
        said["frames_with_every_name"] = sum(n == film.faces for n in names)
    return said


def _recogniser(parts: TimedParts, film: Film) -> TimedRecogniser:
    return TimedRecogniser(
        parts.spent,
        detector=parts.detector(),
        embedder=parts.embedder(),
        index=film.index,
        threshold=parts.automatic_threshold(film.index.templates),
        same_person=parts.thresholds().verify,
        min_face=parts.settings.min_face,
    )


def _index(parts: TimedParts, rows: Sequence[tuple[str, BgrImage, Face]]) -> GalleryIndex:
    embedder = parts.embedder()
    table = TemplateTable.of(embedder.space, [(name, name, embedder.embed(i, [f])[0]) for name, i, f in rows])
    return GalleryIndex.build(embedder.space, table)


def _with_others(parts: TimedParts, index: GalleryIndex) -> GalleryIndex:
    """1,000 people who don't exist; those of `index` where the embedder isn't the one whose spread is known."""
    if parts.embedder().dimension != DIMENSION:
        return index
    population = Population()
    templates = population.photographs(population.people(_OTHERS))
    ids = tuple(f"{n:04d}" for n in range(_OTHERS))
    return GalleryIndex.build(index.space, TemplateTable(index.space, templates, ids, ids))


class _Clock:
    def __init__(self, times: dict[str, list[float]]) -> None:
        self._times = times
        self._last = time.perf_counter_ns()

    def lap(self, stage: str) -> None:
        now = time.perf_counter_ns()
        self._times[stage].append((now - self._last) / 1e6)
        self._last = now
