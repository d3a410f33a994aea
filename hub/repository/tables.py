"""The tables, one schema for SQLite and PostgreSQL. ``migrations/`` builds them; a test keeps the two equal.

Text columns hold '' rather than NULL where a value is absent, so that unique keys and comparisons mean the same
on both databases. Long texts (JSON) are never indexed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.repository.types import Instant, Scaled, Xid8

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(36)
_SHA = String(64)
_KEY = String(300)
_NAME = String(200)
_COUNT = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str, kind: String = _NAME, *, index: bool = False) -> Column[str]:
    return Column(name, kind, nullable=False, server_default="", index=index)


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, _COUNT, nullable=False, server_default=str(default))


payloads = Table(
    "payloads",
    metadata,
    Column("sha256", _SHA, primary_key=True),
    Column("size", _COUNT, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("upload", _ID, nullable=False),
    Column("created_at", Instant, nullable=False),
)

payload_chunks = Table(
    "payload_chunks",
    metadata,
    Column("upload", _ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

payload_uploads = Table(
    "payload_uploads",
    metadata,
    Column("upload", _ID, primary_key=True),
    Column("started_at", Instant, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("direction", String(3), nullable=False),
    Column("state", String(20), nullable=False),
    Column("payload", _SHA, ForeignKey("payloads.sha256"), nullable=False, index=True),
    _number("payload_size"),
    _text("filename"),
    _text("partner"),
    _text("translator"),
    _text("source"),
    _text("parent", _ID, index=True),
    _number("ordinal", 1),
    _number("offset"),
    _number("length"),
    _text("content_sha256", _SHA, index=True),
    _text("standard"),
    _text("sender"),
    _text("receiver"),
    _text("control", index=True),
    _text("version"),
    Column("test", Boolean, nullable=False),
    _number("position"),
    _number("received"),
    _number("accepted"),
    _text("acknowledgment", _SHA),
    _number("acknowledgment_size"),
    _text("acknowledgment_filename"),
    Column("error", Text, nullable=False, server_default=""),
    Column("summary", Text, nullable=False, server_default=""),
    Column("findings", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_exchanges_state", "state", "id"),
    Index("ix_exchanges_partner", "partner", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("exchange_id", _ID, ForeignKey("exchanges.id"), primary_key=True),
    Column("position", _COUNT, primary_key=True, autoincrement=False),
    _text("type"),
    _text("version"),
    _text("control"),
    _text("grp"),
    Column("accepted", Boolean, nullable=False),
    _text("mapping"),
    _number("offset"),
    _number("length"),
    Column("findings", Text, nullable=False, server_default=""),
)

documents = Table(
    "documents",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("key", _KEY, nullable=False),
    Column("thread", _KEY, nullable=False, server_default="", index=True),
    Column("number", _NAME, nullable=False, server_default="", index=True),
    _text("partner"),
    Column("version", Integer, nullable=False),
    Column("hash", _SHA, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("exchange_id", _ID, nullable=False, server_default="", index=True),
    _number("message"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("kind", "key"),
    Index("ix_documents_kind_id", "kind", "id"),
)

document_versions = Table(
    "document_versions",
    metadata,
    Column("document_id", _ID, ForeignKey("documents.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("json", Text, nullable=False),
    _text("exchange_id", _ID),
    _number("message"),
    Column("created_at", Instant, nullable=False),
)

document_keys = Table(
    "document_keys",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("key", _KEY, primary_key=True),
    Column("document_id", _ID, ForeignKey("documents.id"), nullable=False, index=True),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", _COUNT, primary_key=True, autoincrement=True),
    Column("xid", BigInteger().with_variant(Xid8(), "postgresql"), nullable=False),
    Column("entity", String(40), nullable=False),
    Column("row_id", _ID, nullable=False),
    Column("op", String(3), nullable=False),
    Column("version", Integer, nullable=False),
    Column("old_scopes", Text, nullable=False),
    Column("new_scopes", Text, nullable=False),
    _text("exchange_id", _ID),
    _text("origin"),
    Index("ix_changes_xid_seq", "xid", "seq").ddl_if(dialect="postgresql"),
    sqlite_autoincrement=True,
)

feed_order = Table(
    "feed_order",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)

# Where two transactions overlap, the older version of a document may be numbered after the newer one. Such a place of
# the feed shows what ``seq`` is, the newest change of the document up to there. Always empty on SQLite.
feed_late = Table(
    "feed_late",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)

feed_state = Table(
    "feed_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("epoch", _ID, nullable=False),
    _number("position"),
    Column("last_xid", BigInteger().with_variant(Xid8(), "postgresql"), nullable=False, server_default="0"),
    _number("last_seq"),
    _number("purged"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("endpoint", _NAME, primary_key=True),
    Column("kind", _NAME, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("owner", _ID, nullable=False),
    Column("holder", _NAME, nullable=False),
    Column("until", Instant, nullable=False),
    _text("process"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", _COUNT, primary_key=True, autoincrement=True),
    Column("id", _ID, nullable=False, unique=True),
    _text("partner"),
    _text("channel"),
    Column("payload", _SHA, ForeignKey("payloads.sha256"), nullable=False),
    _number("payload_size"),
    _text("filename"),
    Column("idempotency_key", _KEY, nullable=False, unique=True),
    _text("exchange_id", _ID, index=True),
    Column("state", String(20), nullable=False),
    _number("attempts"),
    Column("next_at", Instant, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Index("ix_outbox_state", "state", "next_at"),
    sqlite_autoincrement=True,
)

acknowledgments = Table(
    "acknowledgments",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("partner"),
    _text("standard"),
    Column("state", String(24), nullable=False),
    _text("exchange_id", _ID, index=True),
    _text("sender"),
    _text("receiver"),
    _text("interchange"),
    _text("grp"),
    _text("message"),
    _text("type"),
    _text("code"),
    _text("interchange_code"),
    Column("due_at", Instant),
    Column("decided_at", Instant),
    _text("decided_level", String(12)),
    Column("late", Boolean, nullable=False),
    _text("answered_by", _ID),
    _text("related", _ID),
    Column("findings", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    _text("reference"),
    _text("application", String(32)),
    _text("application_code"),
    _text("application_by", _ID),
    Column("application_at", Instant),
    Column("application_findings", Text, nullable=False, server_default=""),
    Index("ix_acknowledgments_state", "state", "due_at"),
    Index("ix_acknowledgments_grp", "partner", "standard", "grp", "message"),
    Index("ix_acknowledgments_interchange", "partner", "standard", "interchange"),
    Index("ix_acknowledgments_reference", "partner", "standard", "reference"),
)

deviations = Table(
    "deviations",
    metadata,
    Column("partner", _NAME, primary_key=True),
    Column("standard", _NAME, primary_key=True),
    Column("name", _NAME, primary_key=True),
    _number("count"),
    _number("exchanges"),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    _text("last_exchange", _ID),
)


def _row_of(name: str, *columns: Column[Any]) -> Table:
    """A table of rows taken from documents of one kind: current version only, so that SQL can ask."""
    return Table(name, metadata, Column("document_id", _ID, ForeignKey("documents.id"), primary_key=True), *columns)


def _amount(name: str) -> tuple[Column[str], Column[Decimal]]:
    return _text(name, String(60)), Column(f"{name}_scaled", Scaled)


parties = _row_of(
    "parties",
    _text("type"),
    _text("name", index=True),
    _text("roles"),
    _text("status"),
    _text("gln", index=True),
    _text("country"),
    _text("region"),
    _text("city"),
    _text("postal_code"),
    _text("currency"),
    _text("language"),
    _text("price_list"),
)

products = _row_of(
    "products",
    _text("gtin", index=True),
    _text("seller_item", index=True),
    _text("buyer_item", index=True),
    _text("name"),
    _text("brand"),
    _text("base_unit"),
    _text("status"),
)

prices = _row_of(
    "prices",
    _text("product", index=True),
    _text("gtin", index=True),
    _text("price_list"),
    _text("partner"),
    _text("location"),
    *_amount("amount"),
    _text("currency"),
    _text("per_value"),
    _text("per_unit"),
    _text("valid_from", String(40)),
    _text("valid_to", String(40)),
    *_amount("min_quantity"),
)

orders = _row_of(
    "orders",
    _text("partner"),
    _text("buyer", index=True),
    _text("seller"),
    _text("ship_to"),
    _text("buyer_order_id", index=True),
    _text("release_no"),
    _text("seller_order_id", index=True),
    _text("purpose"),
    _text("type"),
    _text("issued_at", String(40)),
    _text("requested_delivery", String(40)),
    _text("currency"),
    *_amount("total_stated"),
    *_amount("total_computed"),
    _number("line_count"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("document_id", _ID, ForeignKey("documents.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("line_id"),
    _text("gtin", index=True),
    _text("seller_item", index=True),
    _text("buyer_item"),
    _text("description"),
    *_amount("quantity"),
    _text("unit"),
    *_amount("price"),
    _text("currency"),
    *_amount("amount"),
)
