"""The first page of an import: what, and how."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from faceapp.app.import_types import Duplicates, Found, Wish
from faceapp.app.live_types import LiveControl
from faceapp.errors import InputError
from faceapp.gui.answers import Answers
from faceapp.gui.caution import Caution
from faceapp.gui.consent_form import ConsentFields
from faceapp.gui.imports.words import counted, found_words
from faceapp.gui.pin_first import door_words, pin_first
from faceapp.gui.scrolled import Scrolled
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import Picker, Switch, button, label

WHAT = (
    "A folder with a folder for each person, or with pictures called Name_0001.jpg; a CSV file of names and paths; "
    "an HDF5 data set; or a .gallery file from another installation."
)
MEANWHILE = "The live picture goes on meanwhile. Names may come more slowly."
NO_CONSENT = "This site enrols nobody without consent. Switch it on, and say what they agreed to."
DUPLICATES: dict[Duplicates, str] = {
    "warn": "enrol it all the same",
    "refuse": "reject the picture",
    "add": "add it to that person",
}
_FILES = "What can be imported (*.csv *.tsv *.txt *.h5 *.hdf5 *.gallery);;All files (*)"
_MOST_LINES = 3


class ChoosePage(QWidget):
    """Looks before it imports: how many people and pictures there are."""

    begun = pyqtSignal()

    def __init__(self, session: LiveControl, theme: Theme) -> None:
        super().__init__()
        imports = session.imports
        self._session, self._theme = session, theme
        self._imports = imports
        self._answers = Answers(self)
        self._looks = 0
        self._found: Found | None = None
        self.path = QLineEdit()
        self.path.setPlaceholderText("Folder or file")
        self.path.setAccessibleName("Folder or file to import")
        self.path.setAccessibleDescription(WHAT)
        self.folder = button("Folder …", tip="Choose a folder of pictures")
        self.file = button("File …", tip="Choose a CSV file, an HDF5 data set or an exported gallery")
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setPlaceholderText("Passphrase of the gallery, then Enter")
        self.passphrase.setAccessibleName("Passphrase of the exported gallery")
        self.found = label(wrap=True)
        self.notes = label(kind="small", wrap=True)
        self.refused = Caution(theme)
        self.nested = Switch("Folders within a person's folder are theirs", theme)
        self.strict = Switch("Only good photos", theme)
        self.strict.setToolTip("Reject photos that are blurred, dark, turned or small, instead of marking them")
        self.duplicates = Picker(theme)
        self.duplicates.setAccessibleName("A face that is somebody else's already")
        for id, words in DUPLICATES.items():
            self.duplicates.addItem(words, id)
        self.consent = ConsentFields(theme)
        self.consent.offer(imports.consent_wanted())
        self.start = button("Import", kind="primary", tip="Begin, in the background")
        self.close_button = button("Close")
        self._lay_out()
        self._connect()
        self._show()

    def order(self) -> list[QWidget]:
        """What Tab visits."""
        fields = [self.path, self.folder, self.file, self.passphrase, self.nested, self.strict, self.duplicates]
        return [*fields, *self.consent.order(), self.start, self.close_button]

    def look(self) -> None:
        """See what lies at the path."""
        text = self.path.text().strip()
        self._looks += 1
        self._found = None
        self.refused.say("")
        if not text:
            self._show()
            return
        self.found.setText("Looking …")
        self.start.setEnabled(False)
        number = self._looks
        self._answers.when_done(
            self._imports.look(Path(text).expanduser(), self.nested.isChecked(), self.passphrase.text()),
            lambda found: self._seen(found) if number == self._looks else None,
            lambda line: self._nothing(line) if number == self._looks else None,
        )

    def begin(self) -> None:
        """Import what was found."""
        found = self._found
        if found is None or found.locked:
            return
        gallery = found.kind == "gallery"
        try:
            consent = None if gallery else self.consent.value()
        except InputError as e:
            self.refused.say(str(e))
            return
        if not gallery and consent is None and self._imports.consent_wanted().required:
            self.refused.say(NO_CONSENT)
            self.consent.given.setFocus()
            return
        wish = Wish(
            found.path,
            found.kind,
            nested=self.nested.isChecked(),
            strict=self.strict.isChecked(),
            duplicates=self.duplicates.currentData(),
            consent=consent,
            passphrase=self.passphrase.text() if gallery else "",
        )
        pin_first(
            lambda: self._why_pin(found, wish),
            self._session.pin,
            self._theme,
            self.window() or self,
            lambda given: self._begin(found, replace(wish, pin_given=given)),
            self._nothing,
        )

    def _why_pin(self, found: Found, wish: Wish) -> str:
        """Faces that are added to whoever has the door have it: who may be among them."""
        anybody = found.names is None or wish.duplicates == "add"
        holders = self._session.people.manage.door_holders(None if anybody else found.names)
        return door_words(holders, "every face that is imported as theirs")

    def _begin(self, found: Found, wish: Wish) -> None:
        if found is not self._found:  # another path was typed meanwhile
            return
        self._imports.begin(wish)
        self.passphrase.clear()
        self._found = None
        self.begun.emit()

    def _seen(self, found: Found) -> None:
        self._found = found
        self._show()
        if found.locked:
            self.passphrase.setFocus()

    def _nothing(self, line: str) -> None:
        self.refused.say(line[:1].upper() + line[1:])
        self._show()

    def _show(self) -> None:
        found = self._found
        gallery = found is not None and found.kind == "gallery"
        # A wrong passphrase finds nothing, and is to be typed again.
        self.passphrase.setVisible(gallery or (self.passphrase.isVisible() and bool(self.passphrase.text())))
        self.nested.setVisible(found is not None and found.kind == "folder")
        for widget in (self.strict, self._duplicates_row, self.consent):
            widget.setVisible(found is not None and not gallery)
        self.found.setText("" if found is None else found_words(found))
        self.found.setVisible(found is not None)
        self.notes.setText("" if found is None else "\n".join(_notes(found)))
        self.notes.setVisible(bool(self.notes.text()))
        self.start.setEnabled(found is not None and not found.locked)

    def _connect(self) -> None:
        self.path.returnPressed.connect(self.look)
        self.path.textEdited.connect(self._edited)
        self.passphrase.returnPressed.connect(self.look)
        self.nested.toggled.connect(self.look)
        self.folder.clicked.connect(self._choose_folder)
        self.file.clicked.connect(self._choose_file)
        self.start.clicked.connect(self.begin)

    def _edited(self) -> None:
        """Another path: what was found of the one before says nothing of it."""
        self._looks += 1
        self._found = None
        self.refused.say("")
        self.passphrase.clear()
        self._show()

    def _choose_folder(self) -> None:
        self._chosen(QFileDialog.getExistingDirectory(self, "Folder of pictures", self.path.text()))

    def _choose_file(self) -> None:
        self._chosen(QFileDialog.getOpenFileName(self, "File to import", self.path.text(), _FILES)[0])

    def _chosen(self, path: str) -> None:
        if path:
            self._edited()
            self.path.setText(path)
            self.look()

    def _lay_out(self) -> None:
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.path, 1)
        where.addWidget(self.folder)
        where.addWidget(self.file)
        self._duplicates_row = QWidget()
        row = QHBoxLayout(self._duplicates_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        name = QLabel("A &face that is somebody else's already:")
        name.setBuddy(self.duplicates)
        row.addWidget(name)
        row.addWidget(self.duplicates, 1)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        column.addWidget(self.passphrase)
        column.addWidget(self.found)
        column.addWidget(self.notes)
        for widget in (self.nested, self.strict, self._duplicates_row, self.consent):
            column.addWidget(widget)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(label(MEANWHILE, kind="small", wrap=True), 1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.start)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(label("Import pictures", kind="title"))
        outer.addWidget(label(WHAT, kind="muted", wrap=True))
        outer.addLayout(where)
        outer.addWidget(Scrolled(inner), 1)
        outer.addWidget(self.refused)
        outer.addLayout(foot)
        tabs = self.order()
        for before, after in itertools.pairwise(tabs):
            QWidget.setTabOrder(before, after)
        self.setFocusProxy(self.path)
        self.found.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)


def _notes(found: Found) -> list[str]:
    lines = list(found.notes)
    if found.refused:
        more = len(found.refused) - _MOST_LINES
        lines.append(f"{counted(len(found.refused), 'entry', 'entries')} there can't be imported:")
        lines += [f"– {line}" for line in found.refused[:_MOST_LINES]]
        if more > 0:
            lines.append(f"– and {more:,} more, which the report lists")
    return lines
