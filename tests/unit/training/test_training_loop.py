"""The loop on a head over made-up embeddings: it learns, stops, warns, and a killed run ends as an undisturbed one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from faceapp.errors import InputError, UsageError
from faceapp.training.batches import Batches, Rows
from faceapp.training.checkpoint import Checkpoint, load, save
from faceapp.training.head import HeadLearner, principal_components
from faceapp.training.loop import COLLAPSED, PASSED_BY, TOO_EASY, Trainer
from faceapp.training.plan import Ended, Loss, Plan, Progress
from faceapp.types import Floats

PEOPLE, EACH, SIZE = 12, 6, 24


def data(seed: int = 0, noise: float = 0.5, within: float = 0.3) -> tuple[Floats, Rows]:
    """Embeddings where only the first numbers say who it is, and the others drown them."""
    draw = np.random.default_rng(seed)
    people = np.repeat(np.arange(PEOPLE), EACH)
    who = draw.normal(size=(PEOPLE, 6))[people]
    points = np.concatenate(
        [who + within * draw.normal(size=who.shape), noise * 2 * draw.normal(size=(len(people), 18))], 1
    )
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), people


def separation(embeddings: Floats, people: Rows) -> float:
    """Mean impostor distance less mean genuine distance."""
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
    same = people[:, None] == people
    return float(distances[~same].mean() - distances[same & ~np.eye(len(people), dtype=bool)].mean())


def trainer(plan: Plan, noise: float = 0.5, within: float = 0.3) -> tuple[Trainer, HeadLearner]:
    embeddings, people = data(0, noise, within)
    held_out, their = data(1, noise, within)
    learner = HeadLearner(embeddings, 8)
    return Trainer(learner, people, plan, lambda: separation(learner.embed(held_out), their), "data"), learner


def quick(**changes: object) -> Plan:
    return Plan(**{"steps": 60, "people_per_batch": 8, "pictures_each": 4, "rate": 0.01, "check_every": 10, **changes})  # type: ignore[arg-type]  # whichever


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "arcface"])
def test_it_learns_what_tells_people_apart(loss: Loss) -> None:
    margin = {"triplet": 0.2, "contrastive": 1.0, "arcface": 0.3}[loss]
    run, learner = trainer(quick(loss=loss, margin=margin, rate=0.03))
    told: list[Progress] = []
    ended = run.run(None, told.append)
    assert ended.why == "finished"
    assert ended.best > ended.first + 0.05, "on people nobody trained on"
    assert [p.step for p in told] == list(range(1, 61))
    assert [p.step for p in told if p.validation is not None] == [10, 20, 30, 40, 50, 60]
    assert separation(learner.embed(data(1)[0]), data(1)[1]) == pytest.approx(ended.best), "the best weights are kept"


@pytest.fixture(scope="module", params=["triplet", "arcface"])
def undisturbed(request: pytest.FixtureRequest) -> tuple[Plan, Ended, Progress, dict[str, torch.Tensor]]:
    """A run as it goes without a kill: its plan, its end, its last step and its weights."""
    plan = quick(loss=request.param, selection="distance-weighted", steps=50)
    run, learner = trainer(plan)
    told: list[Progress] = []
    return plan, run.run(None, told.append), told[-1], learner.module.state_dict()


@pytest.mark.parametrize("killed_after", [1, 10, 13, 29, 40])
def test_a_killed_run_ends_as_an_undisturbed_one(
    tmp_path: Path, undisturbed: tuple[Plan, Ended, Progress, dict[str, torch.Tensor]], killed_after: int
) -> None:
    plan, wanted, last, weights = undisturbed
    file = tmp_path / "checkpoint"

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.step == killed_after:
            raise Killed

    first, _ = trainer(plan)
    with pytest.raises(Killed):
        first.run(file, kill)
    second, resumed = trainer(plan)
    told: list[Progress] = []
    assert second.run(file, told.append) == wanted
    assert told[-1] == last
    for name, value in weights.items():
        assert torch.equal(value, resumed.module.state_dict()[name]), name


def test_an_interrupted_run_can_go_on(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"
    steps: list[int] = []
    run, _ = trainer(quick())
    ended = run.run(file, lambda p: steps.append(p.step), lambda: len(steps) >= 25)
    assert (ended.why, ended.steps) == ("interrupted", 25)
    run, _ = trainer(quick())
    again: list[int] = []
    assert run.run(file, lambda p: again.append(p.step)).why == "finished"
    assert again[0] == 21, "from the last checkpoint on"


def test_the_last_weights_are_kept_where_the_plan_says_so(tmp_path: Path) -> None:
    """Looks that get worse and worse: the first is the best. Also of a run that was at its end and is asked again."""
    for plan, best_step in ((quick(patience=99), 10), (quick(patience=99, last=True), 60)):
        file = tmp_path / f"checkpoint-{best_step}"
        people = data()[1]
        for _ in range(2):
            learner = HeadLearner(data()[0], 8)
            looks = iter([0.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
            ended = Trainer(learner, people, plan, lambda: next(looks), "data").run(file)  # noqa: B023 - run at once
            figure = 0.4 if plan.last else 0.9
            assert (ended.why, ended.best_step, ended.best) == ("finished", best_step, figure)
        weights = learner.module.state_dict()
        kept = load(file)
        assert kept is not None
        wanted = "now" if plan.last else "best"
        assert all(torch.equal(kept.tensors[f"{wanted}/{name}"], value) for name, value in weights.items())
        assert not all(torch.equal(kept.tensors[f"now/{n}"], kept.tensors[f"best/{n}"]) for n in weights)


def test_it_stops_early() -> None:
    run, learner = trainer(quick(steps=500, patience=3, rate=1e-9))
    ended = run.run(None)
    assert (ended.why, ended.steps, ended.best_step) == ("stopped early", 30, 0)
    embeddings = data()[0]
    mean, axes = principal_components(embeddings, 8)
    expected = (embeddings - mean) @ axes.T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(learner.embed(embeddings), expected, atol=1e-5), "the head it began with: principal components"


def test_collapse_and_ease_are_told() -> None:
    embeddings, people = data()
    learner = HeadLearner(embeddings, 8)
    with torch.no_grad():
        next(iter(learner.module.parameters())).zero_()
        learner.module.bias.fill_(1.0)  # type: ignore[union-attr, operator]  # a linear layer's
    told: list[Progress] = []
    Trainer(learner, people, quick(rate=1e-9), lambda: 0.0, "data").run(None, told.append)
    assert told[-1].warning == COLLAPSED
    apart = np.repeat(np.eye(PEOPLE, SIZE, dtype=np.float32), EACH, axis=0)
    plan = quick(margin=1e-4, selection="random", rate=1e-9)
    run = Trainer(HeadLearner(apart, PEOPLE - 1), people, plan, lambda: 0.0, "data")
    told.clear()
    run.run(None, told.append)
    assert told[-1].warning == TOO_EASY


@pytest.mark.parametrize(
    ("changes", "noise", "warning"),
    [
        ({"selection": "hard", "rate": 0.3}, (2.0, 0.3), COLLAPSED),
        ({"selection": "semi-hard", "rate": 0.03}, (0.5, 0.3), None),
        ({"selection": "semi-hard", "margin": 1e-4}, (0.01, 0.05), TOO_EASY),
        ({"selection": "hard", "margin": 1e-4}, (0.01, 0.05), TOO_EASY),
        ({"selection": "semi-hard", "margin": 1e-5}, (0.5, 0.3), PASSED_BY),
    ],
)
def test_runs_that_come_to_nothing_say_so(
    changes: dict[str, object], noise: tuple[float, float], warning: str | None
) -> None:
    """Nothing here is made up but the faces: the warnings come of what was learned."""
    run, _ = trainer(quick(steps=70, check_every=70, **changes), *noise)
    told: list[Progress] = []
    run.run(None, told.append)
    assert told[-1].warning == warning
    assert all(p.warning is None for p in told[:19]), "not before it can be told"
    assert {p.warning for p in told} <= {None, warning}
    if warning == COLLAPSED:
        assert told[-1].active > 0.95
        assert told[-1].loss > 0.2, "not better than if all faces were one point"
        assert told[-1].negative < told[0].negative / 3
    elif warning is None:
        assert 0 < told[-1].active < 0.5 < told[0].active, "less and less is left to learn"


def test_numbers_that_overflow_are_told() -> None:
    run, _ = trainer(quick(steps=25, rate=1.0, selection="all"))
    run._learner.module.weight.data.fill_(1e38)  # type: ignore[operator, union-attr]  # a linear layer's
    told: list[Progress] = []
    run.run(None, told.append)
    assert told[-1].warning == COLLAPSED


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"
    trainer(quick())[0].run(file)
    with pytest.raises(InputError, match="another plan"):
        trainer(quick(seed=1))[0].run(file)
    facts = load(file).facts  # type: ignore[union-attr]  # just written
    save(file, Checkpoint({"now/other": torch.zeros(2)}, facts))
    with pytest.raises(InputError, match="another network"):
        trainer(quick())[0].run(file)
    for damage in (b"", b"PK\x03\x04 nothing", b"\x80\x04]."):
        file.write_bytes(damage)
        with pytest.raises(InputError, match="damaged"):
            trainer(quick())[0].run(file)


def test_a_checkpoint_is_whole_private_and_no_pickle(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"
    tensors = {"a/weight": torch.randn(3, 2), "b": torch.tensor(7)}
    save(file, Checkpoint(tensors, {"step": 3, "best": float("-inf")}))
    assert file.stat().st_mode & 0o777 == 0o600
    stored = load(file)
    assert stored is not None
    assert stored.facts == {"step": 3, "best": float("-inf")}
    assert all(torch.equal(stored.tensors[n], t) for n, t in tensors.items())
    assert b"pickle" not in file.read_bytes()
    with np.load(file, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "ifu" for name in arrays.files)


def test_batches_hold_genuine_pairs_and_depend_on_the_step_alone() -> None:
    people = np.array([0] * 5 + [1] * 2 + [2] + [3] * 4)
    batches = Batches(people, 2, 3, seed=4)
    seen: set[int] = set()
    for step in range(30):
        rows = batches.rows(step)
        assert list(rows) == list(Batches(people, 2, 3, seed=4).rows(step))
        assert len(set(rows)) == len(rows)
        counts = np.bincount(people[rows], minlength=4)
        assert counts[2] == 0, "one picture makes no pair"
        assert sorted(counts)[-2:] in ([2, 3], [3, 3])
        seen |= set(rows.tolist())
    assert seen == set(range(12)) - {7}
    assert list(batches.rows(1)) != list(Batches(people, 2, 3, seed=5).rows(1))


@pytest.mark.parametrize("people", [[0, 0, 0], [0, 1, 2], [0, 0, 1]])
def test_people_who_cannot_be_learned_from(people: list[int]) -> None:
    with pytest.raises(InputError, match="at least two such people"):
        Batches(np.array(people), 2, 2, 0)


@pytest.mark.parametrize(
    "changes",
    [{"steps": 0}, {"loss": "other"}, {"selection": "none"}, {"people_per_batch": 1}, {"margin": 0}, {"rate": 2}],
)
def test_a_plan_that_cannot_be(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        quick(**changes)


def test_a_head_is_shorter_and_can_begin_with_few_pictures() -> None:
    embeddings, _ = data()
    _, axes = principal_components(embeddings[:5], 8)
    assert np.allclose(axes @ axes.T, np.eye(8), atol=1e-5), (
        "directions that no picture tells of are upright on the rest"
    )
    assert HeadLearner(embeddings[:5], 8).embed(embeddings).shape == (len(embeddings), 8)
    with pytest.raises(InputError, match="between 2 and 23"):
        HeadLearner(embeddings, SIZE)
