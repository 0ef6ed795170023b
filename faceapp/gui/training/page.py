"""The training page: what to learn from, the curves while it learns, and what came of it, beside the live picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from faceapp.app.training.job import JobKind, JobState, TrainingControl
from faceapp.errors import KnownError
from faceapp.gui.caution import Caution
from faceapp.gui.scrolled import Scrolled
from faceapp.gui.theme import Theme
from faceapp.gui.training.plots import Looks, Loss, TripletPlot, words
from faceapp.gui.widgets import Picker, Switch, button, every, fit_to_screen, label

_SIZE = QSize(1000, 740)
_LOOK_MS = 500
GALLERY = "gallery"
KINDS: tuple[tuple[JobKind, str, str], ...] = (
    ("head", "A shorter encoding", "512 numbers become 128 behind a network that stays as it is. Minutes."),
    ("finetune", "FaceNet's last blocks", "A part of FaceNet goes on learning from these people. Up to an hour."),
    ("scratch", "A small network from nothing", "To see how learning works. It will know these people and few others."),
)
WHAT = "A folder with a folder for each person, an HDF5 file, or “gallery” for the people who are enrolled."
HONEST = (
    "People are split, never their pictures: the result is judged on people that nothing was learned from. Where it is "
    "no significant gain, nothing is switched."
)


class TrainingDialog(QDialog):
    """Follows the session's training while it is open; a run goes on when it is closed."""

    def __init__(self, training: TrainingControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._training = training
        self._theme = theme
        self.setWindowTitle("Training")
        self.kind = Picker(theme)
        self.kind.setAccessibleName("What to train")
        for id, text, what in KINDS:
            self.kind.addItem(text, id)
            self.kind.setItemData(self.kind.count() - 1, what, 3)
        self.data = QLineEdit(GALLERY)
        self.data.setAccessibleName("People to learn from")
        self.data.setAccessibleDescription(WHAT)
        self.data.setToolTip(WHAT)
        self.data.setPlaceholderText(GALLERY)
        self.folder = button("Folder …", tip="Choose a folder with a folder for each person")
        self.whole = Switch("Pictures are faces already", theme)
        self.whole.setToolTip("They are cut out: no face is looked for")
        self.start = button("Train", kind="primary", tip="Begin, in a process of its own")
        self.cancel = button("Cancel", tip="End it; the same run goes on from there when it is begun again")
        self.install = button("Put into use", tip="Take the network in and compare faces with it")
        self.close_button = button("Close")
        self.caution = Caution(theme)
        self.about = label(kind="small", wrap=True)
        self.line = label(kind="muted", wrap=True)
        self.verdict = label(wrap=True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)  # it names a folder
        self.told = label(kind="small", wrap=True)
        self.loss, self.looks, self.triplets = Loss(theme), Looks(theme), TripletPlot(theme)
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._explain)
        self.folder.clicked.connect(self._choose)
        self.start.clicked.connect(self._begin)
        self.cancel.clicked.connect(self._cancel)
        self.install.clicked.connect(self._install)
        self.close_button.clicked.connect(self.close)
        theme.changed.connect(self._restyle)
        fit_to_screen(self, _SIZE)
        self._explain()
        self._restyle()
        self.refresh()
        self.timer = every(_LOOK_MS, self.refresh, self)

    def refresh(self) -> None:
        """Look how far it is."""
        state = self._training.state()
        busy = state.phase in ("training", "installing")
        for field in (self.kind, self.data, self.folder, self.whole, self.start):
            field.setEnabled(not busy)
        self.cancel.setVisible(state.phase == "training")
        self.install.setVisible(state.phase == "trained" and bool(state.result.get("significant")))
        self.line.setText("Taking it in …" if state.phase == "installing" else _capital(state.line))
        self.line.setVisible(bool(self.line.text()))
        if state.phase == "failed":
            self.caution.say(state.problem)
        elif state.warning and state.phase != "cancelled":
            self.caution.say(_sentence(state.warning))
        self.verdict.setText(_verdict(state))
        self.verdict.setVisible(bool(self.verdict.text()))
        self.told.setText(words(state.picture))
        self.loss.show_state(state)
        self.looks.show_state(state)
        self.triplets.show_picture(state.picture)

    def done(self, a0: int) -> None:
        """Closed, whichever way."""
        self.timer.stop()
        self._theme.changed.disconnect(self._restyle)
        super().done(a0)
        for plot in (self.loss, self.looks, self.triplets):
            plot.end()
        self.deleteLater()

    def _begin(self) -> None:
        kind: JobKind = self.kind.currentData()
        self._try(lambda: self._training.begin(kind, self._where(), whole=self.whole.isChecked()))

    def _install(self) -> None:
        self._try(self._training.install)

    def _cancel(self) -> None:
        self._training.cancel()
        self.refresh()

    def _try(self, do: Callable[[], object]) -> None:
        self.caution.say("")
        try:
            do()
        except KnownError as e:
            self.caution.say(str(e))
        self.refresh()

    def _where(self) -> str:
        text = self.data.text().strip()
        return GALLERY if text in ("", GALLERY) else str(Path(text).expanduser())

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "People to learn from", self.data.text())
        if chosen:
            self.data.setText(chosen)

    def _explain(self) -> None:
        what = KINDS[self.kind.currentIndex()][2]
        self.about.setText(f"{what} {HONEST}")
        self.kind.setAccessibleDescription(what)

    def _restyle(self) -> None:
        for plot in (self.loss, self.looks, self.triplets):
            plot.restyle()

    def _lay_out(self) -> None:
        what = QHBoxLayout()
        what.setSpacing(8)
        what.addWidget(self.kind, 1)
        what.addWidget(self.whole)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(label("Learn from"))
        where.addWidget(self.data, 1)
        where.addWidget(self.folder)
        content = QWidget()
        plots = QHBoxLayout(content)
        plots.setContentsMargins(0, 0, 6, 0)
        plots.setSpacing(16)
        curves = QVBoxLayout()
        for title, plot in (("While it learns", self.loss), ("People it doesn't learn from", self.looks)):
            curves.addWidget(label(title))
            curves.addWidget(plot, 1)
        picture = QVBoxLayout()
        picture.addWidget(
            label("Triplets: pulled together (solid), pushed apart (dashed); outlines: before", wrap=True)
        )
        picture.addWidget(self.triplets, 1)
        picture.addWidget(self.told)
        plots.addLayout(curves, 1)
        plots.addLayout(picture, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.line, 1)
        foot.addStretch(0)
        for one in (self.cancel, self.install, self.start, self.close_button):
            foot.addWidget(one)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 16)
        outer.setSpacing(12)
        outer.addWidget(label("Adapt a network to people", kind="title"))
        outer.addLayout(what)
        outer.addLayout(where)
        outer.addWidget(self.about)
        outer.addWidget(self.caution)
        outer.addWidget(Scrolled(content), 1)
        outer.addWidget(self.verdict)
        outer.addLayout(foot)


def _verdict(state: JobState) -> str:
    """What came of it, in a line or two."""
    said = state.result
    if state.phase == "installed":
        if said.get("switched"):
            return (
                f"{said['id']} is in use when this window is opened again; {said['before']} is one click away in the "
                "settings."
            )
        why = said.get("problem") or said.get("verdict", "")
        return f"{said.get('before', 'The embedder in use')} stays in use: {why}"
    if state.phase != "trained":
        return ""
    verdict = _sentence(str(said.get("verdict", "")))
    more = "" if said.get("significant") else " Nothing is switched."
    return f"{verdict}{more} The report is in {said.get('out', '')}."


def _sentence(line: str) -> str:
    return f"{_capital(line)}."


def _capital(line: str) -> str:
    return line[:1].upper() + line[1:]
