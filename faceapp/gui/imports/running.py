"""The page while pictures are imported or exported."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from faceapp.app.import_types import ImportState
from faceapp.gui.imports.words import counts_words, progress_words
from faceapp.gui.theme import tabular
from faceapp.gui.widgets import button, label

GOES_ON = "It goes on in the background when this window is closed. Names may come more slowly on the live picture."
_STEPS = 1000


class RunningPage(QWidget):
    """How far it is, and a way to end it."""

    cancelled = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label(kind="title")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.progress = label()
        self.counts = label(kind="muted")
        for words in (self.progress, self.counts):
            words.setFont(tabular(words.font()))
        self.cancel = button("Cancel", tip="End after the picture at hand; what was imported stays")
        self.cancel.clicked.connect(self.cancelled)
        self.close_button = button("Close", kind="primary", tip="It goes on in the background")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(label(GOES_ON, kind="small", wrap=True), 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addStretch(1)
        column.addWidget(self.bar)
        column.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.counts, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(2)
        column.addLayout(foot)

    def show_state(self, state: ImportState) -> None:
        """As it is now."""
        self.title.setText("Importing pictures" if state.phase == "importing" else "Exporting people")
        self.bar.setRange(0, _STEPS if state.total else 0)
        if state.total:
            self.bar.setValue(round(_STEPS * state.done / state.total))
        words = progress_words(state)
        self.progress.setText("Ending after the picture at hand …" if state.cancelling else words)
        self.counts.setText(counts_words(state))
        self.bar.setAccessibleDescription(f"{self.progress.text()}. {self.counts.text()}")
        self.cancel.setEnabled(not state.cancelling)
