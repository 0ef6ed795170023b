"""Before a photo is stored: is this somebody we know already, somebody who looks like somebody else, or a stranger
among the photos of one name? Pure; nothing is looked up here but in the index.

Three distances, all of the index's embedding space:

- *same person*: the identify threshold, since the question is the same 1:K search, "who is this?". A newcomer is taken
  for somebody enrolled about once in 500 enrolments, more often beyond some 200 photos (`ARCHITECTURE.md`, Thresholds).
- *lookalike*: that threshold and MARGIN of it more.
- *own*: the verify threshold, as the question is 1:1, "is this the person whose name it gets?".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from faceapp.gallery.index import GalleryIndex
from faceapp.types import Candidate, Floats

OnDuplicate: TypeAlias = Literal["warn", "refuse", "add"]
Kind: TypeAlias = Literal["same_person", "lookalike", "none"]

MARGIN = 0.1
"""A lookalike is nearer than the threshold and this part of it more: what a door wants between the nearest and the
runner-up (`access.policy_settings`, `margin`; a test holds the two together), since within it two people can't be told
apart. A face that lies that little beyond the threshold today lies within it in another light. It is no rare thing: of
the calibration's impostor pairs 2 in 10,000 are as near even at the strictest identify threshold (0.423 and its margin,
`facenet+dlib`), so among 1,000 people one newcomer in five gets a warning. Hence a warning and no more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The three distances."""

    same_person: float
    lookalike: float
    own: float

    @classmethod
    def of(cls, identify: float, verify: float) -> Limits:
        """From the space's thresholds; `identify` is the one for as many templates as there are."""
        return cls(identify, identify * (1 + MARGIN), verify)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a new face is to the people of the gallery."""

    kind: Kind
    person_id: str | None
    """The nearest other person; None where nobody is near enough to matter."""
    distance: float | None
    limit: float
    """The distance up to which the kind holds; of "none" the one beyond which it does."""
    others: tuple[Candidate, ...] = ()
    """Who is within `limit`, nearest first: two at most."""

    @property
    def names(self) -> str:
        """Of the others, as a sentence has them."""
        return " and ".join(c.name for c in self.others)


def relate(vector: Floats, index: GalleryIndex, limits: Limits, person_id: str | None = None) -> Relation:
    """What a face, float32 (D,) of unit length, is to the people in `index` other than `person_id`, under whom it is
    to be stored (None: somebody new).

    It is the *same person* as the nearest one, within that limit, unless that is `person_id`. Whoever else is within
    the wider limit is a *lookalike*: also where the face is nearest to `person_id` itself, and (as long as anybody else
    is known) where it was said before that a face like this one isn't theirs. Raises BugError for a vector of another
    dimension or length.
    """
    match = index.match(vector[None], limits.same_person)[0]
    ranked = [] if match is None else [c for c in (match.nearest, match.runner_up) if c is not None]
    same = [c for c in ranked if c.distance <= limits.same_person]
    if same and same[0].person_id != person_id:
        others = tuple(c for c in same if c.person_id != person_id)
        return Relation("same_person", others[0].person_id, others[0].distance, limits.same_person, others)
    if match is not None and match.struck_out is not None:
        ranked = sorted([*ranked, match.struck_out], key=lambda c: c.distance)
    others = tuple(c for c in ranked if c.distance <= limits.lookalike and c.person_id != person_id)[:2]
    if not others:
        return Relation("none", None, None, limits.lookalike)
    return Relation("lookalike", others[0].person_id, others[0].distance, limits.lookalike, others)


@dataclass(frozen=True, slots=True)
class Unlike:
    """A new photo that doesn't look like the person whose name it gets: two people under one name, perhaps."""

    distance: float
    """From the nearest of the person's photos."""
    limit: float


def unlike_own(vector: Floats, index: GalleryIndex, limits: Limits, person_id: str | None) -> Unlike | None:
    """Whether a face, float32 (D,), is farther from all photos of `person_id`, under whom it is to be stored, than one
    person's photos are. None where it is near enough, and where they have no photo in this index.

    Now and then that is the right person: of LFW's genuine pairs 3.5 in 100 lie beyond a threshold of this false-accept
    rate, of side views more. So it is a warning, unless the site is strict; the more photos there are, the rarer it is.
    """
    distances = None if person_id is None else index.distance_to(person_id, vector[None])
    if person_id is None or distances is None or float(distances[0]) <= limits.own:
        return None
    return Unlike(float(distances[0]), limits.own)


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of the photo."""

    action: Literal["store", "add", "refuse"]
    """"store": under the name it came with; "add": to `add_to` instead."""
    add_to: Candidate | None = None
    reason: str = ""
    """Why it is refused, for people, without the picture's name."""
    code: str = ""
    """The same for programs: "duplicate", "ambiguous" or "unlike_own"."""
    warnings: tuple[str, ...] = ()
    """What is to be said though it is stored."""


def answer(name: str, relation: Relation, unlike: Unlike | None, on_duplicate: OnDuplicate, strict: bool) -> Answer:
    """What to do with a photo that is to become one of `name`. `strict`: one unlike the name's other photos is refused.

    A lookalike is stored whatever `on_duplicate` says: two people may look alike. The names in the answer are the
    administrator's to read; nothing of this is shown at a door.
    """
    if relation.kind == "same_person":
        if on_duplicate == "refuse":
            line = f"this face is enrolled already, as {relation.names}: use --on-duplicate add to add to them"
            return Answer("refuse", reason=line, code="duplicate")
        if on_duplicate == "add":
            if len(relation.others) > 1:
                line = f"this face looks like {relation.names}: name the one it is, with --on-duplicate warn"
                return Answer("refuse", reason=line, code="ambiguous")
            return Answer("add", relation.others[0])
    warnings = []
    if unlike is not None:
        line = f"this face is unlike the other photos of {name}"
        if strict:
            return Answer("refuse", reason=f"{line}: enrol it under another name, or without strict", code="unlike_own")
        warnings.append(f"{line}: see that two people don't share one name")
    if relation.kind == "same_person":
        warnings.append(f"this face looks like {relation.names}, enrolled already")
    if relation.kind == "lookalike":
        warnings.append(f"{relation.names} may be mistaken for this face: {_ADVICE}")
    return Answer("store", warnings=tuple(warnings))


_ADVICE = 'at a door, "faceapp people badge NAME --require" makes each show a badge as well'
