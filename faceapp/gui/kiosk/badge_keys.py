"""Key presses on their way to the badge reader."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.kiosk.badge_reader import BadgeReader

_MOD = Qt.KeyboardModifier
_ALTGR = _MOD.ControlModifier | _MOD.AltModifier
_COMMANDS = _ALTGR | _MOD.MetaModifier


class BadgeKeys:
    """Hands the kiosk what a reader has typed; in verify mode only. Used on the GUI thread."""

    def __init__(self, control: KioskControl, clock: Callable[[], int]) -> None:
        self._control, self._clock = control, clock
        self._reader = BadgeReader()

    def take(self, event: QKeyEvent) -> bool:
        """True where the key belonged to a badge, so that nothing else may answer to it."""
        if self._control.mode != "verify":
            return False
        now = self._clock()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            typing = self._reader.is_typing(now)
            code = self._reader.enter(now)
            if code is not None:
                self._control.typed(code)
            return typing
        held = event.modifiers() & _COMMANDS
        # AltGr makes characters, and shows as Control and Alt on some systems.
        if held not in (_MOD.NoModifier, _ALTGR):
            return False
        return self._reader.type(event.text(), now)

    def tick(self) -> None:
        """Drop what was followed by silence, also where no key comes any more."""
        self._reader.forget_old(self._clock())

    def clear(self) -> None:
        """Forget what was typed."""
        self._reader.clear()
