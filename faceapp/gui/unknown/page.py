"""Faces that nobody matched, over the live picture, which goes on: who they are, or that nobody is to be bothered with
them, or away with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import QItemSelectionModel, QSize, Qt
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from faceapp.app.inbox_types import Entry, InboxState
from faceapp.app.live_types import LiveControl, SnapshotState
from faceapp.gui.admin.pages import Line, Toggle
from faceapp.gui.answers import Answers
from faceapp.gui.people_model import PeopleModel
from faceapp.gui.theme import Theme
from faceapp.gui.unknown.collecting import CollectSwitch
from faceapp.gui.unknown.delegate import TileDelegate
from faceapp.gui.unknown.enrol import EnrolPage
from faceapp.gui.unknown.model import UnknownModel
from faceapp.gui.unknown.question import Question
from faceapp.gui.unknown.words import chosen_words, deleted_words, empty_words, kept_words
from faceapp.gui.widgets import button, every, fit_to_screen, label, quick_key
from faceapp.types import PersonSummary

_SIZE = QSize(972, 720)
_LOOK_MS = 500


class UnknownDialog(QDialog):
    """Follows the inbox while it is open."""

    def __init__(self, session: LiveControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._inbox = session.inbox
        self._theme = theme
        self._looking, self._answers = Answers(self), Answers(self)
        self._marker: int | None = None
        self._problem: str | None = None
        self._listed = False
        self._busy = ""
        self.setWindowTitle("Unknown faces")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._people = PeopleModel(session.people, self)
        self.model = UnknownModel(self._inbox, self)
        self.list = self._make_list()
        self.empty = label(kind="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kept = label(kind="small", wrap=True)
        self.question = Question()
        self.question.turned.connect(self._show)
        self.question.ended.connect(self._focus_list)
        self.switch = CollectSwitch(session, theme, self.question)
        self.line = Line(theme)
        self.enrolling = EnrolPage(session, self._people.find, theme)
        self.enrolling.stored.connect(self._stored)
        self.enrolling.left.connect(self._back)
        self.new = Toggle("New", "Who waits for a decision (Alt+N)")
        self.ignored = Toggle("Ignored", "Who is remembered, so as to bother nobody (Alt+G)")
        self.chosen = label(kind="muted")
        self.enrol = button("Enrol …", kind="primary", tip="Give this face a name")
        self.ignore = button("Ignore", tip="Remove the picture, remember the face: nobody is bothered with it again")
        self.delete = button("Delete", tip="Remove with every trace")
        self.close_button = button("Close")
        self._connect(theme)
        self._lay_out()
        fit_to_screen(self, _SIZE)
        self._timer = every(_LOOK_MS, self.refresh, self)
        self.refresh()
        self._focus_list()

    @property
    def is_enrolling(self) -> bool:
        """Whether a name is being asked for."""
        return self._pages.currentWidget() is self.enrolling

    def refresh(self) -> None:
        """Look whether anything has changed; what can't be read now is tried again with the next look."""
        marker = self._inbox.marker()
        if marker != self._marker:
            self._marker = marker
            self._looking.when_done(self._inbox.entries(), self._put, self._unreadable)
        self._show()

    def choose(self, *rows: int) -> None:
        """As clicks on these tiles."""
        selection = self.list.selectionModel()
        if selection is None:
            return
        selection.clearSelection()
        for row in rows:
            selection.setCurrentIndex(self.model.index(row), QItemSelectionModel.SelectionFlag.Select)

    def entries(self) -> list[Entry]:
        """Who is chosen, in the order in which they are shown."""
        selection = self.list.selectionModel()
        rows = sorted(i.row() for i in selection.selectedIndexes()) if selection is not None else []
        found = (self.model.entry(self.model.index(row)) for row in rows)
        return [e for e in found if e is not None]

    def enrol_chosen(self) -> None:
        """Look at the chosen picture as a photo, then ask whose it is."""
        entries = self.entries()
        if self._busy or len(entries) != 1 or entries[0].ignored:
            return
        entry = entries[0]
        self._begin("Looking at the picture …")
        self._answers.when_done(self._inbox.examine(entry), partial(self._examined, entry), self._refused)

    def ignore_chosen(self) -> None:
        """Remember the chosen ones, and show them no more."""
        entries = self.entries()
        if self._busy or not entries or self.model.shows_ignored:
            return
        self._begin("Ignoring …")
        done = "Ignored from now on; no picture is kept."
        self._answers.when_done(self._inbox.ignore(entries), lambda _: self._done(done), self._refused)

    def delete_chosen(self) -> None:
        """Away with the chosen ones. For several at once there is a question first."""
        entries = self.entries()
        if self._busy or not entries:
            return
        if len(entries) == 1:
            self._delete(entries)
        else:
            self.question.ask(
                f"Delete {len(entries)} unknown faces?",
                "Removes their pictures and templates with every trace. Who comes again is new again.",
                "Delete",
                "danger",
                partial(self._delete, entries),
            )

    def show_ignored(self, ignored: bool) -> None:
        """Those who are ignored, or those who are new."""
        (self.ignored if ignored else self.new).setChecked(True)
        self.model.show_ignored(ignored)
        self.question.end()
        self._show()

    def reject(self) -> None:
        """Esc takes back what was begun last; then it closes."""
        if self.question.text():
            self.question.end()
        elif self.is_enrolling:
            self.enrolling.cancel()
        else:
            super().reject()

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Closed is closed, whatever was begun."""
        self.done(QDialog.DialogCode.Rejected)
        super().closeEvent(a0)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Enter belongs to what has the focus: a dialog would press whichever button it takes for its own."""
        if a0 is None or a0.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(a0)

    def _put(self, entries: tuple[Entry, ...]) -> None:
        tracks = frozenset(t for e in self.entries() for t in e.tracks)
        current = self.model.entry(self.list.currentIndex())
        self._problem, self._listed = None, True
        self.model.put(entries)
        selection = self.list.selectionModel()
        if selection is not None:
            for row in self.model.rows_of(frozenset(current.tracks if current is not None else ())):
                selection.setCurrentIndex(self.model.index(row), QItemSelectionModel.SelectionFlag.NoUpdate)
            for row in self.model.rows_of(tracks):
                selection.select(self.model.index(row), QItemSelectionModel.SelectionFlag.Select)
        self._show()

    def _unreadable(self, line: str) -> None:
        self._problem, self._marker = line, None
        self._show()

    def _examined(self, entry: Entry, state: SnapshotState) -> None:
        self._end()
        self._people.refresh()
        self.line.clear()
        self.question.end()
        self.enrolling.begin(entry, state)
        self._pages.setCurrentWidget(self.enrolling)
        self.enrolling.ready.name.setFocus()

    def _stored(self, person: PersonSummary) -> None:
        known = "is known from now on" if person.photos == 1 else "has one more photo"
        self.line.tell(f"{person.name} {known}.")
        self._back()

    def _back(self) -> None:
        self._pages.setCurrentIndex(0)
        self.refresh()
        self._focus_list()

    def _delete(self, entries: Sequence[Entry]) -> None:
        self._begin("Deleting …")
        self._answers.when_done(
            self._inbox.delete(entries), lambda said: self._done(deleted_words(len(entries), said)), self._refused
        )

    def _begin(self, words: str) -> None:
        self._busy = words
        self.line.clear()
        self._show()

    def _end(self) -> None:
        self._busy = ""
        self._show()

    def _done(self, line: str) -> None:
        self._end()
        self.line.tell(line)
        self.refresh()
        self._focus_list()

    def _refused(self, line: str) -> None:
        self._end()
        self.line.refuse(line)
        self.refresh()

    def _focus_list(self) -> None:
        (self.list if self.model.rowCount() else self.switch).setFocus()

    def _show(self) -> None:
        """Everything but the tiles."""
        state: InboxState = self._inbox.state()
        ignored, chosen = self.model.shows_ignored, self.entries()
        self.switch.show_state(state)
        self.kept.setText(kept_words(state, bool(self.model.count(False) or self.model.count(True))))
        for toggle, words, kind in ((self.new, "New", False), (self.ignored, "Ignored", True)):
            toggle.setText(f"{words} ({count})" if (count := self.model.count(kind)) else words)
            toggle.setAccessibleName(f"{words}: {count}")
        demonstration = self._session.source().startswith("demo:")
        nobody = empty_words(state, ignored, demonstration) if self._listed else "Opening …"
        self.empty.setText(self._problem or nobody)
        self._lists.setCurrentIndex(0 if self.model.rowCount() and self._problem is None else 1)
        self.chosen.setText(self._busy or chosen_words(len(chosen), self.model.rowCount()))
        self._foot.setVisible(bool(self.model.rowCount()) and not self.question.text())
        self.enrol.setVisible(not ignored)
        self.ignore.setVisible(not ignored)
        free = not self._busy and bool(chosen) and self._problem is None
        self.enrol.setEnabled(free and len(chosen) == 1)
        self.ignore.setEnabled(free)
        self.delete.setEnabled(free)

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self.model)
        view.setItemDelegate(TileDelegate(self._theme, view))
        view.setViewMode(QListView.ViewMode.IconMode)
        view.setMovement(QListView.Movement.Static)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setLayoutMode(QListView.LayoutMode.SinglePass)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setSelectionRectVisible(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName("Unknown faces")
        view.setAccessibleDescription("Enter enrols the chosen one, Delete removes all that are chosen.")
        return view

    def _connect(self, theme: Theme) -> None:
        group = QButtonGroup(self)
        for toggle, ignored, keys in ((self.new, False, "Alt+N"), (self.ignored, True, "Alt+G")):
            group.addButton(toggle)
            toggle.clicked.connect(partial(self.show_ignored, ignored))
            QShortcut(QKeySequence(keys), toggle).activated.connect(toggle.click)
        self.new.setChecked(True)
        actions = ((self.enrol, self.enrol_chosen, "Alt+E"), (self.ignore, self.ignore_chosen, "Alt+I"))
        for pressed, slot, keys in (*actions, (self.delete, self.delete_chosen, "Alt+D")):
            pressed.clicked.connect(slot)
            quick_key(pressed, keys)
        self.close_button.clicked.connect(self.close)
        self.switch.told.connect(self.line.tell)
        self.switch.refused.connect(self.line.refuse)
        self.switch.changed.connect(self.refresh)
        self.list.activated.connect(self.enrol_chosen)
        remove = QShortcut(QKeySequence("Del"), self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.delete_chosen)
        selection = self.list.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(self._show)
        theme.changed.connect(self.list.reset)

    def _lay_out(self) -> None:
        title = QVBoxLayout()
        title.setSpacing(2)
        title.addWidget(label("Unknown faces", kind="title"))
        title.addWidget(self.kept)
        head = QHBoxLayout()
        head.setSpacing(20)
        head.addLayout(title, 1)
        head.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignTop)
        views = QHBoxLayout()
        views.setSpacing(8)
        views.addWidget(self.new)
        views.addWidget(self.ignored)
        views.addStretch(1)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.chosen, 1)
        for pressed in (self.delete, self.ignore, self.enrol):
            foot.addWidget(pressed)
        faces = QWidget()
        column = QVBoxLayout(faces)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(views)
        column.addWidget(self._lists, 1)
        column.addWidget(self._foot)
        self._pages = QStackedWidget()
        self._pages.addWidget(faces)
        self._pages.addWidget(self.enrolling)
        last = QHBoxLayout()
        last.addWidget(self.line, 100, Qt.AlignmentFlag.AlignVCenter)
        last.addStretch(1)
        last.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 18)
        whole.setSpacing(12)
        whole.addLayout(head)
        whole.addWidget(self._pages, 1)
        whole.addWidget(self.question)
        whole.addLayout(last)
