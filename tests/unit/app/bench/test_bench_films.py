"""The films to measure on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faceapp.app.bench import films
from faceapp.app.parts import Parts
from faceapp.camera.files import VideoFileSource
from faceapp.errors import UnavailableError


def test_every_frame_is_the_same_each_time() -> None:
    once, again = (list(films.pictures(films.sitters(1), (320, 240), 3)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not np.array_equal(once[0], once[1]), "a film in which nothing moves"


@pytest.mark.usefixtures("group_photo", "models_dir")
@pytest.mark.parametrize("faces", [1, 6])
def test_each_face_is_there_in_the_written_film(faces: int, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    films.write(path, films.sitters(faces), (640, 480), 4)
    source = VideoFileSource("film", path)
    source.open()
    frames = list(iter(source.read, None))
    source.close()
    assert [f.size for f in frames] == [(640, 480)] * 4
    with Parts.open() as parts:
        found = parts.detector().detect(frames[-1].image, 60)
    assert len(found) == faces


def test_without_the_group_photograph_there_are_no_six(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "group_photograph", lambda: None)
    with pytest.raises(UnavailableError, match="insightface"):
        films.sitters(6)
