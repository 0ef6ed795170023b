"""Make the README's pictures anew: the real window, off screen, on the demonstration's first seconds.

    .venv/bin/python tests/bench/screenshots.py

Only the NASA astronaut is shown: the second photograph of the demonstration is of other people and not ours to publish.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.gui.offscreen import run_offscreen
from faceapp.gui.theme import SchemeChoice

SECONDS = 6.0
"""The astronaut has the first eight."""


def shoot(picture: Path, scheme: SchemeChoice) -> None:
    """One picture of the window with her name in it."""
    with tempfile.TemporaryDirectory() as folder, Parts.open(folder) as parts:
        report = run_offscreen(
            LiveSession.open(parts, "demo:"), picture, lambda _: None, seconds=SECONDS, size=(1280, 800), scheme=scheme
        )
    print(f"{picture}: {', '.join(report.names) or 'nobody was recognised'}")


def main() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    shoot(docs / "live-window.png", "dark")
    shoot(docs / "live-window-light.png", "light")


if __name__ == "__main__":
    main()
