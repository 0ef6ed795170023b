"""The part of an evaluation's report that is about searches: figures, tests, the worst pictures, a row for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

import numpy as np

from faceapp.app.evaluate import EmbedderResult, EvaluationResult
from faceapp.evaluation.page import between, cell, percent, table

WORST = 10
"""Searches shown of each kind."""

Picture = Callable[[str], str]
"""The `<img>` of a picture by its name."""


def searches_section(result: EvaluationResult) -> str:
    """The figures; empty without an identification."""
    rows, fixed = [], []
    for e in result.embedders:
        if (i := e.identification) is None:
            continue
        rates = [
            cell(
                percent(v, 1),
                f"really {percent(i.reached[f])}"
                + ("; too few strangers for an interval" if f in i.unsure else _and(i.intervals.get(f"dir@{f:g}"))),
            )
            for f, v in i.dir_at_fpir.items()
        ]
        ranks = [cell(percent(i.rank(r), 1), between(i.intervals.get(f"rank{r}"))) for r in (1, 5)]
        rows.append([cell(e.id), str(i.people), str(i.templates), str(i.probes), *ranks, str(i.strangers), *rates])
        fixed += [
            [cell(f"{e.id}, {a.what}"), f"{a.threshold:.4f}",
             cell(f"{a.named} of {i.probes}", _share(a.named_interval)), str(a.wrongly),
             cell(f"{a.strangers_named} of {i.strangers}", _share(a.strangers_interval))]
            for a in i.at
        ]  # fmt: skip
    if not rows:
        return ""
    first = next(e.identification for e in result.embedders if e.identification)
    open_set = [f"DIR at FPIR {100 * f:g} %" for f in first.dir_at_fpir]
    head = ["embedder", "people", "photos enrolled", "probes", "rank 1", "rank 5", "strangers", *open_set]
    who = "the probes once more, with their own person taken out" if first.taken_out else "people who are not enrolled"
    return (
        f"<h2>Who is this?</h2>{table(head, rows)}"
        '<p class="quiet">Rank r: the own person is among the r nearest. DIR at FPIR: named, and rightly, at the '
        "threshold that gives at most so many of the strangers a name; <i>really</i>: how many it does give one, as "
        "few strangers can't be split finely. In each draw of its interval the strangers are drawn anew as well, and "
        f"the threshold with them. Strangers are {who}. A probe without a face is a miss."
        f"{''.join(_missing(result))}</p>"
        + (table(["at a fixed threshold", "distance", "named", "wrongly", "strangers named"], fixed) if fixed else "")
    )


def _and(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"; {between(interval)}"


def _share(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{between(interval)} %"


def _missing(result: EvaluationResult) -> Iterator[str]:
    for e in result.embedders:
        if (i := e.identification) is not None and i.not_enrolled:
            yield (
                f" {escape(e.id)}: {_count(i.not_enrolled, 'person is', 'people are')} not enrolled, as none of their "
                "photos shows a face, and in no figure."
            )
    if result.crowd is not None and result.crowd.left_out:
        yield f" {_count(result.crowd.left_out, 'has', 'have')} too few photos to be enrolled and tried."


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def search_tests_section(result: EvaluationResult) -> str:
    """Embedders on the same searches; empty where there is one alone."""
    if not result.search_comparisons:
        return ""
    rows = []
    for c in result.search_comparisons:
        row = [cell(f"{c.second} less {c.first}")]
        for name, d in c.differences.items():
            a = c.answers[name]
            row.append(cell(f"{100 * d.value:+.2f}", between(d.interval, 2) or "too few to draw from"))
            row.append(cell(f"{a.only_second} : {a.only_first}", f"p = {a.p:.3g}"))
        rows.append(row)
    head = [""]
    for name in result.search_comparisons[0].differences:
        head += [name.replace("dir@", "DIR at FPIR ").replace("rank1", "rank 1"), "right alone"]
    return (
        f"<h3>Is the difference more than chance?</h3>{table(head, rows)}"
        '<p class="quiet">In percentage points, with 95 % intervals by a paired bootstrap over people, the strangers '
        "and both thresholds drawn anew. Right alone: probes that only the one, only the other named rightly; p: "
        "McNemar's exact test of those, which takes searches for independent and the thresholds for given.</p>"
    )


def search_examples(row: EmbedderResult, show: Picture) -> str:
    """The probes that were missed by most, and the strangers who were nearest to somebody."""
    i, names = row.identification, row.searched
    if i is None or names is None:
        return ""
    near, s = i.neighbours, i.searches
    limit = next(iter(i.thresholds.values()), np.inf)
    seen = np.isfinite(s.own)
    # Another person nearer than the own one is worse than any distance alone.
    excess = np.where(seen, s.own - np.minimum(limit, near.other_distance), -np.inf)
    missed = np.argsort(-excess, kind="stable")[:WORST]
    out = [f"<h2>The worst searches, {escape(row.id)}</h2><h3>Enrolled, and farthest from being named</h3>"]
    out.append('<p class="quiet">The picture; their own enrolled photo; the nearest of anybody else.</p>')
    out.append('<div class="pairs">')
    for k in missed[np.isfinite(excess[missed])].tolist():
        photos = [names.probes[k], names.gallery[near.own[k]]]
        words = f"own {s.own[k]:.3f}"
        if near.other[k] >= 0:
            photos.append(names.gallery[near.other[k]])
            words += f", other {near.other_distance[k]:.3f}"
        verdict = "" if s.rank[k] == 1 and s.own[k] <= limit else ", missed"
        out.append(_figure(photos, words + verdict, show))
    out.append("</div>")
    if lost := [names.probes[k] for k in np.flatnonzero(~seen).tolist()]:
        out.append(f'<p class="quiet">No face was found in {len(lost)}: {escape(", ".join(lost[:WORST]))}'
                   f'{" and more" if len(lost) > WORST else ""}.</p>')  # fmt: skip
    out.append("<h3>Strangers nearest to somebody enrolled</h3>")
    out.append('<p class="quiet">The stranger; the enrolled photo they are like.</p><div class="pairs">')
    for k in np.argsort(s.nearest, kind="stable")[:WORST].tolist():
        if near.stranger[k] >= 0:
            verdict = ", named" if s.nearest[k] <= limit else ""
            out.append(
                _figure([names.strangers[k], names.gallery[near.stranger[k]]], f"{s.nearest[k]:.3f}{verdict}", show)
            )
    out.append("</div>")
    if i.thresholds:
        fpir = next(iter(i.thresholds))
        out.append(f'<p class="quiet">Missed, named: at {limit:.4f}, the threshold for FPIR {100 * fpir:g} %.</p>')
    return "".join(out)


def _figure(photos: list[str], words: str, show: Picture) -> str:
    below = "<br>".join(escape(p) for p in photos)
    return (
        f"<figure><div>{''.join(show(p) for p in photos)}</div><figcaption>{escape(words)}<br>{below}</figcaption>"
        "</figure>"
    )


def search_rows(row: EmbedderResult) -> Iterator[list[str]]:
    """For the CSV, in `evaluate_report.COLUMNS`: of each probe its own nearest photo and the nearest of anybody else,
    of each stranger the nearest. The threshold is that of the first FPIR."""
    i, names = row.identification, row.searched
    if i is None or names is None:
        return
    near, s = i.neighbours, i.searches
    limit = next(iter(i.thresholds.values()), None)
    threshold = "" if limit is None else repr(limit)
    named = s.named(limit) if limit is not None else None

    def line(task: str, picture: str, photo: int, distance: float, right: bool | None, rank: str) -> list[str]:
        far = "" if np.isinf(distance) else repr(float(distance))
        answer = "" if right is None or limit is None else str(int(right))
        other = names.gallery[photo] if photo >= 0 else ""
        return [row.id, task, "", picture, other, str(int(task == "own")), far, threshold, answer, rank]

    for k, picture in enumerate(names.probes):
        right = None if named is None else bool(named[k])
        yield line("own", picture, int(near.own[k]), float(s.own[k]), right, str(s.rank[k]))
        yield line("other", picture, int(near.other[k]), float(near.other_distance[k]), None, "")
    if not i.taken_out:
        for k, picture in enumerate(names.strangers):
            d = float(s.nearest[k])
            yield line("stranger", picture, int(near.stranger[k]), d, limit is None or not d <= limit, "")
