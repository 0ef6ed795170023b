"""A site's own networks: files in its data directory, described by a manifest of the same form as ours.

`DATA_DIR/models/` holds `ID.fp32.onnx` and `manifest.toml`. Commands write the manifest by adding and taking out whole
tables, so that what somebody wrote into it by hand, comments included, stays as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from faceapp import files
from faceapp.errors import InputError, UnavailableError
from faceapp.zoo.files import locked, remove_leftovers, writing_to
from faceapp.zoo.manifest import FILE_NAME, is_own_id, merge_own
from faceapp.zoo.record import RECORD_VERSION, BuildRecord, read_record, recipe, record_file
from faceapp.zoo.specs import PRECISIONS, CropSpec, InputSpec, LivenessSpec, Manifest, Network

Tables: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Entries of one kind, by id, each as the manifest's TOML has it."""

_KINDS = ("networks", "embedders", "detectors", "thresholds")
_HEAD = "# This site's own networks: see README.md.\nversion = 1\n"
_BLOCK = 1 << 20


def own_models_dir(data_dir: Path) -> Path:
    """The folder of a site's own networks; it need not be there."""
    return data_dir / "models"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A network's FP32 file, where it is now."""

    path: Path
    sha256: str
    """Of the file that was looked at; another one isn't taken."""


@dataclass(frozen=True, slots=True)
class OwnThresholds:
    """Distances by falling false-accept rate, for the embedder they come with."""

    fars: tuple[float, ...]
    distances: tuple[float, ...]
    source: str
    """What they were computed from."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added in one go: all of it or nothing."""

    files: Mapping[str, OwnFile]
    """By network."""
    networks: Tables
    embedders: Tables
    detectors: Tables
    thresholds: Mapping[str, OwnThresholds] = field(default_factory=dict)
    """By embedder, of this addition."""


def network_table(
    *,
    title: str,
    kind: str,
    file_sha256: str,
    licence: str,
    photographs: str,
    origin: str,
    input: InputSpec,
    dimension: int = 0,
    crop: CropSpec | None = None,
    liveness: LivenessSpec | None = None,
) -> dict[str, Any]:
    """A network's entry; `dimension` and `crop` are an embedder's, `liveness` is a liveness network's."""
    entry: dict[str, Any] = {"title": title, "kind": kind, "converter": "own", "file_sha256": file_sha256}
    if crop is not None:
        entry |= {"dimension": dimension, "unit_length": False}
    entry |= {"licence": licence, "photographs": photographs, "origin": origin}
    entry["input"] = {
        "layout": input.layout,
        "width": input.width,
        "height": input.height,
        "colour": input.colour,
        "mean": list(input.mean),
        "std": list(input.std),
    }
    if crop is not None and crop.kind == "box":
        entry["crop"] = {"kind": "box", "size": crop.size, "margin": crop.margin}
    elif crop is not None:
        entry["crop"] = {"kind": "similarity", "size": crop.size, "points": [list(p) for p in crop.points]}
    if liveness is not None:
        entry["liveness"] = asdict(liveness)
    return entry


def embedder_table(*, title: str, network: str, mirror: bool) -> dict[str, Any]:
    """The entry of an embedder of one network."""
    return {"title": title, "parts": [{"network": network, "mirror": mirror, "weight": 1.0}]}


class OwnModels:
    """The own networks in one folder. Opens nothing until asked; writing keeps other processes out."""

    def __init__(self, directory: Path, shipped: Manifest) -> None:
        self.directory = directory
        self._shipped = shipped
        self._manifest = directory / FILE_NAME

    def check(self, addition: Addition) -> None:
        """Raise InputError for an id that is taken or can't be one, without a look at any file."""
        known = merge_own(self._shipped, self._text(), self.directory)
        for what, tables, taken in (
            ("network", addition.networks, known.networks),
            ("embedder", addition.embedders, known.embedders),
            ("detector", addition.detectors, known.detectors),
        ):
            for id in tables:
                if not is_own_id(id):
                    raise InputError(
                        f"{id!r} can't be an id: take up to 64 lower-case letters, digits, dots and dashes"
                    )
                if id in taken or id in (*self._shipped.networks, *self._shipped.embedders, *self._shipped.detectors):
                    raise InputError(f"there is a {what} {id!r} already: choose another id, or remove it first")

    def add(self, addition: Addition) -> Manifest:
        """Copy the files in and add their entries; return the manifest as it is then.

        Nothing of it counts before the manifest is replaced, last and whole; a failure or an interruption leaves the
        folder as it was. Raises InputError for an id that is taken, an entry that can't be or a file that changed since
        it was looked at, UnavailableError where the folder can't be written.
        """
        self.check(addition)
        fresh = not self.directory.exists()
        with writing_to(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        made: list[Path] = []
        try:
            with locked(self.directory):
                self._sweep()
                self.check(addition)  # once more: somebody else may have been at it before the lock was ours
                text = self._text() + _sections(addition)
                try:
                    manifest = merge_own(self._shipped, text, self.directory)
                    if addition.thresholds:
                        text += _threshold_sections(addition, manifest)
                        manifest = merge_own(self._shipped, text, self.directory)
                except UnavailableError as e:
                    raise InputError(str(e)) from e
                for id, file in addition.files.items():
                    target = self.directory / f"{id}.fp32.onnx"
                    if target.exists():
                        raise InputError(f"{target} is there already: move it away, or choose another id")
                    made += [record_file(target), target]
                    self._take(manifest, id, file, target)
                with writing_to(self.directory):
                    files.write_atomically(self._manifest, text.encode())
        except BaseException:
            for path in made:
                path.unlink(missing_ok=True)
            if fresh:
                with contextlib.suppress(OSError):  # somebody else put something into it
                    self.directory.rmdir()
            raise
        return manifest

    def remove(self, networks: list[str], embedders: list[str], detectors: list[str]) -> list[Path]:
        """Take these entries out, then delete the networks' files; return the files that were deleted.

        Raises UnavailableError where the manifest was written by hand in a way that can't be changed for sure.
        """
        if not self.directory.is_dir():
            return []
        gone = {"networks": networks, "embedders": embedders, "detectors": detectors, "thresholds": embedders}
        removed = []
        with writing_to(self.directory), locked(self.directory):
            text = without(self._text(), gone, self._manifest)
            merge_own(self._shipped, text, self.directory)  # what stays must still hold together
            files.write_atomically(self._manifest, text.encode())
            for file in (self.directory / f"{n}.{p}.onnx" for n in networks for p in PRECISIONS):
                record_file(file).unlink(missing_ok=True)
                if file.exists():
                    file.unlink()
                    removed.append(file)
        return removed

    def _text(self) -> str:
        try:
            return self._manifest.read_text(encoding="utf-8")
        except FileNotFoundError:
            return _HEAD
        except (OSError, ValueError) as e:
            raise UnavailableError(f"{self._manifest} cannot be read ({e}): correct it") from e

    def _sweep(self) -> None:
        """Delete what an import that was killed left behind: it is recorded, but no manifest names it."""
        remove_leftovers(self.directory)
        named = merge_own(self._shipped, self._text(), self.directory).networks
        for record in self.directory.glob("*.fp32.onnx.build.json"):
            file = record.with_name(record.name.removesuffix(".build.json"))
            if file.name.removesuffix(".fp32.onnx") not in named and read_record(record) is not None:
                file.unlink(missing_ok=True)
                record.unlink()

    def _take(self, manifest: Manifest, id: str, file: OwnFile, target: Path) -> None:
        """Copy a network in, its record first: a file without a record is somebody's own and is never swept."""
        network = manifest.networks[id]
        if network.file_sha256 != file.sha256:
            raise InputError(f"{id}: the entry names another file: import it again")
        try:
            size = file.path.stat().st_size
        except OSError as e:
            raise InputError(f"{file.path} cannot be read ({e.strerror}): check the name") from e
        note(manifest, network, target, size)
        with writing_to(self.directory):
            files.write_atomically(target, lambda to: _copy(file, to))


def note(manifest: Manifest, network: Network, file: Path, size: int) -> None:
    """Record that a site's own network was tried: `file`, of `size` bytes, is the one its entry names."""
    record = BuildRecord(
        version=RECORD_VERSION,
        network=network.id,
        precision="fp32",
        sha256=network.file_sha256,
        bytes=size,
        source_sha256=network.file_sha256,
        recipe=recipe(network, "fp32", manifest.statistics(network.id)),
    )
    with writing_to(file.parent):
        files.write_atomically(record_file(file), (json.dumps(asdict(record), indent=2) + "\n").encode())


def _copy(file: OwnFile, to: BinaryIO) -> None:
    digest = hashlib.sha256()
    with file.path.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            to.write(block)
    if digest.hexdigest() != file.sha256:
        raise InputError(f"{file.path} changed while it was read: import it again")


# TOML


def _sections(addition: Addition) -> str:
    kinds = {"networks": addition.networks, "embedders": addition.embedders, "detectors": addition.detectors}
    return "".join(section(f"{kind}.{_quoted(id)}", entry) for kind, t in kinds.items() for id, entry in t.items())


def _threshold_sections(addition: Addition, manifest: Manifest) -> str:
    """Distances mean something in one embedding space alone, whose id is known when the embedder's entry is."""
    return "".join(
        section(f"thresholds.{_quoted(id)}", {"space": manifest.embedder(id).space, **asdict(table)})
        for id, table in addition.thresholds.items()
    )


def section(path: str, entry: Mapping[str, Any]) -> str:
    """A table as TOML: plain values first, then the tables and lists of tables below it."""
    plain = {k: v for k, v in entry.items() if not _is_table(v) and not _is_tables(v)}
    text = f"\n[{path}]\n" + "".join(f"{k} = {_value(v)}\n" for k, v in plain.items())
    for key, value in entry.items():
        if _is_table(value):
            text += section(f"{path}.{key}", value)
        elif _is_tables(value):
            for item in value:
                text += f"\n[[{path}.{key}]]\n" + "".join(f"{k} = {_value(v)}\n" for k, v in item.items())
    return text


def without(text: str, gone: Mapping[str, list[str]], file: Path) -> str:
    """The manifest's text without these entries, by kind and id; comments right above an entry go with nothing else.

    Raises UnavailableError where cutting out lines does not take away just these entries.
    """
    kept, out = [], False
    for line in text.splitlines(keepends=True):
        if (path := _header(line)) is not None:
            out = len(path) > 1 and path[1] in gone.get(path[0], ())
        if not out:
            kept.append(line)
    shorter = "".join(kept)
    before = tomllib.loads(text)
    expected = {
        kind: {id: entry for id, entry in value.items() if id not in gone.get(kind, ())} if kind in _KINDS else value
        for kind, value in before.items()
    }
    try:
        after = tomllib.loads(shorter)
    except ValueError:
        after = {}
    if {k: v for k, v in after.items() if v != {}} != {k: v for k, v in expected.items() if v != {}}:
        raise UnavailableError(f"{file} is written in a way that faceapp cannot change: take the entry out by hand")
    return shorter


def _header(line: str) -> list[str] | None:
    """The path of a table's header, `["networks", "mine", "input"]`; None for any other line."""
    if not line.lstrip().startswith("["):
        return None
    try:
        found: Any = tomllib.loads(line)
    except ValueError:
        return None
    return list(_path(found))


def _path(found: Any) -> Iterator[str]:
    while isinstance(found, list | dict) and found:
        if isinstance(found, list):
            found = found[0]
        else:
            key = next(iter(found))
            yield key
            found = found[key]


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _quoted(text: str) -> str:
    """A basic string; JSON's escapes are TOML's."""
    return json.dumps("".join(c if c.isprintable() else " " for c in text), ensure_ascii=False)
