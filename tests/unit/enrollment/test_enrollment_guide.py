"""The live guide on a clock of its own: one instruction at a time, and a photo that takes itself."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from faceapp.enrollment.gate import SENTENCES as GATE_SENTENCES
from faceapp.enrollment.gate import Code, Finding, Gate, GateReport
from faceapp.enrollment.guide import SENTENCES, WISHES, Guidance, Guide, GuideSettings
from faceapp.types import BgrImage, Box, Face, Frame
from faceapp.vision.quality import Measures

WIDTH, HEIGHT = 640, 480
GOOD = Measures(200, 0.05, 180, 60, 0.0, 0.0, 0.0, 0.0, 1.0, 0.99)


def face(x: float = 320, y: float = 221, height: float = 200) -> Face:
    half = height / 2
    return Face(Box(x - half * 0.8, y - half, x + half * 0.8, y + half), 0.99, np.zeros((5, 2), np.float32))


class Says(Gate):
    """A gate that says what the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: tuple[Code, ...] = ()
        self.yaw = 0.0
        self.figure = 80.0

    def check(self, _image: BgrImage, faces: Sequence[Face], _face: Face | None = None) -> GateReport:
        codes: tuple[Code, ...] = self.codes if faces else ("no_face",)
        findings = tuple(Finding(c, GATE_SENTENCES[c], 0.0, 1.0) for c in codes)
        one = faces[0] if faces and "several_faces" not in codes else None
        return GateReport(self.figure, findings, one, dataclasses.replace(GOOD, yaw=self.yaw) if one else None)


class Rig:
    """A guide, its gate, and a camera of 20 frames a second."""

    def __init__(self, shot: int = 0) -> None:
        self.gate = Says()
        self.guide = Guide(self.gate, shot)
        self.id = 0
        self.image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    @property
    def seconds(self) -> float:
        return self.id / 20

    def look(self, *faces: Face, seconds: float = 0.05) -> Guidance:
        """Show the same for a while: the last guidance."""
        for _ in range(max(1, round(seconds * 20))):
            frame = Frame.freeze(self.id, 10**12 + self.id * 50_000_000, self.image.copy())
            self.id += 1
            last = self.guide.look(frame, faces)
        return last


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_good_face_is_taken_by_itself_after_half_a_second_and_a_burst(rig: Rig) -> None:
    first = rig.look(face())
    assert (first.code, first.outline) == ("ready", True)
    rig.look(face(), seconds=0.5)
    assert rig.guide.shot is None
    half = rig.look(face(), seconds=0.25).progress
    assert 0.4 < half < 1
    done = rig.look(face(), seconds=0.45)
    assert rig.guide.shot is not None
    assert done.progress == 1
    assert not rig.guide.manual
    assert rig.seconds <= GuideSettings().well_for + GuideSettings().burst + 0.2


def test_the_best_frame_of_the_burst_is_taken(rig: Rig) -> None:
    rig.look(face(), seconds=0.7)
    rig.gate.figure = 95
    rig.look(face())
    best = rig.id - 1
    rig.gate.figure = 70
    rig.look(face(), seconds=0.6)
    assert rig.guide.shot is not None
    assert rig.guide.shot.frame.id == best


def test_a_moment_of_trouble_begins_the_half_second_anew(rig: Rig) -> None:
    rig.look(face(), seconds=0.4)
    rig.gate.codes = ("blurred",)
    assert rig.look(face()).progress == 0
    rig.gate.codes = ()
    rig.look(face(), seconds=0.5)
    assert rig.guide.shot is None
    rig.look(face(), seconds=0.8)
    assert rig.guide.shot is not None


def test_a_burst_without_a_good_frame_takes_nothing(rig: Rig) -> None:
    rig.look(face(), seconds=0.5)
    rig.gate.codes = ("too_dark",)
    rig.look(face(), seconds=1.0)
    assert rig.guide.shot is None
    rig.gate.codes = ()
    rig.look(face(), seconds=1.3)
    assert rig.guide.shot is not None


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (face(height=70), "closer"),
        (face(height=400, y=240), "further"),
        (face(x=150), "left"),
        (face(x=500), "right"),
        (face(y=350), "up"),
        (face(y=110), "down"),
    ],
)
def test_where_to_stand(rig: Rig, seen: Face, code: str) -> None:
    guidance = rig.look(seen)
    assert guidance.code == code
    assert not guidance.outline
    assert guidance.sentence == SENTENCES[guidance.code]
    rig.look(seen, seconds=3)
    assert rig.guide.shot is None


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (("several_faces",), "one_person"),
        (("cut_off", "too_dark"), "step_into_picture"),
        (("too_small",), "closer"),
        (("too_dark", "blurred"), "more_light"),
        (("low_contrast",), "more_light"),
        (("too_bright",), "less_light"),
        (("covered", "doubtful"), "uncover"),
        (("tilted",), "look_straight"),
        (("rolled",), "head_upright"),
        (("blurred",), "hold_still"),
        (("doubtful",), "look_straight"),
    ],
)
def test_each_finding_has_its_instruction_and_the_first_is_told(rig: Rig, codes: tuple[Code, ...], told: str) -> None:
    rig.gate.codes = codes
    guidance = rig.look(face())
    assert guidance.code == told
    assert tuple(f.code for f in guidance.findings) == codes


def test_nobody_is_asked_into_the_picture(rig: Rig) -> None:
    assert rig.look().code == "step_into_picture"


@pytest.mark.parametrize(("yaw", "told"), [(40.0, "turn_right"), (-40.0, "turn_left")])
def test_a_turned_head_is_told_which_way(rig: Rig, yaw: float, told: str) -> None:
    """The nose points to the picture's right: that is the person's left, so they turn back to their right."""
    rig.gate.codes, rig.gate.yaw = ("turned",), yaw
    assert rig.look(face()).code == told


def test_an_instruction_stays_until_it_could_be_read(rig: Rig) -> None:
    assert rig.look().code == "step_into_picture"
    assert rig.look(face(height=70), seconds=0.6).code == "step_into_picture"
    assert rig.look(face(height=70), seconds=0.15).code == "closer"
    # In single frames measures are off: what doesn't last isn't told.
    assert {rig.look(face(x=150) if i % 3 == 0 else face(height=70)).code for i in range(30)} == {"closer"}
    # However quickly what is wrong changes, so many instructions and no more are shown.
    shown = [rig.look(face(x=150 if i // 5 % 2 else 500)).code for i in range(60)]
    changes = sum(a != b for a, b in itertools.pairwise(shown))
    assert 1 <= changes <= 3 / 0.7


def test_nobody_dances_on_a_limit(rig: Rig) -> None:
    """A face that is a hair too small, and a hair large enough: once complained of, it must be clearly better."""
    least = GuideSettings().lowest * HEIGHT
    assert rig.look(face(height=least - 1)).code == "closer"
    assert rig.look(face(height=least + 2), seconds=2).code == "closer"
    assert rig.look(face(height=least * 1.25), seconds=1).code == "ready"
    assert rig.look(face(height=least + 2), seconds=1).code == "ready"


def test_take_now_takes_what_there_is(rig: Rig) -> None:
    rig.gate.codes = ("too_dark", "blurred")
    rig.look(face(), seconds=2)
    rig.guide.take_now()
    rig.look(seconds=1)
    assert rig.guide.shot is None, "there must be a face, whoever asks"
    rig.look(face())
    assert rig.guide.shot is not None
    assert rig.guide.manual
    assert rig.guide.shot.report.codes == ("too_dark", "blurred")


def test_the_manual_way_is_pointed_out_after_a_while(rig: Rig) -> None:
    rig.gate.codes = ("covered",)
    assert not rig.look(face(), seconds=7).stuck
    assert rig.look(face(), seconds=1.2).stuck


def test_further_photographs_are_to_differ() -> None:
    assert len(WISHES) == 5
    assert len({w.sentence for w in WISHES}) == 5
    rig = Rig(shot=1)
    assert rig.guide.wish.turn == "left"
    assert rig.look(face(), seconds=2).code == "turn_left"
    assert rig.guide.shot is None
    rig.gate.yaw = 12  # the nose to the picture's right: the person's left
    rig.look(face(), seconds=1.3)
    assert rig.guide.shot is not None
    right = Rig(shot=2)
    right.gate.yaw = 12
    assert right.look(face(), seconds=1).code == "turn_right"


def test_but_nobody_is_kept_waiting_for_it() -> None:
    rig = Rig(shot=1)
    rig.look(face(), seconds=GuideSettings().patience + 1.4)
    assert rig.guide.shot is not None


def test_what_proves_to_be_no_use_is_taken_again(rig: Rig) -> None:
    rig.look(face(), seconds=1.3)
    assert rig.guide.shot is not None
    rig.guide.again()
    rig.look(face(), seconds=0.5)
    assert rig.guide.shot is None
    rig.look(face(), seconds=0.8)
    assert rig.guide.shot is not None
