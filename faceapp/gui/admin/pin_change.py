"""Another PIN: the one that holds, then the new one twice."""

from __future__ import annotations

from typing import Literal

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QWidget

from faceapp.app.kiosk.types import PinCheck, PinControl
from faceapp.app.pins import complaint_about
from faceapp.gui.admin.words import measure, translate
from faceapp.gui.answers import Answers
from faceapp.gui.kiosk.keypad import PadCard
from faceapp.gui.kiosk.looks import Look

LONGEST = 64


class ChangePin(PadCard):
    """Nothing typed is shown, and nothing stays behind when it is hidden."""

    changed = pyqtSignal()

    def __init__(self, control: PinControl, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, LONGEST, parent)
        self._control = control
        self._answers = Answers(self)
        self._old = self._new = ""
        self._asked = 0
        self.back.setProperty("pad", "back")
        self.begin()

    @property
    def step(self) -> Literal["old", "new", "again"]:
        """What is being asked for."""
        return "old" if not self._old else "new" if not self._new else "again"

    def begin(self) -> None:
        """From the beginning; an answer that is still under way belongs to nobody."""
        self._asked += 1
        self._old = self._new = ""
        self.field.clear()
        self.say_problem("")
        self._set_ready(True)
        self.retranslate()

    def submit(self) -> None:
        """Take what was typed, and go on to the next step."""
        typed = self.field.text()
        self.field.clear()
        if not typed or not self.field.isEnabled():
            return
        step = self.step
        self.say_problem("")
        if step == "old":
            self._old = typed
        elif step == "new":
            complaint = complaint_about(typed)  # before it is typed twice
            self._new = typed if complaint is None else ""
            self.say_problem(complaint or "")
        elif typed == self._new:
            self._set()
        else:
            self._new = ""
            self.say_problem(translate("ChangePin", "The two were not the same. Please choose again."))
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again."""
        words = {
            "old": (
                translate("ChangePin", "Change PIN"),
                translate("ChangePin", "Please type the PIN that holds now."),
            ),
            "new": (translate("ChangePin", "New PIN"), translate("ChangePin", "At least 6 digits, not a simple row.")),
            "again": (translate("ChangePin", "Once more"), translate("ChangePin", "Please type the new PIN again.")),
        }
        title, sentence = words[self.step]
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(sentence)
        self.back.setText(translate("ChangePin", "Cancel"))
        self.back.setAccessibleName(self.back.text())

    def cancel(self) -> None:
        """Forget what was typed and go."""
        self.begin()
        super().cancel()

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ready to type."""
        super().showEvent(a0)
        self.field.setFocus()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Nothing typed stays behind."""
        super().hideEvent(a0)
        self.begin()

    def _set(self) -> None:
        self._set_ready(False)
        asked, old, new = self._asked, self._old, self._new
        self._answers.when_done(
            self._control.set_pin(new, old),
            lambda check: self._checked(check) if asked == self._asked else None,
            lambda line: self._refused(line) if asked == self._asked else None,
        )

    def _checked(self, check: PinCheck) -> None:
        self.begin()
        if check.answer == "right":
            self.changed.emit()
        elif check.wait_s > 0:
            words = translate("ChangePin", "That is not the PIN. Please wait {time} before the next try.")
            self.say_problem(words.format(time=measure(check.wait_s, "s")))
        else:
            self.say_problem(translate("ChangePin", "That is not the PIN. Nothing was changed."))

    def _refused(self, line: str) -> None:
        """The new PIN can't be one: choose another, the old one need not be typed again."""
        self._new = ""
        self._set_ready(True)
        self.retranslate()
        self.say_problem(line)

    def _set_ready(self, ready: bool) -> None:
        self.field.setEnabled(ready)
        self.pad.setEnabled(ready)
        if ready and self.isVisible():
            self.field.setFocus()
