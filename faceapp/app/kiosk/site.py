"""What stands around a kiosk: its policy, its door with the log, and whether somebody may still enter right now."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from faceapp import settings as settings_file
from faceapp.access.audit import AuditLog
from faceapp.access.door_thread import DoorThread
from faceapp.access.doors.choose import is_simulated, open_door
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.access.observations import Mode, Permission
from faceapp.access.opening import DoorOptions
from faceapp.access.policy_settings import PolicySettings
from faceapp.app.audit import open_log
from faceapp.app.audit_pictures import PicturedLog
from faceapp.app.guest import GUEST_ID, GUEST_NAME
from faceapp.app.kiosk.gatekeeper import Ground
from faceapp.app.kiosk.judge import Judge
from faceapp.app.kiosk.life import Examiner
from faceapp.app.kiosk.life_rules import LifeRules, hourly
from faceapp.app.parts import Parts
from faceapp.app.rights import may_enter, permissions_of
from faceapp.app.site_keys import site_keys
from faceapp.errors import KnownError, UnavailableError, UsageError
from faceapp.files import locked
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.right_rows import RightRow
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.recogniser import Recogniser
from faceapp.security.vault import Vault
from faceapp.settings import LivenessChoice, LivenessMode
from faceapp.types import Hours, PersonSummary
from faceapp.vision.liveness.evidence import Guarded, LivenessSource, Missing, Removable
from faceapp.vision.liveness.passive import PassiveSource

LIVENESS_NOTES: Mapping[LivenessMode, str] = MappingProxyType({
    "off": "This kiosk cannot tell a photograph or a phone from a person: a badge or somebody at the door must.",
    "active": "People are asked to move their head: pictures are refused, and a recording fits by chance once in 27 "
    "sessions; who steers prepared clips or a computed face can answer. See SECURITY.md.",
    "passive": "A model looks for pictures and screens: it errs with what it wasn't trained on. "
    "Try it: `faceapp liveness test`.",
    "both": "People are asked to move their head, and a model looks for pictures and screens: a recording fits by "
    "chance once in 27 sessions if the model misses it. See SECURITY.md.",
})  # fmt: skip
"""Said at each start: what can be told, and what can't."""
WAS_OFF = (
    "settings.json of an earlier version says liveness off, which was all there was: read as auto from now on; "
    '`off` holds if it is written with "version": 2'
)
_STRENGTH: tuple[LivenessMode, ...] = ("off", "passive", "active", "both")
NO_MODEL = "the liveness model that is asked for isn't here: nobody is let in by face; see `faceapp models list`"

NO_MODEL_SOMETIMES = (
    "the liveness model that is asked for isn't here: nobody is let in at the hours that need it, nor who is spared "
    "the questions; see `faceapp models list`"
)

LOG_ALTERED = "the audit log was altered: `faceapp audit verify` says where"
BUSY_SECONDS = 0.5
"""How long the door waits for somebody else who is writing to the gallery."""
FILM_PATIENCE = 30.0
"""Seconds that an entry in the log may take while a film is played as fast as it goes: nobody stands there waiting."""

_log = logging.getLogger(__name__)
_NOT_CHOSEN = frozenset({"space", "mode", "require_live"})


@dataclass(frozen=True, slots=True)
class KioskOptions:
    """How one kiosk runs: the command line's choices over the site's settings."""

    source: str | None
    """None: the first camera."""
    door: str
    mode: Mode
    claim: str | None = None
    """Verify mode without a reader: the name of the person who is claimed all the time."""
    liveness: LivenessMode = "active"
    """How a person is told from a picture..."""
    by_hour: tuple[tuple[Hours, LivenessMode], ...] = ()
    """...and at some hours otherwise."""
    by_command: bool = False
    """Whether `liveness` is the command line's choice."""

    @property
    def rules(self) -> LifeRules:
        """Both together."""
        return LifeRules(self.liveness, self.by_hour, self.by_command)


def kiosk_options(
    parts: Parts,
    source: str | None,
    door: str | None,
    mode: Mode | None,
    liveness: LivenessChoice | None,
    claim: str | None,
) -> KioskOptions:
    """The command line's choices, or the site's where there are none (None); `liveness` holds at all hours. Raises
    UsageError for a claim in identify mode, UnavailableError for hours that can't be."""
    kiosk = parts.settings.kiosk
    mode, chosen = mode or kiosk.mode, liveness or kiosk.liveness
    if claim is not None and mode != "verify":
        raise UsageError("--claim goes with --mode verify: to identify is to ask who it is")
    if chosen == "auto":
        chosen = "both" if parts.has_passive_model() else "active"
    by_hour = hourly(kiosk.liveness_hours) if liveness is None else ()
    by_command = liveness is not None
    return KioskOptions(source, kiosk.door if door is None else door, mode, claim, chosen, by_hour, by_command)


def open_examiner(parts: Parts, options: KioskOptions, settings: PolicySettings) -> tuple[Examiner, Callable[[], bool]]:
    """Who finds out whether the one in front is alive; and what says, to any thread, whether the model that this needs
    is there and can be used: where it isn't, or isn't any more, what it would say is unknown. On the thread that
    recognises."""
    passive: LivenessSource | None = None
    kept: Removable | None = None
    if options.rules.needs_model(spares=bool(parts.settings.kiosk.spared_group)):
        try:
            model = parts.passive_model()
        except KnownError as e:
            _log.warning("liveness: %s", e)
            model = None
        if model is not None:
            kept = Removable(Guarded(PassiveSource(model)), _unaltered(parts, model.spec.id))
        passive = kept or Missing("passive")

    def has_model() -> bool:
        return options.liveness in ("off", "active") or (kept is not None and kept.there())

    return Examiner(same_person=parts.thresholds().verify, life=settings.life, passive=passive), has_model


def _unaltered(parts: Parts, network: str) -> Callable[[], bool]:
    """What says whether a network's file is still the one that was loaded."""
    file = parts.models.file(network, parts.precision_of(network))

    def stamp() -> tuple[int, int, int] | None:
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    loaded = stamp()
    return lambda: loaded is not None and stamp() == loaded


def start_notes(parts: Parts, options: KioskOptions) -> list[str]:
    """What is to be said at the start about telling people from pictures: every way that may be in force, the weakest
    first; that a model some of them need is missing; that nobody has the group that is spared."""
    kiosk, rules = parts.settings.kiosk, options.rules
    modes = {rules.usual, *(mode for _, mode in rules.by_hour)}
    if kiosk.spared_group and options.mode == "verify" and modes & {"active", "both"}:
        modes.add("passive")
    found = [f"liveness {mode}: {LIVENESS_NOTES[mode]}" for mode in _STRENGTH if mode in modes]
    needs = rules.needs_model(spares=bool(kiosk.spared_group))
    if needs and not parts.has_passive_model():
        found.append(NO_MODEL if modes <= {"passive", "both"} else NO_MODEL_SOMETIMES)
    if kiosk.spared_group:
        store = parts.existing_gallery()
        rights = {} if store is None else store.rights()
        if not any(kiosk.spared_group in row.groups for row in rights.values()):
            found.append(
                f"nobody is in the group {kiosk.spared_group!r} (spared_group): nobody is spared the questions"
            )
    return [*found, WAS_OFF] if settings_file.liveness_was_off(parts.data_dir) else found


@contextlib.contextmanager
def only_kiosk(data_dir: Path) -> Iterator[None]:
    """While it is entered, no other kiosk of this data directory runs: two would each take the other's openings for
    interrupted ones, and shut the door under each other. Raises UnavailableError where one runs."""
    with contextlib.ExitStack() as stack:
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            stack.enter_context(locked(data_dir / "kiosk.lock", 0.5))
        except TimeoutError as e:
            raise UnavailableError("another kiosk runs with this data directory: end it, or give --data-dir") from e
        except OSError as e:
            raise UnavailableError(f"{data_dir} cannot be used ({e.strerror}): mend its permissions") from e
        yield


def policy_settings(parts: Parts, mode: Mode) -> PolicySettings:
    """The policy of this site: the door's thresholds, the settings' other values. Raises UnavailableError for a
    value that can't be."""
    kiosk, thresholds = parts.settings.kiosk, parts.door_thresholds()
    types = {f.name: f.type for f in dataclasses.fields(PolicySettings) if f.name not in _NOT_CHOSEN}
    for name in kiosk.policy:
        if name not in types:
            raise UnavailableError(f"settings.json: the policy has no {name!r}: choose of {', '.join(types)}")
    values = {n: int(v) if types[n] == "int" and float(v).is_integer() else v for n, v in kiosk.policy.items()}
    try:
        defaults = PolicySettings(
            space=parts.space(),
            door_threshold=thresholds.door,
            verify_threshold=thresholds.verify,
            mode=mode,
            require_live=kiosk.require_live,
        )
        return dataclasses.replace(defaults, **values)  # type: ignore[arg-type]  # named and ranged just there
    except ValueError as e:
        raise UnavailableError(f"settings.json: the policy's {e}: mend it") from e


class StillAllowed:
    """Whether somebody may enter at this moment, read from the gallery's file itself: a deletion or deactivation by
    another process counts at once, one that is under way is waited for, and a gallery that was replaced is the new one.
    Asked on the door's thread; 10 ms."""

    def __init__(self, data_dir: Path, guest: bool, now: Callable[[], datetime] = datetime.now) -> None:
        """`guest`: the demonstration's guest may enter. `now`: local wall-clock time."""
        self._data_dir = data_dir
        self._guest = guest
        self._now = now

    def __call__(self, person_id: str) -> bool:
        """Raises where it can't be told, which the door's thread takes for a no."""
        if person_id == GUEST_ID:
            return self._guest
        store = GalleryStore.open_existing(self._data_dir, busy_seconds=BUSY_SECONDS, scrub=False)
        if store is None:
            return False
        try:
            return may_enter(store.settled_right(person_id), self._now())
        finally:
            store.close()


def guest_may_enter(options: KioskOptions, demo: bool) -> bool:
    """Whether the demonstration's guest opens the door: only the drawn one. Nobody has given her a real one."""
    return demo and is_simulated(options.door)


def door_log(parts: Parts) -> AuditLog | PicturedLog:
    """The door's log, with pictures where the site keeps them. Raises UnavailableError where it can't be used."""
    data_dir = parts.data_dir
    log = open_log(data_dir)
    pictured = parts.settings.kiosk.audit_pictures
    return PicturedLog(log, data_dir, lambda: Vault.of(site_keys(data_dir))) if pictured else log


def open_door_thread(
    parts: Parts,
    options: KioskOptions,
    still_allowed: StillAllowed,
    log: AuditLog | PicturedLog,
    film_time: bool = False,
) -> tuple[DoorThread, str]:
    """The door's thread, not started, and the door's name. `film_time`: frames come as fast as they can be judged, so
    the pulse is counted by the gatekeeper, in the film's time, alone, and a slow disk is waited for. Raises UsageError
    for an address that can't be, UnavailableError where a secret can't be used."""
    door = open_door(options.door, DoorSecrets.from_environment(os.environ, parts.data_dir))
    times = DoorOptions(pulse=parts.settings.kiosk.pulse, busy_while_open=not film_time)
    if film_time:
        times = dataclasses.replace(times, log_limit=FILM_PATIENCE)
    return DoorThread(door, log, still_allowed, options=times), door.name


def door_recogniser(parts: Parts, settings: PolicySettings, judge: Judge) -> Recogniser:
    """A recogniser for a door, searching nobody yet: whoever `judge` says is in front is looked at, in every frame."""
    embedder = parts.embedder()
    return Recogniser(
        detector=parts.detector(),
        embedder=embedder,
        index=GalleryIndex.empty(embedder.space),
        threshold=settings.threshold,
        same_person=parts.thresholds().verify,
        min_face=parts.settings.min_face,
        front=judge.front,
    )


def ground(
    space: str,
    index: GalleryIndex,
    rights: Mapping[str, RightRow],
    people: Iterable[PersonRow | PersonSummary],
    guest: bool,
    spared_group: str = "",
) -> Ground:
    """What decisions rest on, of the gallery as it is now: `index` is the one searched, by the network of `space`."""
    told = dict(permissions_of(rights))
    spared = frozenset(i for i, row in rights.items() if spared_group and spared_group in row.groups)
    if guest:
        told[GUEST_ID] = Permission(allowed=True)
    return Ground(space, index.space, told, {GUEST_ID: GUEST_NAME, **{p.id: p.name for p in people}}, spared)
