"""The table's view: columns, keys, selection kept across sorting and searching."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelection, QItemSelectionModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from faceapp.app.people_types import PeopleRow
from faceapp.gui.people.table_delegate import CellDelegate
from faceapp.gui.people.table_model import Column, PeopleTable
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import quick_key

_WIDTHS = {
    Column.NAME: 200,
    Column.PHOTOS: 84,
    Column.SEEN: 100,
    Column.CONSENT: 165,
    Column.DOOR: 72,
    Column.HOURS: 75,
}


class PeopleView(QTableView):
    """Paints what is in view, and asks the model for nothing else."""

    chosen = pyqtSignal()
    """Other rows are selected."""
    delete_wanted = pyqtSignal()

    def __init__(self, table: PeopleTable, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._restoring = False
        self._ids: tuple[str, ...] = ()
        self.setModel(table)
        delegate = CellDelegate(theme, self)
        self.setItemDelegate(delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Everybody")
        self.setAccessibleDescription("F2 renames, Delete removes those who are selected.")
        quick_key(self, "Alt+P")
        self._size_columns(max(52, self.fontMetrics().height() + 20))
        self.setSortingEnabled(True)
        self.sortByColumn(Column.NAME, Qt.SortOrder.AscendingOrder)
        shortcut = QShortcut(QKeySequence("Del"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.delete_wanted)
        selection = self.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(self._selection_changed)
        table.modelReset.connect(self._restore)

    def _size_columns(self, height: int) -> None:
        rows, head = self.verticalHeader(), self.horizontalHeader()
        if rows is not None:
            rows.hide()
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # nobody measures ten thousand rows
            rows.setDefaultSectionSize(height)
        if head is not None:
            head.setHighlightSections(False)
            head.setStretchLastSection(True)
            head.setMinimumSectionSize(70)
            for column, width in _WIDTHS.items():
                head.resizeSection(column, width)
            # Of its own and always empty: else each painting of a heading asks every row whether it is selected.
            head.setSelectionModel(QItemSelectionModel(self._table, head))

    def is_editing(self) -> bool:
        """Whether somebody types a name in a row."""
        return self.state() == QAbstractItemView.State.EditingState

    @property
    def ids(self) -> tuple[str, ...]:
        """Who is selected."""
        return self._ids

    def rows(self) -> list[PeopleRow]:
        """The same, as rows, from top to bottom."""
        return [row for at in self._table.rows_of(self._ids) if (row := self._table.row(at)) is not None]

    def select(self, ids: tuple[str, ...]) -> None:
        """Select these, as far as they are shown, and bring the first into view."""
        self._ids = ids
        self._restore()
        rows = self._table.rows_of(ids)
        if rows:
            self.scrollTo(self._table.index(rows[0], Column.NAME))

    def _selection_changed(self) -> None:
        if self._restoring:
            return
        selection = self.selectionModel()
        found: list[str] = []
        if selection is not None:
            chosen = selection.selection()
            for part in (chosen[at] for at in range(len(chosen))):
                rows = (self._table.row(at) for at in range(part.top(), part.bottom() + 1))
                found += [r.person.id for r in rows if r is not None]
        self._ids = tuple(found)
        self.chosen.emit()

    def _restore(self) -> None:
        """After the rows were sorted or searched: whoever was selected and is shown still is."""
        selection = self.selectionModel()
        if selection is None:
            return
        rows = self._table.rows_of(self._ids)
        chosen, last = QItemSelection(), self._table.columnCount() - 1
        start = 0
        for at in range(1, len(rows) + 1):  # neighbours as one range
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                chosen.select(self._table.index(rows[start], 0), self._table.index(rows[at - 1], last))
                start = at
        self._restoring = True
        try:
            if rows:
                current = self._table.index(rows[0], Column.NAME)
                selection.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
            selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        finally:
            self._restoring = False
        shown = [r.person.id for r in self.rows()]
        self._ids = tuple(shown)
        self.chosen.emit()
