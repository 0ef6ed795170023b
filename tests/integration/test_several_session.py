"""The session behind the grid: real threads, real networks, a real gallery."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.guest import GUEST_NAME
from faceapp.app.live_several import CameraOfSeveral, SeveralSession
from faceapp.app.parts import Parts
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import InputError, UsageError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage
from tests.fakes.walk_up import walk_up
from tests.polling import until

BUSY = 60.0
FRAMES = 6


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> Path:
    """The astronaut for a moment."""
    return walk_up(tmp_path_factory.mktemp("films") / "film", astronaut, FRAMES)


@pytest.fixture
def parts(models_dir: Path, data_dir: Path) -> Iterator[Parts]:
    with Parts.open(data_dir) as parts:
        yield parts


@pytest.fixture
def session(parts: Parts, film: Path) -> Iterator[SeveralSession]:
    """The demonstration, a film, and a film of no pictures."""
    broken = film.parent / "broken.mp4"
    broken.write_text("no video at all")
    interval = sys.getswitchinterval()
    session = SeveralSession(parts, ["demo:", str(film), str(broken)])
    yield session
    session.stop()
    sys.setswitchinterval(interval)


def names(camera: CameraOfSeveral) -> set[str | None]:
    """In the newest result."""
    result = camera.latest_result()
    return {f.match.name for f in result.faces if f.match is not None} if result is not None else set()


def test_each_picture_has_its_names_and_its_own_trouble(session: SeveralSession, parts: Parts) -> None:
    demo, film, broken = session.cameras
    assert [c.name for c in session.cameras] == ["demonstration", "film", "broken.mp4"]
    assert [c.phase() for c in session.cameras] == ["starting"] * 3
    session.start()
    until(lambda: broken.phase() == "failed", BUSY)
    assert [n.id for n in broken.notices()] == ["source"]
    assert "broken.mp4 is not a video" in broken.notices()[0].text
    until(lambda: GUEST_NAME in names(demo), BUSY)
    result = until(lambda: (r := film.latest_result()) is not None and r.frame_id == FRAMES - 1 and r, BUSY)
    (seen,) = result.faces
    assert seen.match is None, "the guest is known in the demonstration alone"
    until(lambda: film.phase() == "ended", BUSY)
    assert demo.phase() == "running"
    assert demo.notices() == ()
    # Enrolled by another process, with another embedder even: embedded again, and known in every picture.
    frame = film.latest_frame()
    assert frame is not None
    crop = keep_crop(frame.image, seen.face)
    with GalleryStore.open(parts.data_dir) as store:
        vector = np.ones(4, np.float32) / 2
        store.add_photo("Ada", NewPhoto("old", vector, 80, "a", crop.jpeg(), crop.box, crop.landmarks))
    until(lambda: session.people() == 1, BUSY)
    until(lambda: "Ada" in names(demo) and GUEST_NAME not in names(demo), BUSY)
    stats = session.stats()
    assert stats.provider.startswith("CPU")
    assert session.notices() == ()
    session.stop()
    assert {c.phase() for c in session.cameras} == {"stopped"}


def test_what_can_not_be_is_said_before_anything_starts(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is named twice"):
        SeveralSession(parts, ["7", "demo:", "/dev/video7"])
    with pytest.raises(InputError, match="there is no such file"):
        SeveralSession(parts, ["demo:", str(tmp_path / "none.mp4")])
