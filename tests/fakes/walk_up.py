"""A film of the astronaut walking up, as a folder of pictures: 30 a second, drifting, a little noisy."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from faceapp.types import BgrImage, Box


def portrait(image: BgrImage, box: Box, side: int = 512) -> BgrImage:
    """A face of `image` with room around it, `side` x `side`."""
    (x, y), reach = box.center, round(box.height)
    wide = cv2.copyMakeBorder(image, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    cut = wide[round(y) : round(y) + 2 * reach, round(x) : round(x) + 2 * reach]
    resized: BgrImage = cv2.resize(cut, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    return resized


def walk_up(folder: Path, photo: BgrImage, frames: int, seed: int = 0) -> Path:
    """`frames` JPEGs of 480 x 480 in `folder`, which is made."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for i in range(frames):
        x, y, scale = 8 * np.sin(i / 9), 5 * np.cos(i / 7), 0.9 + 0.05 * np.sin(i / 20)
        move = np.array([[scale, 0, x], [0, scale, y]], np.float32)
        picture = cv2.warpAffine(photo, move, (480, 480), borderMode=cv2.BORDER_REPLICATE)
        noisy = np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{i:04}.jpg"), noisy, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return folder
