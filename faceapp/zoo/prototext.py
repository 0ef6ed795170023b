"""A reader of the protocol buffers text format, as far as Caffe's `deploy.prototxt` files use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from faceapp.zoo.wire import ConversionError

Scalar: TypeAlias = "str | float"

_TOKEN = re.compile(r"""\s+|\#[^\n]*|(?P<token>[{}:;,]|"[^"\n]*"|'[^'\n]*'|[^\s{}:;,"'#]+)""")
_MAX_DEPTH = 20


class Section:
    """One block of `key: value` and `key { ... }` entries; a key may stand more than once."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Scalar | Section]] = {}

    def put(self, key: str, value: Scalar | Section) -> None:
        self._entries.setdefault(key, []).append(value)

    def sections(self, key: str) -> list[Section]:
        return [v for v in self._entries.get(key, []) if isinstance(v, Section)]

    def section(self, key: str) -> Section:
        """The last block of that name; an empty one where there is none."""
        found = self.sections(key)
        return found[-1] if found else Section()

    def words(self, key: str) -> list[str]:
        return [v for v in self._entries.get(key, []) if isinstance(v, str)]

    def word(self, key: str, default: str = "") -> str:
        return (self.words(key) or [default])[-1]

    def numbers(self, key: str) -> list[float]:
        return [v for v in self._entries.get(key, []) if isinstance(v, float)]

    def number(self, key: str, default: float) -> float:
        return (self.numbers(key) or [default])[-1]

    def integer(self, key: str, default: int) -> int:
        value = self.number(key, default)
        if value != int(value):
            raise ConversionError(f"{key} is {value:g}, not a whole number")
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        return self.word(key, "true" if default else "false") == "true"


def parse(text: str) -> Section:
    """The whole file as one section. Raises ConversionError where it is not prototext."""
    tokens = _tokens(text)
    top = Section()
    _fill(top, tokens, 0)
    return top


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ConversionError(f"line {text.count(chr(10), 0, at) + 1} of the prototxt cannot be read")
        at = found.end()
        if found["token"]:
            yield found["token"]


def _fill(section: Section, tokens: Iterator[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ConversionError("the prototxt is nested too deeply")
    for key in tokens:
        if key == "}" and depth:
            return
        if key in (";", ","):
            continue
        if not key[0].isalpha():
            raise ConversionError(f"{key!r} stands in the prototxt where a name belongs")
        value = next(tokens, "")
        if value == ":":
            value = next(tokens, "")
        if value == "{":
            inner = Section()
            _fill(inner, tokens, depth + 1)
            section.put(key, inner)
        elif not value or value in "}:;,":
            raise ConversionError(f"{key} has no value in the prototxt")
        else:
            section.put(key, _scalar(value))
    if depth:
        raise ConversionError("the prototxt ends within a block")


def _scalar(token: str) -> Scalar:
    if token[0] in "\"'":
        return token[1:-1]
    try:
        return float(token)
    except ValueError:
        return token
