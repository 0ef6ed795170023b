"""The live window where there is a display, its recording where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from faceapp.app.live import LiveSession
from faceapp.app.recording import output_folder, recording
from faceapp.errors import UnavailableError
from faceapp.gui.display import display_problem
from faceapp.gui.run import run_window

VIDEO_FPS = 15.0


def show(session: LiveSession, say: Callable[[str], None]) -> int:
    """Show `session` until its window is closed. Without a display write what the window would show to `demo-output/`,
    and `say` where. Returns the exit status; raises UnavailableError where the session failed."""
    problem = display_problem(os.environ)
    if problem is None:
        return run_window(session, sys.argv[:1], session.window_file)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from faceapp.gui.offscreen import SIZE, run_offscreen

    folder = output_folder()
    picture, video = folder / "faceapp.png", folder / "faceapp.mp4"
    say(f"{problem[0].upper()}{problem[1:]}: the window is written to files instead.")
    with recording(video, SIZE, VIDEO_FPS) as record:
        report = run_offscreen(session, picture, record, fps=VIDEO_FPS, argv=sys.argv[:1])
    if report.problem is not None:
        raise UnavailableError(report.problem)
    seen = f"{', '.join(report.names)}" if report.names else "nobody known"
    when = f" after {report.first_named_ms / 1000:.1f} s" if report.first_named_ms is not None else ""
    say(f"Seen: {seen}{when}.")
    say(f"Picture: {picture}")
    say(f"Video:   {video}")
    return 0
