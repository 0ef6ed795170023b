"""What a person may be called, and when two spellings are one name."""

from __future__ import annotations

import unicodedata

from faceapp.errors import InputError

LONGEST = 120
"""Characters of the longest name, after stripping."""

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates: they make one name look like another, or a whole line read backwards."""

_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, lone surrogates (not text at all), line and paragraph separators."""


def clean_name(name: str) -> str:
    """`name` as it is stored and shown: NFC, stripped, each run of spaces one space.

    Raises InputError for a name that is empty, longer than 120 characters, or holds a control character.
    """
    text = unicodedata.normalize("NFC", name.strip())
    if any(c in _BIDI or unicodedata.category(c) in _REFUSED for c in text):
        raise InputError("a name cannot hold control characters or line breaks: write it as plain text")
    text = " ".join(text.split())
    if not any(unicodedata.category(c)[0] in "LNPS" for c in text):
        raise InputError("a name needs at least one visible character: write a name")
    if len(text) > LONGEST:
        raise InputError(f"this name has {len(text)} characters, at most {LONGEST} are possible: shorten it")
    return text


def name_key(name: str) -> str:
    """What makes two spellings one person: NFC, case folded, each run of white space one space.

    Raises InputError for what is no text: bytes of a command line that aren't UTF-8 arrive as lone surrogates, which
    SQLite can't be asked for."""
    if any(unicodedata.category(c) == "Cs" for c in name):
        raise InputError("a name cannot hold bytes that are no text: write it in UTF-8")
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())  # folding can take NFC apart again
