"""Transfer learning: the last blocks of a network that is there already go on learning, the others stay as they are.

The frozen part runs in ONNX Runtime, which is faster than PyTorch on a processor; only what is behind the cut is
differentiated. The weights come from our own model file and go back into a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from faceapp.training.augment import Augmentations, augmented
from faceapp.training.batches import Rows
from faceapp.training.device import device_of
from faceapp.training.onnx_module import OnnxModule, with_weights
from faceapp.types import BgrImage, Floats

FACENET_CUT = "InceptionResnetV1/Repeat_2/block8_5/Relu"
"""Behind it: the last Inception block and the layer that makes the embedding, 2.5 of 22 million weights."""
FRONT_SHAPE = (1792, 3, 3)
"""Of the tensor at that cut, for one crop."""
_BATCH = 32


class FinetuneLearner:
    """Goes on training the part of a network behind a cut."""

    def __init__(
        self,
        model: Any,
        cut: str,
        front: Callable[[list[BgrImage]], Floats],
        crops: list[BgrImage],
        dimension: int,
        how: Augmentations | None = None,
    ) -> None:
        """`model`: the ONNX network; `front`: what its part before `cut` gives for crops; `crops`: uint8 BGR, of the
        size the network takes. Raises InputError where the cut doesn't part the network."""
        self._model = model
        self._back = OnnxModule(model, cut)
        self._front = front
        self._crops = crops
        self._dimension = dimension
        self._how = how or Augmentations()

    @property
    def module(self) -> nn.Module:
        """What is behind the cut."""
        return self._back

    @property
    def dimension(self) -> int:
        """Numbers of an embedding."""
        return self._dimension

    def forward(self, rows: Rows, draw: torch.Generator) -> Tensor:
        """See `Learner.forward`."""
        dice = np.random.Generator(np.random.PCG64(draw.initial_seed()))
        inputs = self._front([augmented(self._crops[r], self._how, dice) for r in rows])
        return self.through(inputs)

    def through(self, inputs: Floats) -> Tensor:
        """Embeddings of unit length from what the frozen part gave."""
        return torch.nn.functional.normalize(self._back(torch.from_numpy(inputs).to(device_of(self._back))))

    def embed(self, inputs: Floats) -> Floats:
        """As `through`, in batches and without gradients: float32 (N, `dimension`)."""
        with torch.no_grad():
            parts = [self.through(inputs[i : i + _BATCH]).cpu().numpy() for i in range(0, len(inputs), _BATCH)]
        return np.concatenate(parts).astype(np.float32)

    def to_onnx(self) -> Any:
        """The whole network with what was learned."""
        return with_weights(self._model, self._back.learned())
