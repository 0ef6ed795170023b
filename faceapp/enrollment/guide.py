"""The live guide: from frame after frame to one short instruction at a time, and to a photograph that takes itself.

Pure: time is the frames' own. An instruction stays long enough to be read and followed, and the problem that hides the
others is told first: who stands outside the picture needn't hear that it is dark. When everything has been well for a
moment, the best frame of a short burst is taken. Whoever can't or won't follow has it taken now, as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from faceapp.enrollment.burst import Burst, Shot
from faceapp.enrollment.gate import Code, Finding, Gate, GateReport
from faceapp.types import Box, Face, Frame

Instruction: TypeAlias = Literal[
    "step_into_picture",
    "one_person",
    "closer",
    "further",
    "left",
    "right",
    "up",
    "down",
    "uncover",
    "more_light",
    "less_light",
    "turn_left",
    "turn_right",
    "look_straight",
    "head_upright",
    "hold_still",
    "ready",
]
"""Left and right are the person's own, which is where they see it in a mirrored picture. Up and down: of the face in
the picture."""

SENTENCES: dict[Instruction, str] = {
    "step_into_picture": "Step into the picture.",
    "one_person": "One person only, please.",
    "closer": "Come a little closer.",
    "further": "Move back a little.",
    "left": "Move a little to your left.",
    "right": "Move a little to your right.",
    "up": "A little higher: raise your head, or lower the camera.",
    "down": "A little lower: lower your head, or raise the camera.",
    "uncover": "Show your whole face: nothing in front of it, and light from the front.",
    "more_light": "More light on your face: turn to a window or a lamp.",
    "less_light": "Less light: turn away from the lamp or the sun.",
    "turn_left": "Turn your head a little to your left.",
    "turn_right": "Turn your head a little to your right.",
    "look_straight": "Look straight at the camera.",
    "head_upright": "Hold your head upright.",
    "hold_still": "Hold still.",
    "ready": "Good. Hold still: the photo is being taken.",
}

_OF_FINDING: dict[Code, Instruction] = {
    "no_face": "step_into_picture",
    "several_faces": "one_person",
    "cut_off": "step_into_picture",
    "too_small": "closer",
    "covered": "uncover",
    "too_dark": "more_light",
    "too_bright": "less_light",
    "low_contrast": "more_light",
    "tilted": "look_straight",
    "rolled": "head_upright",
    "blurred": "hold_still",
    "doubtful": "look_straight",
}


@dataclass(frozen=True, slots=True)
class GuideSettings:
    """The guide's numbers."""

    stays: float = 0.7
    """Seconds an instruction is shown at least: reading one takes that long."""
    sure: float = 0.2
    """Seconds another problem must last before it is told: in single frames measures are off."""
    well_for: float = 0.5
    """Seconds everything must have been well before the burst begins: a moment's chance is no good photograph."""
    burst: float = 0.6
    """Seconds of the burst: eight or more frames to choose from, shorter than people hold still."""
    lowest: float = 0.20
    """Height of the face's box, parts of the picture's, below which it says "closer"."""
    highest: float = 0.72
    """The same for "further": the crop that is kept has half a face's room on each side."""
    aside: float = 0.16
    """How far the face's centre may be from the outline's, parts of the picture's width."""
    above: float = 0.17
    """The same upwards and downwards, parts of its height."""
    margin: float = 0.15
    """How much better a place must be, once it was complained of, before the complaint goes: nobody stands at a limit
    and is told "closer", "further", "closer"."""
    turned: float = 8.0
    """Degrees of a photograph from the side, at least; at most the gate's."""
    patience: float = 4.0
    """Seconds after which a further photograph needn't be from the side any more."""
    stuck: float = 8.0
    """Seconds without a photograph after which the manual way is pointed out."""


OUTLINE = (0.5, 0.46)
"""Where the face's centre belongs, parts of the picture's width and height."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a further photograph of the same person is to show, so that it adds something."""

    sentence: str
    turn: Literal["left", "right"] | None = None


WISHES = (
    Wish("Look straight at the camera."),
    Wish("Now turn your head a little to your left.", "left"),
    Wish("Now turn your head a little to your right.", "right"),
    Wish("Now with another expression: smile, or look serious if you smiled before."),
    Wish("Now as you look on other days: with or without glasses, or in other light."),
)
"""Of the first photograph and up to four further ones."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to show now."""

    code: Instruction
    sentence: str
    outline: bool
    """True where the face is where it belongs: the outline is drawn as met."""
    progress: float
    """0 to 1: of the time everything was well, and of the burst."""
    findings: tuple[Finding, ...] = ()
    """What the gate says of this frame."""
    figure: float = 0.0
    """Of this frame, 0 to 100."""
    box: Box | None = None
    stuck: bool = False
    """Nothing came of it for a while: point out that it can be taken as it is."""


class Guide:
    """Guides one photograph. One thread uses it; its time is the frames'."""

    def __init__(self, gate: Gate | None = None, shot: int = 0, settings: GuideSettings | None = None) -> None:
        """`shot`: how many photographs of this person were taken before."""
        self._gate = gate or Gate()
        self.wish = WISHES[min(shot, len(WISHES) - 1)]
        self._settings = settings or GuideSettings()
        self._begun_ns: int | None = None
        self._shown: Instruction | None = None
        self._shown_ns = 0
        self._next: Instruction | None = None
        """The instruction that would be shown now, and since when."""
        self._next_ns = 0
        self._placed = True
        self._well_ns: int | None = None
        """Since when all has been well."""
        self._burst: Burst | None = None
        self._now = False
        self.shot: Shot | None = None
        """The photograph, once it is taken."""
        self.manual = False
        """True where it was asked for, not taken by itself."""

    def take_now(self) -> None:
        """Take the next frame with one face, whatever is wrong with it."""
        self._now = True

    def again(self) -> None:
        """What was taken is no use after all: go on guiding."""
        self.shot, self.manual, self._now = None, False, False
        self._well_ns = None

    def look(self, frame: Frame, faces: Sequence[Face]) -> Guidance:
        """What a frame, with the faces that the detector saw in it, leads to. Nothing more once there is a shot."""
        report = self._gate.check(frame.image, faces)
        if self._begun_ns is None:
            self._begun_ns = frame.captured_ns
        elapsed = (frame.captured_ns - self._begun_ns) / 1e9
        problem = self._problem(frame, report, elapsed)
        if self.shot is None:
            self._take(frame, report, problem is None)
        code = self._steady(problem or "ready", frame.captured_ns)
        return Guidance(
            code=code,
            sentence=SENTENCES[code],
            outline=report.face is not None and self._placed,
            progress=self._progress(frame),
            findings=report.findings,
            figure=report.figure,
            box=None if report.face is None else report.face.box,
            stuck=self.shot is None and elapsed >= self._settings.stuck,
        )

    def _problem(self, frame: Frame, report: GateReport, elapsed: float) -> Instruction | None:
        """The one to tell first; None where all is well."""
        codes = report.codes
        face = report.face
        if face is None:
            self._placed = False
            return _OF_FINDING[codes[0]]
        place = self._place(frame, face.box)
        self._placed = place is None and "cut_off" not in codes and "too_small" not in codes
        if place is not None:
            return place
        yaw = report.measures.yaw if report.measures is not None else 0.0
        for code in codes:
            if code == "turned":
                # The nose points to the picture's right: to the person's left, so they turn back to their right.
                return "turn_right" if yaw > 0 else "turn_left"
            return _OF_FINDING[code]
        if self.wish.turn is not None and elapsed < self._settings.patience and face.landmarks is not None:
            towards = yaw if self.wish.turn == "left" else -yaw
            if towards < self._settings.turned:
                return "turn_left" if self.wish.turn == "left" else "turn_right"
        return None

    def _place(self, frame: Frame, box: Box) -> Instruction | None:
        s = self._settings
        width, height = frame.size
        tighter = 1.0 if self._placed else 1 - s.margin
        part = box.height / height
        x, y = box.center
        # A box that the picture cuts is nearer than its height says.
        least = max(s.lowest, self._gate.limits.height / height) / tighter
        if part < least:
            return "closer"
        if part > s.highest * tighter:
            return "further"
        aside, above = x / width - OUTLINE[0], y / height - OUTLINE[1]
        if abs(aside) > s.aside * tighter:
            return "left" if aside < 0 else "right"
        if abs(above) > s.above * tighter:
            return "up" if above > 0 else "down"
        return None

    def _take(self, frame: Frame, report: GateReport, well: bool) -> None:
        now = frame.captured_ns
        if self._now and report.face is not None:
            self.manual = True
            self.shot = Shot(frame, report)
            return
        if self._burst is not None:
            self._burst.offer(frame, report)
            if self._burst.done:
                best, self._burst = self._burst.best, None
                self._well_ns = None
                if best is not None and best.report.passed:
                    self.shot = best
            return
        if not well:
            self._well_ns = None
        elif self._well_ns is None:
            self._well_ns = now
        elif now - self._well_ns >= self._settings.well_for * 1e9:
            self._burst = Burst(self._settings.burst)
            self._burst.offer(frame, report)

    def _progress(self, frame: Frame) -> float:
        s = self._settings
        if self.shot is not None:
            return 1.0
        if self._burst is not None:
            return (s.well_for + self._burst.progress * s.burst) / (s.well_for + s.burst)
        if self._well_ns is None:
            return 0.0
        return min(s.well_for, (frame.captured_ns - self._well_ns) / 1e9) / (s.well_for + s.burst)

    def _steady(self, code: Instruction, now: int) -> Instruction:
        """The instruction to show: the one before until it could be read and another has proved lasting."""
        s = self._settings
        if code != self._next:
            self._next, self._next_ns = code, now
        read, lasts = now - self._shown_ns >= s.stays * 1e9, now - self._next_ns >= s.sure * 1e9
        if self._shown is None or (code != self._shown and read and lasts):
            self._shown, self._shown_ns = code, now
        return self._shown
