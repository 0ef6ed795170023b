"""The audit log of a data directory: opened with the site's key, written to, and read with today's names.

The log itself holds random ids only. Names are looked up in the gallery when it is read: who was renamed appears under
the new name, and who was deleted as somebody deleted, for good.
"""

from __future__ import annotations

from pathlib import Path

from faceapp.access.audit import AuditLog
from faceapp.access.chain import Entry, Scalar
from faceapp.security.keys import SiteKeys

ACTION = "action"
"""The kind of an entry about what an administrator did."""
ADMINISTRATOR = "administrator"


def open_log(data_dir: Path) -> AuditLog:
    """The log of `data_dir`, begun where there is none. Raises UnavailableError, in one line, where it or the site's
    key can't be used, and where there is a log whose key is gone."""
    return AuditLog.open(data_dir, SiteKeys.open(data_dir).audit)


def existing_log(data_dir: Path) -> AuditLog | None:
    """The log of `data_dir` to look at; None, and nothing is written, where there is none. Raises UnavailableError
    where there is a log whose key is gone."""
    keys = SiteKeys.open_existing(data_dir)
    return None if keys is None else AuditLog.open_existing(data_dir, keys.audit)


def log_action(data_dir: Path, action: str, person_id: str | None = None, actor: str = ADMINISTRATOR) -> Entry:
    """Write down that `actor` did `action`, a short code such as `allow`, to the person `person_id` where it was about
    one. It is on the disk when this returns. Raises UnavailableError where it can't be."""
    fields: dict[str, Scalar] = {"action": action, "actor": actor}
    if person_id is not None:
        fields["person"] = person_id
    return open_log(data_dir).append(ACTION, **fields)
