"""Training without any process: what a window is told, and what it asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from faceapp.app.training.job import JobKind, JobState
from faceapp.errors import InputError
from faceapp.types import JsonObject

PICTURE: JsonObject = {
    "step": 2,
    "person": [0, 0, 0, 1, 1, 1, 2, 2, 2],
    "before": [
        [0.1, 0.3], [0.5, -0.2], [-0.3, 0.4], [0.2, 0.1], [-0.4, -0.3], [0.0, 0.2], [0.4, 0.4], [-0.1, -0.4], [0.3, 0]
    ],
    "now": [
        [0.6, 0.5], [0.7, 0.4], [0.5, 0.6], [-0.6, 0.4], [-0.7, 0.5], [-0.5, 0.4], [0.1, -0.6], [0, -0.7], [0.2, -0.6]
    ],
    "triplets": [[0, 2, 3], [4, 5, 1], [7, 6, 4]],
    "distances_before": [[0.9, 0.5], [0.8, 0.6], [0.9, 0.7]],
    "distances_now": [[0.4, 1.2], [0.5, 1.1], [0.3, 1.3]],
}  # fmt: skip
LEARNING = JobState(
    "training",
    "head",
    "step 120 of 600: loss 0.0812, 46 % active, validation TAR at FAR 1 %: 91.2 %, 40 s left",
    tuple((k, 0.2 / (1 + k / 30) + 0.01 * (k % 7), 1 / (1 + k / 60)) for k in range(1, 121)),
    tuple((k, 0.7 + 0.2 * k / 120, 0.75 + 0.16 * k / 120) for k in range(25, 121, 25)),
    600,
    PICTURE,
)


@dataclass
class FakeTraining:
    """Says `now` and refuses with `refuse`."""

    now: JobState = field(default_factory=JobState)
    refuse: str = ""
    calls: list[object] = field(default_factory=list)

    def begin(self, kind: JobKind, data: str, nested: bool = False, whole: bool = False) -> None:
        self._ask((kind, data, nested, whole))
        self.now = LEARNING

    def install(self, anyway: bool = False) -> None:
        self._ask(("install", anyway))
        self.now = JobState("installing")

    def cancel(self) -> None:
        self._ask("cancel")
        self.now = JobState("cancelled", line="cancelled: begin the same again, and it goes on from there")

    def state(self) -> JobState:
        return self.now

    def _ask(self, call: object) -> None:
        if self.refuse:
            raise InputError(self.refuse)
        self.calls.append(call)
