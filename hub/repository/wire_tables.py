"""Tables of the wire to the stores: nodes, what is sealed, and which number each row has in the segments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from hub.repository.tables import metadata
from hub.repository.types import Instant

_COUNT = BigInteger().with_variant(Integer(), "sqlite")
_BUCKET = String(300)
_SHA = String(64)


def _number(name: str) -> Column[int]:
    return Column(name, _COUNT, nullable=False, server_default="0")


def _text(name: str, kind: String) -> Column[str]:
    return Column(name, kind, nullable=False, server_default="")


sealed_state = Table(
    "sealed_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("epoch", String(36), nullable=False),
    Column("schema", Integer, nullable=False),
    _number("position"),
    Column("as_of", Instant, nullable=False),
    _number("edition"),
)

sealed_buckets = Table(
    "sealed_buckets",
    metadata,
    Column("bucket", _BUCKET, primary_key=True),
    _number("snapshot"),
    _number("kept_from"),
    Column("snapshot_at", Instant, nullable=False),
)

sealed_segments = Table(
    "sealed_segments",
    metadata,
    Column("bucket", _BUCKET, primary_key=True),
    Column("seg_no", _COUNT, primary_key=True, autoincrement=False),
    _number("first"),
    _number("last"),
    Column("snapshot", Boolean, nullable=False),
    Column("digest", _SHA, nullable=False),
    _number("bytes"),
    _number("rows"),
    Column("schema", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

sealed_rows = Table(
    "sealed_rows",
    metadata,
    Column("number", _COUNT, primary_key=True, autoincrement=True),
    Column("document_id", String(36), nullable=False, unique=True),
    _number("version"),
    Column("scopes", Text, nullable=False, server_default="[]"),
    sqlite_autoincrement=True,
)

nodes = Table(
    "nodes",
    metadata,
    Column("node", String(100), primary_key=True),
    _text("store", String(64)),
    _text("token_hash", _SHA),
    Column("token_until", Instant),
    _text("public_key", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("registered_at", Instant),
    Column("revoked_at", Instant),
    _text("cursor_epoch", String(36)),
    _number("cursor_seq"),
    Column("cursor_buckets", Text, nullable=False, server_default="[]"),
    Column("seen_at", Instant),
    _number("polls"),
    _number("bytes_sent"),
    Column("passed", Text, nullable=False, server_default="[]"),
    Index("ix_nodes_store", "store"),
)
