"""Stores over a wire: nodes with their keys, sealed segments, and the numbers that rows have in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.types import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, COUNT, nullable=False, server_default="0")


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def upgrade() -> None:
    """Build the tables of the wire."""
    op.create_table(
        "sealed_state",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.String(36), nullable=False),
        sa.Column("schema", sa.Integer, nullable=False),
        _number("position"),
        sa.Column("as_of", Instant, nullable=False),
        _number("edition"),
    )
    op.create_table(
        "sealed_buckets",
        sa.Column("bucket", sa.String(300), primary_key=True),
        _number("snapshot"),
        _number("kept_from"),
        sa.Column("snapshot_at", Instant, nullable=False),
    )
    op.create_table(
        "sealed_segments",
        sa.Column("bucket", sa.String(300), primary_key=True),
        sa.Column("seg_no", COUNT, primary_key=True, autoincrement=False),
        _number("first"),
        _number("last"),
        sa.Column("snapshot", sa.Boolean, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        _number("bytes"),
        _number("rows"),
        sa.Column("schema", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "sealed_rows",
        sa.Column("number", COUNT, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.String(36), nullable=False, unique=True),
        _number("version"),
        sa.Column("scopes", sa.Text, nullable=False, server_default="[]"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "nodes",
        sa.Column("node", sa.String(100), primary_key=True),
        _text("store", 64),
        _text("token_hash", 64),
        sa.Column("token_until", Instant),
        _text("public_key", 64),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("registered_at", Instant),
        sa.Column("revoked_at", Instant),
        _text("cursor_epoch", 36),
        _number("cursor_seq"),
        sa.Column("cursor_buckets", sa.Text, nullable=False, server_default="[]"),
        sa.Column("seen_at", Instant),
        _number("polls"),
        _number("bytes_sent"),
        sa.Index("ix_nodes_store", "store"),
    )
