"""The accuracy figures of the README, on celebrities (CFP: 120 people, 10 frontal and 4 profile photos each).

    .venv/bin/python tests/bench/cfp.py --cfp DIR [--embedder ID]... [--precision P] [--detector D]

Embeds every photo through `faceapp embed`, then prints: the ten-fold accuracy on the frontal and the profile pairs;
and, with the people of `split.txt`, identification with a threshold from the `tune` people alone: the 20 `enrolled`
with one photo (and with three), their other frontal photos as probes, and the photos of 40 strangers.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from faceapp import paths
from faceapp.evaluation.metrics import folded_accuracy, impostor_distances, tar_at_far, threshold_at_far
from faceapp.evaluation.protocols import read_pairs
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.specs import EmbedderSpec

Table = dict[str, np.ndarray]


def embed(cfp: Path, embedder: str, precision: str, detector: str) -> Table:
    """Every photo's embedding by its path; photos without a found face are absent."""
    photos = sorted((cfp / "images").rglob("*.jpg"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "e.npz"
        command = [sys.executable, "-m", "faceapp", "embed", "--list", "-", "--out", str(out)]
        command += ["--embedder", embedder, "--precision", precision, "--detector", detector]
        subprocess.run(command, input="\n".join(map(str, photos)), text=True, check=True, stdout=subprocess.DEVNULL)
        with np.load(out) as file:
            rows = zip(file["paths"], file["embeddings"], file["found"], strict=True)
            return {str(Path(str(p)).relative_to(cfp / "images")): e for p, e, found in rows if found}


def pairs_line(cfp: Path, name: str, table: Table) -> str:
    """Accuracy and TAR at FAR on one list of pairs."""
    pairs = read_pairs(cfp / name)
    distances = np.array(
        [
            np.linalg.norm(table[a] - table[b]) if a in table and b in table else np.inf
            for a, b in zip(pairs.left, pairs.right, strict=True)
        ],
        np.float64,
    )
    result = folded_accuracy(distances, pairs.same, pairs.fold)
    later = pairs.fold >= 5
    second = folded_accuracy(distances[later], pairs.same[later], pairs.fold[later])
    return (
        f"{name}: accuracy {result.mean:.4f} ± {result.std:.4f} (folds 6 to 10 alone {second.mean:.4f}), "
        f"TAR at FAR 1 % {tar_at_far(distances, pairs.same, 0.01):.3f}, 0.1 % "
        f"{tar_at_far(distances, pairs.same, 0.001):.3f}, {np.isinf(distances).sum()} pairs without a face"
    )


def split_lines(cfp: Path, table: Table, spec: EmbedderSpec) -> list[str]:
    """Identification as `split.txt` lays it out, at thresholds computed here from the `tune` people in this precision,
    and at those the manifest ships."""
    roles = dict(line.split() for line in (cfp / "split.txt").read_text().splitlines() if line.strip())
    frontal = {person: [p for p in sorted(table) if p.startswith(f"{person}/frontal/")] for person in roles}
    tune = [(table[p], k) for k, person in enumerate(roles) if roles[person] == "tune" for p in frontal[person]]
    impostors = impostor_distances(np.array([e for e, _ in tune]), np.array([k for _, k in tune]))
    lines = []
    for shots in (1, 3, 5):
        templates = 20 * shots
        thresholds = {f"pair FAR {far:g}, computed here": threshold_at_far(impostors, far) for far in (1e-4, 1e-3)} | {
            f"shipped, {templates} templates": spec.threshold_identify(templates),
            "shipped, door": spec.threshold_door(),
        }
        for what, t in thresholds.items():
            lines.append(
                f"split, {shots} photo{'s' * (shots > 1)}, {what} ({t:.4f}): " + tried(table, frontal, roles, shots, t)
            )
    return lines


def tried(table: Table, frontal: dict[str, list[str]], roles: dict[str, str], shots: int, threshold: float) -> str:
    """The first `shots` photos of each enrolled person against their others and the strangers'."""
    people = [person for person in roles if roles[person] == "enrolled"]
    gallery = np.array([table[p] for person in people for p in frontal[person][:shots]])
    owner = np.array([k for k, person in enumerate(people) for _ in frontal[person][:shots]])
    named = wrong = probes = 0
    for k, person in enumerate(people):
        for p in frontal[person][shots:]:
            d = np.linalg.norm(gallery - table[p], axis=1)
            probes += 1
            named += int(d.min() <= threshold and owner[d.argmin()] == k)
            wrong += int(d.min() <= threshold and owner[d.argmin()] != k)
    strangers = [p for person in roles if roles[person] == "stranger" for p in frontal[person]]
    met = sum(int(np.linalg.norm(gallery - table[p], axis=1).min() <= threshold) for p in strangers)
    return f"named {named}/{probes} = {named / probes:.3f}, wrongly {wrong}, strangers named {met}/{len(strangers)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cfp", type=Path, required=True)
    parser.add_argument("--embedder", action="append")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--detector", default="mtcnn")
    options = parser.parse_args()
    manifest = load_manifest(paths.manifest_dir())
    for embedder in options.embedder or ["facenet-512", "dlib-resnet-128", "facenet+dlib"]:
        start = time.perf_counter()
        table = embed(options.cfp, embedder, options.precision, options.detector)
        seconds = time.perf_counter() - start
        print(f"{embedder}, {options.precision}, {options.detector}: {len(table)} faces, {len(table) / seconds:.1f}/s")
        print("  " + pairs_line(options.cfp, "pairs_frontal.txt", table))
        print("  " + pairs_line(options.cfp, "pairs_profile.txt", table))
        for line in split_lines(options.cfp, table, manifest.embedder(embedder)):
            print("  " + line)


if __name__ == "__main__":
    main()
