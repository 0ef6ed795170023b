"""Keeping the gallery in the embedding space in use.

A template is never compared with another space's. When the embedder changes, people are embedded again from their kept
crops; whoever has none must be photographed again and is listed until then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from faceapp.app.indexing import index_now
from faceapp.app.parts import Parts
from faceapp.errors import InputError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import PersonRow, PhotoRow, TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.images import decode_image
from faceapp.types import Face, Floats
from faceapp.vision.embedder import Embedder

_log = logging.getLogger(__name__)


def reembeddable(store: GalleryStore, space: str) -> list[PhotoRow]:
    """Photos that lack a template in `space` and can get one from their kept crop."""
    return [p for p in store.photos_without(space) if p.has_crop and p.box is not None]


def embed_photo(store: GalleryStore, photo: PhotoRow, embed: Callable[[bytes, Face], Floats]) -> Floats | None:
    """The embedding (D,) of a photo's kept crop. None where the photo was deleted, or its crop can't be decoded: that
    is logged, and the person counts as one to photograph again."""
    crop = store.crop(photo.id)
    if crop is None or photo.box is None:
        return None
    try:
        return embed(crop, Face(photo.box, 1.0, photo.landmarks))
    except InputError as e:
        _log.warning("photo %s cannot be embedded again: %s", photo.id, e)
        return None


def embed_crop(embedder: Embedder, crop: bytes, face: Face) -> Floats:
    """The embedding (D,) of a kept crop."""
    vector: Floats = embedder.embed(decode_image(crop, "a kept crop"), [face])[0]
    return vector


def require_person(parts: Parts, name: str) -> PersonRow:
    """Who is called `name`. Raises InputError where nobody is, also where there is no gallery yet."""
    store = parts.existing_gallery()
    if store is None:
        shown = " ".join(name.split())
        raise InputError(f'there is nobody named "{shown}": nobody is enrolled yet')
    return store.person(name)


def add_missing(parts: Parts, store: GalleryStore) -> None:
    """Make the templates that the embedder in use lacks, of whom a crop was kept."""
    embedder = parts.embedder()
    for photo in reembeddable(store, embedder.space):
        vector = embed_photo(store, photo, lambda crop, face: embed_crop(embedder, crop, face))
        if vector is not None:
            store.add_templates(embedder.space, {photo.id: vector})


def current_index(parts: Parts) -> GalleryIndex:
    """The search index over everybody, in the embedder's space. Built again only after a change of the gallery: to the
    kiosk another index is another ground to decide on."""
    store, embedder = parts.existing_gallery(), parts.embedder()
    if store is None:  # to look for somebody makes no gallery
        if parts.index_cache is None or parts.index_cache[0] is not None:
            empty = GalleryIndex.build(embedder.space, TemplateTable.of(embedder.space, ()))
            parts.index_cache = None, empty
        return parts.index_cache[1]
    marker = store.change_marker()
    if parts.index_cache is not None and parts.index_cache[0] == marker:
        return parts.index_cache[1]
    add_missing(parts, store)
    marker = store.change_marker()  # before reading: what another process writes meanwhile is a change to be noticed
    index = index_now(store, embedder.space)
    parts.index_cache = marker, index
    return index
