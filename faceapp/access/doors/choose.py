"""From a door's address to its adapter. Nothing is connected or opened here."""

from __future__ import annotations

import urllib.parse

from faceapp.access.door import Door, SimulatedDoor
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.errors import UsageError

_EXAMPLES = (
    "use sim:, mqtt://broker/topic, mqtts://broker/topic, https://host/path, "
    "serial:/dev/ttyUSB0?board=lcus1 or gpio:17?active=low"
)
_ADDRESSES = ("mqtt", "mqtts", "http", "https")
"""Those that may carry a user, a password or a token."""


def open_door(url: str, secrets: DoorSecrets) -> Door:
    """The adapter for `url`. Raises UsageError, one line that doesn't repeat the address, where there is none, and
    UnavailableError where a secret is missing."""
    kind = _kind(url)
    if kind == "sim":
        if url.strip().lower() != "sim:":
            raise UsageError("the simulated door has no options: write sim:")
        return SimulatedDoor()
    if kind in ("http", "https"):
        from faceapp.access.doors.webhook import WebhookDoor

        return WebhookDoor.from_url(url, secrets)
    if kind in ("mqtt", "mqtts"):
        from faceapp.access.doors.mqtt import MqttDoor

        return MqttDoor.from_url(url, secrets)
    if kind in ("serial", "gpio"):
        from faceapp.access.doors.relay_door import RelayDoor

        return RelayDoor.from_url(url)
    raise UsageError(f"that is no door's address: {_EXAMPLES}")


def is_simulated(url: str) -> bool:
    """True for a door that is only drawn."""
    return _kind(url) == "sim"


def shown(url: str) -> str:
    """The address as people may see it: without user, password and query, and without the path of a webhook, which is
    often a secret itself. Never raises."""
    kind = _kind(url)
    if kind not in _ADDRESSES:
        return url.strip() if kind in ("sim", "serial", "gpio") else "an unknown kind of door"
    try:
        parts = urllib.parse.urlsplit(url.strip())
        place = parts.netloc.rpartition("@")[2]
        hidden = "@" in parts.path + parts.query + parts.fragment
    except ValueError:
        return f"{kind}://…"
    if not place or hidden:
        return f"{kind}://…"
    return f"{kind}://{place}" + (parts.path if kind.startswith("mqtt") else "")


def _kind(url: str) -> str:
    """The scheme in lower case; empty where there is none."""
    scheme, colon, _ = url.strip().partition(":")
    return scheme.lower() if colon else ""
