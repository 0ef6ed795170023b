"""Passive liveness: a small network that was trained to tell faces from prints and screens, over the frames of a track.

Such models (MiniFASNet of Silent-Face-Anti-Spoofing, and those exported like it) look at the face *and what is around
it*: the box scaled about its centre, 2.7 times say. Where that leaves the picture it is shrunk and shifted into it, as
in training (`generate_patches.py` there), not filled up. They are resized without a filter, also as trained: what a
filter would take away is what they look at (with one, five in a hundred live NUAA photographs fell from 0.3 to 0.07).

Outside a model's conditions its figure means nothing and the answer is *unknown*. The limits, with MiniFASNetV2 on
NUAA's 252 photographs of people and 252 of prints (the figure is the share of "live" after softmax; prints never
exceeded 0.022 as they are):

- faces below 64 pixels: at 57 prints reached 0.02 and at 41 0.10, while half of the people fell below 0.7;
- darkness, by the brightest tenth of the face: with a quarter of the light (median 45 grey values) prints reached 0.14,
  with a seventh 0.92;
- nothing around the face: cut to 1.6 faces' heights prints reached 0.28, cut to 1.3 0.71.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import BgrImage, Box, Face, Frame, TrackedFace
from faceapp.vision.liveness.evidence import Evidence, Reason, State
from faceapp.vision.pyramid import network_input
from faceapp.vision.session import ModelSession

LIVE_FROM, ATTACK_BELOW = 0.2, 0.05
"""MiniFASNetV2's. Halfway (in logits) between NUAA's best print, 0.022, and its poorest live photograph, 0.144, lies
0.058: below that it is an attack. Live is only what is clearly above; in between the model isn't sure."""


@dataclass(frozen=True, slots=True)
class PassiveSpec:
    """A model: what it is shown and what its answer means."""

    id: str
    size: int
    """Side of its square input, pixels."""
    scale: float
    """Of the face's box."""
    colour: Literal["rgb", "bgr"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """(x - mean) / std of values from 0 to 255, in the order of `colour`."""
    live_class: int
    """Which of the outputs is "live"."""
    softmax: bool = True
    """False where its outputs are shares already."""
    live_from: float = LIVE_FROM
    """Averages from here on are live..."""
    attack_below: float = ATTACK_BELOW
    """...below here an attack, in between unknown."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where a model's answer means something; see above."""

    min_height: float = 64
    """Of the face's box, pixels."""
    min_light: float = 40
    """Grey value that the brightest tenth of the face's middle exceeds: it shines on every skin. NUAA's darkest living
    person has 45."""
    min_around: float = 0.55
    """Of the scale it was trained with, this must be left when the crop is shrunk into the picture."""
    min_visible: float = 0.85
    """Part of the box that lies within the picture."""


def crop_box(box: Box, scale: float, width: int, height: int) -> tuple[Box, float]:
    """`box` scaled about its centre, shrunk and shifted into a picture of `width` x `height`; and the scale that is
    left of `scale`. As Silent-Face-Anti-Spoofing's `_get_new_box`: corners are inclusive, so it ends at width - 1."""
    left = min((height - 1) / max(1e-6, box.height), (width - 1) / max(1e-6, box.width), scale)
    w, h = box.width * left, box.height * left
    cx, cy = box.center
    x1 = min(max(0.0, cx - w / 2), width - 1 - w)
    y1 = min(max(0.0, cy - h / 2), height - 1 - h)
    return Box(x1, y1, x1 + w, y1 + h), left


def crop(image: BgrImage, box: Box, scale: float, size: int) -> BgrImage:
    """What the model is shown of `image`: size x size x 3, BGR."""
    around, _ = crop_box(box, scale, image.shape[1], image.shape[0])
    x1, y1, x2, y2 = (max(0, int(v)) for v in around.as_list())
    part = image[y1 : y2 + 1, x1 : x2 + 1]
    return cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def out_of_conditions(image: BgrImage, face: Face, spec: PassiveSpec, limits: Conditions) -> Reason | None:
    """Why the model can't judge this face; None where it can."""
    box, (height, width) = face.box, image.shape[:2]
    if not all(map(math.isfinite, box.as_list())) or box.area <= 0 or box.height < limits.min_height:
        return Reason.TOO_SMALL
    inside = Box(max(0.0, box.x1), max(0.0, box.y1), min(float(width), box.x2), min(float(height), box.y2))
    if inside.area < limits.min_visible * box.area:
        return Reason.CUT_OFF
    if crop_box(box, spec.scale, width, height)[1] < limits.min_around * spec.scale:
        return Reason.TOO_LARGE
    # A face's middle, every third pixel: light needs no more.
    dx, dy = inside.width / 8, inside.height / 8
    middle = image[int(inside.y1 + dy) : int(inside.y2 - dy) : 3, int(inside.x1 + dx) : int(inside.x2 - dx) : 3]
    grey = cv2.cvtColor(np.ascontiguousarray(middle), cv2.COLOR_BGR2GRAY)
    return Reason.TOO_DARK if np.percentile(grey, 90) < limits.min_light else None


class PassiveModel:
    """A model over its opened session. Owned by one thread."""

    def __init__(self, session: ModelSession, spec: PassiveSpec, limits: Conditions | None = None) -> None:
        self.spec = spec
        self.limits = limits or Conditions()
        self._session = session

    def judge(self, image: BgrImage, face: Face) -> float | Reason:
        """The share of "live", 0 to 1, for one face of one frame; a reason where the model can't say."""
        reason = out_of_conditions(image, face, self.spec, self.limits)
        if reason is not None:
            return reason
        shares = self._shares(crop(image, face.box, self.spec.scale, self.spec.size))
        share = float(shares[self.spec.live_class])
        return share if math.isfinite(share) else Reason.CRASHED

    def state(self, share: float) -> tuple[State, Reason]:
        """What an average share means."""
        if share >= self.spec.live_from:
            return "live", Reason.MODEL_LIVE
        if share < self.spec.attack_below:
            return "attack", Reason.MODEL_ATTACK
        return "unknown", Reason.MODEL_UNSURE

    def _shares(self, picture: BgrImage) -> NDArray[np.float64]:
        s = self.spec
        values = network_input([picture], (0.0, 0.0, 0.0), 1.0, rgb=s.colour == "rgb")
        values = (values - np.reshape(s.mean, (1, 3, 1, 1))) / np.reshape(s.std, (1, 3, 1, 1))
        (found,) = self._session.run({self._session.input_names[0]: values.astype(np.float32)})
        row = np.asarray(found, np.float64).reshape(-1)
        if not s.softmax:
            return row
        raised = np.exp(row - row.max())
        shares: NDArray[np.float64] = raised / raised.sum()
        return shares


@dataclass(slots=True)
class _Heard:
    """What was heard of one track."""

    shares: deque[tuple[int, float]] = field(default_factory=deque)
    """When, and what."""
    last_ns: int = 0


class PassiveSource:
    """The evidence of a model, averaged over a track's last frames. Owned by one thread."""

    def __init__(self, model: PassiveModel, frames: int = 5, window: float = 1.0, forget: float = 3.0) -> None:
        """`frames` at least, within `window` seconds, make an average; a track not asked about for `forget` seconds is
        forgotten."""
        self._model = model
        self._frames, self._window, self._forget = frames, window, forget
        self._tracks: dict[int, _Heard] = {}

    @property
    def id(self) -> str:
        return self._model.spec.id

    def observe(self, frame: Frame, face: TrackedFace, now_ns: int) -> Evidence:
        """See `LivenessSource`. A face that could be another one's (`certain` is False, which is also how to
        say that the face on a track has changed) begins anew; one that the detector didn't see, or
        that is out of the model's conditions, is unknown, however it was judged before."""
        heard = self._heard(face, now_ns)
        if not face.observed:
            return self._unknown(Reason.NOT_SEEN)
        judged = self._model.judge(frame.image, face.face)
        if isinstance(judged, Reason):
            return self._unknown(judged)
        heard.shares.append((now_ns, judged))
        average = float(np.mean([share for _, share in heard.shares]))
        if len(heard.shares) < self._frames:
            return self._unknown(Reason.COLLECTING, average)
        state, reason = self._model.state(average)
        if state == "live" and self._model.state(judged)[0] == "attack":
            # The average may still be of somebody who stood there a moment ago: what is seen now has a veto.
            return self._unknown(Reason.MODEL_UNSURE, average)
        return Evidence(self.id, state, reason, average)

    def reset(self) -> None:
        """Forget all tracks."""
        self._tracks.clear()

    def _heard(self, face: TrackedFace, now_ns: int) -> _Heard:
        self._tracks = {t: h for t, h in self._tracks.items() if now_ns - h.last_ns <= self._forget * 1e9}
        heard = self._tracks.setdefault(face.track, _Heard())
        if not face.certain:
            heard.shares.clear()
        heard.last_ns = now_ns
        while heard.shares and now_ns - heard.shares[0][0] > self._window * 1e9:
            heard.shares.popleft()
        return heard

    def _unknown(self, reason: Reason, share: float | None = None) -> Evidence:
        return Evidence(self.id, "unknown", reason, share)
