"""The languages of the kiosk, through Qt's own translation files. The words in the code are the English ones."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from faceapp.app.resources import resource

LANGUAGES: tuple[tuple[str, str], ...] = (("en", "English"), ("de", "Deutsch"), ("fr", "Français"))
"""Code and name of each, in itself."""
SOURCE = "en"


def known_language(code: str) -> str:
    """`code` where we speak it, else the first of the system's languages that we do, else English."""
    codes = [c for c, _ in LANGUAGES]
    wished = [code, *QLocale.system().uiLanguages()] if code else QLocale.system().uiLanguages()
    return next((w[:2].lower() for w in wished if w[:2].lower() in codes), SOURCE)


def translation(code: str) -> Path:
    """The compiled translation into the language `code`."""
    return resource("translations", f"faceapp_{code}.qm")


class Languages:
    """Changes the application's language. Widgets learn of it by QEvent.LanguageChange."""

    def __init__(self, app: QCoreApplication) -> None:
        self._app = app
        self._translators: list[QTranslator] = []
        self.current = SOURCE

    def choose(self, code: str) -> None:
        """Speak `code`, as `known_language` gave it. A file that can't be read leaves the English words."""
        self.restore()
        self.current = code
        if code == SOURCE:
            return
        theirs = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / f"qtbase_{code}.qm"
        for file in (theirs, translation(code)):
            translator = QTranslator()
            if translator.load(str(file)):
                self._translators.append(translator)
                self._app.installTranslator(translator)

    def restore(self) -> None:
        """English again."""
        for translator in self._translators:
            self._app.removeTranslator(translator)
        self._translators.clear()
        self.current = SOURCE
