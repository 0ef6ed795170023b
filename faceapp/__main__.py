"""The way in: `faceapp`, `python -m faceapp`, `python main.py`. The one place that knows both cli and gui."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faceapp.app.kiosk.site import KioskOptions
    from faceapp.app.parts import Parts
    from faceapp.types import Frame, FrameResult


def main() -> int:
    """Run the command line with a window at hand; returns the exit status."""
    try:
        from faceapp.cli.main import main as command_line  # here, so that Ctrl+C may come as early as it likes

        return command_line(
            show_window=_show_window, show_grid=_show_grid, show_kiosk=_show_kiosk, time_painting=_time_painting
        )
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as e:
        if e.name is None or e.name.partition(".")[0] == "faceapp":
            raise
        sys.stderr.write(f'faceapp: {e.name} is not installed: run "make setup" to its end\n')
        return 4


def _show_window(parts: Parts, source: str | None) -> int:
    # Qt is imported when a window is wanted, not by `faceapp detect`.
    from faceapp.gui.start import show

    return show(parts, source, print)


def _show_grid(parts: Parts, sources: Sequence[str]) -> int:
    from faceapp.gui.grid.start import show

    return show(parts, sources)


def _show_kiosk(parts: Parts, options: KioskOptions, say: Callable[[str], None]) -> int:
    from faceapp.app.kiosk.session import KioskSession
    from faceapp.app.kiosk.site import start_notes
    from faceapp.gui.kiosk.options import ScreenOptions
    from faceapp.gui.kiosk.start import show

    for line in start_notes(parts, options):
        say(line)
    kiosk = parts.settings.kiosk
    screen = ScreenOptions(kiosk.language, kiosk.sound, kiosk.speech, kiosk.high_contrast)
    return show(KioskSession.open(parts, options), screen, say)


def _time_painting(seen: Sequence[tuple[Frame, FrameResult]]) -> list[float]:
    from faceapp.gui.paint_time import paint_times

    return paint_times(seen)


if __name__ == "__main__":
    raise SystemExit(main())
