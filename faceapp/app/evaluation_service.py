"""Measures the people enrolled for the window's evaluation page, on a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass

import numpy as np

from faceapp.app.calibration import ASSUMES, Material, compared, inbox_material, nearest_note, percent, stale
from faceapp.app.evaluation_types import EvaluationState, Figure, Numbers, Spot, Trade
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.live_types import Notice
from faceapp.app.notices import sentence
from faceapp.app.parts import Parts
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.evaluation.calibration import Calibration
from faceapp.evaluation.proportions import Rate
from faceapp.evaluation.risk import risk
from faceapp.evaluation.samples import Sample
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats

_BINS = np.arange(0, 201) / 100
_ENOUGH = 20
"""Photos of so many people before what is measured is shown without a caution."""
SETTLE = 30.0
"""Seconds."""
_LEAST_SHOWN = 1e-5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class GalleryMeasured:
    """A calibration as the page shows it."""

    calibration: Calibration
    same: Numbers
    different: Numbers
    door: float | None
    edges: Numbers

    @property
    def people(self) -> int:
        return self.calibration.people

    @property
    def summary(self) -> str:
        c = self.calibration
        unknown = f" and {c.strangers} unknown faces of the inbox" if c.strangers else ""
        return (
            f"{c.people} people with {c.photos} photos{unknown}: {c.genuine:,} pairs of photos of one person, "
            f"{c.impostor:,} of two."
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        c = self.calibration
        found = [
            f"{c.people:,} people can speak for a false-accept rate of {percent(c.smallest_far)} or more.",
            ASSUMES,
        ]
        if not c.several:
            found.append("Nobody has two photos: take a second one of some people to see how often they are refused.")
        elif c.several < _ENOUGH:
            found.append(f"Only {c.several} people have two photos or more: how often people are refused is uncertain.")
        note = nearest_note(c)
        if note is not None:
            found.append(sentence(note))
        found.append("Photos that were chosen to be enrolled are better than faces that pass by.")
        return tuple(found)

    @property
    def trades(self) -> tuple[Trade, ...]:
        curve = self.calibration.curve
        if curve.false_rejects is None or curve.misses is None:
            return ()
        return (
            Trade("comparing two photos (1:1)", curve.false_accepts.value, curve.false_rejects.value),
            Trade("searching everybody (1:K)", curve.false_names.value, curve.misses.value),
        )

    def spot(self, trade: int, threshold: float) -> Spot:
        """Where a threshold lies on a curve."""
        at = self.calibration.rates_at(threshold)
        accepts, refuses = (at.false_names, at.misses) if trade else (at.false_accepts, at.false_rejects)
        return Spot(_ends(accepts), _ends(refuses or Rate(1, 0, 1)))

    def figures(self, threshold: float) -> tuple[Figure, ...]:
        """The rates at a threshold."""
        at = self.calibration.rates_at(threshold)
        return (
            _figure("Own people not named", at.misses),
            _figure("Strangers named", at.false_names),
            _figure("Pairs of one refused", at.false_rejects),
            _figure("Pairs of two accepted", at.false_accepts),
        )

    def sentence(self, threshold: float, people: int, passages: int) -> str:
        """What a threshold means here."""
        return risk(self.calibration.curve, threshold, max(1, people), max(1, passages)).text

    def door_sentence(self, people: int, passages: int) -> str:
        """What the door's own threshold means; empty where there is none."""
        if self.door is None:
            return ""
        told = risk(self.calibration.curve, self.door, max(1, people), max(1, passages)).door_text
        return (
            f"A door goes by a threshold of its own, {self.door:.2f}, which this page leaves alone. {told} A kiosk "
            "wants several frames to agree, and whoever stays tries again: one photo is not one try there."
        )


class EvaluationService:
    """The window's thread calls the methods; `_state` is replaced whole."""

    def __init__(
        self,
        parts: Parts,
        gallery: GalleryThread,
        settle: float = SETTLE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts nothing. `parts` is only asked for numbers. `settle`: seconds without a change before measuring
        anew."""
        self._parts = parts
        self._gallery = gallery
        self._state = EvaluationState("measuring", _MEASURING)
        self._measured: tuple[int, TemplateTable] | None = None
        self._thread: threading.Thread | None = None
        self._settle = settle
        self._now = now
        self._changed: tuple[int, float] | None = None

    def measure(self) -> None:
        """Begin, or begin anew where the gallery has changed since: then what was found stays until there is more."""
        if self._thread is not None and self._thread.is_alive():
            return
        view, before = self._gallery.view, self._measured
        if before is not None and (view is None or view.marker == before[0] or _alike(view.templates, before[1])):
            return
        if self._state.measured is None:
            self._state = EvaluationState("measuring", _MEASURING)
        elif view is not None:  # somebody is being enrolled, perhaps a folder of them: not anew with each
            if self._changed is None or self._changed[0] != view.marker:
                self._changed = view.marker, self._now()
            if self._now() - self._changed[1] < self._settle:
                return
        self._thread = threading.Thread(target=self._run, name="evaluation", daemon=True)
        self._thread.start()

    def state(self) -> EvaluationState:
        """How it is now."""
        return self._state

    def source(self) -> str:
        """Where the automatic threshold comes from."""
        calibration = self._calibration()
        return _MODELS_OWN if calibration is None else f"calibrated on {calibration.people} people"

    def notices(self) -> tuple[Notice, ...]:
        """That the site's calibration is of another gallery than this one has become."""
        view, calibration = self._gallery.view, self._calibration()
        if view is None or calibration is None:
            return ()
        line = stale(calibration, len(view.people), sum(p.photos for p in view.people))
        return () if line is None else (Notice("calibration", "info", sentence(line)),)

    def _calibration(self) -> Calibration | None:
        try:
            return self._parts.calibration()
        except UnavailableError:  # told where thresholds are needed
            return None

    def _run(self) -> None:
        try:
            self._state = self._look()
        except CancelledError:  # the session ends
            pass
        except InputError:
            self._state = EvaluationState("empty", _TOO_FEW)
        except KnownError as e:
            self._state = EvaluationState("failed", sentence(e))
        except Exception:  # noqa: BLE001 - nobody else sees what ends this thread, and the page must say so
            _log.exception("evaluation failed")
            self._state = EvaluationState("failed", "The people cannot be compared: see the log.")

    def _look(self) -> EvaluationState:
        space, parts = self._parts.space(), self._parts

        def read(store: GalleryStore) -> tuple[int, int, TemplateTable, Floats | None, np.ndarray | None]:
            view = self._gallery.view
            table = store.templates(space) if view is None else view.templates
            marker = -1 if view is None else view.marker
            photos = sum(p.photos for p in store.people())
            try:
                same_person: float | None = parts.thresholds().verify
            except UnavailableError:
                same_person = None
            return marker, photos, table, *inbox_material(store, space, same_person)

        marker, photos, table, strangers, whose = self._gallery.submit(read).result()
        people = np.unique(np.array(table.person_ids, dtype=np.str_), return_inverse=True)[1].astype(np.intp)
        self._measured = marker, table
        if not len(people):
            return EvaluationState("empty", _TOO_FEW)
        material = Material("gallery", table.vectors, people, (int(people.max()) + 1, photos), "", strangers, whose)
        calibration, sample = compared(material, space, parts.embedder_spec.targets)
        return EvaluationState("ready", "", shown(calibration, sample, self._door()))

    def _door(self) -> float | None:
        try:
            return self._parts.door_thresholds().door
        except UnavailableError:
            return None


_MODELS_OWN = "the model's own figures"
_MEASURING = "Comparing everybody's photos …"
_TOO_FEW = (
    "Too few people to say anything: enrol three or more, with two photos each or more. "
    "With twenty the figures begin to mean something."
)


def shown(calibration: Calibration, sample: Sample, door: float | None = None) -> GalleryMeasured:
    """As the page shows it. `door`: the distance by which a door opens."""
    return GalleryMeasured(calibration, _parts_of(sample.genuine), _parts_of_two(sample), door, _BINS)


def _alike(a: TemplateTable, b: TemplateTable) -> bool:
    """The gallery also changes when somebody was seen, or has another name."""
    return a.person_ids == b.person_ids and np.array_equal(a.vectors, b.vectors)


def _parts_of(distances: Numbers) -> Numbers:
    counts = np.histogram(distances, _BINS)[0].astype(np.float64)
    return counts / max(1, len(distances))


def _parts_of_two(sample: Sample) -> Numbers:
    within = np.concatenate([[0], sample.accepts[1::2]]).astype(np.float64)  # at each hundredth
    return np.diff(within) / max(1, sample.impostor)


def _ends(rate: Rate) -> tuple[float, float, float]:
    return rate.value, rate.low, rate.high


def _figure(what: str, rate: Rate | None) -> Figure:
    if rate is None:
        return Figure(what, "?", "nobody has two photos")
    if rate.value <= 0:
        return Figure(what, "none seen", f"less than {percent(rate.high)}")
    low = f"{percent(rate.low)} to" if rate.low >= _LEAST_SHOWN else "at most"
    return Figure(what, percent(rate.value), f"{low} {percent(rate.high)}")
