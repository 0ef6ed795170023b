"""The people panel: search, list, rename, delete, and what to do while the list is empty."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QFont, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from faceapp.app.live_types import PeopleControl
from faceapp.gui.answers import Answers
from faceapp.gui.icons import icon, pixmap
from faceapp.gui.people_delegate import PersonDelegate, more_rect
from faceapp.gui.people_model import Order, PeopleFilter, PeopleModel, Role
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label, quick_key
from faceapp.types import PersonSummary

EMPTY = "Nobody is enrolled yet.\nLook at the camera and press Enrol."
LINGERING = "Another program holds the gallery's file: the last traces in it go when faceapp starts again."
ORDERS: dict[Order, str] = {"name": "&Name", "newest": "Newest &first", "no_consent": "Without &consent first"}
_REFRESH_MS = 1000


class PeoplePanel(QWidget):
    """Everybody who is enrolled."""

    failed = pyqtSignal(str)
    """Something was refused: the line to show."""
    count_changed = pyqtSignal(int)
    manage_wanted = pyqtSignal(str, bool)
    """The people page: with this person selected (empty: nobody), and whether to ask about their consent."""

    def __init__(
        self, people: PeopleControl, theme: Theme, consent_required: bool = False, parent: QWidget | None = None
    ) -> None:
        """`consent_required`: the site enrols nobody without, so whoever has none is a warning."""
        super().__init__(parent)
        self._people = people
        self._answers = Answers(self)
        self._theme = theme
        self._asked: tuple[str, str] | None = None
        self.model = PeopleModel(people, self, consent_required)
        self.model.refused.connect(self.failed)
        self._filter = PeopleFilter(self)
        self._filter.setSourceModel(self.model)

        self._search_icon = QAction(self)
        self.search = self._make_search()
        self.sort = self._make_sort()
        self.manage = self._make_manage()
        self.list = self._make_list()
        self._empty_icon = QLabel()
        self._empty_icon.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._empty = label(EMPTY, kind="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._empty_icon)
        column.addWidget(self._empty)
        column.addStretch(3)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        self._pages.addWidget(empty)
        self._confirm = self._make_confirm()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.search, 1)
        head.addWidget(self.sort)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._confirm)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def persons(self) -> Sequence[PersonSummary]:
        return self.model.persons

    def hint(self) -> str:
        """What stands in place of the list; empty while there is one."""
        return self._empty.text() if self._pages.currentIndex() else ""

    def question(self) -> str | None:
        """What is being asked, if anything."""
        return self._question.text() if self._asked is not None else None

    def refresh(self) -> None:
        """Look whether the gallery has changed."""
        chosen = self._current_id()
        viewport = self.list.viewport()
        if self.model.faces_came() and viewport is not None:
            viewport.update()
        if self.model.refresh():
            self._choose(chosen)
            if self._asked is not None and all(p.id != self._asked[0] for p in self.model.persons):
                self._end_question()
            self.count_changed.emit(len(self.model.persons))
        self._show_page()

    def rename_current(self) -> None:
        """Edit the chosen name in place."""
        index = self.list.currentIndex()
        if _is_stored(index):
            self.list.setFocus()
            self.list.edit(index)

    def escape(self) -> bool:
        """Take back what is under way: a question, then a search. False where there is neither."""
        if self._asked is not None:
            self._end_question()
        elif self.search.hasFocus() and self.search.text():
            self.search.clear()
        else:
            return False
        return True

    def ask_to_delete_current(self) -> None:
        """Ask below the list; nothing is removed before the answer."""
        index = self.list.currentIndex()
        if not _is_stored(index):
            return
        self._asked = (str(index.data(Role.ID)), str(index.data()))
        self._question.setText(f"Delete {self._asked[1]}?")
        self._confirm.setAccessibleName(self._question.text())
        self._confirm.show()
        self._keep.setFocus()

    def _make_search(self) -> QLineEdit:
        result = QLineEdit()
        result.setObjectName("search")
        result.setPlaceholderText("Search people")
        result.setAccessibleName("Search people")
        result.setToolTip("Show only names that contain this (Ctrl+F)")
        result.setClearButtonEnabled(True)
        result.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        result.textChanged.connect(self._search_changed)
        return result

    def _make_sort(self) -> QToolButton:
        result = QToolButton()
        result.setText("Sort")
        result.setToolTip("In which order people are listed")
        quick_key(result, "Alt+O")
        result.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        result.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the word
        result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        result.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu, group = QMenu(result), QActionGroup(result)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        for order, text in ORDERS.items():
            action = QAction(text, group)
            action.setCheckable(True)
            action.setChecked(order == "name")
            action.setData(order)
            menu.addAction(action)
        group.triggered.connect(lambda action: self._sort_by(action.data()))
        result.setMenu(menu)
        result.setAccessibleName(f"Sort people: {ORDERS['name'].replace('&', '')}")
        return result

    def _make_manage(self) -> QToolButton:
        """For the panel's head."""
        result = QToolButton()
        result.setAccessibleName("Manage people")
        result.setToolTip("Everybody in a table: consent, door, last seen; merge and delete (Ctrl+Shift+P)")
        result.setShortcut(QKeySequence("Ctrl+Shift+P"))
        result.setIconSize(QSize(20, 20))
        result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        result.clicked.connect(lambda: self.manage_wanted.emit("", False))
        return result

    def _sort_by(self, order: Order) -> None:
        chosen = self._current_id()
        self.model.set_order(order)
        self.sort.setAccessibleName(f"Sort people: {ORDERS[order].replace('&', '')}")
        if chosen is None:
            self.list.scrollToTop()
        else:
            self._choose(chosen)

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self._filter)
        self._delegate = PersonDelegate(self._theme, view)
        self._delegate.menu_wanted.connect(self._row_menu)
        view.setItemDelegate(self._delegate)
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._context_menu)
        view.setAccessibleName("People")
        view.setAccessibleDescription("Everybody who is enrolled. F2 renames, Delete removes.")
        view.setToolTip("F2 renames, Delete removes")
        quick_key(view, "Alt+P")
        view.setMinimumHeight(96)
        for keys, slot in (("F2", self.rename_current), ("Del", self.ask_to_delete_current)):
            shortcut = QShortcut(QKeySequence(keys), view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        return view

    def _make_confirm(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("confirm")
        self._question = label(wrap=True)
        font = self._question.font()
        font.setWeight(QFont.Weight.DemiBold)
        self._question.setFont(font)
        consequence = label("Removes all their photos and templates.", kind="small", wrap=True)
        self._keep = button("Cancel", tip="Keep this person (Esc)")
        self._remove = button("Delete", kind="danger", tip="Remove this person with all photos and templates")
        self._keep.clicked.connect(self._end_question)
        self._remove.clicked.connect(self._delete)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._keep)
        row.addWidget(self._remove)
        column = QVBoxLayout(frame)
        column.setContentsMargins(14, 12, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._question)
        column.addWidget(consequence)
        column.addSpacing(6)
        column.addLayout(row)
        frame.hide()
        return frame

    def _delete(self) -> None:
        if self._asked is None:
            return
        person_id, name = self._asked
        row = self.list.currentIndex().row()
        self._end_question()

        def deleted(erased: bool) -> None:
            self.refresh()
            left = self._filter.rowCount()
            if left and not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self._filter.index(min(max(row, 0), left - 1), 0))
            if not erased:
                self.failed.emit(f"{name} is deleted. {LINGERING}")

        self._answers.when_done(self._people.delete(person_id), deleted, self.failed.emit)

    def _end_question(self) -> None:
        self._asked = None
        self._confirm.hide()
        self.list.setFocus()

    def _search_changed(self, text: str) -> None:
        self._filter.search(text)
        self._show_page()

    def _show_page(self) -> None:
        people, shown = len(self.model.persons), self._filter.rowCount()
        if people == 0:
            self._empty.setText(EMPTY)
        elif shown == 0:
            self._empty.setText(f"No name contains “{self.search.text().strip()}”.")
        self._empty_icon.setVisible(people == 0)
        self._pages.setCurrentIndex(0 if shown else 1)
        self.search.setEnabled(people > 0)
        self.sort.setEnabled(people > 1)

    def _current_id(self) -> str | None:
        index = self.list.currentIndex()
        return str(index.data(Role.ID)) if index.isValid() else None

    def _choose(self, person_id: str | None) -> None:
        if person_id is None:
            return
        row, selection = self.model.row_of(person_id), self.list.selectionModel()
        if row is None or selection is None:
            return
        index = self._filter.mapFromSource(self.model.index(row))
        if index.isValid():
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _context_menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if not index.isValid():
            index = self.list.currentIndex()
        if index.isValid():
            viewport = self.list.viewport()
            self._popup(index, viewport.mapToGlobal(at) if viewport is not None else at)

    def _row_menu(self, index: QModelIndex) -> None:
        viewport = self.list.viewport()
        if viewport is not None:
            self._popup(index, viewport.mapToGlobal(more_rect(self.list.visualRect(index)).bottomLeft()))

    def _popup(self, index: QModelIndex, at: QPoint) -> None:
        self.list.setCurrentIndex(index)
        menu = self.person_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def person_menu(self) -> QMenu:
        """What can be done with the chosen person."""
        menu = QMenu(self)
        tokens = self._theme.tokens
        rename = QAction(icon("rename", tokens.muted), "&Rename", menu)
        rename.setShortcut(QKeySequence("F2"))
        rename.triggered.connect(self.rename_current)
        delete = QAction(icon("delete", tokens.muted), "&Delete …", menu)
        delete.setShortcut(QKeySequence("Del"))
        delete.triggered.connect(self.ask_to_delete_current)
        consent = QAction(icon("check", tokens.muted), "&Consent …", menu)
        manage = QAction(icon("people", tokens.muted), "&Manage people …", menu)
        chosen = self._current_id() or ""
        consent.triggered.connect(lambda: self.manage_wanted.emit(chosen, True))
        manage.triggered.connect(lambda: self.manage_wanted.emit(chosen, False))
        stored = [rename, consent, manage, delete]
        for action in stored:
            action.setEnabled(_is_stored(self.list.currentIndex()))
        menu.addActions(stored)
        return menu

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        self._search_icon.setIcon(icon("search", tokens.muted, 18))
        self.sort.setIcon(icon("chevron", tokens.muted, 16))
        self.manage.setIcon(icon("people", tokens.text))
        self._empty_icon.setPixmap(pixmap("people", tokens.muted, 40, self.devicePixelRatioF()))
        viewport = self.list.viewport()
        if viewport is not None:
            viewport.update()

    def sizeHint(self) -> QSize:
        """As tall as it may become."""
        return QSize(280, 420)


def _is_stored(index: QModelIndex) -> bool:
    """False for nobody and for the guest, whom there is nothing to rename or delete of."""
    return index.isValid() and bool(index.flags() & Qt.ItemFlag.ItemIsEditable)
