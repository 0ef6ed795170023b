"""Addresses of network cameras, and what may be shown of them."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

from faceapp.errors import InputError

SCHEMES = ("rtsp", "rtsps", "http", "https")


_SECRETIVE = re.compile(r"user|pass|pwd|login|token|key|auth|@|%40|[=;&]", re.IGNORECASE)
"""A path with one of these may carry what should not be shown: `/user=admin_password=1234_channel=1.sdp`."""


def is_stream(spec: str) -> bool:
    """True for the address of a stream, also for one with a slash forgotten: it is then refused without being shown."""
    return spec.strip().partition(":")[0].lower() in SCHEMES and ":" in spec


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart, so that its secrets go to the camera and nowhere else."""

    scheme: str
    public: str
    """Without user, password and query, which often carries a token: for names, errors and the log."""
    bare: str
    """Without user and password: for the request."""
    full: str
    """Everything, for libraries that take it no other way. Never shown."""
    user: str | None
    password: str | None


def parse_address(spec: str) -> Address:
    """Raises InputError, without repeating the address, where it has no host or a port that is none."""
    try:
        parts = urllib.parse.urlsplit(spec.strip())
        port = parts.port
    except ValueError as e:
        raise InputError("the stream's address cannot be understood: write it as rtsp://host/path") from e
    if not parts.hostname:
        raise InputError("the stream's address names no host: write it as rtsp://host/path")
    if "@" in parts.path + parts.query + parts.fragment:
        raise InputError(
            "the stream's address has an @ after its host: "
            "write / ? # and @ in a user or password as %2F %3F %23 and %40"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port is None else f"{host}:{port}"
    scheme = parts.scheme.lower()
    return Address(
        scheme=scheme,
        public=f"{scheme}://{place}{'/…' if _SECRETIVE.search(parts.path) else parts.path}",
        bare=urllib.parse.urlunsplit((scheme, place, parts.path or "/", parts.query, "")),
        full=spec.strip(),
        user=None if parts.username is None else urllib.parse.unquote(parts.username),
        password=None if parts.password is None else urllib.parse.unquote(parts.password),
    )
