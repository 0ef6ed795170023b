"""What Alembic runs: the revisions, on the connection `faceapp.gallery.migrate` hands over, within its transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
