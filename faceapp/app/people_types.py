"""What the people page sees beyond a list of names: plain data, and the protocol it talks to.

`ManagedPeople` (`app/live_people.py`) is the real one; tests bring a fake. As in `app/live_types.py`: called on the GUI
thread, returning at once, with the answers in futures.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from faceapp.types import PersonSummary

if TYPE_CHECKING:  # which has this in it
    from faceapp.app.live_types import ConsentForm


@dataclass(frozen=True, slots=True)
class DoorWords:
    """A person's right to the door, for reading."""

    door: str
    """yes, no, denied or deactivated, as `faceapp people list` has it."""
    hours: str
    """When, where the door is theirs; empty where it isn't."""
    groups: str
    """Names of their groups, sorted."""


NO_DOOR = DoorWords("no", "", "")


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """A person with all that the page shows."""

    person: PersonSummary
    door: DoorWords


@dataclass(frozen=True, slots=True)
class PeopleDeleted:
    """What became of a deletion of several people."""

    count: int
    erased: bool
    """False where traces stay in the file because another program holds it."""
    gone: tuple[str, ...] = ()
    """Ids of those who had been deleted already."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two people's photos are."""

    distance: float | None
    """Between the two nearest of them; None where one has no template."""
    limit: float
    """Up to which two photos count as one person's: the verify threshold."""

    @property
    def one_person(self) -> bool | None:
        """None where nobody can tell."""
        return None if self.distance is None else self.distance <= self.limit


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that can be undone."""

    id: str
    name: str
    """Of the person who was merged away."""
    into_name: str
    created: str
    """ISO 8601, UTC."""
    photos: int
    """How many were theirs."""


class ManageControl(Protocol):
    """Many people at once, two who are one, and what each agreed to."""

    def rows(self) -> Sequence[PeopleRow]:
        """Everybody by name, nobody's guest among them; without thumbnails."""
        ...

    def marker(self) -> int:
        """Another number whenever the rows may have changed, also by another process. Cheap: poll it."""
        ...

    def thumbnail(self, person: PersonSummary) -> bytes | None:
        """JPEG of the face, if it is there already; else it is made, the last that was asked for first, and `drawn`
        changes. For rows that are in view."""
        ...

    def drawn(self) -> int:
        """Another number whenever there are more thumbnails."""
        ...

    def portrait(self, person_id: str) -> Future[bytes | None]:
        """JPEG of the face, larger; None where the site keeps no pictures."""
        ...

    def delete(self, person_ids: Sequence[str]) -> Future[PeopleDeleted]:
        """Remove all of them with every trace, or nobody. Who is gone already is told, and stops nothing."""
        ...

    def progress(self) -> float | None:
        """What part of the deletion that is under way is done, 0 to 1; None where none is."""
        ...

    def likeness(self, one_id: str, other_id: str) -> Future[Likeness]: ...

    def door_holders(self, names: Collection[str] | None = None) -> tuple[str, ...]:
        """Names of those whom their own right or a group's gives the door, also while they are deactivated; only of
        people called `names`, whatever case and spacing, or of everybody. A photo added to one of them gives the door
        to another face. An UnavailableError while that isn't known."""
        ...

    def merge_gives_door(self, person_id: str, into_id: str) -> bool:
        """Whether that merge may let a face in that wasn't: the second has the door, or the first is barred and would
        be no more. An UnavailableError while that isn't known."""
        ...

    def merge(self, person_id: str, into_id: str, pin_given: bool = False) -> Future[Merged]:
        """Give all photos of the first to the second, who keeps name, rights and groups. An InputError where that may
        give the door and a PIN is set, unless it was given."""
        ...

    def merges(self) -> Future[Sequence[Merged]]:
        """Those that can be undone, newest first."""
        ...

    def undo_merge(self, merge_id: str) -> Future[str]:
        """Have the person back who was merged away: their name. An InputError where it can't be undone any more, or
        somebody else has the name by now."""
        ...

    def record_consent(self, person_id: str, consent: ConsentForm) -> Future[None]:
        """Put a consent on record in place of the one there was. An InputError for a field that is empty or too long,
        and for a day that is over."""
        ...

    def consent(self, person_id: str) -> Future[ConsentForm | None]:
        """What is on record."""
        ...

    def withdraw_consent(self, person_id: str) -> Future[PeopleDeleted]:
        """The person takes consent back, and is deleted at once."""
        ...
