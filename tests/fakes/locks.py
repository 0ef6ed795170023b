"""A lock behind an MQTT broker: a real client of it, without the bolt."""

from __future__ import annotations

import json
import ssl
import threading
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.broker import Broker


class MqttLock:
    """A context manager: notes what it is told and, where it `speaks`, says what it then does. Also anybody else who
    listens: `topics` besides its own are noted in `heard`.

    remembered: the broker keeps what comes for it while it is away. will: it says when it is there and when it isn't.
    """

    def __init__(
        self,
        broker: Broker,
        topic: str = "door/front",
        *,
        speaks: bool = False,
        remembered: bool = False,
        will: bool = False,
        topics: tuple[str, ...] = (),
    ) -> None:
        self._broker, self._topic, self._will = broker, topic, will
        self.speaks = speaks
        self.obeys = True
        """Whether it unlocks when told to."""
        self.answer: dict[str, Any] = {}
        """What its answers have beside or instead of what belongs there."""
        self.told: list[dict[str, Any]] = []
        """The commands, in order."""
        self.messages: list[Any] = []
        """The same as paho has them: flags, properties."""
        self.heard: dict[str, list[tuple[str, bool]]] = {}
        """Topic: payloads, each with whether it was a retained one."""
        self.here = threading.Event()
        self._topics = (f"{topic}/set", *topics)
        name = f"lock-{topic.replace('/', '-')}" if remembered else ""
        self._client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe([(t, 1) for t in self._topics])
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = lambda *_: self.here.clear()
        self._client.on_message = self._arrived
        if broker.login:
            self._client.username_pw_set(*broker.login)
        if broker.tls:
            self._client.tls_set_context(ssl.create_default_context(cafile=broker.tls.authority))
        if will:
            self._client.will_set(f"{topic}/availability", "offline", 1, True)
        self._properties = Properties(PacketTypes.CONNECT)
        self._properties.SessionExpiryInterval = 3600 if remembered else 0
        self._remembered = remembered

    def states(self) -> list[str]:
        """What it was told to become, in order."""
        return [command["state"] for command in self.told]

    def say(self, payload: str, topic: str = "state", retain: bool = False) -> None:
        """Publish something below its topic, and wait for the broker."""
        self._client.publish(f"{self._topic}/{topic}", payload, 1, retain).wait_for_publish(5)

    def connect(self) -> None:
        """Come to be there."""
        self._client.connect(
            "127.0.0.1", self._broker.port, 10, clean_start=not self._remembered, properties=self._properties
        )
        self._client.loop_start()
        assert self.here.wait(5)

    def leave(self) -> None:
        """Be there no more."""
        self._client.disconnect()
        self._client.loop_stop()
        # They know us, and we know the client: with them gone it lets go of its sockets when we do.
        self._client.on_connect = self._client.on_subscribe = self._client.on_disconnect = None
        self._client.on_message = None

    def _subscribed(self, client: Client, *_: object) -> None:
        if self._will:
            client.publish(f"{self._topic}/availability", "online", 1, True)
        self.here.set()

    def _arrived(self, client: Client, _: object, message: Any) -> None:
        self.heard.setdefault(message.topic, []).append((message.payload.decode(), bool(message.retain)))
        if message.topic != f"{self._topic}/set":
            return
        command = json.loads(message.payload)
        self.messages.append(message)
        self.told.append(command)
        if self.speaks:
            state = "UNLOCKED" if command["state"] == "UNLOCK" and self.obeys else "LOCKED"
            answer = {"state": state, "nonce": command["nonce"], **self.answer}
            client.publish(f"{self._topic}/state", json.dumps(answer), 1)

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.leave()
