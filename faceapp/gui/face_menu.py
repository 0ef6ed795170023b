"""What can be said of a face in the picture: that it isn't whose name it carries."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from faceapp.app.live_types import LiveControl
from faceapp.gui.answers import Answers
from faceapp.gui.snapshot_pages import Find
from faceapp.types import TrackedFace


class FaceMenu(QObject):
    """Opens below a name that was clicked. What is said is noted by the session; nobody is changed or deleted by it."""

    noted = pyqtSignal(str)
    """What was noted, for a banner."""
    refused = pyqtSignal(str)

    def __init__(self, session: LiveControl, find: Find, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._find = find
        self._window = parent
        self._answers = Answers(self)

    def open(self, faces: Sequence[TrackedFace], at: QPoint) -> QMenu | None:
        """One line for each of `faces`; nothing where there is nobody to say it of."""
        menu = QMenu(self._window)
        menu.setAccessibleName("About this face")
        for face in faces:
            match = face.match
            person = None if match is None or match.name is None else self._find(match.name)
            if person is None or person.guest:
                continue
            action = QAction(f"That is not {person.name.replace('&', '&&')}", menu)
            action.triggered.connect(
                lambda _checked, track=face.track, id=person.id, name=person.name: self._not_them(track, id, name)
            )
            menu.addAction(action)
        if menu.isEmpty():
            menu.deleteLater()
            return None
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
        return menu

    def _not_them(self, track: int, person_id: str, name: str) -> None:
        done = f"Noted: this face is not {name}. Faces like it won't be named so any more."
        answer = self._session.not_this_person(track, person_id)
        self._answers.when_done(answer, lambda _: self.noted.emit(done), self.refused.emit)
