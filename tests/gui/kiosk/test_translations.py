"""Every word of the kiosk exists in every language, and the compiled files are those of the committed words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree as ET  # our own files

import pytest
from PyQt6.QtCore import QTranslator
from PyQt6.QtWidgets import QApplication

import faceapp.gui
from faceapp.app.resources import resource
from faceapp.gui.kiosk.languages import LANGUAGES, SOURCE, Languages, known_language, translation

GUI = Path(faceapp.gui.__file__).parent
CODES = [code for code, _ in LANGUAGES if code != SOURCE]


def words_of(tree: ast.AST, context: str | None = None) -> Iterator[tuple[str, str]]:
    """(context, words) of each tr() and translate() below `tree`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
            if name == "translate" and len(texts) >= 2:
                assert isinstance(texts[0], str), f"line {node.lineno}: only literal words can be collected"
                assert isinstance(texts[1], str), f"line {node.lineno}: only literal words can be collected"
                yield texts[0], texts[1]
            elif name == "tr":
                assert context is not None
                assert isinstance(texts[0], str), f"line {node.lineno}: only literal words can be collected"
                yield context, texts[0]
        yield from words_of(node, node.name if isinstance(node, ast.ClassDef) else context)


def in_code() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for folder in ("kiosk", "admin"):
        for file in sorted((GUI / folder).glob("*.py")):
            found |= set(words_of(ast.parse(file.read_text(encoding="utf-8"))))
    return found


def translated(code: str) -> dict[tuple[str, str], str]:
    """What the .ts of a language has, finished translations only."""
    root = ET.parse(resource("translations", f"faceapp_{code}.ts")).getroot()  # noqa: S314  # our own file
    result = {}
    for context in root.iter("context"):
        for each in context.iter("message"):
            target = each.find("translation")
            if target is not None and target.get("type") is None and target.text:
                result[context.findtext("name", ""), each.findtext("source", "")] = target.text
    return result


def test_the_words_are_found() -> None:
    words = in_code()
    assert ("Kiosk", "Out of order") in words
    assert len(words) > 45


@pytest.mark.parametrize("code", CODES)
def test_every_word_is_translated(code: str) -> None:
    assert sorted(in_code() - translated(code).keys()) == [], "run scripts/translations.sh and translate"


@pytest.mark.parametrize("code", CODES)
def test_places_to_fill_survive_translation(code: str) -> None:
    for (_, source), target in translated(code).items():
        for place in ("%1", "%2"):
            assert source.count(place) == target.count(place), source

        def fields(text: str) -> list[str]:
            return sorted(name for _, name, _, _ in Formatter().parse(text.replace("%", "")) if name)

        assert fields(source) == fields(target), source


@pytest.mark.parametrize("code", CODES)
def test_the_compiled_file_really_translates(qapp: QApplication, code: str) -> None:
    translator = QTranslator()
    assert translator.load(str(translation(code)))
    qapp.installTranslator(translator)
    try:
        said = {words: qapp.translate(*words) for words in translated(code)}
    finally:
        qapp.removeTranslator(translator)
    meant = translated(code)
    stale = {words: text for words, text in said.items() if text != meant[words]}
    assert stale == {}, "run scripts/translations.sh"


def test_choosing_a_language_and_going_back(qapp: QApplication) -> None:
    languages = Languages(qapp)
    try:
        languages.choose("de")
        assert qapp.translate("Kiosk", "Out of order") == "Außer Betrieb"
        languages.choose("fr")
        assert qapp.translate("Kiosk", "Out of order") == "Hors service"
    finally:
        languages.restore()
    assert qapp.translate("Kiosk", "Out of order") == "Out of order"


def test_an_unknown_language_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from faceapp.gui.kiosk import languages

    class Swiss:
        @staticmethod
        def uiLanguages() -> list[str]:  # noqa: N802  # Qt's name
            return ["rm-CH", "fr-CH", "de-CH"]

    monkeypatch.setattr(languages.QLocale, "system", lambda: Swiss)
    assert known_language("de") == "de"
    assert known_language("") == "fr"
    assert known_language("xx") == "fr"
    monkeypatch.setattr(Swiss, "uiLanguages", staticmethod(lambda: ["ja"]))
    assert known_language("") == "en"
