"""The pictures of several cameras that wait for one recognition: the newest of each, taken in turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.turns import Turns
from faceapp.types import Frame


class Waiting:
    """A slot for each camera, and one taker for all of them. Any thread may put, one takes."""

    def __init__(self, cameras: int) -> None:
        self._condition = threading.Condition()
        self._turns = Turns()
        self.slots = tuple(_Slot(n, self._arrived, self._wake) for n in range(cameras))
        """Where each camera's pictures go."""

    @property
    def closed(self) -> bool:
        """True where no camera delivers any more. What is there can still be taken."""
        return all(slot.closed for slot in self.slots)

    def take(self, timeout: float) -> tuple[int, Frame] | None:
        """The camera whose turn it is and its newest picture, waiting up to `timeout` seconds for one; None when time
        is up, and at once where all are closed and empty."""
        end = time.monotonic() + timeout
        while True:
            closed = self.closed  # before looking: what was put before the last one closed is found
            with self._condition:
                camera = self._turns.next()
                if camera is None:
                    left = end - time.monotonic()
                    if closed or left <= 0:
                        return None
                    self._condition.wait(left)
                    continue
            frame = self.slots[camera].take(0)
            if frame is not None:  # else it was given up meanwhile
                return camera, frame

    def close(self) -> None:
        """Nothing more is accepted."""
        for slot in self.slots:
            slot.close()

    def _arrived(self, camera: int) -> None:
        with self._condition:
            self._turns.arrived(camera)
            self._condition.notify_all()

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify_all()


class _Slot(LatestSlot[Frame]):
    """A slot that says when something was put."""

    def __init__(self, camera: int, arrived: Callable[[int], None], wake: Callable[[], None]) -> None:
        super().__init__()
        self._camera = camera
        self._arrived = arrived
        self._wake = wake

    def put(self, item: Frame) -> None:
        super().put(item)
        self._arrived(self._camera)

    def close(self) -> None:
        super().close()
        self._wake()
