"""Enrolling: from a picture to a photo in the gallery. Faces, the quality gate, the embedding, who it looks like, the
store; the same way for the command line, for imports, and (in pieces) for the live snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from faceapp.app.duplicates import limits
from faceapp.app.parts import Parts
from faceapp.app.people_log import add_photo
from faceapp.app.spaces import current_index
from faceapp.enrollment.duplicates import OnDuplicate, answer, relate, unlike_own
from faceapp.enrollment.gate import Gate, GateReport
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.gallery.consent_rows import NewConsent
from faceapp.gallery.rows import Added, NewPhoto
from faceapp.images import read_image
from faceapp.types import BgrImage, Face, Floats, JsonObject

QualityMode: TypeAlias = Literal["warn", "strict"]

NEEDS_PIN = "pin"
"""The code of a picture that was refused because it would give the door to a face."""
REPEATED = "this very picture was there already: it is kept once"
"""A warning and no rejection: whoever gives it again has what they wanted, and nothing is lost."""
_NO_ONE_FACE: dict[str, str] = {
    "no_face": "no face was found: use a picture with the whole face, seen from the front",
    "several_faces": "two faces of about the same size: use a picture of one person alone",
}


class RejectedError(InputError):
    """A picture was not enrolled."""

    def __init__(self, message: str, codes: Sequence[str], faces: Sequence[Face] = ()) -> None:
        super().__init__(message)
        self.codes = tuple(codes)
        """The gate's reason codes, the first to mend first, or one of `enrollment.duplicates.Answer`."""
        self.faces = tuple(faces)
        """Where there are several: all of them, the largest first, for somebody to choose from."""


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A picture that shows one face, before anything is decided."""

    image: BgrImage
    face: Face
    report: GateReport


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A photo in the gallery."""

    name: str
    """Whose photo it became: with `on_duplicate` "add" that may be somebody else than was asked for."""
    person_id: str
    photo_id: str
    new_person: bool
    repeated: bool
    """True where the person had this very picture already, and nothing was added."""
    quality: float
    """0 to 100."""
    warnings: tuple[str, ...]
    """What is wrong with it, for people."""
    codes: tuple[str, ...]
    """The gate's reason codes among them."""
    alike: tuple[str, ...] = ()
    """Names of others whom a camera may take this face for, the nearest first: two at most."""


class Enroller:
    """Enrols picture after picture, by one set of rules. One thread uses it, the one of its `parts`."""

    def __init__(
        self,
        parts: Parts,
        quality: QualityMode = "warn",
        on_duplicate: OnDuplicate = "warn",
        consent: NewConsent | None = None,
        gate: Gate | None = None,
        guard: Callable[[str], None] = lambda _name: None,
    ) -> None:
        """`quality`: with "strict" a picture that the gate finds fault with is refused, with "warn" it is taken, and
        marked as taken against it. `on_duplicate`: what to do about a face that is somebody else's already. `consent`:
        the words in which it was given. `guard`: called with the name of whoever gets a photo; an InputError of its
        refuses it."""
        self._guard = guard
        self._consent = consent
        self._parts = parts
        self._strict = quality == "strict"
        self._on_duplicate = on_duplicate
        self._gate = gate or Gate()

    def examine(self, image: BgrImage, label: str, face: Face | None = None) -> Examined:
        """Find the dominant face and judge it, or `face` where it was chosen. `label`: how messages name the picture.
        Raises RejectedError where there is not one face, or where the gate is strict and finds fault."""
        parts = self._parts
        faces = [face] if face is not None else parts.detector().detect(image, parts.settings.min_face)
        report = self._gate.check(image, faces, face)
        if report.face is None:
            raise RejectedError(f"{label}: {_NO_ONE_FACE[report.codes[0]]}", report.codes, faces)
        if self._strict and not report.passed:
            raise RejectedError(f"{label}: the photo is not good enough: {'; '.join(report.sentences)}", report.codes)
        return Examined(image, report.face, report)

    def enrol(
        self,
        name: str,
        image: BgrImage,
        source: str,
        *,
        label: str | None = None,
        face: Face | None = None,
        content: str | None = None,
        data: bytes | None = None,
    ) -> Enrolled:
        """Enrol one picture under `name`. `source`: what the gallery notes as its origin; `face`: the one meant where
        somebody chose; `content`: see `NewPhoto`, or `data`, of which it is made. Raises RejectedError where the
        picture can't be used or isn't wanted, InputError for a name that can't be one, UnavailableError where a network
        or the gallery is missing."""
        seen = self.examine(image, label or source, face)
        vector = self.embed(seen)
        whose, notes, alike = self._decide(name, vector, label or source)
        self._guard_door(whose, label or source)
        if data is not None:
            content = self._parts.gallery().vault.mac(data, "photo")
        added = self._store(whose, seen, vector, source, content)
        return Enrolled(
            name=added.person.name if whose != name else name,
            person_id=added.person.id,
            photo_id=added.photo_id,
            new_person=added.new_person,
            repeated=added.repeated,
            quality=seen.report.figure,
            warnings=(*seen.report.sentences, *notes, *([REPEATED] if added.repeated else ())),
            codes=seen.report.codes,
            alike=alike,
        )

    def choose(self, image: BgrImage, number: int, label: str) -> Face:
        """The `number`-th face of `image`, the largest being the first. Raises RejectedError where there are not so
        many."""
        faces = self._parts.detector().detect(image, self._parts.settings.min_face)
        if not faces:
            raise RejectedError(f"{label}: {_NO_ONE_FACE['no_face']}", ["no_face"])
        if not 1 <= number <= len(faces):
            many = f"{len(faces)} faces were" if len(faces) > 1 else "one face was"
            raise RejectedError(f"{label}: there is no face {number}: {many} found", ["several_faces"], faces)
        return faces[number - 1]

    def embed(self, seen: Examined) -> Floats:
        """The face's embedding (D,)."""
        vector: Floats = self._parts.embedder().embed(seen.image, [seen.face])[0]
        return vector

    def _decide(self, name: str, vector: Floats, label: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Whose photo it is to be, what is to be said about others it looks like, and their names."""
        index = current_index(self._parts)
        of, person_id = limits(self._parts, index.templates), self._id_of(name)
        relation = relate(vector, index, of, person_id)
        given = answer(name, relation, unlike_own(vector, index, of, person_id), self._on_duplicate, self._strict)
        if given.action == "refuse":
            raise RejectedError(f"{label}: {given.reason}", [given.code])
        if given.add_to is not None:
            return given.add_to.name, given.warnings, ()
        return name, given.warnings, tuple(c.name for c in relation.others)

    def _guard_door(self, name: str, label: str) -> None:
        try:
            self._guard(name)
        except InputError as e:
            raise RejectedError(f"{label}: {e}", [NEEDS_PIN]) from e

    def _id_of(self, name: str) -> str | None:
        """Of who is called `name`; None where nobody is yet."""
        store = self._parts.existing_gallery()
        try:
            return None if store is None else store.person(name).id
        except InputError:
            return None

    def _store(self, name: str, seen: Examined, vector: Floats, source: str, content: str | None) -> Added:
        parts = self._parts
        photo = new_photo(parts, seen.image, seen.face, vector, seen.report, source, content)
        store = parts.gallery()
        before = store.change_marker()
        required = parts.settings.require_consent
        added = add_photo(store, parts.data_dir, name, photo, self._consent, required)
        cached = parts.index_cache
        if cached is not None and cached[0] == before and not added.repeated:
            # Not read anew for each picture of an import. What another process wrote between the two markers is seen
            # with the next change, which is soon enough for a warning.
            parts.index_cache = store.change_marker(), cached[1].plus(added.person.id, added.person.name, vector)
        return added


def new_photo(
    parts: Parts,
    image: BgrImage,
    face: Face,
    vector: Floats,
    report: GateReport,
    source: str,
    content: str | None = None,
) -> NewPhoto:
    """What the gallery stores of a photo: the template, what the gate said, and the crop where the site keeps crops."""
    kept = keep_crop(image, face) if parts.settings.keep_crops else None
    return NewPhoto(
        space=parts.space(),
        vector=vector,
        quality=report.figure,
        source=source,
        crop=kept.jpeg() if kept else None,
        box=kept.box if kept else None,
        landmarks=kept.landmarks if kept else None,
        content=content,
        issues=report.codes,
        override=not report.passed,
    )


def rejection(label: str, error: InputError) -> JsonObject:
    """What reports say of a picture that was not enrolled. Where it shows several faces: their boxes, in pixels of the
    upright picture, the largest first."""
    row: JsonObject = {"image": label, "reason": str(error), "codes": ["unreadable"]}
    if isinstance(error, RejectedError):
        row["codes"] = list(error.codes)
        if error.faces:
            row["boxes"] = [[round(v, 1) for v in face.box.as_list()] for face in error.faces]
    return row


def enroll(
    enroller: Enroller, name: str, images: Iterable[str], face: int | None = None
) -> tuple[JsonObject, KnownError | None]:
    """Enrol the dominant face of each picture under `name`, or the `face`-th: the report, and the worst that was wrong.

    What can't be used is rejected, the others stay. Where the gallery or a network becomes unavailable in the middle,
    the rest counts as rejected; an UnavailableError at the first picture is raised.
    """
    enrolled: list[JsonObject] = []
    rejected: list[JsonObject] = []
    wrong: KnownError | None = None
    for path in images:
        if isinstance(wrong, UnavailableError):
            rejected.append({"image": path, "reason": f"{path}: not tried: {wrong}"})
            continue
        try:
            image = read_image(Path(path))
            chosen = None if face is None else enroller.choose(image, face, path)
            done = enroller.enrol(name, image, Path(path).name, label=path, face=chosen, data=_bytes(path, face))
        except InputError as e:
            wrong = e
            rejected.append(rejection(path, e))
        except UnavailableError as e:
            if not enrolled and not rejected:
                raise
            wrong = e
            rejected.append({"image": path, "reason": f"{path}: {e}"})
        else:
            quality = round(done.quality, 1)
            enrolled.append({"name": done.name, "image": path, "quality": quality, "warnings": list(done.warnings)})
    return {"enrolled": enrolled, "rejected": rejected}, wrong


def _bytes(path: str, face: int | None) -> bytes | None:
    """What a picture is known again by: its bytes, and which face of it; None where it has just gone."""
    try:
        return Path(path).read_bytes() + (b"" if face is None else f"\0face {face}".encode())
    except OSError:
        return None
