"""An entrance with a real kiosk session: a network camera on loopback that somebody stands before all the time, a site
where they are enrolled and allowed, and whoever looks at the screen."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

import cv2
import numpy as np
import pytest

from faceapp import paths
from faceapp.access.observations import Mode
from faceapp.app.kiosk.gatekeeper import Gatekeeper
from faceapp.app.kiosk.session import KioskSession
from faceapp.app.kiosk.site import KioskOptions
from faceapp.app.kiosk.types import KioskView
from faceapp.app.parts import Parts
from faceapp.cli.main import main
from faceapp.images import encode_jpeg
from faceapp.settings import LivenessMode
from faceapp.types import BgrImage
from tests.fakes.camera_process import MjpegHandler
from tests.fakes.walk_up import walk_up
from tests.polling import until

PATIENCE = 0.1
"""Seconds that a frame may wait because of a door."""
Doing: TypeAlias = Literal["somebody", "nobody", "frozen", "stalled"]


def site_with_ada(folder: Path) -> Path:
    """A data directory where the astronaut is enrolled with one photo, as Ada, and allowed. Her door is open for a
    moment only, and soon opens for her again."""
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text('{"kiosk": {"pulse": 0.3, "policy": {"cooldown": 1.0}}}')
    for words in (["enroll", "Ada", str(paths.resource("astronaut.jpg"))], ["people", "allow", "Ada"]):
        assert main([*words, "--data-dir", str(folder)]) == 0
    return folder


def copied(site: Path, to: Path) -> Path:
    """A site of one's own."""
    shutil.copytree(site, to, dirs_exist_ok=True)
    return to


def pictures(folder: Path, photo: BgrImage, frames: int = 40) -> list[bytes]:
    """JPEGs of somebody who stands there, drifting to and fro without end."""
    there = [path.read_bytes() for path in sorted(walk_up(folder, photo, frames).iterdir())]
    return [*there, *there[-2:0:-1]]


def empty(number: int) -> bytes:
    """Nobody, and a sensor's noise."""
    noise = np.random.default_rng(number).normal(120, 3, (480, 480, 3))
    return encode_jpeg(np.clip(noise, 0, 255).astype(np.uint8))


def with_code(text: str) -> bytes:
    """A QR code held to the camera, and nobody's face."""
    code = cv2.resize(cv2.QRCodeEncoder.create().encode(text), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    picture = np.full((480, 480), 200, np.uint8)
    top, left = (480 - code.shape[0]) // 2, (480 - code.shape[1]) // 2
    picture[top : top + code.shape[0], left : left + code.shape[1]] = code
    return encode_jpeg(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR).astype(np.uint8))


class Camera:
    """A context manager: Motion JPEG on loopback, 30 pictures a second, of what `doing` says."""

    def __init__(self, somebody: list[bytes]) -> None:
        self._somebody = somebody
        self._nobody = [empty(i) for i in range(5)]
        self.code: bytes | None = None
        """Shown instead, with a little noise after it, while it is set."""
        self.doing: Doing = "somebody"
        self._number = 0
        self._over = threading.Event()
        handler = type("Handler", (MjpegHandler,), {"give": staticmethod(self._give), "visits": 0})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/live"

    def _give(self, _visit: int, _number: int) -> bytes:
        while self.doing == "stalled" and not self._over.wait(0.02):
            pass
        if self._over.is_set():
            raise StopIteration
        if self.doing != "frozen":
            self._number += 1
        if self.code is not None and self._number % 2:  # which makes it no frozen camera
            return self.code
        shown = self._nobody if self.doing == "nobody" or self.code is not None else self._somebody
        return shown[self._number % len(shown)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Onlooker:
    """Plays the window: looks at the session again and again, on the test's thread, and notes what it saw."""

    def __init__(self, session: KioskSession) -> None:
        self.session = session
        self.screens: list[str] = []
        self.names: set[str] = set()
        self.slowest = 0.0
        """Seconds that the longest question took."""
        self.waits: list[float] = []
        """Seconds that each frame spent on the door and all that goes with it, after it was recognised."""

    def look(self) -> KioskView:
        """As the window does on its timer."""
        for ask in (self.session.view, self.session.troubles, self.session.decisions, self.session.current):
            began = time.monotonic()
            answer: Any = ask()
            self.slowest = max(self.slowest, time.monotonic() - began)
            if isinstance(answer, KioskView):
                view = answer
        if view.name is not None:
            assert view.screen == "welcome"
            self.names.add(view.name)
        if self.screens[-1:] != [view.screen]:
            self.screens.append(view.screen)
        return view

    def sees(self, *screens: str, seconds: float = 15.0) -> float:
        """Look until one of `screens` is shown; returns how many seconds that took."""
        began = time.monotonic()
        until(lambda: self.look().screen in screens, seconds)
        return time.monotonic() - began

    def watches(self, condition: Callable[[], Any], seconds: float = 15.0) -> float:
        """Look until `condition` holds; returns how many seconds that took."""
        began = time.monotonic()
        until(lambda: self.look() and condition(), seconds)
        return time.monotonic() - began

    def watches_frames(self, frames: int) -> None:
        """Look while so many frames are decided about."""
        goal = len(self.waits) + frames
        self.watches(lambda: len(self.waits) >= goal)

    def trouble(self) -> str:
        """What is wrong, in the one line that there is."""
        (line,) = self.session.troubles()
        assert "\n" not in line
        return line


@contextmanager
def kiosk(
    data_dir: Path,
    source: str,
    door: str,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode = "identify",
    liveness: LivenessMode = "off",
) -> Iterator[Onlooker]:
    """A session that runs, and is stopped in time."""
    with Parts.open(data_dir) as parts:
        onlooker = Onlooker(KioskSession.open(parts, KioskOptions(source, door, mode, liveness=liveness)))
        decide = Gatekeeper.decide

        def timed(*arguments: Any, **more: Any) -> Any:
            began = time.monotonic()
            try:
                return decide(*arguments, **more)
            finally:
                onlooker.waits.append(time.monotonic() - began)

        monkeypatch.setattr(Gatekeeper, "decide", timed)
        onlooker.session.start()
        try:
            yield onlooker
        finally:
            began = time.monotonic()
            onlooker.session.stop()
            took = time.monotonic() - began
        assert took < 1.3
        assert onlooker.slowest < PATIENCE
        assert max(onlooker.waits, default=0.0) < PATIENCE
