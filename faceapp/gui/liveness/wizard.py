"""The liveness wizard: people, prints, phones, tablets before this camera, and how often they are told apart."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.live_types import LiveControl
from faceapp.app.liveness_wizard_types import TRIAL_KINDS
from faceapp.gui.liveness.steps import IntroPage, ResultPage, TakePage
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, every, fit_to_screen

_SIZE = QSize(640, 640)
_LOOK_MS = 50


class LivenessDialog(QDialog):
    """Step by step, forwards and back; all of it is forgotten when it closes."""

    def __init__(self, session: LiveControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._trials = session.trials
        self.setWindowTitle("Try the liveness")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.intro = IntroPage(self._trials.model(), theme)
        self.takes = [TakePage(k, n, len(TRIAL_KINDS), session, theme) for n, k in enumerate(TRIAL_KINDS, 1)]
        self.outcome = ResultPage(session, theme)
        self.pages = QStackedWidget()
        for page in (self.intro, *self.takes, self.outcome):
            self.pages.addWidget(page)
        self.back_button = button("Back")
        self.next_button = button("Next")
        self.close_button = button("Close", tip="Forget what was tried")
        self.back_button.clicked.connect(lambda: self._turn(-1))
        self.next_button.clicked.connect(lambda: self._turn(1))
        self.close_button.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.close_button)
        foot.addStretch(1)
        foot.addWidget(self.back_button)
        foot.addWidget(self.next_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(16)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)
        fit_to_screen(self, _SIZE)
        self._turn(0)
        self.next_button.setFocus()
        self.timer = every(_LOOK_MS, self.refresh, self)

    def refresh(self) -> None:
        """The page as it is now."""
        busy = self._trials.state().phase != "idle"
        at = self.pages.currentIndex()
        self.back_button.setEnabled(at > 0 and not busy)
        self.next_button.setEnabled(at < self.pages.count() - 1 and not busy and bool(self._trials.model()))
        page = self.pages.currentWidget()
        if isinstance(page, TakePage):
            page.refresh()

    def done(self, a0: int) -> None:
        """Closed, whichever way."""
        self.timer.stop()
        self._trials.forget()
        super().done(a0)

    def _turn(self, by: int) -> None:
        self.pages.setCurrentIndex(self.pages.currentIndex() + by)
        page = self.pages.currentWidget()
        if page is self.outcome:
            tried = any(count for _, count in self._trials.state().taken)
            self.outcome.show_lines(self._trials.lines(), tried)
        self.refresh()
        if isinstance(page, TakePage):
            page.record.setFocus()
        elif page is self.outcome:
            (self.outcome.save if self.outcome.save.isEnabled() else self.close_button).setFocus()
