"""Habits of the house that a reader would otherwise check by hand: sizes, docstrings, dependencies, the lock."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted((ROOT / "faceapp").rglob("*.py"))

MAX_LINES = 400
LONG_FILES: dict[str, str] = {}
"""Path: why it may be longer than MAX_LINES."""

PLATFORMS = {
    "linux-x86_64": {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux"},
    "linux-aarch64": {"sys_platform": "linux", "platform_machine": "aarch64", "platform_system": "Linux"},
    "macos-arm64": {"sys_platform": "darwin", "platform_machine": "arm64", "platform_system": "Darwin"},
    "windows-amd64": {"sys_platform": "win32", "platform_machine": "AMD64", "platform_system": "Windows"},
}
ENVIRONMENTS = [
    pytest.param(
        {**default_environment(), **platform, "python_version": python, "python_full_version": f"{python}.2"},
        id=f"{name}-{python}",
    )
    for name, platform in PLATFORMS.items()
    for python in ("3.11", "3.12", "3.13", "3.14")
]


# Sizes and docstrings


def test_no_file_outgrows_its_reader() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in SOURCES}
    long = {name for name, lines in lengths.items() if lines > MAX_LINES}
    assert long == set(LONG_FILES), "split these, or say in LONG_FILES why not; take out what is short again"


def undocumented(source: str) -> list[str]:
    """Public classes and module-level functions without a docstring, as `name:line`."""
    return [
        f"{node.name}:{node.lineno}"
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and node.name
        not in {"upgrade", "downgrade"}  # a migration's two, named by Alembic: the module says what it does
        and ast.get_docstring(node) is None
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_public_names_say_what_they_are(path: Path) -> None:
    assert undocumented(path.read_text(encoding="utf-8")) == []


def test_a_missing_docstring_would_be_seen() -> None:
    assert undocumented("class A: pass\ndef b(): pass\ndef _c(): pass\ndef d():\n    'D.'") == ["A:1", "b:2"]


# Dependencies


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(r).name) for r in requirements}


def declared() -> dict[str, Requirement]:
    """Everything pyproject.toml asks for: running, building, testing, extras."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    lines = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    lines += [r for extra in project["optional-dependencies"].values() for r in extra]
    lines += [r for group in groups.values() for r in group if isinstance(r, str)]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def test_every_dependency_is_argued_for() -> None:
    table = re.findall(r"^\| `([^`]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {canonicalize_name(name) for name in table} == set(declared())


def test_the_package_runs_without_insightface() -> None:
    assert "insightface" not in names(PROJECT["project"]["dependencies"])


def locked(name: str) -> Iterator[tuple[Requirement, int]]:
    """The pins of one lock file, each with its number of hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            pin, *hashes = re.split(r"\s--hash=sha256:(?=[0-9a-f]{64})", line)
            yield Requirement(pin.strip()), len(hashes)


LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-train.txt", "requirements-train-cuda.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_every_package_by_hash(name: str) -> None:
    pins = list(locked(name))
    assert pins
    for pin, hashes in pins:
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        assert hashes > 0, f"{pin} has no hash"
        assert pin.url is None, f"{pin} names an address"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_lock_holds_one_runtime_and_one_opencv(environment: dict[str, str]) -> None:
    here = [canonicalize_name(p.name) for p, _ in locked("requirements.txt") if in_force(p, environment)]
    assert len(here) == len(set(here)), "one version of each"
    linux_pc = environment["sys_platform"] == "linux" and environment["platform_machine"] == "x86_64"
    assert [n for n in here if n.startswith("onnxruntime")] == ["onnxruntime-gpu" if linux_pc else "onnxruntime"]
    assert [n for n in here if n.startswith("opencv")] == ["opencv-python-headless"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_lock_fits_what_pyproject_asks_for(environment: dict[str, str]) -> None:
    pins = {canonicalize_name(p.name): p for n in LOCKS for p, _ in locked(n) if in_force(p, environment)}
    for name, wanted in declared().items():
        if in_force(wanted, environment):
            assert name in pins, f"{name} is not locked: run make lock"
            version = str(pins[name].specifier).removeprefix("==")
            assert wanted.specifier.contains(version, prereleases=True), f"{name} {version}: run make lock"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_all_locks_agree(environment: dict[str, str]) -> None:
    """Whatever is installed last, what was installed first stays as it is."""
    pinned: dict[str, str] = {}
    for pin in (p for name in LOCKS for p, _ in locked(name) if in_force(p, environment)):
        name = canonicalize_name(pin.name)
        assert pinned.setdefault(name, str(pin.specifier)) == str(pin.specifier), name


def in_force(requirement: Requirement, environment: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


# What must not be in the repository


def tracked_files() -> list[Path]:
    """What git tracks; in an unpacked archive, what git would."""
    try:
        out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        listed = [ROOT / name for name in out.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        folders = (ROOT / name for name in ("faceapp", "resources", "scripts", "tests"))
        listed = [*ROOT.glob("*"), *(p for folder in folders for p in folder.rglob("*"))]
    return [p for p in listed if p.is_file() and p.suffix != ".pyc"]


# Written apart, so that this file doesn't hold what it looks for.
FORBIDDEN = {
    "a machine's path": r"/(?:work|root|home/[a-z]+)/(?:main|shared|\.)",
    "a package registry's host": r"py" r"pi\.org|python" r"hosted\.org|npm" r"js\.org|deb\.deb" r"ian\.org",
    "an index in a lock": r"^--(?:extra-)?index-url|^--find-links",
    "a tool's folder": r"\.lib" r"rary/",
}  # fmt: skip


def offences(text: str) -> list[str]:
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.MULTILINE)]


def test_no_machine_and_no_registry_is_named() -> None:
    found = {}
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        if what := offences(text):
            found[str(path.relative_to(ROOT))] = what
    assert found == {}


@pytest.mark.parametrize(
    "text",
    ["see /work" + "/main/x", "https://files.python" + "hosted.org/x", "a\n--index" + "-url x", "/root" + "/.cache"],
)
def test_an_offence_would_be_seen(text: str) -> None:
    assert offences(text)


def test_no_photograph_but_the_astronauts_is_committed() -> None:
    photographs = [p for p in tracked_files() if p.suffix.lower() in {".jpg", ".jpeg", ".webp", ".heic"}]
    assert [str(p.relative_to(ROOT)) for p in photographs] == ["resources/astronaut.jpg"]


def test_no_built_network_is_committed() -> None:
    networks = {".onnx", ".pb", ".dat", ".caffemodel"}
    assert not [p for p in tracked_files() if p.suffix in networks or p.stat().st_size > 5_000_000]


def test_no_document_has_a_placeholder_left() -> None:
    left = [file.name for file in sorted(ROOT.glob("*.md")) if re.search(r"@@|TODO|FIXME|TBD", file.read_text("utf-8"))]
    assert left == []
