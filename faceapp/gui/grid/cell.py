"""One camera of the grid: its picture, its name, and what is the matter with it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QWidget

from faceapp.app.live_types import Phase, Pictures
from faceapp.app.several_types import GridCamera
from faceapp.gui.banners import BannerStack
from faceapp.gui.theme import Theme
from faceapp.gui.tokens import STAGE
from faceapp.gui.video_view import VideoView
from faceapp.gui.widgets import label

_EDGE = 8
_SMALLEST = 160, 120
_WORDS: dict[Phase, str] = {
    "starting": "Opening …",
    "ended": "The video has ended",
    "failed": "There is no picture",
    "stopped": "Stopped",
}
_STILL = frozenset({"ended", "failed", "stopped"})


class GridView(VideoView):
    """A picture that is chosen by a click or by Enter, as a whole."""

    chosen = pyqtSignal(bool)
    """True: by keyboard."""

    def __init__(
        self, camera: Pictures, parent: QWidget | None = None, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        super().__init__(camera, parent, clock)
        self.setMinimumSize(*_SMALLEST)
        self.setMouseTracking(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_pace(self, ms: int) -> None:
        """Look for a new picture every so many milliseconds."""
        self._timer.setInterval(ms)

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Anywhere on it."""
        if a0 is not None and a0.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(False)

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """The pointer is the same everywhere."""

    def contextMenuEvent(self, a0: QContextMenuEvent | None) -> None:
        """Names are corrected in the live window."""

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Enter and Space are a click."""
        if a0 is not None and a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(True)
        else:
            super().keyPressEvent(a0)


class Cell(QWidget):
    """Places the parts; what they show comes from the camera alone, with `refresh`."""

    def __init__(
        self,
        camera: GridCamera,
        number: int,
        theme: Theme,
        parent: QWidget | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`number`: from 1, the key that enlarges it."""
        super().__init__(parent)
        self._camera = camera
        self.view = GridView(camera, self, clock)
        self.view.setAccessibleName(f"Camera {number}: {camera.name}")
        self.view.setToolTip(f"{camera.name} ({number})")
        self.words = label(wrap=True)
        self.words.setParent(self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setStyleSheet(f"color: {STAGE.text};")
        self.words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.caption = _caption(camera.name, self)
        self.banners = BannerStack(theme, self)
        self.banners.resized.connect(self._arrange)
        self.refresh()

    @property
    def name(self) -> str:
        """The camera's."""
        return self._camera.name

    def refresh(self) -> None:
        """Everything but the picture."""
        phase = self._camera.phase()
        self.banners.set_notices(self._camera.notices())
        opens = phase == "starting" or (phase == "running" and self.view.frame is None)
        # "Opening …" below "Trying again" would be one word too many.
        text = ("" if self._camera.notices() else _WORDS["starting"]) if opens else _WORDS.get(phase, "")
        if text != self.words.text():
            self.words.setText(text)
            self.words.setVisible(bool(text))
        # A picture that stands still is not what is there now: nor are the names on it.
        still = phase in _STILL or any(n.level == "error" for n in self._camera.notices())
        self.view.set_dimmed(still)
        self.view.set_faces_hidden(still)
        self._place_caption()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """The picture fills the cell, the rest lies over it."""
        super().resizeEvent(a0)
        self._arrange()

    def _arrange(self) -> None:
        width = self.width() - 2 * _EDGE
        self.view.setGeometry(self.rect())
        covered = 0
        if not self.banners.isHidden():
            wanted = min(max((b.natural_width() for b in self.banners.banners()), default=0), width)
            layout = self.banners.layout()
            height = layout.totalHeightForWidth(wanted) if layout is not None else 0
            self.banners.setGeometry((self.width() - wanted) // 2, _EDGE, wanted, max(height, 1))
            self.banners.raise_()
            covered = self.banners.geometry().bottom()
        self.view.set_covered(covered)
        self.words.setGeometry(self.rect().adjusted(_EDGE, covered, -_EDGE, 0))
        self._place_caption()

    def _place_caption(self) -> None:
        """In the picture's lower left corner, which is known once there is one."""
        picture = self.view.picture_rect()
        inside = self.rect() if picture.isNull() else picture
        room = inside.width() - 4 * _EDGE
        elided = self.caption.fontMetrics().elidedText(self.name, Qt.TextElideMode.ElideMiddle, room)
        if elided != self.caption.text():
            self.caption.setText(elided)
        self.caption.adjustSize()
        self.caption.move(inside.left() + _EDGE, inside.bottom() + 1 - self.caption.height() - _EDGE)


def _caption(name: str, parent: QWidget) -> QLabel:
    """A camera's name on its picture: quieter than a person's, and readable on any picture."""
    caption = label(name, kind="small")
    caption.setParent(parent)
    caption.setContentsMargins(8, 3, 8, 3)
    caption.setStyleSheet(f"background: {STAGE.ground}; color: {STAGE.text}; border-radius: 6px;")
    caption.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return caption
