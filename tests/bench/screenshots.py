"""Make the README's pictures anew: the real windows, off screen, on the demonstration's first seconds.

    xvfb-run -s "-screen 0 1280x720x24" .venv/bin/python tests/bench/screenshots.py

Only the NASA astronaut is shown: the second photograph of the demonstration is of other people and not ours to publish.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from pathlib import Path

# The kiosk takes the screen there is: with Xvfb one of a size of our choice, without any Qt's own of 800 x 800.
os.environ["QT_QPA_PLATFORM"] = "xcb" if "DISPLAY" in os.environ else "offscreen"

from faceapp.app.kiosk.session import KioskSession
from faceapp.app.kiosk.site import kiosk_options
from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.window import KioskWindow
from faceapp.gui.offscreen import run_offscreen
from faceapp.gui.run import make_application, settle
from faceapp.gui.theme import SchemeChoice, Theme

SECONDS = 20.0
"""From the first result on: the round takes 16, so where the networks start late she comes by again."""
PATIENCE = 90.0
"""Until the kiosk welcomes her, networks and all."""


def shoot(picture: Path, scheme: SchemeChoice) -> None:
    """One picture of the window with her name in it."""
    with tempfile.TemporaryDirectory() as folder, Parts.open(folder) as parts:
        report = run_offscreen(
            LiveSession.open(parts, "demo:"), picture, lambda _: None, seconds=SECONDS, size=(1280, 800), scheme=scheme
        )
    if not report.names:
        raise SystemExit(f"{picture}: nobody was recognised: try again when the machine is less busy")
    print(f"{picture}: {', '.join(report.names)}")


def shoot_kiosk(picture: Path, scheme: SchemeChoice) -> None:
    """One picture of the kiosk welcoming her."""
    app = make_application([])
    theme = Theme(app, scheme)
    theme.apply()
    with tempfile.TemporaryDirectory() as folder, Parts.open(folder) as parts:
        session = KioskSession.open(parts, kiosk_options(parts, "demo:", "sim:", "identify", "off", None))
        session.set_pin(secrets.token_hex(8), None).result()
        window = KioskWindow(session, theme, ScreenOptions("en"))
        session.start()
        window.begin()
        end = time.monotonic() + PATIENCE
        settled = None
        while time.monotonic() < end and (settled is None or time.monotonic() < settled):
            app.processEvents()
            if settled is None and session.view().screen == "welcome":
                settled = time.monotonic() + 1.0  # the transition is over by then
        if settled is not None:
            window.grab().save(str(picture))
        session.stop()
        window.end()
        window.deleteLater()
        settle(app)
    if settled is None:
        raise SystemExit(f"{picture}: nobody was welcomed: try again when the machine is less busy")
    print(f"{picture}: she is welcomed")


def main() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    shoot(docs / "live-window.png", "dark")
    shoot(docs / "live-window-light.png", "light")
    shoot_kiosk(docs / "kiosk.png", "dark")
    shoot_kiosk(docs / "kiosk-light.png", "light")


if __name__ == "__main__":
    main()
