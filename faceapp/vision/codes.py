"""QR codes held to the camera: a badge on paper or on a phone."""

from __future__ import annotations

import cv2

from faceapp.types import BgrImage

LONGEST = 256
"""Characters of a code; a badge's is far shorter."""


class CodeReader:
    """Reads QR codes with OpenCV's detector. One thread owns it."""

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def read(self, image: BgrImage) -> str | None:
        """What the QR code in `image` says, without blanks around it; None where there is none, or where it holds
        nothing that a badge could. It is as cheap as finding the code: nothing is decoded without one."""
        try:
            text, _, _ = self._detector.detectAndDecode(image)
        except (cv2.error, UnicodeDecodeError):  # OpenCV stumbles over some patterns that only look like a code
            return None
        text = text.strip()
        return text if 0 < len(text) <= LONGEST and text.isprintable() else None
