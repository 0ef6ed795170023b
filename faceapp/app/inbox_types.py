"""What a window sees of the inbox of unknown faces: plain data, and the protocol it talks to.

`InboxService` (`app/live_inbox.py`) is the real one; tests bring a fake. As in `app/live_types.py`: called on the GUI
thread, returning at once, with the answers in futures.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from faceapp.types import JsonObject, PersonSummary

if TYPE_CHECKING:  # which has an inbox
    from faceapp.app.live_types import ConsentForm, SnapshotState


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Somebody in the inbox."""

    id: str
    """Of the track whose picture is the best."""
    tracks: tuple[str, ...]
    """Ids; each is one time that they were seen."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    camera: str
    """Where they were seen last."""
    quality: float
    """Of the best picture, 0 to 100."""
    ignored: bool
    has_picture: bool

    def as_json(self) -> JsonObject:
        """For the command line."""
        return {
            "id": self.id,
            "seen": len(self.tracks),
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
            "camera": self.camera,
            "quality": round(self.quality, 1),
            "state": "ignored" if self.ignored else "new",
            "picture": self.has_picture,
        }


@dataclass(frozen=True, slots=True)
class InboxState:
    """Whether the site collects unknown faces, and for how long they are kept."""

    collecting: bool
    possible: bool
    """False where the site keeps no pictures at all (`keep_crops`): then it can't be turned on."""
    days: int
    """After they were last seen."""


class InboxControl(Protocol):
    """Faces that nobody matched, by person. What is decided about an entry holds for the tracks it had when it was
    looked at: whoever came in since stays. An InputError where none of them is there any more."""

    def state(self) -> InboxState: ...

    def marker(self) -> int:
        """Another number whenever the entries may have changed, also by another process. Cheap: poll it."""
        ...

    def entries(self) -> Future[tuple[Entry, ...]]:
        """Everybody: new ones first, of each kind who was seen last first."""
        ...

    def waiting(self) -> Future[int]:
        """How many of them are new."""
        ...

    def picture(self, entry: Entry) -> Future[bytes | None]:
        """The best picture, JPEG; None where there is none, as of who is ignored."""
        ...

    def examine(self, entry: Entry) -> Future[SnapshotState]:
        """The picture as a photo that is ready to be enrolled: how good it is, who it is already, whom it is near to.
        Nothing is stored."""
        ...

    def enrol(self, entry: Entry, name: str, consent: ConsentForm | None = None) -> Future[PersonSummary]:
        """Make the picture a photo of `name`. The person is known from the next frame on when the future is done, and
        the entry is gone; after an error it is still there."""
        ...

    def ignore(self, entries: Sequence[Entry]) -> Future[None]:
        """Bother nobody with these people any more: their pictures go, and they are remembered."""
        ...

    def delete(self, entries: Sequence[Entry]) -> Future[str]:
        """Remove them with every trace; what there is to be said about it, empty where all is well."""
        ...

    def collect(self, on: bool) -> Future[None]:
        """Keep unknown faces from now on, or keep none, here and in the site's settings."""
        ...
