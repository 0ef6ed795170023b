"""Changing the embedder without any: its state is what the test sets, its answers wait until the test gives them."""

from __future__ import annotations

from concurrent.futures import Future

from faceapp.app.switch_types import EmbedderChoice, SwitchCost, SwitchState

CHOICES = (
    EmbedderChoice("facenet+dlib", "FaceNet and dlib's ResNet, concatenated", "MIT; public domain", 640, True),
    EmbedderChoice("facenet-512", "FaceNet alone", "MIT", 512, False),
    EmbedderChoice("mine", "Somebody's network", "Not stated", 128, False, "there are no thresholds for mine yet"),
)
COST = SwitchCost(
    "facenet-512",
    "FaceNet alone",
    "MIT",
    "facenet-512:0123456789",
    "facenet+dlib",
    18.2,
    photos=40,
    people=12,
    again=("Ada", "Bob"),
    lost=3,
    negatives=1,
    seconds=7.4,
)


class FakeSwitch:
    """See `SwitchControl`; what it is asked for is in `calls`."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.now_state = SwitchState()
        self.answer: Future[tuple[EmbedderChoice, ...]] = Future()
        self.costs: dict[str, Future[SwitchCost]] = {}

    def in_use(self) -> str:
        return "facenet+dlib"

    def title(self) -> str:
        return "FaceNet and dlib's ResNet, concatenated"

    def choices(self) -> Future[tuple[EmbedderChoice, ...]]:
        return self.answer

    def cost(self, id: str) -> Future[SwitchCost]:
        self.calls.append(("cost", id))
        self.costs[id] = Future()
        return self.costs[id]

    def begin(self, id: str) -> None:
        self.calls.append(("begin", id))
        self.now_state = SwitchState("embedding", id)

    def state(self) -> SwitchState:
        return self.now_state

    def cancel(self) -> None:
        self.calls.append("cancel")
