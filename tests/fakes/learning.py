"""People to learn from who are nobody: each a pattern of patches, each picture of them a little otherwise."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from faceapp.types import BgrImage


def picture(person: int, number: int, side: int = 160, noise: float = 14.0) -> BgrImage:
    """uint8 (side, side, 3): grey patches that are the person's own, moved, lit and grained for this picture."""
    own, draw = np.random.default_rng([person, 1]), np.random.default_rng([person, number, 2])
    patches = own.integers(20, 235, (5, 5)).astype(np.float32)
    tint = own.uniform(0.7, 1.0, 3).astype(np.float32)
    grey = cv2.resize(patches, (side, side), interpolation=cv2.INTER_CUBIC)
    move = np.array([[1, 0, draw.uniform(-4, 4)], [0, 1, draw.uniform(-4, 4)]], np.float32)
    grey = cv2.warpAffine(grey, move, (side, side), borderMode=cv2.BORDER_REFLECT)
    lit = grey[..., None] * tint * draw.uniform(0.75, 1.15) + draw.normal(0, noise, (side, side, 3))
    return np.clip(lit, 0, 255).astype(np.uint8)


def crowd(folder: Path, people: int = 8, each: int = 4, first: int = 0, side: int = 160) -> Path:
    """A folder with a folder for each of them: `Person 0/0.png` ..."""
    for person in range(first, first + people):
        (folder / f"Person {person}").mkdir(parents=True)
        for number in range(each):
            cv2.imwrite(str(folder / f"Person {person}" / f"{number}.png"), picture(person, number, side))
    return folder
