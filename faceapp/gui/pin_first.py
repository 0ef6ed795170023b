"""What needs the administrator's PIN, where there is one, before it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtWidgets import QWidget

from faceapp.app.kiosk.types import PinControl
from faceapp.errors import KnownError
from faceapp.gui.theme import Theme

_NAMED = 3


def pin_first(
    why: Callable[[], str],
    pin: PinControl,
    theme: Theme,
    parent: QWidget,
    then: Callable[[bool], object],
    refused: Callable[[str], object],
) -> None:
    """Call `then`, at once or after the PIN, with whether it was given. `why`: what to say when asking for it; empty
    where it isn't needed. Where that or the PIN can't be told, `refused` gets the line, and nothing is done: a PIN that
    can't be read is no missing PIN."""
    try:
        reason = why()
        asked = bool(reason) and pin.has_pin()
        if asked:
            from faceapp.gui.pin_question import PinQuestion  # few ever see it, and windows should come fast

            question = PinQuestion(reason, pin, theme, parent)
            question.accepted.connect(lambda: then(True))
            question.open()
    except KnownError as e:
        refused(str(e))
        return
    if not asked:
        then(False)


def door_words(names: Sequence[str], who: str) -> str:
    """Why photos of these people need the PIN; empty for nobody. `who`: the faces that would have the door, too."""
    if not names:
        return ""
    more = len(names) - _NAMED
    shown = [*names[:_NAMED], *([f"{more:,} more"] if more > 0 else [])]
    them = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{them} may open the door, and so may {who}."
