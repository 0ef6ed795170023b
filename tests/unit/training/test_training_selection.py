"""Which triplets are chosen, and what is said of them."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from faceapp.training.plan import SELECTIONS, Selection
from faceapp.training.selection import NEAREST_WEIGHED, Triplets, select, statistics

LINE = torch.tensor([[0.0], [1.0], [1.2], [3.0], [9.0]])
"""On a line; the first two are one person's, the others three people's."""
WHO = torch.tensor([0, 0, 1, 2, 3])


def listed(triplets: Triplets) -> set[tuple[int, int, int]]:
    rows = zip(triplets.anchor.tolist(), triplets.positive.tolist(), triplets.negative.tolist(), strict=True)
    return set(rows)


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def sphere(rows: int, size: int, seed: int = 0) -> Tensor:
    return torch.nn.functional.normalize(torch.randn(rows, size, generator=draw(seed)))


@pytest.mark.parametrize("how", SELECTIONS)
def test_each_triplet_is_one(how: Selection) -> None:
    points, people = sphere(24, 16), torch.arange(24) % 6
    chosen = select(points, people, how, 0.4, draw())
    assert len(chosen)
    assert (people[chosen.anchor] == people[chosen.positive]).all()
    assert (chosen.anchor != chosen.positive).all()
    assert (people[chosen.anchor] != people[chosen.negative]).all()
    assert not chosen.anchor.requires_grad


def test_all_are_all() -> None:
    assert len(select(sphere(12, 4), torch.arange(12) % 3, "all", 0.2)) == 12 * 3 * 8
    assert listed(select(LINE, WHO, "all", 0.2)) == {(a, 1 - a, n) for a in (0, 1) for n in (2, 3, 4)}


def test_hard_takes_the_worst() -> None:
    assert listed(select(LINE, WHO, "hard", 0.2)) == {(0, 1, 2), (1, 0, 2)}


def test_semi_hard_lies_beyond_the_positive_and_within_the_margin() -> None:
    # Seen from 0: the positive at 1, negatives at 1.44, 9, 81. Seen from 1: the positive at 1, a negative at 0.04 (too
    # hard), then 4 and 64.
    assert listed(select(LINE, WHO, "semi-hard", 0.5, draw())) == {(0, 1, 2)}
    assert listed(select(LINE, WHO, "semi-hard", 3.5, draw())) == {(0, 1, 2), (1, 0, 3)}
    assert len(select(LINE, WHO, "semi-hard", 0.1, draw())) == 0


def test_random_takes_any() -> None:
    drawn = set().union(*(listed(select(LINE, WHO, "random", 0.2, draw(s))) for s in range(40)))
    assert drawn == {(a, 1 - a, n) for a in (0, 1) for n in (2, 3, 4)}


def test_distance_weighted_evens_the_distances_out() -> None:
    """Nearly all negatives lie about 1.41 away; drawn ones are spread from 0.5 to 1.4."""
    centre = sphere(1, 8, 1)
    angles = torch.linspace(0.5, 1.55, 400)
    side = torch.nn.functional.normalize(sphere(400, 8, 2) - (sphere(400, 8, 2) @ centre.T) * centre)
    negatives = torch.cos(angles)[:, None] * centre + torch.sin(angles)[:, None] * side
    points = torch.cat([centre, centre, negatives])
    people = torch.cat([torch.zeros(2), torch.arange(1, 401)]).long()
    found = [
        float((points[c.negative] - points[c.anchor]).norm(dim=1)[0])
        for c in (select(points, people, "distance-weighted", 0.2, draw(s)) for s in range(80))
    ]
    drawn = torch.tensor(found)
    assert drawn.min() > NEAREST_WEIGHED - 0.02
    assert drawn.max() < 1.4
    assert drawn.mean() < 0.75, "rare near ones are drawn as often as the many far ones"
    uniform = select(points, people, "random", 0.2, draw(5))
    assert float((points[uniform.negative] - points[uniform.anchor]).norm(dim=1).mean()) > 0.75


def test_without_a_genuine_pair_there_is_nothing() -> None:
    for how in SELECTIONS:
        assert len(select(sphere(4, 3), torch.arange(4), how, 0.2, draw())) == 0


def test_the_share_of_semi_hard_triplets_is_of_the_genuine_pairs() -> None:
    """Each that was selected is active; what says something is how many pairs have one."""
    for margin, active, left in ((3.5, 1.0, 1.0), (0.5, 0.5, 1.0), (0.1, 0.0, 0.5)):
        chosen = select(LINE, WHO, "semi-hard", margin, draw())
        assert chosen.of == 2
        told = statistics(LINE, WHO, chosen, margin)
        # Seen from 1 there is a nearer negative in any case; seen from 0 it is beyond the positive by 0.44.
        assert (told.active, told.left) == (active, left)


@pytest.mark.parametrize(("how", "of"), [("all", 6), ("hard", 2), ("random", 2), ("distance-weighted", 2)])
def test_the_share_is_of_those_there_could_have_been(how: Selection, of: int) -> None:
    assert select(LINE, WHO, how, 0.5, draw()).of == of
    # On a sphere: two pictures side by side, two people opposite them, too far away to be drawn by their distance.
    points = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [-0.9, 0.4359, 0.0]])
    chosen = select(points, WHO[:4], how, 0.2, draw())
    told = statistics(points, WHO[:4], chosen, 0.2)
    assert (told.active, told.left) == (0.0, 0.0), "nothing to learn, however many were selected"


def test_statistics() -> None:
    told = statistics(LINE, WHO, select(LINE, WHO, "all", 0.5), 0.5)
    # Active: 1 - 1.44 + 0.5 and 1 - 0.04 + 0.5; the other four lie far beyond.
    assert (told.triplets, told.active) == (6, pytest.approx(2 / 6))
    assert told.positive == pytest.approx(1.0)
    apart = [1.2, 3, 9, 0.2, 2, 8, 1.8, 7.8, 6]
    assert told.negative == pytest.approx(sum(apart) / 9, rel=1e-5)
    nobody = statistics(LINE[:1], WHO[:1], select(LINE[:1], WHO[:1], "all", 0.5), 0.5)
    assert nobody.active == nobody.left == 0
    assert math.isnan(nobody.positive)
