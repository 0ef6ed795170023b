"""Is `live --no-drop` right in every frame, and how fast is it where it is? The judge of every figure for speed.

    .venv/bin/python -m tests.bench.live_truth FILM... [--detector mtcnn] [--min-face 60] [--frame 40] [--keep DIR]

FILM is a clip, or a film made here of photographs: 1@640x480 or 6@1920x1080 (faces, size; `--seconds` long). Of a clip,
the faces of frame `--frame` are enrolled; of a film made here, its people, from the photographs. Then every frame goes
through full detection and its faces through the embedder, and the command's own events are held against that: every
face that full detection finds needs a box with an IoU of at least 0.6, and its name once it was recognised. Prints what
was missed and fails where anything was. `--keep` writes down what full detection found, and takes it from there the
next time (name another folder after a change of the detector itself).

Beside the frames a second by the clock stand the milliseconds of processor time a frame took, start-up taken off: on a
machine that others use that is the one to compare.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from faceapp.app.bench import films
from faceapp.app.bench.correctness import TrueFace, Verdict, judge
from faceapp.app.enrolling import Enroller
from faceapp.app.parts import Parts
from faceapp.app.spaces import current_index
from faceapp.camera.choose import parse_source
from faceapp.types import Box, Frame, JsonObject


def frames_of(clip: Path) -> list[Frame]:
    """All frames of a clip, as the live run reads them."""
    source = parse_source(str(clip))
    source.open()
    try:
        return list(iter(source.read, None))
    finally:
        source.close()


def truth(parts: Parts, frames: Sequence[Frame], min_face: int) -> list[list[TrueFace]]:
    """What full detection finds in each frame, and whom the embedder sees in it."""
    detector, embedder, index = parts.detector(), parts.embedder(), current_index(parts)
    threshold = parts.identify_threshold(index.templates)
    found = []
    for frame in frames:
        faces = detector.detect(frame.image, min_face)
        matches = index.match(embedder.embed(frame.image, faces), threshold) if faces else []
        names = [m.name if m else None for m in matches]
        found.append([TrueFace(f.box, name) for f, name in zip(faces, names, strict=True)])
    return found


def kept_truth(file: Path | None, parts: Parts, frames: Sequence[Frame], min_face: int) -> list[list[TrueFace]]:
    """As `truth`, from `file` where it is there, else written to it."""
    if file is not None and file.is_file():
        rows = json.loads(file.read_text())
        return [[TrueFace(Box(*f["box"]), f["name"]) for f in row] for row in rows]
    found = truth(parts, frames, min_face)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([[{"box": f.box.as_list(), "name": f.name} for f in row] for row in found]))
    return found


def enrol(parts: Parts, film: str, frames: Sequence[Frame], at: int, people: Sequence[films.Sitter]) -> list[str]:
    """Enrol the film's people; of a clip, those of frame `at`, the largest face first."""
    enroller = Enroller(parts)
    if people:
        for person in people:
            faces = parts.detector().detect(person.photograph, 40)
            face = max(faces, key=lambda f: f.box.iou(person.face))
            enroller.enrol(person.name, person.photograph, film, face=face)
        return [p.name for p in people]
    image = frames[min(at, len(frames) - 1)].image
    names = []
    for n, face in enumerate(parts.detector().detect(image, parts.settings.min_face), 1):
        names.append(enroller.enrol(f"Face {n}", image, film, face=face).name)
    return names


def live(data: Path, clip: Path, words: Sequence[str], events: Path) -> tuple[JsonObject, float]:
    """Run the command: its summary, and the seconds of processor time it took."""
    command = [sys.executable, "-m", "faceapp", "--data-dir", str(data), "--json", "live", "--source", str(clip)]
    command += ["--headless", "--no-drop", "--events", str(events), *words]
    before = os.times()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    after = os.times()
    if done.returncode != 0:
        raise SystemExit(f"the command failed: {done.stderr.strip()}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(done.stdout), spent


def run(film: str, options: argparse.Namespace, folder: Path) -> bool:
    """Judge one film; whether it was right."""
    data, events = folder / "data", folder / "events.jsonl"
    data.mkdir(mode=0o700)
    clip, people = Path(film), ()
    if "@" in film and not clip.exists():
        count, _, size = film.partition("@")
        width, _, height = size.partition("x")
        clip, people = folder / f"{film}.mp4", films.sitters(int(count))
        films.write(clip, people, (int(width), int(height)), round(options.seconds * films.FPS))
    with Parts.open(data, detector=options.detector, embedder=options.embedder, precision=options.precision) as parts:
        frames = frames_of(clip)
        names = enrol(parts, film, frames, options.frame, people)
        key = hashlib.sha256(clip.read_bytes()).hexdigest()[:16]
        kept = f"{key}-{parts.settings.detector}-{parts.settings.embedder}-{options.min_face}-{options.frame}.json"
        true = kept_truth(options.keep and options.keep / kept, parts, frames, options.min_face)
    print(f"{film}: {len(frames)} frames of {frames[0].size[0]}x{frames[0].size[1]}, enrolled: {', '.join(names)}")
    words = ["--min-face", str(options.min_face), *options.live]
    for name in ("detector", "embedder", "precision"):
        if getattr(options, name) is not None:
            words += [f"--{name}", getattr(options, name)]
    _, starting = live(data, clip, [*words, "--frames", "1"], events)
    summary, spent = live(data, clip, words, events)
    verdict = judge(true, [json.loads(line) for line in events.read_text().splitlines()])
    each = 1000 * (spent - starting) / max(1, len(frames) - 1)
    print(f"  {summary['fps']:.1f} frames a second by the clock, {each:.2f} ms of processor time a frame")
    show(verdict, options.show)
    return verdict.right


def show(verdict: Verdict, most: int) -> None:
    """Print what was found, `most` lines of each kind."""
    late = max(verdict.until_named, default=0)
    print(f"  {verdict.faces} faces in {verdict.frames} frames; named within {late} frames; ", end="")
    print(f"no identity older than {verdict.oldest_s:.2f} s; {verdict.more} boxes where full detection finds nothing")
    for what in ("lost", "wrong", "nameless", "never"):
        lines = getattr(verdict, what)
        if lines:
            print(f"  {what}: {len(lines)}")
            print("".join(f"    {line}\n" for line in lines[:most]), end="")
    print("  right in every frame" if verdict.right else "  NOT RIGHT: the speed does not count")


def main() -> int:
    """Judge each film."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", metavar="FILM")
    parser.add_argument("--detector")
    parser.add_argument("--embedder")
    parser.add_argument("--precision")
    parser.add_argument("--min-face", type=int, default=60)
    parser.add_argument("--frame", type=int, default=40, help="of a clip: whose faces are enrolled")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a film made here")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("--show", type=int, default=8, help="lines of each kind of mistake")
    parser.add_argument("--live", nargs="+", default=[], help="further words for the live command")
    options = parser.parse_args()
    right = True
    for film in options.films:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["FACEAPP_KEYS_DIR"] = str(Path(folder, "keys"))  # nothing is left among the user's keys
            right &= run(film, options, Path(folder))
    return 0 if right else 1


if __name__ == "__main__":
    raise SystemExit(main())
