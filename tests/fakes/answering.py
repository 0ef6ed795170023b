"""Somebody invented before a whole kiosk, who reads its questions and does as they are told; or doesn't. They come in
where the recogniser's results do: examiner, policy, gatekeeper, door, log and gallery are the real ones."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from faceapp.app.kiosk import headless, session
from faceapp.app.kiosk.types import Question
from faceapp.app.parts import Parts
from faceapp.camera.source import Kind
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.recogniser import Found
from faceapp.types import Floats, Frame, FrameResult, Match
from faceapp.vision.liveness.parallax import Direction
from faceapp.vision.liveness.questions import Instruction
from tests.fakes.examined import BLANK, Somebody, vector
from tests.fakes.heads import Mover, Points, Told, view_of_head
from tests.fakes.visitors import SIZE

FPS = 20
REST = np.zeros(3)


class Follower:
    """A head that goes where it is told to, without haste or noise: an actor."""

    def __init__(self) -> None:
        self._mover = Mover.at(REST)
        self._told: Told | None = None

    def __call__(self, now: float, told: object) -> Points:
        """Their landmarks (5, 2) at `now`."""
        assert isinstance(told, Told)
        if self._told is None or told[:3] != self._told[:3]:
            goal = REST
            if told.instruction.name in Direction.__members__:
                x, y = Direction[told.instruction.name].value
                goal = np.array([30.0 * x, 30.0 * y, 0.0])
            self._mover.go(goal, now + 0.25, 0.4)
        self._told = told
        yaw, pitch, _ = self._mover.move(now)
        return view_of_head(0.36, yaw, pitch)


class Standing:
    """Takes a recogniser's place: sees `somebody` in every frame."""

    eases = False
    detector = None

    def __init__(self, space: str, somebody: Somebody) -> None:
        self.embedder = SimpleNamespace(space=space)
        self.told = Told()
        """What the screen says."""
        self._somebody = somebody
        self._match: Match | None = None

    def reads(self, question: Question | None) -> None:
        """The screen has changed."""
        self.told = Told()
        if question is not None:
            says = Instruction[question.instruction.upper()]
            self.told = Told(says, question.done, question.attempt, question.following is not None)

    def search(self, _index: GalleryIndex, _threshold: float) -> None:
        """See `Recogniser`; whom they look like is known."""

    def find(self, frame: Frame) -> Found:
        """See `Recogniser`."""
        return Found(frame, [], time.monotonic_ns(), {})

    def name(self, found: Found) -> FrameResult:
        """See `Recogniser`."""
        frame = found.frame
        face = self._somebody.face(self._somebody.actor(frame.captured_ns / 1e9, self.told))
        self._match = face.match
        return FrameResult(frame.id, frame.captured_ns, time.monotonic_ns(), SIZE, (face,))

    def process(self, frame: Frame) -> FrameResult:
        """See `Recogniser`."""
        return self.name(self.find(frame))

    def ease(self, _pace: object) -> None:
        """See `Recogniser`."""

    def seen(self, _track: int) -> tuple[Floats, Match | None]:
        """See `Recogniser`."""
        return vector(self._somebody.seed), self._match


class Blank:
    """A film of nothing, as long as it is read."""

    spec = name = "blank"
    kind: Kind = "video"
    live = False
    fps: float | None = float(FPS)

    def __init__(self) -> None:
        self._next = 0

    def open(self) -> None:
        """See `FrameSource`."""

    def read(self) -> Frame:
        """See `FrameSource`."""
        self._next += 1
        return blank(self._next - 1)

    def close(self) -> None:
        """See `FrameSource`."""


def blank(number: int) -> Frame:
    """A film's frame."""
    return Frame.freeze(number, 1_000_000_000_000 + round(number * 1e9 / FPS), BLANK)


def stands_before(monkeypatch: pytest.MonkeyPatch, parts: Parts, somebody: Somebody) -> Standing:
    """From now on whatever kiosk there is sees them, and loads no network."""
    standing = Standing(parts.space(), somebody)

    def recogniser(*_: Any) -> Standing:
        return standing

    for module in (headless, session):
        monkeypatch.setattr(module, "door_recogniser", recogniser)
        monkeypatch.setattr(module, "guest_table", lambda *_: None)
    monkeypatch.setattr(headless, "parse_source", lambda *_, **__: Blank())
    monkeypatch.setattr(Parts, "provider_text", lambda _: "CPU")
    return standing
