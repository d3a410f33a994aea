"""Tables of the wire to the stores: nodes, what is sealed, and which number each row has in the segments."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from hub.repository.columns import COUNT, SHA, number, text
from hub.repository.tables import metadata
from hub.repository.types import Instant

_BUCKET = String(300)


sealed_state = Table(
    "sealed_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("epoch", String(36), nullable=False),
    Column("schema", Integer, nullable=False),
    number("position"),
    Column("as_of", Instant, nullable=False),
    number("edition"),
)

sealed_buckets = Table(
    "sealed_buckets",
    metadata,
    Column("bucket", _BUCKET, primary_key=True),
    number("snapshot"),
    number("kept_from"),
    Column("snapshot_at", Instant, nullable=False),
)

sealed_segments = Table(
    "sealed_segments",
    metadata,
    Column("bucket", _BUCKET, primary_key=True),
    Column("seg_no", COUNT, primary_key=True, autoincrement=False),
    number("first"),
    number("last"),
    Column("snapshot", Boolean, nullable=False),
    Column("digest", SHA, nullable=False),
    number("bytes"),
    number("rows"),
    Column("schema", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

sealed_rows = Table(
    "sealed_rows",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=True),
    Column("document_id", String(36), nullable=False, unique=True),
    number("version"),
    Column("scopes", Text, nullable=False, server_default="[]"),
    sqlite_autoincrement=True,
)

nodes = Table(
    "nodes",
    metadata,
    Column("node", String(100), primary_key=True),
    text("store", String(64)),
    text("token_hash", SHA),
    Column("token_until", Instant),
    text("public_key", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("registered_at", Instant),
    Column("revoked_at", Instant),
    text("cursor_epoch", String(36)),
    number("cursor_seq"),
    Column("cursor_buckets", Text, nullable=False, server_default="[]"),
    Column("seen_at", Instant),
    number("polls"),
    number("bytes_sent"),
    Column("passed", Text, nullable=False, server_default="[]"),
    Column("unsent", COUNT),
    Column("unsent_since", Instant),
    Index("ix_nodes_store", "store"),
)
