"""The passive model: what it is shown, when it may speak, and the average of a track."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.types import BgrImage, Box, Face, Floats, Frame, TrackedFace
from faceapp.vision.liveness.evidence import Reason
from faceapp.vision.liveness.passive import PassiveModel, PassiveSource, PassiveSpec, crop, crop_box
from faceapp.vision.session import Tensor

SPEC = PassiveSpec("mini", 80, 2.7, "bgr", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), live_class=1)
FACE = Face(Box(260, 160, 380, 300), 0.99)


class Session:
    """Gives these rows, one after the other, and keeps what it was shown."""

    provider = "CPUExecutionProvider"
    input_names = ("input",)

    def __init__(self, *rows: Sequence[float]) -> None:
        self.rows = list(rows)
        self.shown: list[Tensor] = []

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        self.shown.append(inputs["input"])
        row = self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]
        return [np.array([row], np.float32)]


def logits(share: float) -> list[float]:
    return [0.0, math.log(2 * share / (1 - share)), 0.0]


def picture(light: int = 150) -> BgrImage:
    return np.random.default_rng(1).integers(0, light, (480, 640, 3), dtype=np.uint8)


@given(x=st.floats(-50, 600), y=st.floats(-50, 440), w=st.floats(10, 400), h=st.floats(10, 400), scale=st.floats(1, 4))
def test_the_crop_lies_in_the_picture_and_keeps_its_shape(x: float, y: float, w: float, h: float, scale: float) -> None:
    box, left = crop_box(Box(x, y, x + w, y + h), scale, 640, 480)
    assert -1e-6 <= box.x1 <= box.x2 <= 639 + 1e-6
    assert -1e-6 <= box.y1 <= box.y2 <= 479 + 1e-6
    assert box.width == pytest.approx(w * left)
    assert box.height == pytest.approx(h * left)
    assert 0 < left <= scale


def test_the_crop_is_silent_faces() -> None:
    # Worked out with its own CropImage._get_new_box: in the middle, at a corner, and too large.
    assert [int(v) for v in crop_box(Box(260, 160, 380, 300), 2.7, 640, 480)[0].as_list()] == [158, 41, 482, 419]
    assert [int(v) for v in crop_box(Box(10, 10, 110, 110), 2.7, 640, 480)[0].as_list()] == [0, 0, 270, 270]
    around, left = crop_box(Box(200, 100, 440, 400), 2.7, 640, 480)
    assert left == pytest.approx(479 / 300)
    assert around.height == pytest.approx(479)
    assert crop(picture(), Box(10, 10, 110, 110), 2.7, 80).shape == (80, 80, 3)


def test_the_network_is_shown_what_its_spec_says() -> None:
    session = Session(logits(0.9))
    image = np.zeros((480, 640, 3), np.uint8)
    image[:] = (200, 100, 50)
    model = PassiveModel(session, SPEC)
    assert model.judge(image, FACE) == pytest.approx(0.9, abs=1e-5)
    (shown,) = session.shown
    assert shown.dtype == np.float32
    assert shown.shape == (1, 3, 80, 80)
    assert shown[0, :, 40, 40].tolist() == [200, 100, 50]
    rgb = PassiveModel(session, replace(SPEC, colour="rgb", mean=(1.0, 2.0, 3.0), std=(255.0, 255.0, 255.0)))
    rgb.judge(image, FACE)
    assert session.shown[1][0, :, 40, 40] == pytest.approx(np.array([49, 98, 197]) / 255)


def test_shares_may_come_out_as_they_are() -> None:
    session = Session([0.25, 0.7, 0.05])
    assert PassiveModel(session, replace(SPEC, softmax=False)).judge(picture(), FACE) == pytest.approx(0.7)
    assert PassiveModel(Session([math.nan] * 3), SPEC).judge(picture(), FACE) is Reason.CRASHED


@pytest.mark.parametrize(
    ("box", "light", "reason"),
    [
        (Box(300, 200, 340, 250), 150, Reason.TOO_SMALL),
        (Box(math.nan, 0, 100, 100), 150, Reason.TOO_SMALL),
        (Box(150, 30, 450, 470), 150, Reason.TOO_LARGE),
        (Box(-60, 160, 60, 300), 150, Reason.CUT_OFF),
        (Box(260, 160, 380, 300), 30, Reason.TOO_DARK),
    ],
)
def test_out_of_its_conditions_it_says_nothing(box: Box, light: int, reason: Reason) -> None:
    session = Session(logits(0.99))
    model = PassiveModel(session, SPEC)
    assert model.judge(picture(light), Face(box, 0.99)) is reason
    assert session.shown == []
    found = PassiveSource(model, frames=1).observe(Frame.freeze(0, 0, picture(light)), tracked(1, Face(box, 0.99)), 0)
    assert (found.state, found.reason) == ("unknown", reason)


def tracked(track: int, face: Face = FACE, observed: bool = True, certain: bool = True) -> TrackedFace:
    return TrackedFace(track, face, observed=observed, certain=certain)


FRAME = Frame.freeze(0, 0, picture())


def test_a_track_is_judged_by_its_average() -> None:
    shares: list[float] = [0.9, 0.02, 0.9, 0.9, 0.9, 0.06]
    source = PassiveSource(PassiveModel(Session(*map(logits, shares)), SPEC))
    found = [source.observe(FRAME, tracked(1), n * 50_000_000) for n in range(6)]
    assert [e.reason for e in found[:4]] == [Reason.COLLECTING] * 4
    assert [e.state for e in found[:4]] == ["unknown"] * 4
    assert found[4].score == pytest.approx(np.mean(shares[:5]), abs=1e-4)
    assert (found[5].state, found[5].source) == ("live", "mini")


def test_the_newest_frame_has_a_veto() -> None:
    shares: list[float] = [0.9, 0.9, 0.9, 0.9, 0.9, 0.04, 0.9]
    source = PassiveSource(PassiveModel(Session(*map(logits, shares)), SPEC))
    found = [source.observe(FRAME, tracked(1), n * 50_000_000) for n in range(7)]
    assert [e.state for e in found[4:]] == ["live", "unknown", "live"]
    assert found[5].reason is Reason.MODEL_UNSURE


@pytest.mark.parametrize(
    ("share", "state", "reason"),
    [
        (0.21, "live", Reason.MODEL_LIVE),
        (0.19, "unknown", Reason.MODEL_UNSURE),
        (0.06, "unknown", Reason.MODEL_UNSURE),
        (0.04, "attack", Reason.MODEL_ATTACK),
    ],
)
def test_between_the_two_limits_it_is_not_sure(share: float, state: str, reason: Reason) -> None:
    source = PassiveSource(PassiveModel(Session(logits(share)), SPEC), frames=1)
    found = source.observe(FRAME, tracked(1), 0)
    assert (found.state, found.reason) == (state, reason)


def test_what_was_heard_belongs_to_one_face_and_one_moment() -> None:
    source = PassiveSource(PassiveModel(Session(logits(0.9)), SPEC), frames=2)

    def state(track: int, seconds: float, observed: bool = True, certain: bool = True) -> str:
        return source.observe(FRAME, tracked(track, FACE, observed, certain), int(seconds * 1e9)).state

    assert [state(1, 0.0), state(1, 0.1)] == ["unknown", "live"]
    assert state(2, 0.1) == "unknown"  # another face
    assert state(1, 0.2, observed=False) == "unknown"
    assert state(1, 0.3) == "live"
    assert state(1, 0.4, certain=False) == "unknown"  # perhaps another face
    assert state(1, 0.5) == "live"
    assert state(1, 1.8) == "unknown"  # too long ago
    source.reset()
    assert state(1, 1.9) == "unknown"


def test_forgotten_tracks_take_no_room() -> None:
    source = PassiveSource(PassiveModel(Session(logits(0.9)), SPEC))
    for n in range(50):
        source.observe(FRAME, tracked(n), n * 1_000_000_000)
    assert len(source._tracks) <= 4


def test_a_wrong_shape_is_no_share() -> None:
    empty: Floats = np.zeros((0,), np.float32)
    with pytest.raises(ValueError, match=r"."):
        PassiveModel(Session(empty.tolist()), SPEC).judge(picture(), FACE)
