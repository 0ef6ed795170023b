"""What a site chooses of the kiosk's screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """The fields of the same names in `settings.KioskSettings`."""

    language: str = ""
    """`en`, `de`, `fr`; empty: the system's."""
    sound: bool = False
    speech: bool = False
    high_contrast: bool = False
