"""Whose pictures of the gallery a run or a network learned from, so that a deletion finds what was learned.

`people.json` lies in a run's folder and `ID.people.json` beside a site's own network. People stand in it by a hash of
their random id: no name, and an id says nothing about anybody. A run of other pictures than the gallery's has a list
that is empty; what has none that can be read may be of anybody."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from faceapp.errors import InputError, UnavailableError
from faceapp.files import write_atomically
from faceapp.zoo.own import own_models_dir

if TYPE_CHECKING:
    from faceapp.gallery.store import GalleryStore

RUNS = "training"
"""Of the data directory: the folder of the runs that a window began."""
PEOPLE = "people.json"
_GONE = ".gone-"


class DeletedMeanwhileError(InputError):
    """Somebody whose pictures are learned from was deleted: what was learned so far goes, too."""

    def __init__(self) -> None:
        super().__init__(
            "somebody whose pictures this learns from was deleted from the gallery meanwhile: nothing of the run is "
            "kept, begin it again"
        )


def mark(person_id: str) -> str:
    """As a person stands in the files."""
    return hashlib.sha256(f"faceapp training {person_id}".encode()).hexdigest()[:32]


def write(file: Path, person_ids: Iterable[str]) -> None:
    """Write down who they are. Raises OSError."""
    write_atomically(file, as_bytes(map(mark, person_ids)))


def as_bytes(marks: Iterable[str]) -> bytes:
    """Marks as they are written down."""
    return (json.dumps({"version": 1, "people": sorted(marks)}) + "\n").encode()


def listed(file: Path) -> frozenset[str] | None:
    """The marks in a file; None where there is no such file, or it isn't one."""
    try:
        people = json.loads(file.read_text(encoding="utf-8"))["people"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return frozenset(map(str, people)) if isinstance(people, list) else None


def read(file: Path) -> frozenset[str]:
    """The marks in a file; none where there is none, or it isn't one."""
    return listed(file) or frozenset()


def present(store: GalleryStore | None) -> frozenset[str]:
    """The marks of everybody in the gallery, also of those who were merged into somebody."""
    if store is None:
        return frozenset()
    ids = {p.id for p in store.people()}
    return frozenset(map(mark, ids | store.merged_into(ids).keys()))


def forget_runs(data_dir: Path, person_ids: Collection[str]) -> None:
    """Delete the window's runs, finished or not, that learned from one of these people, who are deleted, or may have:
    those that don't say from whom. One that goes on loses its folder, notices and ends. Raises UnavailableError where
    that isn't possible."""
    runs = data_dir / RUNS
    marks = frozenset(map(mark, person_ids))
    try:
        for folder in [f for f in runs.iterdir() if f.is_dir()] if runs.is_dir() and marks else []:
            learned = listed(folder / PEOPLE)
            if learned is None or learned & marks:
                # First the name: nothing more can be written into a folder that isn't there.
                folder.rename(runs / f"{_GONE}{secrets.token_hex(8)}")
        for folder in runs.glob(f"{_GONE}*"):
            shutil.rmtree(folder)
    except OSError as e:
        raise UnavailableError(f"{runs} cannot be deleted from ({e.strerror}): delete it by hand") from e


def own_file(data_dir: Path, id: str) -> Path:
    """Where it is written down for one of the site's own networks; there need be none."""
    return own_models_dir(data_dir) / f"{id}.{PEOPLE}"


def deleted_since(data_dir: Path, ids: Iterable[str], store: GalleryStore | None) -> Mapping[str, int]:
    """Of the site's own networks `ids` those that learned from people who were deleted since, with how many."""
    learned = {id: read(own_file(data_dir, id)) for id in ids}
    if not any(learned.values()):
        return {}
    there = present(store)
    return {id: len(marks - there) for id, marks in learned.items() if marks - there}
