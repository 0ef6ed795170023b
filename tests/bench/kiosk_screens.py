"""Take pictures of every screen of the kiosk, to look at: off screen, NASA's astronaut before the camera.

    .venv/bin/python tests/bench/kiosk_screens.py FOLDER [WORD ...]

Only pictures with every WORD are taken (`de`, `1080x1920`, `dark`, `welcome`). `QT_SCALE_FACTOR=2` takes
them at 200 %, in device pixels; the sizes below are divided by it first.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QApplication

from faceapp import images, paths
from faceapp.app.kiosk.types import PinCheck, Question
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.window import KioskWindow
from faceapp.gui.run import make_application
from faceapp.gui.theme import Theme
from tests.fakes.kiosk import FakeKiosk
from tests.fakes.live import result, tracked

SIZES = ((1920, 1080), (1080, 1920), (800, 480), (3840, 2160))
SECOND = 1_000_000_000
PADS = ("number", "pin", "pin-wrong", "choose-pin")
SCREENS = (
    ("starting", {}),
    ("idle", {}),
    ("badge", {}),
    ("come_closer", {"track": 1}),
    ("look_here", {"track": 1}),
    ("checking", {"progress": 0.6, "track": 1}),
    ("question", {"track": 1, "question": Question("left", None, 1, 3)}),
    ("question-up", {"track": 1, "question": Question("up", None, 0, 3)}),
    ("question-here", {"track": 1, "question": Question("look_here", None, 0, 3)}),
    ("question-back", {"track": 1, "question": Question("look_back", "right", 2, 3)}),
    ("question-again", {"track": 1, "question": Question("once_more", None, 0, 4, 2, 2)}),
    ("try_again", {}),
    ("start_again", {}),
    ("one_at_a_time", {}),
    ("opening", {"track": 1}),
    ("welcome", {"name": "Eileen Collins", "track": 1}),
    ("go_through", {}),
    ("not_recognised", {}),
    ("not_allowed", {}),
    ("show_face", {"track": 1}),
    ("wait", {"remaining_s": 42.0}),
    ("out_of_order", {}),
    ("number", {}),
    ("pin", {}),
    ("pin-wrong", {}),
    ("choose-pin", {}),
)


class Clock:
    """Passes only when told to."""

    now = 100 * SECOND

    def __call__(self) -> int:
        return self.now


def camera() -> np.ndarray:
    """The astronaut as a 4:3 camera sees her: 640 x 480 BGR, her box below."""
    portrait = images.read_image(paths.resource("astronaut.jpg"))
    return np.ascontiguousarray(np.pad(portrait[:480], ((0, 0), (64, 64), (0, 0)), mode="edge"))


BOX = (64 + 178.0, 58.0, 64 + 272.0, 180.0)


def open_window(kiosk: FakeKiosk, theme: Theme, language: str, high: bool, clock: Clock) -> KioskWindow:
    window = KioskWindow(kiosk, theme, ScreenOptions(language, high_contrast=high), clock)
    for timer in window.timers():
        timer.stop()
    return window


def shoot(app: QApplication, theme: Theme, size: QSize, language: str, scheme: str, name: str) -> QPixmap:
    """The window on one screen, after everything has faded in."""
    theme.choose("dark" if scheme == "dark" else "light")
    kiosk, clock, picture = FakeKiosk(), Clock(), camera()
    if name in ("badge", "number"):
        kiosk.now_mode = "verify"
    if name == "choose-pin":
        kiosk.pin = None
    values = dict(SCREENS)[name]
    kiosk.show("idle" if name in PADS else name.split("-", maxsplit=1)[0], **values)
    window = open_window(kiosk, theme, language, scheme == "contrast", clock)
    window.resize(size)
    window.show()
    for _ in range(40):
        clock.now += 33_000_000
        if name != "starting":
            kiosk.picture(picture, clock.now)
            kiosk.now_result = result([tracked(1, BOX)], 0, clock.now, (640, 480))
        window.poll()
    if name == "number":
        window.ask_number()
    elif name in PADS:
        window.ask_pin()
        window.pin_pad.field.setText("123456")
    if name == "pin-wrong":
        kiosk.next_check = PinCheck("wrong", 30)
        window.pin_pad.submit()
    app.processEvents()
    taken = window.grab()
    window.end()
    window.deleteLater()
    app.processEvents()
    return taken


def main() -> None:
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(["faceapp"])
    theme = Theme(app)
    theme.apply()
    scale = float(os.environ.get("QT_SCALE_FACTOR", "1"))
    names = [name for name, _ in SCREENS]
    for (width, height), language, scheme, name in itertools.product(
        SIZES, ("en", "de", "fr"), ("light", "dark", "contrast"), names
    ):
        parts = (f"{width}x{height}", language, scheme, name)
        if not all(w in parts for w in words):
            continue
        title = "-".join(parts)
        size = QSize(round(width / scale), round(height / scale))
        shoot(app, theme, size, language, scheme, name).save(str(folder / f"{title}.png"))
        print(title)


if __name__ == "__main__":
    main()
