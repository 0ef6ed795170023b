"""SIGKILL at random moments while people are being imported, with the real networks: never half a person, it goes on
where it was, and the end is the same as without. `tests/bench/import_kills.py` does it two hundred times."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp.app.parts import Parts
from faceapp.images import encode_jpeg, read_image
from faceapp.types import BgrImage
from tests.fakes.killed_import import Victim, check, contents

KILLS = 8


@pytest.fixture
def people(tmp_path: Path, astronaut: BgrImage, group_photo: Path) -> Path:
    """Seven people, four pictures of each, and two pictures without a face: 30."""
    group = read_image(group_photo)
    with Parts.open(tmp_path / "nobody") as parts:
        boxes = [f.box for f in parts.detector().detect(group, 40)]
    assert len(boxes) == 6
    faces = [astronaut[20:220, 130:320]]
    for box in boxes:
        room = 0.4 * box.height
        x1, y1 = max(0, int(box.x1 - room)), max(0, int(box.y1 - room))
        faces.append(group[y1 : int(box.y2 + room), x1 : int(box.x2 + room)])
    folder = tmp_path / "people"
    for who, face in enumerate(faces):
        (folder / f"Person {who}").mkdir(parents=True)
        for k, light in enumerate((1.0, 0.9, 0.8, 0.7)):
            picture = cv2.convertScaleAbs(face, alpha=light)
            (folder / f"Person {who}" / f"{k}.jpg").write_bytes(encode_jpeg(np.asarray(picture, np.uint8)))
    for k in range(2):
        (folder / "Person 3" / f"wall{k}.jpg").write_bytes(encode_jpeg(np.full((90, 90 + k, 3), 90, np.uint8)))
    return folder


@pytest.mark.usefixtures("models_dir")
def test_killed_at_any_moment_of_an_import(tmp_path: Path, people: Path) -> None:
    dice = random.Random(11)  # noqa: S311 - moments
    with Victim(tmp_path / "whole", people, "real") as victim:
        assert victim.run(None)
    with Victim(tmp_path / "killed", people, "real") as victim:
        there = 0
        for k in range(KILLS):
            # Some before the first picture, some in the middle of one, so that there is always something left.
            victim.run(dice.uniform(0, 0.12 if k else 0.3), after=(0, 1, 2, 3)[k % 4])
            assert check(tmp_path / "killed") >= there, "what was enrolled is gone"
            there = check(tmp_path / "killed")
        assert victim.kills >= KILLS // 2, "the imports ended before they were killed: look at the moments"
        assert there > 0
        assert victim.run(None)
    assert check(tmp_path / "killed") == check(tmp_path / "whole") >= 24
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
