"""The liveness wizard's service: people and attacks before this very camera, judged frame by frame.

No frame outlives its turn: what is kept of a presentation is a handful of answers (live, attack, unknown), in memory,
until the wizard closes. The report holds figures only.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from faceapp.app.liveness_test import FRAMES, NO_MODEL, LivenessTest, Take, files, judge_file
from faceapp.app.liveness_wizard_types import TRIAL_KINDS, TrialKind, TrialLine, TrialPhase, TrialState
from faceapp.app.notices import sentence
from faceapp.app.parts import Parts
from faceapp.errors import BugError, InputError, KnownError, UnavailableError
from faceapp.evaluation.presentation_attacks import ErrorRate, Sample, report
from faceapp.files import write_atomically
from faceapp.types import Frame
from faceapp.zoo.specs import Network

if TYPE_CHECKING:
    from faceapp.vision.detector import Detector
    from faceapp.vision.liveness.evidence import State
    from faceapp.vision.liveness.passive import PassiveModel

TAKE = 3 * FRAMES
"""Frames of one presentation."""
PATIENCE = 3.0
"""Seconds without a new picture before a recording ends."""
_LOOK = 0.01
_log = logging.getLogger(__name__)

TITLES: dict[TrialKind, str] = {
    "live": "People",
    "print": "Prints on paper",
    "phone": "Pictures on a phone",
    "tablet": "Pictures on a tablet or screen",
}


class LivenessTrials:
    """One trial at a time. The window calls; a thread with networks of its own does the work."""

    def __init__(self, parts: Parts, newest: Callable[[], Frame | None], frames: int = TAKE) -> None:
        """Starts and opens nothing. `newest`: the camera's newest frame; `frames` of them are a presentation."""
        self._parts, self._newest, self._frames = parts, newest, frames
        self._lock = threading.Lock()
        """Of the two below, which both threads change."""
        self._state = TrialState()
        self._samples: list[Sample] = []
        self._worker: _Worker | None = None

    def model(self) -> str:
        """See `TrialControl`."""
        network = self._network()
        return network.title if network is not None else ""

    def begin(self, kind: TrialKind) -> None:
        """See `TrialControl`."""
        self._start(kind, None)

    def read(self, kind: TrialKind, path: Path) -> None:
        """See `TrialControl`."""
        self._start(kind, path)

    def stop(self) -> None:
        """See `TrialControl`."""
        if self._worker is not None:
            self._worker.leave.set()

    def undo(self, kind: TrialKind) -> None:
        """See `TrialControl`."""
        with self._lock:
            of_kind = [s.presentation for s in self._samples if s.kind == kind]
            if of_kind:
                self._keep([s for s in self._samples if s.presentation != of_kind[-1]])

    def state(self) -> TrialState:
        """See `TrialControl`."""
        return self._state

    def lines(self) -> tuple[TrialLine, ...]:
        """See `TrialControl`."""
        found = report(self._samples)
        rates: list[tuple[TrialKind, str, ErrorRate]] = [("live", "not taken for living people (BPCER)", found.live)]
        for kind in TRIAL_KINDS:
            if kind in found.attacks:
                rates.append((kind, "taken for living people (APCER)", found.attacks[kind]))
        lines = [TrialLine(f"{TITLES[k]} {what}", _sentence(r), r.enough) for k, what, r in rates]
        if found.live.enough and found.attacks and all(a.enough for a in found.attacks.values()):
            lines.append(TrialLine("Mean of the worst APCER and the BPCER (ACER)", f"{found.acer:.1%}.", enough=True))
        return tuple(lines)

    def save(self, file: Path) -> None:
        """See `TrialControl`."""
        network = self._network()
        if network is None or network.liveness is None or not self._samples:
            raise InputError("nothing was tried, so there is nothing to save")
        done = LivenessTest(report(self._samples), network.id, network.liveness.live_from)
        said = {line.title: line.text for line in self.lines()}
        text = json.dumps({**done.as_json(), "in_words": said}, indent=2) + "\n"
        try:
            write_atomically(file, text.encode())
        except OSError as e:
            raise UnavailableError(f"{file} cannot be written ({e.strerror}): choose another place") from e

    def forget(self) -> None:
        """See `TrialControl`."""
        if self._worker is not None:
            self._worker.end()
        with self._lock:
            self._worker, self._samples, self._state = None, [], TrialState()

    def _network(self) -> Network | None:
        known = [n for n in self._parts.manifest.networks.values() if n.liveness is not None]
        return min(known, key=lambda n: n.id, default=None)

    def _start(self, kind: TrialKind, path: Path | None) -> None:
        if self._state.phase != "idle":
            raise BugError("a presentation is being judged: wait for it, or stop it")
        with self._lock:
            phase: TrialPhase = "recording" if path is None else "reading"
            self._state = replace(self._state, phase=phase, kind=kind, progress=0.0, seen="", problem="")
        if self._worker is None:
            self._worker = _Worker(self._parts, self._newest, self._frames, self._heard)
            self._worker.start()
        self._worker.leave.clear()
        self._worker.work.put((kind, path))

    def _heard(self, worker: _Worker, progress: float, seen: str, done: _Done | None) -> None:
        """The worker's thread says how far it is, or what became of it."""
        with self._lock:
            if worker is not self._worker:
                return  # forgotten meanwhile
            if done is None:
                self._state = replace(self._state, progress=progress, seen=seen)
                return
            self._keep([*self._samples, *done.samples])
            self._state = replace(self._state, phase="idle", progress=progress, seen="", problem=done.problem)

    def _keep(self, samples: list[Sample]) -> None:
        self._samples = samples
        taken = tuple((k, len({s.presentation for s in samples if s.kind == k})) for k in TRIAL_KINDS)
        self._state = replace(self._state, taken=taken)


@dataclass(frozen=True, slots=True)
class _Done:
    samples: list[Sample]
    problem: str = ""


class _Worker:
    """The thread behind one opening of the wizard; it owns its networks."""

    def __init__(
        self,
        parts: Parts,
        newest: Callable[[], Frame | None],
        frames: int,
        hear: Callable[[_Worker, float, str, _Done | None], None],
    ) -> None:
        self._data_dir, self._newest, self._frames, self._hear = parts.data_dir, newest, frames, hear
        self.work: queue.SimpleQueue[tuple[TrialKind, Path | None] | None] = queue.SimpleQueue()
        self.leave = threading.Event()
        self._count = 0

    def start(self) -> None:
        """Begin to wait for work."""
        threading.Thread(target=self._run, name="liveness trial", daemon=True).start()

    def end(self) -> None:
        """After what it does at the moment."""
        self.leave.set()
        self.work.put(None)

    def _run(self) -> None:
        with contextlib.ExitStack() as stack:
            opened: tuple[Detector, PassiveModel] | None = None
            while (todo := self.work.get()) is not None:
                kind, path = todo
                try:
                    opened = opened or self._open(stack)
                    samples = self._record(kind, *opened) if path is None else self._read(kind, path, *opened)
                    done = _Done(samples)
                except KnownError as e:
                    done = _Done([], sentence(e))
                except Exception:  # noqa: BLE001 - nobody else sees what ends this thread, and the wizard must say so
                    _log.exception("liveness trial")
                    done = _Done([], "Something went wrong inside faceapp. The log has the details.")
                self._hear(self, 0.0, "", done)

    def _open(self, stack: contextlib.ExitStack) -> tuple[Detector, PassiveModel]:
        parts = stack.enter_context(Parts.open(str(self._data_dir)))
        passive = parts.passive_model()
        if passive is None:
            raise UnavailableError(NO_MODEL)
        return parts.detector(), passive

    def _record(self, kind: TrialKind, detector: Detector, passive: PassiveModel) -> list[Sample]:
        take, last, faces = Take(detector, passive), self._newest(), 0
        waits = time.monotonic() + PATIENCE
        while take.frames < self._frames:
            if self.leave.wait(_LOOK):
                return []
            frame = self._newest()
            if frame is None or (last is not None and frame.captured_ns == last.captured_ns):
                if time.monotonic() > waits:
                    raise InputError("no new picture comes from the camera: check it, then record again")
                continue
            last, waits = frame, time.monotonic() + PATIENCE
            evidence = take.show(frame)
            faces += evidence is not None
            says = f"{evidence.sentence[0].upper()}{evidence.sentence[1:]}." if evidence is not None else "No face."
            self._hear(self, take.frames / self._frames, says, None)
        if not faces:
            raise InputError(
                "no face was seen: step in front of the camera, or hold the picture there, and record again"
            )
        return self._samples(kind, take.states())

    def _read(self, kind: TrialKind, path: Path, detector: Detector, passive: PassiveModel) -> list[Sample]:
        todo, found = [file for _, file in files(path)], []
        for n, file in enumerate(todo):
            if self.leave.is_set():
                return []
            self._hear(self, n / len(todo), file.name, None)
            found += self._samples(kind, judge_file(file, detector, passive))
        return found

    def _samples(self, kind: TrialKind, states: list[State]) -> list[Sample]:
        self._count += 1
        return [Sample(str(self._count), kind, state) for state in states]


def _sentence(rate: ErrorRate) -> str:
    words = rate.sentence()
    return f"{words[:1].upper()}{words[1:]}."
