"""A CSV file of names and paths.

    name,path
    Ada Lovelace,photos/ada.jpg

The first line may be left out: then the columns are name and path. Columns are parted by comma, semicolon or tab; the
text is UTF-8; a path is relative to the file's own folder. The file is gone through once before anything is enrolled,
so that one that isn't such a table is refused whole.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from faceapp.enrollment.importers.items import Closing, Item, Refusal, file_item, resolved, shown
from faceapp.errors import InputError

LONGEST_LINE = 65_536
"""Characters of a line: two of the longest paths and a name are shorter."""


class TableSource(Closing):
    """The rows of one CSV file, in their order."""

    kind = "csv"
    notes: tuple[str, ...] = ()
    height: int | None = None

    def __init__(self, path: Path) -> None:
        self.title = shown(path)
        self.key = f"csv:{resolved(path)}"
        self._path = path
        self._rows = sum(1 for _ in self._lines())
        if not self._rows:
            raise InputError(f"{self.title} is empty: each line is a name and a path, `Ada Lovelace,photos/ada.jpg`")

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[Item | Refusal]:
        for number, name, picture in self._lines():
            key = f"{number}"
            where = f"{self.title}, line {number}"
            if picture is None:
                yield Refusal(key, where, "row", f"{where}: a name and a path are needed: write `NAME,PATH`")
            elif not name.strip() or not picture.strip():
                missing = "path" if name.strip() else "name"
                yield Refusal(key, where, "row", f"{where}: the {missing} is missing: write `NAME,PATH`")
            elif "\0" in picture:
                yield Refusal(key, where, "row", f"{where}: a NUL in the path: write the path as plain text")
            else:
                yield file_item(f"{number}:{picture}", self._path.parent / picture, name)

    def _lines(self) -> Iterator[tuple[int, str, str | None]]:
        """Line number, name and path of each row; a path of None where the row hasn't two columns."""
        try:
            if self._path.exists() and not self._path.is_file():
                raise InputError(f"{self.title} is not a file: name a CSV file of names and paths")
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                yield from self._parsed(file)
        except FileNotFoundError as e:
            raise InputError(f"{self.title}: there is no such file") from e
        except UnicodeDecodeError as e:
            raise InputError(f"{self.title} is not a table we can read: save it as CSV in UTF-8") from e
        except (OSError, ValueError) as e:
            raise InputError(f"{self.title} cannot be read: {getattr(e, 'strerror', None) or e}") from e

    def _parsed(self, file: TextIO) -> Iterator[tuple[int, str, str | None]]:
        first = file.readline(LONGEST_LINE)
        file.seek(0)
        reader = csv.reader(self._short_lines(file), delimiter=max(",;\t", key=first.count), strict=True)
        name_column, path_column, header, width = 0, 1, False, 2
        number = 1
        try:
            for row in reader:
                if number == 1:
                    titles = [cell.strip().casefold() for cell in row]
                    if "name" in titles and "path" in titles:
                        name_column, path_column, header = titles.index("name"), titles.index("path"), True
                        width = len(row)
                if row and not (header and number == 1):
                    good = len(row) == width or (header and len(row) > max(name_column, path_column))
                    yield (number, row[name_column], row[path_column]) if good else (number, "", None)
                number = reader.line_num + 1
        except csv.Error as e:
            raise InputError(f"{self.title}, line {number}: {e}: check its quotation marks") from e

    def _short_lines(self, file: TextIO) -> Iterator[str]:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                raise InputError(f"{self.title}, line {number} has more than {LONGEST_LINE} characters: is it a table?")
            yield line


def open_table(path: Path) -> TableSource:
    """The pictures that the CSV file `path` names. Raises InputError where it can't be read or is no such table."""
    return TableSource(path)
