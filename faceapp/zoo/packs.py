"""Reading InsightFace's packs: a folder or a ZIP with a face detector (SCRFD), an embedder (ArcFace) and more.

A pack is somebody else's file and is treated as such: of a ZIP every entry's name, kind and size is looked at before
anything is unpacked, and what is unpacked goes into a temporary folder that is gone again afterwards. What a network
is, is told by its inputs and outputs, as InsightFace itself does it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from faceapp.errors import InputError

MAX_FILES = 200
MAX_BYTES = 1 << 30
"""Of a whole pack, unpacked. InsightFace's largest, antelopev2, has 0.4 GB."""

_RATIO = 20
"""Weights shrink by a tenth. What shrinks to a twentieth is no network."""
_SMALL = 1 << 20  # bytes of a file that is too small to do harm, however well it was packed
_CHUNK = 1 << 20
_DESCRIPTION = "manifest.json"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

ARCFACE_POINTS = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
"""Where eyes, nose tip and mouth corners lie in a crop of 112 pixels: InsightFace's `face_align.arcface_dst`."""


def detector_id(pack: str) -> str:
    """What a pack's detector is called."""
    return f"scrfd-{pack}"


def embedder_id(pack: str) -> str:
    """What a pack's embedder is called."""
    return f"arcface-{pack}"


@dataclass(frozen=True, slots=True)
class Normalisation:
    """(pixel - mean) / std, the same for each colour."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class PackFiles:
    """An opened pack: its networks by the names they have in it, and what its `manifest.json` says of some of them."""

    networks: Mapping[str, Path]
    described: Mapping[str, Normalisation]
    """By file name. Only newer packs have such a description."""


@contextlib.contextmanager
def opened(pack: Path) -> Iterator[PackFiles]:
    """The pack in a folder or a ZIP, while the context lasts.

    Raises InputError, in one line, for one that isn't there, isn't a pack, or would harm whoever unpacks it."""
    if pack.is_dir():
        yield _described(_in_folder(pack), pack)
        return
    # Nothing of a pack lies where our own files lie before it has been found to be one.
    with tempfile.TemporaryDirectory(prefix="faceapp-pack-") as folder:
        try:
            files = _from_zip(pack, Path(folder))
        except FileNotFoundError as e:
            raise InputError(f"{pack} is not there: name a pack's folder or ZIP") from e
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError) as e:
            raise InputError(f"{pack} is not a ZIP that can be read ({e}): fetch it again") from e
        except OSError as e:
            raise InputError(f"{pack} cannot be unpacked ({e.strerror or e}): look at the file and the disk") from e
        yield _described(files, pack)


def _in_folder(folder: Path) -> dict[str, Path]:
    found = sorted(folder.glob("*.onnx")) or sorted(folder.glob("*/*.onnx"))
    total = 0
    for file in found:
        about = file.lstat()
        if not stat.S_ISREG(about.st_mode):
            raise InputError(f"{folder}: {file.name} is a link or no file at all: put the file itself there")
        total += about.st_size
    _check_amount(folder, len(found), total)
    description = folder / _DESCRIPTION
    if description.is_file() and not description.is_symlink():
        found.append(description)
    return _unique(folder, found)


def _from_zip(pack: Path, folder: Path) -> dict[str, Path]:
    """Unpack what matters into `folder`, under names of our own, after every entry was found harmless."""
    with zipfile.ZipFile(pack) as z:
        entries = z.infolist()
        for info in entries:
            _check_entry(pack, info)
        _check_amount(pack, len(entries), sum(i.file_size for i in entries))
        if sum(i.compress_size for i in entries) > pack.stat().st_size:
            raise InputError(f"{pack}: its entries overlap, as in a ZIP bomb: nothing was unpacked")
        wanted = [i for i in entries if i.filename.endswith(".onnx") or PurePosixPath(i.filename).name == _DESCRIPTION]
        found = []
        for k, info in enumerate(wanted):
            place = folder / str(k)
            place.mkdir()
            file = place / PurePosixPath(info.filename).name
            _unpack(pack, z, info, file)
            found.append(file)
    return _unique(pack, found)


def _check_entry(pack: Path, info: zipfile.ZipInfo) -> None:
    # `orig_filename`: the name as it stands in the file; zipfile itself cuts it at a NUL and turns backslashes round.
    name = info.orig_filename
    inside = PurePosixPath(name)
    if (
        inside.is_absolute()
        or ".." in inside.parts
        or "\\" in name
        or "\0" in name
        or PureWindowsPath(name).drive
        or not name.isprintable()
    ):
        raise InputError(f"{pack}: an entry is called {name!r}, which leads out of its folder: nothing was unpacked")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError(f"{pack}: {name} is a link or a device, not a file: nothing was unpacked")
    if info.flag_bits & 1:
        raise InputError(f"{pack}: {name} is encrypted: unpack it yourself and name the folder")
    if info.compress_type not in _METHODS:
        raise InputError(f"{pack}: {name} is compressed in an unusual way: unpack it yourself and name the folder")
    if info.file_size > max(_SMALL, _RATIO * info.compress_size):
        raise InputError(f"{pack}: {name} would unpack to {info.file_size:,} bytes, a ZIP bomb: nothing was unpacked")


def _check_amount(pack: Path, count: int, total: int) -> None:
    if count > MAX_FILES:
        raise InputError(f"{pack} holds {count} files, more than any pack: nothing was read")
    if total > MAX_BYTES:
        raise InputError(f"{pack} holds {total:,} bytes, more than any pack ({MAX_BYTES:,}): nothing was read")


def _unpack(pack: Path, z: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path) -> None:
    """A file of the size its entry declares. zipfile gives not one byte more, and checks the CRC of what it gave."""
    with z.open(info) as stream, file.open("xb") as f:
        shutil.copyfileobj(stream, f, _CHUNK)
        done = f.tell()
    if done != info.file_size:
        raise InputError(f"{pack}: {info.filename} ends too early: fetch it again")


def _unique(pack: Path, files: list[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in files:
        if file.name in found:
            raise InputError(f"{pack} holds two files {file.name}: keep the one that is meant")
        found[file.name] = file
    return found


# What a newer pack says of its own networks


def _described(files: dict[str, Path], pack: Path) -> PackFiles:
    """Take the description from among the `files` and read it."""
    description = files.pop(_DESCRIPTION, None)
    if not files:
        raise InputError(f"{pack} is not an InsightFace pack: there is no .onnx file in it")
    described = {}
    if description is not None:
        if description.stat().st_size > _SMALL:
            raise InputError(f"{pack}: {_DESCRIPTION} is too large to be one")
        try:
            described = _normalisations(json.loads(description.read_text(encoding="utf-8")))
        except (OSError, ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError) as e:
            raise InputError(f"{pack}: {_DESCRIPTION} cannot be understood: correct it or take it out") from e
    return PackFiles(files, described)


def _normalisations(raw: Any) -> dict[str, Normalisation]:
    """Of each file that a pack's manifest (InsightFace's version 2) describes; others are told by their graphs."""
    if not isinstance(raw, dict) or raw.get("manifest_version") != 2:
        return {}
    found = {}
    for task in raw["tasks"].values():
        given = task.get("preprocessing")
        if given == "embedded":  # the network subtracts and divides itself
            found[str(task["file"])] = Normalisation(0.0, 1.0)
        elif given is not None:
            mean, std = float(given["mean"]), float(given["std"])
            if not (abs(mean) < 1e6 and 0 < std < 1e6):
                raise ValueError("a normalisation out of range")
            found[str(task["file"])] = Normalisation(mean, std)
    return {PurePosixPath(name).name: value for name, value in found.items()}
