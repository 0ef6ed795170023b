"""The losses: against hand-computed values, against pytorch-metric-learning, and their slopes against differences."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from pytorch_metric_learning import distances, reducers
from pytorch_metric_learning import losses as oracle
from torch import Tensor

from faceapp.training.batches import pairs
from faceapp.training.losses import (
    arcface_loss,
    contrastive_loss,
    contrastive_terms,
    squared_distances,
    triplet_loss,
    triplet_terms,
)
from tests.fakes.philox import normal

BATCHES = range(5)


def batch(seed: int, rows: int = 24, size: int = 16, people: int = 6, unit: bool = True) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    points = torch.randn(rows, size, generator=draw, dtype=torch.float64)
    points = torch.nn.functional.normalize(points) if unit else points
    return points, torch.arange(rows) % people


def test_triplet_by_hand() -> None:
    a, p, n = (
        torch.tensor([[0.0, 0.0]] * 3),
        torch.tensor([[1.0, 0], [0, 2], [0, 0]]),
        torch.tensor([[0.0, 1], [3, 0], [2, 0]]),
    )
    # 1 - 1 + 0.2; 4 - 9 + 0.2 < 0; 0 - 4 + 0.2 < 0
    assert triplet_terms(a, p, n, 0.2).tolist() == pytest.approx([0.2, 0, 0])
    assert float(triplet_loss(a, p, n, 6.0)) == pytest.approx(6 + 1 + 2)


def test_contrastive_by_hand() -> None:
    a, b = torch.zeros(4, 2), torch.tensor([[3.0, 4], [0.6, 0.8], [0.3, 0.4], [0, 0]])
    same = torch.tensor([True, False, False, False])
    assert contrastive_terms(a, b, same, 1.0).tolist() == pytest.approx([12.5, 0, 0.125, 0.5])
    assert float(contrastive_loss(a, b, same, 2.0)) == pytest.approx(12.5 + 0.5 + 1.125 + 2)


def test_arcface_by_hand() -> None:
    """Two people at right angles; the embedding lies on its own centre: cos(0 + m) against cos(90°)."""
    loss = arcface_loss(torch.tensor([[2.0, 0.0]]), torch.tensor([0]), torch.eye(2), margin=0.5, scale=4.0)
    own = 4 * math.cos(0.5)
    assert float(loss) == pytest.approx(math.log(math.exp(own) + 1) - own, abs=2e-3)  # the cosine stops short of 1


@pytest.mark.parametrize("seed", BATCHES)
@pytest.mark.parametrize("margin", [0.05, 0.2, 1.0])
def test_triplet_agrees_with_the_library(seed: int, margin: float) -> None:
    points, people = batch(seed)
    same = people[:, None] == people
    a, p, n = torch.nonzero(
        (same & ~torch.eye(len(people), dtype=torch.bool))[:, :, None] & ~same[:, None, :], as_tuple=True
    )
    theirs = oracle.TripletMarginLoss(
        margin, distance=distances.LpDistance(normalize_embeddings=False, power=2), reducer=reducers.SumReducer()
    )
    assert float(triplet_loss(points[a], points[p], points[n], margin)) == pytest.approx(
        float(theirs(points, people, (a, p, n))), rel=1e-6
    )


@pytest.mark.parametrize("seed", BATCHES)
def test_contrastive_agrees_with_the_library(seed: int) -> None:
    """The library's terms are D and max(0, m - D); the paper's are half their squares."""
    points, people = batch(seed, unit=False)
    points = points / 4
    left, right, same = pairs(people)
    theirs = oracle.ContrastiveLoss(
        0.0, 1.0, distance=distances.LpDistance(normalize_embeddings=False), reducer=reducers.DoNothingReducer()
    )
    a, b, c, d = left[same], right[same], left[~same], right[~same]
    terms = theirs(points, people, (a, b, c, d))
    wanted = sum(float((terms[kind]["losses"] ** 2 / 2).sum()) for kind in ("pos_loss", "neg_loss"))
    assert float(contrastive_loss(points[left], points[right], same, 1.0)) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("seed", BATCHES)
def test_arcface_agrees_with_the_library(seed: int) -> None:
    points, people = batch(seed)
    theirs = oracle.ArcFaceLoss(6, 16, margin=math.degrees(0.5), scale=64, reducer=reducers.SumReducer()).double()
    centres = theirs.W.detach().T
    # The library keeps its cosines another 1e-7 away from 1 than we do, and multiplies by 64.
    wanted = float(theirs(points, people).detach())
    assert float(arcface_loss(points, people, centres)) == pytest.approx(wanted, rel=1e-6)


def numeric(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    step = 1e-6
    slope = torch.zeros_like(at)
    for i in range(at.numel()):
        there = torch.zeros_like(at).flatten()
        there[i] = step
        there = there.view_as(at)
        slope.view(-1)[i] = (function(at + there) - function(at - there)) / (2 * step)
    return slope


@pytest.mark.parametrize("name", ["triplet", "contrastive", "arcface"])
def test_slopes_are_right(name: str) -> None:
    points, people = batch(3, rows=6, size=4, people=3)
    left, right, same = pairs(people)
    centres, _ = batch(9, rows=3, size=4)
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "triplet": lambda x: triplet_loss(x[:2], x[3:5], x[1:3], 1.5),
        "contrastive": lambda x: contrastive_loss(x[left], x[right], same, 1.2),
        "arcface": lambda x: arcface_loss(x, people, centres, scale=8.0),
    }
    at = points.clone().requires_grad_()
    functions[name](at).backward()  # type: ignore[no-untyped-call]  # PyTorch's own has no types
    assert at.grad is not None
    assert torch.allclose(at.grad, numeric(functions[name], points), atol=1e-6)


def test_equal_impostors_give_no_nan() -> None:
    points = torch.zeros(2, 3, requires_grad=True)
    contrastive_loss(points[:1], points[1:], torch.tensor([False])).backward()  # type: ignore[no-untyped-call]
    assert points.grad is not None
    assert torch.isfinite(points.grad).all()


def test_the_course_notebooks_value() -> None:
    """The deep-learning course's notebook feeds three random (3, 128) arrays that TensorFlow makes from seed 1, and
    prints 528.143: with α = 0.2 and each triplet cut off at 0 for itself."""
    anchor, positive, negative = (
        torch.from_numpy(normal((3, 128), mean, deviation, seed=1)) for mean, deviation in ((6, 0.1), (1, 1), (3, 4))
    )
    assert squared_distances(anchor, positive).shape == (3,)
    assert float(triplet_loss(anchor, positive, negative, 0.2)) == pytest.approx(528.143, abs=2e-3)
