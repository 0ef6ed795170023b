"""Galleries as earlier versions of faceapp wrote them: everything in the clear."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from faceapp.gallery.database import SCHEMA
from faceapp.gallery.names import name_key
from faceapp.types import Floats

AT = "2026-03-01T09:30:00.000000+00:00"
SPACE = "space"


@dataclass(frozen=True)
class OldPerson:
    """Somebody in such a gallery, with one photo."""

    id: str
    name: str
    photo_id: str
    vector: Floats
    crop: bytes


def old_gallery(
    data_dir: Path, revision: str, *names: str, dimension: int = 128, badges: bool = False
) -> list[OldPerson]:
    """Write a gallery at `revision` ("0001" or "0002") with `names` in it, each with a template and a picture of bytes
    that occur nowhere else; from "0002" on the first of them may have a badge."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / "gallery.db"
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    random = np.random.default_rng(len(names))
    people = [
        OldPerson(f"{n:032x}", name, f"{n + 1000:032x}", _unit(random, dimension), random.bytes(6000))
        for n, name in enumerate(names)
    ]
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(SCHEMA.migrations).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for p in people:
            who = {"id": p.id, "name": p.name, "key": name_key(p.name), "at": AT}
            connection.execute(text("INSERT INTO person VALUES (:id, :name, :key, :at, :at)"), who)
            photo = {"id": p.photo_id, "who": p.id, "at": AT, "box": "[1, 2, 3, 4]", "crop": p.crop}
            values = "(:id, :who, 'a.jpg', 70.0, :at, :box, NULL, :crop)"
            connection.execute(text(f"INSERT INTO photo VALUES {values}"), photo)  # noqa: S608 - nobody's words
            template = {"id": p.photo_id, "space": SPACE, "n": dimension, "at": AT, "vector": p.vector.tobytes()}
            connection.execute(text("INSERT INTO template VALUES (:id, :space, :n, :at, :vector)"), template)
        if badges:
            connection.execute(text("INSERT INTO badge VALUES (:mac, :id)"), {"mac": "ab" * 32, "id": people[0].id})
    engine.dispose()
    return people


def _unit(random: np.random.Generator, dimension: int) -> Floats:
    vector = random.standard_normal(dimension)
    unit: Floats = (vector / np.linalg.norm(vector)).astype("<f4")
    return unit
