"""The best frame of a burst: what "enrol by snapshot" takes."""

from __future__ import annotations

from dataclasses import dataclass

from faceapp.enrollment.gate import GateReport
from faceapp.types import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame that could be enrolled."""

    frame: Frame
    report: GateReport


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

    def offer(self, frame: Frame, report: GateReport) -> None:
        """Look at a frame and what the gate says of it."""
        if self._first_ns is None:
            self._first_ns = frame.captured_ns
        self._last_ns = frame.captured_ns
        self._two_faces = self._two_faces or "several_faces" in report.codes
        if report.face is None:
            return
        if self.best is None or _rank(report) > _rank(self.best.report):
            self.best = Shot(frame, report)

    @property
    def failure(self) -> str:
        """Why there is no shot, and what to do."""
        if self._two_faces:
            return "Two people are equally near: one person alone in front of the camera, please."
        return "No face was seen: look at the camera, with light on your face."


def _rank(report: GateReport) -> tuple[bool, float]:
    """One that passed is better than any that didn't."""
    return report.passed, report.figure
