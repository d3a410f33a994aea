"""Purging the change feed: how far it is purged, when which position was reached, who has read how far; documents in
the order in which snapshots read them; when nodes passed a position."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A change that moved a document between scopes and left its version as it was; until now it could be told from one
# that wrote the version only by an earlier change with the same version, which may be purged from now on.
_MOVED = """
    UPDATE changes SET op = 'MOV'
     WHERE seq IN (SELECT seq
                     FROM (SELECT seq, op, version, lag(version) OVER (PARTITION BY row_id ORDER BY seq) AS earlier
                             FROM changes) AS told
                    WHERE op = 'PUT' AND version = earlier)
"""


def upgrade() -> None:
    """Add tables, columns and the index; tell moves from new versions."""
    count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_index("ix_documents_kind_id", "documents", ["kind", "id"])
    op.add_column("feed_state", sa.Column("purged", count, nullable=False, server_default="0"))
    op.create_table(
        "feed_marks",
        sa.Column("position", count, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "feed_consumers",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("epoch", sa.String(36), nullable=False),
        sa.Column("position", count, nullable=False, server_default="0"),
        sa.Column("seen_at", Instant, nullable=False),
    )
    op.add_column("nodes", sa.Column("passed", sa.Text, nullable=False, server_default="[]"))
    op.execute(_MOVED)
