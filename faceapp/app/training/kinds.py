"""The three kinds of training behind one face: what learns, its embeddings before and as they are, and the network that
comes of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import cv2
import numpy as np

from faceapp.app.parts import Parts, part_spec
from faceapp.app.training.arrays import Ids
from faceapp.app.training.data import People, crop_for
from faceapp.app.training.wish import Wish
from faceapp.errors import BugError, UnavailableError
from faceapp.types import BgrImage, Floats
from faceapp.vision.embedder import InputSpec, NetworkEmbedder, PartSpec, unit_rows
from faceapp.vision.session import ModelSession, SessionPolicy, open_session

if TYPE_CHECKING:
    from faceapp.training.loop import Learner

PARITY = 1e-4
"""How far ONNX Runtime may be from PyTorch, each number of an embedding of unit length."""
_BATCH = 24
_PIXELS = 64
_CHECKED = 12
"""Pictures on which the two are compared."""


class Work(Protocol):
    """A network in the making, over all people of a run."""

    @property
    def learner(self) -> Learner:
        """What is trained."""

    crop_input: PartSpec
    """What the network is shown."""
    started_from: str
    """What "before" is, for people."""

    def people(self, numbers: Ids) -> Ids:
        """Whose each of the learner's pictures is, where `numbers`, from 0, says it of the rows trained on."""

    def settle(self) -> None:
        """Before a look at the weights as they are."""

    def now(self, rows: Ids) -> Floats:
        """Embeddings of these pictures with the weights as they are."""

    def before(self, rows: Ids) -> Floats:
        """What they are compared with."""

    def others(self, people: People) -> tuple[Floats, Floats]:
        """Embeddings of other people, before and now."""

    def to_onnx(self) -> Any:
        """The whole network."""


@contextmanager
def prepare(wish: Wish, base: Parts, people: People, train: Ids) -> Iterator[Work]:
    """What is to be trained on the rows `train`. Raises UnavailableError without PyTorch, UsageError for a base that
    this kind can't have, InputError for pictures it can't learn from."""
    require_torch()
    with tempfile.TemporaryDirectory(prefix="faceapp-") as folder:
        if wish.kind == "head":
            yield _Head(wish, base, people, train)
        elif wish.kind == "finetune":
            yield _Finetune(base, people, train, Path(folder))
        else:
            yield _Scratch(wish, people, train, crop_for("scratch", base).margin)


def require_torch() -> None:
    """Raises UnavailableError where PyTorch isn't installed."""
    try:
        there = find_spec("torch") is not None  # to import it takes seconds, and pictures are read first
    except ValueError:
        there = False
    if not there:
        raise UnavailableError('learning needs PyTorch, which is not installed: run "make setup-train" (1 GB)')


def check_parity(model: Any, work: Work, people: People, rows: Ids, device: str = "cpu") -> float:
    """The largest difference of a number between the ONNX network in ONNX Runtime and PyTorch. Raises BugError beyond
    PARITY."""
    import onnx

    rows = rows[:_CHECKED]
    with tempfile.TemporaryDirectory(prefix="faceapp-") as folder:
        file = Path(folder) / "network.onnx"
        onnx.save_model(model, file)
        embedder = NetworkEmbedder("new", "new", open_session(file, _policy(device)), work.crop_input)
        there = embedder.embed_crops([people.crops[r] for r in rows.tolist()])
    difference = float(np.abs(there - work.now(rows)).max())
    if not difference <= PARITY:
        raise BugError(f"the network computes something else in ONNX Runtime: numbers differ by {difference:.2g}")
    return difference


def pixel_vectors(crops: list[BgrImage]) -> Floats:
    """The naive baseline: grey, 64 x 64, less its mean, of unit length; float32 (N, 4096)."""
    rows = []
    for crop in crops:
        grey = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), (_PIXELS, _PIXELS), interpolation=cv2.INTER_AREA)
        values = cast(Floats, grey.astype(np.float32)).ravel()
        rows.append(values - values.mean())
    return unit_rows(np.stack(rows))


class _Head:
    started_from: str

    def __init__(self, wish: Wish, base: Parts, people: People, train: Ids) -> None:
        from faceapp.training.head import HeadLearner

        self.learner = HeadLearner(people.vectors[train], wish.dimension)
        self._part = part_spec(base.embedder_spec.parts[0])
        self._file = base.models.path(base.embedder_spec.parts[0].network, "fp32")
        self._vectors = people.vectors
        self.crop_input = PartSpec(self._part.crop, self._part.input, wish.dimension)
        self.started_from = base.settings.embedder

    def people(self, numbers: Ids) -> Ids:
        return numbers

    def settle(self) -> None:
        """Nothing."""

    def now(self, rows: Ids) -> Floats:
        return self.learner.embed(self._vectors[rows])

    def before(self, rows: Ids) -> Floats:
        return self._vectors[rows]

    def others(self, people: People) -> tuple[Floats, Floats]:
        return people.vectors, self.learner.embed(people.vectors)

    def to_onnx(self) -> Any:
        import onnx

        return self.learner.to_onnx(onnx.load_model(self._file), self._part.subtract)


class _Finetune:
    def __init__(self, base: Parts, people: People, train: Ids, folder: Path) -> None:
        import onnx

        from faceapp.training.finetune import FACENET_CUT, FRONT_SHAPE, FinetuneLearner
        from faceapp.training.onnx_module import until

        spec = base.embedder_spec.parts[0]
        part = part_spec(spec)
        model = onnx.load_model(base.models.path(spec.network, "fp32"))
        file = folder / "front.onnx"
        onnx.save_model(until(model, FACENET_CUT, ["N", *FRONT_SHAPE]), file)
        # TensorRT would compile it for minutes, for this training alone and for smaller batches.
        device = "cuda" if base.settings.device == "tensorrt" else base.settings.device
        self._front = _Front(open_session(file, SessionPolicy(device, base.settings.threads)), part.input)
        crops = [people.crops[r] for r in train.tolist()]
        self.learner = FinetuneLearner(model, FACENET_CUT, self._front, crops, spec.dimension)
        self.crop_input = PartSpec(part.crop, part.input, spec.dimension)
        self.started_from = base.settings.embedder
        self._people = people
        self._inputs: dict[int, Floats] = {}

    def people(self, numbers: Ids) -> Ids:
        return numbers

    def settle(self) -> None:
        """Nothing."""

    def now(self, rows: Ids) -> Floats:
        new = [r for r in rows.tolist() if r not in self._inputs]
        for i in range(0, len(new), _BATCH):
            part = new[i : i + _BATCH]
            self._inputs.update(zip(part, self._front([self._people.crops[r] for r in part]), strict=True))
        return self.learner.embed(np.stack([self._inputs[r] for r in rows.tolist()]))

    def before(self, rows: Ids) -> Floats:
        return self._people.vectors[rows]

    def others(self, people: People) -> tuple[Floats, Floats]:
        parts = [
            self.learner.embed(self._front(people.crops[i : i + _BATCH])) for i in range(0, len(people.crops), _BATCH)
        ]
        return people.vectors, np.concatenate(parts)

    def to_onnx(self) -> Any:
        return self.learner.to_onnx()


class _Front:
    """The frozen part of a network: crops to what stands at the cut."""

    def __init__(self, session: ModelSession, input: InputSpec) -> None:
        self._session = session
        self._input = input

    def __call__(self, crops: list[BgrImage]) -> Floats:
        given = {self._session.input_names[0]: self._input.tensor(crops)}
        return cast(Floats, self._session.run(given)[0])


class _Scratch:
    started_from = "the pixels themselves"

    def __init__(self, wish: Wish, people: People, train: Ids, margin: float) -> None:
        from faceapp.training.small import SIDE, SmallLearner
        from faceapp.vision.embedder import CropSpec

        self.learner = SmallLearner([people.crops[r] for r in train.tolist()], wish.plan.seed)
        self._people = people
        scale = InputSpec((127.5,) * 3, (128.0,) * 3, "rgb")
        self.crop_input = PartSpec(CropSpec("box", SIDE, margin=margin), scale, self.learner.dimension)

    def people(self, numbers: Ids) -> Ids:
        from faceapp.training.small import with_mirrored

        return with_mirrored(numbers)

    def settle(self) -> None:
        self.learner.settle()

    def now(self, rows: Ids) -> Floats:
        return self.learner.embed([self._people.crops[r] for r in rows.tolist()])

    def before(self, rows: Ids) -> Floats:
        return pixel_vectors([self._people.crops[r] for r in rows.tolist()])

    def others(self, people: People) -> tuple[Floats, Floats]:
        return pixel_vectors(people.crops), self.learner.embed(people.crops)

    def to_onnx(self) -> Any:
        return self.learner.to_onnx()


def _policy(device: str) -> SessionPolicy:
    return SessionPolicy("cpu" if device == "cpu" else "auto", 1)
