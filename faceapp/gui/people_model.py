"""The people as a model: names, how many photographs, who is in view now."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QSortFilterProxyModel, Qt, pyqtSignal

from faceapp.app.live_types import PeopleControl
from faceapp.gui.answers import Answers
from faceapp.types import PersonSummary


class Role(IntEnum):
    """What the delegate asks for beyond the name."""

    ID = Qt.ItemDataRole.UserRole
    THUMBNAIL = Qt.ItemDataRole.UserRole + 1
    DETAIL = Qt.ItemDataRole.UserRole + 2
    IN_VIEW = Qt.ItemDataRole.UserRole + 3
    USABLE = Qt.ItemDataRole.UserRole + 4


def folded(text: str) -> str:
    """`text` as a search compares it: without case, accents and compatibility forms."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def detail(person: PersonSummary) -> str:
    """The quiet second line of a row."""
    if not person.usable:
        return "Photograph again"
    if person.guest:
        return "Guest, not stored"
    return "1 photo" if person.photos == 1 else f"{person.photos} photos"


class PeopleModel(QAbstractListModel):
    """All people, by name. Renaming goes through `setData`."""

    refused = pyqtSignal(str)
    """A rename was refused: the line to show."""

    def __init__(self, people: PeopleControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._people = people
        self._answers = Answers(self)
        self._marker: int | None = None
        self._rows: list[PersonSummary] = []
        self._in_view: frozenset[str] = frozenset()

    @property
    def persons(self) -> Sequence[PersonSummary]:
        return self._rows

    def refresh(self) -> bool:
        """Read the list again if it may have changed. True if it was read."""
        marker = self._people.marker()
        if marker == self._marker:
            return False
        self._marker = marker
        rows = self._people.list()
        if [r.id for r in rows] == [r.id for r in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        return True

    def set_in_view(self, ids: frozenset[str]) -> None:
        """Who is recognised in the newest result."""
        changed = ids ^ self._in_view
        if not changed:
            return
        self._in_view = ids
        for row, person in enumerate(self._rows):
            if person.id in changed:
                self.dataChanged.emit(self.index(row), self.index(row), [Role.IN_VIEW])

    def find(self, name: str) -> PersonSummary | None:
        """The person of that name, as the gallery compares names. The guest is nobody: they are not stored."""
        wanted = unicodedata.normalize("NFC", " ".join(name.split())).casefold()
        return next(
            (p for p in self._rows if not p.guest and unicodedata.normalize("NFC", p.name).casefold() == wanted), None
        )

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One row for each person."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Names can be edited, except the guest's."""
        flags = super().flags(index)
        if index.isValid() and not self._rows[index.row()].guest:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, and the roles above."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        person = self._rows[index.row()]
        in_view = person.id in self._in_view
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole | Qt.ItemDataRole.ToolTipRole:
                value: Any = person.name
            case Qt.ItemDataRole.AccessibleTextRole:
                value = f"{person.name}, {detail(person)}{', in view now' if in_view else ''}"
            case Role.ID:
                value = person.id
            case Role.THUMBNAIL:
                value = person.thumbnail
            case Role.DETAIL:
                value = detail(person)
            case Role.IN_VIEW:
                value = in_view
            case Role.USABLE:
                value = person.usable
            case _:
                value = None
        return value

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name, which shows once the gallery has it. A refusal is told through `refused`."""
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        person, name = self._rows[index.row()], str(value).strip()
        if not name or name == person.name:
            return False
        self._answers.when_done(self._people.rename(person.id, name), lambda _: self.refresh(), self.refused.emit)
        return True


class PeopleFilter(QSortFilterProxyModel):
    """Those whose name contains what was typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = ""

    def search(self, text: str) -> None:
        """Keep the names that contain `text`; an empty text keeps all."""
        self._wanted = folded(text.strip())
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Compared without case and accents."""
        if not self._wanted:
            return True
        model = self.sourceModel()
        return model is not None and self._wanted in folded(str(model.index(source_row, 0, source_parent).data()))
