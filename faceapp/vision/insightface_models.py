"""InsightFace's SCRFD behind our `Detector`: their class, our session.

Sample and Computation Redistribution for Efficient Face Detection (Guo et al. 2021). It sees the whole picture in a
square of 640 x 640 (and, where its network takes any size, of 128 x 128 too, for faces that fill the picture): as
quick for twenty faces as for one, blind to faces that are small beside the picture.

An ArcFace network of the same pack needs no class of theirs: crop, normalisation and colour order stand in the
manifest, so `vision.embedder.NetworkEmbedder` runs it like any other (a test holds it to InsightFace's own).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from faceapp.errors import BugError, UnavailableError
from faceapp.types import BgrImage, Face
from faceapp.vision.faces import to_faces
from faceapp.vision.pyramid import Pyramid
from faceapp.vision.session import ModelSession, OrtSession

if TYPE_CHECKING:
    from collections.abc import Callable

_SIDE = 640  # pixels their class shrinks a picture to, for a network that takes any size
_STRIDE = 8  # pixels between two of the places its finest map looks at

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
        side = max(self._theirs.input_size)
        if min(height, width) * side < max(height, width) * _STRIDE or min(height, width) < 2:
            return []  # a strip that would be shrunk to nothing
        # Their class samples bilinearly, which passes over pixels once it shrinks by more than half.
        octave = max(0, int(np.log2(max(height, width) / side)))
        found, points = self._theirs.detect(Pyramid(image).octave(octave))
        real = np.isfinite(found).all(axis=1) & np.isfinite(points).all(axis=(1, 2))
        boxes, landmarks = found[real, :4] * 2**octave, points[real] * 2**octave
        scores = np.clip(found[real, 4], 0, 1)
        return to_faces(boxes, scores, landmarks.astype(np.float32), (width, height), min_face)


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
