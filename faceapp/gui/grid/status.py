"""The figures of several cameras, in one line below them."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QWidget

from faceapp.app.several_types import GridStats
from faceapp.gui.theme import tabular
from faceapp.gui.widgets import label

_SIDE, _BETWEEN = 16, 24


class GridStatus(QWidget):
    """Frames a second, latency and dropped frames at the left; where to enrol, and the execution provider, at the
    right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Status")
        self.recognised = _figure("Frames recognised in a second, of the slowest and of the fastest camera")
        self.latency = _figure("From capture to result: half of all frames are quicker than this")
        self.dropped = _figure("Frames shown but not recognised, because the newest one always comes first")
        self.slowed = _figure(
            "This computer is too slow to do everything for each frame: faces in view are recognised anew less often, "
            "so that names still come at once"
        )
        self.enrol = _figure(
            "Enrol and manage people in the live window of one camera (faceapp live --source SRC): they are known here "
            "within a second"
        )
        self.provider = _figure("The execution provider the networks really run on")
        row = QHBoxLayout(self)
        row.setContentsMargins(_SIDE, 6, _SIDE, 7)
        row.setSpacing(_BETWEEN)
        for figure in (self.recognised, self.latency, self.dropped, self.slowed):
            row.addWidget(figure)
        row.addStretch(1)
        row.addWidget(self.enrol)
        row.addWidget(self.provider)
        _say(self.enrol, "To enrol people, open one camera alone")
        self.show_stats(None)

    def show_stats(self, stats: GridStats | None) -> None:
        """The figures as they are now; dashes where there are none yet."""
        fps = [] if stats is None else [round(rate) for rate in stats.fps]
        seen = stats is not None and any(fps)
        slowest, fastest = (min(fps), max(fps)) if seen else (0, 0)
        rates = f"{slowest}" if slowest == fastest else f"{slowest} to {fastest}"
        _say(self.recognised, f"Recognised {rates} fps each" if seen else "Recognised –")
        _say(self.latency, f"Latency {stats.latency_p50_ms:.0f} ms" if stats is not None and seen else "Latency –")
        _say(self.dropped, f"Dropped {stats.frames_dropped}" if stats is not None and seen else "Dropped –")
        _say(self.slowed, "Slowed down for this computer")
        self.slowed.setVisible(stats is not None and stats.slowed > 0)
        _say(self.provider, stats.provider if stats is not None else "")
        self._fit()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """What is said about enrolling gives way to the figures."""
        super().resizeEvent(a0)
        self._fit()

    def _fit(self) -> None:
        shown = [f for f in (self.recognised, self.latency, self.dropped, self.slowed, self.provider) if f.isVisible()]
        taken = sum(f.minimumWidth() + _BETWEEN for f in shown) + 2 * _SIDE
        self.enrol.setVisible(taken + self.enrol.minimumWidth() <= self.width())


def _figure(tip: str) -> QLabel:
    figure = label(kind="small")
    figure.setFont(tabular(figure.font()))
    figure.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    figure.setToolTip(tip)
    figure.setAccessibleDescription(tip)
    return figure


def _say(figure: QLabel, text: str) -> None:
    if figure.text() != text:
        figure.setText(text)
        figure.setAccessibleName(text)
        # A label may grow, it never shrinks back: its neighbours stay where they are.
        figure.setMinimumWidth(max(figure.minimumWidth(), figure.sizeHint().width()))
