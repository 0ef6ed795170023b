from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from faceapp.app import audit_pictures
from faceapp.app.audit import open_log
from faceapp.app.audit_pictures import PicturedLog, kept, picture
from faceapp.app.site_keys import site_keys
from faceapp.cli.main import main
from faceapp.errors import InputError, UnavailableError
from faceapp.images import decode_image
from faceapp.security.vault import Vault
from faceapp.types import Box, Face, Frame, FrameResult, TrackedFace

ADA, BOB = "aa" * 16, "bb" * 16


def seen(frame_id: int, *tracks: int) -> tuple[Frame, FrameResult]:
    image = np.full((240, 320, 3), frame_id, np.uint8)
    image.flags.writeable = False
    faces = tuple(TrackedFace(t, Face(Box(100, 60, 180, 160), 0.9, None), True) for t in tracks)
    return Frame(frame_id, 0, image), FrameResult(frame_id, 0, 0, (320, 240), faces)


@pytest.fixture
def log(data_dir: Path) -> PicturedLog:
    return PicturedLog(open_log(data_dir), data_dir, lambda: Vault.of(site_keys(data_dir)))


def test_a_refusal_has_its_picture_sealed_and_private(log: PicturedLog, data_dir: Path) -> None:
    log.see(*seen(7, 3))
    number = log.append("refusal", person="unknown", frame=7, track=3).number
    assert list(kept(data_dir)) == [number]
    file = kept(data_dir)[number]
    assert b"JFIF" not in file.read_bytes()
    if os.name == "posix":
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    image = decode_image(picture(data_dir, number), "kept")
    assert abs(float(image.mean()) - 7) < 2
    assert image.shape[0] < 240


def test_a_grants_picture_waits_until_the_door_was_told(log: PicturedLog, data_dir: Path) -> None:
    log.see(*seen(1, 1))
    intention = log.append("intention", person=ADA, frame=1, track=1).number
    assert not kept(data_dir)
    log.append("outcome", intention=intention, outcome="opened", person=ADA)
    assert list(kept(data_dir)) == [intention]


def test_without_a_frame_or_a_face_there_is_an_entry_and_no_picture(log: PicturedLog, data_dir: Path) -> None:
    for frame in range(20):
        log.see(*seen(frame, 1))
    log.append("refusal", person="unknown", frame=0, track=1)  # long gone
    log.append("refusal", person="unknown", frame=19, track=2)
    log.append("started")
    assert not kept(data_dir)
    assert len(list(log.latest())) >= 3


def test_a_picture_that_cannot_be_written_keeps_nobody_waiting(log: PicturedLog, data_dir: Path) -> None:
    (data_dir / audit_pictures.FOLDER).write_text("in the way")
    log.see(*seen(1, 1))
    assert log.append("refusal", person="unknown", frame=1, track=1).number


def test_those_of_a_person_go_and_others_stay(log: PicturedLog, data_dir: Path) -> None:
    log.see(*seen(1, 1))
    of_ada, of_bob = (log.append("refusal", person=p, frame=1, track=1).number for p in (ADA, BOB))
    stray = data_dir / audit_pictures.FOLDER / "9999.bin"
    stray.write_bytes(b"whose?")
    assert audit_pictures.forget(data_dir, {ADA}) == 2
    assert list(kept(data_dir)) == [of_bob]
    assert of_ada != of_bob


def test_what_cannot_be_shown_is_told_in_one_line(log: PicturedLog, data_dir: Path) -> None:
    with pytest.raises(InputError, match="no picture with entry 5"):
        picture(data_dir, 5)
    log.see(*seen(1, 1))
    one, two = (log.append("refusal", person=ADA, frame=1, track=1).number for _ in range(2))
    files = kept(data_dir)
    files[one].write_bytes(files[two].read_bytes())
    with pytest.raises(UnavailableError, match="altered"):
        picture(data_dir, one)


def test_on_the_command_line(
    log: PicturedLog, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.see(*seen(1, 1))
    number = log.append("refusal", person=ADA, frame=1, track=1).number
    out = tmp_path / "p.jpg"
    assert main(["audit", "picture", str(number), "--out", str(out)]) == 0
    assert out.read_bytes() == picture(data_dir, number)
    assert main(["audit", "picture", "999", "--out", str(out)]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 1
