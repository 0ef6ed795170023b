"""RTSP cameras, played by the real FFmpeg from a real server on loopback."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from faceapp.camera.choose import parse_source
from faceapp.camera.stream import StreamSource
from faceapp.errors import UnavailableError
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.types import Frame
from tests.fakes.rtsp import SIZE, RtspCamera, picture


def opened(address: str, timeout: float = 15.0) -> StreamSource:
    source = StreamSource(address, timeout)
    source.open()
    return source


def why_not(address: str, timeout: float = 4.0) -> str:
    """The line that opening it gives."""
    source = StreamSource(address, timeout)
    with pytest.raises(UnavailableError) as error:
        source.open()
    source.close()
    assert "\n" not in str(error.value)
    return str(error.value)


def with_secret(camera: RtspCamera, secret: str) -> str:
    return camera.address.replace("//", f"//{secret}@")


@pytest.fixture
def quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing reaches stdout or stderr, and nothing secret the log."""
    caplog.set_level(logging.DEBUG)
    yield
    assert capfd.readouterr() == ("", "")
    assert not [r for r in caplog.get_records("call") if "s3cret" in f"{r.getMessage()} {r.exc_text}"]


@pytest.mark.usefixtures("quiet")
def test_its_pictures_come_in_order_and_as_they_are() -> None:
    with RtspCamera() as camera:
        source = parse_source(camera.address)
        source.open()
        assert (source.name, source.live) == (camera.address, True)
        frames = [source.read() for _ in range(12)]
        source.close()
    assert [f.id for f in frames if f] == list(range(12))
    first = frames[0]
    assert first is not None
    begin = min(range(32), key=lambda k: float(np.abs(first.image.astype(int) - picture(k)).mean()))
    for k, frame in enumerate(frames):
        assert frame is not None
        assert frame.size == SIZE
        assert not frame.image.flags.writeable
        assert np.abs(frame.image.astype(int) - picture(begin + k)).mean() < 3


@pytest.mark.usefixtures("quiet")
def test_nothing_is_kept_back_from_the_time_of_connecting() -> None:
    """FFmpeg looks at a stream for most of a second before it gives a picture: by then those are old."""
    with RtspCamera() as camera:
        source = opened(camera.address)
        assert source.read() is not None
        assert source._video is not None
        assert source._video.get(cv2.CAP_PROP_POS_MSEC) > 300, "those from before are left out"
        source.close()
    assert "OPENCV_FFMPEG_CAPTURE_OPTIONS" not in os.environ


@pytest.mark.usefixtures("quiet")
def test_pictures_that_piled_up_on_the_way_are_as_old_as_they_are() -> None:
    with RtspCamera(pauses_after=60) as camera:
        source = opened(camera.address)
        threading.Thread(target=resume_after, args=(camera, 1.5), daemon=True).start()
        ages = []
        for _ in range(90):
            frame = source.read()
            assert frame is not None
            ages.append((time.monotonic_ns() - frame.captured_ns) / 1e9)
        source.close()
    assert max(ages) == pytest.approx(1.5, abs=0.3), "the first after the stall is as old as the stall was long"
    late = ages.index(max(ages))
    assert all(age < 0.1 for age in ages[:late])
    assert ages[-1] < 0.1, "it has caught up"


def resume_after(camera: RtspCamera, seconds: float) -> None:
    """The network works again so long after it stopped."""
    if camera.paused.wait(10) and not threading.Event().wait(seconds):
        camera.resume.set()


@pytest.mark.usefixtures("quiet")
def test_user_and_password_reach_the_camera_and_nobody_else() -> None:
    with RtspCamera(login="ada:s3cret/@ :") as camera:
        source = opened(with_secret(camera, "ada:s3cret%2F%40%20%3A"))
        assert source.read() is not None
        source.close()
        assert source.name == source.spec == camera.address
        assert not any("s3cret" in line for line in camera.asked), "in the request's header only"
        wrong = why_not(with_secret(camera, "ada:s3cret"))
        none = why_not(camera.address)
    assert "check them" in wrong
    assert "s3cret" not in wrong
    assert "ada" not in wrong
    assert "wants a user and password" in none


@pytest.mark.usefixtures("quiet")
def test_a_path_that_the_camera_does_not_have() -> None:
    with RtspCamera(path="/live") as camera:
        assert "nothing at this path" in why_not(camera.address.replace("/live", "/other"))


@pytest.mark.usefixtures("quiet")
def test_a_machine_where_no_camera_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    begun = time.monotonic()
    assert "does not answer (connection refused)" in why_not(f"rtsp://ada:s3cret@127.0.0.1:{port}/live")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
@pytest.mark.usefixtures("quiet")
def test_one_that_takes_the_call_and_says_nothing(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        line = why_not(f"{scheme}://ada:s3cret@127.0.0.1:{server.getsockname()[1]}/live", 1.0)
    assert time.monotonic() - begun < 3
    assert "in time" in line
    assert "s3cret" not in line


@pytest.mark.usefixtures("quiet")
def test_one_that_speaks_something_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"220 mail.example ESMTP\r\n" * 4)

        threading.Thread(target=greet, daemon=True).start()
        assert "sends no video" in why_not(f"rtsp://127.0.0.1:{server.getsockname()[1]}/live", 1.0)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "camera", [RtspCamera(stalls_after=40), RtspCamera(hangs_up_after=40)], ids=["stalls", "hangs up"]
)
def test_a_camera_that_goes_silent_is_given_up_in_time(camera: RtspCamera) -> None:
    with camera:
        source = opened(camera.address, 1.0)
        begun = time.monotonic()
        with pytest.raises(UnavailableError, match="stopped sending pictures"):
            list(iter(source.read, None))
        assert time.monotonic() - begun < 5
        source.close()


@pytest.mark.usefixtures("quiet")
def test_a_camera_that_restarts_is_taken_up_again() -> None:
    """Within five seconds of coming back; its frames go on counting."""
    work: LatestSlot[Frame] = LatestSlot()
    with RtspCamera() as camera:
        capture = CaptureThread(StreamSource(camera.address, 2.0), [work])
        capture.start()
        last = work.take(10)
        assert last is not None
    while (frame := work.take(0.2)) is not None:
        last = frame
    with RtspCamera(port=camera.port):
        begun = time.monotonic()
        again = work.take(8)
        back = time.monotonic() - begun
        assert capture.stop(5)
    assert again is not None
    assert again.id > last.id
    assert back < 5
