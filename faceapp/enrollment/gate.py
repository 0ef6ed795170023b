"""The quality gate: is this picture good enough to know a person by, and if not, why not and what to do?

Pure. What is measured is in `vision/quality.py` and `vision/covered.py`; here are the limits, each with its name, and
what is said when one is broken. The same gate judges pictures on the command line, imports and the live snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from faceapp.errors import NoFaceError, TwoFacesError
from faceapp.types import BgrImage, Face
from faceapp.vision.covered import covered
from faceapp.vision.faces import dominant_face
from faceapp.vision.quality import Limits, Measures, assess

Code: TypeAlias = Literal[
    "no_face",
    "several_faces",
    "cut_off",
    "too_small",
    "turned",
    "tilted",
    "rolled",
    "too_dark",
    "too_bright",
    "low_contrast",
    "blurred",
    "covered",
    "doubtful",
]
"""Reasons, the one that hides the others first: who sees nothing needn't be told that it is blurred."""

SENTENCES: dict[Code, str] = {
    "no_face": "show the whole face, seen from the front: no face was found",
    "several_faces": "one person alone: there are several faces of about the same size",
    "cut_off": "move into the picture: part of the face is cut off",
    "too_small": "come nearer: the face is small",
    "turned": "look at the camera: the face is turned to the side",
    "tilted": "look straight at the camera: the face looks up or down",
    "rolled": "hold the head upright",
    "too_dark": "more light on the face: it is too dark",
    "too_bright": "less light on the face: it is overexposed",
    "low_contrast": "better light: the face has hardly any contrast",
    "blurred": "hold still: the picture is blurred",
    "covered": "take off what covers the face, or light it from the front: half of it can hardly be seen",
    "doubtful": "show the whole face: it is hardly recognisable as one",
}


@dataclass(frozen=True, slots=True)
class GateLimits:
    """From where on a picture isn't good enough. The figures are those of 60 people's frontal press photos (CFP's
    `tune` people; 1 % and 99 %: of them) and of the same spoiled on purpose. `tests/bench/gate.py` prints them, and
    what the other 60 people's come to."""

    height: float = 80.0
    """Pixels of the face's box, at least. Embedders are shown 150 to 160: at 80 they see about half of that detail, at
    50 a third. A camera of 640 × 480 gives it at 1.3 m, one of 1920 × 1080 at 3 m. Of the photos, 1 % have less."""
    visible: float = 0.85
    """Part of the box, a tenth wider, within the picture, at least. Half a chin outside makes 0.85."""
    covered: float = 0.6
    """`vision.covered`, at most. Above it: 95 of 100 detected faces of which half is hidden, 4 to 5 of 100 that are
    whole (side light, hair over an eye, dark glasses)."""
    highlights: float = 60.0
    """Grey value that a tenth of the face exceeds, at least. Photos: 109 at 1 %. Forehead and nose shine on every skin,
    so it tells poor light, not a dark complexion. A fifth of the light makes 47 at most."""
    burnt: float = 0.15
    """Part of the face where a colour is at its end, at most. Photos: 0.115 at 99 %. Twice the light of a good photo
    makes more in all but 1 %."""
    contrast: float = 25.0
    """Grey values between the brightest and the darkest tenth, at least. Photos: 49 at 1 %."""
    yaw: float = 25.0
    """Degrees to either side, at most. Frontal photos: 15 at 99 %. A template of one side serves that side."""
    pitch: float = 30.0
    """Degrees up or down, at most; noses differ, so it can't be stricter. Frontal photos: 28.5 at 99 %."""
    roll: float = 25.0
    """Degrees, at most. Photos: 12 at 99 %. Crops are turned upright, but for FaceNet's."""
    sharpness: float = 0.008
    """Of edges over contrast, at least. Photos: 0.010 at 1 %. Blurred by a twentieth of the face's height, or shaken by
    a fifth: 0.0065 at 99 %."""
    score: float = 0.85
    """The detector's, at least. Photos: 0.94 at 1 %."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason against a picture."""

    code: Code
    sentence: str
    """What to do and why, without a capital or a full stop."""
    measured: float
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class GateReport:
    """What the gate says."""

    figure: float
    """0 (useless) to 100. Whether it passed depends on the limits alone: the figure says which of two is the better."""
    findings: tuple[Finding, ...]
    """What is wrong, the one to mend first at the front."""
    face: Face | None
    """The face that was judged; None where there is none, or not one."""
    measures: Measures | None = None

    @property
    def passed(self) -> bool:
        """Nothing was found."""
        return not self.findings

    @property
    def codes(self) -> tuple[Code, ...]:
        """The reasons alone: what is stored with a photo."""
        return tuple(f.code for f in self.findings)

    @property
    def sentences(self) -> tuple[str, ...]:
        """For people."""
        return tuple(f.sentence for f in self.findings)


COVERED = Limits(full=0.6, none=1.8, issue=0.6)
"""What it costs of the figure: a third at most, for it is a guess."""


class Gate:
    """Judges pictures by its limits. Holds nothing else."""

    def __init__(self, limits: GateLimits | None = None) -> None:
        self.limits = limits or GateLimits()

    def check(self, image: BgrImage, faces: Sequence[Face], face: Face | None = None) -> GateReport:
        """Judge the dominant one of `faces` (all that were found in `image`), or `face` where somebody said which is
        meant: then the others don't count."""
        if face is None:
            try:
                face = dominant_face(faces)
            except NoFaceError:
                return _refused("no_face", 0, 1)
            except TwoFacesError:
                return _refused("several_faces", len(faces), 1)
        quality = assess(image, face)
        hidden = covered(image, face)
        return GateReport(
            quality.score * COVERED.worth(hidden), self._findings(quality.measures, hidden), face, quality.measures
        )

    def _findings(self, m: Measures, hidden: float) -> tuple[Finding, ...]:
        limits = self.limits
        least: tuple[tuple[Code, float, float], ...] = (
            ("cut_off", m.visible, limits.visible),
            ("too_small", m.height, limits.height),
            ("too_dark", m.highlights, limits.highlights),
            ("low_contrast", m.highlights - m.shadows, limits.contrast),
            ("blurred", m.sharpness, limits.sharpness),
            ("doubtful", m.score, limits.score),
        )
        most: tuple[tuple[Code, float, float], ...] = (
            ("covered", hidden, limits.covered),
            ("too_bright", m.burnt, limits.burnt),
            ("turned", abs(m.yaw), limits.yaw),
            ("tilted", abs(m.pitch), limits.pitch),
            ("rolled", abs(m.roll), limits.roll),
        )
        broken = {c: (v, limit) for c, v, limit in least if v < limit}
        broken |= {c: (v, limit) for c, v, limit in most if v > limit}
        if "turned" in broken:
            broken.pop("covered", None)  # the far half of a turned face can't be seen, and nobody can take that off
        return tuple(Finding(code, SENTENCES[code], *broken[code]) for code in SENTENCES if code in broken)


def _refused(code: Code, measured: float, limit: float) -> GateReport:
    return GateReport(0.0, (Finding(code, SENTENCES[code], measured, limit),), None)
