"""What a kiosk does with a film, for `walkups.py`: the faces once, then as many galleries and policies as are asked."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from faceapp.access.decisions import Deny, Grant
from faceapp.access.observations import Permission
from faceapp.access.policy_settings import PolicySettings
from faceapp.app.kiosk.judge import Judge, Surroundings
from faceapp.app.kiosk.site import policy_settings
from faceapp.app.parts import Parts
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.images import read_image
from faceapp.pipeline.recogniser import Recogniser
from faceapp.settings import KioskSettings
from faceapp.types import BgrImage, Face, Floats, Frame, FrameResult
from faceapp.vision.embedder import Embedder
from faceapp.vision.faces import dominant_face

ZONE = KioskSettings().zone
NOON = datetime(2026, 1, 7, 12)
Looked = list[tuple[FrameResult, Floats | None]]
"""A film's results, and in each the embedding of the one in front."""


class Listening:
    """An embedder that keeps what it made last, so that one film can be searched for in several galleries."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.id, self.space, self.dimension = embedder.id, embedder.space, embedder.dimension
        self.provider = embedder.provider
        self.last: Floats | None = None

    def embed(self, image: BgrImage, faces: Sequence[Face]) -> Floats:
        """As the embedder does."""
        vectors = self._embedder.embed(image, faces)
        self.last = vectors[0]
        return vectors


class Chain:
    """What a kiosk does with frames, up to the search."""

    def __init__(self, parts: Parts) -> None:
        self.settings = policy_settings(parts, "identify")
        self.detector, self.embedder = parts.detector(), Listening(parts.embedder())
        self._recogniser = Recogniser(
            detector=self.detector,
            embedder=self.embedder,
            index=GalleryIndex.empty(self.embedder.space),
            threshold=self.settings.threshold,
            same_person=parts.thresholds().verify,
            min_face=parts.settings.min_face,
            front=Judge(self.settings, ZONE).front,
        )

    def look(self, frames: Iterable[Frame]) -> Looked:
        """Everything about a film but whose face it is."""
        self._recogniser.reset()
        looked: Looked = []
        for frame in frames:
            self.embedder.last = None
            looked.append((self._recogniser.process(frame), self.embedder.last))
        return looked

    def photograph(self, file: Path) -> Floats:
        """The embedding that enrolling a photograph keeps."""
        image = read_image(file)
        vector: Floats = self.embedder.embed(image, [dominant_face(self.detector.detect(image, 40))])[0]
        return vector

    def index(self, templates: Sequence[tuple[str, Floats]]) -> GalleryIndex:
        """A gallery of these people."""
        return GalleryIndex.build(
            self.embedder.space, TemplateTable.of(self.embedder.space, [(p, p, v) for p, v in templates])
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one walk-up."""

    let_in: tuple[str, ...]
    """Who the door was opened for, in order."""
    frame: int | None
    """Of the first opening."""
    waited_ms: float | None
    votes: int
    """The most frames that ever agreed."""
    causes: Counter[str]
    """What was wrong with the frames that agreed on nobody."""


def judged(looked: Looked, index: GalleryIndex, settings: PolicySettings) -> Answer:
    """A film before a door with this gallery, the policy's state fresh."""
    judge = Judge(settings, ZONE)
    around = Surroundings(index.space, index.space, {p: Permission(allowed=True) for p in index.person_ids}, NOON)
    let_in: list[str] = []
    first: Grant | None = None
    first_frame, votes, causes = None, 0, Counter[str]()
    for k, (result, vector) in enumerate(looked):
        match = None if vector is None else index.match(vector[None], settings.threshold)[0]
        faces = tuple(dataclasses.replace(f, match=match if f.fresh else None) for f in result.faces)
        searched = dataclasses.replace(result, faces=faces)
        decision = judge.decide(searched, around, result.captured_ns)
        causes[_cause(searched, judge, settings)] += 1
        if decision.evidence is not None:
            votes = max(votes, decision.evidence.votes)
        if isinstance(decision, Grant):
            let_in.append(decision.person_id)
            if first is None:
                first, first_frame = decision, k
        elif isinstance(decision, Deny) and decision.counted and first is None:
            break  # that was the first try
    return Answer(tuple(let_in), first_frame, None if first is None else first.evidence.waited_ms, votes, causes)


def _cause(result: FrameResult, judge: Judge, settings: PolicySettings) -> str:
    """Why a frame agrees on nobody, the first that holds."""
    face = judge.front_face(result)
    if face is None:
        return "no face found"
    match = face.match
    reasons = {
        "face carried": not (face.observed and face.fresh),
        "may be another's (tracker)": not face.certain,
        "too small": face.face.box.height < settings.min_height,
        "poor picture": (face.quality or 0) < settings.min_quality,
        "too far": match is None or match.nearest.distance > settings.threshold,
        "runner-up too near": match is not None
        and match.runner_up is not None
        and match.runner_up.distance - match.nearest.distance < settings.margin * settings.threshold,
    }
    return next((reason for reason, holds in reasons.items() if holds), "agrees")
