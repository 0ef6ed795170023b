"""What stands in an exported gallery, record by record, before it is sealed.

The first record says what it is and how much there is; then comes each person, each followed by their photos. A record
is a JSON object and, behind it, the bytes it speaks of: a photo's crop and its templates. Who may open a door isn't in
it, nor badges: that is for each site to decide.

The file is opened by a passphrase, but whoever made it may have meant harm or had another version: what comes out is
checked like any other input.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np

from faceapp.errors import BugError, InputError
from faceapp.gallery.consent_rows import ConsentRow
from faceapp.gallery.kept import KeptPhoto
from faceapp.gallery.rows import unit_rows
from faceapp.gallery.store import GalleryStore
from faceapp.types import Box, Floats, JsonObject

FORM = 1
"""Of the records; a newer one is refused."""
_MAX_DOCUMENT, _MAX_TEMPLATES, _MAX_DIMENSION = 1_000_000, 64, 8192
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Head:
    """What an exported gallery holds."""

    exported: str
    people: int
    photos: int


@dataclass(frozen=True, slots=True)
class SentPerson:
    """Somebody; their photos come next."""

    name: str
    consent: ConsentRow | None


@dataclass(frozen=True, slots=True, eq=False)
class SentPhoto:
    """A photo of the person before it."""

    source: str
    quality: float
    issues: tuple[str, ...]
    override: bool
    crop: bytes | None
    box: Box | None
    landmarks: Floats | None
    templates: dict[str, Floats]
    """By embedding space, float32 (D,) of unit length."""


Sent: TypeAlias = Head | SentPerson | SentPhoto


def records_of(store: GalleryStore, only: Collection[str] | None = None) -> Iterator[bytes]:
    """Everybody in the gallery, or those with the ids `only`. Raises UnavailableError where its key is missing."""
    people = [p for p in store.people() if only is None or p.id in only]
    count = sum(p.photos for p in people)
    yield _packed({"form": FORM, "exported": _now(), "people": len(people), "photos": count})
    consents = store.consents()
    for person in people:
        try:
            kept = store.kept(person.id, store.vault)
        except InputError:  # deleted a moment ago
            continue
        consent = consents.get(person.id)
        agreed = None if consent is None else {n: getattr(consent, n) for n in ConsentRow.__slots__ if n != "person_id"}
        yield _packed({"person": kept.person.name, "consent": agreed})
        for photo in kept.photos:
            yield _photo(photo)


def _photo(photo: KeptPhoto) -> bytes:
    spaces = [{"space": t.space, "dimension": len(t.vector)} for t in photo.templates]
    document = {"photo": photo.about, "crop": None if photo.crop is None else len(photo.crop), "templates": spaces}
    return _packed(document, photo.crop or b"", *(t.vector.astype("<f4").tobytes() for t in photo.templates))


def _packed(document: JsonObject, *blobs: bytes) -> bytes:
    text = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _LENGTH.pack(len(text)) + text + b"".join(blobs)


def understood(record: bytes) -> Sent:
    """What a record says. Raises InputError, without the file's name, for one that says nothing."""
    try:
        return _understood(record)
    except (ValueError, TypeError, KeyError, struct.error, RecursionError, BugError) as e:
        raise InputError("holds something that is none of ours: export it again, with the same version") from e


def _understood(record: bytes) -> Sent:
    (length,) = _LENGTH.unpack_from(record)
    if length > _MAX_DOCUMENT:
        raise ValueError(length)
    document = json.loads(record[_LENGTH.size : _LENGTH.size + length])
    blobs = record[_LENGTH.size + length :]
    if "form" in document:
        if int(document["form"]) > FORM:
            raise InputError("was written by a newer faceapp: use that one")
        return Head(str(document["exported"]), _count(document["people"]), _count(document["photos"]))
    if "person" in document:
        agreed = document["consent"]
        consent = None if agreed is None else ConsentRow("", **{k: _text(v) for k, v in agreed.items()})  # type: ignore[arg-type] # a null where there must be none fails with the rest
        if consent is not None and None in (consent.purpose, consent.given_by, consent.given):
            raise ValueError("consent")
        return SentPerson(_required(document["person"]), consent)
    return _sent_photo(document, blobs)


def _sent_photo(document: JsonObject, blobs: bytes) -> SentPhoto:
    about, size = document["photo"], document["crop"]
    at = 0 if size is None else _count(size)
    crop = None if size is None else blobs[:at]
    templates: dict[str, Floats] = {}
    if len(document["templates"]) > _MAX_TEMPLATES:
        raise ValueError("templates")
    for entry in document["templates"]:
        dimension = _count(entry["dimension"])
        if not 0 < dimension <= _MAX_DIMENSION:
            raise ValueError(dimension)
        vector = np.frombuffer(blobs, "<f4", dimension, at).astype(np.float32)
        templates[_required(entry["space"])] = unit_rows(vector[np.newaxis], "a template")[0]
        at += 4 * dimension
    if at != len(blobs):
        raise ValueError("bytes left over")
    landmarks = None if about["landmarks"] is None else np.array(about["landmarks"], np.float32)
    if landmarks is not None and (landmarks.shape != (5, 2) or not np.isfinite(landmarks).all()):
        raise ValueError("landmarks")
    return SentPhoto(
        source=_required(about["source"])[:200],
        quality=min(100.0, max(0.0, _number(about["quality"]))),
        issues=tuple(_required(code)[:40] for code in about["issues"][:40]),
        override=bool(about["taken_against_the_gate"]),
        crop=crop,
        box=None if about["box"] is None else _box(about["box"]),
        landmarks=landmarks,
        templates=templates,
    )


def _box(values: Any) -> Box:
    x1, y1, x2, y2 = (_number(v) for v in values)
    if not (x1 < x2 and y1 < y2):
        raise ValueError("box")
    return Box(x1, y1, x2, y2)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > 1e6:
        raise ValueError(number)
    return number


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= 100_000_000:
        raise ValueError(value)
    return value


def _text(value: Any) -> str | None:
    return None if value is None else _required(value)


def _required(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 20_000:
        raise ValueError("text")
    return value


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
