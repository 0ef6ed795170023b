"""A key that lies with the data is moved out of it, and no kill on the way loses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp.errors import UnavailableError
from faceapp.security import installation, keys
from faceapp.security.key_places import FilePlace
from faceapp.security.keys import FILE_NAME, SiteKeys
from tests.fakes.keys import key_file

KEY = bytes(range(32))


@pytest.fixture
def old(data_dir: Path) -> Path:
    """The key as earlier versions kept it."""
    data_dir.mkdir()
    (data_dir / FILE_NAME).write_bytes(KEY)
    return data_dir / FILE_NAME


def test_a_key_with_the_data_is_moved_out_of_it(data_dir: Path, old: Path) -> None:
    assert SiteKeys.open_existing(data_dir) == SiteKeys.of(KEY)
    assert old.exists(), "who only looks moves nothing"
    assert SiteKeys.open(data_dir) == SiteKeys.of(KEY) == SiteKeys.open_existing(data_dir)
    assert not old.exists()
    assert key_file(data_dir).read_bytes() == KEY


@pytest.mark.parametrize("step", ["save", "write", "remove"])
def test_a_kill_while_it_is_moved_loses_nothing(
    data_dir: Path, old: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((installation, "save") if step == "save" else (FilePlace, step)), killed)
        with pytest.raises(KeyboardInterrupt):
            SiteKeys.open(data_dir)
    assert SiteKeys.open_existing(data_dir) == SiteKeys.of(KEY)
    assert SiteKeys.open(data_dir) == SiteKeys.of(KEY)
    assert not old.exists()
    assert key_file(data_dir).read_bytes() == KEY


@pytest.mark.parametrize("inside", [False, True])
def test_neither_of_two_keys_is_thrown_away(
    data_dir: Path, old: Path, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    if inside:
        SiteKeys.open(data_dir)
        old.write_bytes(bytes(32))
    else:
        monkeypatch.setenv("FACEAPP_KEY", bytes(32).hex())
    with pytest.raises(UnavailableError, match="are two keys: move the wrong one away"):
        SiteKeys.open(data_dir)
    assert old.exists()


def test_a_copied_installation_has_the_same_key(data_dir: Path, tmp_path: Path) -> None:
    made = SiteKeys.open(data_dir)
    data_dir.rename(tmp_path / "moved")
    assert keys.SiteKeys.open(tmp_path / "moved") == made


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"version": 1, "id": "x", "kept": "file", "fingerprint": ""}']
)
def test_a_damaged_installation_makes_no_new_key(data_dir: Path, content: bytes) -> None:
    SiteKeys.open(data_dir)
    (data_dir / installation.FILE_NAME).write_bytes(content)
    for look in (SiteKeys.open, SiteKeys.open_existing):
        with pytest.raises(UnavailableError, match=r"installation\.json is damaged"):
            look(data_dir)
