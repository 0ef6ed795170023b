"""The quality gate's figures: what it refuses and keeps, and whether what it keeps is enough to know people by.

    .venv/bin/python tests/bench/gate.py table --cfp DIR [--every N] [--detector D] [--webcam DIR]
    .venv/bin/python tests/bench/gate.py enrol --cfp DIR [--precision P]
    .venv/bin/python tests/bench/gate.py weights --cfp DIR --webcam DIR

DIR of --cfp: CFP (120 people, `split.txt`); of --webcam: pictures PERSON_*, people at a webcam (NUAA's live ones).
`table`: frontal photos as they are and spoilt in 31 ways (`tests/fakes/spoilt.py`): how many a strict gate refuses, and
why; of the `tune` people, by whom the limits were chosen, and of the others. `enrol`: the first photos of everybody
through the strict gate, then identification of the others (rank 1; a photo without a face counts as wrong). `weights`:
fits those of `vision/covered.py` to a third of the tune people's photos and half of the first half of the webcam's
people.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from faceapp.app.parts import Parts
from faceapp.enrollment.gate import Gate
from faceapp.errors import InputError
from faceapp.images import read_image
from faceapp.types import BgrImage
from faceapp.vision.covered import doubt, shown
from faceapp.vision.faces import dominant_face
from tests.fakes.spoilt import SPOILT, Cover, noisy, side_lit


def roles(cfp: Path) -> dict[str, str]:
    return dict(line.split() for line in (cfp / "split.txt").read_text().splitlines() if line.strip())


def photos_of(cfp: Path, person: str) -> list[Path]:
    return sorted((cfp / "images" / person / "frontal").glob("*.jpg"))


def spoilt(parts: Parts, photos: list[Path]) -> Iterator[tuple[str, BgrImage]]:
    """Each photo as it is and in every spoilt way."""
    images = [read_image(p) for p in photos]
    cover = Cover(images)
    for image in images:
        try:
            box = dominant_face(parts.detector().detect(image, parts.settings.min_face)).box
        except InputError:
            yield "untouched", image
            continue
        yield "untouched", image
        for name, spoil in SPOILT.items():
            yield name, spoil(image, box)
        yield from cover.all(image, box).items()


def table(parts: Parts, options: argparse.Namespace) -> None:
    people = roles(options.cfp)
    sets = {
        "tune": [q for p in people if people[p] == "tune" for q in photos_of(options.cfp, p)],
        "others": [q for p in people if people[p] != "tune" for q in photos_of(options.cfp, p)],
    }
    if options.webcam:
        sets["webcam"] = sorted(options.webcam.iterdir())
    gate = Gate()
    for name, photos in sets.items():
        refused: dict[str, list[bool]] = defaultdict(list)
        why: dict[str, Counter[str]] = defaultdict(Counter)
        measured: dict[str, list[float]] = defaultdict(list)
        for kind, image in spoilt(parts, photos[:: options.every]):
            report = gate.check(image, parts.detector().detect(image, parts.settings.min_face))
            refused[kind].append(not report.passed)
            why[kind].update(report.codes)
            m = report.measures
            if kind == "untouched" and m is not None:
                for what in ("height", "visible", "highlights", "burnt", "sharpness", "score"):
                    measured[what].append(getattr(m, what))
                measured["contrast"].append(m.highlights - m.shadows)
                for what in ("yaw", "pitch", "roll"):
                    measured[what].append(abs(getattr(m, what)))
        print(f"\n{name}: {len(refused['untouched'])} photos, {parts.settings.detector}")
        for kind, answers in refused.items():
            reasons = ", ".join(f"{code} {n}" for code, n in why[kind].most_common(4))
            print(f"  {kind:22s} refused {np.mean(answers):6.1%}   {reasons}")
        bad = [a for kind, answers in refused.items() if kind != "untouched" for a in answers]
        hidden = [a for kind, answers in refused.items() if " " in kind for a in answers]
        print(f"  all spoilt {np.mean(bad):.1%}, half hidden {np.mean(hidden):.1%} of {len(hidden)} refused")
        for what, values in measured.items():
            print(f"  {what}: 1 % {np.percentile(values, 1):.4g}, middle {np.median(values):.4g}, "
                  f"99 % {np.percentile(values, 99):.4g}")  # fmt: skip


def enrol(parts: Parts, options: argparse.Namespace) -> None:
    people = list(roles(options.cfp))
    gate, owner, vectors, passed = Gate(), [], [], []
    for k, person in enumerate(people):
        for path in photos_of(options.cfp, person):
            image = read_image(path)
            faces = parts.detector().detect(image, parts.settings.min_face)
            report = gate.check(image, faces)
            owner.append(k)
            passed.append(report.passed)
            vectors.append(
                parts.embedder().embed(image, [report.face])[0]
                if report.face is not None
                else np.full(parts.embedder().dimension, np.nan, np.float32)
            )
    who, good, points = np.array(owner), np.array(passed).reshape(len(people), -1), np.array(vectors)
    shots = good.shape[1]
    print(f"first photos kept by the strict gate: {good[:, 0].sum()} of {len(people)}; of all photos {good.mean():.1%}")
    tune = np.array([role == "tune" for role in roles(options.cfp).values()])
    print(f"  of the tune people's {good[tune].mean():.1%}, of the others' {good[~tune].mean():.1%}")

    def rank_one(chosen: np.ndarray, what: str) -> None:
        """`chosen`: bool (people * shots), the enrolled ones; everything else is searched for."""
        gallery = np.flatnonzero(chosen & np.isfinite(points[:, 0]))
        probes = np.flatnonzero(~chosen)
        near = np.linalg.norm(points[probes, None] - points[None, gallery], axis=2)
        near = np.where(np.isnan(near), np.inf, near)
        right = (who[gallery][near.argmin(axis=1)] == who[probes]) & np.isfinite(near.min(axis=1))
        print(f"  {what}: {right.sum()} of {len(right)} = {right.mean():.4f}")

    for count in (1, 3):
        first = np.zeros_like(good)
        first[:, :count] = True
        rank_one(first.ravel(), f"{count} enrolled, whatever the gate says (warn)")
        # Whoever is refused is photographed again: the next one that passes.
        order = np.argsort(~good, axis=1, kind="stable")
        retaken = np.zeros_like(good)
        np.put_along_axis(retaken, order[:, :count], True, axis=1)
        rank_one(
            retaken.ravel() & np.repeat(good.any(axis=1), shots), f"{count} enrolled, the first that pass (strict)"
        )


def weights(parts: Parts, options: argparse.Namespace) -> None:
    people = roles(options.cfp)
    webcam = sorted(options.webcam.iterdir())
    who = sorted({p.name.split("_")[0] for p in webcam})
    sets = {
        "press photos": [q for p in people if people[p] == "tune" for q in photos_of(options.cfp, p)][::3],
        "webcam": [p for p in webcam if p.name.split("_")[0] in who[: (len(who) + 1) // 2]][::2],
    }
    rows: list[tuple[float, ...]] = []
    answers: list[bool] = []
    worth: list[float] = []
    for photos in sets.values():
        images = [read_image(p) for p in photos]
        cover = Cover(images)
        here: list[tuple[str, tuple[float, ...]]] = []
        for image in images:
            box = dominant_face(parts.detector().detect(image, parts.settings.min_face)).box
            kinds = {"whole": image, "lit": side_lit(image, box, cover.rng), "noisy": noisy(image, box, cover.rng)}
            for kind, changed in (kinds | cover.all(image, box)).items():
                try:
                    face = dominant_face(parts.detector().detect(changed, parts.settings.min_face))
                except InputError:
                    continue
                assert face.landmarks is not None
                here.append((kind, (*astuple(shown(changed, face.landmarks)), doubt(face.score), 1.0)))
        each = np.array([{"whole": 2.0, "lit": 0.5, "noisy": 0.5}.get(kind, 1.0) for kind, _ in here])
        hidden = np.array([" " in kind for kind, _ in here])
        for half in (hidden, ~hidden):  # as much weight to whole faces as to hidden ones, to webcams as to press photos
            each[half] *= 500 / each[half].sum()
        rows += [row for _, row in here]
        answers += hidden.tolist()
        worth += each.tolist()
    x, y, w = np.array(rows), np.array(answers, np.float64), np.array(worth)
    scale = np.append(x[:, :-1].std(axis=0), 1.0)
    x /= scale
    found = np.zeros(x.shape[1])
    for _ in range(50):  # Newton's method, with a little ridge
        p = 1 / (1 + np.exp(-x @ found))
        slope = (x * (w * p * (1 - p))[:, None]).T @ x + np.eye(len(found))
        found += np.linalg.solve(slope, x.T @ (w * (y - p)) - found)
    found /= scale
    print("WEIGHTS =", tuple(round(float(v), 2) for v in found))
    p = 1 / (1 + np.exp(-np.array(rows) @ np.round(found, 2)))
    for limit in (0.3, 0.35, 0.4, 0.5, 0.6):
        print(f"  {limit}: whole {np.mean(p[y == 0] > limit):.3f}, hidden and found {np.mean(p[y == 1] > limit):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("table", "enrol", "weights"))
    parser.add_argument("--cfp", type=Path, required=True)
    parser.add_argument("--webcam", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--detector")
    parser.add_argument("--precision")
    options = parser.parse_args()
    if options.what == "weights" and options.webcam is None:
        parser.error("weights needs --webcam")
    with Parts.open(None, detector=options.detector, precision=options.precision) as parts:
        {"table": table, "enrol": enrol, "weights": weights}[options.what](parts, options)


if __name__ == "__main__":
    main()
