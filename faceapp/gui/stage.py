"""The stage: the picture, and what lies over it for a while: banners, a state card, the snapshot sheet."""

from __future__ import annotations

from PyQt6.QtGui import QColor, QPalette, QResizeEvent
from PyQt6.QtWidgets import QWidget

from faceapp.app.live_types import LiveControl, Notice, Phase, SnapshotState
from faceapp.gui.banners import BannerStack
from faceapp.gui.guide_outline import GuideOutline
from faceapp.gui.snapshot_pages import Find
from faceapp.gui.snapshot_sheet import SnapshotSheet
from faceapp.gui.state_card import StateCard
from faceapp.gui.theme import Theme
from faceapp.gui.tokens import STAGE
from faceapp.gui.video_view import VideoView

_EDGE = 16
_BANNER_WIDTHS = (300, 620)
STILL_AFTER_NS = 2_000_000_000
"""A live picture that has not changed for so long is called what it is."""


class Stage(QWidget):
    """Places the parts. What they show is decided by `show_state` from the session alone."""

    def __init__(self, session: LiveControl, find: Find, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Window, QColor(STAGE.ground))
        self.setPalette(colours)
        self.setAutoFillBackground(True)
        self.view = VideoView(session, self)
        self.outline = GuideOutline(self)
        self.card = StateCard(theme, self)
        self.card.action.connect(session.start)
        self.banners = BannerStack(theme, self)
        self.banners.resized.connect(self._arrange)
        self.sheet = SnapshotSheet(session, find, theme, self)
        self.sheet.resized.connect(self._arrange)
        self.sheet.guided.connect(self._guide)
        self.sheet.turned.connect(self._turn)
        self.setMinimumSize(self.view.minimumSize())

    def show_state(self, phase: Phase, notices: tuple[Notice, ...], now_ns: int, live: bool) -> None:
        """Bring card and banners in line with the session. `live`: frames must keep coming."""
        said = self._show_card(phase, notices)
        self.banners.set_notices(n for n in notices if n.id != said)
        frame = self.view.frame
        still = None
        if phase == "running" and live and frame is not None and not any(n.level != "info" for n in notices):
            seconds = (now_ns - frame.captured_ns) / 1e9
            if now_ns - frame.captured_ns >= STILL_AFTER_NS:
                still = f"The camera has sent no picture for {seconds:.0f} seconds. Check its cable."
        self.banners.set_own("still", "warning", still)
        self.view.set_dimmed(phase in ("ended", "failed", "stopped") or still is not None)

    def clear(self) -> None:
        """Another source: nothing of the old one stays."""
        self.view.clear()
        self.sheet.cancel()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """The picture fills the stage, the rest floats over it."""
        super().resizeEvent(a0)
        self._arrange()

    def _guide(self, state: SnapshotState) -> None:
        self.outline.set_picture(self.view.picture_rect())
        self.outline.show_guidance(state.guidance, state.progress)

    def _turn(self) -> None:
        """While a photograph is guided the outline takes the place of boxes and names."""
        guiding = self.sheet.phase == "collecting"
        if guiding and self.outline.isHidden():
            self.outline.clear()
        self.outline.setVisible(guiding)
        self.view.set_faces_hidden(guiding)
        self._arrange()

    def _show_card(self, phase: Phase, notices: tuple[Notice, ...]) -> str | None:
        """Returns the id of the notice that the card says already."""
        worst = next((n for level in ("error", "warning", "info") for n in notices if n.level == level), None)
        said: str | None = None
        match phase:
            case "starting" if self.view.frame is None:
                reason = next((n for n in notices if n.level == "info"), None)
                said = reason.id if reason is not None else None
                self.card.tell(
                    "Starting …", reason.text if reason is not None else "Opening the camera and loading the models."
                )
            case "ended":
                self.card.tell("The video has ended", "", sign="ended", action="Replay")
            case "failed":
                said = worst.id if worst is not None else None
                text = worst.text if worst is not None else "Something went wrong. The log says more."
                self.card.tell("There is no picture", text, sign="warning", action="Try again")
            case "stopped":
                self.card.tell("Stopped", "", sign="ended")
            case "running" if self.view.frame is None:
                self.card.tell("Starting …", "Waiting for the first picture.")
            case _:
                self.card.hide()
                return None
        self.card.show()
        self._arrange()
        return said

    def _arrange(self) -> None:
        covered = 0
        if not self.banners.isHidden():
            narrowest, widest = _BANNER_WIDTHS
            wanted = max((b.natural_width() for b in self.banners.banners()), default=0)
            width = min(max(wanted, narrowest), widest, self.width() - 2 * _EDGE)
            layout = self.banners.layout()
            height = layout.totalHeightForWidth(width) if layout is not None else 0
            self.banners.setGeometry((self.width() - width) // 2, _EDGE, width, max(height, 1))
            self.banners.raise_()
            covered = self.banners.geometry().bottom()
        self.view.set_covered(covered)
        card = self.card
        if not card.isHidden():
            size = card.sizeHint().boundedTo(self.size())
            card.setGeometry(
                (self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height()
            )
        self.sheet.set_room(self.width() - 2 * _EDGE, self.height() - 2 * _EDGE)
        top = max(_EDGE, self.height() - self.sheet.height() - 2 * _EDGE)
        if not self.sheet.isHidden():
            self.sheet.move((self.width() - self.sheet.width()) // 2, top)
            self.sheet.raise_()
        self.view.setGeometry(self.rect())
        self.outline.setGeometry(self.rect())
        self.outline.set_picture(self.view.picture_rect())
        if not self.outline.isHidden() and self.outline.oval().bottom() > top - _EDGE:
            # Where the card would lie over the outline, the picture makes room.
            self.view.setGeometry(0, 0, self.width(), max(top - _EDGE, self.view.minimumHeight()))
            self.outline.set_picture(self.view.picture_rect())
