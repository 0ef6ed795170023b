"""`faceapp evaluate`: how good an embedder is on pictures whose people are known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from faceapp import __version__
from faceapp.app.evaluate_cache import begin
from faceapp.app.evaluate_honest import Tuned, met, tuned_numbers
from faceapp.app.evaluate_pictures import Embeddings, embed_pictures, worker_count
from faceapp.app.parts import Parts
from faceapp.errors import InputError
from faceapp.evaluation.comparison import Comparison, SearchComparison, compare, compare_searches
from faceapp.evaluation.identification import Identification, Trial, identify
from faceapp.evaluation.metrics import impostor_distances, threshold_at_far
from faceapp.evaluation.people import People, people_of
from faceapp.evaluation.picture_cache import FaceRule, PictureCache, SeenFaces, cache_folder
from faceapp.evaluation.protocols import Pairs, read_pairs
from faceapp.evaluation.splits import Crowd, read_crowd
from faceapp.evaluation.verification import Verification, check_kinds, distances_of, verification
from faceapp.types import Floats, JsonObject
from faceapp.zoo.record import read_record, record_file

Progress = Callable[[str, int, int], None]
"""What is being done, how many pictures are done, of how many."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be evaluated."""

    images: Path
    embedders: tuple[str, ...]
    """The first is the one that others are compared with."""
    pairs: Path | None = None
    train: Path | None = None
    """Pairs to choose the threshold on (LFW's View 1)."""
    crowd: bool = False
    """Identification, too."""
    split: Path | None = None
    shots: int = 1
    """Gallery photos a person."""
    within: str | None = None
    face: FaceRule | None = None
    """None: `central` for lists in LFW's form, else `largest`."""
    untouched: bool = False
    """Leave out pairs of people on whom something was tuned."""
    cache: bool = True


@dataclass(frozen=True, slots=True)
class SearchedPictures:
    """The names of the pictures of an identification, in the order of its arrays."""

    gallery: tuple[str, ...]
    owner: tuple[str, ...]
    """Whose each of those is."""
    probes: tuple[str, ...]
    strangers: tuple[str, ...]
    """The probes once more, where nobody else is a stranger."""


@dataclass(frozen=True, slots=True, eq=False)
class EmbedderResult:
    """One embedder on everything that was asked for."""

    id: str
    space: str
    detector: str
    provider: str
    pictures: int
    computed: int
    images_per_second: float
    tuned: tuple[Tuned, ...]
    verification: Verification | None
    untouched: Verification | None
    """The same without the people on whom something was tuned; None where there are none, or nobody else."""
    identification: Identification | None
    searched: SearchedPictures | None
    """With an identification: its pictures."""

    def as_json(self) -> JsonObject:
        """The promised keys first."""
        row: JsonObject = self.verification.as_json() if self.verification else {}
        row |= {
            "images_per_second": round(self.images_per_second, 2),
            "embedder": self.id,
            "detector": self.detector,
            "space": self.space,
            "provider": self.provider,
            "pictures": self.pictures,
            "computed": self.computed,
            "tuned": [t.as_json() for t in self.tuned],
        }
        if self.untouched is not None:
            row["untouched"] = self.untouched.as_json()
        if self.identification is not None:
            row["identification"] = self.identification.as_json()
        return row


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationResult:
    """Everything that came of a `Wish`."""

    wish: Wish
    face: FaceRule
    people: People | None
    """Of the pairs."""
    met: frozenset[str]
    """People among them on whom something was tuned."""
    met_in_crowd: frozenset[str]
    left_out: int
    """Pairs that `untouched` left out."""
    crowd: Crowd | None
    embedders: tuple[EmbedderResult, ...]
    comparisons: tuple[Comparison, ...]
    search_comparisons: tuple[SearchComparison, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> EmbedderResult:
        return self.embedders[0]

    def as_json(self) -> JsonObject:
        """The first embedder's figures, then what is said of all of them."""
        row = self.first.as_json() | {"face": self.face, "unreadable": len(self.unreadable)}
        if self.people is not None:
            row |= {"people": self.people.count(), "people_known_by": self.people.known_by}
            row["overlap"] = {"people": len(self.met), "pairs_left_out": self.left_out}
        if self.crowd is not None:
            row["identification"]["left_out"] = self.crowd.left_out
            row["identification"]["overlap"] = {"people": len(self.met_in_crowd)}
        if len(self.embedders) > 1:
            row["compare"] = [e.as_json() for e in self.embedders]
            row["tests"] = [c.as_json() for c in self.comparisons]
            row["identification_tests"] = [c.as_json() for c in self.search_comparisons]
        return row


def evaluate(parts: Parts, wish: Wish, progress: Progress) -> EvaluationResult:
    """Do what was asked for. Raises InputError and UnavailableError in one line each; a picture that can't
    be read, or has no face, is listed and counts against the embedder."""
    if not wish.images.is_dir():
        what = "the list's paths begin in" if wish.pairs is not None else "has a folder for each person"
        raise InputError(f"{wish.images} is not a folder: name the one that {what} with --images")
    pairs = read_pairs(wish.pairs) if wish.pairs else None
    train = read_pairs(wish.train) if wish.train else None
    for listed in filter(None, (pairs, train)):
        check_kinds(listed)
    crowd = read_crowd(wish.images, wish.split, wish.shots, wish.within) if wish.crowd else None
    names = [*(pairs.pictures if pairs else ()), *(train.pictures if train else ()), *(crowd.pictures if crowd else ())]
    face = wish.face or ("central" if pairs and pairs.named else "largest")
    files = {name: wish.images / name for name in dict.fromkeys(names)}
    embedded: list[tuple[Parts, Embeddings]] = []
    seen: dict[bytes, SeenFaces] = {}
    for id in wish.embedders:
        if id not in parts.manifest.embedders:
            raise InputError(f"there is no embedder {id!r}: choose one of {', '.join(parts.manifest.embedders)}")
    mark = begin(parts.data_dir, datetime.now(UTC)) if wish.cache else None
    for id in wish.embedders:
        forked = parts.fork(embedder=id)
        with open_cache(forked, mark, face) as cache:
            if seen:
                cache.add(seen, {})  # the detector is the same: its faces need not be found again
            found = embed_pictures(
                forked, files, face, cache, worker_count(parts), partial(progress, f"embedding, {id}")
            )
            seen.update(cache.seen())
        if len(found.unreadable) == len(files):
            raise InputError(f"none of the {len(files)} pictures can be read: {next(iter(found.unreadable.values()))}")
        embedded.append((forked, found))
    progress("figures", 0, 1)
    return _figures(wish, face, pairs, train, crowd, embedded)


def _figures(
    wish: Wish,
    face: FaceRule,
    pairs: Pairs | None,
    train: Pairs | None,
    crowd: Crowd | None,
    embedded: Sequence[tuple[Parts, Embeddings]],
) -> EvaluationResult:
    sha256 = embedded[0][1].sha256
    everybody = people_of(pairs) if pairs else None
    in_pairs = met(embedded[0][0], sha256, everybody)
    in_crowd = met(embedded[0][0], sha256, People(crowd.people, "folders")) if crowd else frozenset()
    left_out = 0
    outside = None
    if pairs is not None and everybody is not None and in_pairs:
        rows = zip(pairs.left, pairs.right, strict=True)
        outside = np.array([not {everybody.of[a], everybody.of[b]} & in_pairs for a, b in rows])
        if wish.untouched:
            left_out = int((~outside).sum())
            pairs = pairs.only(outside)
            outside = None
            check_kinds(pairs)
    results: list[EmbedderResult] = []
    for parts, found in embedded:
        whole = without = None
        if pairs is not None and everybody is not None:
            training = (distances_of(train, found.distance), train.same) if train else None
            distances = distances_of(pairs, found.distance)
            whole = verification(pairs, distances, everybody, training)
            if outside is not None and _can_be_judged(pairs.only(outside)):
                without = verification(pairs.only(outside), distances[outside], everybody, training)
        searched, identification = _identification(parts, crowd, found, wish.shots) if crowd else (None, None)
        results.append(
            EmbedderResult(
                parts.settings.embedder,
                parts.space(),
                parts.settings.detector,
                found.provider or _from_cache(parts),
                len(found.sha256),
                found.computed,
                len(set(found.sha256.values())) / found.seconds if found.seconds else 0.0,
                tuned_numbers(parts),
                whole,
                without,
                identification,
                searched,
            )
        )
    comparisons, search_comparisons = [], []
    first = results[0]
    for other in results[1:]:
        if first.verification and other.verification and everybody:
            comparisons.append(compare((first.id, other.id), first.verification, other.verification, everybody))
        if first.identification and other.identification:
            search_comparisons.append(
                compare_searches((first.id, other.id), first.identification, other.identification)
            )
    return EvaluationResult(
        wish,
        face,
        everybody,
        in_pairs,
        in_crowd,
        left_out,
        crowd,
        tuple(results),
        tuple(comparisons),
        tuple(search_comparisons),
        embedded[0][1].unreadable,
    )


def _can_be_judged(pairs: Pairs) -> bool:
    try:
        check_kinds(pairs)
    except InputError:
        return False
    return True


# Identification


def _identification(
    parts: Parts, crowd: Crowd, found: Embeddings, shots: int
) -> tuple[SearchedPictures, Identification]:
    """The first `shots` photos with a face are the gallery, all others the probes."""
    gallery: list[str] = []
    names: list[str] = []
    owner: list[int] = []
    probes: list[str] = []
    probe_owner: list[int] = []
    people = not_enrolled = 0
    for name, photos in crowd.enrolled.items():
        taken = [p for p in photos if p in found.vectors][:shots]
        if not taken:
            not_enrolled += 1
            continue
        gallery += taken
        names += [name] * len(taken)
        owner += [people] * len(taken)
        rest = [p for p in photos if p not in taken]
        probes += rest
        probe_owner += [people] * len(rest)
        people += 1
    if not probes:
        raise InputError("no photo of anybody to be enrolled shows a face: name pictures of people")
    dimension = len(found.vectors[gallery[0]])
    strangers, whose, unknown = None, None, probes
    if crowd.strangers is not None:
        unknown = [p for photos in crowd.strangers.values() for p in photos]
        strangers = _rows(unknown, found, dimension)
        whose = np.repeat(np.arange(len(crowd.strangers)), [len(photos) for photos in crowd.strangers.values()])
    trial = Trial(
        _rows(gallery, found, dimension),
        np.array(owner, np.intp),
        _rows(probes, found, dimension),
        np.array(probe_owner, np.intp),
        strangers,
        whose,
        not_enrolled,
    )
    pictures = SearchedPictures(tuple(gallery), tuple(names), tuple(probes), tuple(unknown))
    return pictures, identify(trial, settings_to_try(parts, crowd, found, len(gallery)))


def _rows(pictures: Sequence[str], found: Embeddings, dimension: int) -> Floats:
    rows = np.zeros((len(pictures), dimension), np.float32)
    for k, picture in enumerate(pictures):
        if picture in found.vectors:
            rows[k] = found.vectors[picture]
    return rows


def settings_to_try(parts: Parts, crowd: Crowd, found: Embeddings, templates: int) -> list[tuple[str, float]]:
    """The settings to try: from the split's tune people in this precision, and those that are shipped."""
    result = []
    tune = [(found.vectors[p], k) for k, f in enumerate(crowd.tune.values()) for p in f if p in found.vectors]
    if len({k for _, k in tune}) > 1:
        impostors = impostor_distances(np.array([v for v, _ in tune]), np.array([k for _, k in tune], np.intp))
        for far in (1e-4, 1e-3):
            result.append((f"pair FAR {far:g} of the split's tune people", threshold_at_far(impostors, far)))
    spec = parts.embedder_spec
    if spec.thresholds is not None:
        result.append((f"shipped, {templates} templates", spec.threshold_identify(templates)))
        result.append(("shipped, door", spec.threshold_door()))
    calibration = parts.calibration()
    if calibration is not None:
        result.append((f"calibrated here, {templates} templates", parts.automatic_threshold(templates)))
        if calibration.door or spec.thresholds is not None:  # else no distance opens the door yet
            result.append(("in force at the door here", parts.door_thresholds().door))
    return result


# The cache


def _from_cache(parts: Parts) -> str:
    precisions = dict.fromkeys(parts.precision_of(p.network).upper() for p in parts.embedder_spec.parts)
    return f"{' and '.join(precisions)}, from the cache"


@contextlib.contextmanager
def open_cache(parts: Parts, mark: str | None, face: FaceRule) -> Iterator[PictureCache]:
    """The cache of the embedder and detector in use. `mark`: of this evaluation; None where nothing is to be kept.
    Raises UnavailableError where a network is missing, or the cache can't be written."""
    detector: JsonObject = {
        "faceapp": __version__,
        "detector": parts.settings.detector,
        "networks": [_fingerprint(parts, n) for n in parts.manifest.detector(parts.settings.detector).networks],
        "min_face": parts.settings.min_face,
    }
    embedder: JsonObject = {
        "embedder": parts.settings.embedder,
        "space": parts.space(),
        "embedding_networks": [_fingerprint(parts, p.network) for p in parts.embedder_spec.parts],
        "face": face,
        "dimension": parts.embedder_spec.dimension,
    }
    folder = cache_folder(parts.data_dir) if mark is not None else None
    with PictureCache(folder, detector, embedder, mark).opened() as cache:
        yield cache


def _fingerprint(parts: Parts, network: str) -> list[str]:
    """Which network in which precision: its file's SHA-256 as it was noted when it was built."""
    precision = parts.precision_of(network)
    record = read_record(record_file(parts.models.path(network, precision)))
    return [network, precision, record.sha256 if record else parts.manifest.network(network).source_sha256]
