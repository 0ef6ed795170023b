"""How good a liveness check is, in the terms of ISO/IEC 30107-3, and no better than the sample shows.

- *APCER*, attack presentation classification error rate: the share of attacks taken for a living person, for each
  attack instrument (kind) on its own. The standard's figure is the worst kind's, not a mean: who attacks, chooses.
- *BPCER*, bona fide presentation classification error rate: the share of living people who weren't taken for one. Who
  was left undecided wasn't let in, so that counts as rejected.
- *ACER*, the mean of the worst APCER and BPCER: widely quoted, not in the standard: it hides which of them is bad.

Frames of one clip are one presentation: a hundred of them make the same mistake a hundred times. So intervals count
presentations, and one counts as an error if any of its samples is one. They are exact (`proportions.interval`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from faceapp.evaluation.proportions import interval
from faceapp.vision.liveness.evidence import State

FEWEST = 30
"""Presentations below which no rate is claimed: without a single error the true rate could still be 11 %."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One decision on one presentation."""

    presentation: str
    """The clip or picture it is from: what is independent of the others, at best."""
    kind: str
    """The attack instrument (print, phone, tablet ...), or "live"."""
    state: State


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """A share of samples, and the interval that presentations allow."""

    errors: int
    samples: int
    presentations: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """Of the samples, 0 to 1; NaN without any."""
        return self.errors / self.samples if self.samples else math.nan

    @property
    def enough(self) -> bool:
        """Whether there are presentations enough to claim a rate at all."""
        return self.presentations >= FEWEST

    def sentence(self) -> str:
        """What the sample supports, and no more."""
        if not self.samples:
            return "nothing was tried"
        seen = f"{self.errors} of {self.samples}"
        if not self.enough:
            few = f"{self.presentations} presentation{'s' if self.presentations != 1 else ''}"
            return f"{seen}; {few} can't tell more than that the rate is below {self.high:.0%}: try at least {FEWEST}"
        return f"{seen}, {self.value:.1%}; the true rate lies between {self.low:.1%} and {self.high:.1%} (95 %)"


@dataclass(frozen=True, slots=True)
class Report:
    """All rates of one test."""

    attacks: Mapping[str, ErrorRate]
    """APCER by kind of attack."""
    live: ErrorRate
    """BPCER, undecided samples counted as rejected."""
    undecided_live: int
    undecided_attacks: int
    """Attacks that were left undecided: not let in, so no errors."""

    @property
    def apcer(self) -> float:
        """The worst kind's; NaN where none was tried."""
        return max((r.value for r in self.attacks.values()), default=math.nan)

    @property
    def bpcer(self) -> float:
        return self.live.value

    @property
    def acer(self) -> float:
        return (self.apcer + self.bpcer) / 2


def report(samples: Iterable[Sample]) -> Report:
    """The rates of `samples`; those of kind "live" are living people's."""
    every = list(samples)
    live = [s for s in every if s.kind == "live"]
    attacks = [s for s in every if s.kind != "live"]
    kinds = sorted({s.kind for s in attacks})
    return Report(
        attacks={k: _rate([s for s in attacks if s.kind == k], lambda s: s.state == "live") for k in kinds},
        live=_rate(live, lambda s: s.state != "live"),
        undecided_live=sum(s.state == "unknown" for s in live),
        undecided_attacks=sum(s.state == "unknown" for s in attacks),
    )


def _rate(samples: Sequence[Sample], is_error: Callable[[Sample], bool]) -> ErrorRate:
    wrong = [s for s in samples if is_error(s)]
    tries, errors = len({s.presentation for s in samples}), len({s.presentation for s in wrong})
    low, high = interval(errors, tries) if tries else (0.0, 1.0)
    return ErrorRate(len(wrong), len(samples), tries, low, high)


def halfway(attacks: Sequence[float], live: Sequence[float]) -> float:
    """The threshold in the middle of the gap between the highest of the attacks' shares and the lowest of the living's
    (0 to 1), in logits. Where they overlap it lies in the middle of the overlap. Raises ValueError without either."""
    if not attacks or not live:
        raise ValueError("a threshold needs attacks and living people")
    middle = (_logit(max(attacks)) + _logit(min(live))) / 2
    return 1 / (1 + math.exp(-middle))


def _logit(share: float) -> float:
    # A few dozen samples can't show that no attack gets beyond one in a hundred.
    inside = min(0.99, max(0.01, share))
    return math.log(inside / (1 - inside))
