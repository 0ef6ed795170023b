"""The administrator's panel, behind the PIN: what happens now, what was decided and why, people, zone, site."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.admin.decisions import DecisionsPage
from faceapp.gui.admin.now import NowPage
from faceapp.gui.admin.pages import Toggle, zoom_for, zoomed
from faceapp.gui.admin.rights import RightsPanel
from faceapp.gui.admin.site import SitePage
from faceapp.gui.admin.zone import ZonePage
from faceapp.gui.icons import icon
from faceapp.gui.theme import Theme, style_sheet
from faceapp.gui.widgets import button, rule


class AdminPanel(QWidget):
    """A page for the kiosk's window, shown after the right PIN. Polls while it is visible only.

    The window that shows it writes to the audit log that it was opened, and does what the signals ask for, logged too.
    """

    leave_full_screen = pyqtSignal()
    quit_kiosk = pyqtSignal()
    closed = pyqtSignal()

    def __init__(
        self,
        control: KioskControl,
        theme: Theme,
        *,
        mirrored: bool = False,
        clock: Callable[[], int] = time.monotonic_ns,
        parent: QWidget | None = None,
    ) -> None:
        """`mirrored`: show the picture as the kiosk's screen shows it. `clock`: that of the frames."""
        super().__init__(parent)
        self._theme = theme
        self._zoomed = (0.0, "")
        self.setObjectName("admin")
        self.setProperty("touch", "yes")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.now = NowPage(control, theme, mirrored, clock)
        self.decisions = DecisionsPage(control, theme)
        self.rights = RightsPanel(control.rights, theme)
        self.zone = ZonePage(control, theme, mirrored, clock)
        self.site = SitePage(control, theme)
        self.site.leave_full_screen.connect(self.leave_full_screen)
        self.site.quit_kiosk.connect(self.quit_kiosk)
        # Nothing is focused at first: Tab begins at the beginning, and no field takes what a reader types.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._pages = QStackedWidget()
        self._tabs = QButtonGroup(self)
        self.close_button = button(self.tr("Close"), tip=self.tr("Back to the kiosk's screen (Esc)"))
        self.close_button.clicked.connect(self.closed)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def pages(self) -> list[QWidget]:
        """Now, decisions, people, zone, site."""
        return [self._pages.widget(i) or self for i in range(self._pages.count())]

    def tabs(self) -> list[QPushButton]:
        """The buttons that lead to them."""
        return [b for b in self._tabs.buttons() if isinstance(b, QPushButton)]

    def show_page(self, at: int) -> None:
        """The page at that place."""
        self._pages.setCurrentIndex(at)
        self.tabs()[at].setChecked(True)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Letters, buttons and gaps grow on very large screens."""
        super().resizeEvent(a0)
        self._zoom()

    def sizeHint(self) -> QSize:
        """A small tablet's screen."""
        return QSize(1280, 800)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ready for keys."""
        super().showEvent(a0)
        self.setFocus()

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Esc closes; nothing else goes up to the kiosk's window, where it could be taken for a badge."""
        if a0 is not None and a0.key() == Qt.Key.Key_Escape:
            self.closed.emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        pages = (
            (self.tr("Now"), self.tr("What is decided about the newest picture"), self.now),
            (self.tr("Decisions"), self.tr("The last openings and refusals, explained"), self.decisions),
            (self.tr("People"), self.tr("Who may open the door, and when"), self.rights),
            (self.tr("Zone"), self.tr("Where in the picture people are looked at"), self.zone),
            (self.tr("Site"), self.tr("How this kiosk works, its PIN, and the way out"), self.site),
        )
        for at, (name, tip, page) in enumerate(pages):
            tab = Toggle(name, tip, kind="tab")
            self._tabs.addButton(tab, at)
            head.addWidget(tab)
            self._pages.addWidget(page)
        self._tabs.idClicked.connect(self.show_page)
        head.addStretch(1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(rule())
        column.addWidget(self._pages, 1)
        self.show_page(0)

    def _zoom(self) -> None:
        factor, tokens = zoom_for(self.size()), self._theme.tokens
        if (factor, tokens.name) == self._zoomed:
            return
        self._zoomed = factor, tokens.name
        points = QApplication.font().pointSizeF() * factor
        # A style sheet of our own over the application's: a font alone would not reach what that has dressed.
        letters = f"QWidget {{ font-size: {points:.2f}pt; }}\n"
        self.close_button.setIconSize(QSize(round(18 * factor), round(18 * factor)))
        self.setStyleSheet("" if factor == 1 else letters + zoomed(style_sheet(tokens, points), factor))

    def _restyle(self) -> None:
        self._zoom()
        self.close_button.setIcon(icon("close", self._theme.tokens.text, 32))
