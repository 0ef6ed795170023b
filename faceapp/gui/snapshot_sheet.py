"""Enrol by snapshot: a second of looking, one photograph, one name.

A card over the picture, not a dialog before it: whoever is photographed keeps seeing themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from faceapp.app.live_types import LiveControl, SnapshotPhase
from faceapp.errors import KnownError
from faceapp.gui.answers import Answers
from faceapp.gui.snapshot_pages import CollectingPage, FailedPage, Find, ReadyPage, typed_name
from faceapp.gui.theme import Theme
from faceapp.types import PersonSummary

_POLL_MS = 50
_WIDTH = 468
_MARGIN = 22


class SnapshotSheet(QFrame):
    """Follows the session's snapshot. Hidden while there is none."""

    enrolled = pyqtSignal(str)
    """The name that is known from now on."""
    closed = pyqtSignal()
    resized = pyqtSignal()

    def __init__(self, session: LiveControl, find: Find, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._shown: SnapshotPhase = "idle"
        self._begun = False
        """True once the session has taken note of the snapshot."""
        self._saving = False
        self._answers = Answers(self)
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName("Enrol by snapshot")
        self.collecting, self.ready, self.failed = CollectingPage(theme), ReadyPage(find), FailedPage()
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN - 2, _MARGIN, _MARGIN - 2)
        self._pages: dict[SnapshotPhase, CollectingPage | ReadyPage | FailedPage] = {
            "collecting": self.collecting,
            "ready": self.ready,
            "failed": self.failed,
        }
        for page in self._pages.values():
            page.hide()
            column.addWidget(page)
        self.collecting.cancel.clicked.connect(self.cancel)
        self.ready.cancel.clicked.connect(self.cancel)
        self.ready.retake.clicked.connect(self.try_again)
        self.ready.save.clicked.connect(self.save)
        self.ready.entered.connect(self.save)
        self.ready.resized.connect(self._fit)
        self.failed.close_it.clicked.connect(self.cancel)
        self.failed.again.clicked.connect(self.try_again)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.follow)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def phase(self) -> SnapshotPhase:
        """What the sheet shows."""
        return self._shown

    def begin(self, names: Sequence[str]) -> None:
        """Take a snapshot; `names` are offered while typing."""
        self.ready.offer(names)
        self.try_again()

    def try_again(self) -> None:
        """Another second, another photograph; a name typed already stays."""
        self._session.begin_snapshot()
        self._begun = False
        self.show()
        self.raise_()
        self._turn_to("collecting")
        self.collecting.ring.set_value(0.0)
        self.collecting.cancel.setFocus()
        self.follow()
        self._timer.start()

    def cancel(self) -> None:
        """Throw the snapshot away. While it is being saved that is too late."""
        if not self.isHidden() and not self._saving:
            self._session.cancel_snapshot()
            self._close()

    def save(self) -> None:
        """Enrol under the name in the field. The sheet stays until that is done; a refusal is shown below the name.

        A photo added to somebody who has the door gives it to another face: where there is a PIN, that needs it."""
        if self._shown != "ready" or self._saving:
            return
        name = typed_name(self.ready.name.text())
        if not name:
            self.ready.refuse("Type a name first.")
            return
        try:
            guarded = self._session.people.has_door(name) and self._session.pin.has_pin()
            if guarded:
                self._ask_pin(name)
        except KnownError as e:  # a PIN that can't be read is no missing PIN
            self.ready.refuse(str(e))
            return
        if not guarded:
            self._store(name)

    def follow(self) -> None:
        """Show what the session's snapshot has come to."""
        if self._saving:
            return
        state = self._session.snapshot()
        if state.phase == "collecting":
            self.collecting.ring.set_value(state.progress)
        self._begun = self._begun or state.phase != "idle"
        if state.phase == self._shown:
            return
        match state.phase:
            case "idle" if self._begun:
                # Taken away from elsewhere: the camera was changed, or the session stopped.
                self._close()
            case "ready":
                self.ready.show_snapshot(state)
                self._turn_to("ready")
                self.ready.name.setFocus()
            case "failed":
                self.failed.tell(state.problem or "No usable face was seen.")
                self._turn_to("failed")
                self.failed.again.setFocus()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab stays on the sheet while it is open."""
        page = self._pages.get(self._shown)
        order = [w for w in page.order() if w.isVisible() and w.isEnabled()] if page is not None else []
        if not order:
            return super().focusNextPrevChild(next)
        focused = self.focusWidget()
        at = order.index(focused) + (1 if next else -1) if focused in order else 0
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        order[at % len(order)].setFocus(reason)
        return True

    def sizeHint(self) -> QSize:
        """Its own width, as tall as its page."""
        return QSize(_WIDTH, super().sizeHint().height())

    def _ask_pin(self, name: str) -> None:
        from faceapp.gui.pin_question import PinQuestion  # few ever see it, and the window should come fast

        why = f"{name} may open the door, and so may the face in this photo once it is saved."
        question = PinQuestion(why, self._session.pin, self._theme, self.window() or self)
        question.accepted.connect(lambda: self._store(name))
        question.open()

    def _store(self, name: str) -> None:
        if self._shown == "ready" and not self._saving:  # else the photo was taken away meanwhile
            self._set_saving(True)
            self._answers.when_done(self._session.enroll(name), self._saved, self._refused)

    def _saved(self, person: PersonSummary) -> None:
        self._set_saving(False)
        self._close()
        self.enrolled.emit(person.name)

    def _refused(self, line: str) -> None:
        self._set_saving(False)
        self.ready.refuse(line)

    def _set_saving(self, saving: bool) -> None:
        self._saving = saving
        self.ready.set_saving(saving)

    def _turn_to(self, phase: SnapshotPhase) -> None:
        self._shown = phase
        for key, page in self._pages.items():
            page.setVisible(key == phase)
        self._fit()

    def _fit(self) -> None:
        """As tall as its page, not as its tallest one."""
        layout = self.layout()
        if layout is not None and not self.isHidden():
            layout.activate()
            self.setFixedHeight(layout.totalHeightForWidth(_WIDTH) or layout.totalSizeHint().height())
            self.resized.emit()

    def _close(self) -> None:
        self._timer.stop()
        self._shown = "idle"
        self.ready.photo.clear()
        self.hide()
        self.closed.emit()

    def _restyle(self) -> None:
        self.collecting.restyle(self._theme)
        self.failed.restyle(self._theme)
