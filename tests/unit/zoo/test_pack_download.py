"""Fetching a pack from a server on loopback that breaks off, redirects, or has nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest

from faceapp.errors import UnavailableError
from faceapp.zoo import pack_download
from faceapp.zoo.pack_download import PACKS, address_of, check, download
from tests.fakes.index import FakeIndex, serving

PACK = bytes(range(256)) * 2000


@pytest.fixture
def server() -> Iterator[FakeIndex]:
    with serving(FakeIndex(files={"buffalo_s.zip": PACK})) as index:
        yield index


def address(server: FakeIndex, name: str = "buffalo_s.zip") -> str:
    return urljoin(server.url, f"/files/{name}")


def no_progress(step: str, done: int, total: int) -> None:
    pass


def refused(file: Path, where: str, what: str, *, secure: bool = False) -> None:
    with pytest.raises(UnavailableError, match=what) as e:
        download("buffalo_s", where, file, no_progress, secure=secure)
    assert "\n" not in str(e.value)
    assert 'run "faceapp models import pack buffalo_s.zip"' in str(e.value)


def test_it_is_fetched_with_progress(tmp_path: Path, server: FakeIndex) -> None:
    seen: list[tuple[str, int, int]] = []
    check("buffalo_s", address(server), secure=False)
    download("buffalo_s", address(server), tmp_path / "p.zip", lambda *now: seen.append(now), secure=False)
    assert (tmp_path / "p.zip").read_bytes() == PACK
    assert seen[-1] == ("fetch buffalo_s", len(PACK), len(PACK))


def test_what_the_server_does_not_have(tmp_path: Path, server: FakeIndex) -> None:
    refused(tmp_path / "p.zip", address(server, "none.zip"), r"127.0.0.1 has no buffalo_s for us \(status 404\)")


def test_a_download_that_breaks_off(tmp_path: Path, server: FakeIndex) -> None:
    server.cut = 1
    refused(tmp_path / "p.zip", address(server), "cannot be fetched|bytes of buffalo_s came")


def test_more_than_any_pack_is_not_read(tmp_path: Path, server: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_download, "MAX_BYTES", 1000)
    refused(tmp_path / "p.zip", address(server), "sends more for buffalo_s than any pack has")


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        refused(tmp_path / "p.zip", f"http://127.0.0.1:{taken.getsockname()[1]}/p.zip", r"\(Connection refused\)")


def test_nothing_but_https(tmp_path: Path, server: FakeIndex) -> None:
    refused(tmp_path / "p.zip", address(server), "without HTTPS", secure=True)
    assert server.asked == []


def test_nor_by_a_redirection() -> None:
    redirects = pack_download._Redirects(secure=True)
    with pytest.raises(OSError, match="without HTTPS"):
        redirects.redirect_request(None, None, 302, "Found", None, "http://127.0.0.1/p.zip")


def test_the_package_says_where() -> None:
    for pack in PACKS:
        assert address_of(pack).startswith("https://")
        assert address_of(pack).endswith(f"/{pack}.zip")
