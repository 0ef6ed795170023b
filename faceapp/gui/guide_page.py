"""The page of the snapshot sheet while a photograph is guided: one short instruction in large letters, a way to take it
as it is, a way out. The outline over the picture is `guide_outline`'s."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceapp.app.live_types import MOST_PHOTOS, SnapshotState
from faceapp.gui.icons import pixmap
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label, set_property

BEGIN = "Look at the camera."
STUCK = "It won't come out right? Take it as it is: it is kept, and marked as taken by hand."
TAKING = "Taking it with the next picture that shows one face …"
_SIGN = 40
_NARROW = 440

SIGNS = {
    "step_into_picture": "face",
    "one_person": "kiosk-one",
    "closer": "guide-closer",
    "further": "guide-further",
    "left": "guide-left",
    "right": "guide-right",
    "up": "guide-up",
    "down": "guide-down",
    "uncover": "guide-uncover",
    "more_light": "guide-light",
    "less_light": "guide-less-light",
    "turn_left": "guide-turn-left",
    "turn_right": "guide-turn-right",
    "look_straight": "kiosk-eye",
    "head_upright": "guide-upright",
    "hold_still": "guide-still",
    "ready": "check",
}
"""The sign beside each instruction. Left and right are the person's own, and where they see them."""


class GuidePage(QWidget):
    """Shows the newest instruction. Says nothing twice."""

    resized = pyqtSignal()
    """It may need another height."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._code = "look_straight"
        self._taking = False
        self._narrow = False
        self._lower = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sign = QLabel()
        self._sign.setFixedSize(_SIGN, _SIGN)
        self.instruction = label(BEGIN, kind="instruction", wrap=True)
        self.instruction.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.aside = label(kind="muted", wrap=True)
        self.cancel = button("Cancel", tip="Stop without a photo (Esc)")
        self.take_now = button("Take it now", tip="Take the photo as it is, marked as taken by hand")
        self._lay_out()
        self.restyle(theme)

    def order(self) -> list[QWidget]:
        """What Tab visits."""
        return [self.cancel, self.take_now]

    def begin(self, name: str, photos: int) -> None:
        """A photograph of somebody new, or one more of `name`, who has `photos`."""
        self._begun = f"Photo {photos + 1} of {MOST_PHOTOS} of {name}." if photos else ""
        self._taking = False
        self.take_now.setEnabled(True)
        self._tell("look_straight", BEGIN, self._begun)

    def show_state(self, state: SnapshotState) -> None:
        """What the newest frame came to."""
        guidance = state.guidance
        if guidance is None:
            return
        # The first photograph's wish is what every instruction says anyway.
        said = guidance.sentence.casefold() in guidance.wish.casefold()
        aside = self._begun if said or not self._begun else f"{self._begun} {guidance.wish}"
        if self._taking:
            aside = TAKING
        elif guidance.stuck:
            aside = STUCK
        set_property(self.take_now, "kind", "primary" if guidance.stuck and not self._taking else "plain")
        self._tell(guidance.code, guidance.sentence, aside)

    def set_taking(self) -> None:
        """It was asked for: the next frame with a face ends it."""
        self._taking = True
        self.take_now.setEnabled(False)
        self._set_aside(TAKING)
        self.cancel.setFocus()

    def restyle(self, theme: Theme) -> None:
        """After a change of theme."""
        name = SIGNS.get(self._code, "face")
        self._sign.setPixmap(pixmap(name, theme.tokens.accent, _SIGN, self.devicePixelRatioF()))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Where it is narrow, the aside stands above the buttons."""
        super().resizeEvent(a0)
        narrow = self.width() < _NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            directions = QBoxLayout.Direction
            self._lower.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
            self._set_aside(self.aside.text())

    def _tell(self, code: str, sentence: str, aside: str) -> None:
        if aside != self.aside.text():
            self._set_aside(aside)
        if sentence == self.instruction.text() and code == self._code:
            return
        self._code = code
        self.instruction.setText(sentence)
        self.instruction.setAccessibleName(sentence)
        # A screen reader reads the description of what has the focus when it changes: one of the two buttons.
        self.cancel.setAccessibleDescription(f"{sentence} Stop without a photo (Esc)")
        self.take_now.setAccessibleDescription(f"{sentence} Takes the photo as it is")
        self.restyle(self._theme)
        self.resized.emit()

    def _set_aside(self, text: str) -> None:
        self.aside.setText(text)
        self.aside.setVisible(bool(text) or not self._narrow)
        self.resized.emit()

    def _lay_out(self) -> None:
        # Two lines of each: the card seldom changes its height under somebody's eyes.
        self.instruction.ensurePolished()
        self.instruction.setMinimumHeight(2 * self.instruction.fontMetrics().lineSpacing() + 4)
        self.aside.ensurePolished()
        self.aside.setMinimumHeight(2 * self.aside.fontMetrics().lineSpacing())
        self.aside.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        upper = QHBoxLayout()
        upper.setSpacing(18)
        upper.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        upper.addWidget(self.instruction, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.take_now)
        buttons.addWidget(self.cancel)
        lower = self._lower
        lower.setSpacing(10)
        lower.addWidget(self.aside, 1)
        lower.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(upper)
        column.addLayout(lower)
