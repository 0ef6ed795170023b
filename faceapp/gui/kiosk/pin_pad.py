"""The administrator's PIN: asked for, or chosen where there is none yet. For the kiosk and the live window alike."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QWidget

from faceapp.app.kiosk.types import PinCheck, PinControl
from faceapp.app.pins import complaint_about
from faceapp.errors import KnownError
from faceapp.gui.answers import Answers
from faceapp.gui.kiosk.keypad import PadCard
from faceapp.gui.kiosk.looks import LIGHT_LOOK, Look
from faceapp.gui.kiosk.messages import duration, translate

LONGEST = 64
_TICK_MS = 250
_SECOND = 1_000_000_000


class PinPad(PadCard):
    """Asks for the PIN, or has a new one typed twice where none was set. It shows neither."""

    accepted = pyqtSignal()
    """The right PIN was given, or a first one was set."""

    def __init__(
        self,
        control: PinControl,
        look: Look = LIGHT_LOOK,
        parent: QWidget | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__(look, LONGEST, parent)
        self._control = control
        self._clock = clock
        self._answers = Answers(self)
        self._choosing = False
        self._missing = False
        self._trouble = ""
        self._may_choose = True
        self._first: str | None = None
        self._again_ns = 0
        self._asked = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self.back.setProperty("pad", "back")
        self.begin()

    @property
    def is_choosing(self) -> bool:
        """True while a first PIN is being chosen."""
        return self._choosing

    @property
    def has_pin(self) -> bool:
        """False where none was set, and where that can't be told."""
        return not self._missing

    def begin(self, may_choose: bool = True) -> None:
        """Start afresh: ask, or choose where there is nothing to ask for. Where whoever stands there may be anybody,
        they may not choose, and are told that there is no PIN. Nobody chooses where that can't be told: the line says
        why, and the pad looks again while it is there."""
        self._missing, self._trouble = self._whether()
        self._may_choose = may_choose and not self._trouble
        self._choosing = self._missing and self._may_choose
        self._first = None
        self._asked += 1  # an answer that is still under way belongs to nobody
        self.field.clear()
        self.say_problem(self._trouble)
        self._set_ready(self._clock() >= self._again_ns)
        self.back.setVisible(not self._choosing)
        self.retranslate()
        self.count_down()

    def submit(self) -> None:
        """Have what was typed checked, or chosen."""
        pin = self.field.text()
        if not pin or not self.field.isEnabled():
            return
        self.field.clear()
        if not self._choosing:
            self._ask(pin)
        elif self._first is None:
            complaint = complaint_about(pin)  # before it is typed twice
            self._first = pin if complaint is None else None
            self.say_problem(complaint or "")
            self.retranslate()
        elif pin != self._first:
            self._first = None
            self.retranslate()
            self.say_problem(translate("Kiosk", "The two were not the same. Please choose again."))
        else:
            self._choose(pin)

    def cancel(self) -> None:
        """Forget what was typed and go. A first PIN has to be chosen."""
        if not self._choosing:
            super().cancel()

    def tick(self) -> None:
        """Another quarter of a second: the PIN may have been set elsewhere, or mended."""
        if self._is_waiting_for_pin() and self._whether() != (self._missing, self._trouble):
            self.begin(may_choose=False)
        self.count_down()

    def count_down(self) -> None:
        """Say how long it is until the next try; let it begin when it is time."""
        left = (self._again_ns - self._clock()) / _SECOND
        if left > 0:
            self._set_ready(False)
            words = translate("Kiosk", "Too many wrong PINs. Please wait %1.")
            self.say_problem(words.replace("%1", duration(left)))
        elif self._again_ns:
            self._again_ns = 0
            self._set_ready(True)
            self.say_problem(self._trouble)
        if left <= 0 and not self._is_waiting_for_pin():
            self._timer.stop()
        elif self.isVisible():
            self._timer.start()

    def retranslate(self) -> None:
        """Say everything again."""
        if self._trouble:
            title, sentence = translate("Kiosk", "Administrator"), ""
        elif self._missing and not self._may_choose:
            title = translate("Kiosk", "Administrator")
            sentence = translate("Kiosk", "No PIN is set. Set one on the command line, with “faceapp keys pin”.")
        elif not self._choosing:
            title, sentence = translate("Kiosk", "Administrator"), translate("Kiosk", "Please type the PIN.")
        elif self._first is None:
            title = translate("Kiosk", "Choose a PIN")
            sentence = translate("Kiosk", "It opens the administrator's page. At least 6 digits, not a simple row.")
        else:
            title = translate("Kiosk", "Once more")
            sentence = translate("Kiosk", "Please type the same PIN again.")
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(sentence)
        self.back.setText(translate("Kiosk", "Back"))
        self.back.setAccessibleName(self.back.text())

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ready to type."""
        super().showEvent(a0)
        self.field.setFocus()
        self.count_down()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Nothing typed stays behind."""
        super().hideEvent(a0)
        self._timer.stop()
        self._first = None

    def _whether(self) -> tuple[bool, str]:
        """Whether no PIN is there to ask for, and why that can't be told."""
        try:
            return not self._control.has_pin(), ""
        except KnownError as e:
            return True, str(e)

    def _is_waiting_for_pin(self) -> bool:
        return self._missing and not self._choosing

    def _ask(self, pin: str) -> None:
        self._wait_for_answer()
        asked = self._asked
        self._answers.when_done(
            self._control.check_pin(pin),
            lambda check: self._checked(check) if asked == self._asked else None,
            lambda line: self._refused(line) if asked == self._asked else None,
        )

    def _choose(self, pin: str) -> None:
        self._wait_for_answer()
        asked = self._asked
        self._answers.when_done(
            self._control.set_pin(pin, None),
            lambda check: self._checked(check) if asked == self._asked else None,
            lambda line: self._refused(line) if asked == self._asked else None,
        )

    def _wait_for_answer(self) -> None:
        self._set_ready(False)
        self.say_problem("")

    def _checked(self, check: PinCheck) -> None:
        if check.answer == "right":
            self._set_ready(True)
            self.say_problem("")
            self._choosing = self._missing = False
            self.accepted.emit()
            return
        self._set_ready(True)
        if check.answer == "none" or self._choosing:
            # Gone, or set by somebody else meanwhile: ask what holds now.
            self.begin(self._may_choose)
            return
        if check.wait_s > 0:
            self._again_ns = self._clock() + round(check.wait_s * _SECOND)
            self.count_down()
        if check.answer == "wrong":
            wrong = translate("Kiosk", "That is not the PIN.")
            if check.wait_s > 0:
                more = translate("Kiosk", "Please wait %1.").replace("%1", duration(check.wait_s))
                wrong = f"{wrong} {more}"
            self.say_problem(wrong)
        self.field.setFocus()

    def _refused(self, line: str) -> None:
        self._set_ready(True)
        self._first = None
        self.retranslate()
        self.say_problem(line)
        self.field.setFocus()

    def _set_ready(self, ready: bool) -> None:
        ready = ready and (self._choosing or not self._missing)
        self.field.setEnabled(ready)
        self.pad.setEnabled(ready)
        if ready and self.isVisible():
            self.field.setFocus()
