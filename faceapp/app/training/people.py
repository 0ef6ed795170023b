"""The guard rails before anything is learned: enough people, nobody twice, and people who are split, never their
pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceapp.app.training.arrays import Ids
from faceapp.app.training.data import People
from faceapp.errors import InputError
from faceapp.types import Floats

FEWEST = 7
"""People with two pictures or more: two to learn from, two to look at meanwhile, three to be judged by."""
_TEST, _VALIDATION = 0.2, 0.2
_LISTED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows of pictures; no person is in two of them."""

    train: Ids
    validation: Ids
    test: Ids

    def people(self, person: Ids) -> tuple[int, int, int]:
        """How many people each has."""
        train, validation, test = (len(np.unique(person[rows])) for rows in (self.train, self.validation, self.test))
        return train, validation, test


def check_people(people: People, alike_from: float | None) -> None:
    """Raises InputError, in one line, for people who can't be learned from: too few, one picture each, or two who are
    one: nearer to each other on average than `alike_from` (None: not looked at)."""
    counts = np.bincount(people.person, minlength=len(people.names))
    if len(people.names) == 1:
        raise InputError(
            f"{people.source} holds one person only: learning compares people, so add others, {FEWEST} or more in all"
        )
    if int(counts.max()) < 2:
        raise InputError(f"{people.source} holds one picture of each person: add others, two or more of each")
    several = int((counts > 1).sum())
    if several < FEWEST:
        raise InputError(
            f"{people.source} holds {several} people with two pictures or more: {FEWEST} are needed, some of "
            "whom are kept to judge by; add people or pictures"
        )
    _check_pictures(people)
    if alike_from is not None:
        _check_distances(people, alike_from)


def split_people(person: Ids, seed: int) -> Split:
    """People with two pictures or more, dealt at random: a fifth to judge by, a fifth to look at meanwhile, the
    others to learn from."""
    ids = np.flatnonzero(np.bincount(person) > 1)
    order = np.random.default_rng([seed, 7]).permutation(ids)
    test, validation = max(3, round(_TEST * len(ids))), max(2, round(_VALIDATION * len(ids)))
    rows = [
        np.flatnonzero(np.isin(person, chosen)).astype(np.intp)
        for chosen in (order[test + validation :], order[test : test + validation], order[:test])
    ]
    return Split(*rows)


def mean_distances(vectors: Floats, person: Ids, count: int) -> Floats:
    """(count, count): root of the mean squared distance between two people's pictures; `vectors` of unit length."""
    means = np.zeros((count, vectors.shape[1]), np.float64)
    np.add.at(means, person, vectors.astype(np.float64))
    means /= np.maximum(np.bincount(person, minlength=count), 1)[:, None]
    return np.sqrt(np.maximum(0.0, 2.0 - 2.0 * means @ means.T)).astype(np.float32)


def _check_pictures(people: People) -> None:
    whose: dict[str, int] = {}
    for sha256, person in zip(people.sha256, people.person.tolist(), strict=True):
        other = whose.setdefault(sha256, person)
        if other != person:
            raise InputError(f"{_both(people, other, person)} hold the same picture: leave it with the one whose it is")


def _check_distances(people: People, limit: float) -> None:
    distances = mean_distances(people.vectors, people.person, len(people.names))
    i, j = np.nonzero(np.triu(distances < limit, 1))
    if not len(i):
        return
    order = np.argsort(distances[i, j])
    listed = ", ".join(f"{_both(people, int(i[k]), int(j[k]))} ({distances[i[k], j[k]]:.2f})" for k in order[:_LISTED])
    more = f" and {len(i) - _LISTED} more" if len(i) > _LISTED else ""
    raise InputError(
        f"these seem to be the same person, by their distance: {listed}{more}; put them together, or add "
        "--alike if they are two"
    )


def _both(people: People, a: int, b: int) -> str:
    return f"{people.names[a]} and {people.names[b]}"
