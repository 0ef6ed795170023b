"""`faceapp models import pack`, `install buffalo_s` and `remove`, and what a pack's two networks are then good for."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from urllib.parse import urljoin

import cv2
import numpy as np
import pytest

from faceapp.app import packs
from faceapp.app.packs import install_pack
from faceapp.cli.main import main
from faceapp.errors import UnavailableError
from faceapp.zoo import pack_download
from tests.fakes.index import FakeIndex, serving
from tests.fakes.packs import (
    DETECTOR,
    EMBEDDER,
    tiny_arcface,
    tiny_pack,
    tiny_scrfd,
    with_a_face,
    write_folder,
    write_zip,
)

ACCEPT = "--accept-licence"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit status, stdout, stderr."""
    status = main(list(words))
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_pack_from_import_to_removal(tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "tiny")
    status, out, err = run(capsys, "models", "import", "pack", str(folder))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "for non-commercial research only: add --accept-licence" in err
    assert not data_dir.exists()

    status, out, _ = run(capsys, "models", "import", "pack", str(folder), ACCEPT, "--json")
    assert status == 0
    done = json.loads(out)
    assert (done["detector"], done["embedder"], done["dimension"]) == ("scrfd-tiny", "arcface-tiny", 16)
    assert done["ignored"] == ["2d_tiny.onnx"]
    assert "non-commercial" in done["licence"]

    # One of our own, and its embedder takes one picture at a time.
    single = write_zip(tmp_path / "Single.zip", {**tiny_pack(), EMBEDDER: tiny_arcface(single=True)})
    status, out, _ = run(capsys, "models", "import", "pack", str(single), "--licence", "Ours alone")
    assert status == 0
    assert "licence: Ours alone" in out
    assert "the detector scrfd-single and the embedder arcface-single" in out
    status, _, err = run(capsys, "models", "import", "pack", str(folder))
    assert (status, err.count("\n")) == (3, 1)
    assert "'scrfd-tiny' already" in err

    picture = tmp_path / "frames" / "1.png"
    picture.parent.mkdir()
    cv2.imwrite(str(picture), with_a_face((5, 7)))
    status, out, _ = run(capsys, "detect", str(picture), "--detector", "scrfd-tiny", "--json")
    assert json.loads(out)["detector"] == "scrfd-tiny"
    assert [f["box"] for f in json.loads(out)["faces"]] == [[256, 384, 448, 576]]
    both = ("--detector", "scrfd-tiny", "--embedder", "arcface-single")
    assert run(capsys, "embed", str(picture), *both, "--out", str(tmp_path / "e.npz"))[0] == 0
    with np.load(tmp_path / "e.npz") as file:
        assert np.linalg.norm(file["embeddings"]) == pytest.approx(1, abs=1e-5)
    status, out, _ = run(
        capsys, "live", "--source", str(picture.parent), "--headless", "--detector", "scrfd-tiny", "--no-drop", "--json"
    )
    assert status == 0
    assert json.loads(out)["frames_processed"] == 1
    status, out, err = run(capsys, "verify", str(picture), str(picture), *both)
    assert (status, out, err.count("\n")) == (4, "", 1)
    assert 'no thresholds for arcface-single yet: run "faceapp calibrate"' in err

    status, out, _ = run(capsys, "models", "list", "--json")
    assert [d["id"] for d in json.loads(out)["detectors"] if d["own"] and d["ready"]] == ["scrfd-tiny", "scrfd-single"]
    (data_dir / "settings.json").write_text('{"detector": "scrfd-tiny"}')
    assert "scrfd-tiny (in use, own)" in run(capsys, "models", "list")[1]
    status, _, err = run(capsys, "models", "remove", "tiny")
    assert (status, err) == (3, "faceapp: scrfd-tiny is the detector in use: choose another detector first\n")
    (data_dir / "settings.json").unlink()
    assert run(capsys, "models", "remove", "single")[0] == 0
    assert run(capsys, "models", "remove", "tiny")[0] == 0
    assert not list(data_dir.rglob("*.onnx"))
    status, _, err = run(capsys, "detect", str(picture), "--detector", "scrfd-tiny")
    assert (status, err) == (3, "faceapp: there is no detector 'scrfd-tiny': choose one of mtcnn, ssd\n")


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({**tiny_pack(), "../evil.onnx": tiny_scrfd()}, "leads out of its folder"),
        ({**tiny_pack(), "second.onnx": tiny_arcface(seed=2)}, "one embedder and holds two"),
        ({**tiny_pack(), DETECTOR: tiny_scrfd(box=2)}, "output 3 is (1, 25600, 2)"),
        ({**tiny_pack(), EMBEDDER: tiny_arcface(dimension=1)}, "1 numbers are no embedding"),
    ],
    ids=["traversal", "two embedders", "no boxes", "no embedding"],
)
def test_a_hostile_pack_leaves_nothing(
    tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str], files: dict[str, bytes], what: str
) -> None:
    source = write_zip(tmp_path / "p.zip", files)
    before = sorted(tmp_path.rglob("*"))
    status, out, err = run(capsys, "models", "import", "pack", str(source), ACCEPT)
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert what in err
    assert not data_dir.exists()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["Größe", "a b", "..", "-x", "x" * 70])
def test_a_name_that_cannot_be_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    folder = write_folder(tmp_path / "tiny")
    status, _, err = run(capsys, "models", "import", "pack", str(folder), ACCEPT, f"--id={name}")
    assert (status, err.count("\n")) == (2, 1)
    assert "can't be called" in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_licence_is_asked_for(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, screen = write_folder(tmp_path / "tiny"), Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert main(["models", "import", "pack", str(folder)]) == 1
    assert capsys.readouterr().out == "nothing was imported\n"
    assert "non-commercial research only. Accept? [y/N]" in screen.getvalue()
    assert not data_dir.exists()


def test_a_release_is_fetched_and_taken_in(tmp_path: Path, data_dir: Path) -> None:
    packed = write_zip(tmp_path / "p.zip").read_bytes()
    asked: list[str] = []

    def refuse(terms: str) -> bool:
        asked.append(terms)
        return False

    def fetch(answer: bool) -> object:
        where = urljoin(index.url, "/files/buffalo_s.zip")
        consent = (lambda _: True) if answer else refuse
        return install_pack(data_dir, "buffalo_s", consent, lambda *_: None, address=where, secure=False)

    with serving(FakeIndex(files={"buffalo_s.zip": packed})) as index:
        assert fetch(False) is None
        assert len(asked) == 1
        assert not data_dir.exists()
        assert fetch(True) is not None
    assert packs._agreed(data_dir, refuse)
    assert len(asked) == 1, "accepted once is enough"
    assert (data_dir / "models" / "scrfd-buffalo_s.fp32.onnx").is_file()
    text = (data_dir / "models" / "manifest.toml").read_text()
    assert "InsightFace's release buffalo_s.zip" in text


def test_without_a_network_it_is_one_line_before_anybody_is_asked(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(pack: str, *_: object, **__: object) -> None:
        raise UnavailableError(f"{pack} cannot be fetched from there (no network)")

    monkeypatch.setattr(pack_download, "check", unreachable)
    status, out, err = run(capsys, "models", "install", "buffalo_s")
    assert (status, out, err) == (4, "", "faceapp: buffalo_s cannot be fetched from there (no network)\n")
    assert not data_dir.exists()
