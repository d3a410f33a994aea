"""Changes that the feed numbers after a newer one of the same document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the table, and fill it for what is numbered already."""
    op.create_table(
        "feed_late",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "INSERT INTO feed_late (position, seq) SELECT feed_order.position, max(newer.seq) FROM feed_order"
            " JOIN changes ON changes.seq = feed_order.seq JOIN changes AS newer ON newer.row_id = changes.row_id"
            " AND newer.seq > changes.seq AND newer.xid < changes.xid GROUP BY feed_order.position"
        )
