"""Everybody as a table: rows are values, sorted and searched here, so that ten thousand cost no widget and no proxy."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal

from faceapp.app.live_types import PeopleControl
from faceapp.app.people_types import PeopleRow
from faceapp.gui.answers import Answers
from faceapp.gui.people_model import Role, Sign, consent_words, folded
from faceapp.types import PersonSummary


class Column(IntEnum):
    """From left to right."""

    NAME = 0
    PHOTOS = 1
    SEEN = 2
    CONSENT = 3
    DOOR = 4
    HOURS = 5
    GROUPS = 6


HEADS = ("Name", "Photos", "Last seen", "Consent", "Door", "Hours", "Groups")
TIPS = (
    "F2 gives another name",
    "Photos, and how many of them have a template for the recogniser in use",
    "The day on which a camera last recognised them",
    "What is on record, and until when",
    "Whether the door opens for them; changed under Door rights",
    "When it does",
    "Groups that they are in",
)
_FLAGS = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_NAME_FLAGS = _FLAGS | Qt.ItemFlag.ItemIsEditable
_CONSENT_ORDER = ("withdrawn", "expired", "none", "given", None)


def photos_words(person: PersonSummary) -> str:
    """How many photos, and templates where that is another number."""
    if not person.usable:
        return f"{person.photos}, photograph again"
    if person.templates == person.photos:
        return str(person.photos)
    return f"{person.photos}, {person.templates} usable"


def seen_words(person: PersonSummary) -> str:
    """The day they were last seen."""
    return person.last_seen or "–"


def cell(row: PeopleRow, column: int) -> str:
    """What stands in a cell."""
    person, door = row.person, row.door
    match column:
        case Column.NAME:
            text = person.name
        case Column.PHOTOS:
            text = photos_words(person)
        case Column.SEEN:
            text = seen_words(person)
        case Column.CONSENT:
            words = consent_words(person)[0]
            text = words[:1].upper() + words[1:]
        case Column.DOOR:
            text = door.door
        case Column.HOURS:
            text = door.hours
        case _:
            text = door.groups
    return text


class PeopleTable(QAbstractTableModel):
    """Those who fit what is searched for, in the order of a column. Renaming goes through `setData`."""

    refused = pyqtSignal(str)
    """A rename was refused: the line to show."""

    def __init__(self, people: PeopleControl, consent_required: bool, parent: QObject | None = None) -> None:
        """`consent_required`: the site enrols nobody without, so whoever has none is a warning."""
        super().__init__(parent)
        self._people = people
        self._manage = people.manage
        self._required = consent_required
        self.editing: Callable[[], bool] = lambda: False
        """Whether a view has an editor open: what is read anew meanwhile would take the place of what is typed."""
        self._answers = Answers(self)
        self._marker: int | None = None
        self._drawn = 0
        self._all: tuple[PeopleRow, ...] = ()
        self._folded: dict[str, tuple[str, str]] = {}
        self._shown: list[PeopleRow] = []
        self._wanted = ""
        self._only_without = False
        self._consents_kept = False
        self._by: tuple[int, bool] = (Column.NAME, False)

    @property
    def everybody(self) -> Sequence[PeopleRow]:
        """Whatever is searched for."""
        return self._all

    @property
    def without_consent(self) -> int:
        """How many have none that counts."""
        return sum(r.person.consent not in (None, "given") for r in self._all)

    def refresh(self) -> bool:
        """Read the rows again if they may have changed and nobody types in one. True if they were read."""
        marker = self._manage.marker()
        if marker == self._marker or self.editing():
            return False
        self._marker = marker
        self._all = tuple(self._manage.rows())
        self._consents_kept = any(r.person.consent not in (None, "none") for r in self._all)
        known, self._folded = self._folded, {}
        for row in self._all:
            person = row.person
            before = known.get(person.id)
            self._folded[person.id] = (
                before if before is not None and before[0] == person.name else (person.name, folded(person.name))
            )
        self._show()
        return True

    def faces_came(self) -> bool:
        """Whether there are more thumbnails than at the last question: then what is in view is to be painted anew."""
        before, self._drawn = self._drawn, self._manage.drawn()
        return self._drawn != before

    def search(self, text: str) -> None:
        """Keep who has this in their name, or in their groups' names; compared without case and accents."""
        self._wanted = folded(text.strip())
        self._show()

    def show_only_without_consent(self, only: bool) -> None:
        """Keep who has none that counts."""
        self._only_without = only
        self._show()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By this column, equals by name."""
        self._by = column, order == Qt.SortOrder.DescendingOrder
        self._show()

    def row(self, index: int) -> PeopleRow | None:
        """Who is shown in that row."""
        return self._shown[index] if 0 <= index < len(self._shown) else None

    def rows_of(self, ids: Iterable[str]) -> list[int]:
        """Where these are shown, sorted; who isn't shown is left out."""
        wanted = set(ids)
        return [i for i, r in enumerate(self._shown) if r.person.id in wanted] if wanted else []

    def _show(self) -> None:
        rows: list[PeopleRow] = [r for r in self._all if self._fits(r)]
        column, down = self._by
        rows.sort(key=lambda r: self._folded[r.person.id][1])
        if column != Column.NAME or down:
            rows.sort(key=self._key(column), reverse=down)
        if [r.person.id for r in rows] == [r.person.id for r in self._shown]:
            before, self._shown = self._shown, rows
            self._tell_changed([i for i, row in enumerate(rows) if row != before[i]])
            return
        self.beginResetModel()
        self._shown = rows
        self.endResetModel()

    def _tell_changed(self, rows: Sequence[int]) -> None:
        """Of these rows and no others, sorted; neighbours together."""
        for _, run in itertools.groupby(enumerate(rows), lambda at: at[1] - at[0]):
            together = [row for _, row in run]
            self.dataChanged.emit(self.index(together[0], 0), self.index(together[-1], len(HEADS) - 1))

    def _fits(self, row: PeopleRow) -> bool:
        if self._only_without and row.person.consent in (None, "given"):
            return False
        wanted = self._wanted
        return not wanted or wanted in self._folded[row.person.id][1] or wanted in folded(row.door.groups)

    def _key(self, column: int) -> Callable[[PeopleRow], Any]:
        match column:
            case Column.NAME:
                return lambda r: self._folded[r.person.id][1]
            case Column.PHOTOS:
                return lambda r: (r.person.photos, r.person.templates)
            case Column.SEEN:
                return lambda r: r.person.last_seen or ""
            case Column.CONSENT:
                return lambda r: (_CONSENT_ORDER.index(r.person.consent), r.person.consent_until or "9999")
            case _:
                return lambda r: cell(r, column).casefold()

    # What the view asks

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One for each person shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """As `Column` has them."""
        return 0 if parent is not None and parent.isValid() else len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | int | None:
        """The columns' names."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            case Qt.ItemDataRole.ToolTipRole:
                return f"{TIPS[section]}. A click sorts by it"
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Names can be edited. Asked for every cell when all are selected, so made once."""
        column = index.column()
        if column < 0:
            return Qt.ItemFlag.NoItemFlags
        return _NAME_FLAGS if column == Column.NAME else _FLAGS

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The cell's words, and what the delegates ask for beyond them."""
        row = self.row(index.row())
        if row is None or not index.isValid():
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                value: Any = cell(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:  # escaped, as a tip that looks like markup is read as such
                value = f"<qt>{html.escape(cell(row, index.column()))}</qt>"
            case Qt.ItemDataRole.AccessibleTextRole:
                value = f"{HEADS[index.column()]}: {cell(row, index.column())}"
            case Role.ID:
                value = row.person.id
            case Role.THUMBNAIL:
                value = self._manage.thumbnail(row.person)
            case Role.USABLE:
                value = row.person.usable
            case Role.SIGN:
                value = self._sign(row.person)
            case _:
                value = None
        return value

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name, which shows once the gallery has it. A refusal is told through `refused`."""
        row, name = self.row(index.row()), str(value).strip()
        if row is None or role != Qt.ItemDataRole.EditRole or not name or name == row.person.name:
            return False
        renamed = self._people.rename(row.person.id, name)
        self._answers.when_done(renamed, lambda _: self.refresh(), self.refused.emit)
        return True

    def _sign(self, person: PersonSummary) -> Sign | None:
        if person.consent is None:
            return None
        if person.consent == "given":
            return "check"
        return "warning" if person.consent != "none" or self._consents_kept or self._required else "info"
