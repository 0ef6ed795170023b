"""The gallery's tables at the newest schema revision.

SQLAlchemy Core, not its object-relational mapper: rows leave this room as frozen values anyway, and the mapper costs
as much again to import. The migrations make these tables; a test holds the two together. Consent, groups, hours, the
unknown faces' inbox and encryption come as further revisions.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

HEAD = "0001"
"""The newest revision in `migrations/versions`: known without importing Alembic, which is slow."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("created", Text, nullable=False),
    Column("updated", Text, nullable=False),
)

photo = Table(
    "photo",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("quality", Float, nullable=False),
    Column("created", Text, nullable=False),
    Column("box", JSON(none_as_null=True)),
    Column("landmarks", JSON(none_as_null=True)),
    # Last, so that SQLite reads the other columns without walking through the picture's pages.
    Column("crop", LargeBinary),
)

template = Table(
    "template",
    metadata,
    Column("photo_id", Text, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    Column("space", Text, primary_key=True, index=True),
    Column("dimension", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)
