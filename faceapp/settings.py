"""The settings of one installation: frozen, versioned, with one default for each.

Stored as `settings.json` in the data directory, written atomically. A file of a newer version is refused, never
guessed at; an unknown key or a value out of range is named.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from faceapp.errors import UnavailableError
from faceapp.files import locked, write_atomically

VERSION = 2
"""2: `kiosk.liveness` says what the site has chosen. In files of version 1 it was `off`, there being nothing else."""
FILE_NAME, LOCK_NAME = "settings.json", "settings.lock"
BUSY_SECONDS = 5.0
"""How long to wait for another thread or program that is changing them."""

Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt"]
Precision: TypeAlias = Literal["auto", "fp32", "int8", "fp16"]
KioskMode: TypeAlias = Literal["identify", "verify"]
LivenessMode: TypeAlias = Literal["off", "passive", "active", "both"]
LivenessChoice: TypeAlias = Literal["auto", "off", "passive", "active", "both"]
Zone: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class KioskSettings:
    """What a site can choose for its door."""

    door: str = "sim:"
    """The door's address, without credentials."""
    mode: KioskMode = "identify"
    """identify: the face alone. verify: a badge, a code or an id first, then the face."""
    liveness: LivenessChoice = "auto"
    """How the kiosk tells a person from a picture of one. active: it asks for movements of the head; passive: a model
    looks at the picture; both: both must say so; auto: active, and passive besides where a model is installed."""
    liveness_hours: Mapping[str, str] = field(default_factory=dict)
    """Another choice than `liveness` for some hours: `{"Mon-Fri 08:00-18:00": "passive"}`; the first that holds."""
    spared_group: str = ""
    """A group of people (`faceapp people group`) who can't turn their head: with their badge, in verify mode, a model
    looks at them instead of their being asked. Empty: nobody."""
    require_live: bool = False
    """Let in nobody who wasn't found to be alive, whatever `liveness` says. With `liveness` off that is nobody."""
    zone: Zone = (0.0, 0.0, 1.0, 1.0)
    """Left, top, right, bottom of where people are looked at, parts of the picture."""
    pulse: float = 3.0
    """Seconds for which the door is opened."""
    policy: Mapping[str, float] = field(default_factory=dict)
    """Other values than the default for the policy's named settings (`access.policy_settings`): `{"votes": 6}`."""
    language: str = ""
    """Of the screen: `en`, `de`, `fr`; empty: the system's."""
    sound: bool = False
    """A tone with an answer."""
    speech: bool = False
    """The answer is spoken as well, where the system can."""
    high_contrast: bool = False
    say_why: bool = False
    """Tell somebody who is recognised and may not enter that this is why. It also tells it to whoever holds up their
    photograph; without, everybody who isn't let in reads the same."""
    audit_pictures: bool = False
    """Keep a sealed picture of the face with each grant and each counted refusal, for `retention.audit_pictures`."""

    def __post_init__(self) -> None:
        for name, allowed in (("mode", KioskMode), ("liveness", LivenessChoice)):
            if getattr(self, name) not in get_args(allowed):
                raise ValueError(f"{name} must be one of {', '.join(get_args(allowed))}, not {getattr(self, name)!r}")
        if not self.door:
            raise ValueError("door must be an address, such as sim:")
        if not 0.1 <= self.pulse <= 60:
            raise ValueError(f"pulse must be 0.1 to 60 seconds, not {self.pulse}")
        left, top, right, bottom = self.zone
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError(f"zone must be left, top, right, bottom between 0 and 1, not {list(self.zone)}")


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """For how long a site keeps what it doesn't need for ever, in days."""

    inbox_days: int = 7
    """Faces that nobody matched, counted from when each was last seen."""
    audit_pictures_days: int = 30
    """Pictures kept with the door's decisions."""

    def __post_init__(self) -> None:
        for name in ("inbox_days", "audit_pictures_days"):
            if not 1 <= getattr(self, name) <= 3650:
                raise ValueError(f"{name} must be 1 to 3650, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Backups of the gallery that are made without being asked for."""

    daily: bool = True
    keep: int = 7
    """How many are kept, those that were asked for included; the oldest goes first."""

    def __post_init__(self) -> None:
        if not 1 <= self.keep <= 1000:
            raise ValueError(f"keep must be 1 to 1000, not {self.keep}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site can choose. Change one with `dataclasses.replace`, then `save`."""

    detector: str = "mtcnn"
    """Id of a detector in the models' manifest."""
    embedder: str = "facenet+dlib"
    """Id of an embedder in the models' manifest."""
    min_face: int = 40
    """Height in pixels of the smallest face looked for."""
    identify_threshold: float | None = None
    """Distance up to which a face is named; None: the manifest's, scaled by the size of the gallery."""
    identify_threshold_space: str | None = None
    """The embedding space that distance was chosen in: in any other it means nothing and is not used."""
    keep_crops: bool = True
    """Keep the photo's face crop, so that people can be re-embedded when the embedder changes."""
    device: Device = "auto"
    precision: Precision = "auto"
    """auto: INT8 on processors with VNNI, FP16 on CUDA, else FP32."""
    threads: int = 0
    """Threads of one network; 0: as many as there are cores, at most 4."""
    require_consent: bool = False
    """Enrol nobody whose consent isn't on record."""
    inbox: bool = False
    """Keep a picture and templates of faces that nobody matched in the live window, for `retention.inbox_days`, until
    somebody enrols, ignores or deletes them. Off: collecting strangers' faces is for the site to decide and to tell of.
    Nothing is kept where `keep_crops` is off."""
    last_seen: bool = True
    """Keep the day on which each person was last recognised by a camera. Off: what was kept is forgotten as well."""
    retention: RetentionSettings = RetentionSettings()
    backups: BackupSettings = BackupSettings()
    kiosk: KioskSettings = KioskSettings()

    def __post_init__(self) -> None:
        for name, allowed in (("device", Device), ("precision", Precision)):
            if getattr(self, name) not in get_args(allowed):
                raise ValueError(f"{name} must be one of {', '.join(get_args(allowed))}, not {getattr(self, name)!r}")
        for name in ("detector", "embedder"):
            if not getattr(self, name):
                raise ValueError(f"{name} must be an id of the models' manifest")
        if not 12 <= self.min_face <= 2000:
            raise ValueError(f"min_face must be 12 to 2000 pixels, not {self.min_face}")
        if self.identify_threshold is not None and not 0.0 < self.identify_threshold < 2.0:
            raise ValueError(f"identify_threshold must lie between 0 and 2, not {self.identify_threshold}")
        if (self.identify_threshold is None) != (self.identify_threshold_space is None):
            raise ValueError(
                "identify_threshold and identify_threshold_space go together "
                "(the spaces: `faceapp models list --json`), or leave both out"
            )
        if not 0 <= self.threads <= 256:
            raise ValueError(f"threads must be 0 to 256, not {self.threads}")


_TYPES: dict[str, tuple[type, ...]] = {
    "detector": (str,),
    "embedder": (str,),
    "min_face": (int,),
    "identify_threshold": (int, float, type(None)),
    "identify_threshold_space": (str, type(None)),
    "keep_crops": (bool,),
    "device": (str,),
    "precision": (str,),
    "threads": (int,),
    "require_consent": (bool,),
    "inbox": (bool,),
    "last_seen": (bool,),
    "retention": (dict,),
    "backups": (dict,),
    "kiosk": (dict,),
}
_RETENTION_TYPES: dict[str, tuple[type, ...]] = {"inbox_days": (int,), "audit_pictures_days": (int,)}
_BACKUP_TYPES: dict[str, tuple[type, ...]] = {"daily": (bool,), "keep": (int,)}
_KIOSK_TYPES: dict[str, tuple[type, ...]] = {
    "door": (str,),
    "mode": (str,),
    "liveness": (str,),
    "liveness_hours": (dict,),
    "spared_group": (str,),
    "require_live": (bool,),
    "zone": (list,),
    "pulse": (int, float),
    "policy": (dict,),
    "language": (str,),
    "sound": (bool,),
    "speech": (bool,),
    "high_contrast": (bool,),
    "say_why": (bool,),
    "audit_pictures": (bool,),
}


def load(data_dir: Path) -> Settings:
    """The settings of `data_dir`, defaults without a file. Raises UnavailableError for a file we can't use."""
    file = data_dir / FILE_NAME
    try:
        raw: Any = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except NotADirectoryError as e:
        raise UnavailableError(f"{data_dir} is not a folder: name one with --data-dir") from e
    except (OSError, ValueError, RecursionError) as e:
        raise UnavailableError(f"{file} cannot be read ({e}): mend or remove it") from e
    # Written by hand it may lack a version: then it is meant for this one.
    version = raw.get("version", VERSION) if isinstance(raw, dict) else None
    if type(version) is not int or version < 1:
        raise UnavailableError(f"{file} is not a settings file: mend or remove it")
    if version > VERSION:
        raise UnavailableError(f"{file} was written by a newer faceapp (version {version}): update faceapp")
    values = {k: v for k, v in raw.items() if k != "version"}
    _check(file, "", values, _TYPES)
    retention, backups, kiosk = (values.pop(name, {}) for name in ("retention", "backups", "kiosk"))
    _check(file, "retention: ", retention, _RETENTION_TYPES)
    _check(file, "backups: ", backups, _BACKUP_TYPES)
    _check(file, "kiosk: ", kiosk, _KIOSK_TYPES)
    if version < 2 and kiosk.get("liveness") == "off":
        kiosk = {**kiosk, "liveness": "auto"}
    zone, policy = kiosk.get("zone"), kiosk.get("policy", {})
    if zone is not None:
        if len(zone) != 4 or not all(_is_number(v) for v in zone):
            raise UnavailableError(f"{file}: kiosk: zone cannot be {zone!r}: mend it")
        kiosk = {**kiosk, "zone": tuple(zone)}
    for name, value in policy.items():
        if not _is_number(value):
            raise UnavailableError(f"{file}: kiosk: policy: {name} cannot be {value!r}: mend it")
    try:
        return Settings(
            **values,
            retention=RetentionSettings(**retention),
            backups=BackupSettings(**backups),
            kiosk=KioskSettings(**kiosk),
        )
    except ValueError as e:
        raise UnavailableError(f"{file}: {e}: mend it") from e


def liveness_was_off(data_dir: Path) -> bool:
    """Whether the file is an earlier version's whose `off` isn't believed. False once settings were saved anew."""
    try:
        raw: Any = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
        return bool(raw.get("version", VERSION) == 1 and raw.get("kiosk", {}).get("liveness") == "off")
    except (OSError, ValueError, RecursionError, AttributeError):
        return False


def _check(file: Path, where: str, values: Mapping[str, Any], types: Mapping[str, tuple[type, ...]]) -> None:
    for name, value in values.items():
        if name not in types:
            raise UnavailableError(f"{file}: {where}there is no setting {name!r}: remove it")
        if not isinstance(value, types[name]) or (isinstance(value, bool) and bool not in types[name]):
            raise UnavailableError(f"{file}: {where}{name} cannot be {value!r}: mend it")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def change(data_dir: Path, to: Callable[[Settings], Settings]) -> Settings:
    """Replace the stored settings by what `to` makes of them, and return that. One at a time: what other threads and
    programs change is never lost. Nothing is written where `to` returns what it was given, or raises.

    Raises UnavailableError as `load` and `save`, and where others keep the settings for too long."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(data_dir / LOCK_NAME, BUSY_SECONDS):
            stored = load(data_dir)
            changed = to(stored)
            if changed is not stored:
                save(changed, data_dir)
            return changed
    except TimeoutError as e:
        raise UnavailableError(f"the settings in {data_dir} are in use by another faceapp: try again") from e
    except OSError as e:
        raise _not_written(data_dir, e) from e


def save(settings: Settings, data_dir: Path) -> None:
    """Write the settings atomically, whatever others have stored meanwhile: `change` keeps that. Raises
    UnavailableError where the folder can't be written."""
    text = json.dumps({"version": VERSION, **dataclasses.asdict(settings)}, indent=2) + "\n"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(data_dir / FILE_NAME, text.encode())
    except OSError as e:
        raise _not_written(data_dir, e) from e


def _not_written(data_dir: Path, e: OSError) -> UnavailableError:
    return UnavailableError(
        f"the settings cannot be written to {data_dir} ({e.strerror}): free or choose another folder"
    )
