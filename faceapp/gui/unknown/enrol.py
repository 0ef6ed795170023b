"""Naming an unknown face: the photo, whose it is, what they agreed to. The same page as after a snapshot."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceapp.app.inbox_types import Entry
from faceapp.app.live_types import ConsentForm, LiveControl, SnapshotState
from faceapp.gui.answers import Answers
from faceapp.gui.badge_offer import BadgeOffer
from faceapp.gui.pictures import rounded, to_qimage
from faceapp.gui.save_named import save_named
from faceapp.gui.snapshot_pages import Find, ReadyPage
from faceapp.gui.stored_page import PHOTO, StoredPage
from faceapp.gui.theme import Theme
from faceapp.types import PersonSummary

OVERRIDE = "Stored as it is, and marked so. What would make it better:"
_WIDTH = 560


class EnrolPage(QWidget):
    """Asks for the name of one entry and stores it."""

    stored = pyqtSignal(object)
    """The person, a PersonSummary."""
    left = pyqtSignal()
    """Nothing was stored; the entry stays."""

    def __init__(self, session: LiveControl, find: Find, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        self._answers = Answers(self)
        self._entry: Entry | None = None
        self.saving = False
        self.ready = ReadyPage(find, theme)
        self.ready.override.setText(OVERRIDE)
        self.ready.retake.hide()
        for widget, tip in (
            (self.ready.cancel, "Back to the faces; this one stays (Esc)"),
            (self.ready.save, "Enrol under this name (Enter)"),
        ):
            widget.setToolTip(tip)
            widget.setAccessibleDescription(tip)
        self.ready.cancel.clicked.connect(self.cancel)
        self.ready.save.clicked.connect(self.save)
        self.ready.entered.connect(self.save)
        self._picture = QPixmap()
        self._person: PersonSummary | None = None
        """Who was stored, while it is shown whom they look like."""
        self.after = StoredPage(theme)
        self.after.done.setToolTip("Back to the faces (Esc)")
        self.after.done.clicked.connect(self._finish)
        self.badges = BadgeOffer(session, find, theme, self.after, self)
        row = QHBoxLayout()
        row.addStretch(1)
        for page in (self.ready, self.after):
            page.setMaximumWidth(_WIDTH)
            row.addWidget(page, 20)
        row.addStretch(1)
        self._turn_to(self.ready)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(row)

    def begin(self, entry: Entry, state: SnapshotState) -> None:
        """Ask who `entry` is; `state` is its photo."""
        self._entry, self._person = entry, None
        self._picture = QPixmap()
        if state.image is not None:
            self._picture = rounded(to_qimage(state.image), PHOTO, 10, self.devicePixelRatioF())
        self.badges.see(state)
        self._turn_to(self.ready)
        names = [p.name for p in self._session.people.list() if not p.guest]
        self.ready.offer(names, self._session.enrolment.consent_wanted())
        self.ready.show_snapshot(state)
        self.ready.name.setFocus()

    def cancel(self) -> None:
        """Back, unless it is being saved: then it is too late."""
        if self._person is not None:
            self._finish()
        elif not self.saving:
            self._end()
            self.left.emit()

    def save(self) -> None:
        """Enrol under the name in the field. A refusal is shown below it."""
        if self._entry is None or self.saving:
            return
        save_named(self.ready, self._session, self._theme, self._store)

    def _store(self, name: str, consent: ConsentForm | None) -> None:
        if self._entry is None or self.saving:  # left meanwhile
            return
        self._set_saving(True)
        self._answers.when_done(self._session.inbox.enrol(self._entry, name, consent), self._saved, self._refused)

    def _saved(self, person: PersonSummary) -> None:
        self._set_saving(False)
        self.badges.tell(person)
        self._person = person
        if not self.badges.alike:
            self._finish()
            return
        self._entry = None
        consented = self.ready.consent.given.isChecked() or person.consent == "given"
        self.after.tell(person, self._picture, "", not consented)
        self._turn_to(self.after)
        self.after.done.setFocus()

    def _finish(self) -> None:
        person, self._person = self._person, None
        self._end()
        if person is not None:
            self.stored.emit(person)

    def _refused(self, line: str) -> None:
        self._set_saving(False)
        self.ready.refuse(line)

    def _set_saving(self, saving: bool) -> None:
        self.saving = saving
        self.ready.set_saving(saving)

    def _end(self) -> None:
        self._entry = None
        self.ready.photo.clear()
        self.after.photo.clear()

    def _turn_to(self, page: QWidget) -> None:
        for each in (self.ready, self.after):
            each.setVisible(each is page)
