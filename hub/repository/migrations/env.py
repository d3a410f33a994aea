"""Alembic's entry: runs the migrations on the connection, and in the transaction, that ``schema.ensure`` opened."""

from __future__ import annotations

from alembic import context

from hub.repository.schema import VERSION_TABLE
from hub.repository.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
