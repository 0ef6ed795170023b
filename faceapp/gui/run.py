"""Opens the live window and runs it until it is closed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QEvent, QSettings, Qt
from PyQt6.QtWidgets import QApplication

from faceapp import __version__
from faceapp.app.live_types import LiveControl
from faceapp.gui.guard import Guard, log_qt_messages
from faceapp.gui.icons import application_icon
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.theme import Theme, scheme_choice

if TYPE_CHECKING:
    from faceapp.gui.grid.window import GridWindow


def make_application(argv: Sequence[str]) -> QApplication:
    """The one QApplication: the running one, or a new one with our name and icon."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    log_qt_messages()
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(list(argv) or ["faceapp"])
    app.setApplicationName("faceapp")
    app.setApplicationDisplayName("faceapp")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("faceapp")
    app.setWindowIcon(application_icon())
    return app


def run_window(session: LiveControl, argv: Sequence[str] = (), memory_file: Path | None = None) -> int:
    """Start `session`, show its window, return when it is closed: 0.

    `memory_file` (ini) keeps the window's place and theme. Ctrl+C on the terminal and SIGTERM close the window.
    """
    app = make_application(argv)
    memory = QSettings(str(memory_file), QSettings.Format.IniFormat) if memory_file is not None else None
    theme = Theme(app, scheme_choice(str(memory.value("window/scheme", "system"))) if memory else "system")
    theme.apply()
    window = LiveWindow(session, theme, memory)
    return run_until_closed(app, theme, window, session)


class Session(Protocol):
    """What a window shows."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> object:
        """End."""


def run_until_closed(app: QApplication, theme: Theme, window: LiveWindow | GridWindow, session: Session) -> int:
    """Start `session`, show its `window`, return Qt's exit status when it is closed, and leave nothing behind."""
    with contextlib.ExitStack() as ends:
        ends.callback(settle, app)
        ends.callback(theme.deleteLater)
        ends.callback(window.deleteLater)
        ends.enter_context(signals_call(window.close))
        ends.callback(session.stop)
        ends.enter_context(Guard(window))
        session.start()
        window.show()
        return app.exec()


@contextlib.contextmanager
def signals_call(end: Callable[[], object]) -> Iterator[None]:
    """While it is entered, SIGINT and SIGTERM call `end`. Python's handlers run between two of a window's timer ticks,
    so no wake-up of their own is needed."""
    before = {s: signal.signal(s, lambda *_: end()) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def settle(app: QApplication) -> None:
    """Delete what was to be deleted later: outside an event loop nobody else does."""
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.processEvents()
