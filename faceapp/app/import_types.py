"""What a window sees of imports and exports: plain data, and the protocol it talks to.

`LiveImports` (`app/live_imports.py`) is the real one; tests bring a fake. Every method is called on the GUI thread and
returns at once. An import goes on without a page that shows it: whoever opens one asks for `state`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from faceapp.types import BgrImage, Box

if TYPE_CHECKING:  # which knows the protocol below
    from faceapp.app.live_types import ConsentForm, ConsentWanted

SourceKind: TypeAlias = Literal["folder", "csv", "hdf5", "gallery"]
ImportPhase: TypeAlias = Literal["idle", "importing", "exporting", "imported", "exported", "failed"]
Duplicates: TypeAlias = Literal["warn", "refuse", "add"]
SHORTEST_PASSPHRASE = 8
"""Characters: `security.sealed_file.SHORTEST`."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds, before anything is imported."""

    path: Path
    kind: SourceKind
    people: int
    pictures: int
    refused: tuple[str, ...] = ()
    """What lies there and is no picture of somebody: a line each."""
    notes: tuple[str, ...] = ()
    """What somebody who imports it should know, a line each."""
    names: frozenset[str] | None = None
    """Of the people in it; None: that isn't known before it is read."""
    locked: bool = False
    """An exported gallery, of which nothing can be said without its passphrase."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, and how."""

    path: Path
    kind: SourceKind
    nested: bool = False
    """Of a folder: folders in a person's folder are theirs."""
    strict: bool = False
    """Refuse photos that the quality gate finds fault with."""
    duplicates: Duplicates = "warn"
    """What to do about a face that is somebody else's already."""
    consent: ConsentForm | None = None
    """That of everybody in it."""
    passphrase: str = ""
    """Of an exported gallery."""
    pin_given: bool = False
    """The administrator allowed photos for whoever has the door, of everybody in it. Else they are rejected where a PIN
    is set."""


@dataclass(frozen=True, slots=True)
class RejectedPicture:
    """A picture that was not enrolled."""

    image: str
    """A path, or a data set's file, name and row."""
    name: str
    """Whose it is said to be; empty where nobody is named."""
    reason: str
    """One line: what is wrong, what to do."""
    code: str
    """The same for the same kind of reason."""


@dataclass(frozen=True, slots=True)
class ManyFaces:
    """A picture in which a face is to be chosen."""

    number: int
    """Of the picture, for the questions and answers about it."""
    name: str
    """Whose it is said to be."""
    image: str
    faces: int


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """The same, to be looked at."""

    image: BgrImage
    boxes: tuple[Box, ...]
    """Of its faces, in the picture's pixels, the largest first: face 1."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    source: str
    pictures: int
    enrolled: int
    people: int
    """Who were enrolled or got a photo."""
    already: int
    rejected: tuple[RejectedPicture, ...] = ()
    undecided: tuple[ManyFaces, ...] = ()
    """Of the rejected ones, those in which somebody may choose a face."""
    notes: tuple[str, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    """Names of two whom a camera may take for each other, of those who got a photo and of everybody else."""
    resumed: bool = False
    """It went on where an earlier one was cut short."""
    cancelled: bool = False
    problem: str = ""
    """What ended it early."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote."""

    out: Path
    people: int
    photos: int


@dataclass(frozen=True, slots=True)
class ImportState:
    """What goes on now, or what it came to."""

    phase: ImportPhase = "idle"
    done: int = 0
    total: int = 0
    """0: not known yet."""
    enrolled: int = 0
    already: int = 0
    rejected: int = 0
    seconds_left: float | None = None
    """None: it can't be told yet."""
    cancelling: bool = False
    """It was told to end, after the picture at hand."""
    problem: str = ""
    """When failed: one line."""
    result: ImportResult | None = None
    """When imported."""
    exported: ExportResult | None = None
    """When exported; None where that was cancelled, and nothing was written."""


class ImportsControl(Protocol):
    """One import or export at a time, beside the live picture."""

    def look(self, path: Path, nested: bool = False, passphrase: str = "") -> Future[Found]:
        """What there is to import; reads names and no picture. An InputError where there is nothing."""
        ...

    def consent_wanted(self) -> ConsentWanted:
        """Whether this site requires consent, and what the form begins with."""
        ...

    def begin(self, wish: Wish) -> None:
        """Import in the background. Nothing where something is under way."""
        ...

    def export(self, out: Path, passphrase: str, person_ids: Collection[str] | None) -> None:
        """Write these people (None: everybody) to a new file in the background. Nothing where something is under
        way."""
        ...

    def state(self) -> ImportState: ...

    def cancel(self) -> None:
        """End after the picture at hand; what was imported stays, and the same import goes on from there. Of a
        cancelled export nothing stays."""
        ...

    def seen(self) -> None:
        """Somebody sees the result: no banner needs to tell of it."""
        ...

    def dismiss(self) -> None:
        """Forget the result; nothing while something is under way."""
        ...

    def save_report(self, out: Path) -> Future[int]:
        """Write the rejected pictures with their reasons to a CSV file; how many. An UnavailableError where it can't be
        written."""
        ...

    def picture(self, number: int) -> Future[ShownPicture]:
        """A picture with several faces. An InputError where it is gone, or another one by now."""
        ...

    def choose(self, number: int, names: Mapping[int, str], pin_given: bool = False) -> Future[dict[int, str]]:
        """Enrol these faces (from 1, the largest) of a picture under these names: why a face was refused, by its
        number; empty where all is well, and then the picture is not asked about again. `pin_given`: also for whoever
        has the door."""
        ...

    def skip(self, number: int) -> Future[None]:
        """None of its faces is wanted. Remembered: the same import doesn't ask again."""
        ...
