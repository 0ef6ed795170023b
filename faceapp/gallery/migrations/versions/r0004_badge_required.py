"""Whether a person needs a badge besides their face."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("door_right", sa.Column("badge_required", sa.Boolean, nullable=False, server_default=sa.false()))
