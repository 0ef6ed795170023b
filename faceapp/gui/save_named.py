"""Saving the photo of a ready page under the name that was typed, wherever the photo comes from."""

from __future__ import annotations

from collections.abc import Callable

from faceapp.app.live_types import ConsentForm, LiveControl
from faceapp.errors import InputError
from faceapp.gui.pin_first import door_words, pin_first
from faceapp.gui.snapshot_pages import ReadyPage, typed_name
from faceapp.gui.theme import Theme


def save_named(
    ready: ReadyPage, session: LiveControl, theme: Theme, store: Callable[[str, ConsentForm | None], object]
) -> None:
    """Call `store` with the page's name and consent, or show below the name why not.

    A photo added to somebody who has the door gives it to another face: where there is a PIN, that needs it."""
    name = typed_name(ready.name.text())
    if not name:
        ready.refuse("Type a name first.")
        return
    try:
        consent = ready.consent.value()
    except InputError as e:
        ready.refuse(str(e), ready.consent.until)
        return

    def why() -> str:
        reached = [name] if session.people.has_door(name) else []
        return door_words(reached, "the face in this photo once it is saved")

    pin_first(why, session.pin, theme, ready.window() or ready, lambda _: store(name, consent), ready.refuse)
