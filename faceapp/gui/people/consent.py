"""One person's consent: what is on record, another in its place, or its end."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from faceapp.app.live_types import ConsentForm, ConsentWanted
from faceapp.app.people_types import ManageControl
from faceapp.errors import InputError
from faceapp.gui.answers import Answers
from faceapp.gui.consent_form import ConsentFields
from faceapp.gui.people_model import consent_words
from faceapp.gui.theme import Theme
from faceapp.gui.unknown.question import Question
from faceapp.gui.widgets import button, label
from faceapp.types import PersonSummary

SURE = "This person is deleted at once, with all photos and templates, from the backups as well. It can't be undone."


class ConsentDialog(QDialog):
    """Puts a consent on record, or takes it back. Emits what was done and closes."""

    recorded = pyqtSignal()
    withdrawn = pyqtSignal()
    """To be asked of the gallery by whoever opened this."""

    def __init__(
        self, person: PersonSummary, wanted: ConsentWanted, manage: ManageControl, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._person, self._manage = person, manage
        self._answers = Answers(self)
        self.setWindowTitle("Consent")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setMinimumWidth(520)
        said = consent_words(person)[0] or "no consent on record"
        self.state = label(f"Now: {said}.", kind="muted", wrap=True)
        self.fields = ConsentFields(theme)
        self.fields.offer(wanted)
        self.fields.set_known(person)
        self.fields.given.setChecked(person.consent != "given")
        self.refusal = label(kind="danger", wrap=True)
        self.refusal.hide()
        self.withdraw = button("Withdraw …", tip="The person takes consent back")
        self.withdraw.clicked.connect(self._ask_to_withdraw)
        self.question = Question()
        self.question.turned.connect(self._turned)
        self.question.ended.connect(self.withdraw.setFocus)
        self.cancel = button("Close")
        self.cancel.clicked.connect(self.reject)
        self.save = button("Put on record", kind="primary")
        self.save.clicked.connect(self._save)
        self.save.setEnabled(self.fields.given.isChecked())
        self.fields.given.toggled.connect(self.save.setEnabled)
        self.fields.resized.connect(self.adjustSize)
        foot = QHBoxLayout()
        foot.addWidget(self.withdraw)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label(person.name, kind="title", wrap=True))
        column.addWidget(self.state)
        column.addWidget(self.fields)
        column.addWidget(self.refusal)
        column.addStretch(1)
        column.addWidget(self.question)
        column.addLayout(foot)
        self._answers.when_done(manage.consent(person.id), self._known, self._refuse)

    def _known(self, form: ConsentForm | None) -> None:
        """What is on record, to begin another one with."""
        if form is None:
            return
        self.fields.purpose.setText(form.purpose)
        self.fields.given_by.setText(form.given_by)
        self.fields.until.setText("" if form.until is None else form.until.isoformat())
        self.fields.text.setPlainText(form.text)

    def _save(self) -> None:
        try:
            form = self.fields.value()
        except InputError as e:
            self._refuse(str(e))
            return
        if form is not None:
            self._answers.when_done(self._manage.record_consent(self._person.id, form), self._saved, self._refuse)

    def _saved(self, _: None) -> None:
        self.recorded.emit()
        self.accept()

    def reject(self) -> None:
        """Esc takes back the question before it closes."""
        if self.question.text():
            self.question.end()
        else:
            super().reject()

    def _ask_to_withdraw(self) -> None:
        """Neither a held Enter nor a double click answers: the focus is on Cancel, and this button rests."""
        ask = f"Withdraw the consent of {self._person.name}?"
        self.question.ask(ask, SURE, "Withdraw and delete", "danger", self._withdraw)

    def _withdraw(self) -> None:
        self.withdrawn.emit()
        self.accept()

    def _turned(self) -> None:
        asking = bool(self.question.text())
        self.withdraw.setEnabled(not asking)
        self.save.setEnabled(not asking and self.fields.given.isChecked())
        self.fields.setEnabled(not asking)
        self.adjustSize()

    def _refuse(self, line: str) -> None:
        self.refusal.setText(line)
        self.refusal.show()
        self.adjustSize()
