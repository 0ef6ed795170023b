"""The site's keys, as everything but the security room itself opens them.

The security room knows which of its own files need the key. That the gallery does, too, only this layer can tell: a new
key in place of a lost one would leave faces that nobody can use any more, without a word.
"""

from __future__ import annotations

from pathlib import Path

from faceapp.security.keys import SiteKeys
from faceapp.security.pin import PinStore


def site_keys(data_dir: Path) -> SiteKeys:
    """The keys of `data_dir`, made where there are none and nothing needs one. Raises UnavailableError as
    `SiteKeys.open`, where the key is gone while the gallery is sealed with it, and where the gallery can't be asked."""
    if SiteKeys.open_existing(data_dir) is None:
        _require_no_sealed_gallery(data_dir)
    return SiteKeys.open(data_dir)


def pin_store(data_dir: Path) -> PinStore:
    """The PIN of `data_dir`. A new PIN makes keys where there are none, as `site_keys` does."""
    return PinStore(data_dir, make_keys=site_keys)


def _require_no_sealed_gallery(data_dir: Path) -> None:
    from faceapp.gallery.store import GalleryStore

    store = GalleryStore.open_existing(data_dir, scrub=False)  # one in the clear is sealed by this, with a new key
    if store is not None:
        with store:
            _ = store.vault
