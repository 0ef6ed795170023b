"""Hours of the week: in words, and an editor of several windows that a finger can use."""

from __future__ import annotations

import re

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import WeeklyHours
from faceapp.gui.admin.pages import TOUCH, Toggle, zoom
from faceapp.gui.admin.words import translate
from faceapp.gui.theme import tabular
from faceapp.gui.widgets import button, label, set_property

USUAL = WeeklyHours(frozenset(range(5)), "07:00", "19:00")
_STEP = 15
_WIDEST = 600
_DAY = 24 * 60
_TIME = re.compile(r"([01]?\d|2[0-3])[:.h]?([0-5]\d)|24[:.h]?00")


def minutes_of(text: str) -> int | None:
    """Minutes after midnight of `7:30`, `0730`, `24:00`; None where that is no time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    return _DAY if found[1] is None else int(found[1]) * 60 + int(found[2])


def clock(minutes: int) -> str:
    """`07:30` of 450."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def day_name(day: int) -> str:
    """0 is Monday."""
    return (
        translate("Hours", "Monday"),
        translate("Hours", "Tuesday"),
        translate("Hours", "Wednesday"),
        translate("Hours", "Thursday"),
        translate("Hours", "Friday"),
        translate("Hours", "Saturday"),
        translate("Hours", "Sunday"),
    )[day]


def short_day(day: int) -> str:
    """In two or three letters."""
    return (
        translate("Hours", "Mon"),
        translate("Hours", "Tue"),
        translate("Hours", "Wed"),
        translate("Hours", "Thu"),
        translate("Hours", "Fri"),
        translate("Hours", "Sat"),
        translate("Hours", "Sun"),
    )[day]


def days_words(days: frozenset[int]) -> str:
    """`Mon–Fri, Sun`."""
    if len(days) == 7:
        return translate("Hours", "every day")
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = []
    for run in runs:
        if len(run) > 2:
            parts.append(f"{short_day(run[0])}–{short_day(run[-1])}")
        else:
            parts += [short_day(d) for d in run]
    return ", ".join(parts)


def hours_words(hours: tuple[WeeklyHours, ...] | None) -> str:
    """All windows in one line."""
    if hours is None:
        return translate("Hours", "always")
    if not hours:
        return translate("Hours", "never")
    return "; ".join(f"{days_words(h.days)} {h.opens}–{h.closes}" for h in hours)


class TimeField(QWidget):
    """A time of day between two buttons; typing works as well."""

    changed = pyqtSignal()

    def __init__(self, name: str, minutes: int, latest: int, parent: QWidget | None = None) -> None:
        """`latest`: 1425 for a beginning, 1440 for an end."""
        super().__init__(parent)
        self._latest = latest
        self.field = QLineEdit(clock(minutes))
        self.field.setFont(tabular(self.field.font()))
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setProperty("kind", "time")
        self.field.setMaxLength(5)
        self.field.setAccessibleName(name)
        self.field.textChanged.connect(self._edited)
        earlier, later = button("−"), button("+")
        for b, tip, step in (
            (earlier, self.tr("A quarter of an hour earlier"), -_STEP),
            (later, self.tr("A quarter of an hour later"), _STEP),
        ):
            b.setProperty("kind", "square")
            b.setAutoRepeat(True)
            b.setToolTip(tip)
            b.setAccessibleName(f"{name}: {tip}")
            b.clicked.connect(lambda _, s=step: self._move(s))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (earlier, self.field, later):
            row.addWidget(widget)

    def minutes(self) -> int | None:
        """What stands there; None where that is no time."""
        minutes = minutes_of(self.field.text())
        return minutes if minutes is not None and minutes <= max(self._latest, _DAY - 1) else None

    def _move(self, step: int) -> None:
        now = self.minutes() or 0
        moved = (now // _STEP + 1) * _STEP if step > 0 else -(-now // _STEP) * _STEP - _STEP
        self.field.setText(clock(min(self._latest, max(0, moved))))

    def _edited(self) -> None:
        set_property(self.field, "wrong", "no" if self.minutes() is not None else "yes")
        self.changed.emit()


class WindowEditor(QFrame):
    """One window: seven days, from, to."""

    changed = pyqtSignal()
    removed = pyqtSignal()

    def __init__(self, window: WeeklyHours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confirm")
        self.days: list[QPushButton] = []
        days = QHBoxLayout()
        days.setSpacing(4)
        for day in range(7):
            b = Toggle(short_day(day), day_name(day))
            b.setChecked(day in window.days)
            b.setMinimumWidth(TOUCH)
            b.setAccessibleName(day_name(day))
            b.toggled.connect(lambda _: self.changed.emit())
            days.addWidget(b, 1)
            self.days.append(b)
        self.opens = TimeField(self.tr("From"), minutes_of(window.opens) or 0, _DAY - _STEP)
        self.closes = TimeField(self.tr("To"), minutes_of(window.closes) or _DAY, _DAY)
        self.opens.changed.connect(self.changed)
        self.closes.changed.connect(self.changed)
        self.remove = button("×", tip=self.tr("Remove this window"))
        self.remove.setAccessibleName(self.tr("Remove this window"))
        self.remove.setProperty("kind", "square")
        self.remove.clicked.connect(self.removed)
        times = QHBoxLayout()
        times.setSpacing(8)
        times.addWidget(self.opens)
        times.addWidget(label(self.tr("to")))
        times.addWidget(self.closes)
        times.addStretch(1)
        times.addWidget(self.remove)
        self._note = label(kind="small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addLayout(days)
        column.addLayout(times)
        column.addWidget(self._note)
        self.changed.connect(self._check)
        self.setMaximumWidth(_WIDEST)
        self._check()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Larger letters need more room."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self.setMaximumWidth(round(_WIDEST * zoom(self)))

    @property
    def note(self) -> str:
        """What is to be said about it; empty where nothing is."""
        return self._note.text()

    def window_hours(self) -> WeeklyHours | None:
        """What is set; None where that is no window."""
        days = frozenset(d for d, b in enumerate(self.days) if b.isChecked())
        opens, closes = self.opens.minutes(), self.closes.minutes()
        if not days or opens is None or closes is None or opens >= _DAY or closes in (0, opens):
            return None
        return WeeklyHours(days, clock(opens), clock(closes))

    def _check(self) -> None:
        hours = self.window_hours()
        if not any(b.isChecked() for b in self.days):
            note = self.tr("Choose at least one day.")
        elif hours is None:
            note = self.tr("Times are from 00:00 to 24:00, and differ.")
        elif hours.closes < hours.opens:
            note = self.tr("Ends on the next day.")
        else:
            note = ""
        self._note.setText(note)
        self._note.setVisible(bool(note))


class HoursEditor(QWidget):
    """Several windows of the week."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.windows: list[WindowEditor] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.add = button(self.tr("Add a window"), tip=self.tr("Another time of the week at which the door opens"))
        self.add.clicked.connect(lambda: self._append(WeeklyHours(frozenset({5}), "08:00", "12:00")))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._list)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        column.addLayout(row)

    def set_hours(self, hours: tuple[WeeklyHours, ...]) -> None:
        """Show these."""
        for window in list(self.windows):
            self._drop(window)
        for one in hours or (USUAL,):
            self._append(one, quietly=True)
        self._number()

    def hours(self) -> tuple[WeeklyHours, ...] | None:
        """What is set; None where one of them is no window."""
        result = [w.window_hours() for w in self.windows]
        whole = tuple(h for h in result if h is not None)
        return whole if whole and len(whole) == len(result) else None

    def _append(self, hours: WeeklyHours, quietly: bool = False) -> None:
        window = WindowEditor(hours)
        window.changed.connect(self.changed)
        window.removed.connect(lambda: self._remove(window))
        self.windows.append(window)
        self._list.addWidget(window)
        if not quietly:
            self._number()
            self.changed.emit()

    def _remove(self, window: WindowEditor) -> None:
        self._drop(window)
        self._number()
        self.changed.emit()

    def _drop(self, window: WindowEditor) -> None:
        self.windows.remove(window)
        self._list.removeWidget(window)
        window.hide()
        window.deleteLater()

    def _number(self) -> None:
        for window in self.windows:
            window.remove.setEnabled(len(self.windows) > 1)
