"""The two small windows behind the menu: keyboard shortcuts and about."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceapp import __version__
from faceapp.gui.icons import application_icon
from faceapp.gui.widgets import button, label

FURTHER_KEYS = (
    ("Rename the chosen person", "F2"),
    ("Delete the chosen person", "Del"),
    ("Menu", "Alt+M"),
    ("To the people", "Alt+P"),
    ("Manage people", "Ctrl+Shift+P"),
    ("Sort the people", "Alt+O"),
    ("To camera, detector, recogniser", "Alt+C, Alt+D, Alt+R"),
    ("To the threshold", "Alt+T"),
    ("Automatic threshold on or off", "Alt+A"),
    ("On the picture: say that a name is wrong", "Menu"),
    ("Go on, go back", "Tab, Shift+Tab"),
    ("Close what lies over the picture", "Esc"),
)
ABOUT = (
    "Knows faces: finds them in the picture of a camera and says whose they are, on this computer alone. "
    "No picture leaves it.",
    "Free software under the GNU General Public License, version 3 or later, because PyQt6 is. It comes without any "
    "warranty. Text is set in Inter (SIL Open Font License 1.1).",
    "“faceapp models list” names each network, where its weights come from and their licence.",
)


class _Dialog(QDialog):
    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(28, 24, 28, 20)
        self.column.setSpacing(12)

    def finish(self) -> None:
        """The closing button below everything."""
        close = button("Close", kind="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        self.column.addSpacing(8)
        self.column.addLayout(row)


class ShortcutsDialog(_Dialog):
    """Every key of the window."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__("Keyboard shortcuts", parent)
        self.column.addWidget(label("Keyboard shortcuts", kind="title"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(40)
        grid.setVerticalSpacing(10)
        rows = [(a.text().replace("&", "").rstrip(" …"), a.shortcut().toString()) for a in actions]
        for row, (what, keys) in enumerate([*(r for r in rows if r[1]), *FURTHER_KEYS]):
            grid.addWidget(label(what), row, 0)
            grid.addWidget(label(keys, kind="muted"), row, 1, Qt.AlignmentFlag.AlignRight)
        self.column.addLayout(grid)
        self.finish()


class AboutDialog(_Dialog):
    """What this is and under which licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("About faceapp", parent)
        head = QHBoxLayout()
        head.setSpacing(16)
        sign = QLabel()
        sign.setPixmap(application_icon().pixmap(56, 56))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(label("faceapp", kind="title"))
        names.addWidget(label(f"Version {__version__}", kind="muted"))
        head.addWidget(sign)
        head.addLayout(names, 1)
        self.column.addLayout(head)
        for paragraph in ABOUT:
            text = label(paragraph, wrap=True)
            text.setFixedWidth(400)
            self.column.addWidget(text)
        self.finish()
