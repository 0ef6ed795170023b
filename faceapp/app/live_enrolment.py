"""What becomes of a snapshot that is ready: a photo of somebody, and with it the consent that was given."""

from __future__ import annotations

from concurrent.futures import Future

from faceapp.app.consent import today
from faceapp.app.enrolling import new_photo
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.live_types import ConsentForm, ConsentWanted, SnapshotState
from faceapp.app.parts import Parts
from faceapp.app.people import summary
from faceapp.app.people_log import add_photo
from faceapp.app.snapshots import IDLE, Snapshots
from faceapp.errors import InputError
from faceapp.gallery.consent_rows import PURPOSE, THEMSELVES, NewConsent
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary

CONSENT_TEXT = (
    "I agree that faceapp keeps a photo of my face, and the numbers made from it, on this site's computer to recognise "
    "me here. I can take this back at any time: then both are deleted."
)
"""What the form says where the site has no words of its own."""


class LiveEnrolment:
    """Stores what `Snapshots` has ready, on the gallery thread. Called on the GUI thread."""

    def __init__(self, parts: Parts, gallery: GalleryThread, snapshots: Snapshots) -> None:
        self._parts = parts
        self._gallery = gallery
        self._snapshots = snapshots

    def begin_snapshot(self, guided: bool = False, shots: int = 0) -> None:
        """See `EnrolmentControl.begin_snapshot`."""
        self._snapshots.begin(guided, shots)

    def take_snapshot_now(self) -> None:
        """Take the guided snapshot as it is."""
        self._snapshots.take_now()

    def snapshot(self) -> SnapshotState:
        """How far the snapshot is."""
        return self._snapshots.state()

    def cancel_snapshot(self) -> None:
        """Forget the snapshot."""
        self._snapshots.cancel()

    def further_wish(self, photos: int) -> str:
        """What one more photograph should show; empty where there are enough."""
        return self._snapshots.further_wish(photos)

    def consent_wanted(self) -> ConsentWanted:
        """See `EnrolmentControl.consent_wanted`."""
        return consent_wanted(self._parts)

    def enroll(self, name: str, consent: ConsentForm | None = None) -> Future[PersonSummary]:
        """See `EnrolmentControl.enroll`."""
        refused: Future[PersonSummary] = Future()
        ready = self._snapshots.ready()
        if ready is None:
            refused.set_exception(InputError("There is no snapshot to store: take one first."))
            return refused
        attempt, portrait = ready
        try:
            given = None if consent is None else given_consent(consent)
        except InputError as e:
            refused.set_exception(e)
            return refused

        def add(store: GalleryStore) -> PersonSummary:
            photo = new_photo(self._parts, portrait.image, portrait.face, portrait.vector, portrait.report, "snapshot")
            added = add_photo(store, self._parts.data_dir, name, photo, given, self._parts.settings.require_consent)
            person = summary(added.person)
            attempt.end(IDLE)
            return person

        return self._gallery.submit(add)


def consent_wanted(parts: Parts) -> ConsentWanted:
    """Whether the site requires consent, and what its form begins with."""
    return ConsentWanted(parts.settings.require_consent, ConsentForm(PURPOSE, THEMSELVES, CONSENT_TEXT))


def given_consent(form: ConsentForm) -> NewConsent:
    """The form as it goes on record. Raises InputError for a field that is empty or too long, or a day that is over."""
    given = NewConsent(form.text.strip(), form.until, form.given_by.strip(), form.purpose.strip())
    given.require_lasting(today())
    return given
