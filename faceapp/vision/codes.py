"""QR codes held to the camera: a badge on paper or on a phone."""

from __future__ import annotations

import cv2
import numpy as np

from faceapp.types import BgrImage

LONGEST = 256
"""Characters of a code; a badge's is far shorter."""
LARGEST_SIDE = 640
"""Pixels: a larger picture is searched in a smaller copy. That takes 17 to 70 ms instead of 190 to 240 at 1920 x 1080,
and every face waits meanwhile. A badge's code is read from a sixth of the width on, a long text's from a fifth."""


class CodeReader:
    """Reads QR codes with OpenCV's detector. One thread owns it."""

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def read(self, image: BgrImage) -> str | None:
        """What the QR code in `image` says, without blanks around it; None where there is none, or where it holds
        nothing that a badge could. It is as cheap as finding the code: nothing is decoded without one."""
        side = max(image.shape[:2])
        if side > LARGEST_SIDE:
            factor = LARGEST_SIDE / side
            image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)
        try:
            text, _, _ = self._detector.detectAndDecode(image)
        except (cv2.error, UnicodeDecodeError):  # OpenCV stumbles over some patterns that only look like a code
            return None
        text = text.strip()
        return text if 0 < len(text) <= LONGEST and text.isprintable() else None
