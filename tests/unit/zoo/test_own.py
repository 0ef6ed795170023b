"""A site's own networks: merged with ours, copied in whole or not at all, taken out without touching the rest."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faceapp import files
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.zoo.fetch import FolderCarriers
from faceapp.zoo.manifest import Manifest, load_manifest
from faceapp.zoo.own import Addition, OwnFile, OwnModels, embedder_table, network_table, without
from faceapp.zoo.specs import CropSpec, InputSpec
from faceapp.zoo.store import ModelStore
from tests.fakes.carriers import tiny_zoo
from tests.fakes.networks import DIMENSION, SIZE, embedder, save

BY_HAND = """# mine, from the lab
version = 1

[networks.hand]   # the good one
title = "By hand"
kind = "embedder"
converter = "own"
file_sha256 = "{sha256}"
dimension = 8
unit_length = false
licence = "MIT"
photographs = "None"
input = {{ layout = "NCHW", width = 16, height = 16, colour = "bgr", mean = [0, 0, 0], std = [1, 1, 1] }}
crop = {{ kind = "box", size = 16, margin = 0.5 }}

[embedders.hand]
title = "By hand"
[[embedders.hand.parts]]
network = "hand"
mirror = true
weight = 1

[thresholds.hand]
space = "hand:0123456789"
fars = [0.01, 0.001]
distances = [0.9, 0.8]
source = "counted by hand"
"""


@pytest.fixture
def shipped(tmp_path: Path) -> Manifest:
    return tiny_zoo(tmp_path / "zoo").manifest


@pytest.fixture
def own(tmp_path: Path, shipped: Manifest) -> OwnModels:
    return OwnModels(tmp_path / "data" / "models", shipped)


@pytest.fixture
def brought(tmp_path: Path) -> OwnFile:
    file = save(embedder(), tmp_path / "brought.onnx")
    return OwnFile(file, hashlib.sha256(file.read_bytes()).hexdigest())


def addition(file: OwnFile, id: str = "mine", **changes: Any) -> Addition:
    values: dict[str, Any] = {
        "title": 'Mine, "the best" \\ of Café № 1',
        "kind": "embedder",
        "file_sha256": file.sha256,
        "licence": "CC0",
        "photographs": "None",
        "origin": "a test",
        "input": InputSpec("NCHW", SIZE, SIZE, "rgb", (127.5, 127.5, 127.5), (128.0, 1e-5, 128.0)),
        "dimension": DIMENSION,
        "crop": CropSpec("similarity", SIZE, points=((1.0, 2.0),) * 5),
    } | changes
    return Addition(
        {id: file}, {id: network_table(**values)}, {id: embedder_table(title="Mine", network=id, mirror=True)}, {}
    )


def by_hand(own: OwnModels, text: str = BY_HAND) -> Path:
    """Somebody puts a file and an entry there."""
    own.directory.mkdir(parents=True, exist_ok=True)
    file = save(embedder(seed=2), own.directory / "hand.fp32.onnx")
    written = text.format(sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    (own.directory / "manifest.toml").write_text(written)
    return file


def listing(own: OwnModels) -> set[str]:
    return {p.name for p in own.directory.iterdir()} if own.directory.exists() else set()


def merged(own: OwnModels, shipped: Manifest) -> Manifest:
    return load_manifest(shipped.directory, own.directory)


def store(tmp_path: Path, manifest: Manifest) -> ModelStore:
    return ModelStore(tmp_path / "models", manifest)


def refused(act: Callable[[], object], what: str, kind: type[KnownError] = InputError) -> None:
    with pytest.raises(kind, match=what) as e:
        act()
    assert "\n" not in str(e.value)


# Adding


def test_what_was_added_is_there_like_any_other(
    tmp_path: Path, own: OwnModels, shipped: Manifest, brought: OwnFile
) -> None:
    own.add(addition(brought))
    manifest = merged(own, shipped)
    network, spec = manifest.network("mine"), manifest.embedder("mine")
    assert (network.home, network.source_sha256, network.source) == (own.directory, brought.sha256, "a test")
    assert network.title == 'Mine, "the best" \\ of Café № 1'
    assert network.crop == CropSpec("similarity", SIZE, points=((1.0, 2.0),) * 5)
    assert network.input == InputSpec("NCHW", SIZE, SIZE, "rgb", (127.5, 127.5, 127.5), (128.0, 1e-5, 128.0))
    assert (spec.dimension, spec.parts[0].mirror, spec.thresholds) == (DIMENSION, True, None)
    refused(spec.threshold_verify, 'no thresholds for mine yet: run "faceapp calibrate"', UnavailableError)
    models = store(tmp_path, manifest)
    assert models.path("mine") == own.directory / "mine.fp32.onnx"
    assert models.path("mine").read_bytes() == brought.path.read_bytes()
    assert [s.state for s in models.status() if s.id == "mine"] == ["ready"]
    assert manifest.networks.keys() > shipped.networks.keys()
    assert listing(own) == {"manifest.toml", "mine.fp32.onnx", "mine.fp32.onnx.build.json"}


def test_no_own_manifest_is_fine(own: OwnModels, shipped: Manifest) -> None:
    assert merged(own, shipped) == shipped


@pytest.mark.parametrize("id", ["one", "both"])
def test_an_id_of_ours_is_taken(own: OwnModels, brought: OwnFile, id: str) -> None:
    refused(lambda: own.add(addition(brought, id)), f"'{id}' already")
    assert listing(own) == set()


@pytest.mark.parametrize("id", ["../x", "a/b", "a\\b", "UPPER", "", ".x", "x.", "a" * 65, "é", "a b", 'a"]\n[x'])
def test_an_id_that_would_be_another_path_is_refused(own: OwnModels, brought: OwnFile, id: str) -> None:
    refused(lambda: own.add(addition(brought, id)), "can't be an id")
    assert listing(own) == set()


def test_the_same_id_twice_is_refused(own: OwnModels, brought: OwnFile) -> None:
    own.add(addition(brought))
    before = (own.directory / "manifest.toml").read_bytes()
    refused(lambda: own.add(addition(brought)), "'mine' already: choose another id, or remove it first")
    assert (own.directory / "manifest.toml").read_bytes() == before


def test_a_file_that_changed_since_it_was_looked_at_leaves_nothing(own: OwnModels, brought: OwnFile) -> None:
    brought.path.write_bytes(brought.path.read_bytes() + b"\x00")
    refused(lambda: own.add(addition(brought)), "changed while it was read")
    assert not own.directory.exists()


def test_an_entry_that_cannot_be_leaves_nothing(own: OwnModels, brought: OwnFile) -> None:
    refused(lambda: own.add(addition(brought, dimension=1)), "dimension must be 2 to 4096")
    assert not own.directory.exists()


def test_a_file_somebody_put_there_is_not_overwritten(own: OwnModels, brought: OwnFile) -> None:
    own.directory.mkdir(parents=True)
    (own.directory / "mine.fp32.onnx").write_bytes(b"somebody's")
    refused(lambda: own.add(addition(brought)), "is there already")
    assert (own.directory / "mine.fp32.onnx").read_bytes() == b"somebody's"


@pytest.mark.parametrize("at", ["manifest.toml", "mine.fp32.onnx", "mine.fp32.onnx.build.json"])
def test_an_interrupted_import_leaves_nothing(
    own: OwnModels, brought: OwnFile, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    real = files.write_atomically

    def interrupted(file: Path, content: files.Content, mode: int = 0o600) -> None:
        if file.name == at:
            raise KeyboardInterrupt
        real(file, content, mode)

    monkeypatch.setattr(files, "write_atomically", interrupted)
    with pytest.raises(KeyboardInterrupt):
        own.add(addition(brought))
    assert not own.directory.exists()


KILLED = """
import os, sys
from pathlib import Path
from faceapp import files
from tests.unit.zoo.test_own import OwnFile, OwnModels, addition, load_manifest
real = files.write_atomically
def killed(file, content, mode=0o600):
    if file.name == "manifest.toml":
        (file.parent / ".faceapp-x.part").write_bytes(b"half")
        os._exit(9)
    real(file, content, mode)
files.write_atomically = killed
shipped, own, file, sha256 = sys.argv[1:]
OwnModels(Path(own), load_manifest(Path(shipped))).add(addition(OwnFile(Path(file), sha256)))
"""


def test_what_a_killed_import_left_is_swept_by_the_next(own: OwnModels, shipped: Manifest, brought: OwnFile) -> None:
    arguments = [str(shipped.directory), str(own.directory), str(brought.path), brought.sha256]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == 9
    assert listing(own) == {"mine.fp32.onnx", "mine.fp32.onnx.build.json", ".faceapp-x.part"}
    assert merged(own, shipped) == shipped, "it doesn't count"
    (own.directory / "hand.fp32.onnx").write_bytes(b"somebody's own, not in the manifest yet")
    own.add(addition(brought, "other"))
    assert listing(own) == {"manifest.toml", "other.fp32.onnx", "other.fp32.onnx.build.json", "hand.fp32.onnx"}


@pytest.mark.skipif(sys.platform == "win32", reason="modes as POSIX has them")
def test_what_is_kept_is_not_for_others_to_read(own: OwnModels, brought: OwnFile) -> None:
    own.add(addition(brought))
    assert [p.stat().st_mode & 0o077 for p in (own.directory, *own.directory.iterdir())] == [0] * 4


# By hand


def test_an_entry_written_by_hand_is_used(tmp_path: Path, own: OwnModels, shipped: Manifest) -> None:
    file = by_hand(own)
    manifest = merged(own, shipped)
    assert store(tmp_path, manifest).path("hand") == file
    spec = manifest.embedder("hand")
    assert spec.thresholds is not None
    refused(spec.threshold_verify, "were computed for hand:0123456789, not hand:", UnavailableError)
    by_hand(own, BY_HAND.replace("hand:0123456789", spec.space))
    assert merged(own, shipped).embedder("hand").threshold_verify() == pytest.approx(0.8)


def test_what_stands_there_by_hand_stays_as_it_is(own: OwnModels, shipped: Manifest, brought: OwnFile) -> None:
    by_hand(own)
    before = (own.directory / "manifest.toml").read_text()
    own.add(addition(brought))
    assert (own.directory / "manifest.toml").read_text().startswith(before)
    assert {"hand", "mine"} <= merged(own, shipped).embedders.keys()
    own.remove(["mine"], ["mine"], [])
    assert (own.directory / "manifest.toml").read_text().rstrip("\n") == before.rstrip("\n")
    assert "mine.fp32.onnx" not in listing(own)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("[networks.hand]", "[networks.one]", "faceapp comes with a 'one' already"),
        ("[networks.hand]", '[networks."../hand"]', "an id is up to 64"),
        ('converter = "own"', 'converter = "dlib"', "converter must be own"),
        ('file_sha256 = "', 'file_sha256 = "x', "file_sha256 is not a SHA-256"),
        ("dimension = 8", "dimension = 8\nsources = []", "there is no 'sources' here"),
        ("version = 1", "version = 2", "version 2 is not 1"),
        ("version = 1", "version = 1\n[targets]\ndoor_far = 0.5", "there is no 'targets' here"),
        ("[thresholds.hand]", "[thresholds.both]", "thresholds for 'both', which is no embedder here"),
        ("mirror = true", 'mirror = true\nsubtract = "../secret.json"', "does not lie in"),
        ("mirror = true", 'mirror = true\nsubtract = "/etc/hostname"', "does not lie in"),
        ('network = "hand"', 'network = "nobody"', "'nobody' is no embedder's network"),
        ("width = 16", "width = 32", "a crop of 16 pixels does not fit the input"),
        ("version = 1", "version = ", "is not TOML"),
    ],
)
def test_what_is_wrong_in_it_is_one_line(own: OwnModels, shipped: Manifest, old: str, new: str, what: str) -> None:
    assert old in BY_HAND
    by_hand(own, BY_HAND.replace(old, new))
    refused(lambda: merged(own, shipped), what, UnavailableError)
    with pytest.raises(UnavailableError, match=r"correct the file|name a file"):
        merged(own, shipped)


def test_a_file_that_is_altered_or_gone_is_told(tmp_path: Path, own: OwnModels, shipped: Manifest) -> None:
    file = by_hand(own)
    models = store(tmp_path, merged(own, shipped))
    models.path("hand")
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    refused(lambda: models.path("hand"), "is not the file that was imported", UnavailableError)
    file.unlink()
    refused(lambda: models.path("hand"), "is missing", UnavailableError)


def test_a_hostile_file_put_there_by_hand_is_never_loaded(tmp_path: Path, own: OwnModels, shipped: Manifest) -> None:
    made = embedder()
    made.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    file = by_hand(own)
    save(made, file)
    text = (own.directory / "manifest.toml").read_text()
    old = text.split('file_sha256 = "')[1][:64]
    (own.directory / "manifest.toml").write_text(text.replace(old, hashlib.sha256(file.read_bytes()).hexdigest()))
    refused(lambda: store(tmp_path, merged(own, shipped)).path("hand"), "lie in another file", UnavailableError)


# Taking out


def test_taking_out_takes_thresholds_and_files(own: OwnModels, shipped: Manifest, brought: OwnFile) -> None:
    by_hand(own)
    own.add(addition(brought))
    assert own.remove(["hand"], ["hand"], []) == [own.directory / "hand.fp32.onnx"]
    assert tomllib.loads((own.directory / "manifest.toml").read_text())["networks"].keys() == {"mine"}
    assert listing(own) == {"manifest.toml", "mine.fp32.onnx", "mine.fp32.onnx.build.json"}


def test_what_others_need_is_not_taken_out(own: OwnModels, shipped: Manifest) -> None:
    file = by_hand(own)
    refused(lambda: own.remove(["hand"], [], []), "'hand' is no embedder's network", UnavailableError)
    assert file.exists()
    assert "hand" in merged(own, shipped).embedders


def test_a_manifest_that_cannot_be_changed_for_sure_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "manifest.toml"
    for text in (
        'version = 1\nnetworks = { hand = { title = "x" } }\n',
        'version = 1\n[networks]\nhand.title = "x"\n',
        'version = 1\n[networks.hand]\ntitle = """\n[embedders.x]\n"""\n[embedders.y]\na = 1\n',
    ):
        refused(lambda text=text: without(text, {"networks": ["hand"]}, file), "by hand", UnavailableError)


# The store


def test_installing_everything_leaves_own_networks_alone(tmp_path: Path, brought: OwnFile) -> None:
    zoo = tiny_zoo(tmp_path / "zoo")
    own = OwnModels(tmp_path / "data" / "models", zoo.manifest)
    own.add(addition(brought))
    models = store(tmp_path, load_manifest(zoo.manifest.directory, own.directory))
    carriers = FolderCarriers(zoo.archives)
    built = models.install(None, carriers, lambda *_: None, precisions=("fp32", "fp16"))
    assert not [p for p in built if p.parent == own.directory]
    (half,) = models.install(["mine"], carriers, lambda *_: None, precisions=("fp32", "int8", "fp16"), again=True)
    assert half == own.directory / "mine.fp16.onnx"
    assert models.precision_for("mine", "fp16") == "fp16"
    assert models.precision_for("mine", "int8") == "fp32"
    assert models.path("mine", "fp16") == half
    assert set(models.remove(["mine"])) == {half, own.directory / "mine.fp32.onnx"}


# What the README shows


def test_the_readmes_example_is_a_manifest(own: OwnModels, shipped: Manifest) -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (example,) = [block.split("```")[0] for block in text.split("```toml\n")[1:]]
    own.directory.mkdir(parents=True)
    (own.directory / "manifest.toml").write_text(example)
    spec = merged(own, shipped).embedder("arcface")
    assert (spec.dimension, spec.parts[0].mirror, spec.parts[0].crop.kind) == (512, True, "similarity")
