"""An evaluation as files: one HTML page that needs nothing else, and the distances as CSV."""

from __future__ import annotations

import base64
import csv
import io
import os
import platform
from collections.abc import Mapping
from datetime import datetime
from html import escape
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from faceapp import __version__
from faceapp.app.evaluate import EvaluationResult
from faceapp.app.evaluate_searches import Picture, search_examples, search_rows, search_tests_section, searches_section
from faceapp.errors import InputError, UnavailableError
from faceapp.evaluation import plots
from faceapp.evaluation.page import between, cell, page, percent, table
from faceapp.evaluation.verification import Verification
from faceapp.files import write_atomically
from faceapp.images import encode_jpeg, read_image

REPORT, SCORES = "report.html", "scores.csv"
EXAMPLES = 10
"""Pairs shown at each end."""
_HEIGHT = 104  # pixels of a picture in the report

COLUMNS = (
    "embedder", "task", "fold", "left", "right", "same", "distance", "threshold", "right_answer", "rank",
)  # fmt: skip
"""Of the CSV."""


def check_folder(folder: Path) -> None:
    """Make the folder of a report before the work, not after it. Raises UnavailableError where that can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise UnavailableError(f"{folder} cannot be made a folder ({e.strerror}): name another for the report") from e
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnavailableError(f"{folder} is not yours to write to: name another folder for the report")


def write_report(result: EvaluationResult, folder: Path, pictures: bool) -> list[Path]:
    """`report.html` and `scores.csv`, both 0600: they tell of people, and with `pictures` show them. Raises
    UnavailableError where they can't be written."""
    files = {REPORT: report_html(result, pictures).encode(), SCORES: scores_csv(result).encode()}
    try:
        for name, content in files.items():
            write_atomically(folder / name, content, mode=0o600)
    except OSError as e:
        raise UnavailableError(f"{folder} cannot be written to ({e.strerror or e}): free some space") from e
    return [folder / name for name in files]


def scores_csv(result: EvaluationResult) -> str:
    """A row for each pair and embedder (task `pair`): fold, both pictures, the truth, the distance (empty: no face),
    the threshold it was judged by, and whether the answer was right. For searches see `search_rows`: tasks `own`,
    `other` and `stranger`, the right picture being the enrolled one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in result.embedders:
        writer.writerows(search_rows(row))
        if (v := row.verification) is None:
            continue
        for k, (a, b) in enumerate(zip(v.pairs.left, v.pairs.right, strict=True)):
            d = float(v.distances[k])
            distance = "" if np.isinf(d) else repr(d)
            truth = [int(v.pairs.same[k]), distance, repr(float(v.applied[k])), int(v.right[k])]
            writer.writerow([row.id, "pair", int(v.pairs.fold[k]) + 1, a, b, *truth, ""])
    return out.getvalue()


def report_html(result: EvaluationResult, pictures: bool) -> str:
    """The page."""
    names = " and ".join(e.id for e in result.embedders)
    parts = [f"<h1>How good is {escape(names)}?</h1>", _opening(result), _figures(result)]
    parts += [_honesty(result), _comparisons(result), _plots(result)]
    parts += [searches_section(result), search_tests_section(result)]
    show: Picture = _shower(result.wish.images) if pictures else _nothing
    if pictures:
        parts.append(_NOTE)
    if result.first.verification is not None:
        parts.append(_examples(result.first.verification, result.first.id, show))
    parts.append(search_examples(result.first, show))
    parts.append(_machine(result))
    return page(f"faceapp evaluation: {names}", parts)


def _opening(result: EvaluationResult) -> str:
    what = []
    if (v := result.first.verification) is not None and result.people is not None:
        what.append(
            f"{len(v.distances)} pairs of pictures of {result.people.count()} people "
            f"({int(v.pairs.same.sum())} of one person, {int((~v.pairs.same).sum())} of two)"
        )
    if (i := result.first.identification) is not None:
        what.append(f"{i.probes} pictures of {i.people} people enrolled with {i.templates} photos")
    unreadable = f" {len(result.unreadable)} pictures could not be read." if result.unreadable else ""
    return (
        f'<p class="quiet">faceapp {__version__}, {datetime.now().astimezone():%d %B %Y, %H:%M}</p>'
        f"<p>{escape('; '.join(what))}. Faces were found with {escape(result.first.detector)}; of a picture with "
        f"several, the {result.face} counts.{unreadable} Small figures are 95 % intervals, drawn over people: how far "
        "the figure might lie elsewhere with other people of this kind.</p>"
    )


def _figures(result: EvaluationResult) -> str:
    rows = []
    for e in result.embedders:
        for v, suffix in ((e.verification, ""), (e.untouched, ", people untouched by tuning")):
            if v is None:
                continue
            rates = [
                cell(
                    percent(tar, 1),
                    "too few impostor pairs" if far in v.unsure else between(v.intervals.get(f"tar@{far:g}")),
                )
                for far, tar in v.tar.items()
            ]
            rows.append([
                cell(e.id + suffix, e.provider), str(len(v.distances)), str(v.failed),
                cell(f"{percent(v.accuracy.mean)} ± {100 * v.accuracy.std:.2f}", between(v.intervals.get("accuracy"))),
                f"{v.threshold:.4f}", *rates, f"{v.curve.auc():.5f}",
                cell(percent(v.curve.eer()), between(v.intervals.get("eer"))), f"{e.images_per_second:.1f}",
            ])  # fmt: skip
    if not rows:
        return ""
    fars = [
        f"TAR at FAR {100 * far:g} %" for far in next(e.verification.tar for e in result.embedders if e.verification)
    ]
    head = ["embedder", "pairs", "no face", "right", "threshold", *fars, "AUC", "equal error", "pictures/s"]
    how = (
        "the threshold comes from the pairs of another list (LFW's View 1)"
        if result.wish.train
        else "for each tenth the threshold is chosen on the other nine (LFW's protocol); ± is the deviation over them"
    )
    return (
        f"<h2>Is it the same person in both pictures?</h2>{table(head, rows)}"
        f'<p class="quiet">Right: {how}. A pair without a face is an error. TAR at FAR: the genuine pairs accepted '
        "where so many of the impostor pairs are.</p>"
    )


def _honesty(result: EvaluationResult) -> str:
    """On whom was what tuned, and are they here?"""
    flagged = result.met | result.met_in_crowd
    if result.left_out:
        note = f"{result.left_out} pairs of {len(result.met)} people on whom a shipped number was tuned were left out."
    elif flagged:
        note = (
            f"{len(flagged)} of the people here: shipped numbers were tuned on them. Figures with them flatter; "
            "the rows “untouched by tuning” are without them."
        )
    else:
        note = (
            "None of these pictures is one that a shipped number was tuned on. They are known by their bytes: a "
            "picture that was saved anew isn't known again."
        )
    items = "".join(
        f"<li>{escape(e.id)}: {escape(t.what)}: <span class=quiet>{escape(t.source)}</span></li>"
        for e in result.embedders
        for t in e.tuned
    )
    more = f"<ul>{items}</ul>" if items else "<p>No number was tuned for these embedders, as far as is known.</p>"
    return (
        f"<h2>What was tuned, and on whom</h2><p>{escape(note)}</p>{more}"
        '<p class="quiet">Whose photographs the networks themselves learned from, <code>faceapp models list</code> '
        "tells as far as their authors do; people of public data sets may well be among them.</p>"
    )


def _comparisons(result: EvaluationResult) -> str:
    if not result.comparisons:
        return ""
    rows = []
    for c in result.comparisons:
        points = [
            cell(f"{100 * d.value:+.2f}", between(d.interval, 2) if d.interval else "") for d in c.differences.values()
        ]
        a = c.answers
        rows.append([cell(f"{c.second} less {c.first}"), *points, f"{a.only_second} : {a.only_first}", f"{a.p:.3g}"])
    head = ["", *(n.replace("tar@", "TAR at FAR ") for n in result.comparisons[0].differences), "right alone", "p"]
    return (
        f"<h2>Is the difference more than chance?</h2>{table(head, rows)}"
        '<p class="quiet">In percentage points, with 95 % intervals by a paired bootstrap over people: an interval '
        "that contains 0 shows no difference. Right alone: pairs that only the one, only the other got right; p: "
        "McNemar's exact test of those, which takes pairs for independent.</p>"
    )


def _plots(result: EvaluationResult) -> str:
    found = [(e.id, e.verification) for e in result.embedders if e.verification is not None]
    drawn = []
    if found:
        curves = [(name, v.curve) for name, v in found]
        same = found[0][1].pairs.same
        drawn.append(plots.roc_chart(curves, int((~same).sum())))
        drawn.append(plots.det_chart(curves, int(min(same.sum(), (~same).sum()))))
        for name, v in found:
            groups = [("of one person", v.distances[same]), ("of two people", v.distances[~same])]
            drawn.append(plots.histogram_chart(f"Distances, {name}", groups, v.threshold))
    searched = [(e.id, e.identification) for e in result.embedders if e.identification is not None]
    if searched:
        drawn.append(plots.cmc_chart([(name, i.cmc) for name, i in searched]))
        for name, i in searched:
            groups = [("own person", i.mated), ("strangers, nearest", i.nearest_wrong)]
            drawn.append(plots.histogram_chart(f"Identification, {name}", groups, None))
    return f'<h2>Curves</h2><div class="plots">{"".join(f"<div>{d}</div>" for d in drawn if d)}</div>'


_NOTE = (
    '<p class="note">The pictures of people are inside this file. Give it only to whom you may show them; '
    "<code>--no-pictures</code> leaves them out.</p>"
)


def _examples(v: Verification, embedder: str, show: Picture) -> str:
    same, d = v.pairs.same, v.distances
    finite = np.isfinite(d)
    ends = (
        ("One person, most alike", same, True),
        ("One person, least alike", same, False),
        ("Two people, most alike", ~same, True),
        ("Two people, least alike", ~same, False),
    )
    out = [f"<h2>The ten best and worst pairs, {escape(embedder)}</h2>"]
    for title, kind, near in ends:
        where = np.flatnonzero(kind & finite)
        order = where[np.argsort(d[where], kind="stable")]
        chosen = order[:EXAMPLES] if near else order[::-1][:EXAMPLES]
        out.append(f'<h3>{title}</h3><div class="pairs">')
        for k in chosen.tolist():
            a, b = v.pairs.left[k], v.pairs.right[k]
            verdict = "" if v.right[k] else ", judged wrongly"
            out.append(
                f"<figure><div>{show(a)}{show(b)}</div>"
                f"<figcaption>{d[k]:.3f}{verdict}<br>{escape(a)}<br>{escape(b)}</figcaption></figure>"
            )
        out.append("</div>")
    return "".join(out)


def _nothing(name: str) -> str:  # noqa: ARG001 - stands for `_shower`'s
    return ""


def _shower(images: Path) -> Picture:
    """Pictures as data in the page, small, each decoded once."""
    made: dict[str, str] = {}

    def show(name: str) -> str:
        if name not in made:
            try:
                image = read_image(images / name)
            except InputError:
                made[name] = ""  # gone since it was embedded
                return ""
            scale = 2 * _HEIGHT / max(image.shape[:2])  # sharp on fine screens, too
            size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
            data = base64.b64encode(encode_jpeg(np.asarray(small, np.uint8), 82)).decode()
            made[name] = f'<img alt="" src="data:image/jpeg;base64,{data}">'
        return made[name]

    return show


def _machine(result: EvaluationResult) -> str:
    rows = [[cell(name), escape(value)] for name, value in machine(result).items()]
    return f"<h2>Machine and versions</h2>{table(['', ''], rows)}"


def machine(result: EvaluationResult) -> Mapping[str, str]:
    """What it ran on; no name of the machine or its user."""
    found: dict[str, str] = {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": platform.platform(terse=True),
        "faceapp": __version__,
        "Python": platform.python_version(),
        "NumPy": version("numpy"),
        "OpenCV": cv2.__version__,
        "ONNX Runtime": _runtime(),
    }
    for e in result.embedders:
        found[f"{e.id}, space"] = e.space
        found[f"{e.id}, run on"] = f"{e.provider}; {e.images_per_second:.1f} pictures a second with {e.detector}"
    return found


def _runtime() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
