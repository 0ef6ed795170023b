"""What the tests of the people page ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PyQt6.QtWidgets import QDialog

from faceapp.gui.people.page import PeopleDialog
from faceapp.gui.people.table_model import Column
from faceapp.types import PersonSummary
from tests.fakes.live import person

D = TypeVar("D", bound=QDialog)
MakePage = Callable[..., PeopleDialog]


def somebody(name: str, **changes: object) -> PersonSummary:
    return replace(person(name, templates_of(name)), templates=templates_of(name), **changes)  # type: ignore[arg-type]  # plain keywords


def templates_of(name: str) -> int:
    return len(name) % 3 + 1


def names(page: PeopleDialog) -> list[str]:
    return [str(page.table.index(r, 0).data()) for r in range(page.table.rowCount())]


def column(page: PeopleDialog, which: Column) -> list[str]:
    return [str(page.table.index(r, which).data()) for r in range(page.table.rowCount())]


def over(page: PeopleDialog, kind: type[D]) -> D:
    return next(d for d in page.findChildren(kind) if d.isVisible())


def ids(*who: str) -> tuple[str, ...]:
    return tuple(f"id-{name}" for name in who)
