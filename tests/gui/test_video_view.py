"""The picture: geometry, mirror, boxes, names in every script."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QColor, QFontDatabase, QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.gui.overlay import caption
from faceapp.gui.pictures import to_bgr, to_qimage
from faceapp.gui.theme import Theme
from faceapp.gui.tokens import STAGE
from faceapp.gui.video_view import VideoView, describe
from faceapp.types import BgrImage
from tests.fakes.live import FakeSession, frame, matched, result, tracked
from tests.gui.conftest import Clock

BOX = (400.0, 150.0, 500.0, 270.0)


@pytest.fixture
def view(qtbot: QtBot, theme: Theme, session: FakeSession, clock: Clock) -> VideoView:
    made = VideoView(session, clock=clock)
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.anyone_enrolled = True
    return made


def shown(view: VideoView, clock: Clock) -> BgrImage:
    """What the view paints after everything has come to rest."""
    view.poll()
    clock.tick(1)
    assert view.frame is not None
    return to_bgr(view.grab().toImage())


def show(session: FakeSession, clock: Clock, *faces: object) -> None:
    session.now_frame = frame(0, clock())
    session.now_result = result(faces, 0, clock())  # type: ignore[arg-type]  # all are TrackedFace


def has(picture: BgrImage, colour: str, area: tuple[float, float, float, float]) -> bool:
    """Whether some pixel of `area` has nearly that colour."""
    x1, y1, x2, y2 = (round(c) for c in area)
    c = QColor(colour)
    difference = np.abs(picture[y1:y2, x1:x2].astype(int) - [c.blue(), c.green(), c.red()]).max(axis=2)
    return bool((difference < 12).any())


def around(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return box[0] - 4, box[1] - 4, box[2] + 4, box[3] + 4


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), QRect(0, 0, 640, 480)),
        ((1000, 480), QRect(180, 0, 640, 480)),
        ((640, 800), QRect(0, 160, 640, 480)),
    ],
)
def test_the_picture_keeps_its_aspect(
    view: VideoView, session: FakeSession, clock: Clock, size: tuple[int, int], expected: QRect
) -> None:
    view.resize(*size)
    session.now_frame = frame(0, clock(), grey=200)
    picture = shown(view, clock)
    assert view.picture_rect() == expected
    centre = expected.center()
    assert picture[centre.y(), centre.x()].tolist() == [200, 200, 200]
    if expected.top() > 0 or expected.left() > 0:
        assert QColor(*picture[0, 0][::-1].tolist()).name() == STAGE.ground


def test_colours_arrive_as_they_are(view: VideoView, session: FakeSession, clock: Clock) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[:, :] = (10, 120, 230)
    session.show(image, clock())
    assert shown(view, clock)[240, 320].tolist() == [10, 120, 230]


def test_a_row_of_odd_length_and_a_cut_out_arrive_unskewed(qapp: QApplication) -> None:
    image = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)
    assert np.array_equal(to_bgr(to_qimage(image)), image)
    part = np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8)[3:20, 7:30]
    part.flags.writeable = False
    assert np.array_equal(to_bgr(to_qimage(part)), part)
    assert np.array_equal(to_bgr(to_qimage(part, mirrored=True)), part[:, ::-1])


def test_a_named_face_gets_a_box_and_a_plate(view: VideoView, session: FakeSession, clock: Clock) -> None:
    show(session, clock)
    empty = shown(view, clock)
    show(session, clock, tracked(1, BOX, matched("Ada", 0.5)))
    picture = shown(view, clock)
    assert not has(empty, STAGE.named, around(BOX))
    assert has(picture, STAGE.named, around(BOX))
    plate = (BOX[0] + 4, BOX[1] - 28, BOX[0] + 60, BOX[1] - 10)
    assert has(picture, STAGE.named, plate)
    assert has(picture, STAGE.on_named, plate)


def test_an_unknown_face_differs_in_more_than_colour(view: VideoView, session: FakeSession, clock: Clock) -> None:
    show(session, clock, tracked(1, BOX, matched("Ada", 1.2)))
    picture = shown(view, clock)
    left_edge = picture[round(BOX[1]) + 20 : round(BOX[3]) - 20, round(BOX[0])].min(axis=1)
    assert left_edge.max() > 200, "dashes"
    assert left_edge.min() < 150, "and gaps between them"
    assert not has(picture, STAGE.named, (0, 0, 640, 480))


def test_mirroring_turns_picture_and_boxes_but_not_names(view: VideoView, session: FakeSession, clock: Clock) -> None:
    image = np.full((480, 640, 3), 90, np.uint8)
    image[:, :100] = (0, 0, 200)
    session.show(image, clock())
    session.now_result = result([tracked(1, BOX, matched("Ada", 0.5))], 0, clock())
    plain = shown(view, clock)
    view.set_mirrored(True)
    mirrored = shown(view, clock)
    assert plain[10, 10].tolist() == mirrored[10, 629].tolist() == [0, 0, 200]
    turned = (640 - BOX[2], BOX[1], 640 - BOX[0], BOX[3])
    (face,) = view.shown_faces()
    assert face.box.as_list() == pytest.approx(turned)
    assert has(mirrored, STAGE.named, around(turned))
    assert not has(mirrored, STAGE.named, around(BOX))
    name = slice(round(BOX[1]) - 29, round(BOX[1]) - 9)
    plain_plate = plain[name, round(BOX[0]) + 4 : round(BOX[0]) + 54]
    mirrored_plate = mirrored[name, round(turned[0]) + 4 : round(turned[0]) + 54]
    assert np.array_equal(plain_plate, mirrored_plate), "the name reads as before"


def test_boxes_scale_with_the_picture(view: VideoView, session: FakeSession, clock: Clock) -> None:
    view.resize(1280, 1000)
    show(session, clock, tracked(1, BOX, matched("Ada", 0.5)))
    view.poll()
    clock.tick(1)
    (face,) = view.shown_faces()
    assert face.box.as_list() == pytest.approx([800, 300 + 20, 1000, 540 + 20])


def test_a_moving_face_is_drawn_where_it_is_now(view: VideoView, session: FakeSession, clock: Clock) -> None:
    captured = clock()
    session.now_result = result([tracked(1, BOX, matched("Ada", 0.5), velocity=(200.0, 0.0))], 0, captured)
    session.now_frame = frame(3, captured + 100_000_000)
    view.poll()
    clock.tick(1)
    (face,) = view.shown_faces()
    assert face.box.x1 == pytest.approx(BOX[0] + 20)


def test_a_frame_is_painted_once_and_nothing_is_repainted_for_nothing(
    view: VideoView, session: FakeSession, clock: Clock, qtbot: QtBot
) -> None:
    view.show()
    qtbot.waitExposed(view)
    session.now_frame = frame(0, clock())
    view.poll()
    qtbot.waitUntil(lambda: view.frames_painted == 1)
    for _ in range(5):
        clock.tick(0.1)
        view.poll()
    QApplication.processEvents()
    assert view.frames_painted == 1
    session.now_frame = frame(1, clock())
    view.poll()
    qtbot.waitUntil(lambda: view.frames_painted == 2)


# Two names of the same length in each script: as boxes for missing glyphs they would look the same.
SCRIPTS = {
    QFontDatabase.WritingSystem.Latin: ("Eileen", "Sophie"),
    QFontDatabase.WritingSystem.Greek: ("Ελένη", "Πέτρος"[:5]),
    QFontDatabase.WritingSystem.Cyrillic: ("Ольга", "Мария"),
    QFontDatabase.WritingSystem.Arabic: ("ليلى", "حسن"),
    QFontDatabase.WritingSystem.Hebrew: ("נועה", "דניא"),
    QFontDatabase.WritingSystem.Devanagari: ("आर्या", "शर्मा"),
    QFontDatabase.WritingSystem.SimplifiedChinese: ("王小明", "李大伟"),
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.name)
def test_names_of_every_script_are_drawn(
    view: VideoView, session: FakeSession, clock: Clock, script: QFontDatabase.WritingSystem
) -> None:
    plates = []
    for name in SCRIPTS[script]:
        show(session, clock, tracked(1, BOX, matched(name, 0.5)))
        plates.append(shown(view, clock)[120:146, 400:560])
        ink = QColor(STAGE.on_named)
        dark = np.abs(plates[-1].astype(int) - [ink.blue(), ink.green(), ink.red()]).max(axis=2) < 60
        assert dark[:, :30].sum() > 15, "something is written"
    if QFontDatabase.families(script):
        assert not np.array_equal(*plates), "letters, not boxes for missing ones"
    else:
        assert script not in (
            QFontDatabase.WritingSystem.Latin,
            QFontDatabase.WritingSystem.Greek,
            QFontDatabase.WritingSystem.Cyrillic,
        ), "Inter, which we bring along, has these"


def test_a_long_name_is_cut_off_and_stays_inside(view: VideoView, session: FakeSession, clock: Clock) -> None:
    show(session, clock, tracked(1, (560, 150, 630, 230), matched("Wolfeschlegelsteinhausenbergerdorff " * 4, 0.5)))
    picture = shown(view, clock)
    columns = np.flatnonzero(
        np.abs(picture[130].astype(int) - [QColor(STAGE.named).blue(), QColor(STAGE.named).green(), 79]).max(axis=1)
        < 12
    )
    assert columns.size > 0
    assert columns.max() < 640 - 3
    assert columns.max() - columns.min() < 400


def test_names_keep_clear_of_banners(view: VideoView, session: FakeSession, clock: Clock) -> None:
    show(session, clock, tracked(1, (200, 60, 300, 180), matched("Ada", 0.5)))
    above = (204, 32, 260, 52)
    assert has(shown(view, clock), STAGE.on_named, above)
    view.set_covered(60)
    assert not has(shown(view, clock), STAGE.on_named, above)


def test_captions() -> None:
    assert caption(tracked(1, BOX, matched("Ada\nLovelace\t", 0.512)), True).name == "Ada Lovelace"
    assert caption(tracked(1, BOX, matched("Ada", 0.512)), True).distance == "0.51"
    assert caption(tracked(1, BOX, matched("Ada", 1.2)), True).name == "unknown"
    assert caption(tracked(1, BOX), True).kind == "pending"
    assert caption(tracked(1, BOX), False).name == "unknown"


def test_a_screen_reader_hears_who_is_seen_once_a_second(view: VideoView, session: FakeSession, clock: Clock) -> None:
    show(session, clock, tracked(1, BOX, matched("Ada", 0.5)))
    shown(view, clock)
    view.poll()
    assert view.accessibleDescription() == "Seen: Ada"
    show(session, clock, tracked(1, BOX, matched("Ada", 1.5)))
    view.poll()
    assert view.accessibleDescription() == "Seen: Ada", "not more often than once a second"
    clock.tick(1.1)
    view.poll()
    assert view.accessibleDescription() == "Seen: one unknown person"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], "Nobody is seen"),
        (["Ada"], "Seen: Ada"),
        (["Ada", "unknown", "unknown"], "Seen: Ada and 2 unknown people"),
        (["Ada", "Grace", "…"], "Seen: Ada, Grace and one unknown person"),
    ],
)
def test_the_description_is_a_sentence(names: list[str], text: str) -> None:
    assert describe(names) == text


def test_a_far_larger_picture_is_reduced_without_moire(view: VideoView, session: FakeSession, clock: Clock) -> None:
    fine = np.zeros((1920, 2560, 3), np.uint8)
    fine[:, ::2] = 255
    session.show(fine, clock())
    picture = shown(view, clock)
    assert picture[100:380, 100:540].std() < 20, "stripes finer than a pixel become an even grey"


def test_converting_keeps_no_reference_to_the_frame(qapp: QApplication) -> None:
    image = np.full((4, 4, 3), 7, np.uint8)
    picture: QImage = to_qimage(image)
    image[:] = 200
    assert to_bgr(picture)[0, 0].tolist() == [7, 7, 7]
