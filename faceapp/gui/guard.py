"""What escapes is told, never swallowed: a banner in the window, the traceback in the log."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Protocol

from PyQt6.QtCore import QMessageLogContext, QtMsgType, pyqtBoundSignal, qInstallMessageHandler

from faceapp.errors import KnownError

_log = logging.getLogger("faceapp.gui")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.INFO,
    QtMsgType.QtCriticalMsg: logging.WARNING,
    QtMsgType.QtFatalMsg: logging.ERROR,
}


class Teller(Protocol):
    """A window that can be told something from any thread."""

    @property
    def told(self) -> pyqtBoundSignal:
        """(level, text)."""
        ...

    def close(self) -> bool: ...


class Guard:
    """While entered, unhandled exceptions of all threads reach `window`. PyQt would end the program otherwise."""

    def __init__(self, window: Teller) -> None:
        self._window = window
        self._before = sys.excepthook, threading.excepthook

    def __enter__(self) -> Guard:
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._escaped
        threading.excepthook = self._escaped_thread
        return self

    def __exit__(self, *exc: object) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _escaped(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
        elif isinstance(error, KnownError):
            _log.warning("%s", error)
            self._window.told.emit("error", str(error))
        else:
            _log.critical("unhandled error", exc_info=(kind, error, trace))
            words = f"{kind.__name__}: {error}".splitlines()[0].rstrip(": ")
            self._window.told.emit("error", f"Something went wrong inside faceapp ({words}). The log has the details.")

    def _escaped_thread(self, args: threading.ExceptHookArgs) -> None:
        error = args.exc_value
        if error is not None and not issubclass(args.exc_type, SystemExit):
            self._escaped(args.exc_type, error, args.exc_traceback)


def log_qt_messages() -> None:
    """Send Qt's own messages to the log instead of the terminal."""

    def pass_on(kind: QtMsgType, _: QMessageLogContext, text: str | None) -> None:
        logging.getLogger("faceapp.qt").log(_LEVELS.get(kind, logging.INFO), "%s", text)

    qInstallMessageHandler(pass_on)
