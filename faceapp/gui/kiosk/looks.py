"""The kiosk's colours: read from two metres, so text keeps at least 7 : 1 (WCAG 2.2, 1.4.6, AAA). A test computes it.

A tone is never the only sign of a state: each has an icon of its own shape and words. The tones differ in lightness as
well as in hue, so that they stay apart for those who don't see hues.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from faceapp.gui.tokens import DARK, HIGH_CONTRAST, LIGHT, Tokens

ToneName: TypeAlias = Literal["calm", "good", "caution", "stop"]


@dataclass(frozen=True, slots=True)
class Tone:
    """What a message is painted with, as `#rrggbb`."""

    ground: str
    text: str
    quiet: str
    """The second line and the small print."""
    disc: str
    """Behind the icon."""
    on_disc: str
    track: str
    """The part of the progress ring that isn't reached yet."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one scheme of the kiosk."""

    name: str
    calm: Tone
    good: Tone
    caution: Tone
    stop: Tone
    scrim: str
    """Over the picture while a page lies on it."""
    key: str
    """A key of a number pad."""
    on_key: str
    key_pressed: str
    key_edge: str
    field: str
    accent: str
    on_accent: str
    focus: str
    problem: str
    """Text about something that went wrong, on the calm ground."""

    def tone(self, name: ToneName) -> Tone:
        """The tone of that name."""
        return {"calm": self.calm, "good": self.good, "caution": self.caution, "stop": self.stop}[name]

    def text_pairs(self) -> list[tuple[str, str, str]]:
        """(what, text colour, ground) of every combination in which text is painted."""
        pairs = [
            ("on a key", self.on_key, self.key),
            ("on a pressed key", self.on_key, self.key_pressed),
            ("on the main key", self.on_accent, self.accent),
            ("in a field", self.on_key, self.field),
            ("problem", self.problem, self.calm.ground),
        ]
        for what, tone in (("calm", self.calm), ("good", self.good), ("caution", self.caution), ("stop", self.stop)):
            pairs += [(f"{what} text", tone.text, tone.ground), (f"{what} quiet", tone.quiet, tone.ground)]
            pairs += [(f"{what} icon", tone.on_disc, tone.disc)]
        return pairs

    def edge_pairs(self) -> list[tuple[str, str, str]]:
        """(what, colour, ground) of every edge one must see."""
        return [
            ("key edge", self.key_edge, self.calm.ground),
            ("focus ring", self.focus, self.calm.ground),
            ("focus ring on a key", self.focus, self.key),
            ("progress", self.calm.disc, self.calm.track),
        ]


_STOP = Tone("#8c1a14", "#ffffff", "#ffe9e6", "#ffffff", "#8c1a14", "#b5534d")
_CAUTION = Tone("#ffcb52", "#241800", "#332300", "#332300", "#ffcb52", "#d9a83a")

LIGHT_LOOK = Look(
    "light",
    calm=Tone("#ffffff", "#12181c", "#3d4851", "#0a5a51", "#ffffff", "#d5e3e0"),
    good=Tone("#0b5a36", "#ffffff", "#e4f6ec", "#ffffff", "#0b5a36", "#3e8361"),
    caution=_CAUTION,
    stop=_STOP,
    scrim="#dfe5e8",
    key="#f1f4f5",
    on_key="#12181c",
    key_pressed="#cfe6e2",
    key_edge="#7a858e",
    field="#ffffff",
    accent="#0a5a51",
    on_accent="#ffffff",
    focus="#0a5a51",
    problem="#8c1a14",
)

DARK_LOOK = Look(
    "dark",
    calm=Tone("#14181b", "#f4f7f8", "#c3ccd3", "#6fe3d1", "#06221e", "#2c383b"),
    good=Tone("#0b5a36", "#ffffff", "#e4f6ec", "#ffffff", "#0b5a36", "#3e8361"),
    caution=_CAUTION,
    stop=_STOP,
    scrim="#0b0e10",
    key="#232a2f",
    on_key="#f4f7f8",
    key_pressed="#1f4d47",
    key_edge="#7d8992",
    field="#0d1012",
    accent="#6fe3d1",
    on_accent="#06221e",
    focus="#6fe3d1",
    problem="#ffb3ab",
)

HIGH_CONTRAST_LOOK = Look(
    "high contrast",
    calm=Tone("#000000", "#ffffff", "#ffffff", "#ffffff", "#000000", "#5a5a5a"),
    good=Tone("#6bffac", "#000000", "#000000", "#000000", "#6bffac", "#3fa870"),
    caution=Tone("#ffe100", "#000000", "#000000", "#000000", "#ffe100", "#b39e00"),
    stop=Tone("#ffffff", "#000000", "#000000", "#b00000", "#ffffff", "#bbbbbb"),
    scrim="#000000",
    key="#000000",
    on_key="#ffffff",
    key_pressed="#3a3a3a",
    key_edge="#ffffff",
    field="#000000",
    accent="#ffe100",
    on_accent="#000000",
    focus="#ffe100",
    problem="#ffe100",
)

LOOKS = (LIGHT_LOOK, DARK_LOOK, HIGH_CONTRAST_LOOK)


def look_for(tokens: Tokens, high_contrast: bool) -> Look:
    """The kiosk's colours for a theme's."""
    if high_contrast or tokens.name == HIGH_CONTRAST.name:
        return HIGH_CONTRAST_LOOK
    return {LIGHT.name: LIGHT_LOOK, DARK.name: DARK_LOOK}[tokens.name]
