"""Opens the window of several cameras and runs it until it is closed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from PyQt6.QtCore import QSettings

from faceapp.app.live_several import SeveralSession
from faceapp.app.parts import Parts
from faceapp.errors import UnavailableError
from faceapp.gui.display import display_problem
from faceapp.gui.grid.window import GridWindow
from faceapp.gui.run import make_application, run_until_closed
from faceapp.gui.theme import Theme, scheme_choice


def show(parts: Parts, sources: Sequence[str]) -> int:
    """Show the cameras until the window is closed: 0. Raises UsageError and InputError for sources that can't be, and
    UnavailableError where there is no display: several cameras that nobody sees are `--headless`."""
    session = SeveralSession(parts, sources)
    problem = display_problem(os.environ)
    if problem is not None:
        raise UnavailableError(f"{problem}: use --headless, or a machine with a display")
    app = make_application(sys.argv[:1])
    memory = QSettings(str(session.window_file), QSettings.Format.IniFormat)
    theme = Theme(app, scheme_choice(str(memory.value("window/scheme", "system"))))
    theme.apply()
    window = GridWindow(session, theme, memory)
    return run_until_closed(app, theme, window, session)
