"""The demonstration's guest: the NASA astronaut, known by name without being stored.

`demo:` must show what the application does before anybody is enrolled. Her template is made from the photograph in
`resources/` each time, lives in memory, and steps back where the gallery knows her face under a name of its own.
"""

from __future__ import annotations

from faceapp import paths
from faceapp.app.pictures import face_thumbnail
from faceapp.errors import KnownError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.images import decode_image, read_image
from faceapp.types import Box, PersonSummary
from faceapp.vision.detector import Detector
from faceapp.vision.embedder import Embedder
from faceapp.vision.faces import dominant_face

GUEST_ID = "guest"
GUEST_NAME = "Eileen Collins"
_PHOTO = "astronaut.jpg"
_FACE = Box(181, 61, 267, 174)
"""Where her face is in the photograph, for the thumbnail."""


def guest_table(detector: Detector, embedder: Embedder) -> TemplateTable:
    """The guest's template. Empty where the photograph is missing: the demonstration then names nobody."""
    try:
        image = read_image(paths.resource(_PHOTO))
        face = dominant_face(detector.detect(image, 40))
    except KnownError:
        return TemplateTable.of(embedder.space, ())
    return TemplateTable.of(embedder.space, [(GUEST_ID, GUEST_NAME, embedder.embed(image, [face])[0])])


def with_guest(index: GalleryIndex, guest: TemplateTable, threshold: float) -> GalleryIndex:
    """`index` with the guest in it; `index` itself where somebody enrolled has the guest's face."""
    if not len(guest):
        return index
    match = index.match(guest.vectors, threshold)[0]
    if match is not None and match.accepted:
        return index
    return index.changed(guest)


def guest_summary() -> PersonSummary:
    """The guest as the list of people shows her."""
    try:
        picture = paths.resource(_PHOTO).read_bytes()
        thumbnail = face_thumbnail(decode_image(picture, _PHOTO), _FACE)
    except (OSError, KnownError):
        thumbnail = None
    return PersonSummary(GUEST_ID, GUEST_NAME, 1, "", usable=True, thumbnail=thumbnail, guest=True)
