"""The words of the kiosk: what each screen says, in the language of the moment.

Said to anybody who stands there, so nothing here tells who is enrolled, how near a face came or which rule refused it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from faceapp.app.kiosk.types import KioskView, Question, Screen, Turn
from faceapp.gui.kiosk.looks import ToneName

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Message:
    """One giant message. `spoken` never has a name in it: a voice carries further than a screen."""

    screen: Screen
    icon: str
    """Of `resources/icons`; each screen has a shape of its own."""
    tone: ToneName
    headline: str
    line: str
    spoken: str = ""
    """What a voice says; empty: nothing is said aloud."""
    dots: tuple[int, int] | None = None
    """So many of so many movements are done."""

    @property
    def cue(self) -> tuple[Screen, str]:
        """Changes whenever somebody is to be told something new: not with the seconds that count down."""
        return self.screen, self.spoken if self.screen == "question" else ""


ICONS: dict[Screen, str] = {
    "starting": "kiosk-hourglass",
    "idle": "kiosk-door",
    "badge": "kiosk-badge",
    "come_closer": "kiosk-closer",
    "look_here": "kiosk-eye",
    "checking": "face",
    "question": "kiosk-turn",
    "try_again": "kiosk-again",
    "start_again": "kiosk-aside",
    "one_at_a_time": "kiosk-one",
    "opening": "face",
    "welcome": "kiosk-welcome",
    "go_through": "kiosk-through",
    "not_recognised": "kiosk-question",
    "not_allowed": "kiosk-no-entry",
    "show_face": "kiosk-picture",
    "wait": "kiosk-clock",
    "out_of_order": "kiosk-spanner",
}

TONES: dict[Screen, ToneName] = {
    "welcome": "good",
    "go_through": "good",
    "not_recognised": "caution",
    "try_again": "caution",
    "start_again": "caution",
    "one_at_a_time": "caution",
    "show_face": "caution",
    "wait": "caution",
    "not_allowed": "stop",
    "out_of_order": "stop",
}


_INSTRUCTION_ICONS = {
    "look_here": "kiosk-eye",
    "once_more": "kiosk-eye",
    "look_back": "kiosk-eye",
    "left": "kiosk-left",
    "right": "kiosk-right",
    "up": "kiosk-up",
    "down": "kiosk-down",
}
"""An arrow points where the person sees their own head go: the picture above it is a mirror."""


def message(view: KioskView, verify: bool, demo: bool = False) -> Message:
    """What to show for `view`. `verify`: a claim comes before the face, so there is a badge to try again with; `demo`:
    the demonstration's pictures are looked at."""
    if view.screen == "question" and view.question is not None:
        return _question(view.question)
    headline, line = _words(view, verify)
    if demo and view.screen in ("try_again", "start_again"):
        line = answers_nothing()
    tone = TONES.get(view.screen, "calm")
    spoken = ""
    if view.screen == "welcome":
        spoken = f"{translate('Kiosk', 'Welcome')}. {line}"
    elif tone != "calm" and view.screen != "go_through":
        spoken = f"{headline}. {line}"
    return Message(view.screen, ICONS[view.screen], tone, headline, line, spoken)


def plain_name(name: str | None) -> str:
    """A name as one line of text, whatever was typed when it was enrolled."""
    return " ".join("".join(c if c.isprintable() else " " for c in name or "").split())


def cannot_turn() -> str:
    """What stands below the questions, for those who can't follow them."""
    return translate("Kiosk", "Can't turn your head? Ask for help.")


def answers_nothing() -> str:
    """Why the demonstration lets nobody in who is asked."""
    return translate("Kiosk", "A picture doesn't answer questions, so nobody is let in.")


def _question(question: Question) -> Message:
    following = _following(question.following)
    headline, line = {
        "look_here": (
            translate("Kiosk", "Look here"),
            following or translate("Kiosk", "Then turn your head as the arrow shows."),
        ),
        "once_more": (
            translate("Kiosk", "Once more"),
            following or translate("Kiosk", "Look here first, then turn your head as the arrow shows."),
        ),
        "left": (translate("Kiosk", "Turn left"), translate("Kiosk", "Just your head, as far as is comfortable.")),
        "right": (translate("Kiosk", "Turn right"), translate("Kiosk", "Just your head, as far as is comfortable.")),
        "up": (translate("Kiosk", "Look up"), translate("Kiosk", "Just your head: lift your chin.")),
        "down": (translate("Kiosk", "Look down"), translate("Kiosk", "Just your head: lower your chin.")),
        "look_back": (translate("Kiosk", "Look here again"), following),
    }[question.instruction]
    icon = _INSTRUCTION_ICONS[question.instruction]
    return Message("question", icon, "calm", headline, line, headline, (question.done, question.total))


def _following(turn: Turn | None) -> str:
    return {
        None: "",
        "left": translate("Kiosk", "Next: to the left"),
        "right": translate("Kiosk", "Next: to the right"),
        "up": translate("Kiosk", "Next: up"),
        "down": translate("Kiosk", "Next: down"),
    }[turn]


def no_liveness() -> str:
    """What stands below while nothing tells a person from a picture of one."""
    return translate("Kiosk", "This kiosk cannot tell a photograph or a phone from a person.")


def _words(view: KioskView, verify: bool) -> tuple[str, str]:
    headline, line = _usual_words()[view.screen]
    if view.screen == "welcome" and (name := plain_name(view.name)):
        # After translating, so that nothing in a name can be taken for a place to fill.
        headline = translate("Kiosk", "Welcome, %1").replace("%1", name)
    elif view.screen == "wait":
        line = _wait(view.remaining_s)
    elif view.screen == "not_recognised" and verify:
        line = translate("Kiosk", "Show your badge again, or ask for help.")
    return headline, line


def _usual_words() -> dict[Screen, tuple[str, str]]:
    checking = translate("Kiosk", "Checking"), translate("Kiosk", "Keep looking here for a moment.")
    return {
        "starting": (translate("Kiosk", "One moment"), translate("Kiosk", "The kiosk is starting.")),
        "idle": (translate("Kiosk", "Entrance"), translate("Kiosk", "Step in front of the camera to open the door.")),
        "badge": (
            translate("Kiosk", "Show your badge"),
            translate("Kiosk", "Hold it to the reader or its code to the camera."),
        ),
        "come_closer": (translate("Kiosk", "Come closer"), translate("Kiosk", "One more step towards the screen.")),
        "look_here": (translate("Kiosk", "Look here"), translate("Kiosk", "Face the camera, straight ahead.")),
        "checking": checking,
        "question": (translate("Kiosk", "Turn your head"), translate("Kiosk", "Please follow the arrow.")),
        "try_again": (
            translate("Kiosk", "Please try again"),
            translate("Kiosk", "Not everything could be seen. It starts again by itself. Or ask for help."),
        ),
        "start_again": (
            translate("Kiosk", "Please start again"),
            translate("Kiosk", "Step out of the picture for a moment, then come back. Or ask for help."),
        ),
        "opening": checking,
        "one_at_a_time": (
            translate("Kiosk", "One at a time"),
            translate("Kiosk", "Please stand in front of the camera alone."),
        ),
        "welcome": (translate("Kiosk", "Welcome"), translate("Kiosk", "The door is open.")),
        "go_through": (translate("Kiosk", "Please go in"), translate("Kiosk", "You were let in a moment ago.")),
        "not_recognised": (
            translate("Kiosk", "Not recognised"),
            translate("Kiosk", "Please try again, or ask for help."),
        ),
        "not_allowed": (
            translate("Kiosk", "No entry now"),
            translate("Kiosk", "This door is not open to you at present. Please ask for help."),
        ),
        "show_face": (
            translate("Kiosk", "Show your face"),
            translate("Kiosk", "A picture does not open this door. Step away for a moment, then come back."),
        ),
        "wait": (translate("Kiosk", "Please wait"), ""),
        "out_of_order": (
            translate("Kiosk", "Out of order"),
            translate("Kiosk", "Please use another way in, or ask for help."),
        ),
    }


def _wait(seconds: float | None) -> str:
    if seconds is None or seconds <= 0:
        return translate("Kiosk", "You can try again in a moment.")
    return translate("Kiosk", "You can try again in %1.").replace("%1", duration(seconds))


def duration(seconds: float) -> str:
    """`45 s`, `3 min`: rounded up, so that nobody comes back too early."""
    whole = math.ceil(seconds)
    if whole < 60:
        words = translate("Kiosk", "%1 s").replace("%1", str(whole))
    else:
        words = translate("Kiosk", "%1 min").replace("%1", str(math.ceil(whole / 60)))
    return words.replace(" ", "\N{NO-BREAK SPACE}")
