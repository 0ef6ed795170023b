"""Whether people were evaluated on whom something was tuned: a figure from them flatters.

People are known again by the contents of their pictures (SHA-256, the first 16 digits), not by names: folders of two
data sets may be called the same. A picture that was saved anew isn't known again, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.evaluation.people import People

DIGITS = 16


@dataclass(frozen=True, slots=True)
class PeopleList:
    """People of whom pictures are known, by number."""

    source: str
    """Who they are, in words."""
    used_for: tuple[str, ...]
    """What was tuned on them; empty: nothing."""
    person: Mapping[str, int]
    """By the first digits of a picture's SHA-256."""

    def among(self, sha256: Mapping[str, bytes], people: People) -> frozenset[str]:
        """The evaluated people (names of `people`) who are on this list by at least one picture. `sha256` by path."""
        return frozenset(
            people.of[path]
            for path, digest in sha256.items()
            if path in people.of and digest.hex()[:DIGITS] in self.person
        )


def read_people_lists(file: Path) -> tuple[PeopleList, ...]:
    """The lists in `file`. Raises UnavailableError where it can't be used."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        return tuple(
            PeopleList(
                str(entry["source"]),
                tuple(str(w) for w in entry["used_for"]),
                {str(digest): k for k, digests in enumerate(entry["people"]) for digest in digests},
            )
            for entry in raw["lists"]
        )
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise UnavailableError(f"{file} cannot be used ({type(e).__name__}): install faceapp again") from e
