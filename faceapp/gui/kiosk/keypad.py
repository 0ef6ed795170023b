"""A number pad for fingers, and the card it stands on: a title, a masked field, a line about what went wrong."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QHideEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from faceapp.gui.icons import icon
from faceapp.gui.kiosk.looks import Look
from faceapp.gui.kiosk.messages import translate
from faceapp.gui.widgets import button, label


class KeyPad(QWidget):
    """1 to 9, take back, 0, and one key to say that it's all."""

    typed = pyqtSignal(str)
    erased = pyqtSignal()
    done = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: list[QPushButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for place, digit in enumerate("1234567890"):
            key = button(digit)
            key.clicked.connect(lambda _=False, d=digit: self.typed.emit(d))
            row, column = (3, 1) if digit == "0" else divmod(place, 3)
            self._grid.addWidget(key, row, column)
            self._keys.append(key)
        self.erase = button("")
        self.erase.clicked.connect(self.erased)
        self._grid.addWidget(self.erase, 3, 0)
        self.enter = button("")
        self.enter.setProperty("pad", "enter")
        self.enter.clicked.connect(self.done)
        self._grid.addWidget(self.enter, 3, 2)
        self.retranslate()

    def buttons(self) -> list[QPushButton]:
        """All of them."""
        return [*self._keys, self.erase, self.enter]

    def retranslate(self) -> None:
        """Names of the keys that have no digit on them."""
        self.erase.setAccessibleName(translate("Kiosk", "Delete the last digit"))
        self.enter.setAccessibleName(translate("Kiosk", "Done"))

    def resize_keys(self, size: int, look: Look) -> None:
        """Keys of `size` pixels in the colours of `look`."""
        self._grid.setSpacing(max(6, size // 8))
        for key in self.buttons():
            key.setFixedSize(round(size * 1.25), size)
        signs = QSize(round(size * 0.42), round(size * 0.42))
        self.erase.setIcon(icon("kiosk-backspace", look.on_key, signs.width(), disabled=look.calm.track))
        self.enter.setIcon(icon("check", look.on_accent, signs.width(), disabled=look.calm.ground))
        for key in (self.erase, self.enter):
            key.setIconSize(signs)


class PadCard(QWidget):
    """Title, masked field, problem, keys, a way back. What it is for, its kinds say."""

    cancelled = pyqtSignal()

    def __init__(self, look: Look, longest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._sized: tuple[int, int, str] | None = None
        self.setObjectName("pad")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = label(kind="title", wrap=True)
        self.sentence = label(wrap=True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(longest)
        self.field.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.field.setAcceptDrops(False)
        self.field.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.field.returnPressed.connect(self.submit)
        self.problem = label(kind="danger", wrap=True)
        self.back = button("")
        self.back.clicked.connect(self.cancel)
        self.pad = KeyPad()
        self.pad.typed.connect(self._type)
        self.pad.erased.connect(self.field.backspace)
        self.pad.done.connect(self.submit)
        self._words = QVBoxLayout()
        self._words.addWidget(self.title)
        self._words.addWidget(self.sentence)
        self._words.addWidget(self.field)
        self._words.addWidget(self.problem)
        self._words.addStretch(1)
        self._words.addWidget(self.back)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        # The card's size is the screen's choice: letters and keys follow it, not it them.
        self._box.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        self._box.addLayout(self._words, 1)
        self._box.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignCenter)

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self._look = look
        self._sized = None
        self._arrange()

    def submit(self) -> None:
        """Take what was typed."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Forget what was typed and go."""
        self.field.clear()
        self.problem.clear()
        self.cancelled.emit()

    def wanted_size(self, room: QSize) -> QSize:
        """As large as is comfortable on a screen of `room`."""
        edge = round(min(room.width(), room.height()) * 0.03)
        room = QSize(room.width() - 2 * edge, room.height() - 2 * edge)
        unit = min(room.width() / 8.6, room.height() / 5.4) if room.width() >= room.height() else room.width() / 8.0
        unit = min(unit, max(88.0, min(room.width(), room.height()) * 0.1))
        if room.width() >= room.height():
            return QSize(min(room.width(), round(unit * 9.4)), min(room.height(), round(unit * 5.6)))
        return QSize(min(room.width(), round(unit * 6.4)), min(room.height(), round(unit * 9.8)))

    def say_problem(self, text: str) -> None:
        """A line about what went wrong; empty: nothing did."""
        self.problem.setText(text)
        self.problem.setAccessibleName(text)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Escape goes back; a digit is a digit wherever the focus is."""
        if a0 is None:
            return
        if a0.key() == Qt.Key.Key_Escape:
            if not self.back.isHidden():
                self.cancel()
        elif a0.text().isalnum() and len(a0.text()) == 1:
            self._type(a0.text())
        # Nothing goes up to the window: there it could be taken for a badge.

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Letters and keys grow with the card."""
        super().resizeEvent(a0)
        self._arrange()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Another language."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.LanguageChange:
            self.pad.retranslate()
            self.retranslate()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Nothing typed stays behind."""
        super().hideEvent(a0)
        self.field.clear()

    def retranslate(self) -> None:
        """Say everything again."""
        raise NotImplementedError

    def _type(self, text: str) -> None:
        if self.field.isEnabled():
            self.field.insert(text)
            self.field.setFocus()

    def _arrange(self) -> None:
        beside = self.width() >= self.height()
        unit = self.width() / 9.4 if beside else min(self.width() / 6.4, self.height() / 9.8)
        unit = min(unit, self.height() / (5.6 if beside else 9.8))
        state = (self.width(), self.height(), self._look.name)
        if state == self._sized or unit <= 0:
            return
        self._sized = state
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        edge = round(unit * 0.42)
        self._box.setContentsMargins(edge, edge, edge, edge)
        self._box.setSpacing(round(unit * 0.5))
        self._words.setSpacing(round(unit * 0.16))
        self.setStyleSheet(_style(self._look, unit))
        self.pad.resize_keys(round(unit * 0.98), self._look)
        for widget, size, weight in (
            (self.title, 0.40, QFont.Weight.DemiBold),
            (self.sentence, 0.25, QFont.Weight.Normal),
            (self.problem, 0.25, QFont.Weight.DemiBold),
        ):
            font = QFont(self.font())
            font.setPixelSize(max(10, round(unit * size)))
            font.setWeight(weight)
            widget.setFont(font)


def _style(look: Look, unit: float) -> str:
    """Colours of `look`, sizes from `unit` (pixels): a card is drawn for its screen, not for a desktop."""
    small, large = max(11, round(unit * 0.24)), round(unit * 0.42)
    calm = look.calm
    return f"""
        QWidget#pad {{ background: {calm.ground}; border: 2px solid {look.key_edge};
            border-radius: {unit * 0.3:.0f}px; }}
        QLabel {{ color: {calm.quiet}; font-size: {max(10, round(unit * 0.25))}px; }}
        QLabel[kind="title"] {{ color: {calm.text}; font-size: {max(14, round(unit * 0.40))}px; font-weight: 600; }}
        QLabel[kind="danger"] {{ color: {look.problem}; font-weight: 600; }}
        QLineEdit {{ background: {look.field}; color: {look.on_key}; border: 2px solid {look.key_edge};
            border-radius: {unit * 0.14:.0f}px; font-size: {large}px; padding: {unit * 0.08:.0f}px;
            selection-background-color: {look.accent}; selection-color: {look.on_accent}; }}
        QLineEdit:focus {{ border: 3px solid {look.focus}; padding: {unit * 0.08 - 1:.0f}px; }}
        QPushButton {{ background: {look.key}; color: {look.on_key}; border: 2px solid {look.key_edge};
            border-radius: {unit * 0.16:.0f}px; font-size: {large}px; padding: 0; min-height: 0; }}
        QPushButton:disabled {{ background: {calm.ground}; color: {calm.track}; border-color: {calm.track}; }}
        QPushButton:pressed {{ background: {look.key_pressed}; }}
        QPushButton:focus {{ border: 4px solid {look.focus}; padding: 0; }}
        QPushButton[pad="enter"] {{ background: {look.accent}; border-color: {look.accent}; }}
        QPushButton[pad="enter"]:disabled {{ background: {calm.track}; border-color: {calm.track}; }}
        QPushButton[pad="enter"]:focus {{ border: 4px solid {calm.text}; }}
        QPushButton[pad="back"] {{ font-size: {small}px; min-height: {round(unit * 0.66)}px;
            padding: 0 {unit * 0.3:.0f}px; }}
        """
