"""What a window sees of a live session: plain data, and the two protocols it talks to.

`LiveSession` (`app/live.py`) and `PeopleService` (`app/people.py`) are the real ones; tests bring fakes. Every method
is called on the GUI thread and returns at once: cameras, networks and the gallery work elsewhere. What takes them a
moment comes as a future, which may also hold a KnownError with a line to show, or be cancelled when the session stops.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, TypeAlias

from faceapp.app.evaluation_types import EvaluationControl
from faceapp.app.import_types import ImportsControl
from faceapp.app.inbox_types import InboxControl
from faceapp.app.kiosk.types import PinControl, RightsControl
from faceapp.app.liveness_wizard_types import TrialControl
from faceapp.app.people_types import ManageControl
from faceapp.app.switch_types import SwitchControl
from faceapp.app.training.job import TrainingControl
from faceapp.types import BgrImage, Frame, FrameResult, LiveStats, PersonSummary

Phase: TypeAlias = Literal["starting", "running", "ended", "failed", "stopped"]
Level: TypeAlias = Literal["info", "warning", "error"]
SnapshotPhase: TypeAlias = Literal["idle", "collecting", "ready", "failed"]
MOST_PHOTOS = 5
"""So many photographs of a person improve on one; further ones are not asked for."""
OUTLINE_CENTRE = (0.5, 0.46)
"""Where a guided face belongs, parts of the picture's width and height: `enrollment.guide.OUTLINE`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know now, shown as a banner for as long as it holds."""

    id: str
    """The same as long as it is the same condition, whatever the wording."""
    level: Level
    text: str
    """One plain line: what is the matter, then what to do."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One entry of the camera picker."""

    spec: str
    """As `--source` takes it: `0`, `/dev/video2`, `demo:`."""
    name: str


@dataclass(frozen=True, slots=True)
class SnapshotGuidance:
    """What a guided snapshot shows of the newest frame."""

    code: str
    """The instruction: one of `enrollment.guide.Instruction`."""
    sentence: str
    """The instruction for people. It stays for at least 0.7 s."""
    outline: bool
    """True where the face is where it belongs."""
    findings: tuple[str, ...] = ()
    """Reason codes of the gate, the one to mend first at the front; empty when all is well."""
    figure: float = 0.0
    """Quality of this frame, 0 to 100."""
    stuck: bool = False
    """Nothing came of it for a while: point out `take_snapshot_now`."""
    wish: str = ""
    """What this photograph is to show, one sentence: it differs from the ones before."""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Somebody who is enrolled, and whom a new face may be mistaken for."""

    person_id: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class SnapshotState:
    """How far an enrolment by snapshot has come."""

    phase: SnapshotPhase
    progress: float = 0.0
    """While collecting, 0 to 1."""
    image: BgrImage | None = None
    """The crop to show."""
    quality: float | None = None
    """0 to 100."""
    hints: tuple[str, ...] = ()
    """What would make a better photograph, one sentence each."""
    problem: str | None = None
    """Why there is no photograph, when failed."""
    known_as: str | None = None
    """Name of the person whom the face already matches."""
    lookalikes: tuple[Lookalike, ...] = ()
    """Others whom it is near to, though not the same, the nearest first."""
    guidance: SnapshotGuidance | None = None
    """While a guided snapshot collects, and a frame was looked at."""
    override: bool = False
    """When ready: it was asked for, and the gate finds fault with it (`hints`). It is stored as such."""


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """What a person agreed to, as the form has it."""

    purpose: str
    given_by: str
    """Who gave it: the person, or whoever may for them."""
    text: str
    """As it was put to them."""
    until: date | None = None
    """The last day on which it counts; None: until it is withdrawn."""


@dataclass(frozen=True, slots=True)
class ConsentWanted:
    """What the form begins with."""

    required: bool
    """True where the site enrols nobody without consent on record."""
    form: ConsentForm


class PeopleControl(Protocol):
    """The people of the gallery."""

    @property
    def manage(self) -> ManageControl:
        """What the people page needs beyond this."""
        ...

    def list(self) -> list[PersonSummary]:
        """Sorted by name, thumbnails as JPEG: of the first few hundred, of others see `ManageControl.thumbnail`."""
        ...

    def marker(self) -> int:
        """Another number whenever the list may have changed, also by another process. Cheap: poll it."""
        ...

    def has_door(self, name: str) -> bool:
        """Whether `name` is somebody who may open the door, by a right of their own or a group's: a photo added to them
        gives the door to another face."""
        ...

    def rename(self, person_id: str, new_name: str) -> Future[PersonSummary]:
        """The person under the new name; an InputError where it is taken or can't be one."""
        ...

    def delete(self, person_id: str) -> Future[bool]:
        """Remove the person with all photographs and templates. False where traces of them stay in the file because
        another program holds it; they go with the next deletion, or when it is opened again."""
        ...


class EnrolmentControl(Protocol):
    """Enrolment by snapshot: one at a time."""

    def begin_snapshot(self, guided: bool = False, shots: int = 0) -> None:
        """Collect the best face of the next second's frames. `guided`: instruct the person (`SnapshotState.guidance`)
        until all is well, then take it. `shots`: how many photographs of this person there are: further ones are to
        differ, up to five."""
        ...

    def take_snapshot_now(self) -> None:
        """Take the guided snapshot at the next frame with one face, whatever is wrong with it."""
        ...

    def snapshot(self) -> SnapshotState: ...

    def cancel_snapshot(self) -> None: ...

    def enroll(self, name: str, consent: ConsentForm | None = None) -> Future[PersonSummary]:
        """Store the ready snapshot, and with it the consent that was given. The person is known from the next frame on
        when the future is done, and the snapshot is forgotten; after an InputError it is still there."""
        ...

    def consent_wanted(self) -> ConsentWanted:
        """Whether this site requires consent, and what the form begins with."""
        ...

    def further_wish(self, photos: int) -> str:
        """What one more photograph of somebody who has so many should show, one sentence; empty where they have enough
        (`MOST_PHOTOS`)."""
        ...


class Pictures(Protocol):
    """What a view of one camera needs."""

    def latest_frame(self) -> Frame | None:
        """The newest captured frame. Never blocks, never consumes."""
        ...

    def latest_result(self) -> FrameResult | None: ...


class LiveControl(Pictures, Protocol):
    """One camera, recognised: what the live window drives and shows. It owns the threads."""

    @property
    def people(self) -> PeopleControl: ...

    @property
    def enrolment(self) -> EnrolmentControl: ...

    @property
    def inbox(self) -> InboxControl:
        """Faces that nobody matched."""
        ...

    @property
    def imports(self) -> ImportsControl:
        """Imports and exports, in the background."""
        ...

    @property
    def switching(self) -> SwitchControl:
        """The embedder, and changing it."""
        ...

    @property
    def evaluation(self) -> EvaluationControl:
        """What the people enrolled say about the threshold."""
        ...

    @property
    def training(self) -> TrainingControl:
        """Learning from people, in a process of its own."""
        ...

    @property
    def trials(self) -> TrialControl:
        """Trying the liveness: the site's own people, and their own attacks."""
        ...

    @property
    def rights(self) -> RightsControl:
        """Who may open the door: behind `pin`."""
        ...

    @property
    def pin(self) -> PinControl:
        """The administrator's."""
        ...

    def start(self) -> None:
        """Open source and models in the background. After `ended` or `failed`: once more from the beginning."""
        ...

    def stop(self) -> None:
        """End all threads. Returns within a second even where a read is stuck."""
        ...

    def phase(self) -> Phase: ...

    def notices(self) -> tuple[Notice, ...]:
        """The conditions that hold now, empty when all is well."""
        ...

    def stats(self) -> LiveStats: ...

    def source(self) -> str:
        """As `--source` takes it."""
        ...

    def set_source(self, spec: str) -> None: ...

    def cameras(self) -> list[CameraInfo]:
        """What can be chosen, the demonstration last."""
        ...

    def detector(self) -> str:
        """Id of the detector in use."""
        ...

    def set_detector(self, id: str) -> None: ...

    def detectors(self) -> list[tuple[str, str]]:
        """Id and title of every detector of the manifest, a site's own packs included."""
        ...

    def threshold(self) -> float:
        """The distance in force, up to which a face is named."""
        ...

    def threshold_is_automatic(self) -> bool: ...

    def set_threshold(self, value: float | None) -> None:
        """None: back to the manifest's, scaled by the number of people."""
        ...

    def threshold_range(self) -> tuple[float, float]: ...

    def not_this_person(self, track: int, person_id: str | None = None) -> Future[str]:
        """That live face is not `person_id`'s (None: not whose name it has): their name, once it is noted. The face is
        named otherwise from the next frame on. An InputError where the face is gone or named otherwise by now."""
        ...
