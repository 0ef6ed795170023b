"""The administrator's PIN: masked, patient, chosen twice."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.kiosk.types import PinCheck
from faceapp.errors import UnavailableError
from faceapp.gui.kiosk.looks import DARK_LOOK, LIGHT_LOOK
from faceapp.gui.kiosk.pin_pad import PinPad
from tests.fakes.kiosk import RIGHT_PIN, FakeKiosk
from tests.gui.conftest import Clock


class Pad:
    """A pad, and what it has emitted."""

    def __init__(self, fake: FakeKiosk, clock: Clock) -> None:
        self.fake, self.clock = fake, clock
        self.pad = PinPad(fake, LIGHT_LOOK, clock=clock)
        self.heard: list[str] = []
        self.pad.accepted.connect(lambda: self.heard.append("accepted"))
        self.pad.cancelled.connect(lambda: self.heard.append("cancelled"))

    def type(self, pin: str) -> None:
        keys = {b.text(): b for b in self.pad.pad.buttons()}
        for digit in pin:
            keys[digit].click()
        self.pad.pad.enter.click()

    @property
    def problem(self) -> str:
        return self.pad.problem.text().replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def fake() -> FakeKiosk:
    return FakeKiosk()


@pytest.fixture
def pad(qtbot: QtBot, fake: FakeKiosk, clock: Clock) -> Pad:
    made = Pad(fake, clock)
    qtbot.addWidget(made.pad)
    made.pad.resize(800, 480)
    made.pad.show()
    return made


def test_the_right_pin_is_accepted_and_forgotten(pad: Pad) -> None:
    pad.type(RIGHT_PIN)
    assert pad.heard == ["accepted"]
    assert pad.pad.field.text() == ""


def test_a_wrong_one_is_said_to_be_wrong(pad: Pad) -> None:
    pad.type("999999")
    assert pad.heard == []
    assert pad.problem == "That is not the PIN."
    assert pad.pad.problem.accessibleName() == pad.pad.problem.text()
    pad.type(RIGHT_PIN)
    assert pad.heard == ["accepted"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [("wrong", "That is not the PIN. Please wait 30 s."), ("wait", "Too many wrong PINs. Please wait 30 s.")],
)
def test_waiting_is_counted_down_and_no_key_works_meanwhile(pad: Pad, answer: str, text: str) -> None:
    pad.fake.next_check = PinCheck(answer, 30)  # type: ignore[arg-type]  # one of PinAnswer
    pad.type("999999")
    assert pad.problem == text
    asked = pad.fake.calls.count("check_pin")
    pad.type(RIGHT_PIN)
    assert pad.fake.calls.count("check_pin") == asked
    pad.clock.tick(20)
    pad.pad.count_down()
    assert pad.problem == "Too many wrong PINs. Please wait 10 s."
    pad.pad.begin()
    assert not pad.pad.field.isEnabled(), "opening the pad again doesn't shorten it"
    pad.clock.tick(11)
    pad.pad.count_down()
    assert pad.problem == ""
    pad.type(RIGHT_PIN)
    assert pad.heard == ["accepted"]


def test_a_first_pin_is_typed_twice(qtbot: QtBot, clock: Clock) -> None:
    pad = Pad(FakeKiosk(pin=None), clock)
    qtbot.addWidget(pad.pad)
    pad.pad.resize(800, 480)
    pad.pad.show()
    assert pad.pad.is_choosing
    assert not pad.pad.back.isVisible()
    pad.type("528491")
    assert pad.fake.pin is None
    assert pad.pad.title.text() == "Once more"
    pad.type("528490")
    assert pad.fake.pin is None
    assert pad.problem == "The two were not the same. Please choose again."
    pad.type("27")
    assert pad.problem == "the PIN is too short: take 6 characters or more", "before it is typed again"
    assert pad.pad.title.text() == "Choose a PIN"
    pad.type("123456")
    assert pad.problem.startswith("the PIN is too plain")
    pad.type("528491")
    pad.type("528491")
    assert (pad.fake.pin, pad.heard) == ("528491", ["accepted"])


def test_who_may_not_choose_is_told_what_to_do(pad: Pad) -> None:
    pad.fake.pin = None
    pad.pad.begin(may_choose=False)
    assert "faceapp keys pin" in pad.pad.sentence.text()
    assert not pad.pad.is_choosing
    assert not pad.pad.field.isEnabled()
    assert not pad.pad.pad.isEnabled()
    pad.pad.field.setText("528491")
    pad.pad.submit()
    assert (pad.fake.pin, pad.heard) == (None, [])
    QTest.keyClick(pad.pad, Qt.Key.Key_Escape)
    assert pad.heard == ["cancelled"]
    pad.fake.pin = RIGHT_PIN
    pad.pad.begin(may_choose=False)
    pad.type(RIGHT_PIN)
    assert pad.heard == ["cancelled", "accepted"]


def test_a_pin_that_disappears_while_it_is_asked_for_is_not_chosen_anew(pad: Pad) -> None:
    pad.pad.begin(may_choose=False)
    pad.fake.pin = None
    pad.type("528491")
    assert "faceapp keys pin" in pad.pad.sentence.text()
    pad.pad.submit()
    assert pad.fake.pin is None


def test_a_pin_set_elsewhere_meanwhile_is_asked_for(qtbot: QtBot, clock: Clock) -> None:
    pad = Pad(FakeKiosk(pin=None), clock)
    qtbot.addWidget(pad.pad)
    pad.fake.pin = RIGHT_PIN
    pad.type("528491")
    pad.type("528491")
    assert pad.heard == []
    assert not pad.pad.is_choosing
    assert pad.pad.title.text() == "Administrator"


def test_a_pin_that_cannot_be_read_is_told_and_asked_for_once_it_can(pad: Pad, monkeypatch: pytest.MonkeyPatch) -> None:
    def altered() -> bool:
        raise UnavailableError("the PIN's file was altered: put it back")

    with monkeypatch.context() as damaged:
        damaged.setattr(pad.fake, "has_pin", altered)
        pad.pad.begin()
        assert pad.problem == "the PIN's file was altered: put it back"
        assert (pad.pad.is_choosing, pad.pad.has_pin) == (False, False)
        assert pad.pad.back.isVisible()
        assert not pad.pad.field.isEnabled()
        pad.pad.tick()
        assert pad.problem == "the PIN's file was altered: put it back"
        pad.fake.pin = None
    pad.pad.tick()
    assert not pad.pad.is_choosing, "nobody chooses one after it was damaged"
    pad.fake.pin = RIGHT_PIN
    pad.pad.tick()
    assert pad.problem == ""
    pad.type(RIGHT_PIN)
    assert pad.heard == ["accepted"]


def test_back_and_escape_leave_without_a_trace(pad: Pad) -> None:
    pad.pad.field.setText("27")
    QTest.keyClick(pad.pad.field, Qt.Key.Key_Escape)
    pad.pad.field.setText("27")
    pad.pad.back.click()
    assert pad.heard == ["cancelled", "cancelled"]
    assert pad.pad.field.text() == ""
    pad.pad.field.setText("27")
    pad.pad.hide()
    assert pad.pad.field.text() == ""


def test_it_is_masked_and_cannot_be_copied(pad: Pad) -> None:
    pad.pad.field.setText(RIGHT_PIN)
    assert RIGHT_PIN not in pad.pad.field.displayText()
    QApplication.clipboard().setText("before")  # type: ignore[union-attr]  # there is one
    pad.pad.field.selectAll()
    QTest.keyClick(pad.pad.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "before"  # type: ignore[union-attr]  # there is one


@pytest.mark.parametrize("size", [(800, 480), (480, 800), (400, 240), (1920, 1080), (1080, 1920), (3840, 2160)])
def test_it_fits_every_screen_with_keys_for_fingers(pad: Pad, size: tuple[int, int]) -> None:
    wanted = pad.pad.wanted_size(QSize(*size))
    pad.pad.set_look(DARK_LOOK)
    pad.pad.resize(wanted)
    QApplication.processEvents()
    assert wanted.width() <= size[0]
    assert wanted.height() <= size[1]
    assert (pad.pad.width(), pad.pad.height()) == (wanted.width(), wanted.height()), "no part asks for more room"
    keys = pad.pad.pad.buttons()
    assert len(keys) == 12
    for key in keys:
        # A fingertip (WCAG 2.2, 2.5.5); 400 x 240 is a small panel at 200 %.
        assert min(key.width(), key.height()) >= (44 if min(size) > 240 else 36)
        corner = key.mapTo(pad.pad, key.rect().bottomRight())
        assert pad.pad.rect().contains(corner)
