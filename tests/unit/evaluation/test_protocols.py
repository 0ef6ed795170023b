from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import InputError
from faceapp.evaluation.protocols import read_pairs


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "pairs.txt"
    file.write_text(text)
    return file


def test_the_form_of_lfw(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, "2\t1\nAda\t1\t2\nAda\t1\tBob\t3\nEve\t2\t3\nEve\t2\tBob\t1\n"))
    assert pairs.left == ("Ada/Ada_0001.jpg", "Ada/Ada_0001.jpg", "Eve/Eve_0002.jpg", "Eve/Eve_0002.jpg")
    assert pairs.right[1] == "Bob/Bob_0003.jpg"
    assert pairs.same.tolist() == [True, False, True, False]
    assert pairs.fold.tolist() == [0, 0, 1, 1]
    assert pairs.pictures[0] == "Ada/Ada_0001.jpg"
    assert len(pairs.pictures) == 6


def test_plain_paths_with_a_header_and_without(tmp_path: Path) -> None:
    lines = "".join(f"a b {k}.jpg\tc.jpg\t{k % 2}\n" for k in range(20))
    assert read_pairs(write(tmp_path, "10\t1\n" + lines)).fold.tolist() == [k // 2 for k in range(20)]
    plain = read_pairs(write(tmp_path, lines))
    assert plain.left[3] == "a b 3.jpg"
    assert plain.fold.max() == 9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no pairs"),
        ("a.jpg\tb.jpg\tmaybe\n", "line 1"),
        ("10\t3\na\tb\t1\n", "promises 60"),
        ("3\na b 1\na c 0\n", "promises 6"),
        ("0\na b 1\n", "promises 0"),
        ("Ada 1\nAda 1 2\n", "line 1"),
        (f"{'9' * 5000}\na b 1\n", "line 1: expected"),
        (f"{'9' * 4000}\t{'9' * 4000}\na b 1\n", "line 1: expected"),
        (f"Ada 1 2\nAda\t{'1' * 5000}\t2\n", "line 2: expected"),
        (f"Ada 1 Bob {'1' * 5000}\n", "line 1: expected"),
        ("a.jpg b.jpg 1\n/dev/zero b.jpg 0\n", "line 2: pictures inside"),
        ("a.jpg ../b.jpg 1\n", "line 1: pictures inside"),
        ("a/../../b.jpg a.jpg 1\n", "line 1: pictures inside"),
        ("../Ada 1 2\n", "line 1: pictures inside"),
        ("Ada 1 /Bob 2\n", "line 1: pictures inside"),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_pairs(write(tmp_path, text))


def test_a_missing_list(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(tmp_path / "none.txt")


def test_view_1_deals_both_kinds_into_every_fold(tmp_path: Path) -> None:
    genuine = "".join(f"Ada\t{k}\t{k + 1}\n" for k in range(1, 21))
    impostors = "".join(f"Ada\t{k}\tBob\t{k}\n" for k in range(1, 21))
    pairs = read_pairs(write(tmp_path, "20\n" + genuine + impostors))
    assert pairs.named
    assert pairs.fold.tolist() == [k // 2 for k in range(20)] * 2


def test_a_list_of_few_pairs_has_fewer_folds(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, "a b 1\nc d 1\na c 0\na d 0\n"))
    assert not pairs.named
    assert pairs.fold.tolist() == [0, 5, 0, 5]


def test_windows_line_ends_spaces_and_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_bytes("\ufeff1\r\na.jpg  b.jpg 1\r\n\r\nc.jpg d.jpg 0 \r\n".encode())
    pairs = read_pairs(file)
    assert (pairs.left, pairs.right) == (("a.jpg", "c.jpg"), ("b.jpg", "d.jpg"))


def test_a_part_of_the_pairs_keeps_its_folds(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, "2 1\na b 1\na c 0\nc d 1\nb d 0\n"))
    part = pairs.only(np.array([False, True, True, False]))
    assert (part.left, part.fold.tolist(), part.same.tolist()) == (("a", "c"), [0, 1], [False, True])
