"""What a run tells while it goes on: a line of CSV for each step, which a window reads, and the time that is left."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faceapp.files import write_atomically
from faceapp.training.plan import Progress

LOG = "log.csv"
COLUMNS = (
    "step", "steps", "loss", "active", "positive", "negative", "validation", "tar_at_far_0.01", "best", "seconds_left",
    "warning",
)  # fmt: skip

_FEWEST = 3
"""Steps from which on it can be told how long one takes: the first ones are slower."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step, as it is told."""

    progress: Progress
    tar: float | None
    """The validation people's TAR at FAR 1 % at the last look."""
    seconds_left: float | None

    def line(self) -> str:
        """For people, with the same words at every step."""
        p = self.progress
        text = f"step {p.step} of {p.steps}: loss {p.loss:.4f}, {100 * p.active:.0f} % active"
        if self.tar is not None:
            text += f", validation TAR at FAR 1 %: {100 * self.tar:.1f} %"
        if self.seconds_left is not None:
            text += f", {_duration(self.seconds_left)} left"
        return text

    def beforehand(self) -> str | None:
        """How long it will take at most, when this can first be told."""
        if self.seconds_left is None:
            return None
        return f"{_duration(self.seconds_left)} for {self.progress.steps} steps, less where it stops early"


Tell = Callable[[Step], None]


class Log:
    """Writes `log.csv` in a run's folder, step by step, and goes on where a checkpoint does. Closed by `with`."""

    def __init__(self, folder: Path, tell: Tell, now: Callable[[], float] = time.monotonic) -> None:
        self._file = folder / LOG
        self._tell = tell
        self._now = now
        self._out: io.TextIOWrapper | None = None
        self._began: tuple[float, int] | None = None
        self.tar: float | None = None

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        if self._out is not None:
            self._out.close()

    def step(self, progress: Progress) -> None:
        """After each step."""
        now = self._now()
        if self._out is None:
            self._out = self._open(progress.step)
        if self._began is None:
            self._began = now, progress.step
            left = None
        else:
            then, first = self._began
            done = progress.step - first
            left = (now - then) / done * (progress.steps - progress.step) if done >= _FEWEST else None
        told = Step(progress, self.tar, left)
        p = progress
        row = [p.step, p.steps, f"{p.loss:.6g}", f"{p.active:.4f}", f"{p.positive:.4f}", f"{p.negative:.4f}"]
        row += [
            "" if v is None else f"{v:.4f}"
            for v in (p.validation, self.tar if p.validation is not None else None, p.best)
        ]
        row += ["" if left is None else f"{left:.0f}", p.warning or ""]
        csv.writer(self._out, lineterminator="\n").writerow(row)
        self._out.flush()
        self._tell(told)

    def _open(self, step: int) -> io.TextIOWrapper:
        """With the lines of the steps before this one, where it goes on."""
        rows = [r for r in read_log(self._file) if int(r["step"]) < step]
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(self._file, buffer.getvalue().encode())
        return self._file.open("a", encoding="utf-8", newline="")


def read_log(file: Path) -> list[dict[str, str]]:
    """The whole lines of a log; none where there is no log yet."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    whole = text[: text.rfind("\n") + 1]
    rows = csv.DictReader(io.StringIO(whole))
    return [row for row in rows if row.get("step", "").isdecimal() and row.get("warning") is not None]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
