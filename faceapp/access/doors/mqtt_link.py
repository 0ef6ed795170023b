"""The connection to an MQTT broker: one client of paho's for each connection, so that nothing outlives it.

paho keeps what wasn't acknowledged and sends it again on its next connection. That is what a door must never do: here
a client is thrown away with its connection and with all that was on its way, the next one begins with a clean start,
and nothing can be published between the two. MQTT 5, for its expiry and its reasons.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
import struct
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paho.mqtt.client import Client
    from paho.mqtt.reasoncodes import ReasonCode

NOBODY_LISTENS = 0x10
"""A broker's reason (MQTT 5, 3.4.2.1): the message reached it, and nobody has subscribed to its topic."""
REFUSED = 0x80
"""Reasons from here on are refusals."""

_CONNECTING = 4.0
"""Seconds for each of: reaching the broker, the TLS handshake, its answer to us."""
_KEEPALIVE = 10
"""Seconds. After one and a half times this without a word from us the broker publishes our last will."""
_TICK = 0.1
"""Seconds at most until the network thread sees that it is to end."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 4.0
"""Seconds between attempts; each failure doubles them."""
_LONGEST = 4096
"""Bytes of a message that we look at."""
_ARRIVING = 0.3
"""Seconds for the last message of a connection that we give up to reach the other side's system."""
_WITH_WILL = 0x04
"""Reason of a disconnection after which the broker publishes our last will all the same."""
_WRONG_PASSWORD, _NOT_AUTHORISED, _WRONG_VERSION = 0x86, 0x87, 0x84

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where it is, and who we are to it."""

    host: str
    port: int
    tls: bool = False
    """The broker's certificate is always verified, and its name."""
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = field(default=None, repr=False)
    """The certificate (PEM) that the broker's must be signed by; None: those that the system trusts."""


@dataclass(frozen=True, slots=True)
class Message:
    """What arrived."""

    topic: str
    payload: bytes
    retained: bool
    """True where the broker had kept it from before."""


class Session:
    """One connection, from the broker's welcome to its end. Made by the network thread, which owns the client; the
    door's thread, and only that one, publishes."""

    def __init__(self, client: Client, changed: threading.Condition) -> None:
        self._client: Client | None = client
        self._changed = changed
        self._reasons: dict[int, int] = {}
        self.ready = False
        self.dropped = False
        self.socket: Any = None

    def publish(self, topic: str, payload: str, *, retain: bool = False, expiry: int | None = None) -> int | None:
        """Hand a message over with QoS 1. Its number, for `reason`; None where the connection is gone. `expiry`:
        seconds after which no broker delivers it any more."""
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho's is without types
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        with self._changed:
            client = self._client
            if client is None or self.dropped:
                return None
            # Of earlier messages nobody waits any more; what still comes of them has another number than the next one.
            self._reasons.clear()
        info = client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        return info.mid if info.rc == 0 else None

    def reason(self, number: int | None, deadline: float) -> int | None:
        """How the broker acknowledged a message; None where it didn't before `deadline` (as `time.monotonic` counts)
        or the connection ended."""
        if number is None:
            return None
        with self._changed:
            self._changed.wait_for(lambda: number in self._reasons or not self.alive(), remaining(deadline))
            return self._reasons.pop(number, None)

    def alive(self) -> bool:
        """Whether the connection is still there."""
        return self._client is not None

    def end(self) -> None:
        """Called on the network thread, which holds `changed`: the client goes, and with it what was on its way."""
        self._client = None

    def drop(self) -> None:
        """End the connection, and forget what is on its way."""
        with self._changed:
            self.dropped = True

    def acknowledged(self, number: int, reason: int) -> None:
        """Called on the network thread."""
        with self._changed:
            self._reasons[number] = reason
            self._changed.notify_all()


class Link:
    """Connects, again and again, on a thread of its own, which owns every client. Its other methods may be called from
    any thread. `changed` guards what is told across threads; nobody holds it while calling paho."""

    def __init__(
        self,
        broker: Broker,
        will: tuple[str, str],
        topics: Sequence[str],
        heard: Callable[[Session, Message], None],
    ) -> None:
        """`will`: topic and payload that the broker publishes, retained, when we are gone. `topics`: what we listen to.
        `heard`: called for each message on the network thread, which holds `changed`; must not block nor raise."""
        self._broker = broker
        self._will = will
        self._topics = topics
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self.changed = threading.Condition()
        self._session: Session | None = None
        self._trouble: str | None = None

    def start(self) -> None:
        """Begin to connect, once."""
        if self._thread.ident is None:
            self._thread.start()

    def session(self, deadline: float | None = None) -> Session | None:
        """The connection there is. With a deadline: waits for the first attempt's end."""
        with self.changed:
            if deadline is not None:
                self.changed.wait_for(lambda: self._session or self._trouble, remaining(deadline))
            return self._session

    def trouble(self) -> str:
        """Why there is no connection, in a word or two."""
        with self.changed:
            return self._trouble or "no answer"

    def close(self, timeout: float) -> bool:
        """End the connection, so that the broker publishes our will, and the thread. False where the thread is still
        stuck after `timeout` seconds, in a name server that doesn't answer: it ends by itself, and sends nothing."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # On the network thread

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                connected = self._connection()
            except Exception as e:  # noqa: BLE001 - whatever it was, the next attempt may do better; the door stays shut
                _log.error("the connection to the broker failed", exc_info=e)
                self._in_trouble(type(e).__name__)
                connected = False
            pause = _FIRST_PAUSE if connected else min(pause * 2, _LONGEST_PAUSE)
            self._stopping.wait(pause)

    def _connection(self) -> bool:
        """One connection from beginning to end. True where it came to be."""
        try:
            client = self._client()
        except OSError:
            self._in_trouble("CA file")
            return False
        session = Session(client, self.changed)
        self._listen(client, session)
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=_KEEPALIVE, clean_start=True)
            self._serve(client, session)
        except (OSError, UnicodeError) as e:  # the latter: a name that can't be one
            self._in_trouble(_why(e))
        finally:
            with self.changed:
                session.end()
                if self._session is session:
                    self._session = None
                    self._trouble = "connection lost"
                self.changed.notify_all()
            if session.socket is not None:
                session.socket.close()
            # They know what knows the client: with them gone it lets go of its sockets here and now.
            client.on_connect = client.on_subscribe = client.on_publish = client.on_message = None
            client.on_socket_open = client.on_socket_register_write = None
        return session.ready

    def _serve(self, client: Client, session: Session) -> None:
        until = time.monotonic() + _CONNECTING
        while not self._stopping.is_set() and not session.dropped:
            if client.loop(_TICK):
                if not session.ready:
                    with self.changed:
                        self._trouble = self._trouble or "refused"
                return
            if not session.ready and time.monotonic() > until:
                self._in_trouble("no answer")
                return
        if session.dropped:
            client.loop_write()  # what takes an opening back may still wait; nothing else does
            _let_arrive(session.socket)
        elif session.ready:
            self._leave(client)

    def _leave(self, client: Client) -> None:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.reasoncodes import ReasonCode

        client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=_WITH_WILL))
        client.loop_write()

    def _client(self) -> Client:
        """Raises OSError for a CA file that can't be read or holds none."""
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        name = f"faceapp-{uuid.uuid4().hex[:12]}"  # two kiosks at one door don't throw each other out
        client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5)
        client.connect_timeout = _CONNECTING
        if self._broker.tls:
            context = ssl.create_default_context(cafile=self._broker.ca_file)
            context.sslsocket_class = _TidySocket
            client.tls_set_context(context)
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
        client.will_set(*self._will, qos=1, retain=True)
        return client

    def _listen(self, client: Client, session: Session) -> None:
        """Have paho call us."""

        def opened(_client: Client, _data: object, opened: Any) -> None:
            session.socket = opened
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Closing throws away what the other side hasn't received: otherwise the system goes on sending it for a
            # minute or more, and it would arrive when somebody puts the cable back.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _linger(True, 0))

        def connected(client: Client, _data: object, _flags: object, reason: ReasonCode, _more: object) -> None:
            if reason.is_failure:
                self._in_trouble(_refusal(reason.value))
            else:
                client.subscribe([(topic, 1) for topic in self._topics])

        def subscribed(_client: Client, _data: object, _mid: int, reasons: list[ReasonCode], _more: object) -> None:
            if any(reason.is_failure for reason in reasons):
                self._in_trouble("not allowed to listen")
                session.drop()
                return
            with self.changed:
                session.ready = True
                self._session, self._trouble = session, None
                self.changed.notify_all()

        def published(_client: Client, _data: object, mid: int, reason: ReasonCode, _more: object) -> None:
            session.acknowledged(mid, reason.value)

        def arrived(_client: Client, _data: object, message: Any) -> None:
            if len(message.payload) <= _LONGEST:
                with self.changed:
                    self._heard(session, Message(message.topic, bytes(message.payload), bool(message.retain)))
                    self.changed.notify_all()

        def writable(*_: object) -> None:
            """With this set, paho leaves all writing to the thread in `loop`, whoever publishes."""

        client.on_socket_open = opened
        client.on_connect = connected
        client.on_subscribe = subscribed
        client.on_publish = published
        client.on_message = arrived
        client.on_socket_register_write = writable

    def _in_trouble(self, why: str) -> None:
        with self.changed:
            new, self._trouble = self._trouble != why, why
            self.changed.notify_all()
        if new:
            _log.info("no connection to the broker (%s)", why)


class _TidySocket(ssl.SSLSocket):
    """Closed where the handshake fails: paho forgets it then."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except ConnectionError as e:  # what a broker says to TLS on its plain port
            self.close()
            raise ssl.SSLError("the connection ended in the handshake") from e
        except BaseException:
            self.close()
            raise


def remaining(deadline: float) -> float:
    """Seconds until `deadline`, as `time.monotonic` counts; not less than 0."""
    return max(0.0, deadline - time.monotonic())


def _linger(on: bool, seconds: int) -> bytes:
    return struct.pack("hh" if os.name == "nt" else "ii", on, seconds)


def _let_arrive(sock: Any) -> None:
    """Before a connection to a broker that doesn't answer is closed: have what takes an opening back arrive as well.

    If its system has received everything, the broker may have been halted, and reads it when it wakes: it must not
    find the connection reset after the opening and before the taking back, so it is closed in order. What couldn't be
    delivered stays thrown away at the close.
    """
    end = time.monotonic() + _ARRIVING
    while (waiting := _undelivered(sock)) and time.monotonic() < end:
        time.sleep(0.01)
    if not waiting:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _linger(False, 0))


def _undelivered(sock: Any) -> bool:
    """Whether something sent hasn't been received by the other side's system; True where that can't be told."""
    if sys.platform != "linux":
        return True
    import fcntl
    import termios

    queued: int = struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0]  # tcp(7): SIOCOUTQ
    return queued > 0


def _refusal(reason: int) -> str:
    if reason in (_WRONG_PASSWORD, _NOT_AUTHORISED):
        return "not authorised"
    return "no MQTT 5" if reason == _WRONG_VERSION else f"refused {reason}"


def _why(e: Exception) -> str:
    """In a word or two, without anything of the address."""
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLCertVerificationError, "certificate"),
        (ssl.SSLError, "no TLS"),
        (socket.gaierror, "name not found"),
        (UnicodeError, "name not found"),
        (TimeoutError, "no answer"),
        (ConnectionRefusedError, "no broker"),
    )
    return next((why for kind, why in kinds if isinstance(e, kind)), "network")
