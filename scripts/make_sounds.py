"""Make the kiosk's three tones anew, into resources/sounds: `.venv/bin/python scripts/make_sounds.py`.

Our own work, published with faceapp under its licence (GPL-3.0-or-later). Soft sine notes with a little of their
octave: rising for an open door, twice the same for "try again", falling for "no", so that they are told apart by ear.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 22_050
LOUDNESS = 0.28
SOUNDS = {
    "good": ((523.25, 0.0, 0.45), (783.99, 0.13, 0.6)),
    "again": ((440.0, 0.0, 0.3), (440.0, 0.2, 0.4)),
    "no": ((349.23, 0.0, 0.35), (261.63, 0.17, 0.6)),
}
"""Notes of each: frequency in Hz, start and length in seconds."""


def note(frequency: float, seconds: float) -> NDArray[np.float64]:
    """A note that begins softly within 12 ms and dies away, ±1."""
    t = np.arange(round(seconds * RATE)) / RATE
    swell = np.minimum(1.0, t / 0.012) * np.exp(-5.5 * t / seconds) * np.minimum(1.0, (seconds - t) / 0.02)
    return swell * (0.85 * np.sin(2 * np.pi * frequency * t) + 0.15 * np.sin(4 * np.pi * frequency * t))


def main() -> None:
    folder = Path(__file__).resolve().parents[1] / "resources" / "sounds"
    folder.mkdir(exist_ok=True)
    for name, notes in SOUNDS.items():
        sound = np.zeros(round(max(start + length for _, start, length in notes) * RATE) + 1)
        for frequency, start, length in notes:
            one = note(frequency, length)
            sound[round(start * RATE) :][: len(one)] += one
        samples = np.round(sound / np.abs(sound).max() * LOUDNESS * 32_767).astype("<i2")
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())


if __name__ == "__main__":
    main()
