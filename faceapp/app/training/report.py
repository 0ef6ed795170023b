"""A run's report as one HTML page that loads nothing: before and after, the curves, the triplets."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from faceapp.app.training.judging import Figures, Judgement, figure_name
from faceapp.evaluation.page import between, cell, page, percent, table
from faceapp.evaluation.plots import Axis, Points, Series, chart

if TYPE_CHECKING:
    from faceapp.app.training.result import Trained

_SIDE, _EDGE = 360, 26


def report_html(trained: Trained) -> str:
    """The page. Nobody's name and nobody's picture is on it."""
    d = trained.judged.after.dimension
    parts = [
        "<h1>A network trained here</h1>",
        f'<p class="quiet">{escape(trained.kind)}, {d} numbers a face, on the {escape(trained.device)}, '
        f"{trained.seconds:.0f} s; {trained.ended.steps} steps, {escape(trained.ended.why)}, "
        f"the best after {trained.ended.best_step}</p>",
        f'<p class="note">{escape(trained.verdict()[:1].upper() + trained.verdict()[1:])}.</p>',
        "<h2>On people nobody trained on</h2>",
        _judgement(trained.judged, trained.started_from),
    ]
    if trained.used is not None:
        parts += ["<h2>Against what is in use</h2>", _judgement(trained.used, trained.used_id)]
    if trained.general is not None:
        parts += ["<h2>On other people: what was forgotten</h2>", _judgement(trained.general, trained.started_from)]
    else:
        parts += ["<h2>What was forgotten</h2>", "<p>Nobody looked: name a folder of other people with --general.</p>"]
    parts += ["<h2>While it learned</h2>", f'<div class="plots">{_curves(trained.logged)}</div>']
    if trained.picture:
        parts += ["<h2>Triplets</h2>", _triplets(trained.picture)]
    parts += ["<h2>What it learned from</h2>", _data(trained)]
    return page("A network trained here", parts)


def _judgement(judged: Judgement, before: str) -> str:
    rows = []
    for name in ("accuracy", "eer", *(f"tar@{f:g}" for f in judged.before.tar)):
        value, within = judged.differences[name]
        rows.append(
            [
                cell(figure_name(name)),
                *(
                    cell(percent(_figure(f, name)), between(f.intervals.get(name)))
                    for f in (judged.before, judged.after)
                ),
                cell(
                    f"{100 * value:+.2f}", "" if within is None else f"{100 * within[0]:+.2f} to {100 * within[1]:+.2f}"
                ),
            ]
        )
    a = judged.answers
    p = (
        "too few people for a test"
        if judged.p is None
        else f"p = {judged.p:.3g}, from the same draws of people for both"
    )
    return (
        table(["", f"before: {before}", "after", "difference"], rows)
        + f'<p class="quiet">{judged.people} people, {judged.genuine} genuine and {judged.impostor} impostor pairs; '
        f"95 % intervals drawn over people. Judged by {escape(figure_name(judged.figure))}: {escape(p)}. Right where "
        f"the other is wrong: {a.only_second} against {a.only_first}, McNemar's p = {a.p:.3g}.</p>"
    )


def _figure(figures: Figures, name: str) -> float:
    if name.startswith("tar@"):
        return figures.tar[float(name[4:])]
    return figures.accuracy if name == "accuracy" else figures.eer


def _curves(log: Sequence[dict[str, str]]) -> str:
    if len(log) < 2:
        return ""
    steps = int(log[-1]["steps"])
    x = Axis("step", 0, max(1, int(log[-1]["step"])), _ticks(0, int(log[-1]["step"]) or steps))
    out = []
    for title, columns, top in (
        ("Loss", ("loss",), None),
        ("Share of active triplets", ("active",), 1.0),
        ("Validation people", ("validation", "tar_at_far_0.01"), 1.0),
    ):
        series = []
        for column in columns:
            points = [(float(r["step"]), float(r[column])) for r in log if r[column]]
            if len(points) > 1:
                name = {"validation": "mean TAR, FAR 0.1 to 10 %", "tar_at_far_0.01": "TAR at FAR 1 %"}.get(
                    column, column
                )
                series.append(Series(name, np.array(points)))
        if series:
            values = np.concatenate([s.points[:, 1] for s in series])
            low = 0.0 if column != "tar_at_far_0.01" else max(0.0, float(values.min()) - 0.02)
            high = top or max(1e-6, float(values.max()) * 1.05)
            out.append(chart(title, x, Axis("", low, high, _ticks(low, high)), series))
    return "".join(out)


def _ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    return tuple((float(v), f"{v:.3g}") for v in np.linspace(low, high, 5))


def _triplets(picture: dict[str, list[list[float]]]) -> str:
    from_, to = (np.array(picture[k], np.float64) for k in ("before", "now"))
    whole = np.concatenate([from_, to])
    low, span = whole.min(axis=0), max(1e-9, float((whole.max(axis=0) - whole.min(axis=0)).max()))
    drawn = "".join(_scatter(title, (p - low) / span, picture) for title, p in (("Before", from_), ("After", to)))
    first, now = (np.array(picture[k], np.float64) for k in ("distances_before", "distances_now"))
    words = ""
    if len(first):
        words = (
            f"Of {len(first)} hard triplets the two pictures of a person lay {first[:, 0].mean():.2f} apart and now "
            f"{now[:, 0].mean():.2f}; to the other person it was {first[:, 1].mean():.2f} and now "
            f"{now[:, 1].mean():.2f}."
        )
    return (
        f'<div class="plots">{drawn}</div><p class="quiet">Validation people, one colour each, in the two directions '
        "in which they differ most. Lines: an anchor, its positive (pulled, solid) and its negative (pushed, dashed). "
        f"{words}</p>"
    )


def _scatter(title: str, points: Points, picture: dict[str, list[list[float]]]) -> str:
    size = _SIDE - 2 * _EDGE
    at = points * size + _EDGE
    out = [
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg">',
        f'<text class="title" x="{_EDGE}" y="16">{title}</text>',
    ]
    for a, p, n in picture["triplets"]:
        for other, kind in ((int(p), "axis"), (int(n), "mark")):
            (x1, y1), (x2, y2) = at[int(a)], at[other]
            out.append(f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')
    for (x, y), person in zip(at.tolist(), picture["person"], strict=True):
        colour = f"var(--s{int(person) % 6})"  # type: ignore[call-overload]  # a number, not a point
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
    return "".join([*out, "</svg>"])


def _data(trained: Trained) -> str:
    rows = [
        [cell(name), cell(str(c.people)), cell(str(c.pictures)), cell(c.sha256[:16])]
        for name, c in trained.counts.items()
    ]
    left = "".join(f"<p>{escape(note)}</p>" for note in trained.notes)
    return table(["", "people", "pictures", "SHA-256 of their hashes"], rows) + left
