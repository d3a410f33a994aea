"""Places of stores' sequences that were given up for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the table."""
    count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "upload_losses",
        sa.Column("number", count, primary_key=True, autoincrement=True),
        sa.Column("node", sa.String(130), nullable=False),
        sa.Column("first", count, nullable=False),
        sa.Column("last", count, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sqlite_autoincrement=True,
    )
