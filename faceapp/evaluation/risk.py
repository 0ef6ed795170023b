"""What a threshold means where it is used, in words, from a calibration's rates. Never nicer than the data.

Every figure is rounded to the worse side. Where no mistake was seen, the upper end of the interval speaks, not the
zero. More people than were searched through are as many more chances to be wrong (each further one adds at most what
each adds now); for fewer people nothing is taken off, because a small group may be as alike as a large one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from faceapp.evaluation.calibration import Curve, rates_at
from faceapp.evaluation.proportions import Rate

NOT_NAMED, NAMED = "a colleague is not named at first sight", "a stranger is given a name"
AGAIN, LET_IN = "a colleague is asked to try again", "a stranger at the door is let in"
NOT_MORE = "more cannot be said from this data"
_NEXT_TO_NEVER = 1e-6
"""A lower end below this is told as none: nobody needs to know that it isn't once in a billion."""
_OFTEN = 0.4
"""From this share on, "once in N" would round away too much."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How often something happens in a day, and the interval: any number from 0."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Risk:
    """What a threshold means."""

    again: Amount | None
    """How often a day a colleague is asked to try again; None where that can't be told."""
    let_in: Rate
    """Of the tries of a stranger."""
    text: str
    """One sentence about names, judged by one photo each."""
    door_text: str
    """The same about a door that goes by this threshold."""


def risk(curve: Curve, threshold: float, people: int, passages: int) -> Risk:
    """With so many `people` enrolled and `passages` of enrolled people a day, at `threshold`. Both at least 1. A try is
    one photo: how often a door opens that wants several frames to agree isn't known from photos."""
    rates = rates_at(curve, threshold)
    let_in = scaled(rates.false_names, people, curve.searched)
    missed = rates.misses
    again = None if missed is None else Amount(*(passages * v for v in (missed.value, missed.low, missed.high)))
    passing = f"{passages} passage{'' if passages == 1 else 's'} a day"
    who = f"{people} {'person' if people == 1 else 'people'}"
    named = f"{again_words(again, NOT_NAMED)}; {let_in_words(let_in, NAMED)}"
    door = f"{again_words(again)}; {let_in_words(let_in)}"
    return Risk(again, let_in, f"With {who} and {passing} at this setting: {named}.", f"With one photo a try, {door}.")


def scaled(rate: Rate, people: int, searched: int) -> Rate:
    """A rate of searches through `searched` people as one of searches through `people`."""
    return rate.times(max(1.0, people / max(1, searched)))


def again_words(again: Amount | None, what: str = AGAIN) -> str:
    """How often a colleague is asked to try again, or `what` happens to one."""
    if again is None:
        return f"how often {what} cannot be said, because nobody has two photos"
    if again.value <= 0:
        return f"{what} {_fewer(again.high)} ({NOT_MORE})"
    return f"{what} about {_often(again.value)} (95 % sure: {_between(again.low, again.high)})"


def let_in_words(rate: Rate, what: str = LET_IN) -> str:
    """How often a stranger gets in, or `what` happens to one."""
    if rate.value <= 0:
        if rate.high >= _OFTEN:
            return f"how often {what} cannot be said from this data"
        return f"{what} fewer than once in {_down(1 / rate.high)} tries ({NOT_MORE})"
    sure = f"{_share(rate.low)} to {_share(rate.high)}" if rate.low > _NEXT_TO_NEVER else f"at most {_share(rate.high)}"
    return f"{what} about {_share(rate.value)} (95 % sure: {sure})"


def _share(rate: float) -> str:
    """A share of tries, not nicer than it is."""
    if rate >= _OFTEN:
        return f"{min(100, math.ceil(rate * 100 - 1e-9))} times in 100 tries"
    return f"once in {_down(1 / rate)} tries"


def _often(times: float) -> str:
    """A number of times a day, rounded up."""
    if times >= 0.95:
        whole = _up(times)
        return "once a day" if whole == 1 else f"{whole:,} times a day"
    days = math.floor(1 / times + 1e-9)
    return "once a day" if days == 1 else f"once in {_down(1 / times)} days"


def _fewer(times: float) -> str:
    if times >= 1:
        return f"fewer than {_up(times):,} times a day" if _up(times) > 1 else "less than once a day"
    days = _down(1 / times)
    return f"less than once in {days} days" if math.floor(1 / times) > 1 else "less than once a day"


def _between(low: float, high: float) -> str:
    if low <= _NEXT_TO_NEVER:
        return f"at most {_often(high)}"
    return f"{_often(low)} to {_often(high)}"


def _up(number: float) -> int:
    """Up to two digits."""
    whole = math.ceil(number - 1e-9)
    step = int(10 ** max(0, len(str(whole)) - 2))
    return -(-whole // step) * step


def _down(number: float) -> str:
    """Down to two digits."""
    whole = max(1, math.floor(number + 1e-9))
    step = 10 ** max(0, len(str(whole)) - 2)
    return f"{whole // step * step:,}"
