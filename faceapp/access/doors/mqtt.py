"""`mqtt://host:port/topic` and `mqtts://…`: a lock behind an MQTT broker (MQTT 5).

Below `topic`, with QoS 1 throughout:

    set                     from us, never retained: {"state": "UNLOCK", "pulse_ms": 3000, "nonce": "…",
                            "expires_at": …} (Unix milliseconds); {"state": "LOCK", …} ends a pulse under way
    state                   from the lock, if it says anything: LOCKED, UNLOCKED or JAMMED, or JSON with such a
                            `state`; with the `nonce` of a command as well it confirms that one only
    availability            from the lock, if it says anything: `offline`, best as its last will, and `online`
    faceapp/availability    from us, retained: `online`; `offline` is our last will
    faceapp/state           from us, retained: LOCKED, UNLOCKED or JAMMED, for Home Assistant

and `homeassistant/lock/<id>/config`, retained, which makes a lock appear in Home Assistant. It shows; it doesn't open:
its commands go to `faceapp/no-command`, to which nobody listens. Who may open this door is decided in one place, and
a site whose Home Assistant may open as well lets it speak to the lock itself.

The lock pulses its relay itself, for `pulse_ms`, so that it shuts also when this program dies the moment after. It must
not act on a command later than `expires_at` where it has a clock, nor twice on one nonce. The JSON suits what takes
`{"state": "UNLOCK"}` (Zigbee2MQTT), and an ESPHome lock needs a line of `on_json_message`; a plain `UNLOCK` or `ON`,
which holds a relay until somebody says otherwise, is not offered.

An opening is published only on a living connection, to a broker that answered a moment ago, with an expiry of a second
or two in the message itself. What isn't acknowledged in time is followed by LOCK on the same connection, and the
connection is thrown away with all that is on it: see `mqtt_link`. A broker that was halted in between and delivers it
all when it wakes delivers both. Where the broker says that nobody listens, the door is out of order.

Where the lock has ever said its state, an opening counts only if it then says that it unlocked. Otherwise the
broker's acknowledgement has to do, and the opening is unconfirmed.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import urllib.parse
import uuid
from collections.abc import Callable
from typing import Literal, Self, TypeAlias

import faceapp
from faceapp.access.door import DoorOutcome, DoorReply, DoorState
from faceapp.access.doors.mqtt_link import NOBODY_LISTENS, REFUSED, Broker, Link, Message, Session, remaining
from faceapp.access.doors.secrets import DoorSecrets
from faceapp.errors import UnavailableError, UsageError

PORTS = {"mqtt": 1883, "mqtts": 8883}

Said: TypeAlias = Literal["LOCKED", "UNLOCKED", "JAMMED", ""]
"""A lock's word in Home Assistant's spelling; empty where it said something else, such as UNLOCKING."""

_WORDS: dict[str, Said] = {"LOCKED": "LOCKED", "UNLOCKED": "UNLOCKED", "OPEN": "UNLOCKED", "JAMMED": "JAMMED"}
_STATES: dict[Said, DoorState] = {"LOCKED": "shut", "UNLOCKED": "open"}
_MARGIN = 0.1
"""Seconds before the caller's limit at which we give up, so as to be back in time."""
_SHORTEST_EXPIRY = 1
"""Seconds: MQTT counts in whole ones."""
_CLOSING = 2.0
"""Seconds for the network thread to end."""
_ADVICE = {
    "certificate": "name the authority's own certificate in FACEAPP_DOOR_CA, and the broker as its certificate does",
    "no TLS": "the broker does not speak TLS at this port: name the one where it does, usually 8883, or use mqtt://",
    "CA file": "FACEAPP_DOOR_CA must name a readable certificate (PEM)",
    "not authorised": "check FACEAPP_DOOR_USER and FACEAPP_DOOR_PASSWORD",
    "not allowed to listen": "allow its user to read below the topic",
    "no MQTT 5": "use a broker that speaks MQTT 5",
}


class _NotOpenedError(Exception):
    """Why an opening didn't happen, as `DoorReply` has it."""

    def __init__(self, detail: str, outcome: DoorOutcome = "unreachable") -> None:
        super().__init__(detail)
        self.detail = detail
        self.outcome = outcome


class MqttDoor:
    """One lock. The door's thread owns it; what the network thread hears is guarded by the link's `changed`."""

    def __init__(self, broker: Broker, topic: str, *, now: Callable[[], float] = time.time) -> None:
        """`now`: Unix seconds, for `expires_at`."""
        host = f"[{broker.host}]" if ":" in broker.host else broker.host
        self.name = f"{'mqtts' if broker.tls else 'mqtt'}://{host}:{broker.port}/{topic}"
        self._topic = topic
        self._now = now
        heard = (f"{topic}/state", f"{topic}/availability")
        self._link = Link(broker, (f"{topic}/faceapp/availability", "offline"), heard, self._heard)
        # The door thread's:
        self._greeted: Session | None = None
        self._listened_to: Session | None = None
        """The connection on which the lock was last seen to have subscribed."""
        self._told: tuple[Session, str] | None = None
        self._open_until = 0.0
        # Guarded by `changed`:
        self._speaks = False
        """Whether the lock has ever said its state."""
        self._said: tuple[Session | None, Said] = (None, "")
        self._away: Session | None = None
        """The connection on which the lock was said to be offline."""
        self._nonce: str | None = None
        self._unlocked = False
        """Whether it has said so since `_nonce` was sent."""

    @classmethod
    def from_url(cls, url: str, secrets: DoorSecrets) -> Self:
        """Raises UsageError, which repeats nothing of the address, for one that can't be. Nothing is connected yet."""
        try:
            parts = urllib.parse.urlsplit(url)
            host, port = parts.hostname or "", parts.port
            host.encode("idna")
        except ValueError:  # may repeat the address, and with it a password: not kept as a cause
            raise UsageError("the door's address has a host or port that can't be: mqtt://host:port/topic") from None
        topic = urllib.parse.unquote(parts.path).strip("/")
        if parts.scheme not in PORTS or not host or parts.query or parts.fragment or port == 0:
            raise UsageError("the door's address must be mqtt://host:port/topic or mqtts://host:port/topic")
        if "@" in parts.path:  # the address was cut in the middle of a password: its rest must not become a topic
            raise UsageError("in the door's address / in a password is written %2F, and @ in a topic %40")
        if not re.fullmatch(r"[^+#\x00-\x1f\x7f$][^+#\x00-\x1f\x7f]{0,199}", topic):
            raise UsageError(
                "the door's address needs a topic of up to 200 characters without + and #: mqtt://host/topic"
            )
        broker = Broker(
            host,
            port or PORTS[parts.scheme],
            tls=parts.scheme == "mqtts",
            user=secrets.user or _plain(parts.username),
            password=secrets.password or _plain(parts.password),
            ca_file=secrets.ca_file,
        )
        return cls(broker, topic)

    def open(self, pulse: float, timeout: float) -> DoorReply:
        """Publish one opening, on the connection there is: it never waits for one, and where there is none nothing is
        published. `opened` after the broker's acknowledgement, and after the lock's where it speaks. A `timeout` of
        less than a good second leaves no room for the message's expiry: nothing is published then either."""
        self._link.start()
        try:
            session, confirmed = self._opened(pulse, _deadline(timeout))
        except _NotOpenedError as e:
            return DoorReply(e.outcome, e.detail)
        self._open_until = time.monotonic() + pulse
        self._tell(session)
        return DoorReply("opened", confirmed=confirmed)

    def state(self, timeout: float) -> DoorState:
        """What the lock last said on this connection; `unknown` where it said nothing. Raises UnavailableError where
        the broker doesn't answer now, where nobody listens for commands, and where the lock says that it is offline or
        jammed. The first time on a connection the lock is told to lock: that shows whether anybody listens."""
        deadline = _deadline(timeout)
        session = self._connected(deadline)
        if not self._answers(session, deadline):
            raise self._unavailable("no answer")
        self._greet(session)
        if self._listened_to is not session:
            self._lock(session, deadline)
        with self._link.changed:
            said, away = self._word(session), self._away is session
        self._tell(session)
        if away:
            raise UnavailableError(f"the lock behind {self.name} is offline: check its power and its network")
        if said == "JAMMED":
            raise UnavailableError(f"the lock behind {self.name} is jammed: see to it")
        return _STATES.get(said, "unknown")

    def shut(self, timeout: float) -> None:
        """Tell the lock to lock. Raises UnavailableError where the broker doesn't answer or nobody listens."""
        deadline = _deadline(timeout)
        session = self._connected(deadline)
        self._lock(session, deadline)
        self._open_until = 0.0
        self._tell(session)

    def close(self) -> None:
        """End the connection and its thread; the broker says that we are offline. What is open ends its pulse."""
        self._link.close(_CLOSING)

    # On the door's thread

    def _opened(self, pulse: float, deadline: float) -> tuple[Session, bool]:
        """The connection it was published on, and whether the lock confirmed it. Raises _NotOpenedError."""
        session = self._link.session()
        if session is None:
            raise _NotOpenedError(self._link.trouble())
        with self._link.changed:
            if self._away is session:
                raise _NotOpenedError("lock offline")
        if not self._answers(session, deadline - _SHORTEST_EXPIRY):
            raise _NotOpenedError("no answer")
        nonce = uuid.uuid4().hex
        with self._link.changed:
            self._nonce, self._unlocked = nonce, False
        reason = self._command(session, "UNLOCK", deadline, nonce, pulse)
        if reason is None:
            self._take_back(session)
            session.drop()
            raise _NotOpenedError("no answer")
        if reason == NOBODY_LISTENS:
            self._listened_to = None
            raise _NotOpenedError("nobody listens")
        if reason >= REFUSED:
            raise _NotOpenedError(f"reason {reason}", "refused")
        confirmed = self._confirmed(session, deadline)
        if confirmed is False:
            self._take_back(session)
            raise _NotOpenedError("not confirmed")
        return session, confirmed is True

    def _connected(self, deadline: float) -> Session:
        self._link.start()
        session = self._link.session(deadline)
        if session is None:
            raise self._unavailable(self._link.trouble())
        return session

    def _unavailable(self, why: str) -> UnavailableError:
        return UnavailableError(
            f"{self.name} cannot be reached ({why}): {_ADVICE.get(why, 'check the broker and the network')}"
        )

    def _answers(self, session: Session, deadline: float) -> bool:
        """Whether the broker is awake: it must acknowledge something harmless. What it was told of us is thereby also
        put right, should the will of an earlier connection come late."""
        number = session.publish(f"{self._topic}/faceapp/availability", "online", retain=True)
        if session.reason(number, deadline) is None:
            session.drop()
            return False
        return True

    def _command(
        self, session: Session, state: str, deadline: float, nonce: str | None = None, pulse: float | None = None
    ) -> int | None:
        """Publish it and wait; the broker's reason, None where there was none before `deadline`."""
        return session.reason(self._publish(session, state, deadline, nonce, pulse), deadline)

    def _publish(
        self, session: Session, state: str, deadline: float, nonce: str | None = None, pulse: float | None = None
    ) -> int | None:
        left = remaining(deadline)
        command: dict[str, object] = {"state": state}
        if pulse is not None:
            command["pulse_ms"] = round(pulse * 1000)
        command |= {"nonce": nonce or uuid.uuid4().hex, "expires_at": round((self._now() + left) * 1000)}
        # Rounded down, so as not to outlive the caller's limit.
        expiry = max(_SHORTEST_EXPIRY, int(left))
        return session.publish(f"{self._topic}/set", json.dumps(command), expiry=expiry)

    def _take_back(self, session: Session) -> None:
        """Whoever delivers the opening after all delivers this right behind it."""
        self._publish(session, "LOCK", time.monotonic() + 1.0)

    def _lock(self, session: Session, deadline: float) -> None:
        reason = self._command(session, "LOCK", deadline)
        if reason is None:
            session.drop()
            raise self._unavailable("no answer")
        if reason == NOBODY_LISTENS:
            self._listened_to = None
            raise UnavailableError(f"no lock listens to {self.name}/set: check its power and its topic")
        if reason >= REFUSED:
            raise UnavailableError(f"{self.name} takes no commands from us (reason {reason}): allow its user to write")
        self._listened_to = session

    def _confirmed(self, session: Session, deadline: float) -> bool | None:
        """Whether the lock says that it unlocked; None where it never says anything."""
        with self._link.changed:
            if not self._speaks:
                return None
            self._link.changed.wait_for(lambda: self._unlocked or not session.alive(), remaining(deadline))
            return self._unlocked

    # For Home Assistant

    def _tell(self, session: Session) -> None:
        """Publish the lock's state where it is another than before; what it doesn't say is reckoned by its pulse."""
        with self._link.changed:
            said = self._word(session)
        said = said or ("UNLOCKED" if time.monotonic() < self._open_until else "LOCKED")
        if self._told != (session, said):
            session.publish(f"{self._topic}/faceapp/state", said, retain=True)
            self._told = session, said

    def _greet(self, session: Session) -> None:
        """Have a lock appear in Home Assistant, once on each connection: it may have been set up anew meanwhile."""
        if self._greeted is session:
            return
        self._greeted = session
        topic, config = self.discovery()
        session.publish(topic, config, retain=True)

    def discovery(self) -> tuple[str, str]:
        """Topic and content of the message by which Home Assistant knows the lock (its `lock.mqtt` integration)."""
        unique = "faceapp_" + hashlib.sha256(self._topic.encode()).hexdigest()[:12]
        ours = f"{self._topic}/faceapp"
        config = {
            "name": None,  # its device's
            "unique_id": unique,
            "state_topic": f"{ours}/state",
            "command_topic": f"{ours}/no-command",
            "availability_topic": f"{ours}/availability",
            "optimistic": False,
            "qos": 1,
            "device": {"identifiers": [unique], "name": f"Door {self._topic}", "manufacturer": "faceapp"},
            "origin": {"name": "faceapp", "sw_version": faceapp.__version__},
        }
        return f"homeassistant/lock/{unique}/config", json.dumps(config)

    # What the lock says: under `changed`

    def _word(self, session: Session) -> Said:
        heard_on, said = self._said
        return said if heard_on is session else ""

    def _heard(self, session: Session, message: Message) -> None:
        """On the network thread."""
        if message.topic == f"{self._topic}/availability":
            self._away = session if _text(message.payload).lower() == "offline" else None
            return
        said, nonce = parse_state(message.payload)
        self._speaks = True
        self._said = session, said
        if said == "UNLOCKED" and not message.retained and nonce in (None, self._nonce):
            self._unlocked = True


def parse_state(payload: bytes) -> tuple[Said, str | None]:
    """What a lock says, and to which command it says so, if it tells."""
    text, nonce = _text(payload), None
    if text.startswith("{"):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return "", None
        text, nonce = str(content.get("state", "")), content.get("nonce")
    return _WORDS.get(text.strip().upper(), ""), nonce if nonce is None else str(nonce)


def _text(payload: bytes) -> str:
    return payload.decode("utf-8", "replace").strip()


def _plain(part: str | None) -> str | None:
    return None if part is None else urllib.parse.unquote(part)


def _deadline(timeout: float) -> float:
    return time.monotonic() + timeout - min(_MARGIN, timeout / 10)
