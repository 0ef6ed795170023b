"""The risk dial: move the threshold, read what it means here."""

from __future__ import annotations

from itertools import pairwise

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout, QWidget

from faceapp.app.evaluation_types import Measured
from faceapp.app.live_types import LiveControl
from faceapp.gui.theme import tabular
from faceapp.gui.widgets import button, label, quick_key

_STEPS = 100
"""Slider steps in a distance of 1, as in the settings."""
PASSAGES = 400


class _Field(QSpinBox):
    """A number. Enter takes it, and presses no button of the dialog."""

    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        super().keyPressEvent(e)
        if e is not None and e.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            e.accept()


class RiskDial(QFrame):
    """The threshold that is looked at is the slider's; it is in force only when the button says so."""

    moved = pyqtSignal(float)
    """The threshold looked at."""

    def __init__(self, session: LiveControl) -> None:
        super().__init__()
        self._session = session
        self._measured: Measured | None = None
        self._touched = False
        self.setObjectName("card")
        self.sentence = label(wrap=True)
        self.sentence.setMinimumHeight(3 * self.sentence.fontMetrics().lineSpacing())
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Threshold to look at")
        self.slider.setToolTip("The distance up to which a face gets a name: left is stricter")
        self.slider.setPageStep(5)
        self.slider.valueChanged.connect(self._slid)
        quick_key(self.slider, "Alt+T")
        self.value = label()
        self.value.setFont(tabular(self.value.font()))
        self.people = self._number("People enrolled", 1, 100_000)
        self.passages = self._number("Passages a day", 1, 1_000_000)
        self.passages.setValue(PASSAGES)
        self.use = button("Use this threshold", kind="primary", tip="Name faces in the window up to this distance")
        self.use.clicked.connect(self._use)
        self.automatic = button(
            "Back to automatic", tip="As many mistakes as the settings aim for, whatever the number of people"
        )
        self.automatic.clicked.connect(self._back)
        self.in_force = label(kind="small", wrap=True)
        self.door = label(kind="small", wrap=True)
        """What the door does, by its own threshold."""
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._lay_out()

    @property
    def threshold(self) -> float:
        """The one looked at."""
        return self.slider.value() / _STEPS

    def show_measured(self, measured: Measured) -> None:
        """What was measured, or measured anew."""
        first, self._measured = self._measured is None, measured
        if first:
            self.people.setValue(measured.people)
            low, high = self._session.threshold_range()
            with QSignalBlocker(self.slider):
                self.slider.setRange(round(low * _STEPS), round(high * _STEPS))
            self._touched = False
        self.refresh()
        self._say()

    def refresh(self) -> None:
        """Follow the threshold in force until somebody moves the dial."""
        if not self._touched:
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(self._session.threshold() * _STEPS))
            self._say()
        self._say_what_is_in_force()

    def look_at(self, threshold: float) -> None:
        """Move the dial, as a drag of the line does."""
        self.slider.setValue(round(threshold * _STEPS))

    def _number(self, name: str, least: int, most: int) -> QSpinBox:
        field = _Field()
        field.setRange(least, most)
        field.setGroupSeparatorShown(True)
        field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        field.setAccessibleName(name)
        field.setFont(tabular(field.font()))
        field.valueChanged.connect(self._say)
        return field

    def _slid(self) -> None:
        self._touched = True
        self._say()

    def _say(self) -> None:
        self.value.setText(f"{self.threshold:.2f}")
        self.value.setAccessibleName(f"Threshold {self.threshold:.2f}")
        if self._measured is None:
            return
        sentence = self._measured.sentence(self.threshold, self.people.value(), self.passages.value())
        self.sentence.setText(sentence)
        self.sentence.setAccessibleName(sentence)
        self.slider.setAccessibleDescription(sentence)
        self.door.setText(self._measured.door_sentence(self.people.value(), self.passages.value()))
        self.door.setVisible(bool(self.door.text()))
        for row, figure in zip(self._rows, self._measured.figures(self.threshold), strict=True):
            for cell, text in zip(row, (figure.what, figure.value, figure.sure), strict=True):
                cell.setText(text)
        self._say_what_is_in_force()
        self.moved.emit(self.threshold)

    def _say_what_is_in_force(self) -> None:
        now, automatic = self._session.threshold(), self._session.threshold_is_automatic()
        self.use.setEnabled(self._measured is not None and (automatic or round(now * _STEPS) != self.slider.value()))
        self.automatic.setEnabled(not automatic)
        source = f"automatic ({self._session.evaluation.source()})" if automatic else "chosen by hand"
        text = f"In force: {now:.2f}, {source}."
        self.in_force.setText(text)

    def _use(self) -> None:
        self._session.set_threshold(self.threshold)
        self._say_what_is_in_force()

    def _back(self) -> None:
        self._session.set_threshold(None)
        self._touched = False
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        name = label("Threshold")
        name.setBuddy(self.slider)
        head.addWidget(name)
        head.addWidget(self.value)
        head.addWidget(self.slider, 1)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.sentence)
        left.addStretch(1)
        left.addLayout(self._lay_out_fields())
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addLayout(left, 3)
        both.addLayout(self._lay_out_figures(), 2)
        foot = QHBoxLayout()
        foot.setSpacing(10)
        foot.addWidget(self.in_force, 1)
        foot.addWidget(self.automatic)
        foot.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(both)
        column.addLayout(foot)
        column.addWidget(self.door)
        order = self.slider, self.people, self.passages, self.automatic, self.use
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _lay_out_fields(self) -> QGridLayout:
        fields = QGridLayout()
        fields.setHorizontalSpacing(12)
        fields.setVerticalSpacing(6)
        for row, field in enumerate((self.people, self.passages)):
            text = label(field.accessibleName(), kind="muted")
            text.setBuddy(field)
            field.setFixedWidth(field.fontMetrics().horizontalAdvance("1,000,000") + 32)
            fields.addWidget(text, row, 0)
            fields.addWidget(field, row, 1)
        fields.setColumnStretch(2, 1)
        return fields

    def _lay_out_figures(self) -> QGridLayout:
        figures = QGridLayout()
        figures.setHorizontalSpacing(12)
        figures.setVerticalSpacing(4)
        figures.setColumnStretch(2, 1)
        for column, text in enumerate(("At this threshold", "", "95 % sure")):
            figures.addWidget(label(text, kind="small"), 0, column)
        for row in range(1, 5):
            cells = label(kind="muted"), label(), label(kind="muted")
            for column, cell in enumerate(cells):
                cell.setFont(tabular(cell.font()))
                figures.addWidget(cell, row, column)
            self._rows.append(cells)
        figures.setRowStretch(5, 1)
        letters = self._rows[0][1].fontMetrics()  # the columns stay where they are while the figures run
        figures.setColumnMinimumWidth(1, letters.horizontalAdvance("0.00044 %"))
        figures.setColumnMinimumWidth(2, letters.horizontalAdvance("0.044 % to 0.44 %"))
        return figures
