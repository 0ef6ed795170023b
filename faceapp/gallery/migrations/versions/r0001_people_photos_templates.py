"""People, their photos, and a template for each photo and embedding space."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("updated", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("name_key", name="uq_person_name_key"),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("box", sa.JSON),
        sa.Column("landmarks", sa.JSON),
        sa.Column("crop", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_photo_person_id_person", ondelete="CASCADE"),
    )
    op.create_index("ix_photo_person_id", "photo", ["person_id"])
    op.create_table(
        "template",
        sa.Column("photo_id", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("photo_id", "space", name="pk_template"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_template_photo_id_photo", ondelete="CASCADE"),
    )
    op.create_index("ix_template_space", "template", ["space"])
