"""The page after a photo was stored: known from now on, and what one more photo would add."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceapp.app.live_types import MOST_PHOTOS
from faceapp.gui.caution import Caution
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label
from faceapp.types import PersonSummary

PHOTO = 72
NO_CONSENT = "No consent on record."
ASKED_FOR_BADGES = "From now on a door asks each of them for a badge as well."


class StoredPage(QWidget):
    """Says what was done, offers to go on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.photo = QLabel()
        self.photo.setFixedSize(PHOTO, PHOTO)
        self.photo.setAccessibleName("The photo")
        self.title = label(kind="title", wrap=True)
        self.offer = label(kind="muted", wrap=True)
        self.consent = label(NO_CONSENT, kind="small")
        self.alike = Caution(theme)
        self.asked = label(ASKED_FOR_BADGES, wrap=True)
        self.badges = button("Ask both for a badge", tip="At a door the face alone opens nothing for them any more")
        self.refusal = label(kind="danger", wrap=True)
        self.another = button("", tip="One more photo of the same person")
        self.done = button("Done", kind="primary", tip="Back to the picture (Esc)")
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.title)
        words.addWidget(self.offer)
        words.addWidget(self.consent)
        words.addWidget(self.alike)
        words.addWidget(self.asked)
        words.addWidget(self.refusal)
        words.addWidget(self.badges, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(18)
        upper.addWidget(self.photo, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        lower = QHBoxLayout()
        lower.setSpacing(8)
        lower.addStretch(1)
        lower.addWidget(self.another)
        lower.addWidget(self.done)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(upper)
        column.addLayout(lower)

    def order(self) -> list[QWidget]:
        """What Tab visits."""
        return [self.done, self.another, self.badges]

    def tell(self, person: PersonSummary, photo: QPixmap, wish: str, without_consent: bool) -> None:
        """`wish`: what one more photo should show; empty where there are enough."""
        self.photo.setPixmap(photo)
        title = f"{person.name} is known from now on" if person.photos == 1 else f"{person.name} has one more photo"
        self.title.setText(title)
        self.title.setAccessibleName(title)
        few = "One photo is enough to begin with." if person.photos == 1 else f"{person.photos} photos now."
        self.offer.setText(f"{few} One more makes it surer: {_inner(wish)}" if wish else few)
        self.consent.setVisible(without_consent)
        self.another.setVisible(bool(wish))
        self.another.setText(f"Take another ({person.photos + 1} of {MOST_PHOTOS})")
        self.another.setAccessibleName(self.another.text())
        self.done.setAccessibleDescription(f"{title}. {self.offer.text()}")

    def warn(self, name: str, alike: Sequence[str]) -> None:
        """`alike`: who may be mistaken for `name`, and whom a badge would tell apart."""
        who = " and ".join(alike)
        self.alike.say(f"{who} and {name} look alike: a camera may take one for the other." if alike else "")
        self.asked.hide()
        self.badges.setText("Ask both for a badge" if len(alike) < 2 else "Ask all three for a badge")
        self.badges.setAccessibleName(self.badges.text())
        self.badges.setEnabled(True)
        self.badges.setVisible(bool(alike))
        self.refusal.hide()

    def set_asked(self, refused: str | None = None) -> None:
        """A door asks them for a badge, or why it doesn't."""
        self.badges.setVisible(refused is not None)
        self.badges.setEnabled(True)
        self.refusal.setText(refused or "")
        self.refusal.setAccessibleName(f"Error: {refused}")
        self.refusal.setVisible(refused is not None)
        if refused is None:
            self.alike.say("")
            self.asked.show()
            self.done.setFocus()


def _inner(sentence: str) -> str:
    """A sentence after a colon."""
    words = sentence.removeprefix("Now ")
    return words[:1].lower() + words[1:]
