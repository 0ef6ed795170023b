"""A badge reader's keys, put together again."""

from __future__ import annotations

from faceapp.gui.kiosk.badge_reader import LONGEST, BadgeReader

MS = 1_000_000


def typed(reader: BadgeReader, text: str, at_ms: float = 0) -> None:
    for i, c in enumerate(text):
        reader.type(c, round((at_ms + i) * MS))


def test_what_was_typed_until_enter_is_the_code() -> None:
    reader = BadgeReader()
    typed(reader, "04:A2 7f")
    assert reader.enter(20 * MS) == "04:A2 7f"
    assert reader.enter(21 * MS) is None, "and it is forgotten"


def test_silence_of_two_seconds_ends_it() -> None:
    reader = BadgeReader()
    typed(reader, "12")
    assert reader.is_typing(1999 * MS)
    assert not reader.is_typing(2001 * MS)
    typed(reader, "34", 2002)
    assert reader.enter(2010 * MS) == "34"


def test_more_than_256_characters_are_no_badge() -> None:
    reader = BadgeReader()
    typed(reader, "7" * LONGEST)
    assert reader.enter(300 * MS) == "7" * LONGEST
    typed(reader, "7" * (LONGEST + 1), 400)
    assert reader.enter(700 * MS) is None
    typed(reader, "8", 701)
    assert reader.enter(702 * MS) == "8", "the next one is read as ever"


def test_control_characters_and_a_leading_space_are_nothing() -> None:
    reader = BadgeReader()
    assert not reader.type(" ", 0)
    assert not reader.type("\x1b", 0)
    assert not reader.type("", 0)
    assert reader.enter(0) is None


def test_nothing_tells_what_it_holds() -> None:
    reader = BadgeReader()
    typed(reader, "secret42")
    assert "secret42" not in repr(reader) + str(reader)
