"""After a photo was stored whose face is near to somebody else's: both can be asked for a badge."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from faceapp.app.live_types import LiveControl, SnapshotState
from faceapp.gui.answers import Answers
from faceapp.gui.pin_first import pin_first
from faceapp.gui.snapshot_pages import Find
from faceapp.gui.stored_page import StoredPage
from faceapp.gui.theme import Theme
from faceapp.types import PersonSummary


class BadgeOffer(QObject):
    """Asks on a `StoredPage`. Where there is a PIN, that comes first: whoever wants to lock somebody out could else do
    so here."""

    changed = pyqtSignal()
    """The page says something else."""

    def __init__(self, session: LiveControl, find: Find, theme: Theme, page: StoredPage, owner: QWidget) -> None:
        super().__init__(owner)
        self._session, self._find, self._theme = session, find, theme
        self._page, self._owner = page, owner
        self._answers = Answers(self)
        self._person: PersonSummary | None = None
        self._alike: dict[str, str] = {}
        """Names by id: whom the face of the photo may be mistaken for, the same person under another name included."""
        page.badges.clicked.connect(self.ask)

    @property
    def alike(self) -> bool:
        """Whether there is anybody to be mistaken for."""
        return bool(self._alike)

    def see(self, photo: SnapshotState) -> None:
        """A photo that is to be stored."""
        self._person = None
        self._alike = {p.person_id: p.name for p in photo.lookalikes}
        known = None if photo.known_as is None else self._find(photo.known_as)
        if known is not None and not known.guest:
            self._alike = {known.id: known.name, **self._alike}

    def tell(self, person: PersonSummary) -> None:
        """It was stored, as this person's."""
        self._person = person
        self._alike.pop(person.id, None)  # nobody looks too much like themselves
        self._page.warn(person.name, list(self._alike.values()))

    def ask(self) -> None:
        """The face alone is to open nothing for those who were taken for each other."""
        person = self._person
        if person is None or not self._alike:
            return
        people = [person.id, *self._alike]
        names = " and ".join([*self._alike.values(), person.name])
        pin_first(
            lambda: f"A door will ask {names} for a badge as well.",
            self._session.pin,
            self._theme,
            self._owner.window() or self._owner,
            lambda _: self._require(people),
            self._refused,
        )

    def _require(self, people: list[str]) -> None:
        """One after the other; the first that can't be is told, and those before it stay so."""
        if not people:
            self._page.set_asked()
            self.changed.emit()
            return
        self._page.badges.setEnabled(False)
        self._answers.when_done(
            self._session.rights.require_badge(people[0]), lambda _: self._require(people[1:]), self._refused
        )

    def _refused(self, line: str) -> None:
        self._page.set_asked(line)
        self.changed.emit()
