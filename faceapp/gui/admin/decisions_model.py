"""The last grants and refusals as a table, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QDateTime, QModelIndex, QObject, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QWidget

from faceapp.app.kiosk.types import Explained
from faceapp.gui.admin.words import headline, language, number, opened, outcome_words, reason_words, verdict_words
from faceapp.gui.icons import icon, pixmap
from faceapp.gui.theme import Theme, tabular

NUMBER = int(Qt.ItemDataRole.UserRole)


class Column(IntEnum):
    """From left to right."""

    TIME = 0
    VERDICT = 1
    PERSON = 2
    WHY = 3
    DISTANCE = 4


class DecisionsModel(QAbstractTableModel):
    """What `KioskControl.decisions` said last."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[Explained, ...] = ()
        self._heads = {
            Column.TIME: self.tr("Time"),
            Column.VERDICT: self.tr("Decision"),
            Column.PERSON: self.tr("Person"),
            Column.WHY: self.tr("Why"),
            Column.DISTANCE: self.tr("Distance"),
        }

    def show_rows(self, rows: Sequence[Explained]) -> bool:
        """Take over `rows`, newest first; False where nothing has changed."""
        rows = tuple(rows)
        if rows == self._rows:
            return False
        if [r.number for r in rows] == [r.number for r in self._rows]:  # an outcome came
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        return True

    def decision(self, row: int) -> Explained | None:
        """The decision in `row`."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, number: int) -> int | None:
        """Where the decision of that number stands now."""
        return next((i for i, r in enumerate(self._rows) if r.number == number), None)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One for each decision."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """As many as `Column` has."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles, aligned as their columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[Column(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section == Column.DISTANCE:
            return self.tr("How different the face is from the nearest enrolled photo. Smaller is more alike.")
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, signs, alignment."""
        e = self.decision(index.row())
        if e is None or not index.isValid():
            return None
        column = Column(index.column())
        value: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                value = self._text(e, column)
            case Qt.ItemDataRole.DecorationRole if column == Column.VERDICT:
                tokens, good = self._theme.tokens, opened(e)
                value = _sign("check" if good else "close", tokens.accent if good else tokens.warning)
            case Qt.ItemDataRole.TextAlignmentRole:
                value = _alignment(column)
            case Qt.ItemDataRole.FontRole if column in (Column.TIME, Column.DISTANCE):
                view = self.parent()
                value = tabular(view.font()) if isinstance(view, QWidget) else None
            case Qt.ItemDataRole.ToolTipRole:
                value = f"{e.at.replace('T', ' ')} · {headline(e)}"
            case _ if role == NUMBER:
                value = e.number
        return value

    def _text(self, e: Explained, column: Column) -> str:
        match column:
            case Column.TIME:
                return self._time(e)
            case Column.VERDICT:
                return verdict_words(e)
            case Column.PERSON:
                return e.name or self.tr("unknown")
            case Column.WHY:
                failed = e.decision == "grant" and e.outcome not in (None, "opened")
                return outcome_words(e.outcome) if failed and e.outcome else reason_words(e.reason)
            case Column.DISTANCE:
                return number(e.distance)

    def _time(self, e: Explained) -> str:
        at, newest = _moment(e), _moment(self._rows[0])
        if not at.isValid():
            return e.at
        if at.date() == newest.date():
            return at.time().toString("HH:mm:ss")
        return f"{language().toString(at.date(), 'd MMM')} {at.time().toString('HH:mm')}"


def _sign(name: str, colour: str) -> QIcon:
    """The sign as it is in a chosen row, too: the style would dim it there."""
    result = icon(name, colour, 18)
    result.addPixmap(pixmap(name, colour, 54))  # for very large screens
    for size in result.availableSizes():
        result.addPixmap(result.pixmap(size), QIcon.Mode.Selected)
    return result


def _moment(e: Explained) -> QDateTime:
    return QDateTime.fromString(e.at, Qt.DateFormat.ISODate)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == Column.DISTANCE else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
