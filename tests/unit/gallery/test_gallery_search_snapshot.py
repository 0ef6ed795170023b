"""A crowd in a file answers as before, and neither reveals nor believes anything without the key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faceapp.app.bench.population import Population
from faceapp.errors import BugError, UnavailableError
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search import snapshot
from faceapp.gallery.search.crowd import Crowd
from faceapp.gallery.search.large import LargeIndex
from faceapp.security.vault import Vault
from faceapp.types import Floats

SPACE, PEOPLE = "test-space", 1_203
VAULT = Vault((b"k" * 32,), b"m" * 32)


@pytest.fixture(scope="module")
def templates() -> Floats:
    population = Population()
    people = population.people(PEOPLE)
    return np.concatenate([population.photographs(people), population.photographs(people[::50])])


@pytest.fixture(scope="module")
def crowd(templates: Floats) -> Crowd:
    ids = tuple(f"p{n:05}" for n in range(PEOPLE))
    return Crowd.of(TemplateTable(SPACE, templates[:PEOPLE], ids, tuple(f"Zoë {i}" for i in ids)), exact=False)


@pytest.fixture
def file(crowd: Crowd, tmp_path: Path) -> Path:
    snapshot.write(tmp_path / "crowd", VAULT, SPACE, "7", crowd)
    return tmp_path / "crowd"


def test_it_answers_as_before(file: Path, crowd: Crowd, templates: Floats) -> None:
    found = snapshot.read(file, VAULT, SPACE, "7")
    assert found is not None
    probes = templates[PEOPLE:]
    assert LargeIndex.over(SPACE, found).match(probes, 0.42) == LargeIndex.over(SPACE, crowd).match(probes, 0.42)
    assert found.person_ids() == crowd.person_ids()
    assert found.templates_of("p01202").tolist() == templates[1202:1203].tolist()


def test_whoever_was_deleted_is_in_no_file(crowd: Crowd, templates: Floats, tmp_path: Path) -> None:
    masked = crowd.without(["p00050"])
    file = tmp_path / "crowd"
    with pytest.raises(BugError, match="left out"):
        snapshot.write(file, VAULT, SPACE, "8", masked)
    assert list(tmp_path.iterdir()) == []
    rows = [n for n in range(PEOPLE) if n != 50]
    ids = tuple(f"p{n:05}" for n in rows)
    made = Crowd.of(TemplateTable(SPACE, templates[rows], ids, tuple(f"Zoë {i}" for i in ids)), exact=False)
    snapshot.write(file, VAULT, SPACE, "8", made)
    fewer = snapshot.read(file, VAULT, SPACE, "8")
    assert fewer is not None
    assert fewer.name_of("p00051") == "Zoë p00051"
    assert b"p00050" not in fewer.who.ids.tolist()
    assert b"p00050" not in fewer.who.names
    assert fewer.codes is not None
    assert (
        len(fewer.codes.codes)
        == len(fewer.heads.codes)
        == len(fewer.codes.lost)
        == fewer.codes.finder.ntotal
        == PEOPLE - 1
    )
    kept = fewer.full.take(np.arange(PEOPLE - 1))
    assert np.array_equal(kept, templates[rows])
    assert float((kept @ templates[50]).max()) < 0.99


def test_another_state_or_space_is_not_used(file: Path) -> None:
    assert snapshot.read(file, VAULT, SPACE, "6") is None
    assert snapshot.read(file, VAULT, "another", "7") is None
    assert snapshot.read(file.with_name("none"), VAULT, SPACE, "7") is None
    file.write_bytes(b"")
    assert snapshot.read(file, VAULT, SPACE, "7") is None


def test_nothing_of_it_can_be_read_without_the_key(file: Path, templates: Floats) -> None:
    content = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert not any(t.astype("<f4").tobytes()[:16] in content for t in templates[:200])
    assert b"Zo" + "ë".encode() not in content
    assert b"p00051" not in content
    with pytest.raises(UnavailableError):
        snapshot.read(file, Vault((b"x" * 32,), b"m" * 32), SPACE, "7")


def test_an_altered_or_moved_block_is_refused(file: Path, templates: Floats) -> None:
    found = snapshot.read(file, VAULT, SPACE, "7")
    assert found is not None
    assert isinstance(found.full, snapshot.Sealed)
    first, second = found.full.section.block(0), found.full.section.block(1)
    content = bytearray(file.read_bytes())
    content[first], content[second] = content[second], content[first]
    other = file.with_name("other")
    other.write_bytes(content)
    moved = snapshot.read(other, VAULT, SPACE, "7")
    assert moved is not None
    with pytest.raises(UnavailableError):
        moved.full.take(np.array([3], np.intp))
    assert np.array_equal(moved.full.take(np.array([PEOPLE - 1], np.intp)), templates[PEOPLE - 1 : PEOPLE])
    other.write_bytes(file.read_bytes()[:-20_000])
    cut = snapshot.read(other, VAULT, SPACE, "7")
    assert cut is not None
    with pytest.raises(UnavailableError):
        cut.full.take(np.array([PEOPLE - 1], np.intp))
