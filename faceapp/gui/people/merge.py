"""Two people who are one: both faces side by side, which name stays, and a word of warning where they look unlike."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from faceapp.app.people_types import Likeness, ManageControl, Merged, PeopleRow
from faceapp.gui.answers import Answers
from faceapp.gui.caution import Caution
from faceapp.gui.icons import pixmap
from faceapp.gui.people.table_model import photos_words
from faceapp.gui.people_model import consent_words
from faceapp.gui.pictures import rounded
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label

_FACE, _WIDTH = 120, 520


def likeness_words(likeness: Likeness) -> str:
    """What is to be said before two people are made one; empty where all is well."""
    if likeness.distance is None:
        return "Nobody can tell whether these two look alike: one has no template. Look at the pictures."
    if likeness.one_person:
        return ""
    return (
        f"These two don't look like one person: their nearest photos are {likeness.distance:.2f} apart, "
        f"and two photos of one person are mostly nearer than {likeness.limit:.2f}."
    )


class MergeDialog(QDialog):
    """Asks which of two people stays. Emits `chosen` and closes."""

    chosen = pyqtSignal(str, str)
    """Ids: who is merged away, and who stays."""

    def __init__(self, one: PeopleRow, other: PeopleRow, manage: ManageControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = one, other
        self._theme = theme
        self._answers = Answers(self)
        self.setWindowTitle("Make two people one")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self.names = QButtonGroup(self)
        self.choices: list[QRadioButton] = []
        cards = QHBoxLayout()
        cards.setSpacing(12)
        for number, row in enumerate(self._rows):
            cards.addWidget(self._card(number, row, manage))
        self.caution = Caution(theme)
        self.what = label(wrap=True)
        self.cancel = button("Cancel", tip="Leave both as they are (Esc)")
        self.cancel.clicked.connect(self.reject)
        self.go = button("Make one", kind="primary")
        self.go.clicked.connect(self._go)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label("Which name stays?", kind="title"))
        column.addLayout(cards)
        column.addWidget(self.caution)
        column.addWidget(self.what)
        column.addLayout(foot)
        self.names.idToggled.connect(lambda _id, _on: self._tell())
        # Who has more photos is mostly the one that is meant to stay.
        stays = 0 if one.person.photos >= other.person.photos else 1
        self.choices[stays].setChecked(True)
        self._answers.when_done(manage.likeness(one.person.id, other.person.id), self._compare, self._cannot)

    def _card(self, number: int, row: PeopleRow, manage: ManageControl) -> QFrame:
        person, door = row.person, row.door
        card = QFrame()
        card.setObjectName("card")
        face = QLabel()
        face.setFixedSize(_FACE, _FACE)
        face.setAccessibleName(f"The face of {person.name}")
        ratio, tokens = self.devicePixelRatioF(), self._theme.tokens
        face.setPixmap(pixmap("person", tokens.muted, _FACE, ratio))

        def show(jpeg: bytes | None) -> None:
            picture = QImage()
            if jpeg is not None and picture.loadFromData(jpeg):
                face.setPixmap(rounded(picture, _FACE, 12, ratio, tokens.line))

        self._answers.when_done(manage.portrait(person.id), show, lambda _: None)
        choice = QRadioButton(person.name.replace("&", "&&"))
        choice.setAccessibleName(f"{person.name} stays")
        self.names.addButton(choice, number)
        self.choices.append(choice)
        photos = photos_words(person)
        entry = f"door: {door.door}, {door.hours}" if door.hours else f"door: {door.door}"
        facts = [f"{photos} photo" if photos == "1" else f"{photos} photos", consent_words(person)[0], entry]
        if person.last_seen:
            facts.append(f"last seen {person.last_seen}")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 14, 16, 12)
        column.addWidget(face, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(choice)
        for fact in facts:
            if fact:
                column.addWidget(label(fact, kind="small", wrap=True))
        column.addStretch(1)
        return card

    def _pair(self) -> tuple[PeopleRow, PeopleRow]:
        """Who goes, who stays."""
        one, other = self._rows
        return (other, one) if self.names.checkedId() == 0 else (one, other)

    def _tell(self) -> None:
        away, stays = (r.person.name for r in self._pair())
        self.what.setText(
            f"{stays} gets the photos of {away}, and keeps name, door, groups and badges. {away} is put aside with "
            "theirs, until this is undone or one of them is deleted."
        )

    def _compare(self, likeness: Likeness) -> None:
        self._cannot(likeness_words(likeness))

    def _cannot(self, line: str) -> None:
        self.caution.say(line)
        self.adjustSize()

    def _go(self) -> None:
        away, stays = self._pair()
        self.chosen.emit(away.person.id, stays.person.id)
        self.accept()


class MergesDialog(QDialog):
    """The merges that can be undone, to choose one. Emits `chosen` with its id and closes."""

    chosen = pyqtSignal(str)

    def __init__(self, merges: Sequence[Merged], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Merged people")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Merges that can be undone, the newest first")
        self.list.setMinimumSize(420, 180)
        self.list.setSpacing(3)
        for merged in merges:
            photos = "1 photo" if merged.photos == 1 else f"{merged.photos} photos"
            item = QListWidgetItem(f"{merged.created[:10]}   {merged.name} → {merged.into_name}, {photos}")
            item.setData(Qt.ItemDataRole.UserRole, merged.id)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        nothing = label("Nobody was merged into somebody, or it can't be undone any more.", kind="muted", wrap=True)
        self.undo = button("Undo", kind="primary", tip="Have the merged person back, with the photos that were theirs")
        self.undo.setEnabled(bool(merges))
        self.undo.clicked.connect(self._go)
        cancel = button("Close")
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.undo)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label("Merged people", kind="title"))
        column.addWidget(self.list if merges else nothing, 1)
        column.addLayout(foot)

    def _go(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
            self.accept()
