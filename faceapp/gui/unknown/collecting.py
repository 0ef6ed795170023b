"""Whether unknown faces are collected: a decision about people who were not asked, so it is asked for in full, and
where there is an administrator's PIN it is theirs."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal

from faceapp.app.inbox_types import InboxState
from faceapp.app.live_types import LiveControl
from faceapp.errors import KnownError
from faceapp.gui.answers import Answers
from faceapp.gui.theme import Theme
from faceapp.gui.unknown.question import Question
from faceapp.gui.unknown.words import days
from faceapp.gui.widgets import Switch, quick_key

QUESTION = "Keep the faces of people who were not asked?"
WHY_PIN = "From now on the faces of people whom nobody matched will be kept."


def consequence(state: InboxState) -> str:
    """What turning it on means."""
    return (
        "A picture and templates of everybody who is well seen and matches nobody will be kept on this computer, "
        f"encrypted, until somebody decides or {days(state.days)} after they were last seen. In many places that needs "
        "a reason and a sign where people can read it. Whoever answers for this place decides; PRIVACY.md says more."
    )


class CollectSwitch(Switch):
    """Shows what holds, and asks before it is turned on. Off it goes at once."""

    changed = pyqtSignal()
    told = pyqtSignal(str)
    refused = pyqtSignal(str)

    def __init__(self, session: LiveControl, theme: Theme, question: Question) -> None:
        super().__init__("Collect", theme)
        self._session = session
        self._look = theme
        self._question = question
        self._answers = Answers(self)
        self.setAccessibleName("Collect unknown faces")
        self.setToolTip("Keep faces that nobody matches, until somebody decides about them")
        quick_key(self, "Alt+C")
        self.clicked.connect(self._clicked)

    def show_state(self, state: InboxState) -> None:
        """What holds now."""
        with QSignalBlocker(self):
            self.setChecked(state.collecting)
        self.setEnabled(state.possible)

    def _clicked(self, on: bool) -> None:
        state = self._session.inbox.state()
        self.show_state(state)  # it moves once it holds
        if not on:
            self._collect(False)
        else:
            self._question.ask(QUESTION, consequence(state), "Collect", "plain", self._agreed)

    def _agreed(self) -> None:
        """Where there is a PIN it is asked for: this is not for whoever sits here to decide."""
        try:
            guarded = self._session.pin.has_pin()
        except KnownError as e:  # a PIN that can't be read is no missing PIN
            self.refused.emit(str(e))
            return
        if not guarded:
            self._collect(True)
            return
        from faceapp.gui.pin_question import PinQuestion  # few ever see it

        question = PinQuestion(WHY_PIN, self._session.pin, self._look, self.window() or self)
        question.accepted.connect(lambda: self._collect(True))
        question.open()

    def _collect(self, on: bool) -> None:
        done = "Collected from now on." if on else "Not collected any more. Those who are here stay for their days."
        self._answers.when_done(self._session.inbox.collect(on), lambda _: self._done(done), self._failed)
        self.changed.emit()

    def _done(self, line: str) -> None:
        self.told.emit(line)
        self.changed.emit()

    def _failed(self, line: str) -> None:
        self.refused.emit(line)
        self.changed.emit()
