"""What MTCNN makes of faces that turn, and of photographs of faces: the figures behind the challenge's numbers.

    OMP_NUM_THREADS=1 python -m tests.bench.liveness_landmarks noise --data DIR
    python -m tests.bench.liveness_landmarks heads --data DIR
    python -m tests.bench.liveness_landmarks prints --data DIR [--people 10]

`noise`: how much each landmark trembles from frame to frame while the head keeps still. `heads`: how real heads'
shift goes with the slope that MTCNN sees. `prints`: the same of photographs, drawn in perspective as sheets of paper
that are flat or bent to a cylinder of 15 cm, and turned; each is one frame, while an answer takes two of three.

DIR holds `video/` (`real2.webm`, a man who shakes his head at a webcam; `short_hamilton_clip.mp4`), `att_faces/`
(AT&T's 40 people) and `cfp/images/*/frontal/01.jpg`. Research data, never part of this project.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.app.parts import Parts
from faceapp.images import read_image
from faceapp.types import BgrImage
from faceapp.vision.detector import Detector
from faceapp.vision.liveness.parallax import Points, Shift, needed, normalised, shift
from faceapp.vision.quality import pose
from tests.bench.liveness import frames
from tests.fakes.heads import EYES_CM, rotation

SHARES = (0.33, 0.35, 0.38)
TILTS = ((25, 0), (40, 0), (-50, 0), (55, 0), (0, 25), (0, 40), (0, -50))
"""Yaw and pitch, degrees."""


def landmarks(image: BgrImage, detector: Detector, least: int = 60) -> Points | None:
    """Of the largest face."""
    faces = detector.detect(image, least)
    found = max(faces, key=lambda f: f.box.area, default=None)
    return None if found is None or found.landmarks is None else found.landmarks.astype(np.float64)


def noise(data: Path, detector: Detector) -> None:
    """By second differences over three frames in a row, which slow movements leave alone: their variance is 6 times
    the noise's. What all five points do together is taken away, and the half of the frames that move more is left."""
    for name in ("real2.webm", "short_hamilton_clip.mp4"):
        seen = [landmarks(image, detector, 48) for image in frames(data / "video" / name)]
        steps, moved = [], []
        for a, b, c in zip(seen, seen[1:], seen[2:], strict=False):
            if a is None or b is None or c is None or np.abs(c - a).max() > 0.3 * np.hypot(*(b[1] - b[0])):
                continue  # another face
            eyes = np.hypot(*(b[1] - b[0]))
            step = (a - 2 * b + c) / eyes
            steps.append((step - step.mean(axis=0)) * np.sqrt(5 / 4))
            moved.append(float(np.hypot(*(c - a).T).mean() / eyes))
        still = np.array(steps)[np.array(moved) <= np.median(moved)]
        # The median of |x| is 0.6745 standard deviations.
        each = np.median(np.abs(still), axis=0) / 0.6745 / np.sqrt(6)
        parts = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")
        print(f"{name}: {len(still)} frames, standard deviation aside and down, distances between the eyes")
        for part, (x, y) in zip(parts, each, strict=True):
            print(f"  {part}: {x:.4f} {y:.4f}")
        print(f"  all: {np.sqrt((each**2).mean()):.4f}")


def heads(data: Path, detector: Detector) -> None:
    """AT&T's turned heads, each against the median of the person's three most frontal pictures, and the webcam clip's
    frames against its frontal ones."""
    found: list[Shift] = []
    for person in sorted(p for p in (data / "att_faces").iterdir() if p.is_dir()):
        views = []
        for file in sorted(person.glob("*.pgm")):
            large = cv2.resize(read_image(file), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
            wide = cv2.copyMakeBorder(large, 60, 60, 60, 60, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
            points = landmarks(wide, detector)
            views += [] if points is None else [points]
        found += against_frontal(views, 3)
    report("AT&T", found)
    clip = [p for image in frames(data / "video" / "real2.webm") if (p := landmarks(image, detector)) is not None]
    clips = against_frontal(clip, 30)
    report("real2", clips)
    report("both", found + clips)


def against_frontal(views: list[Points], count: int) -> list[Shift]:
    """All other views against the median of the `count` most frontal ones."""
    turned = [abs(pose(v.astype(np.float32))[0]) + abs(pose(v.astype(np.float32))[1]) / 2 for v in views]
    order = np.argsort(turned)
    reference = np.median([normalised(views[i]) for i in order[:count]], axis=0)
    return [s for i in order[count:] if (s := shift(reference, views[i])) is not None]


def report(name: str, shifts: list[Shift]) -> None:
    """By how far they are turned: the slope seen, and how many show what is asked for."""
    for low, high in ((0.0, 0.07), (0.13, 0.2), (0.2, 0.3), (0.3, 1.0)):
        group = [s for s in shifts if low <= s.size < high]
        if group:
            slopes = np.percentile([s.slope for s in group], [5, 50, 95])
            enough = {
                share: float(np.mean([s.size >= needed(s.slope, share=share) for s in group])) for share in SHARES
            }
            passing = ", ".join(f"{share}: {part:.1%}" for share, part in enough.items())
            print(
                f"{name}, shift {low} to {high}: {len(group)}, slope {slopes[0]:.2f} {slopes[1]:.2f} {slopes[2]:.2f} "
                f"(5, 50, 95 %); enough at a share of {passing}"
            )


def prints(data: Path, detector: Detector, people: int) -> None:
    """CFP's people on paper, seen from seven tilts."""
    files = sorted((data / "cfp" / "images").glob("*/frontal/01.jpg"))
    for radius, axis, scale in ((np.inf, 0.0, 1.0), (15.0, 0.0, 1.0), (15.0, 0.0, 1.6), (15.0, 90.0, 1.6)):
        passing, along, slopes = dict.fromkeys(SHARES, 0), [], []
        for file in files[:: max(1, len(files) // people)]:
            image = read_image(file)
            points = landmarks(image, detector, 40)
            if points is None:
                continue

            sheet = image, points, scale, radius, axis
            frontal = landmarks(photographed(*sheet, 0, 0), detector)
            for yaw, pitch in TILTS:
                turned = landmarks(photographed(*sheet, yaw, pitch), detector)
                found = shift(frontal, turned) if frontal is not None and turned is not None else None
                if found is None:
                    continue
                along.append((found.aside if yaw else found.down) * np.sign(yaw + pitch))
                slopes.append(found.slope / np.tan(np.radians(abs(yaw + pitch))))
                for share in SHARES:
                    passing[share] += int(along[-1] >= needed(found.slope, share=share))
        shape = "flat" if np.isinf(radius) else f"bent to {radius:g} cm, ridge at {axis:g} degrees"
        print(
            f"{shape}, {scale:g} of life size: {len(along)} views, shift {np.mean(along):.3f} on average, at most "
            f"{np.max(along):.3f}; slope {np.median(slopes):.2f} of the true one; enough at {passing}"
        )


def photographed(
    image: BgrImage, points: Points, scale: float, radius: float, axis: float, yaw: float, pitch: float
) -> BgrImage:
    """A photograph on paper, `scale` of life size, bent to a cylinder of `radius` cm whose ridge, turned by `axis`
    degrees from upright, is nearest; turned about the face's middle; by a camera (480 x 640, focal length 600) that is
    nearer to smaller ones, so that faces are equally large. Rays are cut with the paper, pixel by pixel."""
    eyes, distance = float(np.hypot(*(points[1] - points[0]))), 45 * scale
    x, y = np.meshgrid((np.arange(640) - 320) / 600, (np.arange(480) - 240) / 600)
    turn = rotation(yaw, pitch) @ rotation(0, 0, axis)
    rays: NDArray[np.float64] = np.stack([x, y, np.ones_like(x)], axis=-1) @ turn
    camera = np.array([0, 0, -distance]) @ turn
    if np.isinf(radius):
        far = -camera[2] / rays[..., 2]
        u, hit = camera[0] + far * rays[..., 0], far > 0
    else:
        a = rays[..., 0] ** 2 + rays[..., 2] ** 2
        b = camera[0] * rays[..., 0] + (camera[2] - radius) * rays[..., 2]
        under = b * b - a * (camera[0] ** 2 + (camera[2] - radius) ** 2 - radius**2)
        far, hit = (-b - np.sqrt(np.maximum(under, 0))) / a, under > 0
        u = radius * np.arctan2(camera[0] + far * rays[..., 0], radius - camera[2] - far * rays[..., 2])
    paper = np.stack([u, camera[1] + far * rays[..., 1]], axis=-1) @ rotation(0, 0, axis)[:2, :2].T
    where = (paper * eyes / (EYES_CM * scale) + points.mean(axis=0)).astype(np.float32)
    where[~hit] = -1e4
    drawn = cv2.remap(image, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderValue=(90, 90, 90))
    return drawn.astype(np.uint8, copy=False)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("noise", "heads", "prints"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--people", type=int, default=10)
    arguments = parser.parse_args()
    with Parts.open(arguments.data_dir) as parts:
        detector = parts.detector("mtcnn")
        if arguments.what == "noise":
            noise(arguments.data, detector)
        elif arguments.what == "heads":
            heads(arguments.data, detector)
        else:
            prints(arguments.data, detector, arguments.people)


if __name__ == "__main__":
    main()
