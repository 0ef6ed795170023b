"""The quality gate: each limit by itself, and the photograph spoilt in every way, as the detector sees it then."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp.enrollment.gate import SENTENCES, Code, Gate, GateLimits
from faceapp.types import BgrImage, Box, Face
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.session import SessionPolicy, open_session
from tests.fakes.spoilt import SPOILT, Cover

HER = Face(
    Box(181, 61, 267, 174),
    0.999,
    np.array([[204, 108], [245, 107], [226, 133], [207, 146], [243, 146]], np.float32),
)


@pytest.fixture(scope="module")
def mtcnn(models_dir: Path) -> Mtcnn:
    policy = SessionPolicy("cpu")
    return Mtcnn(*(open_session(models_dir / f"mtcnn-{letter}net.fp32.onnx", policy) for letter in "pro"))


def test_a_good_photograph_passes(astronaut: BgrImage) -> None:
    report = Gate().check(astronaut, [HER])
    assert report.passed
    assert report.codes == ()
    assert report.face is HER
    assert report.figure > 80


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_one_does_not(mtcnn: Mtcnn, astronaut: BgrImage, name: str) -> None:
    expected: dict[str, set[str]] = {
        "blurred": {"blurred"},
        "shaken": {"blurred"},
        "dark": {"too_dark"},
        "dim": {"too_dark"},
        "overexposed": {"too_bright"},
        "glaring": {"too_bright"},
        "small": {"too_small"},
    }
    image = SPOILT[name](astronaut, HER.box)
    report = Gate().check(image, mtcnn.detect(image, 40))
    assert not report.passed
    assert set(report.codes) & (expected[name] | {"no_face"}), report.codes
    assert report.figure < Gate().check(astronaut, [HER]).figure


def test_half_a_face_does_not(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    cover = Cover([astronaut[300:]], seed=2)
    kept = [
        kind
        for kind, image in cover.all(astronaut, HER.box).items()
        if Gate().check(image, mtcnn.detect(image, 40)).passed
    ]
    assert len(kept) <= 1, kept


def test_nobody_and_two_people() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    assert Gate().check(image, []).codes == ("no_face",)
    report = Gate().check(image, [HER, Face(HER.box.moved(200, 0), 0.99)])
    assert report.codes == ("several_faces",)
    assert (report.face, report.figure, report.findings[0].measured) == (None, 0, 2)


def test_of_several_the_one_somebody_chose(astronaut: BgrImage) -> None:
    other = Face(HER.box.moved(200, 0), 0.99)
    assert Gate().check(astronaut, [HER, other], face=HER).passed


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("height", 200.0, "too_small"),
        ("visible", 1.1, "cut_off"),
        ("covered", -1.0, "covered"),
        ("highlights", 254.0, "too_dark"),
        ("burnt", -0.1, "too_bright"),
        ("contrast", 254.0, "low_contrast"),
        ("yaw", -1.0, "turned"),
        ("pitch", -1.0, "tilted"),
        ("roll", -1.0, "rolled"),
        ("sharpness", 1.0, "blurred"),
        ("score", 1.0, "doubtful"),
    ],
)
def test_each_limit_has_its_reason(astronaut: BgrImage, limit: str, value: float, code: Code) -> None:
    report = Gate(dataclasses.replace(GateLimits(), **{limit: value})).check(astronaut, [HER])
    (finding,) = report.findings
    assert (finding.code, finding.limit, finding.sentence) == (code, value, SENTENCES[code])
    assert (finding.measured < value) == (
        limit in ("height", "visible", "highlights", "contrast", "sharpness", "score")
    )
    assert report.figure == Gate().check(astronaut, [HER]).figure, "the figure doesn't depend on the limits"


def test_every_limit_is_tried_above() -> None:
    assert len(dataclasses.fields(GateLimits)) == 11


def test_reasons_come_in_one_order_whatever_is_wrong(astronaut: BgrImage) -> None:
    limits = GateLimits(height=500, sharpness=1, highlights=255, visible=2, score=1)
    codes = Gate(limits).check(astronaut, [HER]).codes
    assert codes == ("cut_off", "too_small", "too_dark", "blurred", "doubtful")


def test_a_turned_head_is_not_called_covered(astronaut: BgrImage) -> None:
    """Its far half can't be seen either, but nobody can take that off."""
    codes = Gate(GateLimits(covered=-1, yaw=-1)).check(astronaut, [HER]).codes
    assert codes == ("turned",)


def test_sentences_say_what_to_do_in_one_line() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert all("\n" not in s and not s.endswith(".") and s[0].islower() for s in SENTENCES.values())


def test_the_same_picture_has_the_same_figure_at_any_size(astronaut: BgrImage) -> None:
    assert HER.landmarks is not None
    large = cv2.resize(astronaut, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    face = Face(HER.box.scaled(2), HER.score, HER.landmarks * 2)
    assert Gate().check(large, [face]).passed
