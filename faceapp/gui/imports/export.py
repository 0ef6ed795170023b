"""The window for exporting people to another installation: everybody or some, into a file that a passphrase opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QSize, Qt
from PyQt6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from faceapp.app.import_types import SHORTEST_PASSPHRASE
from faceapp.app.live_types import LiveControl
from faceapp.gui.caution import Caution
from faceapp.gui.imports.following import FollowingDialog
from faceapp.gui.imports.running import RunningPage
from faceapp.gui.imports.words import counted, exported_words
from faceapp.gui.people_model import folded
from faceapp.gui.pin_first import pin_first
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import Switch, button, label
from faceapp.types import PersonSummary

WHAT = (
    "Photos, templates and consent go into one file that only its passphrase opens. Rights to a door and badges stay "
    "here: they are for each site to give."
)
_LEAST_LIST = 76
_SIZE, _LEAST = QSize(620, 640), QSize(480, 470)


class PeopleChoice(QAbstractListModel):
    """Everybody with a box to tick; those who are searched for are shown."""

    def __init__(self, people: Sequence[PersonSummary], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._people = people
        self._shown = list(people)
        self._wanted = ""
        self.chosen: set[str] = set()
        """Ids, also of those whom the search doesn't show."""

    def put(self, people: Sequence[PersonSummary]) -> None:
        """Other people; who is gone is chosen no more."""
        self._people = people
        self.chosen &= {p.id for p in people}
        self._show()

    def search(self, text: str) -> None:
        """Compared without case and accents."""
        self._wanted = folded(text.strip())
        self._show()

    def _show(self) -> None:
        shown = [p for p in self._people if self._wanted in folded(p.name)]
        if [(p.id, p.name) for p in shown] != [(p.id, p.name) for p in self._shown]:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One for each person shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """To be ticked."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, and whether it is ticked."""
        if not index.isValid() or not 0 <= index.row() < len(self._shown):
            return None
        person = self._shown[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            state = Qt.CheckState.Checked if person.id in self.chosen else Qt.CheckState.Unchecked
            return state.value  # views and screen readers want the number
        return person.name if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick, or don't."""
        if role != Qt.ItemDataRole.CheckStateRole or not 0 <= index.row() < len(self._shown):
            return False
        who = {self._shown[index.row()].id}
        ticked = Qt.CheckState(value) == Qt.CheckState.Checked
        self.chosen = self.chosen | who if ticked else self.chosen - who
        self.dataChanged.emit(index, index, [role])
        return True


class ExportDialog(FollowingDialog):
    """Shows what goes on, whoever began it."""

    def __init__(self, session: LiveControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(session.imports, "Export people", _SIZE, _LEAST, parent)
        self._session, self._theme = session, theme
        self._phase = ""
        self._marker: int | None = None
        self.model = PeopleChoice((), self)
        self.everybody = Switch("Everybody", theme)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search people")
        self.search.setAccessibleName("Search people")
        self.search.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setObjectName("checks")
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setMinimumHeight(_LEAST_LIST)
        self.list.setAccessibleName("People to export")
        self.count = label(kind="small")
        self.passphrase, self.again = _secret("Passphrase"), _secret("The same passphrase again")
        self.refused = Caution(theme)
        self.start = button("Export …", kind="primary", tip="Choose a new file, and write it in the background")
        self.close_button = button("Close")
        self.running = RunningPage()
        self.done_title, self.done_words = label(kind="title", wrap=True), label(wrap=True)
        self.more = button("Export more …")
        self.done_close = button("Close", kind="primary")
        self._form, self._done = self._make_form(), self._make_done()
        for page in (self._form, self.running, self._done):
            self.pages.addWidget(page)
        self._connect()
        self.everybody.setChecked(True)
        self.refresh()

    def refresh(self) -> None:
        """Show the page of what goes on now."""
        self._follow_people()
        state = self._imports.state()
        before, self._phase = self._phase, state.phase
        if state.phase in ("importing", "exporting"):
            self.running.show_state(state)
            self.pages.setCurrentWidget(self.running)
        elif state.phase == "exported":
            self._seen()
            title, words = exported_words(state.exported)
            self.done_title.setText(title)
            self.done_words.setText(words)
            self.pages.setCurrentWidget(self._done)
        elif state.phase != before:
            if before == "exporting" and state.phase == "failed":
                self._seen()
                self.refused.say(state.problem)
            self.pages.setCurrentWidget(self._form)

    def export(self) -> None:
        """Check what was typed, ask where to, and begin."""
        only = None if self.everybody.isChecked() else set(self.model.chosen)
        complaint = self._complaint(only)
        self.refused.say(complaint)
        if complaint:
            return
        who = "everybody" if only is None else counted(len(only), "person", "people")
        pin_first(
            lambda: f"The file will hold the faces of {who}, for whoever has it and its passphrase.",
            self._session.pin,
            self._theme,
            self,
            lambda _: self._export(only),
            self.refused.say,
        )

    def _export(self, only: set[str] | None) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export people", "people.gallery", "Exported gallery (*.gallery)")
        if not path:
            return
        out = Path(path)
        self._imports.export(out if out.suffix else out.with_suffix(".gallery"), self.passphrase.text(), only)
        self.passphrase.clear()
        self.again.clear()
        self.refresh()

    def _follow_people(self) -> None:
        """Those who are enrolled now, also by others while this is open."""
        people = self._session.people
        marker = people.marker()
        if marker != self._marker:
            self._marker = marker
            self.model.put([p for p in people.list() if not p.guest])
            self._choice()

    def _complaint(self, only: set[str] | None) -> str:
        if only is not None and not only:
            return "Nobody is chosen: tick somebody, or export everybody."
        if len(self.passphrase.text()) < SHORTEST_PASSPHRASE:
            return f"The passphrase has fewer than {SHORTEST_PASSPHRASE} characters: choose a longer one."
        if self.passphrase.text() != self.again.text():
            return "The two passphrases differ: type them again."
        return ""

    def _more(self) -> None:
        self._imports.dismiss()
        self.refresh()
        self.passphrase.setFocus()

    def _choice(self) -> None:
        some = not self.everybody.isChecked()
        self.search.setVisible(some)
        self.list.setVisible(some)
        chosen = len(self.model.chosen) if some else self.model.rowCount()
        self.count.setText(f"{counted(chosen, 'person', 'people')} chosen" if some else "")
        self.count.setVisible(some)

    def _everybody(self, on: bool) -> None:
        if on:
            self.search.clear()
        self._choice()

    def _connect(self) -> None:
        self.everybody.toggled.connect(self._everybody)
        self.search.textChanged.connect(self.model.search)
        self.model.dataChanged.connect(self._choice)
        self.start.clicked.connect(self.export)
        self.again.returnPressed.connect(self.start.click)
        self.running.cancelled.connect(self._imports.cancel)
        self.more.clicked.connect(self._more)
        for close in (self.close_button, self.running.close_button, self.done_close):
            close.clicked.connect(self.close)

    def _make_form(self) -> QWidget:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.addRow("&Passphrase", self.passphrase)
        form.addRow("The same a&gain", self.again)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.start)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label("Export people", kind="title"))
        column.addWidget(label(WHAT, kind="muted", wrap=True))
        column.addWidget(self.everybody)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)
        column.addLayout(form)
        column.addWidget(self.refused)
        column.addStretch(0)
        column.addLayout(foot)
        return page

    def _make_done(self) -> QWidget:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.more)
        foot.addWidget(self.done_close)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.done_title)
        column.addWidget(self.done_words)
        column.addStretch(1)
        column.addLayout(foot)
        return page


def _secret(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setAccessibleName(name)
    return field
