"""Images of customer cards: each that the hub wrote, or that a till showed or wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Build the table. What was written before is known by the table of cards alone."""
    op.create_table(
        "card_images",
        sa.Column("number", COUNT, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rights", COUNT, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
