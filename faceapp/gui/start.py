"""The live window where there is a display, its recording where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.app.recording import make_private, output_folder, recording, stranger
from faceapp.errors import UnavailableError
from faceapp.gui.display import display_problem
from faceapp.gui.run import run_window

VIDEO_FPS = 15.0


def show(parts: Parts, source: str | None, say: Callable[[str], None]) -> int:
    """Show the live window on `source` until it is closed; None: the first camera, or the demonstration.

    Without a display write to `demo-output/` what a window would show, and `say` where: the given source, or the
    demonstration with its guest alone. A camera that nobody asked for and nobody can see working is never switched on,
    and the people enrolled are not written into a picture. Returns the exit status; raises UnavailableError where the
    session failed.
    """
    problem = display_problem(os.environ)
    if problem is None:
        session = LiveSession.open(parts, source)
        return run_window(session, sys.argv[:1], session.window_file)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if source is not None:
        say(f"{_sentence(problem)}: the window is written to files instead, with the names of those seen.")
        return _record(LiveSession.open(parts, source), say)
    say(f"{_sentence(problem)}: the demonstration is written to files instead.")
    with stranger(parts) as alone:
        return _record(LiveSession.demonstration(alone), say, must_name=True)


def _record(session: LiveSession, say: Callable[[str], None], must_name: bool = False) -> int:
    from faceapp.gui.offscreen import SIZE, run_offscreen

    folder = output_folder()
    picture, video = folder / "faceapp.png", folder / "faceapp.mp4"
    with recording(video, SIZE, VIDEO_FPS) as record:
        report = run_offscreen(session, picture, record, fps=VIDEO_FPS, argv=sys.argv[:1])
    make_private(picture, video)
    if report.problem is not None:
        raise UnavailableError(report.problem)
    if must_name and not report.names:
        raise UnavailableError("the demonstration named nobody: run `faceapp doctor`")
    seen = f"{', '.join(report.names)}" if report.names else "nobody known"
    when = f" after {report.first_named_ms / 1000:.1f} s" if report.first_named_ms is not None else ""
    say(f"Seen: {seen}{when}.")
    say(f"Picture: {picture}")
    say(f"Video:   {video}")
    return 0


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
