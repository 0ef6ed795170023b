"""Packs from folders and ZIPs: what is in them, and hostile ones refused in one line with nothing left behind."""

from __future__ import annotations

import os
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from faceapp.errors import InputError
from faceapp.vision.session import SessionPolicy, open_session
from faceapp.zoo import packs
from faceapp.zoo.pack_networks import ARCFACE, EMBEDDED, SCRFD, Pack, read_pack
from faceapp.zoo.packs import Normalisation, opened
from tests.fakes.packs import (
    DETECTOR,
    EMBEDDER,
    tiny_arcface,
    tiny_landmark,
    tiny_pack,
    tiny_scrfd,
    write_folder,
    write_zip,
)

SIZE, FLAGS = 24, 8  # where the central directory keeps an entry's unpacked size and its flags


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, so that a test can see what is left of them."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def read(source: Path) -> Pack:
    with opened(source) as files:
        return read_pack(files, source.name)


def refused(source: Path, what: str) -> None:
    """In one line; and neither beside the pack nor among the temporary files is anything new."""
    before = sorted(p for p in source.parent.rglob("*"))
    with pytest.raises(InputError, match=what) as e:
        read(source)
    assert "\n" not in str(e.value)
    assert sorted(p for p in source.parent.rglob("*")) == before


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x" * len(name))
    # Set afterwards: the constructor would mend it.
    info.filename = name
    info.external_attr = mode << 16
    return info


def patched(file: Path, name: str, offset: int, value: bytes) -> Path:
    """Write `value` over a field of an entry in the ZIP's central directory."""
    data = bytearray(file.read_bytes())
    at = data.rindex(name.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + offset : at + offset + len(value)] = value
    file.write_bytes(data)
    return file


# What is in them


@pytest.mark.parametrize("form", ["folder", "a folder in it", "zip", "zip of a folder"])
def test_a_pack_is_read(tmp_path: Path, scratch: Path, form: str) -> None:
    if form.endswith("folder") and not form.startswith("zip"):
        source = write_folder(tmp_path / "tiny")
    elif form == "a folder in it":
        write_folder(tmp_path / "tiny" / "tiny")
        source = tmp_path / "tiny"
    else:
        folder = "tiny/" if form.endswith("folder") else ""
        source = write_zip(tmp_path / "tiny.zip", {f"{folder}{name}": data for name, data in tiny_pack().items()})
    with opened(source) as files:
        pack = read_pack(files, "tiny")
        assert pack.detector.file.read_bytes() == tiny_scrfd()
        assert pack.embedder.file.read_bytes() == tiny_arcface()
    assert (pack.detector.name, pack.detector.size, pack.detector.normalisation) == (DETECTOR, 640, SCRFD)
    assert (pack.embedder.name, pack.embedder.size, pack.embedder.normalisation) == (EMBEDDER, 112, ARCFACE)
    assert pack.ignored == ("2d_tiny.onnx",)
    assert list(scratch.iterdir()) == []


def test_normalisation_is_what_insightface_makes_of_the_first_operators(tmp_path: Path) -> None:
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX

    for embedded, expected in ((False, ARCFACE), (True, EMBEDDED)):
        folder = write_folder(tmp_path / str(embedded), {**tiny_pack(), EMBEDDER: tiny_arcface(embedded=embedded)})
        assert read(folder).embedder.normalisation == expected
        session = open_session(folder / EMBEDDER, SessionPolicy("cpu"))
        theirs = ArcFaceONNX(str(folder / EMBEDDER), session.session)  # type: ignore[attr-defined]  # an OrtSession
        assert Normalisation(theirs.input_mean, theirs.input_std) == expected


def test_a_packs_own_description_wins(tmp_path: Path) -> None:
    text = (
        '{"manifest_version": 2, "tasks": {'
        f'"detection": {{"file": "models/{DETECTOR}", "preprocessing": "embedded"}},'
        f'"recognition": {{"file": "{EMBEDDER}", "preprocessing": {{"mean": 100, "std": 50}}}}}}}}'
    )
    pack = read(write_zip(tmp_path / "tiny.zip", {**tiny_pack(), "manifest.json": text.encode()}))
    assert pack.detector.normalisation == EMBEDDED
    assert pack.embedder.normalisation == Normalisation(100, 50)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"manifest_version": 2}',
        '{"manifest_version": 2, "tasks": {"recognition": {"file": "a", "preprocessing": {"mean": 1, "std": 0}}}}',
        '{"manifest_version": 2, "tasks": {"recognition": {"file": "a", "preprocessing": {"mean": NaN, "std": 1}}}}',
        '{"manifest_version": 2, "tasks": {"recognition": {"file": "a", "preprocessing": {"mean": %s, "std": 1}}}}'
        % ("9" * 999),
        '{"manifest_version": 2, "tasks": {"recognition": {"file": "a", "preprocessing": {"mean": %s, "std": 1}}}}'
        % ("9" * 5000),
        '{"manifest_version": 2, "tasks": [1]}',
        "[" * 100_000,
    ],
)
def test_a_description_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    refused(write_folder(tmp_path / "tiny", {**tiny_pack(), "manifest.json": text.encode()}), "cannot be understood")


# Not a pack


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({}, "no .onnx file"),
        ({EMBEDDER: tiny_arcface()}, "one detector and holds none"),
        ({DETECTOR: tiny_scrfd()}, "one embedder and holds none"),
        (
            {**tiny_pack(), "w2.onnx": tiny_arcface(seed=2)},
            r"one embedder and holds two of them \(w2.onnx, w_tiny.onnx\)",
        ),
        ({**tiny_pack(), "det2.onnx": tiny_scrfd()}, "one detector and holds two of them"),
        ({**tiny_pack(), DETECTOR: tiny_scrfd(landmarks=False)}, "has 6 outputs: a detector with landmarks"),
        ({**tiny_pack(), DETECTOR: tiny_scrfd(side=656)}, "no SCRFD that we can run"),
        ({**tiny_pack(), EMBEDDER: tiny_arcface(side=144)}, "takes 144 pixels: there is a template for"),
        ({**tiny_pack(), DETECTOR: b"not a network"}, "no ONNX network"),
        ({DETECTOR: tiny_scrfd(), EMBEDDER: tiny_landmark()}, "one embedder and holds none"),
    ],
    ids=lambda v: None if isinstance(v, dict) else v[:20],
)
def test_what_is_no_pack_is_refused(tmp_path: Path, files: dict[str, bytes], what: str) -> None:
    refused(write_folder(tmp_path / "tiny", files), what)


def test_what_is_not_there_or_no_zip(tmp_path: Path) -> None:
    refused(tmp_path / "none.zip", "is not there")
    (tmp_path / "text.zip").write_text("hello")
    refused(tmp_path / "text.zip", "is not a ZIP that can be read")


# Hostile ones


@pytest.mark.parametrize(
    "name",
    [
        "../evil.onnx",
        "a/../../evil.onnx",
        "/etc/evil.onnx",
        "..\\evil.onnx",
        "C:\\evil.onnx",
        "C:evil.onnx",
        "a\nb.onnx",
    ],
)
def test_a_name_that_leads_elsewhere_refuses_the_whole_zip(tmp_path: Path, name: str) -> None:
    refused(write_zip(tmp_path / "p.zip", {**tiny_pack(), entry(name): tiny_scrfd()}), "leads out of its folder")
    refused(write_zip(tmp_path / "q.zip", {**tiny_pack(), entry(f"{name}.txt"): b"unused"}), "leads out of its folder")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, kind: int) -> None:
    files: dict[str | zipfile.ZipInfo, bytes] = {**tiny_pack(), entry("a.onnx", kind | 0o644): b"/etc/passwd"}
    refused(write_zip(tmp_path / "p.zip", files), "a link or a device")


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tiny", {EMBEDDER: tiny_arcface()})
    (tmp_path / "elsewhere").write_bytes(tiny_scrfd())
    (folder / DETECTOR).symlink_to(tmp_path / "elsewhere")
    refused(folder, "a link or no file at all")


def test_a_pipe_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tiny", {EMBEDDER: tiny_arcface()})
    os.mkfifo(folder / DETECTOR)
    refused(folder, "a link or no file at all")


def test_a_zip_bomb_is_told_by_its_ratio(tmp_path: Path) -> None:
    refused(write_zip(tmp_path / "p.zip", {**tiny_pack(), "zeros.onnx": bytes(3 << 20)}), "a ZIP bomb")


def test_a_zip_bomb_is_told_by_what_it_declares(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "p.zip")
    refused(patched(file, DETECTOR, SIZE, struct.pack("<I", 4_000_000_000)), "4,000,000,000 bytes, a ZIP bomb")


@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_more_than_any_pack_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], Path]
) -> None:
    source = write(tmp_path / "p")
    monkeypatch.setattr(packs, "MAX_BYTES", 10_000)
    refused(source, "bytes, more than any pack")
    monkeypatch.setattr(packs, "MAX_BYTES", 1 << 30)
    monkeypatch.setattr(packs, "MAX_FILES", 2)
    refused(source, "3 files, more than any pack")


def test_an_entry_that_is_longer_than_it_declares_is_refused(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "p.zip")
    refused(patched(file, DETECTOR, SIZE, struct.pack("<I", 100)), "Bad CRC")


def test_an_entry_that_is_shorter_than_it_declares_is_refused(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "p.zip")
    refused(patched(file, DETECTOR, SIZE, struct.pack("<I", len(tiny_scrfd()) + 1)), "ends too early")


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """As the ZIP bomb of David Fifield: many entries, one stream."""
    file = write_zip(tmp_path / "p.zip")
    data = file.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = data[start:end]
    count = 3 * 20
    ending = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory) * 20, start, 0)
    file.write_bytes(data[:start] + directory * 20 + ending)
    refused(file, "its entries overlap")


def test_an_encrypted_entry_is_told(tmp_path: Path) -> None:
    refused(patched(write_zip(tmp_path / "p.zip"), DETECTOR, FLAGS, b"\x01\x00"), "is encrypted")


def test_an_unusual_compression_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_LZMA) as z:
        z.writestr(DETECTOR, tiny_scrfd())
    refused(tmp_path / "p.zip", "compressed in an unusual way")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    refused(write_zip(tmp_path / "p.zip", {**tiny_pack(), f"b/{DETECTOR}": tiny_scrfd()}), f"two files {DETECTOR}")


def hostile(change: Callable[[onnx.ModelProto], None]) -> bytes:
    model = onnx.load_model_from_string(tiny_scrfd())
    change(model)
    return bytes(model.SerializeToString())


def elsewhere(model: onnx.ModelProto) -> None:
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../../etc/passwd")


def huge(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(TensorProto(name="huge", data_type=TensorProto.FLOAT, dims=[50_000, 50_000]))


def foreign(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Run", [], ["x"], domain="com.evil"))


@pytest.mark.parametrize("name", [DETECTOR, EMBEDDER, "2d_tiny.onnx"])
@pytest.mark.parametrize(
    ("change", "what"),
    [(elsewhere, "lie in another file"), (huge, "declares 50000x50000 numbers"), (foreign, "not of the ONNX standard")],
)
def test_a_hostile_network_refuses_the_whole_pack(
    tmp_path: Path, name: str, change: Callable[[onnx.ModelProto], None], what: str
) -> None:
    refused(write_zip(tmp_path / "p.zip", {**tiny_pack(), name: hostile(change)}), what)
