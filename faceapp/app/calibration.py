"""`faceapp calibrate`: measure the site's own people, keep what came of it, say what is in force.

A calibration moves thresholds only as far as it can speak for them (`evaluation.calibration`). It never moves the
door's unless somebody says so, and that is in the audit log before it counts.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from faceapp.access.records import code
from faceapp.app import calibration_file
from faceapp.app.audit import log_action
from faceapp.app.parts import Parts
from faceapp.app.spaces import current_index, reembeddable
from faceapp.app.thresholds import Thresholds, door_thresholds, manifest_table
from faceapp.enrollment.clusters import cluster
from faceapp.enrollment.importers.folders import open_folder
from faceapp.enrollment.importers.items import Refusal
from faceapp.errors import InputError, UnavailableError, UsageError
from faceapp.evaluation.calibration import Calibration, curve_of
from faceapp.evaluation.samples import Ids, Sample, drawn, measure, pairs_of, people_needed
from faceapp.gallery.inbox_rows import TrackRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats, JsonObject
from faceapp.vision.faces import dominant_face
from faceapp.zoo.specs import Targets

DOOR_SET, DOOR_RESET = "door_thresholds", "door_thresholds_reset"
"""Actions in the audit log: the door goes by the site's own calibration: two distances and a space; not any more."""
ASSUMES = (
    "Counted so that a group of people whom the network takes for each other would show; one person who is like very "
    "many others, and like none of yours, would not."
)
"""What the promised rates rest on, beside the figures."""
_CHANGED = 0.25, 5
"""A gallery has changed a lot when so large a part of it, and so many, came or went."""
_INBOX_OF_ONE = 10
_MOST = 0.5

Watch = Callable[[Sequence[Any]], Iterable[Any]]
"""Goes through things and shows how far it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What is measured."""

    source: str
    vectors: Floats
    people: Ids
    gallery: tuple[int, int]
    """People and photos; (0, 0) where it isn't the gallery."""
    fingerprint: str
    strangers: Floats | None = None
    whose: Ids | None = None
    problems: tuple[str, ...] = ()
    """A line for each picture that was left out."""


# Measuring


def gallery_material(parts: Parts, inbox: bool) -> Material:
    """The gallery's templates in the space in use, with the `inbox` where that is wanted. Raises InputError where there
    is no gallery."""
    store = parts.existing_gallery()
    if store is None:
        raise InputError(f"nobody is enrolled yet: calibrating compares people, so enrol {people_needed(1e-3)} or more")
    space = parts.space()
    if reembeddable(store, space):
        current_index(parts)  # makes the templates that are missing
    table = store.templates(space)
    photos = [p for person in store.people() for p in store.photos(person.id)]
    material = Material(
        "gallery",
        table.vectors,
        _numbered(table.person_ids),
        (len({p.person_id for p in photos}), len(photos)),
        _fingerprint(p.id for p in photos if space in p.spaces),
    )
    if not inbox:
        return material
    strangers, whose = inbox_material(store, space, _same_person(parts))
    return dataclasses.replace(material, strangers=strangers, whose=whose)


def inbox_material(store: GalleryStore, space: str, same_person: float | None) -> tuple[Floats | None, Ids | None]:
    """The embeddings of the inbox and whose they are, by `same_person`, the distance up to which two tracks are one
    person's (None: each is somebody). (None, None) where it is empty."""
    rows = [r for r in store.tracks(space) if r.vectors is not None and len(r.vectors)]
    new = [r for r in rows if not r.ignored]
    groups: list[list[TrackRow]] = [[r] for r in new]
    if same_person is not None:
        groups = [[new[i] for i in g] for g in cluster([_vectors(r) for r in new], same_person)]
    ignored: dict[str, list[TrackRow]] = {}
    for row in rows:
        if row.ignored:
            ignored.setdefault(row.cluster or row.id, []).append(row)
    some = [np.concatenate([_vectors(r) for r in group])[:_INBOX_OF_ONE] for group in [*groups, *ignored.values()]]
    if not some:
        return None, None
    return np.concatenate(some), np.repeat(np.arange(len(some)), [len(v) for v in some])


def folder_material(parts: Parts, folder: Path, watch: Watch) -> Material:
    """The dominant face of each picture in a folder of people's folders. Raises InputError where there is none."""
    detector, embedder = parts.detector(), parts.embedder()
    vectors: list[Floats] = []
    names: list[str] = []
    hashes: list[str] = []
    problems: list[str] = []
    with open_folder(folder) as source:
        for item in watch(list(source)):
            if isinstance(item, Refusal):
                problems.append(f"{item.label}: {item.reason}")
                continue
            try:
                data = item.read()
                image = item.decode(data)
                face = dominant_face(detector.detect(image, parts.settings.min_face))
            except InputError as e:
                problems.append(f"{item.label}: {e}" if item.label not in str(e) else str(e))
                continue
            vectors.append(embedder.embed(image, [face])[0])
            names.append(item.name)
            hashes.append(hashlib.sha256(data).hexdigest())
    if not vectors:
        raise InputError(f"{folder} has no picture with a face: name a folder with a folder for each person")
    return Material(
        "folder", np.array(vectors), _numbered(names), (0, 0), _fingerprint(hashes), problems=tuple(problems)
    )


def calibrated(material: Material, space: str, targets: Targets) -> Calibration:
    """Measure it. Raises InputError where there are too few people to compare."""
    return compared(material, space, targets)[0]


def compared(material: Material, space: str, targets: Targets) -> tuple[Calibration, Sample]:
    """As `calibrated`, with the distances themselves."""
    kept = drawn(material.people)
    vectors, people = material.vectors[kept], material.people[kept]
    samples = [measure(vectors, people)]
    strangers = 0
    if material.strangers is not None and material.whose is not None:
        samples.append(measure(vectors, people, material.strangers, material.whose))
        strangers = len(np.unique(material.whose))
    base = samples[0]
    calibration = Calibration(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        source=material.source,
        people=base.people,
        several=base.several,
        photos=base.photos,
        gallery=material.gallery,
        strangers=strangers,
        genuine=len(base.genuine),
        impostor=base.impostor,
        fingerprint=material.fingerprint,
        targets=targets,
        space=space,
        curve=curve_of(samples),
        door=False,
    )
    return calibration, base


def why_not(calibration: Calibration) -> str | None:
    """Why it can't be used, in one line; None where it can."""
    far, people = calibration.targets.verify_far, calibration.people
    if calibration.promised(far) is not None:
        return None
    if people < people_needed(far):
        do = f"calibrate with {people_needed(far)} people or more, or ask for less with --far"
    else:
        do = "see with `faceapp people duplicates` whether somebody is enrolled twice, or ask for less with --far"
    return (
        f"{people} people can speak for a false-accept rate of {percent(calibration.smallest_far)} or more, not for "
        f"{percent(far)}: {do}; what was in force stays"
    )


def targets_of(parts: Parts, far: float | None, fpir: float | None) -> Targets:
    """The manifest's targets, with another rate of comparisons or of searches where one is wanted. Raises UsageError
    for one that can't be."""
    targets = parts.embedder_spec.targets
    for option, rate in (("--far", far), ("--search-far", fpir)):
        if rate is not None and not 1e-6 <= rate <= 0.1:
            raise UsageError(f"{option} is a rate between 0.000001 and 0.1, such as 0.001")
    return dataclasses.replace(
        targets, verify_far=far or targets.verify_far, identify_fpir=fpir or targets.identify_fpir
    )


# Keeping


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a calibration."""

    file: Path
    door_before: Thresholds | None
    """What the door went by; None where it had nothing to go by."""
    door_after: Thresholds | None


def keep(parts: Parts, calibration: Calibration, door: bool | None) -> Kept:
    """Put it in force from the next start on, at the `door` only where that is wanted. Raises InputError where it can't
    speak for what is asked, UsageError where the door's thresholds would change without a word, UnavailableError where
    it can't be written, in the audit log or in its file."""
    refusal = why_not(calibration)
    if refusal is not None:
        raise InputError(refusal)
    try:
        before = parts.calibration()
        at_door_before = before is not None and before.door
    except UnavailableError:  # it is to be replaced, and nobody knows whether the door went by it
        before, at_door_before = None, True
    if door is None and at_door_before:
        raise UsageError(
            "the calibration there is in force at the door, or cannot be read: give --door to put this one in force "
            "there, or --no-door for the door to go by the model's own thresholds"
        )
    at_door = bool(door)
    needed = calibration.targets.door_far
    if at_door and manifest_table(parts.embedder_spec) is None and calibration.promised(needed) is None:
        raise InputError(
            f"{calibration.people} people cannot speak for the door's rate of {percent(needed)}, and "
            f"{parts.settings.embedder} has no thresholds of its own: calibrate with {people_needed(needed)} or more"
        )
    new = dataclasses.replace(calibration, door=at_door)
    earlier, later = _at_door(parts, before), _at_door(parts, new)
    if at_door and later is not None:
        log_action(parts.data_dir, f"{DOOR_SET} {later.door:.4f} {later.verify:.4f} {code(parts.space())}")
    elif at_door_before:
        log_action(parts.data_dir, DOOR_RESET)
    file = calibration_file.save(parts.data_dir, new)
    parts.forget_calibration()
    return Kept(file, earlier, later)


def reset(parts: Parts) -> bool:
    """Go by the model's own thresholds again; False where there was no calibration. Raises UnavailableError where that
    can't be written."""
    try:
        before = parts.calibration()
        at_door = before is not None and before.door
    except UnavailableError:
        at_door = True  # nobody knows
    if at_door:
        log_action(parts.data_dir, DOOR_RESET)
    gone = calibration_file.remove(parts.data_dir, parts.space())
    parts.forget_calibration()
    return gone


# Saying


def stale(calibration: Calibration, people: int, photos: int) -> str | None:
    """A line where the gallery, with so many people and photos now, has changed a lot since; else None."""
    if calibration.source != "gallery":
        return None
    part, least = _CHANGED
    then = calibration.gallery
    if all(abs(a - b) <= max(least, part * b) for a, b in zip((people, photos), then, strict=True)):
        return None
    return (
        f"the calibration was made with {then[0]} people and {then[1]} photos, now there are {people} and {photos}: "
        'run "faceapp calibrate" again'
    )


def nearest_note(c: Calibration) -> str | None:
    """A line where two people lie nearer than most pairs of photos of one person: they may be one, under two names, and
    then every figure suffers."""
    clear = int((c.curve.false_accepts.value <= 0).sum())  # thresholds that accept no two people
    nearest = 0.0 if clear == 0 else float(c.curve.thresholds[clear - 1])
    refused = c.rates_at(nearest).false_rejects
    if c.source != "gallery" or refused is None or refused.value < _MOST:
        return None
    return (
        f"the two most alike people are only {nearest:.2f} apart, nearer than most photos of one person: see with "
        "`faceapp people duplicates` whether they are one"
    )


def stale_now(parts: Parts, calibration: Calibration) -> str | None:
    """`stale` with the gallery as it is."""
    store = parts.existing_gallery()
    people = [] if store is None else store.people()
    return stale(calibration, len(people), sum(p.photos for p in people))


def describe(parts: Parts, c: Calibration) -> JsonObject:
    """For the command line: what was measured, and the three thresholds that follow."""
    manifest, targets = manifest_table(parts.embedder_spec), c.targets
    templates = max(1, c.gallery[1] or c.photos)
    found = {
        "verify": (targets.verify_far, c.chosen(targets.verify_far, manifest), people_needed(targets.verify_far)),
        "identify": (
            c.search_far(templates),
            c.chosen_to_search(templates, manifest),
            c.people_needed_to_search(templates),
        ),
        "door": (targets.door_far, c.chosen(targets.door_far, manifest), people_needed(targets.door_far)),
    }
    thresholds: JsonObject = {}
    for name, (far, chosen, needed) in found.items():
        at = c.rates_at(chosen.distance)
        thresholds[name] = {
            "target_far": far,
            "threshold": chosen.distance,
            "model": None if manifest is None else manifest.distance_at(far),
            "from": chosen.by,
            "supported": chosen.promised,
            "people_needed": needed,
            "far": _rate_json(at.false_accepts),
            "frr": _rate_json(at.false_rejects),
            "fpir": _rate_json(at.false_names),
            "miss": _rate_json(at.misses),
        }
    thresholds["identify"] |= {"target_fpir": targets.identify_fpir, "templates": templates, "people": c.people}
    thresholds["door"]["in_force"] = c.door
    return {
        "space": c.space,
        "embedder": parts.settings.embedder,
        "made": c.made,
        "source": c.source,
        "people": c.people,
        "people_with_several_photos": c.several,
        "photos": c.photos,
        "unknown": c.strangers,
        "pairs": {"people": pairs_of(c.people), "genuine": c.genuine, "impostor": c.impostor},
        "smallest_far": c.smallest_far,
        "assumes": ASSUMES,
        "note": nearest_note(c),
        "confidence": 0.95,
        **thresholds,
    }


def percent(rate: float) -> str:
    """A rate as people read it."""
    figure = f"{rate * 100:.2g}" if rate >= 1e-6 else f"{rate * 100:.10f}".rstrip("0").rstrip(".")
    return f"{figure} %" if rate < 0.995 else "100 %"


def _at_door(parts: Parts, calibration: Calibration | None) -> Thresholds | None:
    try:
        return door_thresholds(parts.embedder_spec, calibration, parts.settings.kiosk.policy)
    except UnavailableError:
        return None


def _rate_json(rate: Any) -> list[float] | None:
    return None if rate is None else [rate.value, rate.low, rate.high]


def _same_person(parts: Parts) -> float | None:
    try:
        return parts.thresholds().verify
    except UnavailableError:
        return None


def _vectors(row: TrackRow) -> Floats:
    return np.zeros((0, 0), np.float32) if row.vectors is None else row.vectors


def _numbered(ids: Sequence[str]) -> Ids:
    return np.unique(np.array(ids, dtype=np.str_), return_inverse=True)[1].astype(np.intp)


def _fingerprint(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
