"""Who the face is looked for among: everybody, or in verify mode the one who is claimed, or nobody."""

from __future__ import annotations

from faceapp.access.observations import Claim
from faceapp.access.policy_settings import PolicySettings
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.recogniser import Recogniser


class Searching:
    """Keeps the recogniser's search and the claim in step: a frame is judged by the claim it was searched with. The
    recognition thread owns it."""

    def __init__(self, settings: PolicySettings) -> None:
        self._settings = settings
        self._index: GalleryIndex | None = None
        self.claim: Claim | None = None
        """In force; always None in identify mode."""

    def use(self, recogniser: Recogniser, index: GalleryIndex) -> None:
        """Search `index`, of everybody, from the next frame on."""
        self._index = index
        self._search(recogniser)

    def claimed(self, recogniser: Recogniser, claim: Claim | None) -> None:
        """Somebody claims to be somebody; None: no longer."""
        if claim != self.claim:
            self.claim = claim
            self._search(recogniser)

    def _search(self, recogniser: Recogniser) -> None:
        if self._index is None:
            return
        index = self._index
        if self._settings.mode == "verify":
            index = GalleryIndex.empty(index.space) if self.claim is None else index.only(self.claim.person_id)
        recogniser.search(index, self._settings.threshold)
