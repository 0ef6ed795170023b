"""Opens the kiosk on the screen and runs it until an administrator ends it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable

from faceapp.app.kiosk.types import KioskControl
from faceapp.errors import UnavailableError
from faceapp.gui.display import display_problem
from faceapp.gui.guard import Guard
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.window import KioskWindow
from faceapp.gui.run import make_application, settle, signals_call
from faceapp.gui.theme import Theme


def show(control: KioskControl, options: ScreenOptions, say: Callable[[str], None]) -> int:
    """Start `control`, show its window full screen, return when an administrator has ended it: 0.

    SIGINT and SIGTERM end it too: they come from the system's administrator, not from the screen. `control` is stopped
    in any case. Raises UnavailableError where there is no display: a kiosk that nobody sees is `--headless`.
    """
    problem = display_problem(os.environ)
    if problem is not None:
        raise UnavailableError(f"{problem}: start the kiosk with --headless, or on a machine with a display")
    app = make_application(sys.argv[:1])
    theme = Theme(app)
    theme.apply()
    theme.set_high_contrast(options.high_contrast)
    window = KioskWindow(control, theme, options)

    def start_once() -> None:
        window.pin_pad.accepted.disconnect(start_once)
        control.start()

    with contextlib.ExitStack() as ends:
        ends.callback(settle, app)
        ends.callback(theme.deleteLater)
        ends.callback(window.deleteLater)
        ends.callback(window.end)
        ends.enter_context(signals_call(window.end))
        ends.callback(control.stop)
        ends.enter_context(Guard(window))
        if control.has_pin():
            control.start()
        else:
            say("No administrator's PIN is set: the screen asks for one first.")
            # Until somebody is in charge of it, it opens nothing.
            window.pin_pad.accepted.connect(start_once)
        window.begin()
        return app.exec()
