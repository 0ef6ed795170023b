"""What a person may be called, and when two spellings are one person."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.errors import InputError
from faceapp.gallery.names import LONGEST, clean_name, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "  ada   LOVELACE "),
        ("Zoë", "Zoe\u0308"),
        ("Straße", "STRASSE"),
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_different_names_have_different_keys() -> None:
    assert len({name_key(n) for n in ("Ada", "Adá", "Ad a", "Eda")}) == 4


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200b",
        "\u0301",
        "a\x00b",
        "a\nb",
        "a\tb",
        "a\u2028b",
        "\u202eada",
        "ada\udce9",
        "a" * (LONGEST + 1),
    ],
)
def test_what_is_no_name_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError) as caught:
        clean_name(name)
    assert "\n" not in str(caught.value)


def test_the_longest_name_counts_after_stripping() -> None:
    assert clean_name("  " + "é" * LONGEST + "\n") == "é" * LONGEST


@given(st.text())
def test_a_cleaned_name_is_clean_and_keeps_its_key(text: str) -> None:
    try:
        name = clean_name(text)
    except InputError:
        return
    assert clean_name(name) == name == unicodedata.normalize("NFC", name)
    assert name_key(name) == name_key(text) != ""
    assert name_key(name_key(name)) == name_key(name)
