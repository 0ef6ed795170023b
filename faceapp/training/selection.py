"""Which triplets to learn from. Most of the N³ that a batch has are content already and would only cost time.

A batch holds P people with K pictures each (`batches.py`). Everything here looks at embeddings without gradients;
distances are squared Euclidean, as in the loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from faceapp.training.plan import Selection

NEAREST_WEIGHED = 0.5
"""Distance-weighted: negatives nearer than this count as this near, or noise would be drawn again and again."""
FURTHEST_WEIGHED = 1.4
"""Distance-weighted: nearly all of a sphere lies further away, and none of it teaches anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Triplets:
    """Rows of a batch, int64 (T,) each."""

    anchor: Tensor
    positive: Tensor
    negative: Tensor
    of: int
    """How many there could have been: each triplet (all), each anchor (hard), each genuine pair (the others)."""

    def __len__(self) -> int:
        return len(self.anchor)


@dataclass(frozen=True, slots=True)
class TripletStatistics:
    """How much a batch had to teach."""

    triplets: int
    active: float
    """Share of those there could have been (`Triplets.of`) that were found and whose loss isn't 0. Of semi-hard ones:
    the genuine pairs with a negative in the margin, since of those that were selected every one is active."""
    left: float
    """Share of the genuine pairs that some triplet of the batch would teach something, selected or not."""
    positive: float
    """Mean distance of anchor and positive, over all genuine pairs of the batch."""
    negative: float
    """Mean distance of anchor and negative, over all impostor pairs of the batch."""


def select(
    embeddings: Tensor, people: Tensor, how: Selection, margin: float, generator: torch.Generator | None = None
) -> Triplets:
    """Triplets of a batch. embeddings (B, D), people int64 (B,); `generator` draws where there is a choice.

    - all: every anchor, positive and negative.
    - random: for each genuine pair any one negative.
    - hard: for each anchor the furthest positive and the nearest negative (Hermans, Beyer, Leibe 2017).
    - semi-hard: for each genuine pair one negative that lies further than the positive, but by less than the margin
      (FaceNet, section 3.2): the hardest of all lead into a collapse early on. None where there is none.
    - distance-weighted: for each genuine pair a negative drawn so that all distances are equally likely (Wu, Manmatha,
      Smola, Krähenbühl 2017). For embeddings of unit length.
    """
    with torch.no_grad():
        squared = torch.cdist(embeddings, embeddings).square()
        same = people[:, None] == people[None, :]
        other = ~same
        genuine = same & ~torch.eye(len(people), dtype=torch.bool, device=people.device)
        if how == "all":
            anchor, positive, negative = torch.nonzero(genuine[:, :, None] & other[:, None, :], as_tuple=True)
            return Triplets(anchor, positive, negative, len(anchor))
        if how == "hard":
            return _hardest(squared, genuine, other)
        anchor, positive = torch.nonzero(genuine, as_tuple=True)
        weights = other[anchor].to(squared.dtype)
        if how == "semi-hard":
            beyond = squared[anchor] - squared[anchor, positive][:, None]
            weights = weights * ((beyond > 0) & (beyond < margin))
        elif how == "distance-weighted":
            weights = weights * _distance_weights(squared, other, embeddings.shape[1])[anchor]
        return _drawn(anchor, positive, weights, generator)


def statistics(embeddings: Tensor, people: Tensor, triplets: Triplets, margin: float) -> TripletStatistics:
    """What a batch and the triplets selected from it were like. Shapes as in `select`."""
    with torch.no_grad():
        distances = torch.cdist(embeddings, embeddings)
        squared = distances.square()
        same = people[:, None] == people[None, :]
        genuine = same & ~torch.eye(len(people), dtype=torch.bool, device=people.device)
        nearest = squared.masked_fill(same, math.inf).min(dim=1, keepdim=True).values
        within = (squared - nearest + margin)[genuine] > 0
        terms = squared[triplets.anchor, triplets.positive] - squared[triplets.anchor, triplets.negative] + margin
        return TripletStatistics(
            triplets=len(triplets),
            active=int((terms > 0).sum()) / max(1, triplets.of),
            left=float(within.double().mean()) if len(within) else 0.0,
            positive=float(distances[genuine].mean()) if genuine.any() else math.nan,
            negative=float(distances[~same].mean()) if (~same).any() else math.nan,
        )


def _hardest(squared: Tensor, genuine: Tensor, other: Tensor) -> Triplets:
    able = genuine.any(dim=1) & other.any(dim=1)
    anchor = torch.nonzero(able).flatten()
    positive = squared.masked_fill(~genuine, -math.inf).argmax(dim=1)
    negative = squared.masked_fill(~other, math.inf).argmin(dim=1)
    return Triplets(anchor, positive[anchor], negative[anchor], len(anchor))


def _distance_weights(squared: Tensor, other: Tensor, dimension: int) -> Tensor:
    """1 / q(d) within the limits, where q(d) ∝ d^(n−2) (1 − d²/4)^((n−3)/2) is how often two random points of a sphere
    in n dimensions are d apart; each row's largest is 1. (B, B)."""
    d = squared.clamp_min(0).sqrt().clamp_min(NEAREST_WEIGHED)
    log = (2.0 - dimension) * d.log() - (dimension - 3.0) / 2 * (1 - d.square() / 4).clamp_min(1e-8).log()
    allowed = other & (d < FURTHEST_WEIGHED)
    log = log.masked_fill(~allowed, -math.inf)
    best = log.max(dim=1, keepdim=True).values
    return torch.where(allowed, (log - best).exp(), torch.zeros_like(log))


def _drawn(anchor: Tensor, positive: Tensor, weights: Tensor, generator: torch.Generator | None) -> Triplets:
    """One negative for each row of weights (T, B) that has one."""
    able, of = weights.sum(dim=1) > 0, len(anchor)
    anchor, positive, weights = anchor[able], positive[able], weights[able]
    if not len(anchor):
        return Triplets(anchor, positive, anchor, of)
    # On the CPU, where the generator is: the same draws on every device.
    drawn = torch.multinomial(weights.cpu(), 1, generator=generator).flatten().to(anchor.device)
    return Triplets(anchor, positive, drawn, of)
