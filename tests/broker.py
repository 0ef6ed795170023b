"""A real MQTT broker (Mosquitto) on a free loopback port, which can be killed, halted and started again."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.polling import until

_HELLO = bytes.fromhex("101000044d5154540402000a000466616365")
"""MQTT 3.1.1: CONNECT by a client named `face`."""


def program(name: str) -> str:
    """Where it is. A missing one fails the test; it doesn't skip it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.fail(f"{name} is not installed: as root, apt-get install {name.partition('_')[0]}", pytrace=False)
    return found


@dataclass(frozen=True, slots=True)
class Certificates:
    """Of an authority of our own, and of a server that it vouches for."""

    authority: Path
    server: Path
    key: Path


def certificates(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificates:
    """Make some, valid for a day. names: what the server may call itself."""
    authority, authority_key = folder / "authority.pem", folder / "authority.key"
    request, server, key = folder / "server.csr", folder / "server.pem", folder / "server.key"
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName={names}\n")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for arguments in (
        ("req", "-x509", *new, "-days", "1", "-subj", "/CN=authority", "-keyout", authority_key, "-out", authority),
        ("req", *new, "-subj", "/CN=server", "-keyout", key, "-out", request),
        (
            "x509",
            "-req",
            "-in",
            request,
            "-CA",
            authority,
            "-CAkey",
            authority_key,
            "-CAcreateserial",
            "-days",
            "1",
            "-extfile",
            extensions,
            "-out",
            server,
        ),
    ):
        subprocess.run([program("openssl"), *arguments], cwd=folder, check=True, capture_output=True)
    return Certificates(authority, server, key)


class Broker:
    """A context manager. login: user and password; without them everybody is let in. rights: lines of an ACL file.
    persistent: it keeps sessions and retained messages over an orderly end."""

    def __init__(
        self,
        folder: Path,
        *,
        login: tuple[str, str] | None = None,
        rights: str | None = None,
        tls: Certificates | None = None,
        persistent: bool = False,
    ) -> None:
        self.login = login
        self.tls = tls
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._log = folder / "broker.log"
        self._config = folder / "broker.conf"
        lines = [
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {'false' if login else 'true'}",
            f"user {getpass.getuser()}",  # it would become one who can't read our files
            "log_dest stderr",
            "log_type all",
            "set_tcp_nodelay true",
        ]
        if persistent:
            lines += ["persistence true", f"persistence_location {folder}/"]
        if login:
            passwords = folder / "passwords"
            passwords.touch(0o600)
            subprocess.run([program("mosquitto_passwd"), "-b", passwords, *login], check=True, capture_output=True)
            lines += [f"password_file {passwords}"]
        if rights:
            (folder / "rights").write_text(rights)
            (folder / "rights").chmod(0o600)
            lines += [f"acl_file {folder / 'rights'}"]
        if tls:
            lines += [f"cafile {tls.authority}", f"certfile {tls.server}", f"keyfile {tls.key}"]
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, topic: str = "door/front", host: str = "127.0.0.1") -> str:
        """Of a door behind it."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}/{topic}"

    def start(self) -> None:
        """Start it, also again, and wait until it lets itself be reached."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([program("mosquitto"), "-c", self._config], stderr=log, stdout=log)

        def at_work() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, f"the broker ended: {self.log()}"
            try:
                connection = socket.create_connection(("127.0.0.1", self.port), 1)
            except OSError:
                return False
            with connection:
                connection.settimeout(5)
                connection.sendall(_HELLO)
                with contextlib.suppress(ConnectionResetError):  # an answer too, where it wants TLS
                    connection.recv(1)
            return True

        try:
            until(at_work)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def halt(self) -> None:
        """Its connections stay, and nothing comes any more."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """After `halt`."""
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        """What it noted."""
        return self._log.read_text()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
