"""Is what a live run said of a film right? Frame by frame against what full detection finds in it.

Speed counts only where the result is right: every face that full detection finds has a box, and, once it was
recognised, its name. Pure: no network runs in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from faceapp.types import Box, JsonObject

IOU = 0.6
"""How far a live box must overlap with the one that full detection finds."""
_LINK, _GAP = 0.3, 15
"""Faces of one person in two frames overlap at least so much, and are at most so many frames apart."""


@dataclass(frozen=True, slots=True)
class TrueFace:
    """A face that full detection finds in a frame."""

    box: Box
    name: str | None = None
    """Whom its own embedding in this very frame is within the threshold of; None: nobody."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One face through the frames it is there: which of each frame's faces it is, and whose it is."""

    name: str | None
    """None: somebody who isn't enrolled."""
    faces: Mapping[int, int]
    """By frame, the face's number in it."""


@dataclass(slots=True)
class Verdict:
    """What was found. All of it empty but for `frames`, `faces` and the figures: the run was right."""

    frames: int = 0
    faces: int = 0
    """In all frames together."""
    lost: list[str] = field(default_factory=list)
    """A face without a box."""
    wrong: list[str] = field(default_factory=list)
    """A name that isn't the face's."""
    nameless: list[str] = field(default_factory=list)
    """A face that had its name before and has none."""
    never: list[str] = field(default_factory=list)
    """An enrolled person who was never named."""
    more: int = 0
    """Boxes said to be observed where full detection finds nothing."""
    until_named: list[int] = field(default_factory=list)
    """For each presence, frames from the first with the face to the first with its name."""
    oldest_s: float = 0.0
    """The longest time a name stood without its distance changing: how old an identity was, at most."""

    @property
    def right(self) -> bool:
        """Whether the run's speed counts."""
        return not (self.lost or self.wrong or self.nameless or self.never)

    def as_json(self) -> JsonObject:
        """The counts."""
        return {
            "right": self.right,
            "frames": self.frames,
            "faces": self.faces,
            "lost": len(self.lost),
            "wrong": len(self.wrong),
            "nameless": len(self.nameless),
            "never": len(self.never),
            "more": self.more,
            "frames_until_named": max(self.until_named, default=0),
            "oldest_s": round(self.oldest_s, 3),
        }


def presences(frames: Sequence[Sequence[TrueFace]]) -> list[Presence]:
    """Link the faces of a film's frames. A presence has the name that most of its named faces have."""
    going: list[dict[int, int]] = []
    ended: list[dict[int, int]] = []
    for k, faces in enumerate(frames):
        ended += [p for p in going if k - max(p) > _GAP]
        going = [p for p in going if k - max(p) <= _GAP]
        last = [frames[max(p)][p[max(p)]].box for p in going]
        pairs = sorted(
            ((box.iou(f.box), i, j) for i, box in enumerate(last) for j, f in enumerate(faces)),
            reverse=True,
        )
        left, free = set(range(len(faces))), set(range(len(going)))
        for overlap, i, j in pairs:
            if overlap >= _LINK and i in free and j in left:
                going[i][k] = j
                free.discard(i)
                left.discard(j)
        going += [{k: j} for j in sorted(left)]
    named = []
    for faces_of in [*ended, *going]:
        names = Counter(n for k, j in faces_of.items() if (n := frames[k][j].name) is not None)
        named.append(Presence(names.most_common(1)[0][0] if names else None, faces_of))
    return named


def judge(frames: Sequence[Sequence[TrueFace]], events: Sequence[JsonObject], iou: float = IOU) -> Verdict:
    """Compare a run's events (`live --no-drop --events`) with the film's true faces."""
    found = Verdict(frames=len(frames), faces=sum(map(len, frames)))
    said = {e["frame"]: e for e in events if e.get("type") == "frame"}
    pairs = {k: _pairs(faces, said[k]["faces"], iou) for k, faces in enumerate(frames) if k in said}
    for presence in presences(frames):
        _follow(presence, frames, said, pairs, found)
    for k, faces in enumerate(frames):
        boxes = said[k]["faces"] if k in said else []
        taken = set(pairs.get(k, {}).values())
        found.more += sum(
            f["observed"] and j not in taken and all(_box(f).iou(t.box) < _LINK for t in faces)
            for j, f in enumerate(boxes)
        )
    found.oldest_s = oldest_identity(events)
    return found


def _follow(
    presence: Presence,
    frames: Sequence[Sequence[TrueFace]],
    said: Mapping[int, JsonObject],
    pairs: Mapping[int, Mapping[int, int]],
    found: Verdict,
) -> None:
    """One face from its first frame to its last."""
    first = min(presence.faces)
    named: int | None = None
    for k, j in sorted(presence.faces.items()):
        box = frames[k][j].box
        at = f"frame {k}, {presence.name or 'a stranger'} at {[round(v) for v in box.as_list()]}"
        if k not in said:
            found.lost.append(f"{at}: the frame was not processed")
            continue
        boxes = said[k]["faces"]
        if j not in pairs[k]:
            best = max((_box(f).iou(box) for f in boxes), default=0.0)
            found.lost.append(f"{at}: the best box overlaps by {best:.2f}")
            continue
        name = boxes[pairs[k][j]]["name"]
        if name is not None and name != presence.name:
            found.wrong.append(f"{at}: named {name}")
        elif name is None and named is not None:
            found.nameless.append(f"{at}: no name, named since frame {named}")
        elif name is not None and named is None:
            named = k
            found.until_named.append(k - first)
    if presence.name is not None and named is None:
        found.never.append(f"{presence.name}, {len(presence.faces)} frames from frame {first}")


def _pairs(faces: Sequence[TrueFace], boxes: Sequence[JsonObject], iou: float) -> dict[int, int]:
    """Which box each true face has, the best overlaps first; one box each."""
    overlaps = sorted(
        ((_box(b).iou(f.box), i, j) for i, f in enumerate(faces) for j, b in enumerate(boxes)),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for overlap, i, j in overlaps:
        if overlap >= iou and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _box(face: JsonObject) -> Box:
    return Box(*face["box"])


def oldest_identity(events: Sequence[JsonObject]) -> float:
    """For how many seconds the distance of a named track stayed as it was, at most: an embedding anew gives another."""
    since: dict[int, tuple[float, float]] = {}
    oldest = 0.0
    for event in events:
        if event.get("type") != "frame":
            continue
        now = float(event["t"])
        named = {f["track"]: float(f["distance"]) for f in event["faces"] if f["name"] is not None}
        for track, distance in named.items():
            if track not in since or since[track][1] != distance:
                since[track] = (now, distance)
            oldest = max(oldest, now - since[track][0])
        since = {track: kept for track, kept in since.items() if track in named}
    return oldest
