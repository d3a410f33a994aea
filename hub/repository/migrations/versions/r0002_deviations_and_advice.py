"""Deviations counted per partner; what the partner's application says about a message (X12 824), in the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Build the table of deviations, and the ledger's new columns."""
    op.create_table(
        "deviations",
        sa.Column("partner", sa.String(200), primary_key=True),
        sa.Column("standard", sa.String(200), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("count", COUNT, nullable=False, server_default="0"),
        sa.Column("exchanges", COUNT, nullable=False, server_default="0"),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("last_exchange", sa.String(36), nullable=False, server_default=""),
    )
    for name, length in (("reference", 200), ("application", 32), ("application_code", 200), ("application_by", 36)):
        op.add_column("acknowledgments", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("acknowledgments", sa.Column("application_at", Instant))
    op.add_column("acknowledgments", sa.Column("application_findings", sa.Text, nullable=False, server_default=""))
    op.create_index(
        "ix_acknowledgments_reference", "acknowledgments", ["partner", "standard", "reference"], unique=False
    )
