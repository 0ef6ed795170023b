"""A decision in plain sentences: what was measured, what was needed, and which condition failed. No widgets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from faceapp.app.kiosk.types import Explained
from faceapp.gui.admin.words import headline, life_words, measure, number, outcome_words, translate

Key: TypeAlias = Literal["distance", "votes", "margin", "height", "quality"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the things that must hold before the door opens."""

    key: Key
    ok: bool | None
    """None: nothing was measured."""
    value: str
    limit: str
    share: float
    """How much of its bar is filled, 0 to 1."""
    mark: float
    """Where on the bar the limit stands, 0 to 1."""
    less_is_better: bool = False


def conditions(e: Explained) -> tuple[Condition, ...]:
    """What the door's opening depends on, figures beside their limits, in the order they are looked at."""
    at_most, at_least = translate("Explain", "at most {limit}"), translate("Explain", "at least {limit}")
    gap = margin(e)
    alone = e.distance is not None and e.runner_up_distance is None
    return (
        Condition(
            "height",
            _ok(e.height >= e.min_height, e.height),
            measure(e.height, "px"),
            at_least.format(limit=number(e.min_height, 0)),
            _share(e.height, 4 * e.min_height),
            0.25,
        ),
        Condition(
            "quality",
            _ok(e.quality >= e.min_quality, e.quality),
            number(e.quality, 0),
            at_least.format(limit=number(e.min_quality, 0)),
            _share(e.quality, 100.0),
            _share(e.min_quality, 100.0),
        ),
        Condition(
            "distance",
            _ok(e.distance is not None and e.distance <= e.threshold, e.distance),
            number(e.distance),
            at_most.format(limit=number(e.threshold)),
            _share(e.distance, 2 * e.threshold),
            0.5,
            less_is_better=True,
        ),
        Condition(
            "margin",
            True if alone else _ok(gap is not None and gap >= e.margin_needed, gap),
            translate("Explain", "alone") if alone else number(gap),
            at_least.format(limit=number(e.margin_needed)),
            1.0 if alone else _share(gap, 4 * e.margin_needed),
            0.25,
        ),
        Condition(
            "votes",
            # While they are being collected nothing has failed.
            None if e.decision == "hold" and e.votes < e.votes_needed else e.votes >= e.votes_needed,
            str(e.votes),
            translate("Explain", "at least {needed} of {frames}").format(needed=e.votes_needed, frames=e.frames),
            _share(e.votes, e.votes_needed),
            1.0,
        ),
    )


def margin(e: Explained) -> float | None:
    """How much farther the runner-up is than the nearest; None where one of them is missing."""
    return None if e.distance is None or e.runner_up_distance is None else e.runner_up_distance - e.distance


def sentence(e: Explained) -> str:
    """Everything about one decision, to be read aloud or copied into a mail."""
    return f"{headline(e)}: {_parts(e)}."


def details(e: Explained) -> str:
    """The same below its headline."""
    text = _parts(e)
    return f"{text[:1].upper()}{text[1:]}."


def why(e: Explained) -> str:
    """What stands in the way, in one sentence; empty where the headline has said it all."""
    text = "; ".join(_why(e))
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _parts(e: Explained) -> str:
    parts = [*_why(e), *_figures(e)]
    if e.decision == "grant":
        parts.append(
            translate("Explain", "the door hasn't answered yet") if e.outcome is None else outcome_words(e.outcome)
        )
    return "; ".join(parts)


def _why(e: Explained) -> list[str]:
    """For whatever isn't a grant: the condition that failed, first. Empty where the headline has said it all."""
    reason = e.reason
    if reason == "not_recognised":
        far = e.distance is not None and not e.distance <= e.threshold
        reason = "too_far" if far else "too_few" if e.votes < e.votes_needed else reason
    sentence = {
        "too_far": translate("Explain", "nobody enrolled is near enough"),
        "too_few": translate("Explain", "too few pictures agreed on one person"),
        "tie": translate("Explain", "{name} and {other} are too near to each other to be told apart"),
        "not_allowed": translate("Explain", "recognised as {name}, who has no right to this door"),
        "deactivated": translate("Explain", "recognised as {name}, who is deactivated"),
        "outside_hours": translate("Explain", "recognised as {name}, whose hours don't include this one"),
        "attack": translate("Explain", "the face was found to be a picture or a screen"),
        "not_live": translate("Explain", "it wasn't found out whether the face is a living person's"),
        "liveness": translate("Explain", "it isn't found out yet whether the face is a living person's"),
        "locked_out": translate("Explain", "refused several times before, so the next try has to wait"),
        "come_closer": translate("Explain", "the face is too small in the picture"),
        "look_here": translate("Explain", "the face isn't seen well enough to be compared"),
        "checking": translate("Explain", "more pictures must agree before the door opens"),
        "two_people": translate("Explain", "nobody in the zone is clearly nearer than the others"),
        "cooldown": translate("Explain", "the door was opened for this person a moment ago"),
    }.get(reason)
    if sentence is None:
        return []
    name = e.name or translate("Explain", "the person")
    if e.reason in ("attack", "not_live", "liveness") and life_words(e.liveness_reason):
        return [life_words(e.liveness_reason)]
    return [sentence.format(name=name, other=e.runner_up or translate("Explain", "somebody else"))]


def _figures(e: Explained) -> list[str]:
    parts = []
    if e.distance is None:
        parts.append(translate("Explain", "compared with nobody so far"))
    else:
        text = (
            translate("Explain", "distance {distance}, threshold {threshold}")
            if e.distance <= e.threshold
            else translate("Explain", "distance {distance}, above the threshold {threshold}")
        )
        parts.append(text.format(distance=number(e.distance), threshold=number(e.threshold)))
    votes = translate("Explain", "{votes} of {needed} votes").format(votes=e.votes, needed=e.votes_needed)
    if e.waited_ms is not None:
        votes = translate("Explain", "{votes} of {needed} votes in {time}").format(
            votes=e.votes, needed=e.votes_needed, time=measure(e.waited_ms / 1000, "s", 1)
        )
    parts.append(votes)
    parts += _next_nearest(e)
    parts.append(_height(e) + _short_of(e.height, e.min_height))
    parts.append(_quality(e) + _short_of(e.quality, e.min_quality))
    if e.liveness == "live":
        parts.append(translate("Explain", "found to be a living person"))
    parts.append(
        translate("Explain", "decided {time} after the frame on {provider}").format(
            time=measure(e.latency_ms, "ms"), provider=e.provider
        )
    )
    return parts


def _next_nearest(e: Explained) -> list[str]:
    gap = margin(e)
    if gap is None or e.runner_up_distance is None:
        return [] if e.distance is None else [translate("Explain", "nobody else to confuse with")]
    name = e.name or translate("Explain", "the nearest")
    return [
        translate("Explain", "next nearest {other} at {at}, {gap} farther than {name}, {needed} needed").format(
            other=e.runner_up or translate("Explain", "somebody else"),
            at=number(e.runner_up_distance),
            gap=number(gap),
            name=name,
            needed=number(e.margin_needed),
        )
    ]


def _height(e: Explained) -> str:
    return translate("Explain", "face {height}").format(height=measure(e.height, "px"))


def _quality(e: Explained) -> str:
    return translate("Explain", "quality {quality}").format(quality=number(e.quality, 0))


def _short_of(value: float, minimum: float) -> str:
    if value >= minimum:
        return ""
    return translate("Explain", ", less than the {minimum} needed").format(minimum=number(minimum, 0))


def _ok(fulfilled: bool, measured: float | None) -> bool | None:
    return None if measured is None or math.isnan(measured) else fulfilled


def _share(value: float | None, whole: float) -> float:
    if value is None or math.isnan(value) or whole <= 0:
        return 0.0
    return min(1.0, max(0.0, value / whole))
