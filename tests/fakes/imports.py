"""Imports without files, networks and gallery: their state is what the test sets; what is asked lands in `calls`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from faceapp.app.import_types import (
    Found,
    ImportResult,
    ImportsControl,
    ImportState,
    ManyFaces,
    RejectedPicture,
    ShownPicture,
    Wish,
)
from faceapp.app.live_types import ConsentForm, ConsentWanted
from faceapp.errors import InputError
from faceapp.types import Box

T = TypeVar("T")
CONSENT = ConsentForm("to be recognised here", "the person themselves", "I agree to be recognised here.")
BOXES = (Box(60, 40, 130, 130), Box(200, 60, 260, 140), Box(320, 50, 380, 125))


def rejected(image: str, code: str = "no_face", name: str = "Ada") -> RejectedPicture:
    """A row of the report."""
    return RejectedPicture(image, name, f"this is what {code} means: do something", code)


def several(number: int, name: str = "Ada", faces: int = 3) -> ManyFaces:
    """A picture with several faces."""
    return ManyFaces(number, name, f"roll/{name}/{number}.jpg", faces)


def result(*undecided: ManyFaces, **more: object) -> ImportResult:
    """Ten pictures, of which eight were enrolled."""
    rows = tuple(rejected(u.image, "several_faces", u.name) for u in undecided)
    fine = ImportResult("/roll", 10 + len(rows), 8, 3, 1, (rejected("roll/Bo/1.jpg", name="Bo"), *rows), undecided)
    return replace(fine, **more)  # type: ignore[arg-type] # fields of ImportResult


def _answer(value: T, refuse: str | None) -> Future[T]:
    future: Future[T] = Future()
    if refuse is None:
        future.set_result(value)
    else:
        future.set_exception(InputError(refuse))
    return future


class FakeImports:
    """Everything a page sees, as plain attributes."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.found: Found | None = None
        """What the next look finds; None: nothing is there."""
        self.now = ImportState()
        self.required = False
        self.refuse: str | None = None
        """Every question is refused with this line."""
        self.refuse_faces: dict[int, str] = {}
        """Why these faces are not enrolled."""
        self.gone: set[int] = set()
        """Pictures that can't be read any more."""
        self.image = np.full((240, 440, 3), 150, np.uint8)

    def look(self, path: Path, nested: bool = False, passphrase: str = "") -> Future[Found]:
        self.calls.append(("look", path, nested, passphrase))
        found = self.found
        line = self.refuse or (None if found is not None else f"{path}: there is no such file or folder")
        return _answer(found if found is not None else Found(path, "folder", 0, 0), line)

    def consent_wanted(self) -> ConsentWanted:
        return ConsentWanted(self.required, CONSENT)

    def begin(self, wish: Wish) -> None:
        self.calls.append(("begin", wish))
        self.now = ImportState("importing")

    def export(self, out: Path, passphrase: str, person_ids: Collection[str] | None) -> None:
        self.calls.append(("export", out, passphrase, None if person_ids is None else sorted(person_ids)))
        self.now = ImportState("exporting")

    def state(self) -> ImportState:
        return self.now

    def cancel(self) -> None:
        self.calls.append("cancel")
        self.now = replace(self.now, cancelling=True)

    def seen(self) -> None:
        self.calls.append("seen")

    def dismiss(self) -> None:
        self.calls.append("dismiss")
        self.now = ImportState()

    def save_report(self, out: Path) -> Future[int]:
        self.calls.append(("save_report", out))
        return _answer(0 if self.now.result is None else len(self.now.result.rejected), self.refuse)

    def picture(self, number: int) -> Future[ShownPicture]:
        self.calls.append(("picture", number))
        line = "it was changed since it was looked at: import it again" if number in self.gone else self.refuse
        return _answer(ShownPicture(self.image, BOXES), line)

    def choose(self, number: int, names: Mapping[int, str], pin_given: bool = False) -> Future[dict[int, str]]:
        self.calls.append(("choose", number, dict(names), *(["pin"] if pin_given else [])))
        if self.refuse is None and not self.refuse_faces:
            self._answered(number)
        return _answer(dict(self.refuse_faces), self.refuse)

    def skip(self, number: int) -> Future[None]:
        self.calls.append(("skip", number))
        if self.refuse is None:
            self._answered(number)
        return _answer(None, self.refuse)

    def _answered(self, number: int) -> None:
        result = self.now.result
        assert result is not None
        left = tuple(u for u in result.undecided if u.number != number)
        self.now = replace(self.now, result=replace(result, undecided=left))


def _is_the_interface(imports: FakeImports) -> ImportsControl:
    """Checked by mypy: the fake keeps to the protocol."""
    return imports
