"""The three faces of the snapshot sheet: looking, naming, failed. They show and ask; the sheet decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QStringListModel, Qt, pyqtSignal
from PyQt6.QtWidgets import QCompleter, QHBoxLayout, QLabel, QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget

from faceapp.app.live_types import ConsentWanted, SnapshotState
from faceapp.gui.caution import Caution
from faceapp.gui.consent_form import ConsentFields
from faceapp.gui.icons import pixmap
from faceapp.gui.pictures import rounded, to_qimage
from faceapp.gui.scrolled import Scrolled
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label
from faceapp.types import PersonSummary

CROP = 132
"""Side of the photo in device-independent pixels."""
_ORDINALS = {1: "second", 2: "third", 3: "fourth", 4: "fifth"}

OVERRIDE = "Taken by hand, and marked so. What would make it better:"

Find = Callable[[str], PersonSummary | None]


def quality_words(quality: float) -> str:
    """A figure from 0 to 100 as a word and the figure."""
    word = "Very good" if quality >= 80 else "Good" if quality >= 60 else "Fair" if quality >= 40 else "Poor"
    return f"{word} photo, quality {quality:.0f} of 100"


def name_hint(same: PersonSummary | None, known_as: str | None, known: PersonSummary | None = None) -> str:
    """What saving would do where that isn't obvious: `same` is who has the typed name, `known_as` whose face it is, and
    `known` that person where they are enrolled (a guest is not)."""
    if same is not None:
        hint = f"This adds a {_ORDINALS.get(same.photos, 'further')} photo to {same.name}."
        if known_as is not None and known_as != same.name:
            hint += f" But this looks like {known_as}."
        return hint
    if known_as is not None:
        return f"This looks like {known_as}, who is enrolled already." if known else f"This looks like {known_as}."
    return ""


def alike_hint(names: Sequence[str], typed: str) -> str:
    """Whom the face may be mistaken for, other than the one whose name is typed."""
    others = [n for n in names if n.casefold() != typed.casefold()]
    if not others:
        return ""
    look = "looks" if len(others) == 1 else "look"
    return f"{' and '.join(others)} {look} much like this: a camera may take one for the other."


def typed_name(text: str) -> str:
    """A name without blanks around it and with single ones within."""
    return " ".join(text.split())


def _buttons(*buttons: QPushButton, after: int = 0) -> QHBoxLayout:
    """A row of buttons, the last ones at the right."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for index, b in enumerate(buttons):
        if index == after:
            row.addStretch(1)
        row.addWidget(b)
    return row


class ReadyPage(QWidget):
    """The photo and the question whose it is."""

    resized = pyqtSignal()
    entered = pyqtSignal()
    """Enter was pressed for the name as it stands."""

    def __init__(self, find: Find, theme: Theme) -> None:
        super().__init__()
        self._find = find
        self._known_as: str | None = None
        self._alike: tuple[str, ...] = ()
        self._further: str | None = None
        """Whose further photo it is, in the same sitting: they were asked about consent."""
        self.photo = QLabel()
        self.photo.setFixedSize(CROP, CROP)
        self.photo.setAccessibleName("The photo")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name")
        self.name.setAccessibleDescription("Who this is")
        self.name.setMaxLength(120)
        self.name.textChanged.connect(self._name_changed)
        self.name.returnPressed.connect(self._enter)
        self._names = QStringListModel(self)
        self.name.setCompleter(self._make_completer())
        self.hint = label(kind="muted", wrap=True)
        self.title = label(kind="title", wrap=True)
        self.override = label(OVERRIDE, kind="small", wrap=True)
        self.alike = Caution(theme)
        self.quality = label(kind="small", wrap=True)
        self.hints = label(kind="small", wrap=True)
        self.refusal = label(kind="danger", wrap=True)
        self.use_known = button("")
        self.use_known.clicked.connect(self._take_known_name)
        self.consent = ConsentFields(theme)
        self.consent.resized.connect(self._consent_changed)
        self.cancel = button("Cancel", tip="Throw this photo away (Esc)")
        self.retake = button("Retake", tip="Take another photo")
        self.save = button("Save", kind="primary", tip="Enrol under this name (Enter)")
        self._lay_out()

    def order(self) -> list[QWidget]:
        """What Tab visits."""
        return [self.name, self.use_known, *self.consent.order(), self.cancel, self.retake, self.save]

    def offer(self, names: Sequence[str], consent: ConsentWanted) -> None:
        """An empty field that completes to `names`, and an empty form."""
        self._names.setStringList(list(names))
        self._set_title("Who is this?")
        self._further = None
        self.consent.offer(consent)
        self.name.clear()
        self._name_changed()
        self.refusal.hide()

    def offer_further(self, name: str) -> None:
        """One more photo of `name`, who has just been asked about consent."""
        self._set_title(f"One more photo of {name}")
        self._further = name
        self.consent.given.setChecked(False)
        self.name.setText(name)
        self._name_changed()

    def show_snapshot(self, state: SnapshotState) -> None:
        """The photo, how good it is, and whom it looks like."""
        if state.image is not None:
            ratio = self.devicePixelRatioF()
            self.photo.setPixmap(rounded(to_qimage(state.image), CROP, 12, ratio))
        self.quality.setText(quality_words(state.quality) if state.quality is not None else "")
        self.quality.setVisible(state.quality is not None)
        self.override.setVisible(state.override)
        self.hints.setText("\n".join(state.hints))
        self.hints.setVisible(bool(state.hints))
        self._known_as = state.known_as
        self._alike = tuple(p.name for p in state.lookalikes)
        known = state.known_as is not None and self._find(state.known_as) is not None
        self.use_known.setText(f"Add to {state.known_as}" if known else "Use this name")
        self.use_known.setAccessibleName(f"Use the name {state.known_as}")
        self._name_changed()

    def refuse(self, line: str, field: QWidget | None = None) -> None:
        """Why it was not saved, and what is to be mended: the name, or another `field`."""
        self.refusal.setText(line)
        self.refusal.setAccessibleName(f"Error: {line}")
        self.refusal.show()
        (field or self.name).setFocus()
        self.resized.emit()
        self.reveal(self.refusal)

    def reveal(self, field: QWidget) -> None:
        """Scroll to `field` where that is needed."""
        self._body.ensureWidgetVisible(field, 0, 8)

    def set_saving(self, saving: bool) -> None:
        """While it is being saved nothing else can be done with it, and the name keeps the focus."""
        self.name.setReadOnly(saving)
        for b in (self.use_known, self.consent, self.cancel, self.retake, self.save):
            b.setEnabled(not saving)
        self.save.setText("Saving …" if saving else "Save")
        self.save.setAccessibleName(self.save.text())
        if saving:
            self.name.setFocus()
            self.refusal.hide()
            self.resized.emit()

    def _make_completer(self) -> QCompleter:
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = QListView()
        popup.setObjectName("completion")
        popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        popup.setAccessibleName("People with such a name")
        completer.setPopup(popup)
        return completer

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.title)
        words.addWidget(self.name)
        words.addWidget(self.refusal)
        words.addWidget(self.hint)
        words.addWidget(self.alike)
        words.addWidget(self.use_known, 0, Qt.AlignmentFlag.AlignLeft)
        words.addWidget(self.quality)
        words.addWidget(self.override)
        words.addWidget(self.hints)
        words.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(20)
        upper.addWidget(self.photo, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(18)
        inner.addLayout(upper)
        inner.addWidget(self.consent)
        self._body = Scrolled(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(18)
        column.addWidget(self._body)
        column.addLayout(_buttons(self.cancel, self.retake, self.save, after=1))

    def _enter(self) -> None:
        """Enter in the list of completions takes the name; saving under it takes another Enter."""
        completer = self.name.completer()
        popup = completer.popup() if completer is not None else None
        if popup is None or not popup.isVisible() or not popup.currentIndex().isValid():
            self.entered.emit()

    def _name_changed(self) -> None:
        typed = typed_name(self.name.text())
        known = self._find(self._known_as) if self._known_as is not None else None
        same = self._find(typed) if typed else None
        hint = name_hint(same, self._known_as, known)
        self.alike.say(alike_hint(self._alike, typed))
        self.consent.setVisible(self._further is None or typed.casefold() != self._further.casefold())
        self.consent.set_known(same)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        # Somebody who is enrolled goes on being offered: under a second name they would be two.
        other = known is not None and same is not known
        self.use_known.setVisible(self._known_as is not None and (not typed or other))
        self.refusal.hide()
        self.save.setEnabled(bool(typed))
        self.resized.emit()

    def _consent_changed(self) -> None:
        self.refusal.hide()
        self.resized.emit()

    def _set_title(self, text: str) -> None:
        self.title.setText(text)
        self.title.setAccessibleName(text)

    def _take_known_name(self) -> None:
        if self._known_as is not None:
            self.name.setText(self._known_as)
            self.name.setFocus()


class FailedPage(QWidget):
    """Why there is no photo."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = QLabel()
        self._sign.setFixedSize(28, 28)
        self.problem = label(wrap=True)
        self.close_it = button("Close", tip="Close without a photo (Esc)")
        self.again = button("Try again", kind="primary", tip="Take another photo")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label("No photo was taken", kind="title"))
        words.addWidget(self.problem)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(18)
        column.addLayout(upper)
        column.addLayout(_buttons(self.close_it, self.again))

    def order(self) -> list[QWidget]:
        """What Tab visits."""
        return [self.again, self.close_it]

    def tell(self, problem: str) -> None:
        """Show the line."""
        self.problem.setText(problem)
        self.problem.setAccessibleName(problem)

    def restyle(self, theme: Theme) -> None:
        """After a change of theme."""
        self._sign.setPixmap(pixmap("warning", theme.tokens.warning, 28, self.devicePixelRatioF()))
