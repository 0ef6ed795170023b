"""The consent form below a photo: who agrees to what, and until when. Left out, the person is marked as one without."""

from __future__ import annotations

from datetime import date

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from faceapp.app.live_types import ConsentForm, ConsentWanted
from faceapp.errors import InputError
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import Switch, label
from faceapp.types import PersonSummary

NONE = "Without it: “no consent on record” stands beside the name everywhere."
ON_RECORD = "Consent is on record: leave this off, and it stays as it is."
NOT_ON_RECORD = "“No consent on record” stands beside the name, and stays there without it."
REQUIRED = "This site enrols nobody without it."
_LINES = 3


class ConsentFields(QWidget):
    """A switch, and below it the form while it is on. Off at first: nobody agrees by default."""

    resized = pyqtSignal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._required = False
        self.given = Switch("Consent was given", theme)
        self.given.setToolTip("Put on record what the person agreed to")
        self.given.toggled.connect(self._toggled)
        self.without = label(NONE, kind="small", wrap=True)
        self.purpose = _line("Purpose", "What the person may be recognised for", 200)
        self.given_by = _line("Given by", "The person, or whoever may agree for them", 200)
        self.until = _line("Until", "Last day on which it counts, as year-month-day; empty: until withdrawn", 10)
        self.until.setPlaceholderText("YYYY-MM-DD, or until withdrawn")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Text of the consent")
        self.text.setAccessibleDescription("What the person agreed to, as it was put to them")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(_LINES * self.text.fontMetrics().lineSpacing() + 18)
        self._form = QWidget()
        self._lay_out()

    def order(self) -> list[QWidget]:
        """What Tab visits."""
        return [self.given, self.purpose, self.given_by, self.until, self.text]

    def offer(self, wanted: ConsentWanted) -> None:
        """An empty form as the site begins it."""
        self._required = wanted.required
        self.set_known(None)
        self.purpose.setText(wanted.form.purpose)
        self.given_by.setText(wanted.form.given_by)
        self.until.setText("" if wanted.form.until is None else wanted.form.until.isoformat())
        self.text.setPlainText(wanted.form.text)
        self.given.setChecked(False)

    def set_known(self, person: PersonSummary | None) -> None:
        """Who is enrolled and gets one more photo; None: somebody new."""
        if person is not None and person.consent == "given":
            self.without.setText(ON_RECORD)
        elif self._required:
            self.without.setText(REQUIRED)
        else:
            self.without.setText(NONE if person is None else NOT_ON_RECORD)

    def value(self) -> ConsentForm | None:
        """What was agreed to; None where nothing was. Raises InputError for a day that is none."""
        if not self.given.isChecked():
            return None
        typed = self.until.text().strip()
        try:
            until = date.fromisoformat(typed) if typed else None
        except ValueError:
            raise InputError(f"“{typed}” is no day: write it as year-month-day, such as 2027-12-31.") from None
        return ConsentForm(self.purpose.text(), self.given_by.text(), self.text.toPlainText(), until)

    def _toggled(self, on: bool) -> None:
        self._form.setVisible(on)
        self.without.setVisible(not on)
        self.resized.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        rows: tuple[tuple[str, QLineEdit | QPlainTextEdit], ...] = (
            ("&Purpose", self.purpose),
            ("Given &by", self.given_by),
            ("&Until", self.until),
            ("Te&xt", self.text),
        )
        for row, (words, field) in enumerate(rows):
            name = QLabel(words)
            name.setProperty("kind", "small")
            name.setBuddy(field)
            top = isinstance(field, QPlainTextEdit)
            name.setContentsMargins(0, 7 if top else 0, 0, 0)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        self._form.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.given)
        column.addWidget(self.without)
        column.addWidget(self._form)


def _line(name: str, tip: str, longest: int) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setAccessibleDescription(tip)
    field.setToolTip(tip)
    field.setMaxLength(longest)
    return field
