"""What the policy says about the newest picture, and how camera, door, log and gallery are."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import Explained, KioskControl
from faceapp.gui.admin.explain import why
from faceapp.gui.admin.meters import Figures
from faceapp.gui.admin.pages import Page, Sign, scrolled, share
from faceapp.gui.admin.picture import PictureView
from faceapp.gui.admin.words import headline, liveness_words, measure, number
from faceapp.gui.theme import Theme, tabular
from faceapp.gui.widgets import label, rule

_REFRESH_MS = 150


class NowPage(Page):
    """Live. Polls while it is visible only."""

    def __init__(
        self,
        control: KioskControl,
        theme: Theme,
        mirrored: bool = False,
        clock: Callable[[], int] = time.monotonic_ns,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_REFRESH_MS, parent)
        self._control = control
        self._theme = theme
        self._clock = clock
        self.picture = PictureView(control, control.zone, mirrored, clock)
        self.picture.setAccessibleName(self.tr("Camera picture with the zone"))
        self.picture.setAccessibleDescription(self.tr("No picture yet"))
        self.title = label(kind="title", wrap=True)
        self.why = label(kind="muted", wrap=True)
        self.figures = Figures(theme)
        self._facts: dict[str, QLabel] = {}
        self._sign = Sign()
        self.troubles = label(wrap=True)
        self._lay_out()
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Everything but the picture, which looks for itself."""
        e = self._control.current()
        self.title.setText(self._headline(e))
        self.why.setText(why(e) if e is not None else self.tr("The door is opened for nobody right now."))
        self.figures.show_decision(e)
        stats = self._control.stats()
        self._facts["face"].setText(liveness_words(e.liveness) if e is not None else "–")
        self._facts["latency"].setText(measure(e.latency_ms if e is not None else stats.latency_p50_ms, "ms"))
        self._facts["provider"].setText(e.provider if e is not None else stats.provider)
        self._facts["camera"].setText(self._camera(stats.preview_fps, stats.fps))
        self._facts["door"].setText(self._control.door_name)
        self._show_troubles()

    def facts(self) -> dict[str, str]:
        """The figures below the conditions, by what they are about."""
        return {key: value.text() for key, value in self._facts.items()}

    def _headline(self, e: Explained | None) -> str:
        if e is None:
            return self.tr("Nobody is looked at")
        if e.decision == "hold" and e.name is not None:
            return self.tr("{verdict} ({name})").format(verdict=headline(e), name=e.name)
        return headline(e)

    def _camera(self, read: float, looked_at: float) -> str:
        frame = self._control.latest_frame()
        if frame is None:
            return self.tr("no picture yet")
        age = (self._clock() - frame.captured_ns) / 1e9
        if age >= 2:
            return self.tr("no new picture for {time}").format(time=measure(age, "s"))
        return self.tr("{read} pictures a second, {used} looked at").format(
            read=number(read, 0), used=number(looked_at, 0)
        )

    def _show_troubles(self) -> None:
        lines = tuple(self._control.troubles())
        place = 0 if lines else self._column.count() - 2  # what is wrong comes first, that all is well last
        if self._column.indexOf(self._health) != place:
            self._column.removeWidget(self._health)
            self._column.insertWidget(place, self._health)
            self._last_rule.setVisible(not lines)
        self.troubles.setText("\n".join(lines) or self.tr("Camera, door, log and gallery are in order."))
        tokens = self._theme.tokens
        self._sign.show_sign(*(("warning", tokens.warning) if lines else ("check", tokens.accent)))

    def _lay_out(self) -> None:
        facts = QGridLayout()
        facts.setHorizontalSpacing(20)
        facts.setVerticalSpacing(6)
        facts.setColumnStretch(1, 1)
        for row, (key, word, tip) in enumerate(
            (
                ("face", self.tr("Living person"), self.tr("Whether the face is a person's or a picture's")),
                ("latency", self.tr("Time taken"), self.tr("From taking the picture to deciding on it")),
                ("provider", self.tr("Computed on"), self.tr("The processor and the number format of the networks")),
                ("camera", self.tr("Camera"), self.tr("How many pictures the camera sends and how many are looked at")),
                ("door", self.tr("Door"), self.tr("The door's address")),
            )
        ):
            name, value = label(word, kind="muted"), label(wrap=True)
            value.setFont(tabular(value.font()))
            name.setToolTip(tip)
            value.setToolTip(tip)
            facts.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(value, row, 1)
            self._facts[key] = value
        self._health = QWidget()
        health = QHBoxLayout(self._health)
        health.setContentsMargins(0, 0, 0, 0)
        health.setSpacing(10)
        health.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        health.addWidget(self.troubles, 1)
        side = QWidget()
        self._column = column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.why)
        column.addWidget(self.figures)
        column.addWidget(rule())
        column.addLayout(facts)
        self._last_rule = rule()
        column.addWidget(self._last_rule)
        column.addWidget(self._health)
        column.addStretch(1)
        self._side: QFrame = scrolled(side)
        row_ = QHBoxLayout(self)
        row_.setContentsMargins(0, 0, 0, 0)
        row_.setSpacing(20)
        row_.addWidget(self.picture, 1)
        row_.addWidget(self._side)

    def _arrange(self) -> None:
        self._side.setFixedWidth(share(self, 400, 0.4, 520))
