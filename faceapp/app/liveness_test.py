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
    from faceapp.vision.liveness.evidence import Evidence, State
    from faceapp.vision.liveness.passive import PassiveModel

FRAMES = 10
"""Frames of a clip that make one sample."""
LIVE = "live"
NO_MODEL = "there is no liveness model here yet: run `faceapp models import liveness FILE --id ID ...`"
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
    parts: Parts,
    live: Path,
    attack: Path,
    *,
    model: str | None = None,
    progress: Progress = lambda *_: None,
    verbose: bool = False,
) -> LivenessTest:
    """Judge all of `live` and `attack`, each a clip, a picture or a folder of them, with the passive model. `progress`
    is told of each clip and each folder of pictures; `verbose`: of each picture.

    Raises InputError for a path that isn't there or holds nothing, UnavailableError where there is no model.
    """
    passive = parts.passive_model(model)
    if passive is None:
        raise UnavailableError(NO_MODEL)
    todo = [(LIVE, f) for _, f in files(live)] + list(files(attack))
    detector, samples = parts.detector(), []
    for done, (kind, file) in enumerate(todo):
        progress(file.name if verbose or not is_picture(file) else f"{file.parent.name}: pictures", done, len(todo))
        samples += [Sample(str(file), kind, state) for state in judge_file(file, detector, passive)]
    return LivenessTest(report(samples), passive.spec.id, passive.spec.live_from)


def files(path: Path) -> Iterator[tuple[str, Path]]:
    """Kind and file of every picture and clip. Raises InputError where there is none."""
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


def judge_file(file: Path, detector: Detector, passive: PassiveModel) -> list[State]:
    """One state for a picture, for a clip one for each `FRAMES` frames in a row."""
    if is_picture(file):
        return [_picture(file, detector, passive)]
    take = Take(detector, passive)
    for frame in _frames(file):
        take.show(frame)
    return take.states()


class Take:
    """One presentation to a camera, frame by frame. Keeps no picture."""

    def __init__(self, detector: Detector, passive: PassiveModel) -> None:
        from faceapp.vision.liveness.passive import PassiveSource
        from faceapp.vision.tracker import Tracker

        self._detector, self._least = detector, round(passive.limits.min_height)
        self._tracker, self._source = Tracker(), PassiveSource(passive, window=math.inf)
        self._states: list[State] = []
        self._last: Evidence | None = None
        self.frames = 0

    def show(self, frame: Frame) -> Evidence | None:
        """The next frame: what is made of the first face there by now; None where there is none."""
        tracks = self._tracker.update(self._detector.detect(frame.image, self._least), frame.captured_ns)
        self._last = None
        if tracks:
            t = tracks[0]
            face = TrackedFace(t.id, t.face, observed=t.observed, certain=t.certain)
            self._last = self._source.observe(frame, face, frame.captured_ns)
        self.frames += 1
        if self.frames % FRAMES == 0:
            self._states.append(self._state())
            self._source.reset()
        return self._last

    def states(self) -> list[State]:
        """A state for each `FRAMES` frames in a row; fewer at the end count if there are no others."""
        return list(self._states) or [self._state()]

    def _state(self) -> State:
        return self._last.state if self._last is not None else "unknown"


def _picture(file: Path, detector: Detector, passive: PassiveModel) -> State:
    image = read_image(file)
    faces = detector.detect(image, round(passive.limits.min_height))
    judged = passive.judge(image, faces[0]) if faces else None
    return passive.state(judged)[0] if isinstance(judged, float) else "unknown"


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
