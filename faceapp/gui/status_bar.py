"""The figures of the running session: quiet, exact, and never jumping sideways as they change."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QWidget

from faceapp.gui.theme import tabular
from faceapp.gui.widgets import label
from faceapp.types import LiveStats


class StatusBar(QWidget):
    """Frames per second, latency, dropped frames at the left; the execution provider in use at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Status")
        self.camera = self._figure("Camera", "Frames the camera delivers in a second")
        self.recognised = self._figure("Recognised", "Frames recognised in a second")
        self.latency = self._figure("Latency", "From capture to result: half of all frames are quicker than this")
        self.dropped = self._figure(
            "Dropped frames", "Frames shown but not recognised, because the newest one always comes first"
        )
        self.slowed = self._figure(
            "Slowed down",
            "This computer is too slow to do everything for each frame: faces in view are recognised anew less often, "
            "so that names still come at once",
        )
        self.provider = self._figure("Running on", "The execution provider the networks really run on")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 7)
        row.setSpacing(24)
        for figure in (self.camera, self.recognised, self.latency, self.dropped, self.slowed):
            row.addWidget(figure)
        row.addStretch(1)
        row.addWidget(self.provider)
        self.show_stats(None)

    def show_stats(self, stats: LiveStats | None) -> None:
        """The figures as they are now; dashes where there are none yet."""
        if stats is None or stats.frames_read == 0:
            self._say(self.camera, "Camera –")
            self._say(self.recognised, "Recognised –")
            self._say(self.latency, "Latency –")
            self._say(self.dropped, "Dropped –")
        else:
            self._say(self.camera, f"Camera {stats.preview_fps:.0f} fps")
            seen = stats.frames_processed > 0
            self._say(self.recognised, f"Recognised {stats.fps:.0f} fps" if seen else "Recognised –")
            self._say(self.latency, f"Latency {stats.latency_p50_ms:.0f} ms" if seen else "Latency –")
            self._say(self.dropped, f"Dropped {stats.frames_dropped}")
            self.latency.setToolTip(
                f"From capture to result: half of all frames within {stats.latency_p50_ms:.0f} ms, "
                f"95 of 100 within {stats.latency_p95_ms:.0f} ms"
            )
            self.dropped.setToolTip(
                f"Of {stats.frames_read} frames {stats.frames_dropped} were shown but not recognised, "
                "because the newest one always comes first"
            )
        self.slowed.setVisible(stats is not None and stats.slowed > 0)
        self._say(self.slowed, "Slowed down for this computer")
        self._say(self.provider, stats.provider if stats is not None else "")

    def _figure(self, name: str, tip: str) -> QLabel:
        figure = label(kind="small")
        figure.setFont(tabular(figure.font()))
        figure.setToolTip(tip)
        figure.setAccessibleName(name)
        figure.setAccessibleDescription(tip)
        return figure

    @staticmethod
    def _say(figure: QLabel, text: str) -> None:
        if figure.text() == text:
            return
        figure.setText(text)
        figure.setAccessibleName(text)
        # A label may grow, it never shrinks back: its neighbours stay where they are.
        figure.setMinimumWidth(max(figure.minimumWidth(), figure.sizeHint().width()))
