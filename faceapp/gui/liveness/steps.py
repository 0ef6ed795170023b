"""The wizard's pages: what it is about, one for each kind of presentation, what came of it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from faceapp.app.live_types import LiveControl
from faceapp.app.liveness_wizard_types import TrialKind, TrialLine, TrialState
from faceapp.errors import KnownError
from faceapp.gui.caution import Caution
from faceapp.gui.liveness.picture import LivePicture
from faceapp.gui.liveness.words import CAUTION, HOW, INTRO, NEEDED, NO_MODEL, PRIVATE, TITLES, TRIED, counted
from faceapp.gui.scrolled import Scrolled
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label, quick_key

_STEPS = 1000
_MEDIA = (
    "Clips and pictures (*.webm *.mp4 *.avi *.mkv *.mov *.m4v *.mjpeg *.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff)"
)


class IntroPage(QWidget):
    """What it is, what it takes, what is kept."""

    def __init__(self, model: str, theme: Theme) -> None:
        super().__init__()
        self.caution = Caution(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(label("Try the liveness", kind="title"))
        column.addWidget(self.caution)
        tried = [TRIED.format(model=model)] if model else []
        for text in (INTRO, NEEDED, *tried, PRIVATE):
            column.addWidget(label(text, wrap=True))
        column.addStretch(1)
        if not model:
            self.caution.say(NO_MODEL)


class TakePage(QWidget):
    """Presentations of one kind, recorded here or brought as files."""

    def __init__(self, kind: TrialKind, number: int, of: int, session: LiveControl, theme: Theme) -> None:
        super().__init__()
        self.kind = kind
        self._session, self._trials = session, session.trials
        self.picture = LivePicture()
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.seen = label(kind="muted", wrap=True)
        self.taken = label()
        self.problem = Caution(theme)
        self.record = button("Record", kind="primary", tip="Watch the camera for about three seconds")
        self.file = button("File …", tip="A clip or a picture instead")
        self.folder = button("Folder …", tip="Clips and pictures instead, each a presentation")
        self.undo = button("Undo", tip="Forget the last one of this kind")
        quick_key(self.record, "R")
        self.record.clicked.connect(self._record)
        self.file.clicked.connect(self._choose_file)
        self.folder.clicked.connect(self._choose_folder)
        self.undo.clicked.connect(self._undo)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.record, self.file, self.folder, self.undo):
            row.addWidget(widget)
        row.addStretch(1)
        said = QHBoxLayout()
        said.setSpacing(12)
        said.addWidget(self.seen, 1)
        said.addWidget(self.taken, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(f"{TITLES[kind]}, step {number} of {of}", kind="title"))
        column.addWidget(label(HOW[kind], wrap=True))
        column.addWidget(self.picture, 1)
        column.addWidget(self.bar)
        column.addLayout(said)
        column.addWidget(self.problem)
        column.addLayout(row)

    def refresh(self) -> None:
        """The newest picture, and how far it is."""
        self.picture.show_frame(self._session.latest_frame())
        self.show_state(self._trials.state())

    def show_state(self, state: TrialState) -> None:
        """As it is now."""
        busy = state.phase != "idle"
        self.bar.setValue(round(_STEPS * state.progress) if busy else 0)
        idle = "Ready. The recording ends of itself."
        self.seen.setText(state.seen if busy and state.seen else "Starting …" if busy else idle)
        self.bar.setAccessibleDescription(self.seen.text())
        if self.problem.text() != state.problem:
            self.problem.say(state.problem)
        taken = state.count(self.kind)
        self.taken.setText(counted(taken))
        words = "Stop" if busy else "Record"
        if self.record.text() != words:
            self.record.setText(words)
            self.record.setAccessibleName(words)
        for widget in (self.file, self.folder):
            widget.setEnabled(not busy)
        self.undo.setEnabled(not busy and taken > 0)

    def _record(self) -> None:
        if self._trials.state().phase != "idle":
            self._trials.stop()
        else:
            self._trials.begin(self.kind)
        self.refresh()

    def _undo(self) -> None:
        self._trials.undo(self.kind)
        self.refresh()

    def _choose_file(self) -> None:
        self._chosen(QFileDialog.getOpenFileName(self, "Clip or picture", "", f"{_MEDIA};;All files (*)")[0])

    def _choose_folder(self) -> None:
        self._chosen(QFileDialog.getExistingDirectory(self, "Folder of clips and pictures"))

    def _chosen(self, path: str) -> None:
        if path:
            self._trials.read(self.kind, Path(path))
            self.refresh()


class ResultPage(QWidget):
    """What the presentations say, and no more."""

    def __init__(self, session: LiveControl, theme: Theme) -> None:
        super().__init__()
        self._trials = session.trials
        self._rows = QWidget()
        self._lines = QVBoxLayout(self._rows)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(4)
        self.save = button("Save the report …", tip="Figures only, as a JSON file")
        self.said = label(kind="muted", wrap=True)
        self.problem = Caution(theme)
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.save)
        row.addWidget(self.said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label("What it came to", kind="title"))
        column.addWidget(Scrolled(self._rows), 1)
        column.addWidget(label(CAUTION, kind="small", wrap=True))
        column.addWidget(self.problem)
        column.addLayout(row)

    def show_lines(self, lines: tuple[TrialLine, ...], tried: bool) -> None:
        """All rates so far; `tried`: there is one at all."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for line in lines:
            title, text = label(line.title, wrap=True), label(line.text, kind="muted", wrap=True)
            for words in (title, text):
                words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            title.setContentsMargins(0, 8, 0, 0)
            self._lines.addWidget(title)
            self._lines.addWidget(text)
        self._lines.addStretch(1)
        self.save.setEnabled(tried)
        self.said.setText("" if tried else "Nothing was tried yet.")
        self.problem.say("")

    def _save(self) -> None:
        path = QFileDialog.getSaveFileName(self, "Save the report", "liveness.json", "JSON (*.json)")[0]
        if not path:
            return
        try:
            self._trials.save(Path(path))
        except KnownError as e:
            line = str(e)
            self.problem.say(f"{line[:1].upper()}{line[1:]}.")
            return
        self.problem.say("")
        self.said.setText(f"Saved as {Path(path).name}.")
