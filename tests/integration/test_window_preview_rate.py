"""Slow recognition never slows the picture: the real window on the real pipeline, with the slowest of embedders."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.gallery.index import GalleryIndex
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.theme import Theme
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.threads import share_the_interpreter
from faceapp.types import BgrImage, Box, Face, Floats, Frame, FrameResult
from tests.fakes.live import FakeSession

CAMERA_FPS = 30
SLOW_S = 0.5
WATCHED_MS = 2000


class Camera:
    """A 640 x 480 camera of 30 frames a second, always on time."""

    spec = name = "0"
    kind: Literal["device"] = "device"
    live = True
    fps = None

    def __init__(self) -> None:
        self._due = 0.0
        self._count = 0
        self._never = threading.Event()
        self._picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)

    def open(self) -> None:
        self._due = time.monotonic()

    def read(self) -> Frame | None:
        self._due += 1 / CAMERA_FPS
        self._never.wait(max(0.0, self._due - time.monotonic()))
        self._count += 1
        return Frame.freeze(self._count - 1, time.monotonic_ns(), self._picture.copy())

    def close(self) -> None:
        pass


class Hopping:
    """Finds a face somewhere else each time, so that each frame has a new track to embed."""

    id = "hopping"

    def __init__(self) -> None:
        self._count = 0

    def detect(self, _image: BgrImage, _min_face: int) -> list[Face]:
        self._count += 1
        x, y = (self._count * 200) % 600, (self._count % 3) * 150
        return [Face(Box(x, y, x + 90, y + 110), 0.99)]


class Slow:
    """An embedder that takes half a second for each face, one way or the other."""

    id = space = "slow"
    dimension = 4
    provider = "CPUExecutionProvider"

    def __init__(self, delay: Callable[[], None]) -> None:
        self._delay = delay

    def embed(self, _image: BgrImage, faces: Sequence[Face]) -> Floats:
        for _ in faces:
            self._delay()
        return np.tile(np.array([1, 0, 0, 0], np.float32), (len(faces), 1))


def burn() -> None:
    """Half a second of this thread's processor time, holding the interpreter as Python code does."""
    end = time.thread_time() + SLOW_S
    total = 0
    while time.thread_time() < end:
        total += sum(k * k for k in range(200))


def wait() -> None:
    """Half a second, as a network on another machine would take."""
    threading.Event().wait(SLOW_S)


class PipelineSession(FakeSession):
    """A fake in everything but the way of a frame, which is the real one."""

    def __init__(self, delay: Callable[[], None]) -> None:
        super().__init__()
        self.preview: LatestSlot[Frame] = LatestSlot()
        self.work: LatestSlot[Frame] = LatestSlot()
        self.results: LatestSlot[FrameResult] = LatestSlot()
        self.capture = CaptureThread(Camera(), [self.preview, self.work])
        self.recognition = RecognitionThread(lambda: _recogniser(delay), self.results, lambda *_: None)
        self.recognition.attach(self.work)

    def start(self) -> None:
        self.recognition.start()
        self.capture.start()

    def stop(self) -> None:
        self.capture.stop()
        self.recognition.stop()

    def latest_frame(self) -> Frame | None:
        return self.preview.peek()

    def latest_result(self) -> FrameResult | None:
        return self.results.peek()


def _recogniser(delay: Callable[[], None]) -> Recogniser:
    slow = Slow(delay)
    return Recogniser(
        detector=Hopping(),
        embedder=slow,
        index=GalleryIndex.empty(slow.space),
        threshold=1.0,
        same_person=1.0,
        min_face=40,
    )


@pytest.fixture
def shared_interpreter() -> Iterator[None]:
    """As a live session sets it."""
    before = sys.getswitchinterval()
    share_the_interpreter()
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize(("delay", "least"), [(burn, 15), (wait, 25)], ids=["burns", "waits"])
def test_a_slow_embedder_leaves_the_preview_alone(
    qapp: QApplication, qtbot: QtBot, shared_interpreter: None, delay: Callable[[], None], least: float
) -> None:
    session = PipelineSession(delay)
    window = LiveWindow(session, Theme(qapp))
    session.start()
    window.show()
    view = window.stage.view
    qtbot.waitUntil(lambda: view.frames_painted > 3 and session.latest_result() is not None, timeout=10_000)
    painted, begun = view.frames_painted, time.monotonic()
    qtbot.wait(WATCHED_MS)
    rate = (view.frames_painted - painted) / (time.monotonic() - begun)
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert rate >= least

    read, processed = session.capture.read.count, session.recognition.processed.count
    assert processed >= 2, "recognition goes on"
    assert session.work.dropped > read / 2, "and leaves out what it can't keep up with"
    assert 0 <= read - processed - session.work.dropped <= 2, "every frame is processed, dropped, or just under way"
