"""Who the face is looked for among: everybody, or in verify mode the one who is claimed, or nobody."""

from __future__ import annotations

from faceapp.access.decisions import Decision, Deny
from faceapp.access.observations import Claim
from faceapp.access.policy_settings import PolicySettings
from faceapp.app.kiosk.judge import Judge
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.recogniser import Recogniser


class Searching:
    """Keeps the recogniser's search and the claim in step: a frame is judged by the claim it was searched with. The
    recognition thread owns it."""

    def __init__(self, settings: PolicySettings, always: str | None = None) -> None:
        """`always`: the id of a person who is claimed again whenever no claim is in force."""
        self._settings = settings
        self._always = always
        self._index: GalleryIndex | None = None
        self._refused: Claim | None = None
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

    def decided(self, decision: Decision) -> None:
        """The newest frame's decision."""
        if isinstance(decision, Deny) and decision.counted:
            self._refused = self.claim

    def follow(self, recogniser: Recogniser, judge: Judge, now_ns: int) -> None:
        """Before and after each frame: a claim that opened the door, that was refused, or that nobody answered, is
        over. Whoever mistyped a number isn't refused for it again and again."""
        claim = self.claim
        if claim is not None and (
            judge.claim_used(claim) or claim == self._refused or not judge.claim_holds(claim, now_ns)
        ):
            claim = None
        if claim is None and self._always is not None:
            claim = Claim(self._always, now_ns)
        self.claimed(recogniser, claim)

    def _search(self, recogniser: Recogniser) -> None:
        if self._index is None:
            return
        index = self._index
        if self._settings.mode == "verify":
            index = GalleryIndex.empty(index.space) if self.claim is None else index.only(self.claim.person_id)
        recogniser.search(index, self._settings.threshold)
