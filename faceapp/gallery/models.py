"""The gallery's tables at the newest schema revision.

SQLAlchemy Core, not its object-relational mapper: rows leave this room as frozen values anyway, and the mapper costs
as much again to import. The migrations make these tables; a test holds the two together. Consent, the unknown faces'
inbox and encryption come as further revisions.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

HEAD = "0002"
"""The newest revision in `migrations/versions`: known without importing Alembic, which is slow."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
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

# Who may open the door. A person without a row in `door_right` is active and has no right of their own.
door_right = Table(
    "door_right",
    metadata,
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("own", Text),
    Column("active", Boolean, nullable=False),
    Column("hours", JSON(none_as_null=True)),
    CheckConstraint("own IN ('allow', 'deny')", name="own"),
)

door_group = Table(
    "door_group",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("allowed", Boolean, nullable=False),
    Column("hours", JSON(none_as_null=True)),
)

membership = Table(
    "membership",
    metadata,
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", Text, ForeignKey("door_group.id", ondelete="CASCADE"), primary_key=True, index=True),
)

badge = Table(
    "badge",
    metadata,
    # The keyed hash of the badge's code, hexadecimal: the code itself is never stored.
    Column("mac", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
)
