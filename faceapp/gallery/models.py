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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
)

HEAD = "0005"
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
    Column("last_seen", Text),
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
    # Taken although the quality gate said no.
    Column("override", Boolean, nullable=False, server_default=false()),
    # The gate's reason codes.
    Column("issues", JSON(none_as_null=True)),
    # A keyed hash of the source picture's bytes and which face of it: what was imported already is known by it.
    Column("content", Text),
    # Last, so that SQLite reads the other columns without walking through the picture's pages. Sealed.
    Column("crop", LargeBinary),
    Index("ix_photo_person_id_content", "person_id", "content", unique=True),
)

template = Table(
    "template",
    metadata,
    Column("photo_id", Text, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    Column("space", Text, primary_key=True, index=True),
    Column("dimension", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # sealed
)

# Who may open the door. A person without a row in `door_right` is active and has no right of their own.
door_right = Table(
    "door_right",
    metadata,
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("own", Text),
    Column("active", Boolean, nullable=False),
    Column("hours", JSON(none_as_null=True)),
    # Their face alone opens nothing: somebody else's is too near to it.
    Column("badge_required", Boolean, nullable=False, server_default=false()),
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

consent = Table(
    "consent",
    metadata,
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given", Text, nullable=False),
    Column("until", Text),
    Column("withdrawn", Text),
    Column("text", Text),
)

# Faces of which somebody said "that is not NAME".
negative = Table(
    "negative",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("space", Text, nullable=False, index=True),
    Column("dimension", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # sealed
)

# Faces that nobody matched, until somebody enrols, ignores or deletes them or their time is over.
inbox_track = Table(
    "inbox_track",
    metadata,
    Column("id", Text, primary_key=True),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False, index=True),
    Column("camera", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cluster", Text, index=True),
    Column("quality", Float, nullable=False),
    Column("crop", LargeBinary),  # sealed
    CheckConstraint("state IN ('new', 'ignored')", name="state"),
)

inbox_face = Table(
    "inbox_face",
    metadata,
    Column("id", Text, primary_key=True),
    Column("track_id", Text, ForeignKey("inbox_track.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("space", Text, nullable=False, index=True),
    Column("dimension", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # sealed
)

# What it takes to undo a merge: who the merged person was, and which photos were theirs.
merge = Table(
    "merge",
    metadata,
    Column("id", Text, primary_key=True),
    Column("into_id", Text, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("created", Text, nullable=False),
    Column("person_created", Text, nullable=False),
    Column("photos", JSON, nullable=False),
    Column("rights", JSON(none_as_null=True)),
)

# Random ids of what was deleted, so that a restored backup can be brought to forget it, too.
deletion = Table(
    "deletion",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("deleted", Text, nullable=False),
    CheckConstraint("kind IN ('person', 'photo', 'track')", name="kind"),
)

# How far an import came. Sources and items are keyed hashes.
import_run = Table(
    "import_run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_key", Text, nullable=False, index=True),
    Column("started", Text, nullable=False),
    Column("finished", Text),
    Column("done", Integer, nullable=False),
)

import_item = Table(
    "import_item",
    metadata,
    Column("run_id", Text, ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
)

# Whose templates changed, the newest 20,000 times: written by triggers, whoever changes them. A number and its stamp,
# which is random, tell a state of the templates: a file that was put back has numbers again, but not these stamps.
template_change = Table(
    "template_change",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("person_id", Text),
    Column("space", Text),  # none: all of them
    Column("stamp", Text, nullable=False, server_default=text("(hex(randomblob(8)))")),
    sqlite_autoincrement=True,
)

# One value for each name: the fingerprint of the key that sealed this gallery, when people last expired, ...
meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
