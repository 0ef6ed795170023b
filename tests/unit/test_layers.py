"""The import rule: which room may know which, and where the dangerous tools may be used.

Read from the source with `ast`, so an import inside a function or under TYPE_CHECKING counts like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "faceapp"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"__main__"}),  # the way in: brings the command line and the window together, nobody knows it
    frozenset({"cli", "gui"}),
    frozenset({"app"}),
    frozenset({"enrollment", "evaluation", "training", "pipeline"}),
    frozenset({"camera", "zoo", "vision", "gallery", "access"}),
    frozenset({"security", "settings", "paths", "images"}),
    frozenset({"types", "errors", "files", "deadlines"}),
)
"""Top to bottom. A room may import from layers below its own, and nothing else of ours."""

DEPTH = {room: depth for depth, layer in enumerate(LAYERS) for room in layer}

ONLY: dict[str, frozenset[str]] = {"gui": frozenset({"app", "types", "errors"})}
"""Rooms that may import less than their layer would allow."""

TOOLS: dict[str, tuple[str, ...]] = {
    "PyQt6": ("faceapp.gui",),
    "sqlalchemy": ("faceapp.gallery", "faceapp.access"),
    "alembic": ("faceapp.gallery", "faceapp.access"),
    "sqlite3": ("faceapp.gallery", "faceapp.access"),
    "pickle": (),
    "cPickle": (),
    "dill": (),
    "cloudpickle": (),
    "joblib": (),
    "shelve": (),
    "marshal": (),
}
"""Library: the modules (and what lies in them) that may import it."""

NAMES: dict[str, tuple[str, ...]] = {
    "VideoCapture": ("faceapp.camera",),
    "InferenceSession": ("faceapp.vision.session",),
}
"""Name of another library's class: the modules that may name it, in whatever way they imported it."""


def room_of(module: str) -> str | None:
    """`vision` for `faceapp.vision.session`; None for `faceapp` itself and for modules that aren't ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == "faceapp" and len(parts) > 1 else None


def lies_in(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(place + ".") for place in places)


def imported(module: str, is_package: bool, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything the module imports, by a statement or by importlib.

    `from a import b` yields `a.b`: whether b is a module of a or a name in it, `a.b` starts with the room it is from.
    """
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{prefix}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in {"__import__", "import_module", "run_module"}:
            first = node.args[0] if node.args else None
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield node.lineno, first.value if literal else "?"  # type: ignore[union-attr] # literal says it


def called(node: ast.Call) -> str | None:
    """The last part of what is called: `import_module` in `importlib.import_module(x)`."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def violations(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """What `module` with this source does against the rule, a line each."""
    tree = ast.parse(source)
    room = room_of(module)
    found = []
    if room is not None and room not in DEPTH:
        found.append(f"{module}: room {room} is in no layer: give it its place in test_layers.py")
        return found
    for line, name in imported(module, is_package, tree):
        if name == "?":
            found.append(f"{module}:{line} imports something that can't be told from the source")
            continue
        target = room_of(name)
        if target in DEPTH and target != room and not may_import(room, target):
            found.append(f"{module}:{line} imports {name}: {room or 'faceapp'} may not know {target}")
        top = name.split(".")[0]
        if top in TOOLS and not lies_in(module, TOOLS[top]):
            found.append(f"{module}:{line} imports {top}: {' and '.join(TOOLS[top]) or 'nobody'} may")
        last = name.split(".")[-1]
        if last in NAMES and not lies_in(module, NAMES[last]):
            found.append(f"{module}:{line} imports {last}: {' and '.join(NAMES[last])} may")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in NAMES and not lies_in(module, NAMES[node.attr]):
            found.append(f"{module}:{node.lineno} uses {node.attr}: {' and '.join(NAMES[node.attr])} may")
        if isinstance(node, ast.Call):
            # app.exec() is Qt's; the builtin is called by its bare name or as builtins.exec.
            bare = isinstance(node.func, ast.Name)
            of_builtins = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "builtins"
            if called(node) in {"eval", "exec"} and (bare or of_builtins):
                found.append(f"{module}:{node.lineno} calls {called(node)}")
            for keyword in node.keywords:
                if keyword.arg == "allow_pickle" and not is_false(keyword.value):
                    found.append(f"{module}:{node.lineno} lets a file bring pickled objects")
    return found


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def may_import(room: str | None, target: str) -> bool:
    """Whether a module of `room` (None: the package's own __init__) may import from room `target`."""
    if room is None:
        return False
    return DEPTH[target] > DEPTH[room] and target in ONLY.get(room, DEPTH)


def modules() -> list[tuple[str, Path]]:
    """Dotted name and file of every module of the package."""
    result = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        result.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return result


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_module_keeps_the_rule(module: str, path: Path) -> None:
    broken = violations(module, path.read_text(encoding="utf-8"), is_package=path.name == "__init__.py")
    assert not broken, "\n".join(broken)


def test_the_whole_package_is_looked_at() -> None:
    names = {name for name, _ in modules()}
    assert {"faceapp", "faceapp.__main__", "faceapp.types", "faceapp.cli.main"} <= names
    assert len(names) > 20


def test_main_py_has_nothing_else_in_it() -> None:
    expected = "from faceapp.__main__ import main\nif __name__ == '__main__':\n    raise SystemExit(main())"
    assert ast.unparse(ast.parse((ROOT / "main.py").read_text())) == ast.unparse(ast.parse(expected))


def test_resources_hold_no_code() -> None:
    assert not list((ROOT / "resources").rglob("*.py"))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("faceapp.gui.window", "from PyQt6 import QtWidgets\nfrom faceapp.app import live\nimport faceapp.types"),
        ("faceapp.gui.window", "app.exec()\nfrom . import overlay\nfrom .overlay import paint"),
        ("faceapp.cli.main", "from faceapp import __version__\nfrom faceapp.app import live\nimport faceapp.images"),
        ("faceapp.app.parts", "import faceapp.zoo.store, faceapp.vision.session, faceapp.settings"),
        ("faceapp.camera.device", "import cv2\ncv2.VideoCapture(0)"),
        ("faceapp.vision.session", "import onnxruntime\nonnxruntime.InferenceSession('x')"),
        ("faceapp.gallery.store", "import sqlite3, sqlalchemy as sa\nfrom alembic import command"),
        ("faceapp.zoo.store", "import re\nre.compile('x')\nmodel.eval()\nnumpy.load(f, allow_pickle=False)"),
        ("faceapp.zoo.packs", "import importlib.util\nimportlib.util.find_spec('insightface')"),
        ("faceapp.__main__", "from faceapp.cli.main import main\nfrom faceapp.gui.run import show"),
        ("faceapp.settings", "from faceapp.errors import UnavailableError\nfrom faceapp.files import write_atomically"),
    ],
)  # fmt: skip
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


@pytest.mark.parametrize(
    ("module", "source", "says"),
    [
        ("faceapp.app.live", "from faceapp.gui.run import show", "may not know gui"),
        ("faceapp.app.live", "def f():\n    from faceapp.cli import main", "may not know cli"),
        ("faceapp.app.live", "if TYPE_CHECKING:\n    from faceapp.gui.run import show", "may not know gui"),
        ("faceapp.vision.detector", "from faceapp.zoo.store import ModelStore", "may not know zoo"),
        ("faceapp.vision.detector", "import faceapp.gallery", "may not know gallery"),
        ("faceapp.vision.detector", "from faceapp import zoo", "may not know zoo"),
        ("faceapp.vision.detector", "from ..zoo import store", "may not know zoo"),
        ("faceapp.vision.detector", "from .. import zoo", "may not know zoo"),
        ("faceapp.vision.detector", "import importlib\nimportlib.import_module('faceapp.zoo')", "may not know zoo"),
        ("faceapp.vision.detector", "__import__(name)", "can't be told"),
        ("faceapp.pipeline.slot", "from faceapp.enrollment.photo import Photo", "may not know enrollment"),
        ("faceapp.settings", "from faceapp.paths import data_dir", "may not know paths"),
        ("faceapp.types", "from faceapp.errors import BugError", "may not know errors"),
        ("faceapp.types", "import faceapp.vision", "may not know vision"),
        ("faceapp", "from faceapp import types", "may not know types"),
        ("faceapp.gui.window", "from faceapp.vision.faces import dominant_face", "may not know vision"),
        ("faceapp.gui.window", "from faceapp.settings import Settings", "may not know settings"),
        ("faceapp.gui.window", "from faceapp.cli.output import Output", "may not know cli"),
        ("faceapp.cli.main", "from faceapp.gui.run import show", "may not know gui"),
        ("faceapp.cli.main", "from faceapp.__main__ import main", "may not know __main__"),
        ("faceapp.cli.main", "import PyQt6.QtCore", "imports PyQt6"),
        ("faceapp.app.live", "from PyQt6 import QtCore", "imports PyQt6"),
        ("faceapp.app.live", "import cv2\ncapture = cv2.VideoCapture", "uses VideoCapture"),
        ("faceapp.app.live", "from cv2 import VideoCapture as V", "imports VideoCapture"),
        ("faceapp.vision.embedder", "import onnxruntime as ort\nort.InferenceSession(p)", "uses InferenceSession"),
        ("faceapp.vision.embedder", "from onnxruntime import InferenceSession", "imports InferenceSession"),
        ("faceapp.app.people", "import sqlite3", "imports sqlite3"),
        ("faceapp.app.people", "from sqlalchemy.orm import Session", "imports sqlalchemy"),
        ("faceapp.gallery.store", "import pickle", "imports pickle"),
        ("faceapp.zoo.store", "from marshal import loads", "imports marshal"),
        ("faceapp.zoo.store", "eval('1')", "calls eval"),
        ("faceapp.zoo.store", "import builtins\nbuiltins.exec('1')", "calls exec"),
        ("faceapp.zoo.store", "numpy.load(f, allow_pickle=True)", "pickled"),
        ("faceapp.cellar.wine", "", "is in no layer"),
    ],
)  # fmt: skip
def test_what_is_forbidden_is_caught(module: str, source: str, says: str) -> None:
    assert any(says in line for line in violations(module, source)), violations(module, source)


def test_relative_imports_of_a_package_are_resolved_from_itself() -> None:
    assert violations("faceapp.vision", "from .session import open_session", is_package=True) == []
    assert violations("faceapp.vision", "from ..zoo import store", is_package=True)
