"""The unknown faces as a model: how often and when they were seen, where, and a picture once somebody looks at it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from faceapp.app.inbox_types import Entry, InboxControl
from faceapp.gui.answers import Answers

MOST_LINES = 4


class Role(IntEnum):
    """What the delegate asks for."""

    PICTURE = Qt.ItemDataRole.UserRole
    """JPEG; None while it is fetched, and where there is none."""
    LINES = Qt.ItemDataRole.UserRole + 1
    """Up to MOST_LINES lines of text."""


def times(entry: Entry) -> str:
    """How often somebody was seen."""
    return {1: "Seen once", 2: "Seen twice"}.get(len(entry.tracks), f"Seen {len(entry.tracks)} times")


def moment(at: datetime, now: datetime) -> str:
    """A point in time, both local, as short as it is clear."""
    clock = f"{at:%H:%M}"
    if at.date() == now.date():
        return f"today {clock}"
    if at.date() == now.date() - timedelta(days=1):
        return f"yesterday {clock}"
    return f"{at.day} {at:%b} {clock}" if at.year == now.year else f"{at.day} {at:%b %Y} {clock}"


def local(at: str) -> datetime:
    """A time of the gallery's as the clock on the wall has it."""
    return datetime.fromisoformat(at).astimezone()


def period(entry: Entry, now: datetime) -> tuple[str, ...]:
    """From when until when, in one line where that fits, else in two."""
    first, last = local(entry.first_seen), local(entry.last_seen)
    words = moment(first, now), moment(last, now)
    if words[0] == words[1]:
        return words[:1]
    if first.date() == last.date():
        return (f"{words[0]} – {last:%H:%M}",)
    return f"first {words[0]}", f"last {words[1]}"


class UnknownModel(QAbstractListModel):
    """One kind of entries, new or ignored. Nothing of a picture is asked for before it is painted."""

    def __init__(
        self,
        inbox: InboxControl,
        parent: QObject | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """`now`: with a time zone, the local one."""
        super().__init__(parent)
        self._inbox = inbox
        self._now = now
        self._all: Sequence[Entry] = ()
        self._rows: list[Entry] = []
        self._ignored = False
        self._pictures: dict[str, bytes | None] = {}
        self._answers = Answers(self)

    def count(self, ignored: bool) -> int:
        """How many there are of a kind."""
        return sum(e.ignored == ignored for e in self._all)

    @property
    def shows_ignored(self) -> bool:
        return self._ignored

    def put(self, entries: Sequence[Entry]) -> None:
        """Everybody, of both kinds."""
        self._all = entries
        known = {e.id for e in entries if e.has_picture}
        self._pictures = {id: picture for id, picture in self._pictures.items() if id in known}
        self._show()

    def show_ignored(self, ignored: bool) -> None:
        """The other kind."""
        self._ignored = ignored
        self._show()

    def entry(self, index: QModelIndex) -> Entry | None:
        """Who stands there."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rows_of(self, tracks: frozenset[str]) -> list[int]:
        """Where those stand who have any of these tracks: a better picture gives an entry another id."""
        return [row for row, e in enumerate(self._rows) if not tracks.isdisjoint(e.tracks)]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One for each person."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The lines, and the roles above."""
        entry = self.entry(index)
        if entry is None:
            return None
        value: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                value = times(entry)
            case Role.LINES:
                value = times(entry), *period(entry, self._now()), entry.camera
            case Role.PICTURE:
                value = self._picture(entry)
            case Qt.ItemDataRole.AccessibleTextRole:
                value = ", ".join(self._words(entry))
            case Qt.ItemDataRole.ToolTipRole:  # escaped, as a tip that looks like markup is read as such
                value = f"<qt>{'<br>'.join(map(html.escape, self._words(entry)))}</qt>"
        return value

    def _words(self, entry: Entry) -> tuple[str, ...]:
        kind = "Ignored: no picture is kept" if entry.ignored else f"Best picture: quality {entry.quality:.0f} of 100"
        first, last = (moment(local(at), self._now()) for at in (entry.first_seen, entry.last_seen))
        return times(entry), f"First {first}", f"Last {last}, {entry.camera}", kind

    def _picture(self, entry: Entry) -> bytes | None:
        if entry.has_picture and entry.id not in self._pictures:
            self._pictures[entry.id] = None
            self._answers.when_done(
                self._inbox.picture(entry), lambda data: self._fetched(entry.id, data), lambda _: None
            )
        return self._pictures.get(entry.id)

    def _fetched(self, id: str, data: bytes | None) -> None:
        self._pictures[id] = data
        for row, entry in enumerate(self._rows):
            if entry.id == id:
                self.dataChanged.emit(self.index(row), self.index(row), [Role.PICTURE])

    def _show(self) -> None:
        rows = [e for e in self._all if e.ignored == self._ignored]
        if [e.id for e in rows] == [e.id for e in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
