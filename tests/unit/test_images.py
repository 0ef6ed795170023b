from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from faceapp import images
from faceapp.errors import InputError
from faceapp.types import BgrImage


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def sample() -> BgrImage:
    """Smooth enough for JPEG, different in every quarter and channel. 30 high, 40 wide."""
    y, x = np.mgrid[0:30, 0:40]
    return np.stack([x * 6, y * 8, (x + y) * 3], axis=2).astype(np.uint8)


def as_pil(image: BgrImage) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("PPM", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95, "subsampling": 0}, 6),
        ("MPO", {"quality": 95, "subsampling": 0}, 6),
        ("JPEG2000", {}, 6),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}, 12),
        ("GIF", {}, 40),
    ],
)
def test_common_formats_become_bgr(kind: str, options: dict[str, Any], tolerance: int, sample: BgrImage) -> None:
    image = images.decode_image(encode(as_pil(sample), kind, **options), "x")
    assert image.dtype == np.uint8
    assert image.shape == sample.shape
    assert image.flags.c_contiguous
    assert np.abs(image.astype(int) - sample).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(orientation: int, sample: BgrImage) -> None:
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = as_pil(np.ascontiguousarray(undo(sample)))
    assert np.array_equal(images.decode_image(encode(stored, "PNG", exif=exif), "x"), sample)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bit_colour_is_scaled(suffix: str, sample: BgrImage) -> None:
    data = cv2.imencode(suffix, sample.astype(np.uint16) * 257)[1].tobytes()
    assert np.abs(images.decode_image(data, "x").astype(int) - sample).max() <= 1


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".pgm"])
def test_sixteen_bit_grey_is_scaled(suffix: str, sample: BgrImage) -> None:
    grey = sample[:, :, 0]
    data = cv2.imencode(suffix, grey.astype(np.uint16) * 257)[1].tobytes()
    assert np.array_equal(images.decode_image(data, "x"), np.repeat(grey[:, :, None], 3, axis=2))


def test_grey_floats_are_shares_of_white() -> None:
    values = np.array([[0.0, 0.5], [1.0, np.nan]], np.float32)
    image = images.decode_image(encode(Image.fromarray(values), "TIFF"), "x")
    assert image[:, :, 0].tolist() == [[0, 128], [255, 0]]


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "YCbCr", "I", "F"])
def test_every_mode_becomes_three_channels(mode: str, sample: BgrImage) -> None:
    kind = "TIFF" if mode in ("CMYK", "YCbCr", "I", "F") else "PNG"
    image = images.decode_image(encode(as_pil(sample).convert(mode), kind), "x")
    assert (image.shape, image.dtype) == (sample.shape, np.uint8)
    assert image.std() > 10


def test_transparency_lies_on_white() -> None:
    rgba = np.zeros((2, 2, 4), np.uint8)
    rgba[0, 0] = (255, 0, 0, 255)
    rgba[0, 1] = (255, 0, 0, 128)
    image = images.decode_image(encode(Image.fromarray(rgba), "PNG"), "x")
    assert image[0].tolist() == [[0, 0, 255], [127, 127, 255]]
    assert (image[1] == 255).all()


def test_a_transparent_palette_entry_lies_on_white() -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([10, 20, 30, 200, 100, 50])
    assert (images.decode_image(encode(picture, "PNG", transparency=0), "x") == 255).all()


def test_one_pixel_is_a_picture() -> None:
    assert images.decode_image(encode(Image.new("RGB", (1, 1), "red"), "PNG"), "x").tolist() == [[[0, 0, 255]]]


def test_fifty_megapixels_are_read() -> None:
    assert images.decode_image(encode(Image.new("L", (8660, 5774), 77), "PNG", compress_level=1), "x").shape == (
        5774,
        8660,
        3,
    )


@pytest.mark.parametrize("size", [(20_000, 10_000), (30_000, 20_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    head = encode(Image.new("L", (16, 16)), "BMP")
    bomb = head[:18] + size[0].to_bytes(4, "little") + size[1].to_bytes(4, "little") + head[26:]
    with pytest.raises(InputError, match="too many"):
        images.decode_image(bomb, "bomb.bmp")


# What is no picture


def problem(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        images.read_image(path)
    line = str(caught.value)
    assert "\n" not in line
    assert path.name.split("\0")[0] in line
    return line


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in problem(tmp_path / "nobody.jpg")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in problem(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    assert "is empty" in problem(tmp_path / "a.jpg")


def test_a_text_file_named_jpg(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("Dear Sir or Madam,\n")
    assert "not a picture we can read" in problem(tmp_path / "a.jpg")


def test_a_name_no_file_can_have(tmp_path: Path) -> None:
    assert "cannot be read" in problem(tmp_path / "a\0b.jpg")


def test_a_file_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    assert "cannot be read" in problem(tmp_path / "a.jpg" / "b.jpg")


def test_postscript_is_not_run(tmp_path: Path, sample: BgrImage) -> None:
    (tmp_path / "a.eps").write_bytes(encode(as_pil(sample), "EPS"))
    assert "not a picture we can read" in problem(tmp_path / "a.eps")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_cut_off_anywhere_is_damaged(kind: str, share: float, tmp_path: Path, astronaut: BgrImage) -> None:
    data = encode(as_pil(astronaut[:128, :128]), kind)
    (tmp_path / "a.jpg").write_bytes(data[: int(len(data) * share)])
    line = problem(tmp_path / "a.jpg")
    assert "damaged or cut off" in line or "not a picture we can read" in line


def test_mutilated_bytes_are_a_picture_or_a_line(sample: BgrImage, capfd: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(11)  # noqa: S311 - the same bytes every time
    kinds = ("JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP", "PPM", "JPEG2000", "AVIF")
    whole = {kind: encode(as_pil(sample), kind) for kind in kinds}
    lines = []
    for i in range(600):
        data = bytearray(whole[kinds[i % len(kinds)]])
        for _ in range(chance.choice((1, 4, 16))):
            data[chance.randrange(min(len(data), 400))] = chance.randrange(256)
        try:
            image = images.decode_image(bytes(data), "x.jpg")
            assert (image.dtype, image.ndim, image.shape[2]) == (np.uint8, 3, 3)
        except InputError as e:
            lines.append(str(e))
    assert 100 < len(lines) < 600
    assert not [line for line in lines if "\n" in line]
    capfd.readouterr()  # libtiff grumbles on stderr


def test_jpeg_comes_back_as_it_was(sample: BgrImage) -> None:
    data = images.encode_jpeg(sample)
    assert data.startswith(b"\xff\xd8")
    assert np.abs(images.decode_image(data, "x").astype(int) - sample).max() < 12
    assert len(images.encode_jpeg(sample, quality=30)) < len(data)


def test_the_astronaut_is_there(astronaut: BgrImage) -> None:
    assert astronaut.shape == (512, 512, 3)
    assert astronaut[0, 0].max() > 0
