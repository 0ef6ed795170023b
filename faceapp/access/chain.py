"""The form of the audit log: lines that prove themselves and name the line before.

Each entry is one line of JSON. It carries its number, the MAC of the entry before and, last, its own MAC: HMAC-SHA256
over the line's own bytes up to there. So a line proves itself even where its neighbours were changed, and what is
wrong can be named (`verification`). The log's random id is in every line: genuine lines of another log are strangers.

The first line of a log is its *beginning*; pruning replaces it by a *checkpoint*, which stands for all entries up to
its number and carries on the chain from the last of them. A chain alone doesn't know where it ends: see `anchor`.
"""

from __future__ import annotations

import hmac
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from faceapp.errors import BugError

Scalar: TypeAlias = str | int | float | bool | None

BEGINNING, CHECKPOINT, DAMAGE, PRUNED = "beginning", "checkpoint", "damage", "pruned"
"""Kinds of entries that the log writes itself."""

NO_MAC = "0" * 64
"""What stands for the MAC before the first entry."""

_TAIL = re.compile(rb',"mac":"([0-9a-f]{64})"}')
_TAIL_LENGTH = len(',"mac":""}') + 64
OWN_FIELDS = ("n", "at", "kind", "log", "prev", "mac")
"""In this order: number, time, kind, log id, MAC of the entry before, own MAC."""


class Link(NamedTuple):
    """Where a chain stands: the number of its last entry, and that entry's MAC."""

    number: int
    mac: str


START = Link(0, NO_MAC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    number: int
    """1 is the log's beginning."""
    at: str
    """When it was written: ISO 8601, UTC."""
    kind: str
    fields: Mapping[str, Scalar]
    log_id: str
    previous: str
    """MAC of the entry before."""
    mac: str

    @property
    def link(self) -> Link:
        """Where the chain stands after this line."""
        return Link(self.number, self.previous if self.kind == CHECKPOINT else self.mac)


class Seal:
    """Makes and checks MACs with the site's key."""

    def __init__(self, key: bytes) -> None:
        """Raises BugError for a key of less than 16 bytes."""
        if len(key) < 16:
            raise BugError("the audit log's key must have at least 16 bytes")
        self._key = key

    def mac(self, what: str, body: bytes) -> str:
        """HMAC-SHA256 of `body`, in hexadecimal. `what` it is keeps an entry from passing for an anchor."""
        return hmac.digest(self._key, f"faceapp audit {what}\0".encode() + body, "sha256").hex()

    def line(self, log_id: str, after: Link, at: str, kind: str, fields: Mapping[str, Scalar]) -> tuple[bytes, Link]:
        """The next entry's line with its newline, and where the chain stands then."""
        number = after.number + 1
        line, mac = self._line(number, log_id, after.mac, at, kind, fields)
        return line, Link(number, mac)

    def checkpoint(self, log_id: str, last: Link, at: str, fields: Mapping[str, Scalar]) -> bytes:
        """The line that stands for all entries up to `last`."""
        return self._line(last.number, log_id, last.mac, at, CHECKPOINT, fields)[0]

    def _line(
        self, number: int, log_id: str, previous: str, at: str, kind: str, fields: Mapping[str, Scalar]
    ) -> tuple[bytes, str]:
        values = {"n": number, "at": at, "kind": kind, **_writable(fields), "log": log_id, "prev": previous}
        body = json.dumps(values, allow_nan=False, separators=(",", ":")).encode()[:-1]
        mac = self.mac("entry", body)
        return body + f',"mac":"{mac}"}}\n'.encode(), mac

    def read(self, line: bytes, log_id: str | None = None) -> Entry | None:
        """The entry of a line without its newline; None where that isn't a line of the log `log_id` (of any log with
        this key), byte for byte as it was written."""
        tail = _TAIL.fullmatch(line[-_TAIL_LENGTH:])
        if tail is None or not hmac.compare_digest(self.mac("entry", line[:-_TAIL_LENGTH]), tail[1].decode()):
            return None
        raw: dict[str, Any] = json.loads(line)  # we wrote it
        number, at, kind, of_log, previous, mac = (raw.pop(name) for name in OWN_FIELDS)
        if log_id is not None and of_log != log_id:
            return None
        return Entry(number, at, kind, MappingProxyType(raw), of_log, previous, mac)


def _writable(fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """`fields` with null for what is no number. Raises BugError for a name of the log's own and a value that is no
    scalar."""
    for name, value in fields.items():
        if name in OWN_FIELDS or not isinstance(value, str | int | float | bool | None):
            raise BugError(f"an audit entry can't have {name}={value!r}")
    return {n: None if isinstance(v, float) and not math.isfinite(v) else v for n, v in fields.items()}
