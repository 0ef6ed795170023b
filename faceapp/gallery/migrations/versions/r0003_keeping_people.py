"""Consent, negative examples, the inbox of unknown faces, merges, deletions, imports, and what is known of each photo.

`photo` is made anew, so that the picture stays its last column. Templates and pictures become sealed when the gallery
is opened, not here: `sealing.seal_all` does it to every gallery that no key has sealed yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("person", sa.Column("last_seen", sa.Text))
    with op.batch_alter_table("photo", recreate="always") as photo:
        override = sa.Column("override", sa.Boolean, nullable=False, server_default=sa.false())
        photo.add_column(override, insert_before="crop")
        photo.add_column(sa.Column("issues", sa.JSON), insert_before="crop")
        photo.add_column(sa.Column("content", sa.Text), insert_before="crop")
    op.create_index("ix_photo_person_id_content", "photo", ["person_id", "content"], unique=True)
    _of_people()
    _of_the_inbox()
    _of_imports()
    op.create_table(
        "deletion",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("deleted", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deletion"),
        sa.CheckConstraint("kind IN ('person', 'photo', 'track')", name="ck_deletion_kind"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _of_people() -> None:
    op.create_table(
        "consent",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("withdrawn", sa.Text),
        sa.Column("text", sa.Text),
        sa.PrimaryKeyConstraint("person_id", name="pk_consent"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_consent_person_id_person", ondelete="CASCADE"),
    )
    op.create_table(
        "negative",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_negative"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_negative_person_id_person", ondelete="CASCADE"),
    )
    op.create_index("ix_negative_person_id", "negative", ["person_id"])
    op.create_index("ix_negative_space", "negative", ["space"])
    op.create_table(
        "merge",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("into_id", sa.Text, nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("person_created", sa.Text, nullable=False),
        sa.Column("photos", sa.JSON, nullable=False),
        sa.Column("rights", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_merge"),
        sa.ForeignKeyConstraint(["into_id"], ["person.id"], name="fk_merge_into_id_person", ondelete="CASCADE"),
    )
    op.create_index("ix_merge_into_id", "merge", ["into_id"])


def _of_the_inbox() -> None:
    op.create_table(
        "inbox_track",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("last_seen", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cluster", sa.Text),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("crop", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_track"),
        sa.CheckConstraint("state IN ('new', 'ignored')", name="ck_inbox_track_state"),
    )
    op.create_index("ix_inbox_track_last_seen", "inbox_track", ["last_seen"])
    op.create_index("ix_inbox_track_cluster", "inbox_track", ["cluster"])
    op.create_table(
        "inbox_face",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("track_id", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_face"),
        sa.ForeignKeyConstraint(
            ["track_id"], ["inbox_track.id"], name="fk_inbox_face_track_id_inbox_track", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_inbox_face_track_id", "inbox_face", ["track_id"])
    op.create_index("ix_inbox_face_space", "inbox_face", ["space"])


def _of_imports() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("source_key", sa.Text, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("finished", sa.Text),
        sa.Column("done", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_index("ix_import_run_source_key", "import_run", ["source_key"])
    op.create_table(
        "import_item",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "item", name="pk_import_item"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name="fk_import_item_run_id_import_run", ondelete="CASCADE"
        ),
    )
