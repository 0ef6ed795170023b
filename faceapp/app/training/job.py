"""Training from a window: the command itself in a process of its own, followed by the files it writes.

So the window never imports PyTorch, a run takes nothing from the live picture but processor time, and what it says is
what the command says."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, Protocol, TypeAlias

from faceapp.app.training.log import LOG, read_log
from faceapp.app.training.whose import RUNS
from faceapp.app.training.wish import UNFINISHED
from faceapp.errors import InputError, UnavailableError
from faceapp.types import JsonObject

JobPhase: TypeAlias = Literal["idle", "training", "installing", "trained", "installed", "cancelled", "failed"]
JobKind: TypeAlias = Literal["head", "finetune", "scratch"]

_PICTURE, _REPORT = "picture.json", "report.json"
_FRUGAL = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class JobState:
    """What goes on now, or what it came to."""

    phase: JobPhase = "idle"
    kind: JobKind = "head"
    line: str = ""
    """What the command said last."""
    steps: tuple[tuple[int, float, float], ...] = ()
    """Step, loss and share of active triplets."""
    looks: tuple[tuple[int, float, float], ...] = ()
    """Step, the figure that steers, and TAR at FAR 1 %, of the validation people."""
    total: int = 0
    """Steps in all."""
    picture: JsonObject = field(default_factory=dict)
    """As `app.training.picture` makes it; empty before the first look."""
    result: JsonObject = field(default_factory=dict)
    """When trained or installed: what the command printed."""
    problem: str = ""
    """When failed: one line."""
    warning: str = ""
    """Why this may come to nothing, as of the last step."""


class TrainingControl(Protocol):
    """One run at a time. Called on the GUI thread; every method returns at once."""

    def begin(self, kind: JobKind, data: str, nested: bool = False, whole: bool = False) -> None:
        """Train on the people in `data`, a path or `gallery`. Raises InputError while something runs, UnavailableError
        where no process can be started."""
        ...

    def install(self, anyway: bool = False) -> None:
        """Take in what the last run made, and put it into use. Raises as `begin`."""
        ...

    def cancel(self) -> None:
        """End the process. The same run goes on from its last checkpoint when it is begun again."""
        ...

    def state(self) -> JobState: ...


class TrainingJobs:
    """Runs `faceapp train`. One thread uses it; its process ends with this one."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._out: IO[bytes] | None = None
        self._err: IO[bytes] | None = None
        self._made: Path | None = None
        self._installing = False
        self._cancelled = False
        self._state = JobState()

    def begin(self, kind: JobKind, data: str, nested: bool = False, whole: bool = False) -> None:
        """See `TrainingControl.begin`."""
        self._check_free()
        words = ("train", kind, "--data", data, *(["--nested"] if nested else []), *(["--whole"] if whole else []))
        self._made = self._unfinished(kind) or self._data_dir / RUNS / f"{kind}-{datetime.now():%Y%m%d-%H%M%S}"
        self._made.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._start([*words, "--restart", "--out", str(self._made)], JobState("training", kind))

    def _unfinished(self, kind: JobKind) -> Path | None:
        """What the newest unfinished run of this kind was to make, also one that another window began. It is gone on
        with if it is of the same people, else begun anew."""
        found = sorted((self._data_dir / RUNS).glob(f".{kind}-*{UNFINISHED}"))
        return found[-1].with_name(found[-1].name[1:].removesuffix(UNFINISHED)) if found else None

    def install(self, anyway: bool = False) -> None:
        """See `TrainingControl.install`."""
        self._check_free()
        if self._made is None or not self._made.is_dir():
            raise InputError("there is no trained network yet: train one first")
        words = ["train", "install", str(self._made), *(["--anyway"] if anyway else [])]
        self._start(words, JobState("installing", self._state.kind))

    def cancel(self) -> None:
        """See `TrainingControl.cancel`."""
        if self._process is not None and not self._installing:  # taking in takes seconds, and is whole or not there
            self._cancelled = True
            self._process.terminate()

    def state(self) -> JobState:
        """See `TrainingControl.state`."""
        if self._process is None:
            return self._state
        status = self._process.poll()
        if status is None:
            return self._looked(self._state.phase, self._last_line())
        return self._ended(status)

    def _check_free(self) -> None:
        if self.state().phase in ("training", "installing"):
            raise InputError("something is being trained already: wait for it, or cancel it")

    def _start(self, words: list[str], state: JobState) -> None:
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by `_ended`
        command = [sys.executable, "-m", "faceapp", "--data-dir", str(self._data_dir), *words, "--json"]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._err,
                env={**_FRUGAL, **os.environ},
            )
        except OSError as e:
            raise UnavailableError(f"no process can be started to train in ({e.strerror}): close something") from e
        atexit.register(self._end)
        self._installing, self._cancelled = state.phase == "installing", False
        self._state = state

    def _ended(self, status: int) -> JobState:
        said, line = self._printed(), self._last_line()
        atexit.unregister(self._end)
        for file in (self._out, self._err):
            if file is not None:
                file.close()
        self._process = self._out = self._err = None
        if self._cancelled:
            return self._settled("cancelled", "cancelled: begin the same again, and it goes on from there")
        if status == 0 or (self._installing and status == 1):
            return self._settled("installed" if self._installing else "trained", "", said)
        return self._settled("failed", line, {}, str(said.get("error") or line or f"it ended with status {status}"))

    def _settled(self, phase: JobPhase, line: str, result: JsonObject | None = None, problem: str = "") -> JobState:
        seen = self._looked(phase, line)
        self._state = JobState(
            phase,
            seen.kind,
            line,
            seen.steps,
            seen.looks,
            seen.total,
            seen.picture,
            result or {},
            problem,
            seen.warning,
        )
        return self._state

    def _looked(self, phase: JobPhase, line: str) -> JobState:
        """With the curves and the picture as they are now."""
        folder = self._folder()
        rows = read_log(folder / LOG) if folder is not None else []
        picture: JsonObject = {}
        if folder is not None:
            with contextlib.suppress(OSError, ValueError):
                picture = json.loads((folder / _PICTURE).read_text(encoding="utf-8"))
        steps = tuple((int(r["step"]), float(r["loss"]), float(r["active"])) for r in rows)
        looks = tuple(
            (int(r["step"]), float(r["validation"]), float(r["tar_at_far_0.01"] or "nan"))
            for r in rows
            if r["validation"]
        )
        total = int(rows[-1]["steps"]) if rows else 0
        warning = rows[-1]["warning"] if rows else ""
        return JobState(phase, self._state.kind, line, steps, looks, total, picture, warning=warning)

    def _folder(self) -> Path | None:
        if self._made is None:
            return None
        return self._made if self._made.is_dir() else self._made.with_name(f".{self._made.name}{UNFINISHED}")

    def _printed(self) -> JsonObject:
        if self._out is None:
            return {}
        self._out.seek(0)
        try:
            said: JsonObject = json.loads(self._out.read())
        except ValueError:
            return {}
        return said

    def _last_line(self) -> str:
        if self._err is None:
            return ""
        end = os.fstat(self._err.fileno()).st_size
        text = os.pread(self._err.fileno(), 2000, max(0, end - 2000)) if hasattr(os, "pread") else b""
        lines = text.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].removeprefix("faceapp: ") if lines else ""

    def _end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
