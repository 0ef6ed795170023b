"""What is wrong with an audit log: changed, inserted, missing, reordered, repeated and cut-off lines, by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from faceapp.access.chain import CHECKPOINT, DAMAGE, START, Link, Seal


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found, and where."""

    line: int | None
    """In the file, from 1; None where it is about what isn't there any more."""
    text: str
    """One line for people."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Proven:
    """A line that is one of ours, unchanged."""

    line: int
    number: int
    previous: str
    link: Link
    kind: str
    at: str


def problems(seal: Seal, lines: Iterable[bytes], log_id: str | None, end: Link | None) -> list[Problem]:
    """What is wrong with a log of `lines` (in order, with their newlines). `log_id` and `end` are what the anchor says,
    None where there is none that can be trusted. Entries after `end` are no problem: the key's holder wrote them and
    was interrupted before the anchor could follow; nor is a torn last line after it."""
    found: list[Problem] = []
    if end is None:
        found.append(Problem(None, "the anchor is missing or was changed: a cut-off tail would not show"))
    proven: list[_Proven] = []
    strange: list[int] = []
    for number, line in enumerate(lines, 1):
        entry = seal.read(line.removesuffix(b"\n"), log_id)
        if entry is None:
            reached = proven[-1].link.number if proven else 0
            if not line.endswith(b"\n") and end is not None and reached >= end.number:
                continue
            strange.append(number)
            continue
        log_id = entry.log_id
        proven.append(_Proven(number, entry.number, entry.previous, entry.link, entry.kind, entry.at))
    found += _Walk(proven, strange, end).problems()
    return found


class _Walk:
    """From line to line, keeping account of which entries are still expected."""

    def __init__(self, proven: Sequence[_Proven], strange: Sequence[int], end: Link | None) -> None:
        self._proven = proven
        self._strange = list(strange)  # those not yet accounted for
        self._end = end
        self._present = {p.number for p in proven if p.kind != CHECKPOINT}
        self._found: list[Problem] = []

    def problems(self) -> list[Problem]:
        at = START
        for k, p in enumerate(self._proven):
            if p.kind == CHECKPOINT:
                if k > 0:
                    self._say(p.line, f"the checkpoint for entry {p.number} does not belong here")
                    continue
                self._between(p.line, [])
                at = p.link
                continue
            self._between(p.line, range(at.number + 1, p.number))
            if p.number <= at.number:
                self._say(p.line, f"entry {p.number} stands here again or out of order")
                continue
            if p.number == at.number + 1 and p.previous != at.mac:
                self._say(p.line, f"entry {p.number} follows another entry {at.number} than the one before it")
            if p.kind == DAMAGE:
                self._say(p.line, f"the anchor was missing or changed when the log was opened at {p.at}")
            at = p.link
        self._ending(at)
        return self._found

    def _say(self, line: int, text: str) -> None:
        self._found.append(Problem(line, f"line {line}: {text}"))

    def _between(self, line: int | None, gap: Iterable[int]) -> None:
        """Account for strange lines before `line` (None: at the end) and the entries one would expect there."""
        gone = [n for n in gap if n not in self._present]
        strange = [s for s in self._strange if line is None or s < line]
        self._strange = self._strange[len(strange) :]
        for s in strange:
            if gone:
                self._say(s, f"entry {gone.pop(0)} was changed")
            else:
                self._say(s, "this is not an entry of this log")
        if gone and line is None:
            self._found.append(Problem(None, f"{_entries(gone)} cut off at the end"))
        elif gone:
            self._found.append(Problem(line, f"line {line}: {_entries(gone)} missing before this line"))

    def _ending(self, at: Link) -> None:
        end = self._end
        self._between(None, range(at.number + 1, end.number + 1) if end is not None else [])
        if end is None:
            return
        of_end = next((p for p in self._proven if p.link.number == end.number), None)
        if of_end is not None and of_end.link != end:
            self._say(of_end.line, f"entry {end.number} is not the one that the anchor names")


def _entries(numbers: Sequence[int]) -> str:
    """`entry 7 is`, `entries 7 to 9 are`: a run of numbers, or the first and last of several."""
    if len(numbers) == 1:
        return f"entry {numbers[0]} is"
    between = "to" if numbers[-1] - numbers[0] == len(numbers) - 1 else "..."
    return f"{len(numbers)} entries ({numbers[0]} {between} {numbers[-1]}) are"
