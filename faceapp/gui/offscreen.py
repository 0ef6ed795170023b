"""The window where there is no display: the same window, rendered into a video and a picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QSize, Qt, QTimer
from PyQt6.QtGui import QImage

from faceapp.app.live_types import LiveControl
from faceapp.gui.guard import Guard
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.pictures import to_bgr
from faceapp.gui.run import make_application, settle
from faceapp.gui.theme import SchemeChoice, Theme
from faceapp.types import BgrImage

SIZE = (1280, 800)
PATIENCE_S = 60.0
"""How long the first result may take: a cold disk and a busy machine load networks slowly."""
_SETTLED_S = 0.5
"""Labels have faded in and boxes have come to rest after this."""


@dataclass(frozen=True, slots=True)
class OffscreenReport:
    """What came of a run without display."""

    picture: Path
    """The PNG: the window at the moment when most faces carried their name."""
    pictures_recorded: int
    names: tuple[str, ...]
    """Everybody who was named, in order of appearance."""
    first_named_ms: float | None
    """From the start of the run to the first named face."""
    problem: str | None
    """The line of the error that ended the run early."""


class _Recording:
    def __init__(self, session: LiveControl, window: LiveWindow, record: Callable[[BgrImage], None], fps: float):
        self._session, self._window, self._record, self._fps = session, window, record, fps
        self._started = time.monotonic()
        self._first: float | None = None
        self._named_since: float | None = None
        self._most = 0
        self.recorded = 0
        self.names: list[str] = []
        self.first_named_ms: float | None = None
        self.best: QImage | None = None

    def seconds(self) -> float:
        return time.monotonic() - self._started

    def over(self, seconds: float) -> bool:
        """True after `seconds` from the first result on, or where there is none after `PATIENCE_S`."""
        now = self.seconds()
        return now > PATIENCE_S if self._first is None else now - self._first >= seconds

    def look(self) -> None:
        """Note who is named, and record as many pictures as the video is short of."""
        now = self.seconds()
        result = self._session.latest_result()
        matches = [f.match for f in result.faces] if result is not None else []
        named = [m.nearest.name for m in matches if m is not None and m.accepted]
        if named and self.first_named_ms is None:
            self.first_named_ms = now * 1000
        self.names += [n for n in named if n not in self.names]
        self._named_since = None if not named else self._named_since if self._named_since is not None else now
        if result is None:
            return  # the networks are being loaded
        self._first = self._first if self._first is not None else now
        due = int((now - self._first) * self._fps) + 1 - self.recorded
        if due <= 0:
            return
        grabbed = self._window.grab().toImage()
        pixels = to_bgr(grabbed)
        for _ in range(due):
            self._record(pixels)
        self.recorded += due
        rested = self._named_since is not None and now - self._named_since >= _SETTLED_S
        if rested and len(named) > self._most:
            self.best = grabbed
            self._most = len(named)


def run_offscreen(
    session: LiveControl,
    picture: Path,
    record: Callable[[BgrImage], None],
    *,
    seconds: float = 12.0,
    fps: float = 15.0,
    size: tuple[int, int] = SIZE,
    scheme: SchemeChoice = "dark",
    argv: Sequence[str] = (),
) -> OffscreenReport:
    """Run `session` in a window that nobody sees, for `seconds` from the first result on or until its source ends or
    fails.

    `record` gets the window as H × W × 3 BGR of `size`, `fps` times for each second that has passed, so that the video
    plays in real time however fast this machine is. `picture` is written as PNG. The caller has set
    `QT_QPA_PLATFORM=offscreen` before.
    """
    app = make_application(argv)
    theme = Theme(app)
    theme.apply()
    theme.choose(scheme)
    window = LiveWindow(session, theme)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.resize(QSize(*size))
    loop = QEventLoop()
    recording = _Recording(session, window, record, fps)

    def tick() -> None:
        recording.look()
        if recording.over(seconds) or session.phase() in ("ended", "failed", "stopped"):
            loop.quit()

    timer = QTimer()
    timer.setInterval(round(500 / fps))
    timer.timeout.connect(tick)
    try:
        with Guard(window):
            session.start()
            window.show()
            timer.start()
            loop.exec()
            failed = session.phase() == "failed" or recording.first_named_ms is None
            problem = next((n.text for n in session.notices() if failed and n.level == "error"), None)
            last = window.grab().toImage()
        (recording.best or last).save(str(picture), "PNG")
    finally:
        timer.stop()
        session.stop()
        window.close()
        window.deleteLater()
        theme.deleteLater()
        settle(app)
    return OffscreenReport(
        picture,
        recording.recorded,
        tuple(recording.names),
        recording.first_named_ms,
        problem,
    )
