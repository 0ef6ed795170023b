"""Camera rolls: picture after picture with several faces, and somebody clicks whose is whose."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from faceapp.app.import_types import ManyFaces, ShownPicture
from faceapp.app.live_types import LiveControl
from faceapp.gui.answers import Answers
from faceapp.gui.caution import Caution
from faceapp.gui.imports.faces import FacesPicture
from faceapp.gui.pin_first import door_words, pin_first
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label

HOW = "Click the face, or press its number. Others in the picture may get a name too, if they agreed."
_LONGEST = 120


class PickerPage(QWidget):
    """One question at a time. What is answered is never asked again; what isn't waits."""

    finished = pyqtSignal()
    """Nothing is left to ask, or somebody goes back."""

    def __init__(self, session: LiveControl, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._imports = session.imports
        self._pin_given = False
        """For as long as somebody picks: a roll of hundreds asks once."""
        self._answers = Answers(self)
        self._left: list[ManyFaces] = []
        self._asked = 0
        self._names: dict[int, str] = {}
        self.title = label(kind="title", wrap=True)
        self.where = label(kind="small", wrap=True)
        self.picture = FacesPicture(theme)
        self.which = label()
        self.name = QLineEdit()
        self.name.setMaxLength(_LONGEST)
        self.name.setAccessibleName("Name of the chosen face")
        self.refused = Caution(theme)
        self.enrol = button("Enrol", kind="primary", tip="Enrol the faces that have a name (Enter)")
        self.skip = button("None of them", tip="Don't ask about this picture again")
        self.later = button("Later", tip="Ask about this picture the next time; go on with the next one")
        self.back = button("Back to the report")
        self._lay_out()
        self.picture.chosen.connect(self._chosen)
        self.picture.confirmed.connect(self.enrol.click)
        self.name.textEdited.connect(self._named)
        self.name.returnPressed.connect(self.enrol.click)
        self.enrol.clicked.connect(self._enrol)
        self.skip.clicked.connect(self._skip)
        self.later.clicked.connect(self._next)
        self.back.clicked.connect(self.finished)

    def begin(self, undecided: Sequence[ManyFaces]) -> None:
        """Ask about these pictures, one after the other."""
        self._pin_given = False
        self._left = list(undecided)
        self._count = len(undecided)
        self._show()

    def _show(self) -> None:
        """The first picture that is left."""
        if not self._left:
            self.finished.emit()
            return
        question = self._left[0]
        self._asked += 1
        self._names = {}
        self.title.setText(f"Which face is {question.name}?")
        place = "/".join(Path(question.image).parts[-2:])
        self.where.setText(f"Picture {self._count - len(self._left) + 1} of {self._count}: {place}")
        self.where.setToolTip(question.image)
        self.picture.show_picture(None)
        self.refused.say("")
        self._show_names()
        self._wait(True)
        asked = self._asked
        self._answers.when_done(
            self._imports.picture(question.number),
            lambda shown: self._shown(shown) if asked == self._asked else None,
            lambda line: self._gone(line) if asked == self._asked else None,
        )

    def _shown(self, shown: ShownPicture) -> None:
        self.picture.show_picture(shown.image, shown.boxes)
        self._wait(False)
        self.picture.setFocus()

    def _gone(self, line: str) -> None:
        """It can't be shown: whoever looks goes on with the next one."""
        self.refused.say(line[:1].upper() + line[1:])
        self._wait(False)
        self.skip.setEnabled(False)
        self.later.setFocus()

    def _chosen(self, number: int) -> None:
        """The first face that is clicked is whom the picture is about, until it is said otherwise."""
        own = self._left[0].name
        if number not in self._names and own not in self._names.values():
            self._names[number] = own
        self._show_names(number)
        if not self._names.get(number):
            self.name.setFocus()

    def _named(self, text: str) -> None:
        if text.strip():
            self._names[self.picture.current] = text.strip()
        else:
            self._names.pop(self.picture.current, None)
        self.picture.show_names(self._names, self.picture.current)
        self.enrol.setEnabled(bool(self._names))

    def _show_names(self, current: int = 0) -> None:
        self.picture.show_names(self._names, current)
        self.which.setText(f"Face {current} is" if current else HOW)
        self.name.setVisible(current > 0)
        self.name.setText(self._names.get(current, ""))
        self.name.setPlaceholderText("Another name, or nothing")
        self.enrol.setEnabled(bool(self._names))

    def _enrol(self) -> None:
        if not self._names or not self._left:
            return
        number, names = self._left[0].number, dict(self._names)

        def why() -> str:
            holders = () if self._pin_given else self._session.people.manage.door_holders(list(names.values()))
            return door_words(holders, "every face that becomes theirs")

        def choose(pin_given: bool) -> None:
            self._pin_given = self._pin_given or pin_given
            if self._left and self._left[0].number == number:  # else they went on meanwhile
                self._wait(True)
                asked = self._imports.choose(number, names, self._pin_given)
                self._answers.when_done(asked, self._enrolled, self._not_done)

        pin_first(why, self._session.pin, self._theme, self.window() or self, choose, self._not_done)

    def _enrolled(self, refused: dict[int, str]) -> None:
        if not refused:
            self._answered()
            return
        self._not_done("; ".join(f"face {n} was not enrolled: {why}" for n, why in sorted(refused.items())))
        self._show_names(min(refused))

    def _skip(self) -> None:
        if self._left:
            self._wait(True)
            self._answers.when_done(
                self._imports.skip(self._left[0].number), lambda _: self._answered(), self._not_done
            )

    def _not_done(self, line: str) -> None:
        self._wait(False)
        self.refused.say(line[:1].upper() + line[1:])

    def _answered(self) -> None:
        self._wait(False)
        self._next()

    def _next(self) -> None:
        if self._left:
            self._left.pop(0)
        self._show()

    def _wait(self, waiting: bool) -> None:
        for widget in (self.picture, self.name, self.skip, self.later):
            widget.setEnabled(not waiting)
        self.enrol.setEnabled(not waiting and bool(self._names))

    def _lay_out(self) -> None:
        entry = QHBoxLayout()
        entry.setSpacing(10)
        entry.addWidget(self.which)
        entry.addWidget(self.name, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.later)
        foot.addWidget(self.skip)
        foot.addWidget(self.enrol)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title)
        head.addWidget(self.where)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.picture, 1)
        column.addLayout(entry)
        column.addWidget(self.refused)
        column.addLayout(foot)
        tabs = [self.picture, self.name, self.enrol, self.skip, self.later, self.back]
        for before, after in itertools.pairwise(tabs):
            QWidget.setTabOrder(before, after)
        self.which.setAlignment(Qt.AlignmentFlag.AlignVCenter)
