"""The questions on the screen: one at a time, an arrow as in a mirror, how far one has come."""

from __future__ import annotations

import pytest

from faceapp.app.kiosk.types import Question
from faceapp.gui.kiosk.messages import Message, answers_nothing, cannot_turn
from tests.fakes.live import result, tracked
from tests.gui.kiosk.conftest import Kiosk

BOX = (280.0, 150.0, 360.0, 250.0)
"""Of the face, in a picture of 640 x 480: in its middle, mirrored or not."""


def ask(kiosk: Kiosk, question: Question) -> Message:
    kiosk.fake.show("question", track=1, question=question)
    kiosk.tick()
    message = kiosk.window.screen_page.sheet.message
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("turn", "headline"),
    [("left", "Turn left"), ("right", "Turn right"), ("up", "Look up"), ("down", "Look down")],
)
def test_each_turn_has_its_words_and_its_arrow(kiosk: Kiosk, turn: str, headline: str) -> None:
    message = ask(kiosk, Question(turn, None, 1, 3))  # type: ignore[arg-type]  # one of four
    assert (message.headline, message.icon, message.dots) == (headline, f"kiosk-{turn}", (1, 3))
    assert message.spoken == headline
    assert kiosk.window.screen_page.sheet.footer == cannot_turn()
    assert headline in kiosk.window.screen_page.accessibleName()


@pytest.mark.parametrize("turn", ["left", "right"])
def test_the_arrow_stands_where_they_see_their_head_go(kiosk: Kiosk, turn: str) -> None:
    """The picture is a mirror: their left is the screen's left."""
    kiosk.fake.picture()
    kiosk.fake.now_result = result([tracked(1, BOX)], 0, kiosk.clock(), (640, 480))
    ask(kiosk, Question("look_here", None, 0, 3))
    kiosk.settle()
    mirror = kiosk.window.screen_page.mirror
    before = mirror.grab().toImage()
    ask(kiosk, Question(turn, None, 0, 3))  # type: ignore[arg-type]  # one of two
    after = mirror.grab().toImage()
    face = mirror.face_rect()
    assert face is not None
    changed = [
        x
        for x in range(0, after.width(), 2)
        for y in range(0, after.height(), 2)
        if abs(after.pixelColor(x, y).green() - before.pixelColor(x, y).green()) > 60
    ]
    ratio = mirror.devicePixelRatioF()
    assert changed
    assert (
        all(x / ratio < face.left() for x in changed)
        if turn == "left"
        else all(x / ratio > face.right() for x in changed)
    )


def test_the_arrow_fills_as_the_head_turns(kiosk: Kiosk) -> None:
    kiosk.fake.picture()
    kiosk.fake.now_result = result([tracked(1, BOX)], 0, kiosk.clock(), (640, 480))
    shown = []
    for reached in (0.0, 0.4, 1.0):
        ask(kiosk, Question("left", None, 0, 3, reached=reached))
        kiosk.settle()
        shown.append(kiosk.window.screen_page.mirror.grab().toImage())
    assert shown[0] != shown[1] != shown[2]
    assert Question("left", None, 0, 3) == Question("left", None, 0, 3, reached=0.5), "it is asked once"


def test_what_comes_next_is_shown_on_the_way_back(kiosk: Kiosk) -> None:
    assert ask(kiosk, Question("look_back", "up", 1, 3)).line == "Next: up"


def test_each_question_is_said_once(kiosk: Kiosk) -> None:
    told: list[str] = []
    kiosk.window.screen_page.on_message = lambda message: told.append(message.spoken)
    for question in (Question("left", None, 0, 3), Question("left", None, 0, 3), Question("up", None, 1, 3)):
        ask(kiosk, question)
    assert told == ["Turn left", "Look up"]


def test_a_question_waits_for_nothing(kiosk: Kiosk) -> None:
    kiosk.fake.show("checking", track=1)
    kiosk.settle()
    assert ask(kiosk, Question("left", None, 0, 3)).headline == "Turn left"


def test_starting_again_is_friendly_and_says_nothing_of_who_is_known(kiosk: Kiosk) -> None:
    for screen in ("try_again", "start_again"):
        kiosk.fake.show(screen)  # type: ignore[arg-type]  # two screens
        kiosk.settle()
        message = kiosk.window.screen_page.sheet.message
        assert message is not None
        assert "again" in message.headline
        assert "help" in message.line
        assert message.tone == "caution"


def test_the_demonstration_says_why_nobody_is_let_in(kiosk: Kiosk) -> None:
    """A photograph can't turn its head, nor step out of the picture."""
    kiosk.fake.now_demo = True
    ask(kiosk, Question("left", None, 0, 3))
    sheet = kiosk.window.screen_page.sheet
    assert sheet.footer == answers_nothing()
    for screen in ("try_again", "start_again"):
        kiosk.fake.show(screen)  # type: ignore[arg-type]  # two screens
        kiosk.settle()
        assert sheet.message is not None
        assert (sheet.message.line, sheet.footer) == (answers_nothing(), "")
