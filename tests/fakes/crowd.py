"""A small crowd to evaluate on: the astronaut and the faces of insightface's group photograph, each in several
pictures that differ in light, size, noise and turn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from faceapp.images import encode_jpeg, read_image
from faceapp.types import BgrImage

PEOPLE = ("Ada", "Bea", "Cyd", "Dee")
SIZE = 250


def variants(face: BgrImage, count: int, seed: int) -> list[BgrImage]:
    """Pictures of one face that no camera would give twice."""
    random = np.random.default_rng(seed)
    out = []
    for k in range(count):
        angle, scale, light = random.uniform(-8, 8), random.uniform(0.85, 1.0), random.uniform(0.8, 1.15)
        turn = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), angle, scale)
        picture = cv2.warpAffine(face, turn, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
        picture = cv2.flip(picture, 1) if k % 3 == 2 else picture
        noisy = picture * light + random.normal(0, 4, picture.shape)
        out.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return out


def make_crowd(folder: Path, astronaut: Path, group: Path, each: int = 3) -> Path:
    """`folder`/Ada/Ada_0001.jpg and so on, as LFW has them: Ada is the astronaut, three others are from the group."""
    photo = read_image(group)
    faces = [read_image(astronaut)[10:220, 120:330]]
    faces += [photo[y : y + 240, x : x + 240] for x, y in ((400, 215), (840, 10), (0, 210))]
    for person, (name, face) in enumerate(zip(PEOPLE, faces, strict=True)):
        (folder / name).mkdir(parents=True)
        square = cv2.resize(face, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        for k, picture in enumerate(variants(np.asarray(square, np.uint8), each, person), 1):
            (folder / name / f"{name}_{k:04d}.jpg").write_bytes(encode_jpeg(picture))
    return folder
