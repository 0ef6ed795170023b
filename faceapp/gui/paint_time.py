"""How long the picture with its boxes and names takes to paint: for `faceapp bench`, on no screen."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import cast

from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QImage, QRegion
from PyQt6.QtWidgets import QWidget

from faceapp.app.live_types import LiveControl
from faceapp.gui.run import make_application, settle
from faceapp.gui.video_view import VideoView
from faceapp.types import Frame, FrameResult

SIZE = (960, 720)
"""Of the picture in a window of usual size."""


class _Player:
    """All that a view asks of a session."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.result: FrameResult | None = None

    def latest_frame(self) -> Frame | None:
        return self.frame

    def latest_result(self) -> FrameResult | None:
        return self.result


def paint_times(seen: Sequence[tuple[Frame, FrameResult]]) -> list[float]:
    """Paint each result over its frame with the window's own view: milliseconds each, its pixels converted included."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application(["faceapp"])
    player = _Player()
    view = VideoView(cast(LiveControl, player))
    view.resize(*SIZE)
    view.anyone_enrolled = True
    picture = QImage(*SIZE, QImage.Format.Format_RGB32)
    times = []
    for player.frame, player.result in seen:
        begun = time.perf_counter()
        view.poll()
        view.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        times.append(1000 * (time.perf_counter() - begun))
    view.deleteLater()
    settle(app)
    return times
