"""Two people at one place, one after the other, and the real networks: nobody is called by the name of who was there
before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from faceapp.app.parts import Parts
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.images import read_image
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Frame

FPS = 30
WIDTH, HEIGHT, FACE = 320, 240, 110
NAME = "Eileen"
BEFORE, AFTER = 23, 30
OTHERS = range(6)
"""Those in the group photograph, the largest first."""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Parts]:
    with Parts.open(tmp_path_factory.mktemp("data")) as parts:
        yield parts


def placed(image: BgrImage, face: Face) -> BgrImage:
    """The picture moved and scaled so that the face is in the middle, FACE pixels high."""
    scale = FACE / face.box.height
    x, y = face.box.center
    move = np.array([[scale, 0, WIDTH / 2 - scale * x], [0, scale, HEIGHT / 2 - scale * y]])
    return cast(BgrImage, cv2.warpAffine(image, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA))


@pytest.fixture(scope="module")
def her(parts: Parts, astronaut: BgrImage) -> BgrImage:
    return placed(astronaut, parts.detector().detect(astronaut, 40)[0])


@pytest.fixture(scope="module")
def strangers(parts: Parts, group_photo: Path) -> list[BgrImage]:
    image = read_image(group_photo)
    faces = parts.detector().detect(image, 40)
    assert len(faces) == 6
    return [placed(image, face) for face in faces]


def shown(parts: Parts, her: BgrImage, film: list[BgrImage]) -> list[list[str | None]]:
    """The names of the observed faces in each frame of `film`; she alone is enrolled."""
    detector, embedder = parts.detector(), parts.embedder()
    template = embedder.embed(her, detector.detect(her, 40)[:1])[0]
    recogniser = Recogniser(
        detector=detector,
        embedder=embedder,
        index=GalleryIndex.build(embedder.space, TemplateTable.of(embedder.space, [("her", NAME, template)])),
        threshold=parts.identify_threshold(1),
        same_person=parts.thresholds().verify,
        min_face=40,
    )
    results = [recogniser.process(Frame(k, k * 10**9 // FPS, image)) for k, image in enumerate(film)]
    return [[f.match.name if f.match else None for f in r.faces if f.observed] for r in results]


@pytest.mark.parametrize("gap", [0, 8, 11])
@pytest.mark.parametrize("who", OTHERS)
def test_after_a_cut_or_a_gap(parts: Parts, her: BgrImage, strangers: list[BgrImage], who: int, gap: int) -> None:
    nobody = np.full_like(her, 128)
    names = shown(parts, her, [her] * BEFORE + [nobody] * gap + [strangers[who]] * AFTER)
    assert all(n == [NAME] for n in names[:BEFORE])
    after = names[BEFORE + gap :]
    assert all(after), "the stranger is seen in every frame"
    assert not any(NAME in n for n in after)


@pytest.mark.parametrize("before", [20, 23, 28])  # where in the fade the embeddings fall
@pytest.mark.parametrize("who", OTHERS)
def test_after_a_cross_fade(parts: Parts, her: BgrImage, strangers: list[BgrImage], who: int, before: int) -> None:
    """While both are in the picture either may be seen; from nine tenths on it is the stranger."""
    steps = 15
    fade = [
        cast(BgrImage, cv2.addWeighted(her, 1 - k / (steps + 1), strangers[who], k / (steps + 1), 0.0))
        for k in range(1, steps + 1)
    ]
    names = shown(parts, her, [her] * before + fade + [strangers[who]] * AFTER)
    assert all(n == [NAME] for n in names[:before])
    late = names[before + steps * 9 // 10 :]
    assert all(late[-AFTER:])
    assert not any(NAME in n for n in late)


def test_her_own_name_comes_back_after_a_gap(parts: Parts, her: BgrImage) -> None:
    names = shown(parts, her, [her] * 5 + [np.full_like(her, 128)] * 8 + [her] * 5)
    assert names == [[NAME]] * 5 + [[]] * 8 + [[NAME]] * 5
