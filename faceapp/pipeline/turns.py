"""Whose picture is recognised next, where several cameras share one set of networks. Pure, and without a clock."""

from __future__ import annotations


class Turns:
    """Of the cameras that have a picture, the one whose last turn is longest ago: what is shown of it is oldest.

    So a camera that has a picture waits for one turn of each other one at most, whatever its rate and however many
    faces the others show, and cameras that always have one have as many turns each. The age of the pictures decides
    nothing. By the newest one's a fast camera, whose pictures are replaced before they are old, would never have its
    turn beside slower ones; by that of the first one since the last turn, four equal cameras a millisecond apart had
    72, 72, 53 and 53 turns in five seconds (`tests/unit/pipeline/test_turns.py` plays such stories)."""

    def __init__(self) -> None:
        self._waiting: set[int] = set()
        self._served: dict[int, int] = {}
        self._turn = 0

    def arrived(self, camera: int) -> None:
        """`camera` has a picture; another one of a camera that waits already changes nothing."""
        self._waiting.add(camera)

    def next(self) -> int | None:
        """The camera whose turn it is, which waits no more then; None where none does."""
        if not self._waiting:
            return None
        camera = min(self._waiting, key=lambda c: (self._served.get(c, -1), c))
        self._waiting.remove(camera)
        self._served[camera] = self._turn
        self._turn += 1
        return camera
