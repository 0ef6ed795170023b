"""The people page: everybody in a table; rename, consent, merge, delete, and back."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QSize, Qt, QTimer
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.live_types import LiveControl
from faceapp.app.people_types import Merged, PeopleDeleted
from faceapp.errors import KnownError
from faceapp.gui.answers import Answers
from faceapp.gui.icons import icon
from faceapp.gui.people.confirm import Confirm, gone_words, how_many
from faceapp.gui.people.consent import ConsentDialog
from faceapp.gui.people.merge import MergeDialog, MergesDialog
from faceapp.gui.people.note import Note
from faceapp.gui.people.table import PeopleView
from faceapp.gui.people.table_model import Column, PeopleTable
from faceapp.gui.people_panel import EMPTY, LINGERING
from faceapp.gui.pin_first import pin_first
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import Switch, button, every, fit_to_screen, label

_SIZE = QSize(1180, 720)
_REFRESH_MS = 500
_FACES_MS = 100
_WITHOUT = "Only without consent"


class PeopleDialog(QDialog):
    """Follows the gallery while it is open; the live picture goes on beside it."""

    def __init__(
        self, session: LiveControl, theme: Theme, parent: QWidget, chosen: tuple[str, ...] = (), consent: bool = False
    ) -> None:
        """`chosen`: who is selected at first. `consent`: ask about their consent at once."""
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._manage = session.people.manage
        self._wanted = session.enrolment.consent_wanted()
        self._answers = Answers(self)
        self._asked: dict[str, str] = {}
        """Names by id of those who are to be deleted, while that is a question."""
        self._deleting = 0
        self.setWindowTitle("People")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        fit_to_screen(self, _SIZE)
        self.table = PeopleTable(session.people, self._wanted.required, self)
        self.table.refused.connect(lambda line: self.note.say("warning", line))
        self.note = Note(theme)
        self.search = self._make_search()
        self.without = Switch(_WITHOUT, theme)
        self.without.toggled.connect(self._filter)
        self.count = label(kind="muted")
        self.view = PeopleView(self.table, theme)
        self.table.editing = self.view.is_editing
        self.view.chosen.connect(self._show)
        self.view.delete_wanted.connect(self.ask_to_delete)
        self.view.customContextMenuRequested.connect(self._popup)
        self.empty = label(kind="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.confirm = Confirm()
        self.confirm.answered.connect(self._answered)
        self._make_buttons()
        self._lay_out()
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self._find)
        self._timers = [every(_REFRESH_MS, self.refresh, self), every(_FACES_MS, self._paint_faces, self)]
        theme.changed.connect(self._restyle)
        self._restyle()
        self.refresh()
        self._tell_of_consent()
        self.view.select(chosen)
        self.view.setFocus()
        if consent and chosen:
            self.ask_consent()

    # What is shown

    def refresh(self) -> None:
        """Look whether the gallery has changed, and how far a deletion is."""
        self.table.refresh()
        self._drop_gone()
        self.confirm.show_progress(self._manage.progress())
        self._show()

    def _paint_faces(self) -> None:
        viewport = self.view.viewport()
        if self.table.faces_came() and viewport is not None:
            viewport.update()

    def _show(self) -> None:
        everybody, shown, chosen = len(self.table.everybody), self.table.rowCount(), len(self.view.ids)
        words = f"{everybody:,}" if shown == everybody else f"{shown:,} of {everybody:,}"
        self.count.setText(f"{words}, {chosen:,} selected" if chosen else words)
        if not everybody:
            self.empty.setText(EMPTY)
        elif not shown:
            self.empty.setText("Nobody fits what is searched for.")
        self._pages.setCurrentIndex(0 if shown else 1)
        free = not self._deleting
        for action, fits in (
            (self.rename, chosen == 1),
            (self.consent, chosen == 1),
            (self.merge, chosen == 2),
            (self.delete, chosen > 0),
        ):
            action.setEnabled(fits and free)

    def _tell_of_consent(self) -> None:
        without = self.table.without_consent
        if self._wanted.required and without:
            have = "has" if without == 1 else "have"
            line = f"This site requires consent, and {how_many(without)} {have} none on record that counts."
            self.note.say("warning", line, "Show them", lambda: self.without.setChecked(True))

    def _searched(self, text: str) -> None:
        self.table.search(text)
        self._show()

    def _filter(self, on: bool) -> None:
        self.table.show_only_without_consent(on)
        self._show()

    # What can be done

    def rename_chosen(self) -> None:
        """Edit the chosen name in place."""
        rows = self.table.rows_of(self.view.ids)
        if len(rows) == 1:
            index = self.table.index(rows[0], Column.NAME)
            self.view.setFocus()
            self.view.scrollTo(index)
            self.view.edit(index)

    def ask_consent(self) -> None:
        """What the chosen person agreed to."""
        rows = self.view.rows()
        if len(rows) != 1:
            return
        person = rows[0].person
        dialog = ConsentDialog(person, self._wanted, self._manage, self._theme, self)
        dialog.recorded.connect(lambda: self._said(f"The consent of {person.name} is on record."))
        dialog.withdrawn.connect(lambda: self._withdraw(person.id, person.name))
        dialog.open()

    def ask_to_merge(self) -> None:
        """Which of the two chosen people stays."""
        rows = self.view.rows()
        if len(rows) == 2:
            dialog = MergeDialog(rows[0], rows[1], self._manage, self._theme, self)
            dialog.chosen.connect(self._merge)
            dialog.open()

    def show_merges(self) -> None:
        """Earlier merges, to undo one."""

        def show(merges: Sequence[Merged]) -> None:
            dialog = MergesDialog(merges, self)
            dialog.chosen.connect(self.undo_merge)
            dialog.open()

        self._answers.when_done(self._manage.merges(), show, self._refused)

    def undo_merge(self, merge_id: str) -> None:
        """Have somebody back who was merged away."""
        back = self._manage.undo_merge(merge_id)
        self._answers.when_done(back, lambda name: self._said(f"{name} is back."), self._refused)

    def ask_to_delete(self) -> None:
        """Ask below the table; nothing is removed before the answer."""
        if self.view.ids and not self._deleting:
            self._asked = {r.person.id: r.person.name for r in self.view.rows()}
            self.confirm.ask(list(self._asked.values()))

    def show_rights(self) -> None:
        """Where the right to the door is changed."""
        from faceapp.gui.admin.door_rights import DoorRightsDialog

        try:
            DoorRightsDialog(self._session.rights, self._session.pin, self._theme, self).open()
        except KnownError as e:
            self._refused(str(e))

    def reject(self) -> None:
        """Esc takes back a question and a search before it closes the page."""
        if self._asked and not self._deleting:
            self._answered(False)
        elif self.search.hasFocus() and self.search.text():
            self.search.clear()
        else:
            super().reject()

    def timers(self) -> list[QTimer]:
        """What runs by itself, for whoever wants to be the clock."""
        return self._timers

    def _merge(self, away: str, into: str) -> None:
        """Faces that become somebody's who has the door have it, and a bar goes with the name it was on."""

        def why() -> str:
            names = {r.person.id: r.person.name for r in self.table.everybody}
            if not self._manage.merge_gives_door(away, into):
                return ""
            one, stays = names.get(away, "somebody"), names.get(into, "somebody")
            return f"Making {one} and {stays} one may open the door for a face that it doesn't open for now."

        def merge(pin_given: bool) -> None:
            self._answers.when_done(self._manage.merge(away, into, pin_given), self._merged, self._refused)

        pin_first(why, self._session.pin, self._theme, self, merge, self._refused)

    def _merged(self, done: Merged) -> None:
        self.table.refresh()
        line = f"{done.name} and {done.into_name} are one: {done.into_name}."
        self.note.say("info", line, "Undo", lambda: self.undo_merge(done.id))
        self._show()

    def _withdraw(self, person_id: str, name: str) -> None:
        self._deleting = 1
        self.confirm.work(1)
        self.confirm.show()
        words = f"{name} withdrew consent and is deleted."
        self._answers.when_done(self._manage.withdraw_consent(person_id), lambda d: self._gone(d, words), self._refused)

    def _drop_gone(self) -> None:
        """Who was deleted elsewhere while the question stands isn't asked about any more."""
        there = {r.person.id for r in self.table.everybody} if self._asked else set()
        gone = [name for id, name in self._asked.items() if id not in there]
        if gone:
            self._asked = {id: name for id, name in self._asked.items() if id in there}
            self.note.say("info", gone_words(gone))
            if self._asked:
                self.confirm.ask(list(self._asked.values()))
            else:
                self._answered(False)

    def _answered(self, yes: bool) -> None:
        asked, self._asked = self._asked, {}
        self.view.setFocus()
        if not yes or not asked:
            self.confirm.hide()
            return
        self._deleting = len(asked)
        self.confirm.work(self._deleting)
        self._show()

        def told(done: PeopleDeleted) -> None:
            are = "is" if done.count == 1 else "are"
            parts = [f"{how_many(done.count)} {are} deleted."] if done.count else []
            if done.gone:
                parts.append(gone_words([asked[id] for id in done.gone]))
            self._gone(done, " ".join(parts))

        self._answers.when_done(self._manage.delete(tuple(asked)), told, self._refused)

    def _gone(self, done: PeopleDeleted, words: str) -> None:
        self._deleting = 0
        self.confirm.hide()
        self.table.refresh()
        self.note.say("info" if done.erased else "warning", words if done.erased else f"{words} {LINGERING}")
        self._show()

    def _said(self, line: str) -> None:
        self.table.refresh()
        self.note.say("info", line)
        self._show()

    def _refused(self, line: str) -> None:
        self._deleting = 0
        self.confirm.hide()
        self.note.say("warning", line)
        self.refresh()

    # How it is made

    def _make_search(self) -> QLineEdit:
        result = QLineEdit()
        result.setObjectName("search")
        result.setPlaceholderText("Search names and groups")
        result.setAccessibleName("Search people")
        result.setToolTip("Show who has this in their name or their groups (Ctrl+F)")
        result.setClearButtonEnabled(True)
        self._search_icon = QAction(result)
        result.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        result.textChanged.connect(self._searched)
        return result

    def _make_buttons(self) -> None:
        self.rename = button("Rename", tip="Another name (F2)")
        self.rename.clicked.connect(self.rename_chosen)
        self.consent = button("Consent …", tip="What this person agreed to, and until when")
        self.consent.clicked.connect(self.ask_consent)
        self.merge = button("Make one …", tip="Select two people who are one")
        self.merge.clicked.connect(self.ask_to_merge)
        self.delete = button("Delete …", tip="Remove those who are selected (Del)")
        self.delete.clicked.connect(self.ask_to_delete)
        self.merges = button("Merged people …", tip="Take back that two people were made one")
        self.merges.clicked.connect(self.show_merges)
        self.rights = button("Door rights …", tip="Who may open the door is changed there")
        self.rights.clicked.connect(self.show_rights)
        self.close_button = button("Close", kind="primary")
        self.close_button.clicked.connect(self.accept)
        for each in (self.rename, self.consent, self.merge, self.delete, self.merges, self.rights):
            each.setAutoDefault(False)  # Enter in the table or the search presses none of them

    def _lay_out(self) -> None:
        head, tools, foot = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("People", kind="title"))
        head.addWidget(self.count, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        tools.setSpacing(8)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.without)
        tools.addSpacing(8)
        for each in (self.rename, self.consent, self.merge, self.delete):
            tools.addWidget(each)
        foot.setSpacing(8)
        foot.addWidget(self.merges)
        foot.addWidget(self.rights)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.note)
        column.addLayout(tools)
        column.addWidget(self._pages, 1)
        column.addWidget(self.confirm)
        column.addLayout(foot)

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _popup(self, at: QPoint) -> None:
        menu, viewport = self.person_menu(), self.view.viewport()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(viewport.mapToGlobal(at) if viewport is not None else at)

    def person_menu(self) -> QMenu:
        """What can be done with who is selected."""
        menu = QMenu(self)
        for each, words in (
            (self.rename, "&Rename"),
            (self.consent, "&Consent …"),
            (self.merge, "&Make one …"),
            (self.delete, "&Delete …"),
            (self.rights, "D&oor rights …"),
        ):
            action = QAction(words, menu)
            action.setEnabled(each.isEnabled())
            action.triggered.connect(each.click)
            menu.addAction(action)
        return menu

    def _restyle(self) -> None:
        self._search_icon.setIcon(icon("search", self._theme.tokens.muted, 18))
        viewport = self.view.viewport()
        if viewport is not None:
            viewport.update()
