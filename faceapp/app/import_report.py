"""What an import came to, as a window shows it and as a spreadsheet reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from faceapp.app.import_types import ImportResult, ManyFaces, RejectedPicture
from faceapp.app.imports import ImportReport
from faceapp.app.notices import sentence
from faceapp.errors import UnavailableError
from faceapp.files import write_atomically
from faceapp.types import JsonObject

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def result_of(report: ImportReport) -> ImportResult:
    """The report, fixed."""
    return ImportResult(
        source=report.source,
        pictures=report.pictures,
        enrolled=len(report.enrolled),
        people=len(report.people),
        already=len(report.already),
        rejected=tuple(_rejected(row) for row in report.rejected),
        undecided=tuple(
            ManyFaces(number, u.name, u.item.label, len(u.row["boxes"])) for number, u in enumerate(report.undecided)
        ),
        notes=tuple(report.notes),
        alike=tuple(report.alike),
        resumed=report.resumed,
        cancelled=report.cancelled,
        problem="" if report.problem is None else sentence(report.problem),
    )


def write_csv(rejected: Iterable[RejectedPicture], out: Path) -> int:
    """A line for each picture: image, name, code, reason; how many. UTF-8 with a mark, so that spreadsheets see it; no
    cell is a formula. Raises UnavailableError where the file can't be written."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("image", "name", "code", "reason"))
    count = 0
    for row in rejected:
        writer.writerow(tuple(_plain(cell) for cell in (row.image, row.name, row.code, row.reason)))
        count += 1
    try:
        write_atomically(out, text.getvalue().encode("utf-8-sig", "backslashreplace"))
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror or e}): choose another place") from e
    return count


def _rejected(row: JsonObject) -> RejectedPicture:
    codes = row["codes"]
    label, reason = str(row["image"]), str(row["reason"])
    return RejectedPicture(
        label, str(row.get("name") or ""), reason.removeprefix(f"{label}: "), str(codes[0]) if codes else ""
    )


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
