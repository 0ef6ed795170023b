"""Reading the people to learn from: a folder a person, an HDF5 file, or the gallery's kept crops.

Every picture becomes the crop that the network is shown, and the base embedder's embedding of it, by which doubles are
found. Nothing of it is written anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from faceapp.app.parts import Parts, part_spec
from faceapp.app.training.arrays import Ids
from faceapp.app.training.wish import BASE, GALLERY, Kind, Wish
from faceapp.enrollment.importers.folders import open_folder
from faceapp.enrollment.importers.items import Item, Refusal, Source
from faceapp.errors import InputError, NoFaceError, UsageError
from faceapp.images import decode_image
from faceapp.training.plan import SMALL_SIDE
from faceapp.types import BgrImage, Box, Face, Floats
from faceapp.vision.embedder import CropSpec, NetworkEmbedder
from faceapp.vision.faces import dominant_face

Report = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""

_BATCH = 24
_LISTED = 3
"""Problems that are named in one line."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Pictures of people, row by row."""

    source: str
    names: tuple[str, ...]
    """Of the people, by number."""
    person: Ids
    """(N,): whose each picture is."""
    sha256: tuple[str, ...]
    """(N,): of each picture's bytes."""
    crops: list[BgrImage]
    """(N,): as the network is shown them."""
    vectors: Floats
    """float32 (N, D): the base embedder's; (N, 0) where nothing needs it."""
    notes: tuple[str, ...] = ()
    """What was left out, a line each."""
    ids: tuple[str, ...] = ()
    """The gallery's, of everybody; empty where they aren't from the gallery."""
    used: Floats | None = None
    """float32 (N, D): of the embedder in use, where that was asked for."""

    def __len__(self) -> int:
        return len(self.person)

    def fingerprint(self) -> str:
        """Of pictures and whose they are, without a name."""
        rows = sorted(f"{p} {s}" for p, s in zip(self.person.tolist(), self.sha256, strict=True))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    name: str
    sha256: str
    image: BgrImage
    face: Face
    id: str = ""
    """The gallery's, of the person."""


def base_parts(parts: Parts, base: str = BASE, kind: Kind = "head") -> Parts:
    """Parts with the embedder that a network is built on, in FP32. Raises UsageError for one that can't be it."""
    spec = parts.manifest.embedder(base)
    if kind == "finetune" and base != BASE:
        raise UsageError(f"only the last blocks of {BASE} can be trained: leave --embedder out, or train a head")
    if len(spec.parts) != 1 or spec.parts[0].mirror:
        raise UsageError(f"{base} is more than one look through one network: choose one such as {BASE} with --embedder")
    return parts.fork(embedder=base, precision="fp32")


def network_embedder(base: Parts) -> NetworkEmbedder:
    """The embedder of `base_parts`."""
    embedder = base.embedder()
    assert isinstance(embedder, NetworkEmbedder)  # noqa: S101 - `base_parts` sees to it
    return embedder


def crop_for(kind: Kind, base: Parts) -> CropSpec:
    """What the network in the making is shown of a face."""
    if kind == "scratch":
        return CropSpec("box", SMALL_SIDE, margin=0.1)
    return part_spec(base.embedder_spec.parts[0]).crop


def read_people(base: Parts, wish: Wish, data: Path | None, report: Report, used: Parts | None = None) -> People:
    """Everybody in `data` (None: the gallery), in the order of their names; embedded with the embedder of `used`, too.
    Raises InputError where there is nobody, and for pictures that can't be read, unless they may be left out; pictures
    in which no face is found are noted and left out."""
    problems: list[str] = []
    faceless: list[str] = []
    names: list[str] = []
    hashes: list[str] = []
    crops: list[BgrImage] = []
    vectors: list[Floats] = []
    theirs: list[Floats] = []
    ids: dict[str, str] = {}
    crop, own = crop_for(wish.kind, base), part_spec(base.embedder_spec.parts[0]).crop
    aligned = used is not None and any(part_spec(p).crop.kind == "similarity" for p in used.embedder_spec.parts)
    needed = wish.kind != "scratch" or not wish.alike
    waiting: list[BgrImage] = []
    for found in _found(base, wish, data, report, problems, faceless):
        if aligned and found.face.landmarks is None:
            faceless.append("a photo of which no landmarks are known")
            continue
        names.append(found.name)
        ids[found.name] = found.id
        hashes.append(found.sha256)
        crops.append(crop.cut(found.image, found.face))
        if needed:
            waiting.append(crops[-1] if crop == own else own.cut(found.image, found.face))
        if used is not None:
            theirs.append(used.embedder().embed(found.image, [found.face]))
        if len(waiting) == _BATCH:
            vectors.append(network_embedder(base).embed_crops(waiting))
            waiting = []
    source = GALLERY if data is None else str(data)
    if problems and not wish.leave_out:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}; nothing was trained: mend it, or add --leave-out")
    if not names:
        raise InputError(f"{source} holds no picture with a face that could be learned from: name another with --data")
    vectors.append(network_embedder(base).embed_crops(waiting) if needed else np.empty((len(names), 0), np.float32))
    order, person = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    notes = _noted("cannot be used", problems) + _noted("show no face, or two", faceless)
    return People(
        source,
        tuple(map(str, order)),
        person.astype(np.intp),
        tuple(hashes),
        crops,
        np.concatenate(vectors),
        notes,
        tuple(ids[name] for name in map(str, order)) if data is None else (),
        np.concatenate(theirs) if theirs else None,
    )


def _found(
    base: Parts, wish: Wish, data: Path | None, report: Report, problems: list[str], faceless: list[str]
) -> Iterator[_Found]:
    """Every picture with its face; what can't be used goes to `problems` and `faceless`."""
    if data is None:
        yield from _in_gallery(base, report, problems)
        return
    detector = None if wish.whole else base.detector()
    with _opened(data, wish) as source:
        items = [i for i in source if _wanted(i, wish.within)]
        for done, item in enumerate(items):
            report("reading pictures", done, len(items))
            if isinstance(item, Refusal):
                problems.append(item.reason)
                continue
            try:
                raw = item.read()
                image = item.decode(raw)
            except InputError as e:
                problems.append(str(e) if item.label in str(e) else f"{item.label}: {e}")
                continue
            try:
                face = (
                    _whole(image) if detector is None else dominant_face(detector.detect(image, base.settings.min_face))
                )
            except NoFaceError:
                faceless.append(item.label)
                continue
            except InputError:
                faceless.append(item.label)
                continue
            yield _Found(item.name, hashlib.sha256(raw).hexdigest(), image, face)
        report("reading pictures", len(items), len(items))


def _opened(data: Path, wish: Wish) -> Source:
    if data.is_dir() or not data.exists():
        return open_folder(data, nested=wish.nested or bool(wish.within))
    import h5py

    from faceapp.enrollment.importers.hdf5 import Hdf5Source

    if not h5py.is_hdf5(data):
        raise InputError(f"{data} is no HDF5 file: name one with --data, or a folder with a folder for each person")
    return Hdf5Source(data)


def _wanted(item: Item | Refusal, within: str) -> bool:
    if not within:
        return True
    below = PurePath(item.key).parts
    return len(below) < 2 or below[1] == within


def _whole(image: BgrImage) -> Face:
    """The picture is the face. Landmarks are where they lie in most faces, for an embedder that aligns by them."""
    height, width = image.shape[:2]
    places = np.array([(0.32, 0.40), (0.68, 0.40), (0.5, 0.60), (0.35, 0.78), (0.65, 0.78)], np.float32)
    return Face(Box(0, 0, width, height), 1.0, places * np.array([width, height], np.float32))


def _in_gallery(base: Parts, report: Report, problems: list[str]) -> Iterator[_Found]:
    store = base.existing_gallery()
    people = [] if store is None else store.people()
    if store is None or not people:
        raise InputError("nobody is enrolled yet: enrol people, or name a folder with --data")
    for done, person in enumerate(people):
        report("reading the gallery", done, len(people))
        for photo in store.photos(person.id):
            crop = store.crop(photo.id)
            if crop is None or photo.box is None:
                continue
            try:
                image = decode_image(crop, f"a crop kept of photo {photo.id}")
            except InputError as e:
                problems.append(str(e))
                continue
            face = Face(photo.box, 1.0, photo.landmarks)
            yield _Found(person.name, hashlib.sha256(crop).hexdigest(), image, face, person.id)
    report("reading the gallery", len(people), len(people))


def _noted(what: str, labels: Sequence[str]) -> tuple[str, ...]:
    if not labels:
        return ()
    more = f" and {len(labels) - _LISTED} more" if len(labels) > _LISTED else ""
    count = "1 picture" if len(labels) == 1 else f"{len(labels)} pictures"
    return (f"{count} left out, they {what}: {', '.join(labels[:_LISTED])}{more}",)
