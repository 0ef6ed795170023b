"""The site's keys, as everything but the security room itself opens them.

The security room knows which of its own files need the key. That the gallery's badges do, too, only this layer can
tell: a new key in place of a lost one would leave badges that nobody can use any more, without a word.
"""

from __future__ import annotations

from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.security.keys import FILE_NAME, SiteKeys
from faceapp.security.pin import PinStore


def site_keys(data_dir: Path) -> SiteKeys:
    """The keys of `data_dir`, made where there are none and nothing needs one. Raises UnavailableError as
    `SiteKeys.open`, where the key is gone while the gallery has badges, and where the gallery can't be asked."""
    keys = SiteKeys.open_existing(data_dir)
    if keys is not None:
        return keys
    if _has_badges(data_dir):
        raise UnavailableError(
            f"{data_dir / FILE_NAME} is missing, and the gallery's badges cannot be known without it: put the key back "
            'from a backup, or forget each badge with "faceapp people badge NAME --forget" to begin anew'
        )
    return SiteKeys.open(data_dir)


def pin_store(data_dir: Path) -> PinStore:
    """The PIN of `data_dir`. A new PIN makes keys where there are none, as `site_keys` does."""
    return PinStore(data_dir, make_keys=site_keys)


def _has_badges(data_dir: Path) -> bool:
    from faceapp.gallery.store import GalleryStore

    store = GalleryStore.open_existing(data_dir, scrub=False)
    if store is None:
        return False
    with store:
        return any(row.badges for row in store.rights().values())
