"""The best frame of a burst: what "enrol by snapshot" takes."""

from __future__ import annotations

from dataclasses import dataclass

from faceapp.errors import NoFaceError, TwoFacesError
from faceapp.types import Face, Frame
from faceapp.vision.faces import dominant_face
from faceapp.vision.quality import Quality, assess


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame that could be enrolled."""

    frame: Frame
    face: Face
    quality: Quality


class Burst:
    """Keeps the best shot of the frames it is offered. One thread uses it; time is the frames' own."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._first_ns: int | None = None
        self._last_ns = 0
        self._two_faces = False
        self.best: Shot | None = None

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self._first_ns is None:
            return 0.0
        return min(1.0, (self._last_ns - self._first_ns) / 1e9 / self._seconds)

    @property
    def done(self) -> bool:
        """True when the burst's time is over."""
        return self.progress >= 1.0

    def offer(self, frame: Frame, faces: list[Face]) -> None:
        """Look at a frame and the faces that the detector itself saw in it."""
        if self._first_ns is None:
            self._first_ns = frame.captured_ns
        self._last_ns = frame.captured_ns
        try:
            face = dominant_face(faces)
        except TwoFacesError:
            self._two_faces = True
            return
        except NoFaceError:
            return
        quality = assess(frame.image, face)
        if self.best is None or quality.score > self.best.quality.score:
            self.best = Shot(frame, face, quality)

    @property
    def failure(self) -> str:
        """Why there is no shot, and what to do."""
        if self._two_faces:
            return "Two people are equally near: one person alone in front of the camera, please."
        return "No face was seen: look at the camera, with light on your face."
