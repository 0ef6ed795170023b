"""Whose templates change, so that nobody has to read all of them for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEPT = 20_000
"""Changes: who has slept through more reads everything anew."""
_OWNER = "SELECT person_id, {row}.space FROM photo WHERE id = {row}.photo_id"
# What each trigger writes down: whose, and in which space, null for all. A person who goes takes the photos along, and
# those the templates, whose owner can't be told then any more. Templates that are sealed anew are the same ones.
_TRIGGERS = {
    "template_added": ("AFTER INSERT ON template", [_OWNER.format(row="new")]),
    "template_replaced": ("AFTER UPDATE OF created ON template", [_OWNER.format(row="new")]),
    "template_removed": ("BEFORE DELETE ON template", [_OWNER.format(row="old")]),
    "photo_removed": ("AFTER DELETE ON photo", ["SELECT old.person_id, NULL"]),
    "photo_moved": (
        "AFTER UPDATE OF person_id ON photo",
        ["SELECT old.person_id, NULL", "SELECT new.person_id, NULL"],
    ),
    "person_renamed": ("AFTER UPDATE OF name ON person", ["SELECT new.id, NULL"]),
    "person_removed": ("AFTER DELETE ON person", ["SELECT old.id, NULL"]),
    "negative_added": ("AFTER INSERT ON negative", ["SELECT new.person_id, new.space"]),
    "negative_removed": ("AFTER DELETE ON negative", ["SELECT old.person_id, old.space"]),
    "negative_moved": (
        "AFTER UPDATE OF person_id ON negative",
        ["SELECT old.person_id, old.space", "SELECT new.person_id, new.space"],
    ),
}


def upgrade() -> None:
    op.create_table(
        "template_change",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Text),
        sa.Column("space", sa.Text),
        sa.Column("stamp", sa.Text, nullable=False, server_default=sa.text("(hex(randomblob(8)))")),
        sa.PrimaryKeyConstraint("number", name="pk_template_change"),
        sqlite_autoincrement=True,
    )
    for name, (when, rows) in _TRIGGERS.items():
        body = " ".join(f"INSERT INTO template_change (person_id, space) {row};" for row in rows)
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN {body} END")
    forget = f"DELETE FROM template_change WHERE number <= new.number - {_KEPT};"  # noqa: S608 - a number of ours
    op.execute(f"CREATE TRIGGER template_change_forgotten AFTER INSERT ON template_change BEGIN {forget} END")
    op.execute("INSERT INTO template_change (person_id) VALUES (NULL)")  # the state that everything begins with
