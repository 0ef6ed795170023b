"""A crowd in a file answers as before, and neither reveals nor believes anything without the key."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.bench.population import Population
from faceapp.errors import UnavailableError
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
def table(templates: Floats) -> TemplateTable:
    ids = tuple(f"p{n:05}" for n in range(PEOPLE))
    return TemplateTable(SPACE, templates[:PEOPLE], ids, tuple(f"Zoë {i}" for i in ids))


@pytest.fixture
def file(table: TemplateTable, tmp_path: Path) -> Path:
    write(tmp_path / "crowd", table)
    return tmp_path / "crowd"


def write(file: Path, table: TemplateTable, mark: str = "7") -> None:
    cuts = [0, 5, 13, 600, len(table)]  # as they come from the gallery, whatever is sealed together
    portions = [(table.person_ids[a:b], table.names[a:b], table.vectors[a:b]) for a, b in itertools.pairwise(cuts)]
    snapshot.write(file, VAULT, SPACE, mark, table.vectors, len(table), portions)


def read(file: Path, mark: str = "7", space: str = SPACE, vault: Vault = VAULT) -> Crowd | None:
    found = snapshot.read(file, vault, space, lambda m: m == mark)
    return None if found is None else found[0]


def test_it_answers_as_before(file: Path, table: TemplateTable, templates: Floats) -> None:
    found = read(file)
    assert found is not None
    probes = templates[PEOPLE:]
    expected = LargeIndex.over(SPACE, Crowd.of(table, exact=True))
    index = LargeIndex.over(SPACE, found)
    assert index.match(probes, 2.0, sure=True) == expected.match(probes, 2.0)
    assert index.person_ids == expected.person_ids
    assert found.templates_of("p01202").tolist() == templates[1202:1203].tolist()
    assert found.name_of("p00051") == "Zoë p00051"
    everything = index.table()
    assert (everything.person_ids, everything.names) == (table.person_ids, table.names)
    assert np.array_equal(everything.vectors, table.vectors)


def test_another_state_or_space_is_not_used(file: Path) -> None:
    assert read(file, "6") is None
    assert read(file, space="another") is None
    assert read(file.with_name("none")) is None
    file.write_bytes(b"")
    assert read(file) is None


def test_nothing_of_it_can_be_read_without_the_key(file: Path, templates: Floats) -> None:
    content = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert not any(t.astype("<f4").tobytes()[:16] in content for t in templates[:200])
    assert b"Zo" + "ë".encode() not in content
    assert b"p00051" not in content
    with pytest.raises(UnavailableError):
        read(file, vault=Vault((b"x" * 32,), b"m" * 32))


def test_an_altered_or_moved_block_is_refused(file: Path) -> None:
    found = read(file)
    assert found is not None
    assert isinstance(found.full, snapshot.Sealed)
    first, second = found.full.section.block(0), found.full.section.block(1)
    content = bytearray(file.read_bytes())
    content[first], content[second] = content[second], content[first]
    other = file.with_name("other")
    for wrong in (bytes(content), file.read_bytes()[:-20_000], file.read_bytes() + b"x"):
        other.write_bytes(wrong)
        with pytest.raises((UnavailableError, ValueError)):
            read(other)
