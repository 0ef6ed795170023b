"""What all runs of several cameras begin with: which cameras, and a recogniser for each over one set of networks."""

from __future__ import annotations

from collections.abc import Sequence

from faceapp.app.guest import guest_table, with_guest
from faceapp.app.parts import Parts
from faceapp.camera.choose import is_demo, normal_source, parse_source
from faceapp.camera.same import camera_key
from faceapp.errors import UsageError
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.recogniser import Recogniser

MOST_CAMERAS = 9
"""Three by three pictures: smaller ones are too small to read a name on."""


def names_of(specs: Sequence[str]) -> list[str]:
    """The sources' names for people, in order; opens nothing. Raises UsageError for too many of them and for a camera
    that is named twice, InputError for a file that isn't there."""
    if len(specs) > MOST_CAMERAS:
        raise UsageError(f"{len(specs)} cameras are too many for one window: name {MOST_CAMERAS} at most")
    names = [parse_source(spec).name for spec in specs]
    seen: set[str] = set()
    for spec, name in zip(specs, names, strict=True):
        key = camera_key(spec)
        if key is not None and key in seen:
            raise UsageError(f"{name} is named twice: give each camera one --source")
        if key is not None:
            seen.add(key)
    return names


class SharedNetworks:
    """One detector and one embedder for all cameras, and what is searched for each. One thread owns it."""

    def __init__(self, parts: Parts, specs: Sequence[str], warm: bool = False) -> None:
        """Loads the networks. `warm`: run them once, before the first picture waits for that. Raises UnavailableError
        where they are missing or altered."""
        self._parts = parts
        self._specs = [normal_source(spec) for spec in specs]
        detector, embedder = parts.detector(), parts.embedder()
        demo = any(is_demo(spec) for spec in specs)
        self._guest = guest_table(detector, embedder) if demo or warm else None
        self.recognisers = [
            Recogniser(
                detector=detector,
                embedder=embedder,
                index=GalleryIndex.empty(embedder.space),
                threshold=parts.identify_threshold(1),
                same_person=parts.thresholds().verify,
                min_face=parts.settings.min_face,
            )
            for _ in specs
        ]

    def search(self, index: GalleryIndex) -> None:
        """Search `index` from the next frames on; the guest is known in the demonstration
        alone."""
        demo = index
        if self._guest is not None and any(is_demo(spec) for spec in self._specs):
            demo = with_guest(index, self._guest, self._parts.automatic_threshold(index.templates))
        for spec, recogniser in zip(self._specs, self.recognisers, strict=True):
            searched = demo if is_demo(spec) else index
            recogniser.search(searched, self._parts.identify_threshold(searched.templates))
