"""Network cameras against real servers on loopback: good ones, slow ones, rude ones."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from faceapp.camera.choose import parse_source
from faceapp.camera.stream import StreamSource
from faceapp.errors import InputError, UnavailableError
from faceapp.images import encode_jpeg
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.types import Frame

SHORT = 1.5
"""For cameras that let us wait."""
PATIENT = 20.0
"""For those that answer, on however busy a machine."""


def jpeg(level: int) -> bytes:
    return encode_jpeg(np.full((48, 64, 3), level, np.uint8))


class Camera(BaseHTTPRequestHandler):
    """Answers as the test's `behave` says."""

    behave: Callable[[Camera], None]

    def do_GET(self) -> None:
        type(self).behave(self)

    def log_message(self, *_: object) -> None:
        pass

    def multipart(self, boundary: str = "frame") -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={boundary}")
        self.end_headers()

    def part(self, data: bytes, length: bool = True) -> None:
        head = b"--frame\r\nContent-Type: image/jpeg\r\n"
        head += b"Content-Length: %d\r\n" % len(data) if length else b""
        self.wfile.write(head + b"\r\n" + data + b"\r\n")


@contextmanager
def served(behave: Callable[[Camera], None]) -> Iterator[int]:
    handler = type("Handler", (Camera,), {"behave": behave})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def levels(source: StreamSource, count: int) -> list[int]:
    found = []
    for _ in range(count):
        frame = source.read()
        assert frame is not None
        assert not frame.image.flags.writeable
        found.append(round(float(frame.image.mean())))
    return found


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("boundary", ["frame", "--frame", '"frame"'])
def test_motion_jpeg(length: bool, boundary: str) -> None:
    def behave(camera: Camera) -> None:
        camera.multipart(boundary)
        for level in (50, 100, 150):
            camera.part(jpeg(level), length)
        camera.wfile.write(b"--frame--\r\n")

    with served(behave) as port:
        source = parse_source(f"http://127.0.0.1:{port}/video")
        assert isinstance(source, StreamSource)
        source.open()
        assert levels(source, 3) == pytest.approx([50, 100, 150], abs=2)
        with pytest.raises(UnavailableError, match="stopped sending pictures"):
            source.read()
        source.close()


def test_an_address_that_gives_one_picture_at_a_time() -> None:
    asked = iter(range(50, 250, 50))

    def behave(camera: Camera) -> None:
        data = jpeg(next(asked))
        camera.send_response(200)
        camera.send_header("Content-Type", "image/jpeg")
        camera.send_header("Content-Length", str(len(data)))
        camera.end_headers()
        camera.wfile.write(data)

    with served(behave) as port:
        source = StreamSource(f"http://127.0.0.1:{port}/snapshot.jpg", PATIENT)
        source.open()
        assert levels(source, 3) == pytest.approx([50, 100, 150], abs=2)
        source.close()


def test_a_part_that_is_no_picture_is_passed_over() -> None:
    def behave(camera: Camera) -> None:
        camera.multipart()
        camera.part(b"not a picture")
        camera.part(jpeg(99))

    with served(behave) as port:
        source = StreamSource(f"http://127.0.0.1:{port}/", PATIENT)
        source.open()
        assert levels(source, 1) == pytest.approx([99], abs=2)
        source.close()


def test_a_camera_that_stalls_is_given_up_in_time() -> None:
    over = threading.Event()

    def behave(camera: Camera) -> None:
        camera.multipart()
        camera.part(jpeg(50))
        over.wait(10)

    with served(behave) as port:
        source = StreamSource(f"http://127.0.0.1:{port}/", SHORT)
        source.open()
        levels(source, 1)
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="no answer in time"):
            source.read()
        assert time.monotonic() - began < SHORT + 3
        over.set()
        source.close()


def drips_a_picture(camera: Camera, over: threading.Event) -> None:
    camera.multipart()
    camera.wfile.write(b"--frame\r\nContent-Length: 1000\r\n\r\n")
    while not over.wait(0.1):
        camera.wfile.write(b"x")


def chatters(camera: Camera, over: threading.Event) -> None:
    camera.multipart()
    while not over.wait(0.01):
        camera.wfile.write(b"no boundary\r\n")


@pytest.mark.parametrize("misbehave", [drips_a_picture, chatters])
def test_bytes_that_drip_do_not_extend_the_limit(misbehave: Callable[[Camera, threading.Event], None]) -> None:
    over = threading.Event()

    def behave(camera: Camera) -> None:
        with contextlib.suppress(OSError):
            misbehave(camera, over)

    with served(behave) as port:
        source = StreamSource(f"http://127.0.0.1:{port}/", SHORT)
        source.open()
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="no answer in time"):
            source.read()
        assert time.monotonic() - began < SHORT + 3
        source.close()
        over.set()


def test_headers_that_drip_do_not_extend_the_limit() -> None:
    over = threading.Event()

    def behave(camera: Camera) -> None:
        with contextlib.suppress(OSError):
            camera.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
            while not over.wait(0.1):
                camera.wfile.write(b"x")

    with served(behave) as port:
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="no answer in time"):
            StreamSource(f"http://127.0.0.1:{port}/", SHORT).open()
        assert time.monotonic() - began < SHORT + 3
        over.set()


def test_a_picture_that_claims_to_be_enormous_is_passed_over() -> None:
    huge = bytearray(jpeg(50))
    frame_header = huge.index(b"\xff\xc0")
    huge[frame_header + 5 : frame_header + 9] = b"\xff\xdc\xff\xdc"  # 65500 x 65500

    def behave(camera: Camera) -> None:
        camera.multipart()
        camera.part(bytes(huge))
        camera.part(jpeg(120))

    with served(behave) as port:
        source = StreamSource(f"http://127.0.0.1:{port}/", PATIENT)
        source.open()
        assert levels(source, 1) == pytest.approx([120], abs=2)
        source.close()


@pytest.mark.parametrize(
    "spec",
    [
        "rtsp://u:se/cret@h/x",
        "rtsp://us/er:secret@h/x",
        "rtsp://u:1#secret@h/x",
        "rtsp:/u:secret@h/x",
        "http:u:secret@h/x",
        "rtsp://u:secret@[h/x",
    ],
)
def test_an_address_that_is_refused_is_not_repeated(spec: str) -> None:
    with pytest.raises(InputError) as error:
        parse_source(spec)
    assert "cret" not in str(error.value)


@pytest.mark.parametrize(
    "spec", ["rtsp://h/user=admin_password=secret_channel=1.sdp", "http://u:secret@h/v?pwd=secret", "http://h/k;secret"]
)
def test_names_show_no_secrets(spec: str) -> None:
    source = parse_source(spec)
    assert "secret" not in source.name + source.spec
    assert "//h/" in source.name


def test_passwords_reach_the_camera_and_nobody_else() -> None:
    def behave(camera: Camera) -> None:
        wanted = "Basic " + base64.b64encode(b"ada:s3cret p@ss").decode()
        if camera.headers.get("Authorization") != wanted:
            camera.send_response(401)
            camera.send_header("WWW-Authenticate", 'Basic realm="camera"')
            camera.send_header("Content-Length", "0")
            camera.end_headers()
            return
        camera.multipart()
        camera.part(jpeg(77))

    with served(behave) as port:
        source = StreamSource(f"http://ada:s3cret%20p%40ss@127.0.0.1:{port}/v?token=abc", PATIENT)
        assert (source.spec, source.name) == (f"http://127.0.0.1:{port}/v",) * 2
        source.open()
        assert levels(source, 1) == pytest.approx([77], abs=2)
        with pytest.raises(UnavailableError) as hung_up:
            source.read()
        source.close()
        wrong = StreamSource(f"http://ada:wr0ng@127.0.0.1:{port}/v?token=abc", PATIENT)
        with pytest.raises(UnavailableError, match="wants a user and password") as refused:
            wrong.open()
    for error in (hung_up, refused):
        assert not {"s3cret", "wr0ng", "abc", "ada"} & set(str(error.value).replace("/", " ").split())


def test_a_camera_that_wants_a_digest() -> None:
    """RFC 7616, as most of them do: the password itself is never sent."""
    sent: list[str] = []

    def behave(camera: Camera) -> None:
        sent.append(camera.headers.get("Authorization", ""))
        ha1 = hashlib.md5(b"ada:camera:s3cret").hexdigest()  # noqa: S324 - what the protocol says
        ha2 = hashlib.md5(b"GET:/v").hexdigest()  # noqa: S324
        wanted = hashlib.md5(f"{ha1}:n0nce:{ha2}".encode()).hexdigest()  # noqa: S324
        if f'response="{wanted}"' not in sent[-1]:
            camera.send_response(401)
            camera.send_header("WWW-Authenticate", 'Digest realm="camera", nonce="n0nce"')
            camera.send_header("Content-Length", "0")
            camera.end_headers()
            return
        camera.multipart()
        camera.part(jpeg(60))

    with served(behave) as port:
        source = StreamSource(f"http://ada:s3cret@127.0.0.1:{port}/v", PATIENT)
        source.open()
        assert levels(source, 1) == pytest.approx([60], abs=2)
        source.close()
    assert not any("s3cret" in line for line in sent)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [(200, "text/html", "web page"), (404, "text/plain", "nothing at this path"), (503, "text/plain", "HTTP 503")],
)
def test_what_is_no_stream_says_so(status: int, kind: str, words: str) -> None:
    def behave(camera: Camera) -> None:
        camera.send_response(status)
        camera.send_header("Content-Type", kind)
        camera.send_header("Content-Length", "2")
        camera.end_headers()
        camera.wfile.write(b"hi")

    with served(behave) as port, pytest.raises(UnavailableError, match=words):
        StreamSource(f"http://127.0.0.1:{port}/", PATIENT).open()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_nobody_there(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UnavailableError, match="does not answer") as error:
        StreamSource(f"{scheme}://ada:s3cret@127.0.0.1:{port}/live", SHORT).open()
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_somebody_who_never_says_a_word(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = StreamSource(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/live", SHORT)
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="does not answer"):
            source.open()
        assert time.monotonic() - began < SHORT + 3


@pytest.mark.parametrize("spec", ["http://", "rtsp://host:port/x", "http://[1:2/", "rtsp:camera"])
def test_an_address_that_is_none(spec: str) -> None:
    with pytest.raises(InputError, match="stream's address"):
        parse_source(spec)


def test_a_camera_that_comes_back_is_taken_up_again() -> None:
    visits = iter([50, 150])

    def behave(camera: Camera) -> None:
        level = next(visits, None)
        if level is None:
            camera.send_error(503)
            return
        camera.multipart()
        for _ in range(3):
            camera.part(jpeg(level))

    with served(behave) as port:
        slot: LatestSlot[Frame] = LatestSlot()
        capture = CaptureThread(StreamSource(f"http://127.0.0.1:{port}/", PATIENT), [slot])
        capture.start()
        seen: list[int] = []
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and 150 not in seen:
            frame = slot.take(0.1)
            if frame is not None:
                seen.append(round(float(frame.image.mean()) / 50) * 50)
        assert capture.stop()
        assert {50, 150} <= set(seen)


@pytest.mark.parametrize("kind", ["application/vnd.apple.mpegurl", "video/mp4", "video/mp2t"])
def test_a_door_takes_no_playlist_and_no_film(kind: str) -> None:
    """Their pictures look fresh and may be as old as they like."""

    def behave(camera: Camera) -> None:
        camera.send_response(200)
        camera.send_header("Content-Type", kind)
        camera.end_headers()

    with served(behave) as port, pytest.raises(UnavailableError, match="a playlist or a film") as error:
        parse_source(f"http://ada:s3cret@127.0.0.1:{port}/live", door=True).open()
    assert "s3cret" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("path", ["live.m3u8", "a/film.MP4?user=ada", "dash.mpd"])
def test_a_door_refuses_at_once_what_its_address_says(path: str) -> None:
    with pytest.raises(InputError, match="RTSP or Motion JPEG"):
        parse_source(f"https://camera.example/{path}", door=True)
    parse_source(f"https://camera.example/{path}")
    parse_source(f"rtsp://camera.example/{path}", door=True)


def test_a_door_takes_motion_jpeg_and_single_pictures() -> None:
    def behave(camera: Camera) -> None:
        camera.multipart()
        camera.part(jpeg(60))

    with served(behave) as port:
        source = parse_source(f"http://127.0.0.1:{port}/", door=True)
        source.open()
        assert source.read() is not None
        source.close()
