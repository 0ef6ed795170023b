"""Counts and times as sentences."""

from __future__ import annotations

from faceapp.app.import_types import ExportResult, Found, ImportResult, ImportState

KINDS = {"folder": "a folder", "csv": "a CSV file", "hdf5": "an HDF5 data set", "gallery": "an exported gallery"}
_MOST_PAIRS = 4
AGAIN = "Import the same once more, and it goes on from here."


def counted(count: int, one: str, more: str = "") -> str:
    """`1 picture`, `2,000 pictures`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def found_words(found: Found) -> str:
    """What a look has found."""
    if found.locked:
        return "This is an exported gallery. Type its passphrase to see what it holds."
    people = counted(found.people, "person", "people")
    return f"{counted(found.pictures, 'picture')} of {people}, in {KINDS[found.kind]}."


def left_words(seconds: float | None) -> str:
    """How long it still takes, about; empty where that can't be told."""
    if seconds is None:
        return ""
    if seconds < 50:
        return "less than a minute left"
    minutes = round(seconds / 60)
    return f"about {counted(minutes, 'minute')} left" if minutes < 90 else f"about {round(minutes / 60)} hours left"


def progress_words(state: ImportState) -> str:
    """How far it is."""
    if not state.total:
        return "Loading what it takes …"
    words = f"{state.done:,} of {counted(state.total, 'picture')}"
    left = left_words(state.seconds_left)
    return f"{words}, {left}" if left else words


def counts_words(state: ImportState) -> str:
    """What became of them so far."""
    if state.phase != "importing":
        return ""
    return f"{state.enrolled:,} enrolled, {state.already:,} known already, {state.rejected:,} rejected"


def result_title(result: ImportResult) -> str:
    """What an import did, in a few words."""
    if not result.enrolled:
        return "Nothing new was enrolled"
    enrolled = "1 picture was enrolled" if result.enrolled == 1 else f"{result.enrolled:,} pictures were enrolled"
    return f"{enrolled}, of {counted(result.people, 'person', 'people')}"


def result_words(result: ImportResult) -> str:
    """The rest of it."""
    rejected = len(result.rejected)
    parts = [
        f"{result.already:,} {'was' if result.already == 1 else 'were'} known already",
        f"{rejected:,} {'was' if rejected == 1 else 'were'} rejected",
    ]
    words = f"Of {counted(result.pictures, 'picture')} {parts[0]} and {parts[1]}."
    return f"{words} It went on where an earlier import was cut short." if result.resumed else words


def alike_words(result: ImportResult) -> str:
    """Who may be taken for whom, and what tells them apart; empty where nobody may."""
    if not result.alike:
        return ""
    shown = [f"{one} and {other}" for one, other in result.alike[:_MOST_PAIRS]]
    more = len(result.alike) - len(shown)
    pairs = "; ".join([*shown, *([f"{more:,} more pairs" if more > 1 else "1 more pair"] if more > 0 else [])])
    return f"A camera may take one for the other: {pairs}. Under Door rights each can be asked for a badge as well."


def ended_early(result: ImportResult) -> str:
    """Why not all is imported; empty where all is."""
    if result.problem:
        return f"Not all is imported. {result.problem} {AGAIN}"
    return f"Cancelled: not all is imported. {AGAIN}" if result.cancelled else ""


def exported_words(exported: ExportResult | None) -> tuple[str, str]:
    """Title and sentence."""
    if exported is None:
        return "The export was cancelled", "Nothing was written."
    people = counted(exported.people, "person", "people")
    return (
        f"{people} exported",
        f"{counted(exported.photos, 'photo')} in {exported.out}. Without its passphrase nobody opens it: keep that, "
        "and not beside the file.",
    )
