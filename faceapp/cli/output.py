"""What commands print: lines for people, or exactly one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

from faceapp.types import JsonObject

T = TypeVar("T")


class Output:
    """The two ways of printing. A command calls `result` once, with both."""

    def __init__(self, json: bool) -> None:
        self.json = json

    def result(self, data: JsonObject, lines: Iterable[str]) -> None:
        """Print `data` as JSON or `lines` for people, to stdout."""
        if self.json:
            print(json.dumps(data, ensure_ascii=False))
        else:
            for line in lines:
                print(line)

    def note(self, line: str) -> None:
        """A line beside the result, to stderr."""
        print(one_line(line), file=sys.stderr)

    def error(self, line: str) -> None:
        """The line of a failed command; with --json stdout still gets its one object."""
        self.note(f"faceapp: {line}")
        if self.json:
            print(json.dumps({"error": one_line(line)}, ensure_ascii=False))

    def progress(self, items: Sequence[T], what: str) -> Iterable[T]:
        """`items`, with a progress bar on stderr where there are several."""
        if len(items) < 2:
            return items
        watched = sys.stderr.isatty()
        bar: Iterable[T] = tqdm(
            items,
            desc=what,
            unit="picture",
            file=sys.stderr,
            leave=not watched,
            dynamic_ncols=watched,
            mininterval=0.1 if watched else 10.0,  # a log file wants no thousand updates
        )
        return bar

    @contextmanager
    def steps(self) -> Iterator[Callable[[str, int, int], None]]:
        """A callback (what, done, in all) for long work: one bar on a terminal, else one line for each new `what`."""
        watched = sys.stderr.isatty()
        bar = tqdm(file=sys.stderr, leave=False, dynamic_ncols=True, disable=not watched, unit="")
        current = ""

        def report(what: str, done: int, total: int) -> None:
            nonlocal current
            if what != current:
                current = what
                if not watched:
                    self.note(what)
                bar.unit_scale = total > 10_000  # bytes
                bar.reset(total)
                bar.set_description(what)
            bar.update(done - bar.n)

        try:
            yield report
        finally:
            bar.close()


def one_line(text: str) -> str:
    """`text` without line breaks or control characters, so that a file's name can't fake a second line."""
    return "".join(c if c.isprintable() else " " for c in text)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as aligned columns."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))] if rows else []
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
