"""Reads OpenFace's nn4.small2 in the form that Keras-OpenFace gave it: a folder with one CSV file for each tensor.

A file holds a tensor's numbers in C order, in the original's axes: a convolution's (out, in, height, width), the dense
layer's (128, 736). Which files belong there and how many numbers each holds is in `openface_graph.tensor_shapes`.
The folder is read strictly: a file that is missing, does not belong there, or holds something else is named, and
nothing is made of the rest. A network with one wrong tensor still gives 128 numbers, and nobody sees that they are
wrong.
"""

from __future__ import annotations

import math
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from faceapp.errors import InputError
from faceapp.zoo.onnx_graph import Array
from faceapp.zoo.openface_graph import tensor_shapes

CROP_POINTS = ((26.6, 16.1), (67.8, 15.3), (47.2, 40.5), (29.5, 61.6), (66.8, 60.9))
"""Where eyes, nose tip and mouth corners lie in a 96 x 96 crop. OpenFace (`openface/align_dlib.py`) publishes the mean
position of dlib's 68 landmarks, stretched so that they just fill the crop, and takes the outer corners of the eyes (36,
45) and the base of the nose (33) there. Our detectors give the middle of the eyes, the tip of the nose and the corners
of the mouth, so these are the same table's mean of 36 to 41 and of 42 to 47, 30, 48 and 54, times 96. OpenFace maps its
three points exactly, by an affine map that may shear the face; ours is turned and scaled only."""

LEFTOVERS = frozenset({"inception_5a_3x3_conv2_m", "inception_5a_3x3_conv2_v"})
"""Keras-OpenFace's own folder holds these two besides: copies of `inception_5a_3x3_bn1_m` and `_v` under names that no
layer has. They are passed over and mentioned; everything else that doesn't belong there is refused."""

_BYTES_PER_NUMBER = 64
"""More than any way of writing a float32 takes; a file beyond that isn't read at all."""
_NAMED = 12
"""Of so many wrong files a line tells; the missing ones are all told, since they are to be fetched in one go."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenFaceTensors:
    """A folder's numbers."""

    tensors: dict[str, Array]
    """float32, by the name of the file without `.csv`, shaped as `tensor_shapes` says."""
    passed_over: tuple[str, ...]
    """Files of the published folder that no layer has."""


def read_folder(folder: Path) -> OpenFaceTensors:
    """Every tensor of nn4.small2. Raises InputError, in one line with every file's name, where files are missing or
    don't belong there, or where their numbers aren't what the network needs; nothing is written."""
    shapes = tensor_shapes()
    try:
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as e:
        raise InputError(f"{folder} cannot be read ({e.strerror}): give the folder with OpenFace's CSV files") from e
    expected = {f"{name}.csv" for name in shapes}
    leftovers = {f"{name}.csv" for name in LEFTOVERS}
    missing = [f"{name}.csv" for name in shapes if f"{name}.csv" not in names]
    strays = [name for name in names if name not in expected | leftovers]
    if len(missing) == len(expected):
        raise InputError(f"{folder} holds none of OpenFace's {len(expected)} CSV files: give the folder they lie in")
    if missing or strays:
        raise InputError(f"{folder}: {_gaps(missing, strays, len(expected))}")
    tensors: dict[str, Array] = {}
    faults: list[str] = []
    for name, shape in shapes.items():
        try:
            tensors[name] = _read_tensor(folder / f"{name}.csv", shape, positive=name.endswith("_v"))
        except ValueError as e:
            faults.append(f"{name}.csv {e}")
    if faults:
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        raise InputError(f"{folder}: {'; '.join(faults[:_NAMED])}{more}: get these files again")
    return OpenFaceTensors(tensors, tuple(name for name in names if name in leftovers))


def _gaps(missing: Sequence[str], strays: Sequence[str], total: int) -> str:
    told = []
    if missing:
        told.append(f"{len(missing)} of {total} files are missing ({', '.join(missing)})")
    if strays:
        more = f" and {len(strays) - _NAMED} more" if len(strays) > _NAMED else ""
        verb = "do" if len(strays) > 1 else "does"
        told.append(f"{', '.join(repr(name) for name in strays[:_NAMED])}{more} {verb} not belong there")
    advice = ["add what is missing"] if missing else []
    advice += ["take away what does not belong there"] if strays else []
    return f"{'; '.join(told)}: {' and '.join(advice)}"


def _read_tensor(file: Path, shape: tuple[int, ...], *, positive: bool) -> Array:
    """The numbers of a file. Raises ValueError with what is wrong with it, to stand behind its name."""
    count = math.prod(shape)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is not a file")
        if status.st_size > count * _BYTES_PER_NUMBER:
            raise ValueError(f"is too large for {count} numbers")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise ValueError(f"cannot be read ({e.strerror})") from e
    except UnicodeDecodeError as e:
        raise ValueError("is not text") from e
    # All numbers stand in one line; one in each line is read as well.
    items = ",".join(text.split("\n")).rstrip(", \r").split(",") if text.strip() else []
    if len(items) != count:
        form = " x ".join(map(str, shape))
        raise ValueError(f"holds {len(items)} numbers where {count}{f' ({form})' if len(shape) > 1 else ''} belong")
    try:
        values = np.array([float(item) for item in items], np.float64)
    except ValueError as e:
        raise ValueError(f"holds {_not_a_number(items)!r} where a number belongs") from e
    if not np.all(np.abs(values) <= np.finfo(np.float32).max):  # false for nan as well
        at = int(np.argmin(np.abs(values) <= np.finfo(np.float32).max))
        raise ValueError(f"holds {items[at].strip()[:20]!r} where a number belongs")
    if positive and not np.all(values >= 0):
        raise ValueError("holds a variance below zero")
    return values.astype(np.float32).reshape(shape)


def _not_a_number(items: Sequence[str]) -> str:
    for item in items:
        try:
            float(item)
        except ValueError:
            return item.strip()[:20]
    return ""
