"""The return flow: uploads of stores, gaps in them, conflicts, and when which store changed which field."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str, length: int) -> sa.Column[Any]:
    """A text that is '' where it is absent."""
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def upgrade() -> None:
    """Build the tables."""
    _uploads()
    _conflicts()


def _uploads() -> None:
    op.create_table(
        "upload_nodes",
        sa.Column("node", sa.String(130), primary_key=True),
        text("store", 64),
        sa.Column("next", COUNT, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("node", sa.String(130), nullable=False),
        sa.Column("seq", COUNT, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        text("store", 64),
        text("document", 64),
        text("kind", 40),
        text("created_at", 40),
        text("clock", 200),
        sa.Column("body", sa.Text, nullable=False),
        text("payload", 64),
        sa.Column("state", sa.String(12), nullable=False),
        text("code", 40),
        text("document_id", 36),
        sa.Column("findings", sa.Text, nullable=False, server_default=""),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("decided_at", Instant),
        sa.UniqueConstraint("node", "seq", "digest", name="uq_uploads_node_seq_digest"),
    )
    op.create_index("ix_uploads_state", "uploads", ["state", "node", "seq"])
    op.create_table(
        "upload_gaps",
        sa.Column("node", sa.String(130), primary_key=True),
        sa.Column("first", COUNT, primary_key=True, autoincrement=False),
        sa.Column("last", COUNT, nullable=False),
        sa.Column("since", Instant, nullable=False),
    )


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("number", COUNT, primary_key=True, autoincrement=True),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("ours", sa.Text, nullable=False),
        sa.Column("theirs", sa.Text, nullable=False),
        sa.Column("policy", sa.String(20), nullable=False),
        sa.Column("winner", sa.String(8), nullable=False),
        sa.Column("node", sa.String(130), nullable=False),
        sa.Column("seq", COUNT, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conflicts_id", "conflicts", ["id"])
    op.create_table(
        "field_clocks",
        sa.Column("document_id", sa.String(36), primary_key=True),
        sa.Column("field", sa.String(60), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("clock", sa.String(200), nullable=False),
        sa.Column("node", sa.String(130), nullable=False),
    )
