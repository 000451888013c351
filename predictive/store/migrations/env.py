"""How Alembic runs: on the connection it is handed, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from predictive.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
