"""The people as a model: names, how many photographs, whether there is consent, who is in view now."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Literal, TypeAlias

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
    SIGN = Qt.ItemDataRole.UserRole + 5
    LINES = Qt.ItemDataRole.UserRole + 6


Sign: TypeAlias = Literal["check", "info", "warning"]
"""The icon before the second line, which says of consent without colour what the words say."""


Order: TypeAlias = Literal["name", "newest", "no_consent"]


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


def consent_words(person: PersonSummary) -> tuple[str, str]:
    """Whether there is consent on record, and the same where there is little room; empty where it wasn't asked."""
    until = person.consent_until
    match person.consent:
        case "none":
            return "no consent on record", "no consent"
        case "given":
            return (f"consent until {until}", f"until {until}") if until else ("consent on record", "consent")
        case "expired":
            return f"consent ended {until}" if until else "consent ended", "consent ended"
        case "withdrawn":
            return "consent withdrawn", "consent withdrawn"
    return "", ""


def lines(person: PersonSummary, in_view: bool) -> tuple[str, ...]:
    """The second line, longest first, for the widest that fits: it goes without the number of photos before it cuts
    off what it says of consent. To photograph somebody again is something to do, and stays."""
    (full, short), about = consent_words(person), detail(person)
    view = ["In view"] if in_view and person.usable else []
    if not full:
        choices = [[*view, about]]
    elif person.usable:
        choices = [[*view, about, full], [*view, full], [full], [short]]
    else:
        choices = [[about, full], [about, short]]
    joined = (" · ".join(c) for c in choices)
    return tuple(dict.fromkeys(line[:1].upper() + line[1:] for line in joined))


def in_order(people: Sequence[PersonSummary], order: Order) -> list[PersonSummary]:
    """`people`, who are given by name, in another order: the newest first, or those first who have no consent any more
    or have none. Equals stay by name, and a guest last."""
    found = list(people)
    if order == "newest":
        found.sort(key=lambda p: p.created, reverse=True)
    elif order == "no_consent":
        found.sort(key=lambda p: ("withdrawn", "expired", "none", "given", None).index(p.consent))
    return found if order == "name" else sorted(found, key=lambda p: p.guest)


class PeopleModel(QAbstractListModel):
    """All people, by name unless `set_order` says otherwise. Renaming goes through `setData`."""

    refused = pyqtSignal(str)
    """A rename was refused: the line to show."""

    def __init__(self, people: PeopleControl, parent: QObject | None = None, consent_required: bool = False) -> None:
        """`consent_required`: the site enrols nobody without, so whoever has none is a warning."""
        super().__init__(parent)
        self._people = people
        self._required = consent_required
        self._drawn = 0
        self._answers = Answers(self)
        self._marker: int | None = None
        self._rows: list[PersonSummary] = []
        self._in_view: frozenset[str] = frozenset()
        self._consents_kept = False
        self._order: Order = "name"

    @property
    def persons(self) -> Sequence[PersonSummary]:
        return self._rows

    def refresh(self) -> bool:
        """Read the list again if it may have changed. True if it was read."""
        marker = self._people.marker()
        if marker == self._marker:
            return False
        self._marker = marker
        rows = in_order(self._people.list(), self._order)
        self._consents_kept = any(r.consent not in (None, "none") for r in rows)
        if [r.id for r in rows] == [r.id for r in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        return True

    def faces_came(self) -> bool:
        """Whether there are more thumbnails than at the last question: then what is in view is to be painted anew."""
        before, self._drawn = self._drawn, self._people.manage.drawn()
        return self._drawn != before

    def set_order(self, order: Order) -> None:
        """From now on list people in this order."""
        if order != self._order:
            self._order, self._marker = order, None
            self.refresh()

    def row_of(self, person_id: str) -> int | None:
        """Where somebody stands; None where they are not listed."""
        return next((row for row, person in enumerate(self._rows) if person.id == person_id), None)

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
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                value: Any = person.name
            case Qt.ItemDataRole.ToolTipRole:  # escaped, as a tip that looks like markup is read as such
                value = f"<qt>{html.escape(person.name)}<br>{html.escape(lines(person, in_view)[0])}</qt>"
            case Qt.ItemDataRole.AccessibleTextRole:
                said = (person.name, detail(person), consent_words(person)[0], "in view now" if in_view else "")
                value = ", ".join(s for s in said if s)
            case Role.ID:
                value = person.id
            case Role.THUMBNAIL:
                value = person.thumbnail or (None if person.guest else self._people.manage.thumbnail(person))
            case Role.DETAIL:
                value = detail(person)
            case Role.IN_VIEW:
                value = in_view
            case Role.USABLE:
                value = person.usable
            case Role.SIGN:
                value = self._sign(person)
            case Role.LINES:
                value = lines(person, in_view)
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

    def _sign(self, person: PersonSummary) -> Sign | None:
        if person.consent is None:
            return None
        if person.consent == "given":
            return "check"
        # Where the site keeps nobody's consent, to be without is how everybody is, and no reason for alarm.
        return "warning" if person.consent != "none" or self._consents_kept or self._required else "info"


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
