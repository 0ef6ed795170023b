"""Who may open the door: everybody in a list with a search, and the chosen person's right beside it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from PyQt6.QtCore import QItemSelectionModel, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QListView, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import RightsControl
from faceapp.gui.admin.pages import Line, Page, by_finger, scrolled, share
from faceapp.gui.admin.person_rights import PersonRights
from faceapp.gui.admin.rights_model import ID, RightsDelegate, RightsModel, may_enter
from faceapp.gui.answers import Answers
from faceapp.gui.icons import icon
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import label

_REFRESH_MS = 500


class RightsPanel(Page):
    """Follows the rights while it is visible; other processes change them too."""

    def __init__(self, rights: RightsControl, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_REFRESH_MS, parent)
        self._theme = theme
        self._answers = Answers(self)
        self.model = RightsModel(rights, self)
        self.person = PersonRights(rights, theme)
        self.person.asked.connect(self._asked)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(self.tr("Search people"))
        self.search.setAccessibleName(self.tr("Search people"))
        self.search.setClearButtonEnabled(True)
        self._search_icon = QAction(self)
        self.search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._searched)
        self.count = label(kind="small")
        self.list = self._make_list()
        self.empty = label(kind="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.line = Line(theme)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.refresh()

    def refresh(self) -> None:
        """Look whether the rights have changed; the chosen person stays chosen."""
        chosen = self._chosen()
        if self.model.refresh():
            self._choose(chosen)
        self._show()

    def choose(self, person_id: str) -> None:
        """As a click on that person."""
        self._choose(person_id)
        self._show()

    def _asked(self, future: Future[None]) -> None:
        self.line.clear()
        self.person.setEnabled(False)
        self._answers.when_done(future, self._changed, self._refused)

    def _changed(self, _: Any) -> None:
        self.person.setEnabled(True)
        self.refresh()

    def _refused(self, line: str) -> None:
        self.person.setEnabled(True)
        self.person.restore()
        self.line.refuse(line)
        self.refresh()

    def _searched(self, text: str) -> None:
        chosen = self._chosen()
        self.model.search(text)
        self._choose(chosen)
        self._show()

    def _show(self) -> None:
        everybody, shown = self.model.everybody, self.model.rowCount()
        row = self.model.row(self.list.currentIndex().row())
        self._sides.setCurrentIndex(0 if row is not None else 1)
        self.person.show_row(row)
        self._lists.setCurrentIndex(0 if shown else 1)
        if not everybody:
            self.empty.setText(self.tr("Nobody is enrolled yet."))
        elif not shown:
            self.empty.setText(self.tr("No name contains “{text}”.").format(text=self.search.text().strip()))
        self.count.setText(
            self.tr("{allowed} of {all} may enter").format(allowed=sum(map(may_enter, everybody)), all=len(everybody))
        )

    def _chosen(self) -> str | None:
        value = self.list.currentIndex().data(ID)
        return str(value) if value is not None else None

    def _choose(self, person_id: str | None) -> None:
        selection, at = self.list.selectionModel(), self.model.index_of(person_id)
        if selection is not None and self.model.rowCount():
            index = self.model.index(at if at is not None else 0)
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self.model)
        self._delegate = RightsDelegate(self._theme, view)
        view.setItemDelegate(self._delegate)
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(self.tr("People and their right to the door"))
        by_finger(view)
        selection = view.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(self._show)
        return view

    def _lay_out(self) -> None:
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addWidget(self.search)
        left.addWidget(self.count)
        left.addWidget(self._lists, 1)
        nobody = label(self.tr("Enrolling gives nobody a door. Choose a person to allow it."), kind="muted", wrap=True)
        nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sides = QStackedWidget()
        self._sides.addWidget(scrolled(self.person))
        self._sides.addWidget(nobody)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.line)
        right.addWidget(self._sides, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addWidget(self._left)
        row.addLayout(right, 1)

    def _restyle(self) -> None:
        self._search_icon.setIcon(icon("search", self._theme.tokens.muted, 18))
        viewport = self.list.viewport()
        if viewport is not None:
            viewport.update()

    def _arrange(self) -> None:
        self._left.setFixedWidth(share(self, 250, 0.33, 420))
