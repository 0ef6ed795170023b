"""What learning is worth, on photographs of research collections that are no part of this repository.

    .venv/bin/python tests/bench/training.py head --data CFP [--seeds N]      a head of 128 against 512 numbers and PCA
    .venv/bin/python tests/bench/training.py scratch --data ATT [--seeds N]   a small network against the pixels
    .venv/bin/python tests/bench/training.py selection --data CFP [--seeds N] semi-hard against random triplets
    .venv/bin/python tests/bench/training.py kills --data ATT [--kills N]     killed at random moments: bit for bit?

CFP: `images/`, `pairs_frontal.txt`; ATT: a folder for each of 40 people. Pictures are read once; each seed deals the
people anew (CFP by whole folds). Runs of the plans that `faceapp train` has, on one thread. What must hold is judged at
the end: exit status 1 where it doesn't.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from faceapp.app.parts import Parts
from faceapp.app.training.data import People, base_parts, read_people
from faceapp.app.training.judging import all_pairs, judge, threshold_of, validation_figure
from faceapp.app.training.kinds import pixel_vectors, prepare
from faceapp.app.training.log import read_log
from faceapp.app.training.people import Split
from faceapp.app.training.wish import Kind, Wish, plan_of
from faceapp.evaluation.comparison import Difference, compare
from faceapp.evaluation.metrics import roc
from faceapp.evaluation.people import People as Whose
from faceapp.evaluation.people import people_of
from faceapp.evaluation.protocols import Pairs, read_pairs
from faceapp.evaluation.verification import Verification, verification
from faceapp.images import decode_image
from faceapp.training.head import principal_components
from faceapp.training.loop import Trainer
from faceapp.training.plan import Plan
from faceapp.types import BgrImage, Floats

HELD_OUT = 3
"""Of CFP's ten folds."""
LONGEST_HEAD = 300.0
"""Seconds of a run."""
TELLABLE = 0.001
"""Of the mean accuracy over the seeds: one pair in a thousand more or less is no difference."""
FEW = 12
"""Of AT&T's people, for the kills."""
UNSEEN = 10
"""Of AT&T's 40 people."""
EVERY = 20
"""Steps between two looks, where nothing but the steps is counted."""
HALF = 0.5
LONGEST_SCRATCH = 600.0
"""Seconds of a run."""


def read(parts: Parts, kind: Kind, data: Path, **how: object) -> tuple[Parts, People, Wish]:
    """The pictures, once."""
    wish = Wish(kind=kind, data=data, out=Path("unused"), plan=plan_of(kind), **how)  # type: ignore[arg-type]  # its own
    base = base_parts(parts, wish.base)
    began = time.monotonic()
    people = read_people(base, wish, data, lambda *_: None)
    print(f"{len(people)} pictures of {len(people.names)} people read in {time.monotonic() - began:.0f} s", flush=True)
    return base, people, wish


def learn(
    base: Parts, people: People, wish: Wish, split: Split, plan: Plan, look: Callable[[float], None] = lambda _: None
) -> tuple[Floats, Floats, str]:
    """Train; embeddings of the test rows before and after, and a line about the run. `look` is told the validation
    people's equal error rates."""
    wish = dataclasses.replace(wish, plan=plan)
    pairs = all_pairs(people.person[split.validation])
    began = time.monotonic()
    with prepare(wish, base, people, split.train) as work:
        numbers = np.unique(people.person[split.train], return_inverse=True)[1]

        def validate() -> float:
            work.settle()
            now = work.now(split.validation)
            look(_eer(now, people.person[split.validation]))
            return validation_figure(now, pairs)[0]

        trainer = Trainer(work.learner, work.people(numbers), plan, validate, "bench")
        ended = trainer.run(None)
        seconds = time.monotonic() - began
        line = f"{ended.steps} steps, best {ended.best_step} ({ended.first:.3f} to {ended.best:.3f}), {seconds:.0f} s"
        if not len(split.test):
            return people.vectors[:0], people.vectors[:0], line
        return work.before(split.test), work.now(split.test), line


def dealt(person: np.ndarray, test: np.ndarray, validation: int, seed: int) -> Split:
    """The people in `test` apart, so many others to look at, the rest to learn from."""
    others = np.setdiff1d(np.unique(person), test)
    order = np.random.default_rng(seed).permutation(others)
    rows = (np.flatnonzero(np.isin(person, ids)) for ids in (order[validation:], order[:validation], test))
    return Split(*rows)


def head(parts: Parts, cfp: Path, seeds: int) -> bool:
    """512 → 128 on the people of seven folds, frontal pairs of the other three. True where no seed's accuracy is worse
    than that of the 512 numbers or of PCA to 128, beyond the paired 95 % interval over people, and the mean over the
    seeds is not below PCA's; a run takes less than five minutes."""
    base, people, wish = read(parts, "head", cfp / "images", within="frontal", alike=True)
    pairs = read_pairs(cfp / "pairs_frontal.txt")
    who = people_of(pairs)
    found: dict[str, list[Difference]] = {"512 numbers": [], "PCA to 128": []}
    slowest = 0.0
    for seed in range(seeds):
        held = np.random.default_rng(seed).permutation(10)[:HELD_OUT]
        there = pairs.only(np.isin(pairs.fold, held))
        names = {who.of[p] for p in there.pictures}
        test = np.array([k for k, name in enumerate(people.names) if name in names])
        split = dealt(people.person, test, 17, seed)
        began = time.monotonic()
        before, after, line = learn(base, people, wish, split, plan_of("head", seed=seed))
        slowest = max(slowest, time.monotonic() - began)
        mean, axes = principal_components(people.vectors[split.train], 128)
        pca = (people.vectors[split.test] - mean) @ axes.T
        pca = (pca / np.linalg.norm(pca, axis=1, keepdims=True)).astype(np.float32)
        print(f"folds {sorted((held + 1).tolist())}, {len(test)} people: {line}")
        person = people.person[split.test]
        for name, other in (("512 numbers", before), ("PCA to 128", pca)):
            judged = judge(person, (other, threshold_of(person, other)), (after, threshold_of(person, after)))
            told = [f"{n} {100 * v:+.2f}{_range(i)}" for n, (v, i) in judged.differences.items()]
            print(f"  all pairs, against {name}: {', '.join(told)}")
            found[name].append(_frontal(there, who, people, split, cfp, (name, other), after))
    good = slowest < LONGEST_HEAD
    for name, differences in found.items():
        difference = float(np.mean([d.value for d in differences]))
        worse = sum(d.interval is None or max(d.interval) < 0 for d in differences)
        good &= worse == 0 and (name == "512 numbers" or difference >= -TELLABLE)
        print(
            f"against {name}: {100 * difference:+.2f} points over {seeds} seeds, worse beyond the interval in {worse}"
        )
    print(f"the slowest run took {slowest:.0f} s; {'it holds' if good else 'IT DOES NOT HOLD'}")
    return good


def _frontal(
    pairs: Pairs, who: Whose, people: People, split: Split, cfp: Path, other: tuple[str, Floats], after: Floats
) -> Difference:
    rows = {path: k for k, path in enumerate(_paths(people, split, cfp))}
    if not all(p in rows for p in pairs.pictures):
        keep = np.array([a in rows and b in rows for a, b in zip(pairs.left, pairs.right, strict=True)])
        pairs = pairs.only(keep)

    def judged(vectors: Floats) -> Verification:
        a, b = (np.array([rows[p] for p in side]) for side in (pairs.left, pairs.right))
        return verification(pairs, np.linalg.norm(vectors[a].astype(float) - vectors[b], axis=1), who)

    first, second = judged(other[1]), judged(after)
    c = compare((other[0], "head"), first, second, who)
    d = c.differences["accuracy"]
    print(
        f"  frontal pairs: {100 * first.accuracy.mean:.2f} % ({other[0]}), {100 * second.accuracy.mean:.2f} % (head), "
        f"difference {100 * d.value:+.2f}{_range(d.interval)}, McNemar's p = {c.answers.p:.3f}",
        flush=True,
    )
    return d


def _paths(people: People, split: Split, cfp: Path) -> list[str]:
    """The pictures of the test rows by their path, known again by their bytes."""
    path = {
        hashlib.sha256(f.read_bytes()).hexdigest(): f.relative_to(cfp / "images").as_posix()
        for f in sorted((cfp / "images").rglob("*.jpg"))
        if f.parent.name == "frontal"
    }
    return [path[people.sha256[r]] for r in split.test.tolist()]


def scratch(parts: Parts, att: Path, seeds: int) -> bool:
    """30 people, three of them to look at, and the equal error rate on the other ten: on average at most half of the
    pixels', whose best counts of several ways to compare them."""
    base, people, wish = read(parts, "scratch", att, whole=True, alike=True)
    pixels = _pixels(people, att)
    ratios, slowest = [], 0.0
    for seed in range(seeds):
        test = np.random.default_rng(seed).permutation(len(people.names))[:UNSEEN]
        split = dealt(people.person, test, 3, seed)
        began = time.monotonic()
        _, after, line = learn(base, people, wish, split, plan_of("scratch", seed=seed))
        slowest = max(slowest, time.monotonic() - began)
        person = people.person[split.test]
        rates = {name: _eer(rows[split.test], person) for name, rows in pixels.items()}
        learned = _eer(after, person)
        ratios.append(learned / min(rates.values()))
        told = ", ".join(f"{100 * rate:.1f} % {name}" for name, rate in rates.items())
        print(f"seed {seed}: {100 * learned:.1f} % learned; pixels: {told}; ratio {ratios[-1]:.2f}; {line}", flush=True)
    print(
        f"mean ratio {np.mean(ratios):.2f}, at most {max(ratios):.2f}, at most a half in "
        f"{sum(r <= HALF for r in ratios)} of {seeds}; the longest run {slowest:.0f} s"
    )
    return bool(np.mean(ratios) <= HALF) and slowest < LONGEST_SCRATCH


def _pixels(people: People, att: Path) -> dict[str, Floats]:
    """Pictures as rows of grey values: as the network is shown them and whole; and as `faceapp train` compares them."""
    files = {hashlib.sha256(f.read_bytes()).hexdigest(): f for f in sorted(att.rglob("*.pgm"))}
    whole = [decode_image(files[s].read_bytes(), files[s].name) for s in people.sha256]

    def rows(pictures: list[BgrImage]) -> Floats:
        return np.stack([p.mean(axis=2).ravel() for p in pictures]).astype(np.float32)

    return {"of the crop": rows(people.crops), "whole": rows(whole), "evenly lit": pixel_vectors(people.crops)}


def _eer(rows: Floats, person: np.ndarray) -> float:
    """Of all pairs of these pictures (N, D), by Euclidean distance."""
    left, right = np.triu_indices(len(rows), 1)
    distances = np.linalg.norm(rows[left].astype(np.float64) - rows[right], axis=1)
    return float(roc(distances, person[left] == person[right]).eer())


def selection(parts: Parts, cfp: Path, seeds: int) -> bool:
    """Steps of the small network to an equal error rate of people it doesn't learn from, by semi-hard and by random
    triplets, from the same first weights and batches. The rate of each seed is the lowest that both reach."""
    base, people, wish = read(parts, "scratch", cfp / "images", within="frontal", alike=True)
    looked_at = len(people.names) // 3
    faster = 0
    for seed in range(seeds):
        split = dealt(people.person, np.arange(0), looked_at, seed)
        looks = [_rates(base, people, wish, split, how, seed) for how in ("random", "semi-hard")]
        best = [min(rates) for rates in looks]
        took = [EVERY * next(k for k, rate in enumerate(rates) if rate <= max(best)) for rates in looks]
        faster += took[1] < took[0]
        print(
            f"seed {seed}: an equal error rate of {100 * max(best):.1f} % after {took[0]} steps of random triplets and "
            f"{took[1]} of semi-hard ones; best {100 * best[0]:.1f} and {100 * best[1]:.1f} %",
            flush=True,
        )
    p = binomial_tail(faster, seeds)
    print(f"semi-hard needs fewer steps in {faster} of {seeds} runs; sign test, one-sided: p = {p:.3f}")
    return faster == seeds


def _rates(base: Parts, people: People, wish: Wish, split: Split, how: str, seed: int) -> list[float]:
    """Equal error rates of the validation people before the first step, and after every `EVERY`."""
    plan = plan_of(
        "scratch", seed=seed, loss="triplet", selection=how, steps=400, check_every=EVERY, patience=99,  # type: ignore[arg-type]  # one of them
        people_per_batch=20, pictures_each=3,
    )  # fmt: skip
    rates: list[float] = []
    learn(base, people, wish, split, plan, look=rates.append)
    return rates


def binomial_tail(wins: int, of: int) -> float:
    """How often a fair coin falls `wins` times or more."""
    return sum(math.comb(of, k) for k in range(wins, of + 1)) / 2**of


def kills(att: Path, count: int) -> bool:
    """Runs killed at random moments, `count` for each kind, from the first second to the last: the network that comes
    of each in the end is the undisturbed run's, bit for bit."""
    kinds: tuple[Kind, ...] = ("head", "scratch")
    return sum(_killed(kind, att, count) for kind in kinds) == len(kinds)


def _killed(kind: Kind, att: Path, count: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "people"
        few.mkdir()
        for one in sorted(p for p in att.iterdir() if p.is_dir())[:FEW]:
            (few / one.name).symlink_to(one)
        steps = ["--steps", "200", "--check-every", "10", "--patience", "99", "--threads", "1", "--nice", "0"]
        # FaceNet knows these people apart by more than the usual margin, and a run that learns nothing shows nothing.
        data = ["--data", str(few), "--whole", "--alike", "--margin", "1"]
        command = [sys.executable, "-m", "faceapp", "--data-dir", folder, "train", kind, *data, *steps]

        def run(out: str) -> subprocess.Popen[bytes]:
            words = [*command, "--out", str(Path(folder) / out)]
            return subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

        def network(out: str) -> str:
            return hashlib.sha256((Path(folder) / out / "model.onnx").read_bytes()).hexdigest()[:16]

        began = time.monotonic()
        if run("whole").wait():
            raise SystemExit(f"the undisturbed run of {kind} failed")
        seconds = time.monotonic() - began
        draw = np.random.default_rng(0)
        done, runs, at, sums = 0, 0, list[str](), {network("whole")}
        while done < count:
            runs += 1
            out = f"killed-{runs}"
            while not (Path(folder) / out).exists():
                process = run(out)
                try:
                    # The last run of all is left alone, and so is none before it.
                    if process.wait(float(draw.uniform(0.05, 1.0)) * seconds if done < count else None):
                        raise SystemExit(f"a resumed run of {kind} failed")
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    done += 1
                    rows = read_log(Path(folder) / f".{out}.unfinished" / "log.csv")
                    at.append(rows[-1]["step"] if rows else "-")
            sums.add(network(out))
        same = len(sums) == 1
        print(
            f"{kind}: {done} kills of {runs} runs of {seconds:.0f} s each, when step {', '.join(at)} was done: "
            f"{'the same network' if same else 'ANOTHER NETWORK'}, {', '.join(sorted(sums))}",
            flush=True,
        )
        return same


def _range(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" ({100 * interval[0]:+.2f} to {100 * interval[1]:+.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("head", "scratch", "selection", "kills"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.what == "kills":
        raise SystemExit(not kills(arguments.data, arguments.kills))
    with tempfile.TemporaryDirectory() as folder, Parts.open(folder) as parts:
        good = {"head": head, "scratch": scratch, "selection": selection}[arguments.what](
            parts, arguments.data, arguments.seeds
        )
    raise SystemExit(good is False)


if __name__ == "__main__":
    main()
