"""The page of the last decisions: a table, and beside it the chosen one in plain sentences."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelectionModel, QSize, Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.admin.decisions_model import NUMBER, Column, DecisionsModel
from faceapp.gui.admin.explain import details, sentence
from faceapp.gui.admin.meters import Figures
from faceapp.gui.admin.pages import TOUCH, Page, by_finger, scrolled, share, zoom
from faceapp.gui.admin.words import headline
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import label

_REFRESH_MS = 500
_WIDE = 1050
"""From this width on the table has room for its quieter columns."""


class DecisionsPage(Page):
    """Follows the kiosk while it is visible. The newest decision is chosen until another one is."""

    def __init__(self, control: KioskControl, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_REFRESH_MS, parent)
        self._control = control
        self._theme = theme
        self._chosen: int | None = None
        self._follows = True
        self.table = QTableView()
        self.model = DecisionsModel(theme, self.table)
        self._make_table()
        self.title = label(kind="title", wrap=True)
        self.sentence = label(wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = Figures(theme)
        self._empty = label(self.tr("Nobody has come to the door yet."), kind="muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self.refresh()

    def refresh(self) -> None:
        """Look for new decisions; the chosen one stays chosen."""
        if self.model.show_rows(self._control.decisions()):
            row = self.model.row_of(self._chosen) if self._chosen is not None and not self._follows else None
            self._follows = row is None
            self._choose(row or 0)
        self._pages.setCurrentIndex(0 if self.model.rowCount() else 1)
        self._explain()

    def hint(self) -> str:
        """What stands in place of the table; empty while there is one."""
        return self._empty.text() if self._pages.currentIndex() else ""

    def choose_row(self, row: int) -> None:
        """As a click on it."""
        self._follows = False
        self._choose(row)

    def _choose(self, row: int) -> None:
        selection = self.table.selectionModel()
        if selection is not None and row < self.model.rowCount():
            flags = QItemSelectionModel.SelectionFlag
            selection.setCurrentIndex(self.model.index(row, 0), flags.ClearAndSelect | flags.Rows)

    def _moved(self) -> None:
        row = self.table.currentIndex().row()
        self._chosen = self.table.currentIndex().data(NUMBER) if row >= 0 else None
        self._follows = row <= 0  # on the newest row it stays with the newest
        self._explain()

    def _explain(self) -> None:
        e = self.model.decision(self.table.currentIndex().row())
        if e is None:
            return
        self.title.setText(headline(e))
        self.sentence.setText(details(e))
        self.sentence.setAccessibleName(sentence(e))
        self.figures.show_decision(e)

    def _make_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setCornerButtonEnabled(False)
        table.setIconSize(QSize(18, 18))
        table.setAccessibleName(self.tr("Decisions, newest first"))
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        by_finger(table)
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        if rows is not None:
            rows.hide()
            rows.setDefaultSectionSize(TOUCH)
        if columns is not None:
            columns.setHighlightSections(False)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            columns.setSectionResizeMode(Column.PERSON, QHeaderView.ResizeMode.Stretch)
            columns.setSectionResizeMode(Column.WHY, QHeaderView.ResizeMode.Stretch)
        selection = table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._moved)

    def _lay_out(self) -> None:
        details = QWidget()
        column = QVBoxLayout(details)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.sentence)
        column.addSpacing(4)
        column.addWidget(self.figures)
        column.addStretch(1)
        self._details = scrolled(details)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addWidget(self.table, 1)
        row.addWidget(self._details)
        self._pages = QStackedWidget()
        self._pages.addWidget(both)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _restyle(self) -> None:
        viewport = self.table.viewport()
        if viewport is not None:
            viewport.update()

    def _arrange(self) -> None:
        self._details.setFixedWidth(share(self, 390, 0.38, 560))
        for column in (Column.WHY, Column.DISTANCE):
            self.table.setColumnHidden(column, self.width() < _WIDE)
        sign = round(18 * zoom(self))
        self.table.setIconSize(QSize(sign, sign))
        rows = self.table.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(round(TOUCH * zoom(self)))
