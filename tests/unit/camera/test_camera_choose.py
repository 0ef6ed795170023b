"""From what the user wrote to a source, and what is never repeated of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.camera.address import parse_address
from faceapp.camera.choose import parse_source, source_maker
from faceapp.camera.demo import DemoSource
from faceapp.camera.device import DeviceSource
from faceapp.camera.files import VideoFileSource
from faceapp.camera.folder import FolderSource, PictureSource
from faceapp.camera.source import FrameSource
from faceapp.camera.stream import StreamSource
from faceapp.errors import InputError, KnownError
from faceapp.images import encode_jpeg


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("0", DeviceSource),
        ("12", DeviceSource),
        ("/dev/video3", DeviceSource),
        ("/dev/v4l/by-id/usb-Some_Camera-video-index0", DeviceSource),
        ("demo:", DemoSource),
        ("DEMO:", DemoSource),
        ("rtsp://camera/live", StreamSource),
        ("RTSPS://camera/live", StreamSource),
        ("http://camera:8080/video", StreamSource),
        ("https://camera/video", StreamSource),
    ],
)
def test_what_is_meant_by_it(spec: str, kind: type[FrameSource]) -> None:
    assert type(parse_source(spec)) is kind


def test_files_and_folders(tmp_path: Path) -> None:
    film, picture = tmp_path / "film.mp4", tmp_path / "picture.jpg"
    film.write_bytes(b"x")
    picture.write_bytes(encode_jpeg(np.zeros((4, 4, 3), np.uint8)))
    assert type(parse_source(str(film))) is VideoFileSource
    assert type(parse_source(str(picture))) is PictureSource
    assert type(parse_source(str(tmp_path))) is FolderSource


def test_a_file_called_as_a_number_is_reached_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("7").mkdir()
    assert type(parse_source("7")) is DeviceSource
    assert type(parse_source("./7")) is FolderSource


def test_the_home_folder_has_its_short_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photos").mkdir()
    assert type(parse_source("~/photos")) is FolderSource


@pytest.mark.parametrize("spec", ["", " ", "gone.mp4", "-1", "demo", "\0", "x" * 5000, "७"])
def test_what_is_nothing_is_one_line(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        parse_source(spec)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("spec", ["rtmp://ada:s3cret@host/x", "ftp://ada:s3cret@host"])
def test_an_unknown_kind_of_stream_is_not_repeated(spec: str) -> None:
    with pytest.raises(InputError) as error:
        parse_source(spec)
    assert "s3cret" not in str(error.value)


# Addresses and their secrets


def test_an_address_taken_apart() -> None:
    address = parse_address("HTTP://ada:s3c%2Fret%40@Camera.local:8080/video?token=t0ken#part")
    assert address.scheme == "http"
    assert address.public == "http://camera.local:8080/video"
    assert address.bare == "http://camera.local:8080/video?token=t0ken"
    assert (address.user, address.password) == ("ada", "s3c/ret@")


def test_an_address_of_numbers() -> None:
    assert parse_address("rtsp://[::1]:8554/live").public == "rtsp://[::1]:8554/live"
    assert parse_address("rtsp://10.0.0.7").public == "rtsp://10.0.0.7"


PLAIN = st.text(alphabet="abcdefghij0123456789", min_size=6, max_size=12)


@given(user=PLAIN, password=PLAIN, token=PLAIN)
def test_nothing_secret_is_in_what_is_shown(user: str, password: str, token: str) -> None:
    source = parse_source(f"rtsp://{user}:{password}@192.0.2.1/live?key={token}")
    shown = f"{source!r} {source.name} {source.spec}"
    for secret in (user, password, token):
        assert secret not in shown


@given(st.text(max_size=30))
def test_any_address_is_a_source_or_one_line_without_its_secret(rest: str) -> None:
    try:
        source = parse_source(f"http://ada:s3cret@{rest}")
    except KnownError as error:
        shown = str(error)
        assert "\n" not in shown
    else:
        shown = source.name + source.spec
    assert "s3cret" not in shown


def test_a_maker_makes_another_one_each_time() -> None:
    make = source_maker("rtsp://ada:s3cret@camera/live")
    one, other = make(), make()
    assert one is not other
    assert one.name == other.name == "rtsp://camera/live"
    with pytest.raises(InputError, match="no such file"):
        source_maker("nothing.mp4")()


def test_a_maker_stays_with_the_camera_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[tuple[DeviceSource, DeviceSource]] = []
    monkeypatch.setattr(DeviceSource, "follow", lambda self, before: followed.append((self, before)))
    make = source_maker("0")
    one, two, three = make(), make(), make()
    assert followed == [(two, one), (three, two)]
