"""Batches of P people with K pictures each, so that every batch has genuine and impostor pairs.

A step's batch depends on the seed and the step's number alone: a run that was killed goes on with the very batches that
it would have had.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from faceapp.errors import InputError

Rows = NDArray[np.intp]


class Batches:
    """Draws the batches of a training set."""

    def __init__(self, people: Rows, people_per_batch: int, pictures_each: int, seed: int) -> None:
        """`people` (N,): whose each picture is. People with one picture only are left out: they have no genuine pair.
        Raises InputError where fewer than two remain."""
        pictures = {int(p): np.flatnonzero(people == p) for p in np.unique(people)}
        self._pictures = [rows for rows in pictures.values() if len(rows) > 1]
        if len(self._pictures) < 2:
            raise InputError(
                f"{len(self._pictures)} of the people have two pictures or more, and learning needs at least two such "
                "people: add pictures"
            )
        self._people_per_batch = min(people_per_batch, len(self._pictures))
        self._pictures_each = pictures_each
        self._seed = seed

    def rows(self, step: int) -> Rows:
        """Rows of the training set for this step: the pictures of one person stand together."""
        draw = np.random.Generator(np.random.PCG64([self._seed, step]))
        chosen = draw.choice(len(self._pictures), self._people_per_batch, replace=False)
        rows = [self._pictures[p] for p in chosen]
        each = self._pictures_each
        return np.concatenate([draw.choice(r, min(each, len(r)), replace=False) for r in rows])


def generator(seed: int, step: int, purpose: int = 0) -> torch.Generator:
    """What a step draws from. Its own for each step, so that nothing of it need be stored."""
    state = np.random.SeedSequence([seed, step, purpose]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state >> 1))


def pairs(people: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each pair of a batch once, for the contrastive loss: rows left and right, int64 (M,), and whether both are of one
    person, bool (M,). people (B,)."""
    left, right = torch.triu_indices(len(people), len(people), 1, device=people.device)
    return left, right, people[left] == people[right]
