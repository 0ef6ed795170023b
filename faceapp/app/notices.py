"""The banners of a live session: which conditions hold, in words."""

from __future__ import annotations

from collections.abc import Sequence

from faceapp.app.live_types import Notice
from faceapp.errors import KnownError
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.watched import WatchedCapture

_NAMED = 5
"""Names in one line; the others are counted."""
_NO_PICTURES = {
    "device": "The camera sends no pictures: check its cable.",
    "stream": "The stream sends no pictures: check the network and the camera.",
}


def source_notices(
    error: KnownError | None, capture: CaptureThread | WatchedCapture | None, kind: str, now_ns: int
) -> list[Notice]:
    """About the source. `error`: why there is none; `kind`: the source's."""
    line = None
    if error is not None:
        line = sentence(error)
    elif capture is not None and capture.error is not None and capture.phase == "failed":
        line = sentence(capture.error)
    elif capture is not None and capture.error is not None and capture.phase == "reconnecting":
        line = f"{sentence(capture.error)} Trying again."
    elif capture is not None and capture.stalled(now_ns):
        line = _NO_PICTURES.get(kind, "No pictures come from the source: choose it again.")
    elif capture is not None and capture.frozen:
        line = "The camera's picture stands still: check the camera."
    return [Notice("source", "error", line)] if line is not None else []


def other_notices(
    recognition: str | None,
    gallery: str | None,
    choice: str | None,
    to_reembed: int,
    to_photograph: Sequence[str],
    fell_back: bool,
    foreign_threshold: bool = False,
    not_logged: str | None = None,
    alike: str | None = None,
) -> list[Notice]:
    """About everything else, the worst first. The first three are problems' lines, `to_reembed` counts photos,
    `to_photograph` are names, `fell_back` says that the demonstration plays for lack of a camera,
    `foreign_threshold` that the site's own threshold belongs to another embedder, `not_logged` why the audit log lacks
    the last deletion, `alike` that people look too much alike."""
    problems = {"recognition": recognition, "gallery": gallery, "choice": choice}
    found = [Notice(id, "error", sentence(line)) for id, line in problems.items() if line]
    if not_logged:
        found.append(Notice("log", "warning", f"The deletion is done but not in the audit log: {not_logged}."))
    if to_photograph and not to_reembed:
        more = len(to_photograph) - _NAMED
        names = ", ".join(to_photograph[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        found.append(Notice("again", "warning", f"To be photographed again for this embedder: {names}."))
    if to_reembed:
        found.append(Notice("reembed", "info", f"The embedder changed: {to_reembed} photos left to embed."))
    if alike:
        found.append(Notice("alike", "info", sentence(alike)))
    if foreign_threshold:
        line = "The threshold that was chosen belongs to another embedder: the automatic one is in force."
        found.append(Notice("threshold", "info", line))
    if fell_back:
        found.append(Notice("demo", "info", "No camera was found: this is a demonstration."))
    return found


def sentence(error: object) -> str:
    """An error's line as a sentence."""
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
