"""Still pictures: reading any common file into an upright BGR array, writing JPEG.

One place for it, below every room that needs it (camera folders, the command line, the gallery's crops). Pillow reads,
because it notices a truncated file where OpenCV returns a half-grey picture.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from faceapp.errors import InputError
from faceapp.types import BgrImage

MAX_PIXELS = 178_000_000
"""A picture with more is refused: no camera makes one, a decompression bomb does. Pillow refuses little more itself."""

FORMATS = ("JPEG", "PNG", "BMP", "DIB", "TIFF", "WEBP", "GIF", "PPM", "JPEG2000", "AVIF")
"""What is read. Not all that Pillow could: EPS would start Ghostscript, TGA takes any bytes for a picture."""

_BROKEN = (OSError, SyntaxError, ValueError, RuntimeError, ArithmeticError, EOFError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged bytes (60,000 mutilated files in the ten formats were tried)."""

MAX_FRAME_PIXELS = 50_000_000
"""The same for one frame of a stream."""

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".gif"})


def read_image(path: Path) -> BgrImage:
    """The picture in `path` as people see it: EXIF rotation applied, grey and 16 bit brought to 8-bit BGR, transparency
    on white. Raises InputError, in one line, for a file that is missing, unreadable, cut off or not a picture."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputError(f"{path} is not a file: name a picture")  # /dev/zero never ends
        data = path.read_bytes()
    except FileNotFoundError as e:
        raise InputError(f"{path}: there is no such file") from e
    except IsADirectoryError as e:
        raise InputError(f"{path} is a folder: name a picture") from e
    except (OSError, ValueError) as e:  # ValueError: a NUL in the name
        raise InputError(f"{str(path)!r} cannot be read: {getattr(e, 'strerror', None) or e}") from e
    return decode_image(data, str(path))


def decode_image(data: bytes, name: str) -> BgrImage:
    """As `read_image`, from bytes; `name` is what errors call it."""
    if not data:
        raise InputError(f"{name} is empty: name a picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit and odd metadata; ours is below
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise InputError(f"{name} has {picture.width}x{picture.height} pixels, too many: make it smaller")
                picture.load()
                return _to_bgr(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as e:
        raise InputError(f"{name} is not a picture we can read: use JPEG, PNG, BMP, TIFF or WebP") from e
    except (Image.DecompressionBombError, MemoryError) as e:
        raise InputError(f"{name} has too many pixels: make it smaller") from e
    except _BROKEN as e:
        why = " ".join(str(e).split()) or type(e).__name__
        raise InputError(f"{name} is damaged or cut off: take the picture again or use another ({why})") from e


def _to_bgr(picture: Image.Image) -> BgrImage:
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        values = np.nan_to_num(np.asarray(picture, np.float32), posinf=0.0, neginf=0.0)
        # 16-bit files come as I;16, sometimes as I. What fits a byte is one already. Floats up to 1 are shares.
        if values.max() > 255:
            values = values / np.float32(257.0)
        elif picture.mode == "F" and values.max() <= 1:
            values = values * np.float32(255.0)
        grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    rgb = np.asarray(picture.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def decode_frame(data: bytes) -> BgrImage | None:
    """One JPEG of a stream, quickly; None for what is no picture or claims to be larger than any camera's. OpenCV
    decodes: half a frame does no harm where another follows, and time counts."""
    try:
        with Image.open(io.BytesIO(data)) as header:  # reads no pixels
            if header.width * header.height > MAX_FRAME_PIXELS:
                return None
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (*_BROKEN, cv2.error, Image.DecompressionBombError):
        return None
    return None if image is None else np.asarray(image, np.uint8)


def encode_jpeg(image: BgrImage, quality: int = 95) -> bytes:
    """The picture as JPEG bytes."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[:, :, ::-1])).save(out, "JPEG", quality=quality)
    return out.getvalue()
