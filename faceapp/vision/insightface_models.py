"""InsightFace's SCRFD behind our `Detector`: their class, our session.

Sample and Computation Redistribution for Efficient Face Detection (Guo et al. 2021). It sees the whole picture in a
square of 640 x 640: as quick for twenty faces as for one, blind to faces that are small beside the picture.

An ArcFace network of the same pack needs no class of theirs: crop, normalisation and colour order stand in the
manifest, so `vision.embedder.NetworkEmbedder` runs it like any other (a test holds it to InsightFace's own).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np

from faceapp.errors import BugError, UnavailableError
from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.faces import to_faces
from faceapp.vision.pyramid import Pyramid
from faceapp.vision.session import ModelSession, OrtSession

if TYPE_CHECKING:
    from collections.abc import Callable

_SIDE = 640  # pixels of the square, for a network that takes any size
_STRIDE = 32  # sides of what a network is shown are multiples of that
_FILLED = 0.5
"""Part of the square that the picture's shorter side may fill. In the whole of it, a face that fills the picture is
larger than the network knows: of 595 photographs cut out around a face (CFP, tune) it then misses 586, at half none."""
_SCORES = (0.5, 0.7477, 0.82, 0.8725, 1.0)
_DOUBTS = (-0.301, -1.31, -2.742, -3.99, -4.0)
"""SCRFD's score foretells how well its box will fit, and seldom passes 0.88; MTCNN's says how surely it is a face, and
photos at the gate are judged by that. So that a score means the same of both, the ranks of SCRFD's (lowest, 1, 50 and
99 in 100 of 300 photos of CFP's 60 tune people, mini pack) are given MTCNN's `covered.doubt` of the same rank."""

_NO_PACKAGE = (
    'needs the Python package insightface: run "make" or install it as CONTRIBUTING.md says, or choose another detector'
)


class Scrfd:
    """The detector over its opened network. Owned by one thread.

    `mean` and `std`: of the input, as the pack says. `min_score`: 0.5 is InsightFace's own default."""

    def __init__(
        self, id: str, session: ModelSession, mean: float = 127.5, std: float = 128.0, min_score: float = 0.5
    ) -> None:
        """Raises UnavailableError where the insightface package is missing, or the network has no landmarks."""
        self._id = id
        self._session = session
        # Without the file's name their class builds no sessions of its own, whatever size the network takes.
        self._theirs: Any = scrfd_class(id)(session=_theirs_of(session))
        if not self._theirs.use_kps:
            raise UnavailableError(f"{id} finds no landmarks, and faces are aligned by them: choose another detector")
        self._theirs.input_mean, self._theirs.input_std = mean, std
        self._theirs.det_thresh = min_score

    @property
    def id(self) -> str:
        """As settings and command line call it: `scrfd-` and the pack."""
        return self._id

    @property
    def provider(self) -> str:
        return self._session.provider

    def detect(self, image: BgrImage, min_face: int) -> list[Face]:
        """Faces of at least `min_face` pixels' height, the largest first, each with landmarks."""
        height, width = image.shape[:2]
        shown, factors = self._shown(image)
        found, points = self._theirs.detect(shown, input_size=shown.shape[1::-1])
        real = np.isfinite(found).all(axis=1) & np.isfinite(points).all(axis=(1, 2))
        boxes = (found[real, :4] / np.tile(factors, 2)).astype(np.float32)
        landmarks = (points[real] / np.array(factors)).astype(np.float32)
        return to_faces(boxes, certainty(found[real, 4]), landmarks, (width, height), min_face)

    def _shown(self, image: BgrImage) -> tuple[BgrImage, tuple[float, float]]:
        """The picture in the upper left of a black one that the network takes, and by how much it was resized in x and
        y."""
        height, width = image.shape[:2]
        fixed = self._theirs.static_input_size
        side = fixed[0] if fixed else _SIDE
        scale = min(side / max(height, width), _FILLED * side / min(height, width))
        if scale < 1:
            resized, factors = Pyramid(image).level(scale)
        else:
            resized = cast(BgrImage, cv2.resize(image, (round(width * scale), round(height * scale))))
            factors = (resized.shape[1] / width, resized.shape[0] / height)
        rows, columns = resized.shape[:2]
        # A network that takes any size is shown no more black than it must be.
        size = (side, side) if fixed else (-(-rows // _STRIDE) * _STRIDE, -(-columns // _STRIDE) * _STRIDE)
        shown = np.zeros((*size, 3), np.uint8)
        shown[:rows, :columns] = resized
        return shown, factors


def certainty(scores: Floats) -> Floats:
    """SCRFD's scores as MTCNN would give them, 0.5 to 1, in the same order; see `_SCORES`."""
    sure: Floats = np.clip(1.0001 - 10 ** np.interp(scores, _SCORES, _DOUBTS), 0, 1).astype(np.float32)
    return sure


def scrfd_class(id: str) -> Callable[..., Any]:
    """InsightFace's class. Raises UnavailableError, in one line, where the package is missing or doesn't load."""
    try:
        from insightface.model_zoo.scrfd import SCRFD
    except ImportError as e:
        raise UnavailableError(f"the detector {id} {_NO_PACKAGE}") from e
    return SCRFD  # type: ignore[no-any-return]  # the package has no types


def _theirs_of(session: ModelSession) -> Any:
    if not isinstance(session, OrtSession):
        raise BugError("InsightFace's classes take a session of ONNX Runtime")
    return session.session
