"""What every test gets: Qt off screen, a data directory of its own, no network, and pictures and models to use."""

from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Before anything imports Qt. A developer may set it to `xcb` to watch.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from faceapp import images, paths
from faceapp.types import BgrImage

# The same examples on every machine, and no time limit of Hypothesis's own: pytest-timeout has one.
hypothesis.settings.register_profile("faceapp", deadline=None, derandomize=True)
hypothesis.settings.load_profile("faceapp")


@pytest.fixture(autouse=True, scope="session")
def _keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where keys lie: one folder for all tests, as for all data directories of a user, each key under a name of its
    own. A data directory that several tests share keeps its key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEAPP_KEYS_DIR", str(tmp_path_factory.mktemp("faceapp-keys")))
        patch.delenv("FACEAPP_KEY", raising=False)
        yield


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of this test (not yet made). Nobody's real gallery or key is ever touched."""
    directory = tmp_path / "faceapp-data"
    monkeypatch.setenv("FACEAPP_DATA_DIR", str(directory))
    return directory


class NetworkUsedError(AssertionError):
    """A test reached for a machine other than this one."""


def refuse_network(address: object) -> None:
    """Raise NetworkUsedError for an address, as `socket.connect` takes it, unless it is loopback or a Unix socket."""
    host = address[0] if isinstance(address, tuple) and address else address
    if not isinstance(address, tuple) or host == "localhost":
        return
    try:
        local = ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NetworkUsedError(f"tests stay on this machine, and this one wanted {host}")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("connect", "connect_ex", "sendto"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, *args: Any, _real: Any = real) -> Any:
            refuse_network(args[-1])  # the address comes last in all three
            return _real(self, *args)

        monkeypatch.setattr(socket.socket, name, guarded)
    resolve = socket.getaddrinfo

    def local_names_only(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host:
            refuse_network((host.decode() if isinstance(host, bytes) else host,))
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", local_names_only)


@pytest.fixture(scope="session")
def astronaut() -> BgrImage:
    """The NASA astronaut: one large frontal face, 512 x 512 BGR. Read-only: copy it to draw on it."""
    image = images.read_image(paths.resource("astronaut.jpg"))
    image.flags.writeable = False
    return image


@pytest.fixture(scope="session")
def group_photo() -> Path:
    """The photograph with six faces that the insightface package carries."""
    spec = importlib.util.find_spec("insightface")  # finds, doesn't import
    if spec is None or spec.origin is None:
        pytest.skip("the insightface package, which carries the group photograph, is not installed")
    path = Path(spec.origin).parent / "data" / "images" / "t1.jpg"
    assert path.is_file(), f"insightface no longer carries {path.name}: choose another photograph"
    return path


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder with the built networks. Missing networks are a failure, never a skipped test."""
    directory = paths.models_dir()
    if not any(directory.glob("*.onnx")):
        pytest.fail(f'no networks in {directory}: run "make setup"', pytrace=False)
    return directory


@pytest.fixture(autouse=True, scope="session")
def _networks_loaded_once() -> Iterator[None]:
    """Of a network that ships, one process of tests loads each precision once, however many commands and sessions ask
    for it: loading is most of what a short command does, and a loaded network keeps nothing from run to run. What a
    test brings itself, or has in another folder, is loaded anew, and so is all that processes of their own load."""
    from faceapp.vision import session

    shipped, load = paths.models_dir(), session._load
    loaded: dict[object, Any] = {}

    def once(path: Path, policy: session.SessionPolicy, providers: list[session.Provider]) -> Any:
        if path.parent != shipped or providers != [session.CPU] or not path.is_file():
            return load(path, policy, providers)
        file = path.stat()
        key = (path, file.st_ino, file.st_size, file.st_mtime_ns, policy)
        if key not in loaded:
            loaded[key] = load(path, policy, providers)
        return loaded[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_load", once)
        yield
