"""HDF5 data sets: the course's layout, plain pairs, and files that mean us harm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from faceapp.enrollment.importers.hdf5 import open_hdf5
from faceapp.enrollment.importers.hdf5_checks import MAX_CHUNK, MAX_ROWS
from faceapp.enrollment.importers.items import Item, Refusal
from faceapp.errors import InputError

PICTURES = np.arange(5 * 4 * 6 * 3, dtype=np.uint8).reshape(5, 4, 6, 3)
NAMES = ["Ada", "Bo", "Ada", "Éva", "Cy"]


def write(tmp_path: Path, fill: Callable[[Any], object]) -> Path:
    path = tmp_path / "set.h5"
    with h5py.File(path, "w") as file:
        fill(file)
    return path


def plain(file: Any, **how: Any) -> None:
    file.create_dataset("images", data=PICTURES, **how)
    file["names"] = NAMES


def names(path: Path) -> list[str]:
    with open_hdf5(path) as source:
        found = [i.name if isinstance(i, Item) else i.code for i in source]
        assert len(found) == len(source)
        return found


def refused(path: Path) -> str:
    with pytest.raises(InputError) as e:
        open_hdf5(path)
    line = str(e.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    return line


@pytest.mark.parametrize("how", [{}, {"chunks": (2, 4, 6, 3), "compression": "gzip", "shuffle": True}])
def test_images_and_names(tmp_path: Path, how: dict[str, Any]) -> None:
    path = write(tmp_path, lambda f: plain(f, **how))
    assert names(path) == NAMES
    with open_hdf5(path) as source:
        items = [i for i in source if isinstance(i, Item)]
        assert source.notes == ()
        for item, picture in zip(items, PICTURES, strict=True):
            assert np.array_equal(item.decode(item.read()), picture[:, :, ::-1])  # red first there, blue first here
        assert [i.key for i in items] == [f"images[{row}]" for row in range(5)]
        assert items[3].label == f"{path}, images[3]"


def test_the_courses_layout_without_names(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file["test_set_x"], file["test_set_y"] = PICTURES, np.array([1, 0, 1, 1, 0])
        file["train_set_x"], file["train_set_y"] = PICTURES[:2], np.array([[0, 1]])
        file["list_classes"] = np.array([0, 1])

    path = write(tmp_path, fill)
    assert names(path) == [f"label {k}" for k in (1, 0, 1, 1, 0, 0, 1)]
    with open_hdf5(path) as source:
        assert "names nobody" in source.notes[0]


def test_the_courses_layout_with_names(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file["train_set_x"], file["train_set_y"] = PICTURES, np.array([1, 0, 2, -1, 0])
        file["list_classes"] = np.array([b"Ada", "Éva".encode()])

    path = write(tmp_path, fill)
    assert names(path) == ["Éva", "Ada", "row", "row", "Ada"]
    with open_hdf5(path) as source:
        reasons = [r.reason for r in source if isinstance(r, Refusal)]
    assert reasons[0] == f"{path}, train_set_x[2]: its label 2 is none of the 2 names: mend the labels"


def test_labels_may_be_texts_and_pictures_grey(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file["images"] = PICTURES[:, :, :, 0]
        file["labels"] = np.array([b"Ada", b"Bo", b"C\xff", b"", b"Eve"])

    path = write(tmp_path, fill)
    assert names(path) == ["Ada", "Bo", "row", "", "Eve"]
    with open_hdf5(path) as source:
        first = next(i for i in source if isinstance(i, Item))
        assert np.array_equal(first.decode(first.read()), np.repeat(PICTURES[0, :, :, :1], 3, axis=2))


# Damage and malice


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off(tmp_path: Path, kept: float) -> None:
    path = write(tmp_path, plain)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert "damaged, cut off" in refused(path)


def test_what_is_no_hdf5_file(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Ada,1.jpg")
    assert "is not an HDF5 file" in refused(tmp_path / "text")
    assert "no such file" in refused(tmp_path / "nothing")
    assert "is not a file" in refused(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        open_hdf5(Path("a\0b"))


def test_links_are_never_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.h5"
    with h5py.File(elsewhere, "w") as other:
        plain(other)

    def fill(file: Any) -> None:
        file["images"] = h5py.ExternalLink(str(elsewhere), "/images")
        file["names"] = NAMES

    assert "`images` and `names`" in refused(write(tmp_path, fill))

    def loops(file: Any) -> None:
        plain(file)
        file["train_set_x"] = h5py.SoftLink("/test_set_x")
        file["test_set_x"] = h5py.SoftLink("/train_set_x")
        file["around"] = file["/"]
        file["gone"] = h5py.ExternalLink("nowhere.h5", "/x")

    path = write(tmp_path, loops)
    assert names(path) == NAMES
    with open_hdf5(path) as source:
        assert source.notes == (f"{path}: links are not followed: gone, test_set_x, train_set_x",)


def test_data_in_other_files_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(PICTURES.nbytes))

    def external(file: Any) -> None:
        where = [(str(tmp_path / "secret"), 0, PICTURES.nbytes)]
        file.create_dataset("images", PICTURES.shape, np.uint8, external=where)
        file["names"] = NAMES

    def virtual(file: Any) -> None:
        layout = h5py.VirtualLayout(PICTURES.shape, np.uint8)
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret"), "x", PICTURES.shape)
        file.create_virtual_dataset("images", layout)
        file["names"] = NAMES

    for fill in (external, virtual):
        assert "lies in other files" in refused(write(tmp_path, fill))


def huge(shape: tuple[int, ...], **how: Any) -> Callable[[Any], None]:
    def fill(file: Any) -> None:
        file.create_dataset("images", shape, np.uint8, **how)
        file.create_dataset("names", (shape[0],), "S4", chunks=(1,))

    return fill


def holding_one(file: Any) -> None:
    huge((1_000_000, 1000, 1000, 3), chunks=(1, 1000, 1000, 3), compression="gzip")(file)
    file["images"][0] = 0


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        (huge((MAX_ROWS + 1, 4, 4, 3), chunks=(1, 4, 4, 3)), "at most"),
        (huge((10, 100_000, 100_000, 3), chunks=(1, 100, 100, 3)), "pictures of 100000x100000 pixels"),
        (huge((1000, 7000, 7000, 3), chunks=(1, 7000, 7000, 3)), "was never written"),
        (holding_one, "holds next to nothing"),
        (lambda f: f.update({"images": h5py.Empty("u1"), "names": NAMES}), "of shape"),
        (lambda f: f.update({"images": PICTURES, "names": NAMES[:4]}), "one label for each"),
        (lambda f: f.update({"images": PICTURES / 255, "names": NAMES}), "float64"),
        (lambda f: f.update({"images": PICTURES.transpose(0, 3, 1, 2), "names": NAMES}), "of shape"),
        (lambda f: f.update({"images": PICTURES, "names": np.zeros(5, [("a", "i4"), ("b", "i4")])}), "whole numbers"),
        (lambda f: f.update({"images": PICTURES, "names": np.zeros(5)}), "whole numbers"),
        (lambda f: f.update({"images": PICTURES, "names": np.zeros(5, "S5000")}), "names have at most"),
        (lambda f: f.update({"images": PICTURES[:0], "names": np.zeros(0, "S4")}), "holds no pictures"),
        (lambda f: f.update({"images": PICTURES}), "it holds images:"),
        (lambda f: f.create_group("images"), "nothing of its own"),
    ],
)
def test_what_is_refused_before_anything_is_read(tmp_path: Path, fill: Callable[[Any], None], says: str) -> None:
    assert says in refused(write(tmp_path, fill))


def test_objects_are_not_read(tmp_path: Path) -> None:
    def references(file: Any) -> None:
        file["images"] = PICTURES
        file.create_dataset("names", (5,), h5py.ref_dtype)

    def ragged(file: Any) -> None:
        data = file.create_dataset("images", (5,), h5py.vlen_dtype(np.uint8))
        data[0] = [1, 2, 3]
        file["names"] = NAMES

    assert "of objects: labels are" in refused(write(tmp_path, references))
    assert "of objects of shape (5,)" in refused(write(tmp_path, ragged))


def test_a_compression_that_needs_a_plugin(tmp_path: Path) -> None:
    path = write(tmp_path, lambda f: plain(f, chunks=(1, 4, 6, 3), compression="lzf"))
    assert names(path) == NAMES
    data = path.read_bytes()
    assert data.count(b"lzf\0") == 1
    at = data.index(b"lzf\0") - 8  # the filter's number stands before its name's length, flags and count of values
    assert int.from_bytes(data[at : at + 2], "little") == 32000
    path.write_bytes(data[:at] + (32001).to_bytes(2, "little") + data[at + 2 :])
    assert "needs a plugin" in refused(path)


def test_too_large_chunks_and_too_many_members(tmp_path: Path) -> None:
    def chunks(file: Any) -> None:
        rows = MAX_CHUNK // 7_500_000 + 1
        data = file.create_dataset(
            "images", (rows, 2500, 1000, 3), np.uint8, chunks=(rows, 2500, 1000, 3), compression=9
        )
        data.id.write_direct_chunk((0, 0, 0, 0), bytes(300_000))
        file.create_dataset("names", (rows,), "S4", chunks=(1,))

    assert "use smaller chunks" in refused(write(tmp_path, chunks))
    many = write(tmp_path, lambda f: [f.create_group(f"{k}") for k in range(10_001)])
    assert "holds 10001 things" in refused(many)


def test_a_damaged_row_is_that_row(tmp_path: Path) -> None:
    path = write(tmp_path, lambda f: plain(f, chunks=(1, 4, 6, 3), compression="gzip"))
    with h5py.File(path, "r") as file:
        chunk = file["images"].id.get_chunk_info(2)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset : chunk.byte_offset + 4] = b"\0\0\0\0"
    path.write_bytes(data)
    with open_hdf5(path) as source:
        items = [i for i in source if isinstance(i, Item)]
        assert items[1].read()
        with pytest.raises(InputError, match=r"images\[2\] is damaged") as e:
            items[2].read()
    assert "\n" not in str(e.value)
