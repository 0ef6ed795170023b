"""The page after an import: what was enrolled, and of every other picture why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from faceapp.app.import_types import ImportResult, RejectedPicture
from faceapp.app.live_types import LiveControl
from faceapp.errors import KnownError
from faceapp.gui.answers import Answers
from faceapp.gui.caution import Caution
from faceapp.gui.imports.words import alike_words, counted, ended_early, result_title, result_words
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label

HEADINGS = ("Picture", "Name", "Why it was rejected")
_SHARES = (0.3, 0.2)
"""Of the table's width, for picture and name; the reason has the rest."""


class RejectedModel(QAbstractTableModel):
    """A row for each rejected picture; none costs a widget."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[RejectedPicture] = ()

    def show(self, rows: Sequence[RejectedPicture]) -> None:
        """Other rows."""
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One for each picture."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """See `HEADINGS`."""
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """See `HEADINGS`."""
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return HEADINGS[section] if shown else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The end of a path says most; all of it is in the tip."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        reason = row.reason[:1].upper() + row.reason[1:]
        whole = (row.image, row.name, reason)[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return "/".join(Path(row.image).parts[-2:]) if index.column() == 0 else whole
        return whole if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) else None


class ReportPage(QWidget):
    """Follows the result, which changes while somebody chooses faces."""

    picking = pyqtSignal()
    more = pyqtSignal()

    def __init__(self, session: LiveControl, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._imports = session.imports
        self._answers = Answers(self)
        self.title = label(kind="title", wrap=True)
        self.words = label(kind="muted", wrap=True)
        self.early = Caution(theme)
        self.alike = Caution(theme)
        self.rights = button("Door rights …", tip="Who may open the door, and who needs a badge as well")
        self.rights.clicked.connect(self._show_rights)
        self.notes = label(kind="small", wrap=True)
        self.several = label(wrap=True)
        self.pick = button("Choose faces …", kind="primary", tip="See each of these pictures and click the face")
        self.pick.clicked.connect(self.picking)
        self.model = RejectedModel(self)
        self.table = self._make_table()
        self.nothing = label("Every picture was taken.", kind="muted")
        self.saved = label(kind="small", wrap=True)
        self.save = button("Save as CSV …", tip="Every rejected picture with its reason, for a spreadsheet")
        self.save.clicked.connect(self._save)
        self.again = button("Import more …")
        self.again.clicked.connect(self.more)
        self.close_button = button("Close")
        self._lay_out()

    def show_result(self, result: ImportResult) -> None:
        """As it is now."""
        self.title.setText(result_title(result))
        self.words.setText(result_words(result))
        self.early.say(ended_early(result))
        self.alike.say(alike_words(result))
        self.rights.setVisible(bool(result.alike))
        self.notes.setText("\n".join(result.notes))
        self.notes.setVisible(bool(result.notes))
        count = len(result.undecided)
        verb = "shows" if count == 1 else "show"
        self.several.setText(f"{counted(count, 'picture')} {verb} several faces. Which one is meant is for you to say.")
        self._card.setVisible(count > 0)
        self.model.show(result.rejected)
        self.table.setVisible(bool(result.rejected))
        self.nothing.setVisible(not result.rejected and not self.early.text())
        self.save.setEnabled(bool(result.rejected))

    def begin(self) -> None:
        """Another report: nothing was saved of it yet."""
        self.saved.setText("")
        (self.pick if self._card.isVisible() else self.close_button).setFocus()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """The columns share the width."""
        super().resizeEvent(a0)
        columns = self.table.horizontalHeader()
        if columns is not None:
            for column, share in enumerate(_SHARES):
                columns.resizeSection(column, round(share * self.width()))

    def _show_rights(self) -> None:
        from faceapp.gui.admin.door_rights import DoorRightsDialog

        try:
            DoorRightsDialog(self._session.rights, self._session.pin, self._theme, self.window() or self).open()
        except KnownError as e:
            self.saved.setText(str(e))

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the report", "rejected.csv", "CSV (*.csv)")
        if path:
            out = Path(path)
            self._answers.when_done(
                self._imports.save_report(out),
                lambda count: self.saved.setText(f"{counted(count, 'line')} written to {out}."),
                lambda line: self.saved.setText(f"Not saved: {line}"),
            )

    def _make_table(self) -> QTableView:
        view = QTableView()
        view.setModel(self.model)
        view.setAccessibleName("Rejected pictures")
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setTabKeyNavigation(False)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, columns = view.verticalHeader(), view.horizontalHeader()
        if rows is not None and columns is not None:
            rows.hide()
            rows.setDefaultSectionSize(view.fontMetrics().height() + 14)
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            columns.setStretchLastSection(True)
            columns.setHighlightSections(False)
        return view

    def _lay_out(self) -> None:
        self._card = QFrame()
        self._card.setObjectName("banner")
        card = QHBoxLayout(self._card)
        card.setContentsMargins(14, 10, 10, 10)
        card.setSpacing(12)
        card.addWidget(self.several, 1)
        card.addWidget(self.pick)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.save)
        foot.addWidget(self.saved, 1)
        foot.addWidget(self.again)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addWidget(self.early)
        column.addWidget(self.alike)
        column.addWidget(self.rights, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.notes)
        column.addWidget(self._card)
        column.addWidget(self.nothing)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        column.addLayout(foot)
