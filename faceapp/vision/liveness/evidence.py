"""Evidence of life, not a verdict: what each source says of a face, and how a site's choice weighs it.

A source looks at one tracked face, frame after frame, and says *live*, *attack* or *unknown*, with a figure and a
reason (the terms are ISO/IEC 30107-3's: an attack is an artefact shown to the camera in a person's place). `access` is
told one word for each face (`Sighting.liveness`): `weigh` makes it. Not to know is never to be live: a source that
crashes, hangs or has no model gives *unknown*, and where life is required *unknown* opens nothing.
"""

from __future__ import annotations

import enum
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from faceapp.types import Frame, TrackedFace

LOOK_EVERY = 1.0
"""Seconds between two looks for whether a source's model is still there."""

_log = logging.getLogger(__name__)

State: TypeAlias = Literal["live", "attack", "unknown"]
"""As `access.observations.Liveness`."""


class Reason(enum.Enum):
    """Why a source says what it says: a code for logs, and a sentence for people."""

    ANSWERED = "answered", "the head moved as it was asked to, and as a head does"
    ASKING = "asking", "the questions aren't all answered yet"
    NOT_ANSWERED = "not_answered", "the movement that was asked for didn't come in time"
    NOT_FRONTAL = "not_frontal", "the face didn't look at the camera"
    WRONG_WAY = "wrong_way", "the head moved another way than it was asked to"
    TOO_SOON = "too_soon", "the movement came before anybody could have answered the question"
    FLAT = "flat", "the face tilts like a picture, not like a head"
    JUMPED = "jumped", "the face jumped from one pose to another"
    OTHER_FACE = "other_face", "another face came in between"
    LOST = "lost", "the face was lost in between"
    MODEL_LIVE = "model_live", "the model takes it for a living person"
    MODEL_ATTACK = "model_attack", "the model takes it for a picture or a screen"
    MODEL_UNSURE = "model_unsure", "the model isn't sure"
    COLLECTING = "collecting", "too few frames so far"
    TOO_SMALL = "too_small", "the face is too small for the model"
    TOO_DARK = "too_dark", "the face is too dark for the model"
    TOO_LARGE = "too_large", "the face fills the picture, and the model needs what is around it"
    CUT_OFF = "cut_off", "the face leaves the picture"
    NOT_SEEN = "not_seen", "the face wasn't seen in this frame"
    NO_MODEL = "no_model", "no liveness model is installed"
    CRASHED = "crashed", "this check failed"
    LATE = "late", "this check took too long"

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence


ATTACKS = frozenset({Reason.WRONG_WAY, Reason.TOO_SOON, Reason.FLAT, Reason.JUMPED, Reason.OTHER_FACE})
"""What contradicts a living person who answers. The other reasons say that nobody did."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says of one face."""

    source: str
    """Id of the source: "active", or a passive model's id."""
    state: State
    reason: Reason
    score: float | None = None
    """0 (an attack) to 1 (live); None where nothing was measured. Two sources' figures are never compared."""

    @property
    def code(self) -> str:
        """The reason, for logs."""
        return self.reason.code

    @property
    def sentence(self) -> str:
        """The reason, for people: no capital, no full stop."""
        return self.reason.sentence


class LivenessSource(Protocol):
    """Turns the frames of tracks into evidence. One thread owns it; it waits for nothing and nobody."""

    @property
    def id(self) -> str:
        """Short, for logs."""

    def observe(self, frame: Frame, face: TrackedFace, now_ns: int) -> Evidence:
        """What is known of `face` by now; `now_ns` on the frames' clock. Whatever it raises counts as unknown."""


def weigh(evidence: Iterable[Evidence], required: Iterable[str]) -> State:
    """One word out of several sources': `required` are the ids of those that must all say live.

    Any source's *attack*, required or not, is one. Without anything required nothing is ever live."""
    by_source = {e.source: e.state for e in evidence}
    if "attack" in by_source.values():
        return "attack"
    states = [by_source.get(id, "unknown") for id in required]
    return "live" if states and all(s == "live" for s in states) else "unknown"


class Guarded:
    """A source on a thread of its own, so that one that crashes or hangs costs its evidence and nothing else.

    `observe` waits `patience` for the answer; while an earlier frame's is still out, it returns at once. An answer that
    comes too late is dropped: it is about a moment that is over. The thread is started by the first frame and owns the
    source from then on; one that hangs for ever ends with the process."""

    def __init__(self, source: LivenessSource, patience: float = 0.1) -> None:
        """`patience`: seconds."""
        self._source = source
        self._patience = patience
        self._work: queue.SimpleQueue[tuple[int, Frame, TrackedFace, int] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, Evidence]] = queue.SimpleQueue()
        self._asked = self._answered = 0
        self._thread: threading.Thread | None = None

    @property
    def id(self) -> str:
        return self._source.id

    def observe(self, frame: Frame, face: TrackedFace, now_ns: int) -> Evidence:
        """The source's evidence of this very frame, or unknown."""
        self._sweep()
        if self._answered < self._asked:
            return Evidence(self.id, "unknown", Reason.LATE)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"liveness {self.id}", daemon=True)
            self._thread.start()
        self._asked += 1
        self._work.put((self._asked, frame, face, now_ns))
        try:
            self._answered, found = self._answers.get(timeout=self._patience)
        except queue.Empty:
            return Evidence(self.id, "unknown", Reason.LATE)
        return found

    def close(self) -> None:
        """Let the thread end once it has nothing to do; a hung one is left behind."""
        if self._thread is not None:
            self._work.put(None)

    def _sweep(self) -> None:
        while self._answered < self._asked:
            try:
                self._answered, _ = self._answers.get_nowait()
            except queue.Empty:
                return

    def _run(self) -> None:
        complained = False
        while (item := self._work.get()) is not None:
            number, frame, face, now_ns = item
            try:
                found = self._source.observe(frame, face, now_ns)
            except Exception:  # noqa: BLE001 - whatever is wrong with a source: not to know is the safe answer
                if not complained:
                    _log.exception("liveness source %s", self._source.id)
                complained = True
                found = Evidence(self._source.id, "unknown", Reason.CRASHED)
            self._answers.put((number, found))


@dataclass(frozen=True, slots=True)
class Missing:
    """A source whose model isn't there."""

    id: str

    def observe(self, _frame: Frame, _face: TrackedFace, _now_ns: int) -> Evidence:
        """Always unknown."""
        return Evidence(self.id, "unknown", Reason.NO_MODEL)


class Removable:
    """A source whose model somebody may take out while it is in use: from then on it is as one that isn't there."""

    def __init__(self, source: LivenessSource, there: Callable[[], bool]) -> None:
        """`there`: whether the model still is; asked at most once a second, from any thread."""
        self._source = source
        self._there = there
        self._asked: tuple[float, bool] | None = None

    @property
    def id(self) -> str:
        return self._source.id

    def there(self) -> bool:
        """Whether it was there when that was last looked up."""
        now = time.monotonic()
        asked = self._asked
        if asked is None or now - asked[0] >= LOOK_EVERY:
            asked = self._asked = now, self._there()
        return asked[1]

    def observe(self, frame: Frame, face: TrackedFace, now_ns: int) -> Evidence:
        """The source's evidence; unknown without its model."""
        if not self.there():
            return Evidence(self.id, "unknown", Reason.NO_MODEL)
        return self._source.observe(frame, face, now_ns)

    def close(self) -> None:
        """See `Guarded`."""
        if isinstance(self._source, Guarded):
            self._source.close()
