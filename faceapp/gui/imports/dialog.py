"""The window for importing pictures: what to import, how far it is, what it came to, and whose face is whose."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QWidget

from faceapp.app.import_types import ImportState
from faceapp.app.live_types import LiveControl
from faceapp.gui.imports.choose import ChoosePage
from faceapp.gui.imports.following import FollowingDialog
from faceapp.gui.imports.picker import PickerPage
from faceapp.gui.imports.report import ReportPage
from faceapp.gui.imports.running import RunningPage
from faceapp.gui.theme import Theme

_SIZE, _LEAST = QSize(780, 640), QSize(520, 420)


class ImportDialog(FollowingDialog):
    """Shows what goes on, whoever began it."""

    def __init__(self, session: LiveControl, theme: Theme, parent: QWidget) -> None:
        imports = session.imports
        super().__init__(imports, "Import pictures", _SIZE, _LEAST, parent)
        self._state: ImportState | None = None
        self.choose = ChoosePage(session, theme)
        self.running = RunningPage()
        self.report = ReportPage(session, theme)
        self.picker = PickerPage(session, theme)
        for page in (self.choose, self.running, self.report, self.picker):
            self.pages.addWidget(page)
        self.choose.begun.connect(self.refresh)
        self.running.cancelled.connect(self._cancel)
        self.report.more.connect(self._again)
        self.report.picking.connect(self._pick)
        self.picker.finished.connect(self._picked)
        for close in (self.choose.close_button, self.running.close_button, self.report.close_button):
            close.clicked.connect(self.close)
        self.refresh()

    def refresh(self) -> None:
        """Show the page of what goes on now."""
        state = self._imports.state()
        before, self._state = self._state, state
        if state.phase in ("importing", "exporting"):
            self.running.show_state(state)
            self._turn_to(self.running)
        elif state.phase == "imported" and state.result is not None:
            self._seen()
            self.report.show_result(state.result)
            if self.pages.currentWidget() is not self.picker:
                self._turn_to(self.report)
        elif state != before:
            # Also for an export's end: that has a window of its own.
            if state.phase == "failed":
                self._seen()
                self.choose.refused.say(state.problem)
            self._turn_to(self.choose)

    def reject(self) -> None:
        """Esc: from the faces back to the report, else away."""
        if self.pages.currentWidget() is self.picker:
            self._picked()
        else:
            super().reject()

    def _turn_to(self, page: QWidget) -> None:
        if self.pages.currentWidget() is page:
            return
        self.pages.setCurrentWidget(page)
        if page is self.report:
            self.report.begin()
        elif page is self.running:
            self.running.close_button.setFocus()
        else:
            page.setFocus()

    def _cancel(self) -> None:
        self._imports.cancel()
        self.refresh()

    def _again(self) -> None:
        self._imports.dismiss()
        self.refresh()

    def _pick(self) -> None:
        result = self._imports.state().result
        if result is not None and result.undecided:
            self.pages.setCurrentWidget(self.picker)
            self.picker.begin(result.undecided)

    def _picked(self) -> None:
        self._turn_to(self.report)
        self.refresh()
