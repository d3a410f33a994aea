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

from hub.repository.columns import COUNT, ID, KEY, NAME, SHA, number, text
from hub.repository.types import Instant, Scaled, Xid8

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


payloads = Table(
    "payloads",
    metadata,
    Column("sha256", SHA, primary_key=True),
    Column("size", COUNT, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("upload", ID, nullable=False),
    Column("created_at", Instant, nullable=False),
)

payload_chunks = Table(
    "payload_chunks",
    metadata,
    Column("upload", ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

payload_uploads = Table(
    "payload_uploads",
    metadata,
    Column("upload", ID, primary_key=True),
    Column("started_at", Instant, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", ID, primary_key=True),
    Column("direction", String(3), nullable=False),
    Column("state", String(20), nullable=False),
    Column("payload", SHA, ForeignKey("payloads.sha256"), nullable=False, index=True),
    number("payload_size"),
    text("filename"),
    text("partner"),
    text("translator"),
    text("source"),
    text("parent", ID, index=True),
    number("ordinal", 1),
    number("offset"),
    number("length"),
    text("content_sha256", SHA, index=True),
    text("standard"),
    text("sender"),
    text("receiver"),
    text("control", index=True),
    text("version"),
    Column("test", Boolean, nullable=False),
    number("position"),
    number("received"),
    number("accepted"),
    text("acknowledgment", SHA),
    number("acknowledgment_size"),
    text("acknowledgment_filename"),
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
    Column("exchange_id", ID, ForeignKey("exchanges.id"), primary_key=True),
    Column("position", COUNT, primary_key=True, autoincrement=False),
    text("type"),
    text("version"),
    text("control"),
    text("grp"),
    Column("accepted", Boolean, nullable=False),
    text("mapping"),
    number("offset"),
    number("length"),
    Column("findings", Text, nullable=False, server_default=""),
)

documents = Table(
    "documents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("key", KEY, nullable=False),
    Column("thread", KEY, nullable=False, server_default="", index=True),
    Column("number", NAME, nullable=False, server_default="", index=True),
    text("partner"),
    Column("version", Integer, nullable=False),
    Column("hash", SHA, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("exchange_id", ID, nullable=False, server_default="", index=True),
    number("message"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("kind", "key"),
    Index("ix_documents_kind_id", "kind", "id"),
)

document_versions = Table(
    "document_versions",
    metadata,
    Column("document_id", ID, ForeignKey("documents.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("json", Text, nullable=False),
    text("exchange_id", ID),
    number("message"),
    Column("created_at", Instant, nullable=False),
)

document_keys = Table(
    "document_keys",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("key", KEY, primary_key=True),
    Column("document_id", ID, ForeignKey("documents.id"), nullable=False, index=True),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", COUNT, primary_key=True, autoincrement=True),
    Column("xid", BigInteger().with_variant(Xid8(), "postgresql"), nullable=False),
    Column("entity", String(40), nullable=False),
    Column("row_id", ID, nullable=False),
    Column("op", String(3), nullable=False),
    Column("version", Integer, nullable=False),
    Column("old_scopes", Text, nullable=False),
    Column("new_scopes", Text, nullable=False),
    text("exchange_id", ID),
    text("origin"),
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
    Column("epoch", ID, nullable=False),
    number("position"),
    Column("last_xid", BigInteger().with_variant(Xid8(), "postgresql"), nullable=False, server_default="0"),
    number("last_seq"),
    number("purged"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("endpoint", NAME, primary_key=True),
    Column("kind", NAME, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("owner", ID, nullable=False),
    Column("holder", NAME, nullable=False),
    Column("until", Instant, nullable=False),
    text("process"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False, unique=True),
    text("partner"),
    text("channel"),
    Column("payload", SHA, ForeignKey("payloads.sha256"), nullable=False),
    number("payload_size"),
    text("filename"),
    Column("idempotency_key", KEY, nullable=False, unique=True),
    text("exchange_id", ID, index=True),
    Column("state", String(20), nullable=False),
    number("attempts"),
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
    Column("id", ID, primary_key=True),
    text("partner"),
    text("standard"),
    Column("state", String(24), nullable=False),
    text("exchange_id", ID, index=True),
    text("sender"),
    text("receiver"),
    text("interchange"),
    text("grp"),
    text("message"),
    text("type"),
    text("code"),
    text("interchange_code"),
    Column("due_at", Instant),
    Column("decided_at", Instant),
    text("decided_level", String(12)),
    Column("late", Boolean, nullable=False),
    text("answered_by", ID),
    text("related", ID),
    Column("findings", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    text("reference"),
    text("application", String(32)),
    text("application_code"),
    text("application_by", ID),
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
    Column("partner", NAME, primary_key=True),
    Column("standard", NAME, primary_key=True),
    Column("name", NAME, primary_key=True),
    number("count"),
    number("exchanges"),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    text("last_exchange", ID),
)


def _row_of(name: str, *columns: Column[Any]) -> Table:
    """A table of rows taken from documents of one kind: current version only, so that SQL can ask."""
    return Table(name, metadata, Column("document_id", ID, ForeignKey("documents.id"), primary_key=True), *columns)


def _amount(name: str) -> tuple[Column[str], Column[Decimal]]:
    return text(name, String(60)), Column(f"{name}_scaled", Scaled)


parties = _row_of(
    "parties",
    text("type"),
    text("name", index=True),
    text("roles"),
    text("status"),
    text("gln", index=True),
    text("country"),
    text("region"),
    text("city"),
    text("postal_code"),
    text("currency"),
    text("language"),
    text("price_list"),
)

products = _row_of(
    "products",
    text("gtin", index=True),
    text("seller_item", index=True),
    text("buyer_item", index=True),
    text("name"),
    text("brand"),
    text("base_unit"),
    text("status"),
)

prices = _row_of(
    "prices",
    text("product", index=True),
    text("gtin", index=True),
    text("price_list"),
    text("partner"),
    text("location"),
    *_amount("amount"),
    text("currency"),
    text("per_value"),
    text("per_unit"),
    text("valid_from", String(40)),
    text("valid_to", String(40)),
    *_amount("min_quantity"),
)

orders = _row_of(
    "orders",
    text("partner"),
    text("buyer", index=True),
    text("seller"),
    text("ship_to"),
    text("buyer_order_id", index=True),
    text("release_no"),
    text("seller_order_id", index=True),
    text("purpose"),
    text("type"),
    text("issued_at", String(40)),
    text("requested_delivery", String(40)),
    text("currency"),
    *_amount("total_stated"),
    *_amount("total_computed"),
    number("line_count"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("document_id", ID, ForeignKey("documents.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text("line_id"),
    text("gtin", index=True),
    text("seller_item", index=True),
    text("buyer_item"),
    text("description"),
    *_amount("quantity"),
    text("unit"),
    *_amount("price"),
    text("currency"),
    *_amount("amount"),
)
