"""The loop: batches, loss, steps, looks at the validation people, checkpoints.

What a step does depends on the weights, the plan and the step's number alone, so a run that was killed at any moment
and goes on from its last checkpoint ends with the same weights, bit for bit on one machine's CPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from faceapp.errors import InputError
from faceapp.training import losses
from faceapp.training.batches import Batches, Rows, generator, pairs
from faceapp.training.checkpoint import Checkpoint, belongs, load, optimizer_tensors, restore_optimizer, save
from faceapp.training.device import CPU, Where
from faceapp.training.plan import Ended, Plan, Progress, Why
from faceapp.training.selection import TripletStatistics, select, statistics

COLLAPSED = "learning has collapsed: all faces look alike to the network; begin again with a lower rate or semi-hard"
TOO_EASY = "too easy: hardly any triplet still teaches something; a larger margin or more people would"
PASSED_BY = (
    "hardly any triplet that is chosen still teaches something, though others would: a larger margin, or another "
    "selection such as hard, finds them"
)
_ALIKE = 0.05
"""Mean distance between people below which a network has collapsed, whatever it learns by; random directions are 1.4
apart."""
_NEAR = 0.5
"""The same where every triplet is active as well: that the hardest ones stay so while everything draws together is how
a collapse goes (the loss hangs at the margin: Hermans, Beyer, Leibe 2017, section 3.2). A smaller margin's root counts
instead, or a network that has nothing to learn but a little would count."""
_EVERY = 0.95
"""Share of active triplets, smoothed, above which every one is."""
_EASY = 0.01
"""Share of active triplets, smoothed, below which nothing is learned any more."""
_FEW = 0.05
"""Share of genuine pairs, smoothed, below which there is nothing to be found for another selection either."""
_SMOOTHING = 0.9
_WARM_UP = 20
"""Steps before a warning is given."""


class Learner(Protocol):
    """A network and the pictures it learns from."""

    @property
    def module(self) -> nn.Module:
        """What is trained. Its buffers and parameters are what a checkpoint holds."""

    @property
    def dimension(self) -> int:
        """Numbers of an embedding."""

    def forward(self, rows: Rows, draw: torch.Generator) -> Tensor:
        """Embeddings (B, D) of unit length of these pictures, augmented as `draw` decides."""


class Trainer:
    """One run. Owns the learner's weights while it goes on; one thread uses it."""

    def __init__(
        self,
        learner: Learner,
        people: Rows,
        plan: Plan,
        validate: Callable[[], float],
        data: str,
        where: Where = CPU,
    ) -> None:
        """`people` (N,): whose each of the learner's training pictures is, numbered from 0. `validate`: a figure of the
        validation people with the weights as they are, higher is better. `data`: a fingerprint of the data; a
        checkpoint of other data can't be resumed. Raises InputError for people who can't be learned from."""
        self._learner = learner
        self._where = where
        learner.module.to(where.device)
        self._plan = plan
        self._validate = validate
        self._data = data
        self._people = torch.from_numpy(people.astype("int64"))
        self._batches = Batches(people, plan.people_per_batch, plan.pictures_each, plan.seed)
        self._centres = nn.Parameter(self._first_centres().to(where.device)) if plan.loss == "arcface" else None
        parameters = [p for p in learner.module.parameters() if p.requires_grad]
        parameters += [] if self._centres is None else [self._centres]
        self._optimizer = torch.optim.AdamW(parameters, lr=plan.rate, weight_decay=plan.decay)
        self._step = self._looks = 0
        self._first = self._best = self._latest = -math.inf
        self._best_step = 0
        self._best_weights: dict[str, Tensor] = {}
        self._active = self._left = 1.0

    def run(
        self,
        file: Path | None,
        tell: Callable[[Progress], None] = lambda _: None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> Ended:
        """Train, from the checkpoint in `file` where there is one, and leave the best weights in the learner.
        Raises InputError where the checkpoint is damaged or belongs to another run."""
        self._begin(file)
        plan = self._plan
        why: Why = "finished"
        while self._step < plan.steps:
            if self._looks >= plan.patience:  # also where that was in the checkpoint already
                why = "stopped early"
                break
            if interrupted():
                why = "interrupted"
                break
            told = self._one_step()
            looked = None
            if self._step % plan.check_every == 0 or self._step == plan.steps:
                looked = self._look()
                self._keep(file)
            tell(self._progress(told, looked))
        if plan.last and why == "finished":
            self._best, self._best_step = self._latest, self._step
        else:
            self._learner.module.load_state_dict(self._best_weights)
        self._learner.module.eval()
        return Ended(why, self._step, self._best_step, self._best, self._first)

    def _begin(self, file: Path | None) -> None:
        stored = load(file) if file is not None else None
        if stored is None:
            self._first = self._look()
            return
        if not belongs(stored.facts, self._plan.fingerprint, self._data):
            raise InputError(
                f"{file} belongs to a run with another plan or other data: delete it, or add --restart, to begin again"
            )
        try:
            self._restore(stored)
        except (KeyError, TypeError, ValueError, RuntimeError) as e:
            raise InputError(f"{file} belongs to another network: delete it to begin again") from e

    def _one_step(self) -> tuple[float, TripletStatistics]:
        """The loss, and what the batch was like."""
        plan, step = self._plan, self._step
        for group in self._optimizer.param_groups:
            group["lr"] = plan.rate * (1 + math.cos(math.pi * step / plan.steps)) / 2
        rows = self._batches.rows(step)
        torch.manual_seed(generator(plan.seed, step, 2).initial_seed())  # for layers that draw, such as dropout
        self._learner.module.train()
        with torch.autocast(self._where.device, torch.bfloat16, enabled=self._where.mixed):
            embeddings = self._learner.forward(rows, generator(plan.seed, step))
        embeddings = embeddings.float()  # the loss subtracts numbers that are nearly equal
        people = self._people[rows].to(embeddings.device)
        total, count, seen = self._loss(embeddings, people, step)
        self._optimizer.zero_grad()
        if count:
            (total / count).backward()  # type: ignore[no-untyped-call]  # PyTorch's own has no types
            self._optimizer.step()
        self._step += 1
        self._active = _SMOOTHING * self._active + (1 - _SMOOTHING) * seen.active
        self._left = _SMOOTHING * self._left + (1 - _SMOOTHING) * seen.left
        return float(total.detach()) / max(1, count), seen

    def _loss(self, embeddings: Tensor, people: Tensor, step: int) -> tuple[Tensor, int, TripletStatistics]:
        """The sum, of how many terms, and what the batch was like."""
        plan = self._plan
        draw = generator(plan.seed, step, 1)
        margin = plan.margin if plan.loss == "triplet" else losses.TRIPLET_MARGIN
        triplets = select(embeddings, people, plan.selection, margin, draw)
        seen = statistics(embeddings, people, triplets, margin)
        if plan.loss == "triplet":
            terms = losses.triplet_terms(
                embeddings[triplets.anchor], embeddings[triplets.positive], embeddings[triplets.negative], plan.margin
            )
            return terms.sum(), len(terms), seen
        if plan.loss == "contrastive":
            left, right, same = pairs(people)
            terms = losses.contrastive_terms(embeddings[left], embeddings[right], same, plan.margin)
            return terms.sum(), len(terms), seen
        centres = self._centres
        assert centres is not None  # noqa: S101 - made in the constructor for this loss
        total = losses.arcface_loss(embeddings, people, centres, plan.margin, plan.scale)
        return total, len(people), seen

    def _look(self) -> float:
        self._learner.module.eval()
        with torch.no_grad():
            figure = self._latest = self._validate()
        if figure > self._best or not self._best_weights:
            self._best, self._best_step, self._looks = figure, self._step, 0
            state = self._learner.module.state_dict()
            self._best_weights = {name: value.detach().clone() for name, value in state.items()}
        else:
            self._looks += 1
        return figure

    def _progress(self, told: tuple[float, TripletStatistics], looked: float | None) -> Progress:
        loss, seen = told
        return Progress(
            self._step,
            self._plan.steps,
            loss,
            seen.active,
            seen.positive,
            seen.negative,
            looked,
            self._best,
            self._warning(loss, seen.negative),
        )

    def _warning(self, loss: float, negative: float) -> str | None:
        plan = self._plan
        if self._step < _WARM_UP:
            return None
        triplets = plan.loss == "triplet"
        near = min(_NEAR, math.sqrt(plan.margin)) if triplets and self._active > _EVERY else _ALIKE
        if negative < near or not math.isfinite(loss):  # numbers that overflowed are alike, too
            return COLLAPSED
        if triplets and self._active < _EASY:
            return TOO_EASY if self._left < _FEW else PASSED_BY
        return None

    def _first_centres(self) -> Tensor:
        people = int(self._people.max()) + 1
        return torch.randn(people, self._learner.dimension, generator=generator(self._plan.seed, 0, 3))

    def _keep(self, file: Path | None) -> None:
        if file is None:
            return
        state = self._learner.module.state_dict()
        tensors = {f"now/{name}": value for name, value in state.items()}
        tensors |= {f"best/{name}": value for name, value in self._best_weights.items()}
        tensors |= {f"optimizer/{name}": value for name, value in optimizer_tensors(self._optimizer).items()}
        if self._centres is not None:
            tensors["centres"] = self._centres
        facts = {
            "plan": self._plan.fingerprint,
            "data": self._data,
            "step": self._step,
            "looks": self._looks,
            "first": self._first,
            "best": self._best,
            "latest": self._latest,
            "best_step": self._best_step,
            "active": self._active,
            "left": self._left,
        }
        save(file, Checkpoint(tensors, facts))

    def _restore(self, stored: Checkpoint) -> None:
        parts: dict[str, dict[str, Tensor]] = {"now": {}, "best": {}, "optimizer": {}}
        for key, value in stored.tensors.items():
            part, _, name = key.partition("/")
            if part in parts:
                parts[part][name] = value
        self._learner.module.load_state_dict(parts["now"])
        restore_optimizer(self._optimizer, parts["optimizer"])
        if self._centres is not None:
            self._centres.data.copy_(stored.tensors["centres"])
        self._best_weights = parts["best"]
        facts = stored.facts
        self._step, self._looks, self._best_step = (int(facts[k]) for k in ("step", "looks", "best_step"))
        self._first, self._best, self._latest, self._active = (
            float(facts[k]) for k in ("first", "best", "latest", "active")
        )
        self._left = float(facts.get("left", 1.0))  # earlier versions' have none
