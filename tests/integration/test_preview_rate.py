"""Slow recognition never slows the picture. Without a window: what the threads themselves can do.

`test_window_preview_rate.py` is the same with the real window.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.threads import share_the_interpreter
from faceapp.types import BgrImage, Box, Face, Frame, FrameResult
from tests.fakes.camera import PunctualCamera
from tests.fakes.slow import SlowEmbedder, burn, wait

POLL_S = 0.01
ROUNDS = 5
PIECE_S = 0.45
"""How long is looked each time: shorter than a face takes."""


class Hopping:
    """Finds a face somewhere else each time, so that each frame has a new track to embed."""

    id = "hopping"
    provider = "CPUExecutionProvider"

    def __init__(self) -> None:
        self._count = 0

    def detect(self, _image: BgrImage, _min_face: int) -> list[Face]:
        self._count += 1
        x, y = (self._count * 200) % 600, (self._count % 3) * 150
        return [Face(Box(x, y, x + 90, y + 110), 0.99)]


class OneByOne:
    """A delay that begins when it is told to, and is none at all once it is over."""

    def __init__(self, delay: Callable[[], None]) -> None:
        self._delay = delay
        self._next = threading.Semaphore(0)
        self._begun = threading.Semaphore(0)
        self._over = False

    def __call__(self) -> None:
        self._next.acquire()
        if not self._over:
            self._begun.release()
            self._delay()
        else:
            self._next.release()

    def begin(self) -> None:
        self._next.release()
        assert self._begun.acquire(timeout=30), "a face is being embedded"

    def end(self) -> None:
        self._over = True
        self._next.release()


@pytest.fixture
def shared_interpreter() -> Iterator[None]:
    """As a live session sets it."""
    before = sys.getswitchinterval()
    share_the_interpreter()
    yield
    sys.setswitchinterval(before)


def frames_seen(preview: LatestSlot[Frame], seconds: float) -> int:
    """How many different pictures somebody sees who looks every 10 ms, as a window's timer does."""
    never = threading.Event()
    seen: set[int] = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        frame = preview.peek()
        if frame is not None:
            seen.add(frame.id)
        never.wait(POLL_S)
    return len(seen)


@pytest.mark.parametrize(("delay", "least"), [(burn, 0.5), (wait, 0.85)], ids=["burns", "waits"])
def test_a_slow_embedder_leaves_the_preview_alone(
    shared_interpreter: None, delay: Callable[[], None], least: float
) -> None:
    preview: LatestSlot[Frame] = LatestSlot()
    work: LatestSlot[Frame] = LatestSlot()
    results: LatestSlot[FrameResult] = LatestSlot()
    one_by_one = OneByOne(delay)
    embedder = SlowEmbedder(one_by_one)

    def build() -> Recogniser:
        return Recogniser(
            detector=Hopping(),
            embedder=embedder,
            index=GalleryIndex.empty(embedder.space),
            threshold=1.0,
            same_person=1.0,
            min_face=40,
        )

    recognition = RecognitionThread(build, results, lambda *_: None)
    recognition.attach(work)
    capture = CaptureThread(PunctualCamera(30), [preview, work])
    capture.start()
    recognition.start()
    ratios = []
    for _ in range(ROUNDS):
        # What this machine shows, as busy as it is now, while recognition rests: then the same beside it. Other
        # programs come and go: each pair is looked at by itself, and a piece or two may be spoilt.
        possible = frames_seen(preview, PIECE_S)
        one_by_one.begin()
        ratios.append(frames_seen(preview, PIECE_S) / max(possible, 1))
        assert results.take(30) is not None, "recognition goes on"
    assert capture.stop(30)
    one_by_one.end()
    assert recognition.stop(30)
    assert statistics.median(ratios) >= least, ratios

    read, processed = capture.read.count, recognition.processed.count
    assert embedder.embedded >= processed >= ROUNDS, "and each frame cost it half a second"
    assert read - processed - work.dropped in (0, 1), "every frame was processed, dropped, or is still in the slot"
    assert work.dropped > read / 2
