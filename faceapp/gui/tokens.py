"""Colours and measures, in one place: everything a widget or the style sheet paints with comes from here.

One accent colour. Text keeps a contrast of at least 4.5 : 1 and the edges of controls at least 3 : 1 on what they
stand on (WCAG 2.2, 1.4.3 and 1.4.11); a test computes both from these figures.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, as `#rrggbb`."""

    name: str
    window: str
    """Behind everything."""
    surface: str
    """Fields, cards, menus."""
    hover: str
    """A row or flat button under the pointer."""
    line: str
    """Quiet separators: decoration, carries no meaning."""
    track: str
    """The rest of a slider's groove, a scroll bar's handle: seen, but never in the way."""
    edge: str
    """The edge of a field or of an unchecked control."""
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    """A selected row."""
    danger: str
    on_danger: str
    warning: str
    info: str

    def text_pairs(self) -> list[tuple[str, str, str]]:
        """(what, text colour, ground) of every combination in which text is painted."""
        grounds = (("window", self.window), ("surface", self.surface), ("hover", self.hover))
        inks = (("text", self.text), ("muted", self.muted), ("accent", self.accent), ("danger", self.danger))
        pairs = [(f"{a} on {b}", ink, ground) for a, ink in inks for b, ground in grounds]
        return [
            *pairs,
            ("text on a selected row", self.text, self.accent_soft),
            ("muted on a selected row", self.muted, self.accent_soft),
            ("accent on a selected row", self.accent, self.accent_soft),
            ("on accent", self.on_accent, self.accent),
            ("on accent, hovered", self.on_accent, self.accent_hover),
            ("on danger", self.on_danger, self.danger),
            ("warning on surface", self.warning, self.surface),
            ("warning on window", self.warning, self.window),
            ("info on surface", self.info, self.surface),
        ]

    def edge_pairs(self) -> list[tuple[str, str, str]]:
        """(what, colour, ground) of every edge one must see to use a control."""
        return [
            ("field edge on window", self.edge, self.window),
            ("field edge on surface", self.edge, self.surface),
            ("focus ring on window", self.accent, self.window),
            ("focus ring on surface", self.accent, self.surface),
        ]


LIGHT = Tokens(
    name="light",
    window="#f5f6f7",
    surface="#ffffff",
    hover="#eaedef",
    line="#dfe3e6",
    track="#c3cad0",
    edge="#838d96",
    text="#1a2025",
    muted="#55606a",
    accent="#0a6e63",
    accent_hover="#085a51",
    on_accent="#ffffff",
    accent_soft="#d9efeb",
    danger="#b3261e",
    on_danger="#ffffff",
    warning="#855600",
    info="#0a6e63",
)

DARK = Tokens(
    name="dark",
    window="#16191c",
    surface="#1f2327",
    hover="#292e33",
    line="#2d3338",
    track="#454e56",
    edge="#747f89",
    text="#eceff1",
    muted="#a6b0b9",
    accent="#4fd6c1",
    accent_hover="#74e3d2",
    on_accent="#062722",
    accent_soft="#17403b",
    danger="#ff8f85",
    on_danger="#3b0502",
    warning="#f0bd4f",
    info="#4fd6c1",
)

HIGH_CONTRAST = Tokens(
    name="high contrast",
    window="#000000",
    surface="#000000",
    hover="#2a2a2a",
    line="#8c8c8c",
    track="#a8a8a8",
    edge="#ffffff",
    text="#ffffff",
    muted="#f0f0f0",
    accent="#ffe100",
    accent_hover="#fff07a",
    on_accent="#000000",
    accent_soft="#3d3600",
    danger="#ffb0a8",
    on_danger="#000000",
    warning="#ffb44d",
    info="#ffe100",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is painted on and around the picture, the same in both schemes: a picture is best judged on dark grey."""

    ground: str = "#0f1214"
    text: str = "#eceff1"
    muted: str = "#a6b0b9"
    named: str = "#4fe3cb"
    on_named: str = "#04231e"
    unknown: str = "#ffffff"
    plate: str = "#14181b"
    on_plate: str = "#ffffff"
    halo: str = "#000000"

    def text_pairs(self) -> list[tuple[str, str, str]]:
        """(what, text colour, ground) of every combination in which text is painted."""
        return [
            ("stage text", self.text, self.ground),
            ("stage muted", self.muted, self.ground),
            ("name plate", self.on_named, self.named),
            ("unknown plate", self.on_plate, self.plate),
        ]


STAGE = Stage()

MARK = "#159b8a"
"""The tick of a chosen menu item (`resources/style/check.svg`): a style sheet can't colour a file, so this one is seen
in both schemes."""
PANEL_WIDTH = 336


def contrast(a: str, b: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def as_mapping(tokens: Tokens) -> dict[str, str]:
    """Names and values for the style sheet's `$name` places."""
    return {k: str(v) for k, v in dataclasses.asdict(tokens).items()}
