"""The window of several cameras: their pictures in a grid, one of them enlarged on request."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QSettings, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QColor, QKeySequence, QPalette, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from faceapp.app.live_types import Level
from faceapp.app.several_types import GridControl
from faceapp.gui.banners import BannerStack
from faceapp.gui.grid.cell import Cell
from faceapp.gui.grid.places import places
from faceapp.gui.grid.status import GridStatus
from faceapp.gui.theme import Theme
from faceapp.gui.tokens import STAGE
from faceapp.gui.widgets import every, fit_to_screen

_STATE_MS = 200
_FIGURES_MS = 500
_GAP = 4
_EDGE = 16
_BANNER_WIDTHS = (300, 620)
_PACES = ((1, 16), (4, 33), (9, 50))
"""With so many pictures at most each is painted every so many milliseconds, or the painting of all would hold up what
recognises them."""


class GridWindow(QWidget):
    """Shows and drives one session. It neither starts the session nor itself; closing it stops the session."""

    told = pyqtSignal(str, str)
    """(level, text): something to show, from any thread."""

    def __init__(
        self,
        session: GridControl,
        theme: Theme,
        memory: QSettings | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__()
        self._session = session
        self._memory = memory
        self._enlarged: int | None = None
        self._by_keyboard = False
        self.setObjectName("window")
        self.setWindowTitle(f"faceapp: {len(session.cameras)} cameras")
        self.setMinimumSize(760, 480)
        fit_to_screen(self, QSize(1280, 800))
        self.stage = _Stage(self)
        self.cells = [Cell(c, n, theme, self.stage, clock) for n, c in enumerate(session.cameras, 1)]
        self.banners = BannerStack(theme, self.stage)
        self.stage.hold(self.cells, self.banners)
        self.status = GridStatus()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stage, 1)
        column.addWidget(self.status)
        for n, cell in enumerate(self.cells):
            cell.view.chosen.connect(partial(self._toggle, n))
            self._key(str(n + 1), partial(self._toggle, n, True))
        self._key("Esc", self.escape)
        self._key("F11", self._turn_full_screen)
        self._key("Ctrl+Q", self.close)
        self.told.connect(self.banners.tell)
        self._state_timer = every(_STATE_MS, self.refresh, self)
        self._figures_timer = every(_FIGURES_MS, self.refresh_figures, self)
        if memory is not None and (geometry := memory.value("grid/geometry")) is not None:
            self.restoreGeometry(geometry)
        self.enlarge(None)
        self.refresh()
        # Nothing is focused at first: Tab begins at the first picture.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()

    @property
    def enlarged(self) -> int | None:
        """Which camera is shown alone, from 0; None: all."""
        return self._enlarged

    def enlarge(self, camera: int | None) -> None:
        """Show this camera alone, or all of them. The others go on being recognised."""
        before, self._enlarged = self._enlarged, camera
        shown = len(self.cells) if camera is None else 1
        for n, cell in enumerate(self.cells):
            cell.view.set_pace(next(ms for most, ms in _PACES if shown <= most))
            cell.setVisible(camera is None or n == camera)
        self.stage.arrange()
        kept = before if camera is None else camera
        if kept is not None:
            # The ring is for the keyboard: who clicked on a picture sees which one it is.
            reason = Qt.FocusReason
            self.cells[kept].view.setFocus(
                reason.TabFocusReason if self._by_keyboard else reason.ActiveWindowFocusReason
            )

    def escape(self) -> None:
        """Take back what was done last: the enlarged picture, the full screen."""
        if self._enlarged is not None:
            self.enlarge(None)
        elif self.isFullScreen():
            self._turn_full_screen()

    def refresh(self) -> None:
        """Everything but the pictures and the figures."""
        anyone = bool(self._session.people())
        for cell in self.cells:
            cell.view.anyone_enrolled = anyone
            cell.refresh()
        self.banners.set_notices(self._session.notices())

    def refresh_figures(self) -> None:
        """The line below the pictures."""
        self.status.show_stats(self._session.stats())

    def tell(self, level: Level, text: str) -> None:
        """Show a banner for something that has happened."""
        self.banners.tell(level, text)

    def timers(self) -> list[QTimer]:
        """Everything that runs by itself, for whoever wants to be the clock."""
        return [self._state_timer, self._figures_timer, *self.stage.findChildren(QTimer)]

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Stop the session, remember where the window was."""
        for timer in self.timers():
            timer.stop()
        if self._memory is not None and not self.isFullScreen():
            self._memory.setValue("grid/geometry", self.saveGeometry())
        self._session.stop()
        super().closeEvent(a0)

    def _toggle(self, camera: int, by_keyboard: bool) -> None:
        self._by_keyboard = by_keyboard
        self.enlarge(None if self._enlarged == camera else camera)

    def _turn_full_screen(self) -> None:
        on = not self.isFullScreen()
        self.status.setVisible(not on)
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _key(self, keys: str, slot: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(slot)


class _Stage(QWidget):
    """Gives each visible cell its place, and the banners theirs over them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Window, QColor(STAGE.ground))
        self.setPalette(colours)
        self.setAutoFillBackground(True)
        self._cells: list[Cell] = []
        self._banners: BannerStack | None = None

    def hold(self, cells: list[Cell], banners: BannerStack) -> None:
        """These are the parts."""
        self._cells, self._banners = cells, banners
        banners.resized.connect(self.arrange)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """The grid fills the stage."""
        super().resizeEvent(a0)
        self.arrange()

    def arrange(self) -> None:
        """Who is hidden takes no place."""
        shown = [cell for cell in self._cells if not cell.isHidden()]
        for cell, place in zip(shown, places(len(shown), self.width(), self.height(), _GAP), strict=True):
            cell.setGeometry(*place)
        banners = self._banners
        if banners is None or banners.isHidden():
            return
        narrowest, widest = _BANNER_WIDTHS
        wanted = max((b.natural_width() for b in banners.banners()), default=0)
        width = min(max(wanted, narrowest), widest, self.width() - 2 * _EDGE)
        layout = banners.layout()
        height = layout.totalHeightForWidth(width) if layout is not None else 0
        # At the foot: at the top of each picture is what that camera has to say.
        banners.setGeometry((self.width() - width) // 2, self.height() - height - _EDGE, width, max(height, 1))
        banners.raise_()
