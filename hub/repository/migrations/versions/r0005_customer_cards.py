"""Signed customer cards: what was issued to whom, and what of it was revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Build the table of cards."""
    op.create_table(
        "cards",
        sa.Column("number", COUNT, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.String(36), nullable=False),
        sa.Column("store", sa.String(64), nullable=False, server_default=""),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("tier", sa.Integer, nullable=False),
        sa.Column("rights", COUNT, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.Index("ix_cards_customer", "customer_id"),
        sa.Index("ix_cards_revoked", "revoked_at"),
    )
