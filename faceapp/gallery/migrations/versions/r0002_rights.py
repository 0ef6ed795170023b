"""Who may open the door: a person's own right and hours, groups, deactivation, badges.

Tables beside `person`, which stays as it is: who is enrolled already ends with no row here, which is no right.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "door_right",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("own", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("hours", sa.JSON),
        sa.PrimaryKeyConstraint("person_id", name="pk_door_right"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_door_right_person_id_person", ondelete="CASCADE"
        ),
        sa.CheckConstraint("own IN ('allow', 'deny')", name="ck_door_right_own"),
    )
    op.create_table(
        "door_group",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("hours", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_door_group"),
        sa.UniqueConstraint("name_key", name="uq_door_group_name_key"),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "group_id", name="pk_membership"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_membership_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["door_group.id"], name="fk_membership_group_id_door_group", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_membership_group_id", "membership", ["group_id"])
    op.create_table(
        "badge",
        sa.Column("mac", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("mac", name="pk_badge"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_badge_person_id_person", ondelete="CASCADE"),
    )
    op.create_index("ix_badge_person_id", "badge", ["person_id"])
