"""What the page of unknown faces says."""

from __future__ import annotations

from faceapp.app.inbox_types import InboxState

NOT_KEPT = "This site keeps no pictures of faces (the setting “keep_crops” is off), so it can't collect any either."
OFF = (
    "Unknown faces are not collected.\n"
    "Strangers were not asked, so whoever answers for this place decides: PRIVACY.md says what is kept, and for how "
    "long. “Collect”, above, turns it on."
)
NOBODY = "Nobody is waiting.\nWho is well seen for a second and matches nobody comes here on leaving the picture."
DEMONSTRATION = "Of the demonstration, which is playing now, nobody is kept."
NONE_IGNORED = "Nobody is ignored."


def days(count: int) -> str:
    """So many days."""
    return "one day" if count == 1 else f"{count} days"


def kept_words(state: InboxState, anybody: bool) -> str:
    """For how long."""
    line = f"Kept, encrypted, for {days(state.days)} after they were last seen; then deleted."
    if state.collecting:
        return line
    return f"Not collected now. What is here: {line[0].lower()}{line[1:]}" if anybody else "Not collected."


def empty_words(state: InboxState, ignored: bool, demonstration: bool) -> str:
    """What stands in place of the faces where there are none."""
    if ignored:
        return NONE_IGNORED
    if not state.possible:
        return NOT_KEPT
    if not state.collecting:
        return OFF
    return f"{NOBODY}\n{DEMONSTRATION}" if demonstration else NOBODY


def chosen_words(chosen: int, shown: int) -> str:
    """How many are chosen."""
    if not shown:
        return ""
    return f"{chosen} of {shown} chosen" if chosen else "Choose a face, or several with Ctrl or Shift."


def deleted_words(count: int, said: str) -> str:
    """What was done, and what there is to be said about it."""
    return " ".join(s for s in ("Deleted." if count == 1 else f"{count} deleted.", said) if s)
