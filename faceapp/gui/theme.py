"""Light and dark: the system's choice or the user's, applied to the whole application at once."""

from __future__ import annotations

from string import Template
from typing import Literal, TypeAlias, cast, get_args

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PyQt6.QtWidgets import QApplication, QStyleFactory

from faceapp.app.resources import resource
from faceapp.gui.tokens import DARK, HIGH_CONTRAST, LIGHT, Tokens, as_mapping

SchemeChoice: TypeAlias = Literal["system", "light", "dark"]

FAMILY = "Inter"
_FONT_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf")
_SMALLEST_TEXT = 10.0


class Theme(QObject):
    """Keeps palette, style sheet and font of `app` in step with the scheme. `changed` tells widgets to redraw icons.

    Nothing is touched before `apply`.
    """

    changed = pyqtSignal()

    def __init__(self, app: QApplication, choice: SchemeChoice = "system") -> None:
        super().__init__(app)
        self._app = app
        self._choice: SchemeChoice = choice
        self._system_is_dark = False
        self._high_contrast = False
        self.tokens: Tokens = LIGHT

    @property
    def choice(self) -> SchemeChoice:
        return self._choice

    def choose(self, choice: SchemeChoice) -> None:
        """Follow the system, or stay light or dark."""
        self._choice = choice
        hints = self._app.styleHints()
        # From Qt 6.8 on this also turns the window's title bar.
        if hints is not None and hasattr(hints, "setColorScheme"):
            hints.setColorScheme(
                {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}[choice]
            )
        self._restyle()

    @property
    def high_contrast(self) -> bool:
        return self._high_contrast

    def set_high_contrast(self, on: bool) -> None:
        """White and yellow on black instead of light or dark: a site's choice for its kiosk."""
        if on != self._high_contrast:
            self._high_contrast = on
            self._restyle()

    def apply(self) -> None:
        """Dress the application, and follow the system from now on."""
        hints = self._app.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._restyle)
        window = self._app.palette().color(QPalette.ColorRole.Window)
        self._system_is_dark = window.lightnessF() < 0.5
        self._app.setStyle(QStyleFactory.create("Fusion"))
        self._app.setFont(_font(self._app.font()))
        self._restyle()

    def _restyle(self) -> None:
        self.tokens = HIGH_CONTRAST if self._high_contrast else DARK if self._is_dark() else LIGHT
        self._app.setPalette(palette(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens, self._app.font().pointSizeF()))
        self.changed.emit()

    def _is_dark(self) -> bool:
        if self._choice != "system":
            return self._choice == "dark"
        hints = self._app.styleHints()
        scheme = hints.colorScheme() if hints is not None else Qt.ColorScheme.Unknown
        if scheme == Qt.ColorScheme.Unknown:
            return self._system_is_dark
        return scheme == Qt.ColorScheme.Dark


def scheme_choice(text: str) -> SchemeChoice:
    """`text` as stored earlier, `system` for anything else."""
    return cast(SchemeChoice, text) if text in get_args(SchemeChoice) else "system"


def palette(tokens: Tokens) -> QPalette:
    """For what the style sheet does not reach: menus, selections, the style's own drawing."""
    roles = QPalette.ColorRole
    result = QPalette()
    for role, colour in (
        (roles.Window, tokens.window),
        (roles.WindowText, tokens.text),
        (roles.Base, tokens.surface),
        (roles.AlternateBase, tokens.hover),
        (roles.Text, tokens.text),
        (roles.PlaceholderText, tokens.muted),
        (roles.Button, tokens.surface),
        (roles.ButtonText, tokens.text),
        (roles.BrightText, tokens.danger),
        (roles.ToolTipBase, tokens.surface),
        (roles.ToolTipText, tokens.text),
        (roles.Highlight, tokens.accent_soft),
        (roles.HighlightedText, tokens.text),
        (roles.Link, tokens.accent),
        (roles.LinkVisited, tokens.accent),
        (roles.Light, tokens.hover),
        (roles.Midlight, tokens.line),
        (roles.Mid, tokens.line),
        (roles.Dark, tokens.edge),
        (roles.Accent, tokens.accent),
    ):
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    return result


def style_sheet(tokens: Tokens, points: float) -> str:
    """`resources/style/faceapp.qss` with the scheme's colours and sizes relative to the body text's `points`."""
    template = Template(resource("style", "faceapp.qss").read_text(encoding="utf-8"))
    return template.substitute(
        as_mapping(tokens),
        small=f"{points * 0.92:.2f}",
        title=f"{points * 1.3:.2f}",
        instruction=f"{points * 1.9:.2f}",
        mark_file=resource("style", "check.svg").as_posix(),
    )


def tabular(font: QFont) -> QFont:
    """The same font with digits of equal width, so that running figures don't jitter."""
    result = QFont(font)
    result.setFeature(QFont.Tag(b"tnum"), 1)
    return result


def _font(system: QFont) -> QFont:
    """Inter for Latin, Greek and Cyrillic on every platform (and where no font at all is installed); Qt takes every
    other script from the system's fonts."""
    if FAMILY not in QFontDatabase.families():
        for name in _FONT_FILES:
            QFontDatabase.addApplicationFont(str(resource("fonts", name)))
    font = QFont(system)
    if FAMILY in QFontDatabase.families():
        font.setFamilies([FAMILY, system.family()])
    font.setPointSizeF(max(system.pointSizeF(), _SMALLEST_TEXT))
    return font
