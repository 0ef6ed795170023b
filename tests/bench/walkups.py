"""The figures of the door: who is let in, who isn't, and how soon.

    .venv/bin/python tests/bench/walkups.py photos --cfp DIR [--precision P] [--every N] [--quick]
    .venv/bin/python tests/bench/walkups.py clips OWN.webm OTHER.mp4... --cfp DIR [--frame 40]
    .venv/bin/python tests/bench/walkups.py timing OWN.webm [--runs 20] [--frames 150]

`photos`: walk-ups made from the frontal photographs of CFP (`walkup_films.py` says how), each judged with the policy's
state fresh: detector, tracker, the embedding of the one in front, search and policy as in `faceapp kiosk`, at 30 frames
a second of film time. The people are those of `split.txt`; the threshold is the shipped one, which comes from its
`tune` people alone (`calibrate.py thresholds` prints it again). `clips`: the person of the first clip and those 20
people enrolled; who is let in by each clip? `timing`: the command itself, in real time, on a clip and on `demo:`; the
time comes from the audit log, from the taking of the first usable frame to the door's answer.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from walkup_chain import Answer, Chain, Looked, judged
from walkup_films import FPS, film

from faceapp.access.policy_settings import PolicySettings
from faceapp.app.parts import Parts
from faceapp.camera.choose import parse_source
from faceapp.images import read_image
from faceapp.types import Floats, Frame

HIM = "The person of the clip"


# photos


@dataclass(frozen=True, slots=True)
class WalkUp:
    """One film of one photograph."""

    person: str
    photo: int
    """0 to 9."""
    looked: Looked


@dataclass(slots=True)
class Tally:
    """Of walk-ups by person: how many, and how many were let in, as themselves and as somebody else."""

    tried: Counter[str] = dataclasses.field(default_factory=Counter)
    right: Counter[str] = dataclasses.field(default_factory=Counter)
    wrong: Counter[str] = dataclasses.field(default_factory=Counter)
    missed: list[tuple[WalkUp, Answer]] = dataclasses.field(default_factory=list)
    frames: list[int] = dataclasses.field(default_factory=list)


def photos(options: argparse.Namespace) -> None:
    """Walk-ups from photographs."""
    parts = Parts.open(precision=options.precision)
    roles = dict(line.split() for line in (options.cfp / "split.txt").read_text().splitlines() if line.strip())
    files = {p: sorted((options.cfp / "images" / p / "frontal").glob("*.jpg")) for p in roles if roles[p] != "tune"}
    chain = Chain(parts)
    enrolled = [p for p in files if roles[p] == "enrolled"]
    stills = {(p, k): chain.photograph(file) for p in files for k, file in enumerate(files[p])}
    wanted = [key for key in stills if not options.quick or key[1] % 4 == 1]
    walks, started = [], time.perf_counter()
    for n, (person, k) in enumerate(wanted, 1):
        pictures = film(read_image(files[person][k]), (int(person), k))
        frames = [Frame.freeze(i, round(i * 1e9 / FPS), image) for i, image in enumerate(pictures)]
        walks.append(WalkUp(person, k, chain.look(frames[:: options.every])))
        if n % 20 == 0:
            left = (time.perf_counter() - started) / n * (len(wanted) - n)
            print(f"\r{n} of {len(wanted)} walk-ups, {left:.0f} s left ", end="", file=sys.stderr, flush=True)
    s = chain.settings
    print(f"\n{parts.provider_text()}; door threshold {s.threshold:.4f} ({parts.embedder_spec.space})")
    print(f"{len(walks)} walk-ups, every {options.every}. of 20 frames, {s.votes} of {s.frames} frames must agree")
    _heights(walks)
    for shots in (1, 3):
        first = [list(range(shots))]
        tally = _tried(chain, walks, stills, enrolled, first, s)
        _print_tally(f"{shots} photo{'s' * (shots > 1)} enrolled", tally, enrolled)
        _print_missed(tally, stills, [(p, k) for p in enrolled for k in range(shots)], s)
        turns = [[(k + i) % 10 for i in range(shots)] for k in range(10)]
        _print_tally("  each photo enrolled in turn", _tried(chain, walks, stills, enrolled, turns, s), enrolled)
        for change in (
            {"votes": 3},
            {"votes": 4},
            {"votes": 6},
            {"votes": 1, "frames": 1},
            {"frames": 12},
            {"margin": 0.0},
            {"margin": 0.2},
            {"min_quality": 0.0},
            {"min_quality": 30.0},
            {"door_threshold": s.threshold - 0.02},
            {"door_threshold": s.threshold + 0.02},
            {"door_threshold": parts.thresholds().verify},
        ):
            t = _tried(chain, walks, stills, enrolled, first, dataclasses.replace(s, **change))
            print(f"    with {change}: {_short(t, enrolled)}")


def _tried(
    chain: Chain,
    walks: list[WalkUp],
    stills: dict[tuple[str, int], Floats],
    enrolled: list[str],
    choices: list[list[int]],
    settings: PolicySettings,
) -> Tally:
    """All walk-ups, but those of enrolled photographs, for each choice of photographs to enrol."""
    tally = Tally()
    for chosen in choices:
        index = chain.index([(p, stills[p, k]) for p in enrolled for k in chosen])
        for walk in walks:
            if walk.person in enrolled and walk.photo in chosen:
                continue
            answer = judged(walk.looked, index, settings)
            tally.tried[walk.person] += 1
            if answer.let_in and answer.let_in[0] == walk.person:
                tally.right[walk.person] += 1
                tally.frames.append(answer.frame or 0)
            elif answer.let_in:
                tally.wrong[walk.person] += 1
            elif walk.person in enrolled:
                tally.missed.append((walk, answer))
    return tally


def _heights(walks: list[WalkUp]) -> None:
    seen = [face for walk in walks for result, _ in walk.looked for face in result.faces[:1]]
    values = {
        "face's height": [f.face.box.height for f in seen],
        "quality": [f.quality for f in seen if f.quality is not None],
    }
    for what, v in values.items():
        low, middle, high = np.percentile(v, [1, 50, 99])
        print(f"  {what}: {low:.0f} to {high:.0f} (98 of 100 frames), median {middle:.0f}")
    frames = sum(len(walk.looked) for walk in walks)
    doubted = sum(not f.certain for f in seen)
    print(f"  of {frames} frames {frames - len(seen)} without a face, {doubted} in doubt whose face it is")


def _short(tally: Tally, enrolled: list[str]) -> str:
    n, right = sum(tally.tried[p] for p in enrolled), sum(tally.right.values())
    wrong = sum(tally.wrong[p] for p in enrolled)
    strangers = sum(tally.wrong.values()) - wrong
    met = sum(tally.tried.values()) - n
    return f"let in {right}/{n} = {right / n:.3f}, as somebody else {wrong}, strangers let in {strangers}/{met}"


def _print_tally(what: str, tally: Tally, enrolled: list[str]) -> None:
    n, right = sum(tally.tried[p] for p in enrolled), sum(tally.right.values())
    others = [p for p in tally.tried if p not in enrolled]
    met, strangers = sum(tally.tried[p] for p in others), sum(tally.wrong[p] for p in others)
    wrong = sum(tally.wrong[p] for p in enrolled)
    low, high = wilson(right, n)
    by_people = people_interval([(tally.right[p], tally.tried[p]) for p in enrolled])
    print(f"{what}: {_short(tally, enrolled)}")
    print(f"    let in: 95 % {low:.3f} to {high:.3f} (Wilson), {by_people[0]:.3f} to {by_people[1]:.3f} (people drawn)")
    worst = ", ".join(f"{p} {tally.right[p]}/{tally.tried[p]}" for p in enrolled if tally.right[p] < tally.tried[p])
    print(f"    not always let in: {worst or 'nobody'}")
    print(f"    as somebody else: 95 % up to {wilson(wrong, n)[1]:.4f}")
    found = sum(tally.wrong[p] > 0 for p in others)
    print(
        f"    strangers: 95 % {wilson(strangers, met)[0]:.4f} to {wilson(strangers, met)[1]:.4f}; {found} of "
        f"{len(others)} people, 95 % {wilson(found, len(others))[0]:.3f} to {wilson(found, len(others))[1]:.3f}"
    )
    frames = np.percentile(tally.frames, [50, 95, 100]).astype(int) if tally.frames else "-"
    print(f"    the frame that opens (0 the first): median, 95th percentile, last {frames}")


def _print_missed(
    tally: Tally, stills: dict[tuple[str, int], Floats], gallery: list[tuple[str, int]], settings: PolicySettings
) -> None:
    """Why those weren't let in who should have been."""
    causes = Counter[str]()
    for walk, answer in tally.missed:
        own = min(
            float(np.linalg.norm(stills[walk.person, walk.photo] - stills[key]))
            for key in gallery
            if key[0] == walk.person
        )
        cause = max((c for c in answer.causes if c != "agrees"), key=lambda c: answer.causes[c])
        causes[cause + (", its photograph too" if own > settings.threshold and cause == "too far" else "")] += 1
        print(
            f"    {walk.person}/{walk.photo + 1:02}: photograph at {own:.3f}, at most {answer.votes} agree; "
            + ", ".join(f"{c} {n}" for c, n in answer.causes.most_common())
        )
    print(f"    not let in because: {', '.join(f'{c} {n}' for c, n in causes.most_common()) or '-'}")


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    p, half = hits / n, z * math.sqrt(hits / n * (1 - hits / n) / n + z * z / (4 * n * n))
    return max(0.0, (p + z * z / (2 * n) - half) / (1 + z * z / n)), min(
        1.0, (p + z * z / (2 * n) + half) / (1 + z * z / n)
    )


def people_interval(counts: list[tuple[int, int]], draws: int = 10_000) -> tuple[float, float]:
    """95 % interval of a share by drawing people anew: one person's photographs hang together."""
    hits, tried = np.array(counts).T
    chosen = np.random.default_rng(0).integers(0, len(counts), (draws, len(counts)))
    low, high = np.percentile(hits[chosen].sum(axis=1) / tried[chosen].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


# clips and timing


def clips(options: argparse.Namespace) -> None:
    """Who is let in by clips, with the person of the first one and 20 others enrolled."""
    parts = Parts.open(precision=options.precision)
    chain = Chain(parts)
    lines = (line.split() for line in (options.cfp / "split.txt").read_text().splitlines() if line.strip())
    others = [person for person, role in lines if role == "enrolled"]
    gallery = [(p, chain.photograph(options.cfp / "images" / p / "frontal" / "01.jpg")) for p in others]
    own: Looked = []
    for clip in options.clips:
        source = parse_source(str(clip))
        source.open()
        frames = list(iter(source.read, None))
        source.close()
        chain.look(frames[:5])  # warm
        started = time.perf_counter()
        looked = chain.look(frames)
        seconds = time.perf_counter() - started
        own = own or looked
        _print_clip(clip, looked, own, gallery, chain, options.frame)
        print(f"    {len(frames)} frames, {len(frames) / seconds:.1f} a second: detect, track, embed")


def _print_clip(
    clip: Path,
    looked: Looked,
    own: Looked,
    gallery: list[tuple[str, Floats]],
    chain: Chain,
    chosen: int,
) -> None:
    """One clip: with the chosen frame enrolled, and with every tenth in turn, half a second around it left out."""
    counts, waits, distances = Counter[int](), [], []
    wrong = 0
    for n in sorted({chosen, *range(0, len(own), 10)}):
        vector = own[n][1]
        if vector is None:
            continue
        index = chain.index([*gallery, (HIM, vector)])
        kept = [(r, v) for k, (r, v) in enumerate(looked) if looked is not own or abs(k - n) > 15]
        answer = judged(kept, index, chain.settings)
        counts[len(answer.let_in)] += 1
        wrong += sum(p != HIM for p in answer.let_in)
        if answer.waited_ms is not None:
            waits.append(answer.waited_ms)
        if n == chosen:
            distances = [m.nearest.distance for _, v in kept if v is not None for m in index.match(v[None], 0.0) if m]
            print(f"{clip.name}, frame {n} enrolled: let in {', '.join(answer.let_in) or 'nobody'}", end="")
            print(f" (frame {answer.frame}, {answer.waited_ms:.0f} ms of film)" if answer.let_in else "")
            print(
                f"    nearest of all enrolled {np.percentile(distances, [0, 50, 100]).round(2)} (least, median, most)"
            )
            print(f"    frames: {', '.join(f'{c} {k}' for c, k in answer.causes.most_common())}")
    times = ", ".join(f"{k} times with {n} of the frames" for k, n in sorted(counts.items()))
    waited = f", after {np.median(waits):.0f} ms of film (at most {max(waits):.0f})" if waits else ""
    print(f"    every tenth frame enrolled in turn: let in {times}{waited}; as somebody else {wrong}")


def timing(options: argparse.Namespace) -> None:
    """The command in real time, again and again."""
    for source in ("demo:", str(options.own)):
        with tempfile.TemporaryDirectory() as folder:
            faceapp = [sys.executable, "-m", "faceapp", "--data-dir", folder]
            if source != "demo:":
                picture = Path(folder) / "frame.png"
                frames = parse_source(source)
                frames.open()
                for _ in range(options.frame):
                    frames.read()
                frame = frames.read()
                frames.close()
                assert frame is not None
                cv2.imwrite(str(picture), frame.image)
                _run([*faceapp, "enroll", HIM, str(picture)])
                _run([*faceapp, "people", "allow", HIM])
            load = os.getloadavg()[0]
            kiosk = [
                *faceapp,
                "kiosk",
                "--json",
                "--headless",
                "--liveness",
                "off",
                "--source",
                source,
                "--frames",
                str(options.frames),
            ]
            summaries = [json.loads(_run(kiosk)) for _ in range(options.runs)]
            entries = json.loads(_run([*faceapp, "audit", "list", "--json", "--last", "1000"]))["entries"]
        grants = Counter(sum(s["grants"].values()) for s in summaries)
        fps = float(np.median([s["fps"] for s in summaries]))
        intentions = {e["n"]: e for e in entries if e["kind"] == "intention"}
        whole, film_ms, after = [], [], []
        for outcome in (e for e in entries if e["kind"] == "outcome" and e["outcome"] == "opened"):
            e = intentions[outcome["intention"]]
            opened = datetime.fromisoformat(outcome["at"]) - datetime.fromisoformat(e["frame_time"])
            film_ms.append(e["waited_ms"])
            after.append(opened.total_seconds() * 1000)
            whole.append(film_ms[-1] + after[-1])
        print(f"{source}: {options.runs} runs of {options.frames} frames, openings a run {dict(grants)}, {fps:.1f}/s")
        for what, v in {
            "first usable frame to open": whole,
            "to the frame that decides": film_ms,
            "from there on": after,
        }.items():
            p50, p95 = np.percentile(v, 50), np.percentile(v, 95, method="inverted_cdf")  # the 19th of 20
            slowest = ", ".join(f"{ms:.0f}" for ms in sorted(v)[-3:])
            print(f"    {what}: median {p50:.0f} ms, p95 {p95:.0f} ms, the slowest three {slowest}")
        print(f"    load average before and after: {load:.1f}, {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = parser.add_subparsers(required=True)
    p = ways.add_parser("photos")
    p.add_argument("--cfp", type=Path, required=True)
    p.add_argument("--precision", default="auto")
    p.add_argument("--every", type=int, default=1, help="look at every n-th frame only, as a slower machine does")
    p.add_argument("--quick", action="store_true", help="a quarter of the photographs")
    p.set_defaults(run=photos)
    p = ways.add_parser("clips")
    p.add_argument("clips", type=Path, nargs="+")
    p.add_argument("--cfp", type=Path, required=True)
    p.add_argument("--frame", type=int, default=40)
    p.add_argument("--precision", default="auto")
    p.set_defaults(run=clips)
    p = ways.add_parser("timing")
    p.add_argument("own", type=Path)
    p.add_argument("--frame", type=int, default=40)
    p.add_argument("--runs", type=int, default=20)
    p.add_argument("--frames", type=int, default=150)
    p.set_defaults(run=timing)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
