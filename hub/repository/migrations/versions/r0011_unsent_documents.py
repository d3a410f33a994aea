"""What waits at a till, as its last poll said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("nodes", sa.Column("unsent", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.add_column("nodes", sa.Column("unsent_since", Instant))
