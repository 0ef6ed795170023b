"""Codes of the policy and of the door as an administrator reads them."""

from __future__ import annotations

import math

from PyQt6.QtCore import QCoreApplication, QLocale

from faceapp.app.kiosk.types import Explained

translate = QCoreApplication.translate


def language() -> QLocale:
    """How the language on screen writes numbers and dates."""
    result = QLocale(translate("AdminWords", "en"))  # each translation names its own language here
    result.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return result


def number(value: float | None, digits: int = 2) -> str:
    """`value` in the language's own way; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return language().toString(float(value), "f", digits)


def measure(value: float | None, unit: str, digits: int = 0) -> str:
    """`value` with a unit that stays on its line."""
    return f"{number(value, digits)}\N{NO-BREAK SPACE}{unit}"


def reason_words(code: str) -> str:
    """Why, in a few words; the code itself where it is a new one."""
    return {
        "granted": translate("AdminWords", "everything fits"),
        "nobody": translate("AdminWords", "nobody is there"),
        "no_claim": translate("AdminWords", "no badge yet"),
        "claim_expired": translate("AdminWords", "the badge was too long ago"),
        "come_closer": translate("AdminWords", "too far away"),
        "look_here": translate("AdminWords", "not seen well enough"),
        "checking": translate("AdminWords", "collecting votes"),
        "two_people": translate("AdminWords", "several people in the zone"),
        "liveness": translate("AdminWords", "not known to be alive yet"),
        "cooldown": translate("AdminWords", "let in a moment ago"),
        "door_busy": translate("AdminWords", "the door is still moving"),
        "out_of_order": translate("AdminWords", "something is out of order"),
        "stale_frame": translate("AdminWords", "the picture is too old"),
        "other_embedder": translate("AdminWords", "photos of another network"),
        "other_search": translate("AdminWords", "searched in another way"),
        "tie": translate("AdminWords", "two people too alike"),
        "not_recognised": translate("AdminWords", "not recognised"),
        "not_allowed": translate("AdminWords", "has no right to this door"),
        "deactivated": translate("AdminWords", "deactivated"),
        "outside_hours": translate("AdminWords", "outside the allowed hours"),
        "needs_badge": translate("AdminWords", "needs a badge besides the face"),
        "attack": translate("AdminWords", "a picture was held up"),
        "not_live": translate("AdminWords", "not found to be alive"),
        "locked_out": translate("AdminWords", "too many refusals in a row"),
    }.get(code, code.replace("_", " "))


def outcome_words(outcome: str) -> str:
    """What became of an opening, as the end of a sentence."""
    return {
        "opened": translate("AdminWords", "the door confirmed"),
        "refused": translate("AdminWords", "the door refused to open"),
        "unreachable": translate("AdminWords", "the door could not be reached"),
        "failed": translate("AdminWords", "the door failed"),
        "late": translate("AdminWords", "the door answered too late and was shut again"),
        "expired": translate("AdminWords", "the decision had grown too old before the door was asked"),
        "withdrawn": translate("AdminWords", "the person was deactivated or removed in the meantime"),
        "not_logged": translate("AdminWords", "it could not be logged, so the door stayed shut"),
        "interrupted": translate("AdminWords", "the program ended before the door answered"),
    }.get(outcome, outcome.replace("_", " "))


def liveness_words(verdict: str) -> str:
    """What is known about the face being a person's."""
    return {
        "unknown": translate("AdminWords", "not known"),
        "live": translate("AdminWords", "a living person"),
        "attack": translate("AdminWords", "a picture or a screen"),
    }.get(verdict, verdict)


def life_words(code: str) -> str:
    """Why the sources of liveness say what they say; empty where there is nothing to add."""
    return {
        "asking": translate("AdminWords", "the questions aren't all answered yet"),
        "not_answered": translate("AdminWords", "the movement that was asked for didn't come in time"),
        "not_frontal": translate("AdminWords", "the face didn't look at the camera"),
        "wrong_way": translate("AdminWords", "the head moved another way than it was asked to"),
        "too_soon": translate("AdminWords", "the movement came before the question could be answered"),
        "flat": translate("AdminWords", "the face tilts like a picture, not like a head"),
        "jumped": translate("AdminWords", "the face jumped from one pose to another"),
        "other_face": translate("AdminWords", "another face came in between"),
        "lost": translate("AdminWords", "the face was lost in between"),
        "questions_abandoned": translate("AdminWords", "the questions were left unanswered"),
        "model_attack": translate("AdminWords", "the model takes it for a picture or a screen"),
        "model_unsure": translate("AdminWords", "the model isn't sure"),
        "too_small": translate("AdminWords", "the face is too small for the model"),
        "too_dark": translate("AdminWords", "the face is too dark for the model"),
        "too_large": translate("AdminWords", "the model needs more around the face"),
        "cut_off": translate("AdminWords", "the face leaves the picture"),
        "no_model": translate("AdminWords", "no liveness model is installed"),
        "crashed": translate("AdminWords", "a liveness check failed: see the log"),
        "late": translate("AdminWords", "a liveness check took too long"),
    }.get(code, "")


def opened(e: Explained) -> bool:
    """Whether the door really opened."""
    return e.decision == "grant" and e.outcome in (None, "opened")


def verdict_words(e: Explained) -> str:
    """The decision in one word."""
    if e.decision == "grant":
        if e.outcome is None:
            return translate("AdminWords", "Opening")
        return translate("AdminWords", "Opened") if e.outcome == "opened" else translate("AdminWords", "Not opened")
    return translate("AdminWords", "Refused") if e.decision == "deny" else translate("AdminWords", "Waiting")


def headline(e: Explained) -> str:
    """The decision in one line."""
    if e.decision == "grant":
        name = e.name or translate("AdminWords", "somebody")
        if e.outcome is None:
            return translate("AdminWords", "Opening for {name}").format(name=name)
        if e.outcome == "opened":
            return translate("AdminWords", "Opened for {name}").format(name=name)
        return translate("AdminWords", "Not opened for {name}").format(name=name)
    if e.decision == "deny":
        return translate("AdminWords", "Refused: {reason}").format(reason=reason_words(e.reason))
    return translate("AdminWords", "Waiting: {reason}").format(reason=reason_words(e.reason))
