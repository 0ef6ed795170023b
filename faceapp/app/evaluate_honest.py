"""What was tuned for an embedder, on whom, and whether they are among the people it is evaluated on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faceapp.app.parts import Parts
from faceapp.evaluation.overlap import PeopleList, read_people_lists
from faceapp.evaluation.people import People
from faceapp.types import JsonObject

LISTS = "people.json"
"""Of the manifest's statistics: who was tuned on."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """One tuned number, or several of a kind."""

    what: str
    source: str
    """From whom, in words."""

    def as_json(self) -> JsonObject:
        return {"what": self.what, "source": self.source}


def tuned_numbers(parts: Parts) -> tuple[Tuned, ...]:
    """Everything about the embedder in use that was chosen by looking at people, and at whom. Its networks' own
    training is another matter: `faceapp models list` tells what is known of that."""
    spec = parts.embedder_spec
    tuned = []
    users = {what: p.source for p in people_lists(parts) for what in p.used_for}
    for part in spec.parts:
        if part.subtract is not None:
            tuned.append(Tuned(f"mean of {part.network}", _source(part.subtract)))
        if parts.precision_of(part.network) == "int8":
            source = _source(parts.manifest.statistics(part.network))
            tuned.append(
                Tuned(f"INT8 ranges of {part.network}", f"{source}; {users.get('ranges', 'of whom is not stated')}")
            )
    if len(spec.parts) > 1:
        tuned.append(Tuned("weights of the parts", users.get("weights", "not stated")))
    if spec.thresholds is not None:
        tuned.append(
            Tuned("shipped thresholds (not used in these figures, but where it says so)", spec.thresholds.source)
        )
    if parts.calibration() is not None:
        tuned.append(Tuned("calibrated thresholds (used where it says so)", "the people of this gallery and its inbox"))
    return tuple(tuned)


def people_lists(parts: Parts) -> tuple[PeopleList, ...]:
    """The people on whom something was tuned, where their pictures are known."""
    return tuple(p for p in read_people_lists(parts.manifest.directory / "statistics" / LISTS) if p.used_for)


def met(parts: Parts, sha256: Mapping[str, bytes], people: People | None) -> frozenset[str]:
    """Who of the evaluated people is among those."""
    if people is None:
        return frozenset()
    return frozenset().union(*(p.among(sha256, people) for p in people_lists(parts)))


def _source(file: Path) -> str:
    try:
        return str(json.loads(file.read_text(encoding="utf-8")).get("source", "not stated"))
    except (OSError, ValueError):
        return "not stated"
