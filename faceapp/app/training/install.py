"""Taking in what a run made: the same trial as for any network that somebody brings, its thresholds, and the change of
the embedder."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceapp.app.model_import import EmbedderEntry, Imported, check_embedder, import_embedder
from faceapp.app.parts import Parts
from faceapp.app.switching import stored_embedder, switch, target
from faceapp.app.training import whose
from faceapp.app.training.run import ENTRY, MODEL
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.files import write_atomically
from faceapp.types import JsonObject
from faceapp.zoo.own import OwnThresholds
from faceapp.zoo.specs import CropSpec

Report = Callable[[str, int, int], None]
_MOST = 1_000_000
"""Bytes of an entry."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of it."""

    id: str
    verdict: str
    imported: Imported | None
    """None: nothing was taken in."""
    before: str
    switched: bool
    problem: str = ""
    """Why the embedder in use stays."""

    def as_json(self) -> JsonObject:
        imported = {} if self.imported is None else self.imported.as_json()
        return {**imported, "id": self.id, "verdict": self.verdict, "installed": self.imported is not None} | {
            "before": self.before, "switched": self.switched, "problem": self.problem or None
        }  # fmt: skip

    def lines(self) -> list[str]:
        """For people."""
        if self.imported is None:
            return [
                self.verdict,
                f"nothing was switched: {self.before} stays in use (--anyway takes {self.id} in all the same)",
            ]
        lines = [self.verdict, f"remembered {self.id}: {self.imported.spec.dimension} numbers a face"]
        if self.switched:
            return [*lines, f'{self.id} is in use; "faceapp models use {self.before} --yes" goes back']
        why = f": {self.problem}" if self.problem else ""
        return [*lines, f'{self.before} stays in use{why}; "faceapp models remove {self.id}" takes it out again']


def install(parts: Parts, folder: Path, id: str | None, anyway: bool, use: bool, report: Report) -> Installed:
    """Take in the network in `folder`, where it is a significant gain or `anyway`, and with `use` put it into use where
    its thresholds are known. Raises InputError for a folder that no run made or that was altered."""
    entry = read_entry(folder)
    name = id or entry["id"]
    before = stored_embedder(parts.data_dir)
    if not (entry["significant"] or anyway):
        return Installed(name, entry["verdict"], None, before, False)
    imported = take_in(parts, folder, id)
    if not use:
        return Installed(name, entry["verdict"], imported, before, False)
    try:
        opened = Parts.open(parts.data_dir, embedder=name)
        with opened, target(opened, name) as new:
            switch(new, lambda n, total: report("embedding again", n, total))
    except KnownError as e:
        return Installed(name, entry["verdict"], imported, before, False, str(e))
    return Installed(name, entry["verdict"], imported, before, True)


def take_in(parts: Parts, folder: Path, id: str | None = None) -> Imported:
    """Take in the network in `folder`, gain or not, and change nothing that is in use. Raises as `install`, and
    InputError where it learned from somebody who isn't in the gallery any more, or doesn't say from whom."""
    entry = read_entry(folder)
    noted = _still_there(parts, folder)
    given, crop = entry["input"], entry["crop"]
    own = EmbedderEntry(
        id=id or entry["id"],
        crop=CropSpec(crop["kind"], crop["size"], crop["margin"], tuple((p[0], p[1]) for p in crop["points"])),
        colour=given["colour"],
        mean=tuple(given["mean"]),
        std=tuple(given["std"]),
        title=entry["title"],
        licence=entry["licence"],
        photographs=entry["photographs"],
        origin=entry["origin"],
    )
    t = entry["thresholds"]
    if t is not None:
        own = dataclasses.replace(own, thresholds=OwnThresholds(tuple(t["fars"]), tuple(t["distances"]), t["source"]))
    check_embedder(parts, folder / MODEL, own)  # or the marks of another network of that id would be written over
    with _noted(whose.own_file(parts.data_dir, own.id), noted):
        return import_embedder(parts, folder / MODEL, own, sha256=entry["sha256"])


def _still_there(parts: Parts, folder: Path) -> bytes | None:
    """What says whom the network learned from, all of whom are in the gallery; None where it is nobody of a gallery."""
    marks = whose.listed(folder / whose.PEOPLE)
    if marks is None:
        raise InputError(f"{folder} does not say whose pictures it learned from: train again")
    gone = len(marks - whose.present(parts.existing_gallery())) if marks else 0
    if gone:
        people = "1 person who isn't" if gone == 1 else f"{gone} people who aren't"
        raise InputError(f"{folder} learned from {people} in the gallery any more: train again, without them")
    return whose.as_bytes(marks) if marks else None


@contextmanager
def _noted(file: Path, content: bytes | None) -> Iterator[None]:
    """With the marks in their place before the network is, which takes seconds: a deletion meanwhile takes away what
    they are read from. Gone again where it fails."""
    if content is None:
        yield
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(file, content)
    except OSError as e:
        raise UnavailableError(f"{file.parent} cannot be written to ({e.strerror or e}): free some space") from e
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def read_entry(folder: Path) -> dict[str, Any]:
    """What the run says of its network. Raises InputError where it isn't one."""
    file = folder / ENTRY
    try:
        with file.open("rb") as f:
            entry: dict[str, Any] = json.loads(f.read(_MOST))
        _check(entry)
    except FileNotFoundError as e:
        raise InputError(f"{folder} is no folder that a run made: name the --out of `faceapp train`") from e
    except (OSError, ValueError, KeyError, TypeError, IndexError) as e:
        raise InputError(f"{file} does not say what network that is: train again") from e
    return entry


def _check(entry: dict[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError for what isn't an entry."""
    crop, given, t = entry["crop"], entry["input"], entry["thresholds"]
    texts = [entry[k] for k in ("id", "title", "licence", "photographs", "origin", "sha256", "verdict")]
    numbers = [crop["size"], crop["margin"], *given["mean"], *given["std"], *(v for p in crop["points"] for v in p)]
    if t is not None:
        texts.append(t["source"])
        numbers += [*t["fars"], *t["distances"]]
    good = (
        entry["version"] == 1
        and isinstance(entry["significant"], bool)
        and all(isinstance(v, str) and v for v in texts)
        and all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in numbers)
        and isinstance(crop["size"], int)
        and crop["kind"] in ("box", "similarity")
        and given["colour"] in ("rgb", "bgr")
        and len(given["mean"]) == len(given["std"]) == 3
        and all(len(p) == 2 for p in crop["points"])
        and (crop["kind"] == "box" or len(crop["points"]) == 5)
    )
    if not good:
        raise ValueError("not an entry")
