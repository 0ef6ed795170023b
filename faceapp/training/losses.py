"""The three losses of the field, as their papers write them.

Embeddings are float tensors (N, D), one row a picture. Distances are Euclidean. Every loss is a sum over its rows: a
mean would hide how many triplets still teach something.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

TRIPLET_MARGIN = 0.2
"""FaceNet's α."""
CONTRASTIVE_MARGIN = 1.0
ARC_MARGIN = 0.5
"""ArcFace's m, radians."""
ARC_SCALE = 64.0
"""ArcFace's s."""


def squared_distances(left: Tensor, right: Tensor) -> Tensor:
    """‖l − r‖² of each pair of rows: (N, D) and (N, D) give (N,)."""
    return (left - right).square().sum(dim=1)


def triplet_terms(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = TRIPLET_MARGIN) -> Tensor:
    """max(‖f(A) − f(P)‖² − ‖f(A) − f(N)‖² + α, 0) of each triplet: three times (T, D) give (T,).

    A triplet whose term is 0 is content already and teaches nothing."""
    nearer = squared_distances(anchor, positive)
    further = squared_distances(anchor, negative)
    return (nearer - further + margin).clamp_min(0)


def triplet_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = TRIPLET_MARGIN) -> Tensor:
    """Σ max(‖f(A) − f(P)‖² − ‖f(A) − f(N)‖² + α, 0), a scalar.

    Every picture of a person (anchor) is to lie nearer to every other picture of that person (positive) than to any
    picture of anybody else (negative), by the margin α. Schroff, Kalenichenko, Philbin: FaceNet (CVPR 2015), eq. 2.
    """
    return triplet_terms(anchor, positive, negative, margin).sum()


def contrastive_terms(left: Tensor, right: Tensor, same: Tensor, margin: float = CONTRASTIVE_MARGIN) -> Tensor:
    """½ D² of a genuine pair, ½ max(0, m − D)² of an impostor pair: (N, D), (N, D) and bool (N,) give (N,).

    The slope of D is taken as 0 where both rows are equal: there is no direction to push them apart in."""
    squared = squared_distances(left, right)
    apart = squared > 0
    distance = torch.where(apart, squared, torch.ones_like(squared)).sqrt() * apart
    return torch.where(same, squared, (margin - distance).clamp_min(0).square()) / 2


def contrastive_loss(left: Tensor, right: Tensor, same: Tensor, margin: float = CONTRASTIVE_MARGIN) -> Tensor:
    """Σ (1 − Y) ½ D² + Y ½ max(0, m − D)², a scalar; the paper's Y is 1 for an impostor pair, our `same` False.

    Siamese networks: both pictures go through one network, genuine pairs pull together, impostor pairs push apart
    until they are m away. Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping (CVPR
    2006), eq. 4."""
    return contrastive_terms(left, right, same, margin).sum()


def arcface_loss(
    embeddings: Tensor, people: Tensor, centres: Tensor, margin: float = ARC_MARGIN, scale: float = ARC_SCALE
) -> Tensor:
    """−Σ log( e^{s cos(θ_y + m)} / (e^{s cos(θ_y + m)} + Σ_{j≠y} e^{s cos θ_j}) ), a scalar: today's reference.

    embeddings (N, D), people int64 (N,) from 0 to C − 1, centres (C, D): one learned direction for each person of the
    training set; θ is the angle between an embedding and a centre. Beyond θ = π − m, where cos(θ + m) would rise again,
    the target falls on linearly. Deng, Guo, Xue, Zafeiriou: ArcFace (CVPR 2019), eq. 3."""
    unit = torch.nn.functional.normalize
    cosines = unit(embeddings) @ unit(centres).T
    rows = torch.arange(len(people), device=people.device)
    own = cosines[rows, people].clamp(-1 + 1e-7, 1 - 1e-7)
    moved = own * math.cos(margin) - (1 - own.square()).sqrt() * math.sin(margin)
    moved = torch.where(own > math.cos(math.pi - margin), moved, own - margin * math.sin(margin))
    logits = cosines.clone()
    logits[rows, people] = moved
    return torch.nn.functional.cross_entropy(scale * logits, people, reduction="sum")
