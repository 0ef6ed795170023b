"""CSV files of names and paths, well-meant and not."""

import time
from pathlib import Path

import pytest

from faceapp.enrollment.importers.items import Item, Refusal
from faceapp.enrollment.importers.table import LONGEST_LINE, open_table
from faceapp.errors import InputError


def table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path) -> list[tuple[str, str]]:
    source = open_table(path)
    found = list(source)
    assert len(found) == len(source)
    return [(i.name, i.label) if isinstance(i, Item) else (i.code, i.reason) for i in found]


@pytest.mark.parametrize(
    "text",
    [
        "name,path\nAda Lovelace,a/1.jpg\nBo,b.jpg\n",
        "Ada Lovelace,a/1.jpg\nBo,b.jpg",
        "\ufeffName;Path\r\nAda Lovelace;a/1.jpg\r\nBo;b.jpg\r\n",
        'path\tid\tname\na/1.jpg\t7\tAda Lovelace\n"b.jpg"\t8\tBo\n',
        '"Ada Lovelace","a/1.jpg"\n\n\nBo,b.jpg\n',
    ],
    ids=["header", "none", "semicolons", "tabs", "quotes"],
)
def test_names_and_paths(tmp_path: Path, text: str) -> None:
    path = table(tmp_path, text)
    assert rows(path) == [("Ada Lovelace", str(tmp_path / "a/1.jpg")), ("Bo", str(tmp_path / "b.jpg"))]


def test_paths_are_relative_to_the_file_and_may_be_full(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"bytes")
    path = table(tmp_path, f"Ada,1.jpg\nAda,{tmp_path / '1.jpg'}\n")
    items = [i for i in open_table(path) if isinstance(i, Item)]
    assert [i.read() for i in items] == [b"bytes", b"bytes"]
    assert len({i.key for i in items}) == 2


def test_a_row_that_says_nothing_is_a_line(tmp_path: Path) -> None:
    path = table(tmp_path, "name,path\nAda\n,x.jpg\nBo, \nCy,a\0b.jpg\nDee,d.jpg,extra\nEve,e.jpg\n")
    found = list(open_table(path))
    said = [r.reason.removeprefix(str(path)) for r in found if isinstance(r, Refusal)]
    assert said == [
        ", line 2: a name and a path are needed: write `NAME,PATH`",
        ", line 3: the name is missing: write `NAME,PATH`",
        ", line 4: the path is missing: write `NAME,PATH`",
        ", line 5: a NUL in the path: write the path as plain text",
    ]
    assert [i.name for i in found if isinstance(i, Item)] == ["Dee", "Eve"]


def test_without_a_header_a_third_column_is_none_of_ours(tmp_path: Path) -> None:
    assert rows(table(tmp_path, "Ada,1.jpg\nBo,2.jpg,3\n"))[1][0] == "row"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"name,path\n", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "save it as CSV in UTF-8"),
        ("Ada,1.jpg\n".encode("utf-16"), "save it as CSV in UTF-8"),
        (b'Ada,"1.jpg\n' + b"Bo,2.jpg\n" * 3, "line 1: .*quotation marks"),
        (b'Ada,1.jpg\nBo,"2"x.jpg\n', "line 2: .*quotation marks"),
        (b"Ada," + b"x" * LONGEST_LINE, "line 1 has more than"),
        (b"\0" * (LONGEST_LINE + 1), "line 1 has more than"),
    ],
    ids=["nothing", "header", "blank", "picture", "utf16", "open", "quote", "long", "nuls"],
)
def test_what_is_no_table_is_refused_whole(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as e:
        open_table(table(tmp_path, content))
    assert "\n" not in str(e.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "no", "no such file"), (tmp_path, "not a file"), (Path("a\0b"), "cannot be read")):
        with pytest.raises(InputError, match=says):
            open_table(path)


def test_a_million_lines_are_gone_through_one_by_one(tmp_path: Path) -> None:
    path = table(tmp_path, "name,path\n" + "Ada,nowhere.jpg\n" * 1_000_000)
    started = time.process_time()
    source = open_table(path)
    assert len(source) == 1_000_000
    assert next(iter(source)).key == "2:nowhere.jpg"
    assert time.process_time() - started < 10
