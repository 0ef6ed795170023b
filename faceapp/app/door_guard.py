"""Whoever's face becomes a photo of somebody who has the door has the door. In a window, where a PIN is set, that needs
the PIN: a photo added, an import, a face picked in a camera roll, and two people who are made one.

The pages ask for it; what is stored is refused here where they didn't, or where the right was given meanwhile. The
command line asks for no PIN: who may run it is an administrator (SECURITY.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from faceapp.errors import InputError
from faceapp.gallery.names import name_key
from faceapp.gallery.right_rows import RightRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary


class PinNeededError(InputError):
    """Something was not done, as it gives a face the door and nobody gave the PIN."""


def door_holders(
    people: Iterable[PersonSummary], rights: Mapping[str, RightRow], names: Collection[str] | None = None
) -> tuple[str, ...]:
    """The names, sorted as `people` are, of those whom their own right or a group's gives the door, also while they are
    deactivated. `names`: of these people only, whatever their case and spacing; None: of everybody."""
    wanted = None if names is None else {name_key(name) for name in names}
    return tuple(
        p.name
        for p in people
        if (right := rights.get(p.id)) is not None and right.allowed and (wanted is None or name_key(p.name) in wanted)
    )


def merge_gives_door(away: RightRow | None, into: RightRow | None) -> bool:
    """Whether making `away` one with `into` lets a face in that was not let in: `into` has the door, or `away` is
    barred, and would be under the other name no more."""
    barred = away is not None and (away.own == "deny" or not away.active)
    return barred or (into is not None and into.allowed)


class DoorGuard:
    """Refuses photos for whoever has the door, where a PIN is set and wasn't given. Of the thread that stores them."""

    def __init__(
        self, has_pin: Callable[[], bool], store: Callable[[], GalleryStore | None], pin_given: bool = False
    ) -> None:
        """`has_pin` raises a KnownError where that can't be told; then it counts as refused."""
        self._has_pin = has_pin
        self._store = store
        self._pin_given = pin_given

    def check(self, name: str) -> None:
        """Raises PinNeededError where a photo of `name` gives the door to the face in it."""
        store = None if self._pin_given else self._store()
        if store is None:
            return
        try:
            person = store.person(name)
        except InputError:  # nobody yet, and whoever is new has no door
            return
        right = store.right(person.id)
        if right is not None and right.allowed and self._has_pin():
            raise PinNeededError(
                f"{person.name} may open the door, and so may every face among their photos: "
                "import it again, and give the administrator's PIN"
            )

    @contextlib.contextmanager
    def lifted(self, pin_given: bool) -> Iterator[None]:
        """While it is entered nothing is refused where `pin_given`; else as before."""
        before, self._pin_given = self._pin_given, self._pin_given or pin_given
        try:
            yield
        finally:
            self._pin_given = before


def check_merge(store: GalleryStore, data_dir: Path, away_id: str, into_id: str) -> None:
    """Raises PinNeededError where a PIN is set and making the two one gives a face the door, UnavailableError where
    that can't be told."""
    from faceapp.app.keys import has_pin

    if merge_gives_door(store.right(away_id), store.right(into_id)) and has_pin(data_dir):
        raise PinNeededError("making these two one may open the door for a face: it needs the administrator's PIN")
