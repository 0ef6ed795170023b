"""Checked reading of TOML: every value is asked for by type, and what nobody asked for is an error."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faceapp.errors import UnavailableError

_SHA256 = re.compile(r"[0-9a-f]{64}")


RESTORE = "restore the file"


def read_toml(file: Path) -> Table:
    """The whole file. Raises UnavailableError where it is missing or not TOML."""
    try:
        with file.open("rb") as f:
            return Table(tomllib.load(f), str(file), "")
    except FileNotFoundError as e:
        raise UnavailableError(f"{file} is missing: install faceapp again") from e
    except (OSError, ValueError, RecursionError) as e:
        raise UnavailableError(f"{file} cannot be read ({e}): restore it") from e


def parse_toml(text: str, file: Path, advice: str) -> Table:
    """`text` as if it stood in `file`; `advice` ends each error's line. Raises UnavailableError if it isn't TOML."""
    try:
        return Table(tomllib.loads(text), str(file), "", advice)
    except (ValueError, RecursionError) as e:
        raise UnavailableError(f"{file} is not TOML ({e}): {advice}") from e


class Table:
    """One table and where it stands. Each accessor raises UnavailableError, in one line, for a wrong value."""

    def __init__(self, values: Mapping[str, Any], file: str, place: str, advice: str = RESTORE) -> None:
        self._values = values
        self._file = file
        self._place = place
        self._advice = advice
        self._asked: set[str] = set()

    def error(self, what: str) -> UnavailableError:
        place = f"{self._place}: " if self._place else ""
        return UnavailableError(f"{self._file}: {place}{what}: {self._advice}")

    def done(self) -> None:
        """Every key has been asked for, or it is an error: a misspelt key must not be passed over."""
        unknown = sorted(self._values.keys() - self._asked)
        if unknown:
            raise self.error(f"there is no {unknown[0]!r} here")

    def _get(self, key: str, kinds: type | tuple[type, ...], what: str, required: bool = True) -> Any:
        self._asked.add(key)
        if key not in self._values:
            if not required:
                return None
            raise self.error(f"{key} is missing")
        value = self._values[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise self.error(f"{key} must be {what}")
        return value

    def text(self, key: str, *, required: bool = True) -> str:
        value = self._get(key, str, "text", required)
        if required and not value.strip():
            raise self.error(f"{key} is empty")
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._get(key, list, "a list of texts")
        if not values or not all(isinstance(v, str) for v in values):
            raise self.error(f"{key} must be a list of texts")
        return tuple(values)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.error(f"{key} must be {' or '.join(allowed)}, not {value!r}")
        return value

    def sha256(self, key: str) -> str:
        value = self.text(key)
        if not _SHA256.fullmatch(value):
            raise self.error(f"{key} is not a SHA-256 in hexadecimal")
        return value

    def flag(self, key: str, *, required: bool = True) -> bool:
        """False where it may be missing and is."""
        return bool(self._get(key, bool, "true or false", required))

    def integer(self, key: str, *, low: int = 0, high: int = 1 << 40) -> int:
        value = int(self._get(key, int, "a whole number"))
        if not low <= value <= high:
            raise self.error(f"{key} must be {low} to {high}, not {value}")
        return value

    def number(self, key: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        value = float(self._get(key, (int, float), "a number"))
        if not low <= value <= high:
            raise self.error(f"{key} must be {low:g} to {high:g}, not {value:g}")
        return value

    def numbers(self, key: str, count: int | None = None) -> tuple[float, ...]:
        values = self._get(key, list, "a list of numbers")
        if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in values):
            raise self.error(f"{key} must be a list of numbers")
        if count is not None and len(values) != count:
            raise self.error(f"{key} must hold {count} numbers, not {len(values)}")
        return tuple(float(v) for v in values)

    def points(self, key: str, count: int) -> tuple[tuple[float, float], ...]:
        """`count` pairs [x, y]."""
        values = self._get(key, list, "a list of points")
        pairs = [Table({"point": v}, self._file, self._place, self._advice).numbers("point", 2) for v in values]
        if len(pairs) != count:
            raise self.error(f"{key} must hold {count} points, not {len(pairs)}")
        return tuple((x, y) for x, y in pairs)

    def table(self, key: str) -> Table:
        return Table(self._get(key, dict, "a table"), self._file, self._join(key), self._advice)

    def tables(self, key: str, *, required: bool = True) -> dict[str, Table]:
        """Named tables below `key`, in the file's order."""
        values = self._get(key, dict, "a table", required) or {}
        inner = Table(values, self._file, self._join(key), self._advice)
        return {name: inner.table(name) for name in values}

    def list_of_tables(self, key: str) -> list[Table]:
        values = self._get(key, list, "a list of tables")
        if not all(isinstance(v, dict) for v in values):
            raise self.error(f"{key} must be a list of tables")
        return [Table(v, self._file, f"{self._join(key)}[{i}]", self._advice) for i, v in enumerate(values)]

    def _join(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key
