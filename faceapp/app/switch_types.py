"""What changing the embedder costs and comes to: plain data, and the protocol a window talks to.

`LiveSwitch` (`app/live_switch.py`) is the real one; tests bring a fake.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from faceapp.types import JsonObject

SwitchPhase: TypeAlias = Literal["idle", "embedding", "cancelled", "done", "failed"]


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """An embedder that can be chosen, or why it can't."""

    id: str
    title: str
    licence: str
    dimension: int
    stored: bool
    """It is the one in force: what is started next uses it."""
    problem: str = ""
    """One line; empty where it can be chosen."""


@dataclass(frozen=True, slots=True)
class SwitchCost:
    """What it costs to put an embedder into force."""

    embedder: str
    title: str
    licence: str
    space: str
    before: str
    """Id of the one in force."""
    milliseconds: float
    """For a face, on this computer."""
    photos: int = 0
    """To be embedded again from their kept crops."""
    people: int = 0
    """Whose those are."""
    ready: int = 0
    """Photos that are embedded for it already."""
    again: tuple[str, ...] = ()
    """Names of those who must be photographed again: none of their photos has a kept crop."""
    lost: int = 0
    """Photos without a kept crop, of everybody: what they know of a face is lost to the new embedder."""
    negatives: int = 0
    """Faces of which somebody said "that is not NAME": no picture is kept of them, so they count no more."""
    unknown: int = 0
    """Unknown faces in the inbox that can't be told from each other any more."""
    seconds: float = 0.0
    """About how long embedding takes."""
    old: int = 0
    """Templates of other embedders, which stay until they are dropped."""
    own_threshold: float | None = None
    """The site's own distance for names, where it was chosen for another embedder and doesn't count."""
    policy: tuple[str, ...] = ()
    """Names of the door's own distances in the settings, which go."""
    door: float | None = None
    """The distance by which a door opens with it."""
    door_problem: str = ""
    """Why no door opens with it; empty where one does."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to do at all."""
        return self.before != self.embedder or self.photos > 0

    def lines(self, most: int | None = None) -> list[str]:
        """For people: what is to be known before it is decided, the worst last. `most`: so many names at most."""
        told = []
        if self.photos:
            told.append(
                f"{_count(self.photos, 'photo')} of {_people(self.people)} "
                f"{'is' if self.photos == 1 else 'are'} embedded again from kept pictures: {duration(self.seconds)}"
            )
        elif self.ready:
            told.append(f"{_count(self.ready, 'photo')} {'is' if self.ready == 1 else 'are'} embedded for it already")
        else:
            told.append("there is no photo to embed again")
        told.append(f"a face costs {self.milliseconds:.0f} ms here")
        if self.own_threshold is not None:
            own = f"{self.own_threshold:.2f}"
            told.append(f"your own distance for names, {own}, was chosen for another embedder and doesn't count")
        if self.policy:
            told.append(f"your own distances for the door are another embedder's and go: {_and(self.policy)}")
        if self.door is not None:
            told.append(f"a door then opens up to a distance of {self.door:.2f}, and distances of two embedders differ")
        if self.negatives:
            told.append(
                f"{_count(self.negatives, 'note')} “that is not NAME” no longer "
                f"{'counts' if self.negatives == 1 else 'count'}: say it again where it is needed"
            )
        if self.unknown:
            told.append(f"{_count(self.unknown, 'unknown face')} in the inbox can't be compared with new ones")
        if self.door_problem:
            told.append(f"no door opens with it: {self.door_problem}")
        if self.lost:
            told.append(f"{_count(self.lost, 'photo')} can't be embedded again, since no picture was kept")
        if self.again:
            names = self.again[:most]
            more = f" and {len(self.again) - len(names)} more" if len(names) < len(self.again) else ""
            told.append(f"{_people(len(self.again))} must be photographed again: {_and(names)}{more}")
        return told

    def as_json(self) -> JsonObject:
        """For `--json`."""
        return {
            "embedder": self.embedder,
            "before": self.before,
            "space": self.space,
            "licence": self.licence,
            "photos": self.photos,
            "people": self.people,
            "already": self.ready,
            "seconds": round(self.seconds, 1),
            "milliseconds": round(self.milliseconds, 2),
            "photograph_again": list(self.again),
            "photos_lost": self.lost,
            "negatives_lost": self.negatives,
            "unknown_faces_lost": self.unknown,
            "identify_threshold_unused": self.own_threshold,
            "policy_lost": list(self.policy),
            "door_threshold": self.door,
            "door_problem": self.door_problem or None,
            "old_templates": self.old,
        }


@dataclass(frozen=True, slots=True)
class SwitchDone:
    """What a change came to."""

    embedder: str
    switched: bool
    """False where it was cancelled: the old embedder is in force."""
    embedded: int
    again: tuple[str, ...]
    """Who must be photographed again."""
    dropped: tuple[tuple[str, int], ...]
    """Old spaces that were let go of, and how many templates of each."""
    erased: bool
    """False where traces of those stay in the file because another program holds it."""


@dataclass(frozen=True, slots=True)
class SwitchState:
    """What goes on now, or what it came to."""

    phase: SwitchPhase = "idle"
    embedder: str = ""
    done: int = 0
    total: int = 0
    """0: not known yet."""
    cancelling: bool = False
    problem: str = ""
    """When failed: one line."""
    result: SwitchDone | None = None
    """When done."""


class SwitchControl(Protocol):
    """Changing the embedder beside the live picture, one change at a time. Called on the GUI thread; every method
    returns at once."""

    def in_use(self) -> str:
        """Id of the embedder that this session compares faces with, until it ends."""
        ...

    def title(self) -> str:
        """The same, as people read it."""
        ...

    def choices(self) -> Future[tuple[EmbedderChoice, ...]]:
        """Every embedder there is. Reads their files."""
        ...

    def cost(self, id: str) -> Future[SwitchCost]:
        """What it costs to change to `id`. Loads its networks. An UnavailableError where it can't be chosen."""
        ...

    def begin(self, id: str) -> None:
        """Change to `id` in the background. Nothing where a change is under way. What the old embedder made stays:
        this session goes on with it, and would make it again from the kept pictures."""
        ...

    def state(self) -> SwitchState: ...

    def cancel(self) -> None:
        """End after the photo at hand; what was embedded stays, and the same change goes on from there."""
        ...


def duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 2:
        return "about a second"
    if seconds < 90:
        return f"about {seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return f"about {minutes} minutes" if minutes < 90 else f"about {seconds / 3600:.1f} hours"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _and(words: tuple[str, ...]) -> str:
    return ", ".join(words)
