"""Waiting for what other threads are asked, without holding up the window."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, QTimer

from faceapp.errors import KnownError

T = TypeVar("T")

_POLL_MS = 20
STOPPED = "Nothing was changed: the session was stopped."
BUG = "Something went wrong inside faceapp. The log has the details."


class Answers(QObject):
    """Calls back on the GUI thread when a future is done; at once where it is already."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[tuple[Future[Any], Callable[[Any], object], Callable[[str], object]]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.look)

    def when_done(self, future: Future[T], then: Callable[[T], object], refused: Callable[[str], object]) -> None:
        """`then` gets the result, `refused` the line to show instead of one. What nobody foresaw is raised as well."""
        self._waiting.append((future, then, refused))
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Call back for whatever is done by now, in the order in which it was asked."""
        while self._waiting and self._waiting[0][0].done():
            future, then, refused = self._waiting.pop(0)
            if future.cancelled():
                refused(STOPPED)
                continue
            error = future.exception()
            if error is None:
                then(future.result())
            elif isinstance(error, KnownError):
                refused(str(error))
            else:
                refused(BUG)
                raise error
        if not self._waiting:
            self._timer.stop()
