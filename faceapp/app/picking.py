"""Camera rolls: somebody says which face of a picture is meant.

An import rejects a picture with several faces of about the same size and goes on. Afterwards each of them can be shown
and answered: this face is the one, and that one is somebody else; or none is wanted. The answer is remembered, so that
the next import of the same source doesn't ask again: a chosen face by the photo itself, which carries the picture's
keyed hash, and one passed over in the import's own tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faceapp.app.enrolling import Enrolled, Enroller, QualityMode
from faceapp.app.imports import Undecided
from faceapp.app.parts import Parts
from faceapp.enrollment.duplicates import OnDuplicate
from faceapp.errors import InputError, KnownError
from faceapp.gallery.consent_rows import NewConsent
from faceapp.gallery.names import clean_name, name_key
from faceapp.types import BgrImage, Box

PASSED_OVER = "none of its faces was chosen"
"""Why a picture that somebody passed over is rejected, also the next time."""
SKIPPED = "skipped"
"""The code of that reason."""


@dataclass(slots=True)
class Picked:
    """What became of the faces that were chosen in a picture."""

    enrolled: list[Enrolled] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    """Number of a face, from 1, and why it was not enrolled."""


class Picking:
    """The answers about the pictures of one import. One thread uses it, the one of its `parts`."""

    def __init__(
        self,
        parts: Parts,
        key: str,
        quality: QualityMode = "warn",
        on_duplicate: OnDuplicate = "warn",
        consent: NewConsent | None = None,
        guard: Callable[[str], None] = lambda _name: None,
    ) -> None:
        """`parts`, `quality` and `on_duplicate`: the import's; `key`: `Import.key`. `consent`: that of whoever the
        import is about, and of nobody else in their pictures. `guard`: see `Enroller`."""
        self._parts = parts
        self._key = key
        self._theirs = Enroller(parts, quality, on_duplicate, consent, guard=guard)
        self._others = Enroller(parts, quality, on_duplicate, guard=guard)

    def picture(self, undecided: Undecided) -> tuple[BgrImage, tuple[Box, ...]]:
        """The picture and its faces, the largest first. Raises InputError where it can't be read any more, or is
        another one by now."""
        image, _ = self._read(undecided)
        return image, tuple(Box(*box) for box in undecided.row["boxes"])

    def take(self, undecided: Undecided, names: Mapping[int, str]) -> Picked:
        """Enrol the faces `names`: their numbers, from 1 for the largest, and whose they are. What can't be enrolled is
        refused, the others stay. Where nobody of them is the picture's own person, that is remembered as an answer,
        too. Raises InputError as `picture`, for two faces of one name, and where a number is none."""
        image, data = self._read(undecided)
        keys = [name_key(clean_name(name)) for name in names.values()]
        if len(set(keys)) < len(keys):
            raise InputError("two faces have the same name: one person is in a picture once")
        own, done = name_key(undecided.name), Picked()
        for number, name in names.items():
            theirs = name_key(clean_name(name)) == own
            mac = self._parts.gallery().vault.mac
            # The picture itself, so that the next import finds that they have it; a further face as `--face` does it.
            content = undecided.content if theirs else mac(data + f"\0face {number}".encode(), "photo")
            label = undecided.item.label
            try:
                face = self._theirs.choose(image, number, label)
                enroller = self._theirs if theirs else self._others
                enrolled = enroller.enrol(name, image, Path(label).name, label=label, face=face, content=content)
            except InputError as e:
                done.refused[number] = str(e).removeprefix(f"{label}: ")
            else:
                done.enrolled.append(enrolled)
        if done.enrolled and not done.refused and not self._has(undecided):
            self.skip(undecided)
        return done

    def skip(self, undecided: Undecided) -> None:
        """None of its faces is wanted, now and the next time."""
        reason = json.dumps({"why": PASSED_OVER, "codes": [SKIPPED]})
        self._parts.gallery().note_skipped(self._key, undecided.seal, reason)

    def _has(self, undecided: Undecided) -> bool:
        store = self._parts.gallery()
        return store.has_picture(undecided.name, undecided.content, self._parts.space())

    def _read(self, undecided: Undecided) -> tuple[BgrImage, bytes]:
        item = undecided.item
        try:
            data = item.read()
            same = self._parts.gallery().vault.mac(data, "photo") == undecided.content
            image = item.decode(data)
        except KnownError as e:
            raise InputError(f"{e}: import it again") from e
        if not same:
            raise InputError(f"{item.label} was changed since it was looked at: import it again")
        return image, data
