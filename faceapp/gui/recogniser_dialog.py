"""Changing the embedder: what there is, what it costs, and the change itself, beside the live picture."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QProgressBar, QVBoxLayout, QWidget

from faceapp.app.switch_types import EmbedderChoice, SwitchControl, SwitchCost, SwitchState
from faceapp.gui.answers import Answers
from faceapp.gui.scrolled import Scrolled
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, every, fit_to_screen, label

MEANING = (
    "The recogniser turns a face into the numbers that are compared. Those of one mean nothing to another, so changing "
    "it means embedding everybody again from the pictures kept of them."
)
LOOKING, ASKING = "Looking what there is …", "Finding out what it costs …"
_SIZE = QSize(620, 640)
_POLL_MS = 200
_SETTLE_MS = 300
"""Somebody who goes through the list isn't shown the cost of each: networks are loaded for it."""
_STEPS = 1000
_NAMED = 8


class RecogniserDialog(QDialog):
    """Closing it ends nothing: a change that is under way goes on, and whoever opens it again sees how far it is."""

    def __init__(self, control: SwitchControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._control = control
        self._choices: tuple[EmbedderChoice, ...] = ()
        self._cost: SwitchCost | None = None
        self._asked = ""
        self._answers = Answers(self)
        self.setWindowTitle("Recogniser")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.list = QListWidget()
        self.list.setObjectName("checks")
        self.list.setAccessibleName("Recognisers")
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.list.currentRowChanged.connect(self._row_changed)
        self.licence = label(kind="small", wrap=True)
        self.told = label(wrap=True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.told.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.told.setAccessibleName("What it costs")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.change = button("Change", kind="primary", tip="Embed everybody again; until then nothing changes")
        self.change.clicked.connect(self._change)
        self.cancel = button("Cancel", tip="End after the photo at hand; the same change goes on from there")
        self.cancel.clicked.connect(control.cancel)
        self.close_button = button("Close")
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.ask)
        self._poll = every(_POLL_MS, self.refresh, self)
        self.told.setText(LOOKING)
        self.refresh()
        self._answers.when_done(control.choices(), self._show_choices, self._refuse)

    def refresh(self) -> None:
        """How far a change is."""
        state = self._control.state()
        going = state.phase == "embedding"
        self.list.setEnabled(not going)
        self.bar.setVisible(going)
        self.cancel.setVisible(going)
        self.cancel.setEnabled(not state.cancelling)
        self.change.setVisible(not going)
        self.change.setEnabled(self._cost is not None and self._cost.changes)
        if going:
            self.bar.setRange(0, _STEPS if state.total else 0)
            if state.total:
                self.bar.setValue(round(_STEPS * state.done / state.total))
        if state.phase != "idle" and self._cost is None and not self._asked:
            self.told.setText(words(state, self._control.in_use()))
            self.bar.setAccessibleDescription(self.told.text())

    def ask(self) -> None:
        """Ask what the chosen one costs."""
        choice = self._chosen()
        if choice is None or choice.problem or self._control.state().phase == "embedding":
            return
        self._asked = choice.id
        self.told.setText(ASKING)
        self._answers.when_done(self._control.cost(choice.id), self._show_cost, self._refuse)

    def _show_choices(self, choices: tuple[EmbedderChoice, ...]) -> None:
        self._choices = choices
        for choice in choices:
            mark = " (in use)" if choice.id == self._control.in_use() else ""
            chosen = " (from the next start on)" if choice.stored and not mark else ""
            cannot = " (cannot be used yet)" if choice.problem else ""
            self.list.addItem(QListWidgetItem(f"{choice.id}{mark}{chosen}{cannot}\n{choice.title}"))
        if self._control.state().phase == "idle":
            self.told.setText("Choose one to see what changing to it costs. Nothing changes before you say so.")
        else:
            self.refresh()
        self.list.setFocus()

    def _chosen(self) -> EmbedderChoice | None:
        row = self.list.currentRow()
        return self._choices[row] if 0 <= row < len(self._choices) else None

    def _row_changed(self) -> None:
        choice = self._chosen()
        self._cost, self._asked = None, ""
        self.licence.setText("" if choice is None else f"Licence: {choice.licence}")
        if choice is not None:
            self._asked = choice.id
            self.told.setText(f"It cannot be used: {choice.problem}." if choice.problem else ASKING)
            self._settle.start()
        self.refresh()

    def _show_cost(self, cost: SwitchCost) -> None:
        if cost.embedder != self._asked:
            return  # somebody went on in the list
        self._cost = cost
        lines = cost.lines(_NAMED)
        if cost.before == cost.embedder and not cost.photos:
            lines.insert(0, "it is the one in force: there is nothing to change")
        elif cost.before != cost.embedder:
            lines.append(f"until that is done and faceapp is started again, {cost.before} stays in use")
        self.told.setText("\n".join(f"•  {line[:1].upper()}{line[1:]}" for line in lines))
        self.refresh()

    def _refuse(self, line: str) -> None:
        self.told.setText(line[:1].upper() + line[1:])

    def _change(self) -> None:
        if self._cost is not None:
            self._control.begin(self._cost.embedder)
            self._cost, self._asked = None, ""
            self.list.setCurrentRow(-1)
            self.refresh()
            self.cancel.setFocus()

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.change)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label("Recogniser", kind="title"))
        column.addWidget(label(MEANING, kind="small", wrap=True))
        column.addWidget(self.list, 3)
        about = QWidget()
        texts = QVBoxLayout(about)
        texts.setContentsMargins(0, 0, 0, 0)
        texts.setSpacing(8)
        texts.addWidget(self.licence)
        texts.addWidget(self.told)
        texts.addStretch(1)
        column.addWidget(Scrolled(about), 2)
        column.addWidget(self.bar)
        column.addLayout(foot)
        fit_to_screen(self, _SIZE)


def words(state: SwitchState, in_use: str) -> str:
    """What goes on, or what it came to."""
    match state.phase:
        case "embedding":
            far = f"{state.done} of {state.total} photos" if state.total else "starting"
            text = "Ending after the photo at hand …" if state.cancelling else f"Embedding again: {far}."
            return f"Changing to {state.embedder}. {text} {in_use} stays in use; closing this ends nothing."
        case "cancelled":
            return f"The change to {state.embedder} was cancelled. {in_use} stays in use; what was done is not lost."
        case "failed":
            return f"The recogniser was not changed: {state.problem}"
        case "done":
            again = state.result.again if state.result is not None else ()
            others = f" and {len(again) - _NAMED} more" if len(again) > _NAMED else ""
            more = f" To be photographed again: {', '.join(again[:_NAMED])}{others}." if again else ""
            return f"{state.embedder} is ready: close faceapp and start it again to use it.{more}"
    return ""
