"""Changing the embedder: what it costs, doing it, and when it comes into force.

Templates of one embedding space say nothing in another, so everybody is embedded again from their kept crops. Until
that is complete nothing changes: the settings name the old embedder, its templates serve, windows and kiosks go on.
Every batch of new templates is stored as it is made, so that an interrupted change goes on where it was, also after a
kill. Then the settings are replaced, in one piece, and whatever is started from then on uses the new embedder. A
window or kiosk that runs keeps what it has loaded until it is started again (`StoredEmbedder` lets it say so): its
thresholds, its door's policy and its index belong to the old space and can't be exchanged under its feet.

Old templates stay, sealed, so that a site can go back; `drop_old` lets go of them, since they are personal data.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from faceapp import settings as settings_file
from faceapp.access.records import code
from faceapp.app.audit import log_action_if_kept
from faceapp.app.parts import Parts
from faceapp.app.spaces import embed_crop, embed_photo, reembeddable
from faceapp.app.switch_types import EmbedderChoice, SwitchCost, SwitchDone
from faceapp.app.thresholds import door_thresholds
from faceapp.errors import KnownError, UnavailableError
from faceapp.gallery.rows import PhotoRow
from faceapp.gallery.spaces import SpaceRow
from faceapp.gallery.store import GalleryStore
from faceapp.settings import Settings
from faceapp.types import Box, Face, Floats

BATCH, STORE_EVERY = 16, 1.0
"""Photos, and seconds of embedding, that a kill may cost."""
IN_SPACE = ("door_threshold", "verify_threshold")
"""Of the kiosk's policy: distances, which mean something in one embedding space alone."""

Progress = Callable[[int, int], None]
"""How many photos are done, of how many."""

_TRIES = 5


def stored_embedder(data_dir: Path) -> str:
    """Id of the embedder that whatever is started next uses, without a word on the command line."""
    return settings_file.load(data_dir).embedder


def target(parts: Parts, id: str) -> Parts:
    """Parts with the embedder `id`. Raises UnavailableError, in one line, where there is none, where its networks
    aren't installed, or where nobody knows its thresholds."""
    parts.manifest.embedder(id)
    new = parts.fork(embedder=id)
    new.thresholds()
    for part in new.embedder_spec.parts:
        new.models.path(part.network, new.precision_of(part.network))
    return new


def choices(parts: Parts) -> tuple[EmbedderChoice, ...]:
    """Every embedder of the manifest, and why one can't be chosen."""
    stored = stored_embedder(parts.data_dir)
    found = []
    for spec in parts.manifest.embedders.values():
        problem = ""
        try:
            target(parts, spec.id)
        except KnownError as e:
            problem = str(e)
        found.append(EmbedderChoice(spec.id, spec.title, spec.licence, spec.dimension, spec.id == stored, problem))
    return tuple(found)


def held(parts: Parts) -> list[SpaceRow]:
    """What the gallery has in each embedding space."""
    store = parts.existing_gallery()
    return [] if store is None else store.spaces()


def cost_of(parts: Parts) -> SwitchCost:
    """What it costs to put `parts`' embedder (`target`) into force. Loads its networks and times them; changes nothing.
    Raises UnavailableError where a network or the gallery's key is missing."""
    settings = settings_file.load(parts.data_dir)
    spec, store = parts.embedder_spec, parts.existing_gallery()
    old = parts.manifest.embedders.get(settings.embedder)
    own = settings.identify_threshold if settings.identify_threshold_space != spec.space else None
    each = seconds_each(parts)
    cost = SwitchCost(
        embedder=spec.id,
        title=spec.title,
        licence=spec.licence,
        space=spec.space,
        before=settings.embedder,
        milliseconds=1000 * each,
        own_threshold=own,
        policy=_door_distances(parts, settings),
        door=_door(parts, settings),
        door_problem=_door_problem(parts),
    )
    if store is None:
        return cost
    _require_key(store)
    todo = _possible(parts, store)
    possible = {p.person_id for p in todo}
    spaces = {row.space: row for row in store.spaces()}
    before = spaces.get(old.space) if old is not None and old.space != spec.space else None
    return dataclasses.replace(
        cost,
        photos=len(todo),
        people=len(possible),
        ready=spaces[spec.space].templates if spec.space in spaces else 0,
        again=tuple(p.name for p in store.people_lacking(spec.space) if p.id not in possible),
        lost=len(store.photos_without(spec.space)) - len(todo),
        negatives=before.negatives if before else 0,
        unknown=before.unknown if before else 0,
        seconds=each * len(todo),
        old=sum(row.templates for row in spaces.values() if row.space != spec.space),
    )


def switch(
    parts: Parts,
    progress: Progress,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    drop_old: bool = False,
) -> SwitchDone:
    """Embed everybody into `parts`' embedder's space, then put it into force. Where `cancelled` says so it ends after
    the photo at hand: what was embedded stays, and nothing else is changed. With `drop_old` all that is kept in other
    spaces is deleted in the end. Raises UnavailableError where a network, the gallery or the settings can't be used;
    then, too, the old embedder stays in force."""
    store, spec = parts.existing_gallery(), parts.embedder_spec
    embedded, whole = (0, True) if store is None else _embed_all(parts, store, progress, cancelled)
    if not whole:
        return SwitchDone(spec.id, False, embedded, (), (), True)
    _put_in_force(parts)
    again = () if store is None else tuple(p.name for p in store.people_lacking(spec.space))
    if not drop_old or store is None:
        return SwitchDone(spec.id, True, embedded, again, (), True)
    gone, erased = drop(parts, store)
    return SwitchDone(spec.id, True, embedded, again, tuple((row.space, row.all) for row in gone), erased)


def drop(parts: Parts, store: GalleryStore) -> tuple[list[SpaceRow], bool]:
    """Delete all that is kept in other spaces than `parts`'; what that was, and whether every trace of it is gone from
    the file: not where another program holds it."""
    gone = [row for row in store.spaces() if row.space != parts.space()]
    if not gone:
        return [], True
    log_action_if_kept(parts.data_dir, "old_templates_dropped")
    return store.drop_spaces_but(parts.space()), store.scrub()


def seconds_each(parts: Parts) -> float:
    """What one face costs with `parts`' embedder, its picture cut out and embedded: the median of a few."""
    embedder = parts.embedder()
    noise = np.random.default_rng(0).integers(0, 256, (320, 320, 3), np.uint8)
    points = np.array([[125, 130], [195, 130], [160, 170], [130, 205], [190, 205]], np.float32)
    face = Face(Box(80, 70, 240, 250), 1.0, points)
    embedder.embed(noise, [face])  # the first run makes room
    took = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        embedder.embed(noise, [face])
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _embed_all(
    parts: Parts, store: GalleryStore, progress: Progress, cancelled: Callable[[], bool]
) -> tuple[int, bool]:
    """How many photos were embedded, and whether none is left that could be."""
    space, tried, embedded = parts.space(), set[str](), 0
    _require_key(store)

    def embed(crop: bytes, face: Face) -> Floats:
        return embed_crop(parts.embedder(), crop, face)

    while True:
        # Somebody may be enrolled meanwhile, by a window that runs. A crop that can't be read is tried once.
        todo = [p for p in _possible(parts, store) if p.id not in tried]
        if not todo:
            return embedded, True
        vectors, since = dict[str, Floats](), time.monotonic()
        for done, photo in enumerate(todo):
            if cancelled():
                return embedded + store.add_templates(space, vectors), False
            progress(done, len(todo))
            tried.add(photo.id)
            vector = embed_photo(store, photo, embed)
            if vector is not None:
                vectors[photo.id] = vector
            if len(vectors) >= BATCH or time.monotonic() - since >= STORE_EVERY:
                embedded += store.add_templates(space, vectors)
                vectors, since = {}, time.monotonic()
        embedded += store.add_templates(space, vectors)
        progress(len(todo), len(todo))


def _possible(parts: Parts, store: GalleryStore) -> list[PhotoRow]:
    """Photos that lack a template and can get one. A network that is shown upright faces needs the landmarks, which a
    photo enrolled with one that isn't may lack."""
    upright = any(part.crop.kind == "similarity" for part in parts.embedder_spec.parts)
    return [p for p in reembeddable(store, parts.space()) if p.landmarks is not None or not upright]


def _require_key(store: GalleryStore) -> None:
    if store.locked:
        raise UnavailableError(store.why_locked or "the gallery's key is missing")


def _put_in_force(parts: Parts) -> None:
    id = parts.settings.embedder

    def changed(stored: Settings) -> Settings:
        if stored.embedder == id:
            return stored
        gone = _door_distances(parts, stored)
        policy = {name: value for name, value in stored.kiosk.policy.items() if name not in gone}
        # First, so that a change that can't be written down isn't made.
        log_action_if_kept(parts.data_dir, f"embedder_changed {code(id)}")
        return dataclasses.replace(stored, embedder=id, kiosk=dataclasses.replace(stored.kiosk, policy=policy))

    settings_file.change(parts.data_dir, changed)


def _door_distances(parts: Parts, stored: Settings) -> tuple[str, ...]:
    """Names of the site's own distances at the door, which don't say in which space they were chosen and would open it
    to others in another one. A distance for names does say it (`identify_threshold_space`), and may stay."""
    old = parts.manifest.embedders.get(stored.embedder)
    if old is not None and old.space == parts.space():
        return ()
    return tuple(name for name in IN_SPACE if name in stored.kiosk.policy)


def _door(parts: Parts, stored: Settings) -> float | None:
    """The distance at the door once `parts`' embedder is in force."""
    gone = _door_distances(parts, stored)
    policy = {name: value for name, value in stored.kiosk.policy.items() if name not in gone}
    try:
        return door_thresholds(parts.embedder_spec, parts.calibration(), policy).door
    except UnavailableError:
        return None


def _door_problem(parts: Parts) -> str:
    try:
        parts.door_thresholds()
    except UnavailableError as e:
        return str(e)
    return ""


class StoredEmbedder:
    """Notices, in a program that runs on, that the settings name another embedder than when it was started. One thread
    calls `look`, any may read `notice`."""

    def __init__(self, data_dir: Path, in_use: str) -> None:
        """`in_use`: the embedder that this program has loaded. Reads nothing yet."""
        self._data_dir = data_dir
        self._in_use = in_use
        self._stamp: tuple[int, int] | None = None
        self._first: str | None = None
        self.notice: str | None = None
        """A line for people; None where nothing changed."""

    def look(self) -> None:
        """Look at the settings' file. Costs a glance at its date while it stays as it is."""
        try:
            status = (self._data_dir / settings_file.FILE_NAME).stat()
            stamp = status.st_mtime_ns, status.st_ino
        except OSError:
            stamp = 0, 0
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            stored = stored_embedder(self._data_dir)
        except KnownError:  # whoever starts faceapp next is told
            return
        if self._first is None:
            self._first = stored
        line = f"another recogniser was chosen, {stored}: close faceapp and start it again to use it"
        self.notice = None if stored in (self._first, self._in_use) else line
