"""The store: built once, verified always, whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from faceapp import paths
from faceapp.errors import InputError, UnavailableError
from faceapp.zoo import files
from faceapp.zoo.fetch import FolderCarriers
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.store import ModelStore
from tests.fakes.carriers import Zoo, tiny_zoo


def no_progress(step: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def zoo(tmp_path: Path) -> Zoo:
    return tiny_zoo(tmp_path)


@pytest.fixture
def store(tmp_path: Path, zoo: Zoo) -> ModelStore:
    return ModelStore(tmp_path / "models", zoo.manifest)


@pytest.fixture
def installed(store: ModelStore, zoo: Zoo) -> ModelStore:
    store.install(None, FolderCarriers(zoo.archives), no_progress)
    return store


def states(store: ModelStore) -> dict[str, str]:
    return {f"{s.id}.{s.precision}": s.state for s in store.status()}


READY = {"one.fp32": "ready", "one.int8": "ready", "two.fp32": "ready"}


def again(store: ModelStore) -> ModelStore:
    """The store as another process sees it: nothing verified yet."""
    return ModelStore(store.directory, store.manifest)


def refused(act: Callable[[], object], what: str) -> None:
    with pytest.raises(UnavailableError, match=what) as e:
        act()
    assert "\n" not in str(e.value)


# Installing


def test_installs_what_the_manifest_offers(store: ModelStore, zoo: Zoo) -> None:
    assert set(states(store).values()) == {"missing"}
    steps: list[str] = []
    built = store.install(None, FolderCarriers(zoo.archives), lambda step, *_: steps.append(step))
    assert [p.name for p in built] == ["one.fp32.onnx", "one.int8.onnx", "two.fp32.onnx"]
    assert states(store) == states(again(store)) == READY
    assert list(dict.fromkeys(steps)) == [
        "fetch tiny",
        "build one fp32",
        "build one int8",
        "fetch other",
        "build two fp32",
    ]
    names = {p.name for p in store.directory.iterdir()}
    assert names == {n for p in built for n in (p.name, f"{p.name}.build.json")}


def test_what_was_built_runs(installed: ModelStore, run: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 16, 16)).astype(np.float32)
    (wanted,) = run(onnx.load(installed.path("one")), x)
    (found,) = run(onnx.load(installed.path("one", "int8")), x)
    assert wanted.shape == (2, 4)
    assert np.linalg.norm(found - wanted) < 0.1 * np.linalg.norm(wanted)


def test_what_is_there_is_not_built_again(installed: ModelStore, tmp_path: Path) -> None:
    nothing = FolderCarriers(tmp_path / "nowhere")  # would fail
    assert installed.install(None, nothing, no_progress) == []
    assert again(installed).install(["both"], nothing, no_progress) == []


def test_the_same_bytes_every_time(installed: ModelStore, zoo: Zoo) -> None:
    before = {p.name: p.read_bytes() for p in installed.directory.iterdir()}
    assert len(installed.install(None, FolderCarriers(zoo.archives), no_progress, again=True)) == 3
    assert {p.name: p.read_bytes() for p in installed.directory.iterdir()} == before


def test_some_of_them(store: ModelStore, zoo: Zoo) -> None:
    store.install(["two"], FolderCarriers(zoo.archives), no_progress)
    assert states(store) == {**dict.fromkeys(READY, "missing"), "two.fp32": "ready"}
    store.install(["both"], FolderCarriers(zoo.archives), no_progress, precisions=["fp32"])
    assert states(store) == {**READY, "one.int8": "missing"}
    with pytest.raises(InputError, match="no embedder 'three'"):
        store.install(["three"], FolderCarriers(zoo.archives), no_progress)


def test_int8_from_what_is_there_needs_no_carrier(installed: ModelStore, tmp_path: Path) -> None:
    before = installed.path("one", "int8").read_bytes()
    installed.file("one", "int8").unlink()
    built = installed.install(None, FolderCarriers(tmp_path / "nowhere"), no_progress)
    assert [p.name for p in built] == ["one.int8.onnx"]
    assert installed.path("one", "int8").read_bytes() == before


def test_fp16_on_request(installed: ModelStore, zoo: Zoo) -> None:
    assert installed.precision_for("one", "fp16") == "fp32"
    built = installed.install(["one"], FolderCarriers(zoo.archives), no_progress, precisions=["fp16"])
    assert [p.name for p in built] == ["one.fp16.onnx"]
    assert installed.precision_for("one", "fp16") == "fp16"
    assert states(installed) == {**READY, "one.fp16": "ready"}


def test_int8_only_where_the_manifest_offers_it(installed: ModelStore, zoo: Zoo) -> None:
    assert installed.precision_for("one", "int8") == "int8"
    assert installed.precision_for("two", "int8") == "fp32"
    assert installed.install(["two"], FolderCarriers(zoo.archives), no_progress, precisions=["int8"]) == []


def test_embedders_are_ready_with_all_their_networks(store: ModelStore, zoo: Zoo) -> None:
    (both,) = store.embedders()
    assert (both.ready, both.dimension, both.networks, both.thresholds) == (False, 8, ("one", "two"), {})
    store.install(None, FolderCarriers(zoo.archives), no_progress)
    assert store.embedders()[0].ready


def test_removing(installed: ModelStore) -> None:
    assert [p.name for p in installed.remove(["one"])] == ["one.fp32.onnx", "one.int8.onnx"]
    assert states(installed) == {**dict.fromkeys(READY, "missing"), "two.fp32": "ready"}
    installed.remove(None)
    assert list(installed.directory.iterdir()) == []
    assert ModelStore(installed.directory / "no", installed.manifest).remove(None) == []


# What is wrong is noticed


def test_missing(store: ModelStore) -> None:
    refused(lambda: store.path("one"), r'one.fp32.onnx is missing: run "faceapp models install"')
    with pytest.raises(InputError, match="no network 'three'"):
        store.path("three")


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def altered(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def without_record(file: Path) -> None:
    file.with_name(f"{file.name}.build.json").unlink()


def with_a_damaged_record(file: Path) -> None:
    file.with_name(f"{file.name}.build.json").write_text("{")


def replaced(file: Path) -> None:
    """By another network with its own, valid record."""
    for suffix in ("", ".build.json"):
        file.with_name(file.name + suffix).write_bytes((file.parent / f"two.fp32.onnx{suffix}").read_bytes())


@pytest.mark.parametrize("damage", [cut_off, altered, emptied, without_record, with_a_damaged_record, replaced])
@pytest.mark.parametrize("fresh", [True, False], ids=["at start", "while it runs"])
def test_damage(installed: ModelStore, zoo: Zoo, damage: Callable[[Path], None], fresh: bool) -> None:
    file = installed.path("one")
    damage(file)
    store = again(installed) if fresh else installed
    refused(lambda: store.path("one"), 'altered or cut off: run "faceapp models install" to build it again')
    assert states(store) == {**READY, "one.fp32": "damaged"}
    assert store.path("two")  # the others still work
    assert [p.name for p in store.install(None, FolderCarriers(zoo.archives), no_progress)] == ["one.fp32.onnx"]
    assert states(store) == READY


def edited(file: Path, **changes: object) -> None:
    record = file.with_name(f"{file.name}.build.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), **changes}))


@pytest.mark.parametrize("changes", [{"source_sha256": "0" * 64}, {"recipe": "graphdef 0"}])
def test_built_from_something_else(installed: ModelStore, changes: dict[str, object]) -> None:
    edited(installed.file("one", "fp32"), **changes)
    refused(lambda: again(installed).path("one"), "built by another version of faceapp: run")
    assert states(again(installed))["one.fp32"] == "outdated"


def test_new_calibration_ranges_mean_a_new_network(installed: ModelStore) -> None:
    file = installed.manifest.statistics("one")
    file.write_text(file.read_text().replace("5", "6"))
    assert states(again(installed)) == {**READY, "one.int8": "outdated"}


def test_a_file_is_read_once(installed: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    installed.path("one")
    monkeypatch.setattr("faceapp.zoo.store.sha256_of", lambda _: pytest.fail("read again"))
    installed.path("one")


# Interruptions and neighbours


class StoppedError(Exception):
    """As if the user had pressed Ctrl-C."""


def test_an_interruption_leaves_what_was_finished(store: ModelStore, zoo: Zoo) -> None:
    def stop(step: str, done: int, total: int) -> None:
        if step == "build two fp32":
            raise StoppedError

    with pytest.raises(StoppedError):
        store.install(None, FolderCarriers(zoo.archives), stop)
    assert states(store) == {**READY, "two.fp32": "missing"}
    assert not list(store.directory.glob(".*"))


def test_a_disk_that_fills_up_leaves_the_old_file(
    installed: ModelStore, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    refused(
        lambda: installed.install(None, FolderCarriers(zoo.archives), no_progress, again=True),
        r"No space left on device\): free some space",
    )
    monkeypatch.undo()
    assert states(again(installed)) == READY
    assert not list(installed.directory.glob(".*"))


def test_what_a_killed_installation_left_is_cleared(installed: ModelStore, zoo: Zoo) -> None:
    left = installed.directory / ".faceapp-abc.part"
    left.write_bytes(b"half")
    installed.install(None, FolderCarriers(zoo.archives), no_progress)
    assert not left.exists()


def test_a_wrong_archive_changes_nothing(installed: ModelStore, zoo: Zoo) -> None:
    archive = zoo.archives / "tiny-1.0-py3-none-any.whl"
    archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    refused(
        lambda: installed.install(["one"], FolderCarriers(zoo.archives), no_progress, again=True),
        "not the archive we know",
    )
    assert states(again(installed)) == READY


def test_weights_that_cannot_be_converted_are_one_line(store: ModelStore, zoo: Zoo) -> None:
    text = (zoo.manifest.directory / "manifest.toml").read_text()
    (zoo.manifest.directory / "manifest.toml").write_text(text.replace('"graphdef"', '"dlib"'))
    other = ModelStore(store.directory, load_manifest(zoo.manifest.directory))
    refused(
        lambda: other.install(None, FolderCarriers(zoo.archives), no_progress), "one cannot be converted: .*report this"
    )


def test_two_installations_at_once(store: ModelStore, zoo: Zoo) -> None:
    built: list[list[Path]] = []
    waited = threading.Event()

    def second() -> None:
        def progress(step: str, done: int, total: int) -> None:
            assert step == "wait for another installation"
            waited.set()

        built.append(again(store).install(None, FolderCarriers(zoo.archives), progress))

    thread = threading.Thread(target=second)

    def first(step: str, done: int, total: int) -> None:
        if step == "build two fp32" and done == 2:
            thread.start()
            assert waited.wait(30)

    built.append(store.install(None, FolderCarriers(zoo.archives), first))
    thread.join()
    # The second waited and found all there; which of the two is listed first is chance.
    assert sorted(len(b) for b in built) == [0, 3]
    assert states(store) == READY


def test_a_folder_that_cannot_be_made(zoo: Zoo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ModelStore(tmp_path / "file" / "models", zoo.manifest)
    refused(lambda: store.install(None, FolderCarriers(zoo.archives), no_progress), "cannot be written to")


# The real ones


def test_every_network_of_this_installation_is_ready(models_dir: Path) -> None:
    store = ModelStore(models_dir, load_manifest(paths.manifest_dir()))
    found = store.status()
    assert {s.id: s.state for s in found if s.state != "ready"} == {}
    assert {s.id for s in found if s.precision == "int8"} >= {"facenet-512", "dlib-resnet-128", "ssd-resnet10"}
    for s in found:
        assert s.bytes == s.path.stat().st_size
        assert s.used_by


def test_a_window_that_starts_does_not_load_the_converters() -> None:
    code = "import sys, faceapp.zoo.store, faceapp.zoo.manifest; sys.exit('onnx' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
