"""Authorizations: pools of credit and points, rights that tills hold in them, approvals, demand; the entries of loyalty
accounts as rows, also those that are there already."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant, Scaled, bounded, scaled

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.String(36)
NAME = sa.String(200)
NODE = sa.String(130)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 5_000


def upgrade() -> None:
    """Build the tables, and fill that of the loyalty entries."""
    entries = op.create_table(
        "loyalty_entries",
        sa.Column("document_id", ID, sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("account_id", NAME, nullable=False, index=True),
        sa.Column("points", sa.String(60), nullable=False),
        sa.Column("points_scaled", Scaled),
    )
    _fill(entries)
    _pools()
    _tills()


def _pools() -> None:
    """What there is, who holds what, what was approved."""
    op.create_table(
        "pools",
        sa.Column("id", ID, primary_key=True),
        sa.Column("resource", sa.String(12), nullable=False),
        sa.Column("party", ID, nullable=False),
        sa.Column("account", NAME, nullable=False, index=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("owner", ID, nullable=False, index=True),
        sa.Column("changed_at", Instant, index=True),
        sa.UniqueConstraint("resource", "party", "account", "currency"),
    )
    op.create_table(
        "rights",
        sa.Column("id", ID, primary_key=True),
        sa.Column("pool", ID, sa.ForeignKey("pools.id"), nullable=False),
        sa.Column("holder", NODE, nullable=False, index=True),
        sa.Column("store", sa.String(64), nullable=False),
        sa.Column("outbox", ID, nullable=False),
        *(sa.Column(name, Scaled, nullable=False) for name in ("granted", "recalled", "returned", "spent", "lost")),
        sa.Column("expires_at", Instant, nullable=False, index=True),
        sa.Column("document_id", ID, nullable=False, server_default=""),
        sa.Index("ix_rights_pool", "pool", "outbox"),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("pool", ID, nullable=False, server_default=""),
        sa.Column("operation", sa.String(40), nullable=False),
        sa.Column("node", NODE, nullable=False),
        sa.Column("right_id", ID, nullable=False, server_default=""),
        sa.Column("amount", Scaled, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("expires_at", Instant),
        sa.Index("ix_approvals_pool", "pool", "state", "at"),
        sa.Index("ix_approvals_node", "node", "operation", "at"),
    )


def _tills() -> None:
    """Whom the hub has heard, what they need, what was lost."""
    op.create_table(
        "outboxes",
        sa.Column("outbox", ID, primary_key=True),
        sa.Column("node", NODE, nullable=False, index=True),
        sa.Column("store", sa.String(64), nullable=False),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("lost_at", Instant),
    )
    op.create_table(
        "demands",
        sa.Column("pool", ID, sa.ForeignKey("pools.id"), primary_key=True),
        sa.Column("outbox", ID, primary_key=True),
        sa.Column("wanted", Scaled, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "right_losses",
        sa.Column("number", COUNT, primary_key=True, autoincrement=True),
        sa.Column("node", NODE, nullable=False),
        sa.Column("right_id", ID, nullable=False),
        sa.Column("amount", Scaled, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sqlite_autoincrement=True,
    )


def _fill(entries: sa.Table) -> None:
    connection = op.get_bind()
    query = sa.text(
        "SELECT d.id, v.json FROM documents d"
        " JOIN document_versions v ON v.document_id = d.id AND v.version = d.version"
        " WHERE d.kind = 'LoyaltyEntry' AND NOT d.deleted AND d.id > :after ORDER BY d.id LIMIT :count"
    )
    after = ""
    while found := connection.execute(query, {"after": after, "count": _AT_ONCE}).all():
        rows = []
        for row in found:
            data = json.loads(row.json)
            points = str(data["points"])
            rows.append(
                {
                    "document_id": row.id,
                    "account_id": bounded(data["account_id"]),
                    "points": bounded(points, 60),
                    "points_scaled": scaled(points),
                }
            )
        connection.execute(sa.insert(entries), rows)
        after = found[-1].id
