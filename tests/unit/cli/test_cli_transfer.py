"""`faceapp people export --all` and `people import`: where the passphrase comes from, what is said."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.parts import Parts
from faceapp.cli import transfer
from faceapp.cli.main import main
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security import sealed_file

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sealed_file.write_records
    monkeypatch.setattr("faceapp.app.transfer.write_records", lambda *a: real(*a, log2_n=8))


@pytest.fixture
def ada(data_dir: Path) -> None:
    with Parts.open(data_dir) as parts:
        vector = np.zeros(sum(p.dimension for p in parts.embedder_spec.parts), np.float32)
        vector[0] = 1
        parts.gallery().add_photo("Ada", NewPhoto(parts.space(), vector, 80, "1.jpg"))


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.usefixtures("ada")
def test_from_here_to_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, there = tmp_path / "all.gallery", tmp_path / "there"
    monkeypatch.setenv(transfer.VARIABLE, "a long passphrase")
    assert main(["people", "export", "--all", "--out", str(file)]) == 0
    assert "1 people with 1 photos" in capsys.readouterr().out
    monkeypatch.delenv(transfer.VARIABLE)
    typed(monkeypatch, "a long passphrase\r\nand more\n")
    assert main(["people", "import", str(file), "--data-dir", str(there), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(r["name"], r["quality"]) for r in told["enrolled"]] == [("Ada", 80.0)]
    assert told["import"]["kind"] == "gallery"
    with GalleryStore.open(there) as store:
        assert [p.name for p in store.people()] == ["Ada"]


@pytest.mark.usefixtures("ada")
def test_wrong_words_and_passphrases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "all.gallery"
    export = ["people", "export", "--all", "--out", str(file)]

    def fails(status: int, text: str, words: list[str], says: str) -> None:
        typed(monkeypatch, text)
        assert main(words) == status
        errors = capsys.readouterr().err.splitlines()
        assert says in errors[-1]
        assert "passphrase 1" not in errors[-1]

    fails(2, "", export, "a passphrase is needed")
    fails(3, "short\n", export, "fewer than 8 characters")
    fails(2, "passphrase 1\n", ["people", "export", "Ada", "--all", "--out", str(file)], "or everybody with --all")
    fails(2, "passphrase 1\n", ["people", "export", "--out", str(file)], "NAME")
    assert not file.exists()
    typed(monkeypatch, "passphrase 1\n")
    assert main(export) == 0
    fails(3, "passphrase 1\n", export, "is there already")
    fails(3, "passphrase 2\n", ["people", "import", str(file)], "type the passphrase again")
    fails(3, "passphrase 1\n", ["people", "import", str(tmp_path / "no")], "no such file")


@pytest.mark.usefixtures("ada")
def test_on_a_terminal_it_is_asked_for_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ["passphrase 1", "passphrase 2", "passphrase 1", "passphrase 1"]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(transfer.getpass, "getpass", lambda _prompt: answers.pop(0))
    export = ["people", "export", "--all", "--out", str(tmp_path / "f.gallery")]
    assert main(export) == 3
    assert "the two passphrases differ" in capsys.readouterr().err
    assert main(export) == 0
    assert answers == []
