"""`liveness test`: how well the passive model tells a site's own people from its own attempts to fool it.

A folder of pictures: each is a presentation of its own, and one sample. A clip: one presentation, a sample for each ten
frames in a row, averaged as a kiosk would. In a folder of attacks, a folder within is a kind (print, phone, tablet).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faceapp.app.parts import Parts
from faceapp.camera.choose import parse_source
from faceapp.camera.folder import is_picture
from faceapp.errors import InputError, UnavailableError
from faceapp.evaluation.presentation_attacks import ErrorRate, Report, Sample, report
from faceapp.images import read_image
from faceapp.types import Frame, JsonObject, TrackedFace

if TYPE_CHECKING:
    from faceapp.vision.detector import Detector
    from faceapp.vision.liveness.evidence import State
    from faceapp.vision.liveness.passive import PassiveModel

FRAMES = 10
"""Frames of a clip that make one sample."""
ATTACK = "attack"
"""The kind of attacks that lie in no folder of their own."""

_CLIPS = (".webm", ".mp4", ".avi", ".mkv", ".mov", ".m4v", ".mjpeg", ".mjpg")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LivenessTest:
    """What was found."""

    report: Report
    model: str
    threshold: float
    """Shares of "live" from here on are a living person's."""

    def as_json(self) -> JsonObject:
        """For `--json`: rates of samples, intervals of presentations. A rate of nothing is null."""
        r = self.report
        return {
            "live": r.live.samples,
            "attack": sum(a.samples for a in r.attacks.values()),
            "apcer": _number(r.apcer),
            "bpcer": _number(r.bpcer),
            "acer": _number(r.acer),
            "undecided": r.undecided_live,
            "threshold": self.threshold,
            "undecided_attacks": r.undecided_attacks,
            "model": self.model,
            "bpcer_interval": _interval(r.live),
            "attacks": {
                kind: {"samples": a.samples, "apcer": _number(a.value), "apcer_interval": _interval(a)}
                for kind, a in r.attacks.items()
            },
            "enough": r.live.enough and all(a.enough for a in r.attacks.values()),
        }


def run_test(
    parts: Parts, live: Path, attack: Path, *, model: str | None = None, progress: Progress = lambda *_: None
) -> LivenessTest:
    """Judge all of `live` and `attack`, each a clip, a picture or a folder of them, with the passive model.

    Raises InputError for a path that isn't there or holds nothing, UnavailableError where there is no model.
    """
    passive = parts.passive_model(model)
    if passive is None:
        raise UnavailableError(
            "there is no liveness model here yet: run `faceapp models import liveness FILE --id ID ...`"
        )
    todo = [("live", f) for _, f in _files(live)] + list(_files(attack))
    detector, samples = parts.detector(), []
    for done, (kind, file) in enumerate(todo):
        progress(file.name, done, len(todo))
        states = [_picture(file, detector, passive)] if is_picture(file) else _clip(file, detector, passive)
        samples += [Sample(str(file), kind, state) for state in states]
    progress("", len(todo), len(todo))
    return LivenessTest(report(samples), passive.spec.id, passive.spec.live_from)


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """Kind and file of every picture and clip."""
    if not path.exists():
        raise InputError(f"{path} is not there: name a clip, a picture or a folder of them")
    if path.is_file():
        yield ATTACK, path
        return
    found = [f for f in sorted(path.rglob("*")) if f.is_file() and (is_picture(f) or f.suffix.lower() in _CLIPS)]
    if not found:
        raise InputError(f"{path} holds no picture and no clip: name a folder that does")
    for file in found:
        below = file.relative_to(path).parts
        yield (below[0] if len(below) > 1 else ATTACK), file


def _picture(file: Path, detector: Detector, passive: PassiveModel) -> State:
    image = read_image(file)
    faces = detector.detect(image, round(passive.limits.min_height))
    judged = passive.judge(image, faces[0]) if faces else None
    return passive.state(judged)[0] if isinstance(judged, float) else "unknown"


def _clip(file: Path, detector: Detector, passive: PassiveModel) -> list[State]:
    """A state for each `FRAMES` frames in a row; fewer at the end count if there are no others."""
    from faceapp.vision.liveness.passive import PassiveSource
    from faceapp.vision.tracker import Tracker

    tracker, source = Tracker(), PassiveSource(passive, window=math.inf)
    states: list[State] = []
    state: State = "unknown"
    for n, frame in enumerate(_frames(file), 1):
        tracks = tracker.update(detector.detect(frame.image, round(passive.limits.min_height)), frame.captured_ns)
        state = "unknown"
        if tracks:
            t = tracks[0]
            face = TrackedFace(t.id, t.face, observed=t.observed, certain=t.certain)
            state = source.observe(frame, face, frame.captured_ns).state
        if n % FRAMES == 0:
            states.append(state)
            source.reset()
    return states or [state]


def _frames(file: Path) -> Iterator[Frame]:
    source = parse_source(str(file))
    source.open()
    try:
        while (frame := source.read()) is not None:
            yield frame
    finally:
        source.close()


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _interval(rate: ErrorRate) -> list[float]:
    return [round(rate.low, 6), round(rate.high, 6)]
