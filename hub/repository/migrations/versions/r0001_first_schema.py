"""The first schema: payloads, journal, documents, feed, outbox, ledger, and rows to ask.

Written out rather than made from ``tables.py``: what a released migration builds must never change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.repository.identifiers import new_id
from hub.repository.types import Instant, Scaled, Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
XID = sa.BigInteger().with_variant(Xid8(), "postgresql")


def upgrade() -> None:
    """Build everything, and begin the feed's first epoch."""
    for part in (
        _payloads,
        _exchanges,
        _messages,
        _documents,
        _feed,
        _state,
        _outbox,
        _acknowledgments,
        _master_data,
        _orders,
    ):
        part()


def _payloads() -> None:
    op.create_table(
        "payloads",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("upload", sa.String(36), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "payload_chunks",
        sa.Column("upload", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "payload_uploads",
        sa.Column("upload", sa.String(36), primary_key=True),
        sa.Column("started_at", Instant, nullable=False),
    )


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("payload", sa.String(64), sa.ForeignKey("payloads.sha256"), nullable=False),
        sa.Column("payload_size", COUNT, nullable=False, server_default="0"),
        sa.Column("filename", sa.String(200), nullable=False, server_default=""),
        sa.Column("partner", sa.String(200), nullable=False, server_default=""),
        sa.Column("translator", sa.String(200), nullable=False, server_default=""),
        sa.Column("source", sa.String(200), nullable=False, server_default=""),
        sa.Column("parent", sa.String(36), nullable=False, server_default=""),
        sa.Column("ordinal", COUNT, nullable=False, server_default="1"),
        sa.Column("offset", COUNT, nullable=False, server_default="0"),
        sa.Column("length", COUNT, nullable=False, server_default="0"),
        sa.Column("content_sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("standard", sa.String(200), nullable=False, server_default=""),
        sa.Column("sender", sa.String(200), nullable=False, server_default=""),
        sa.Column("receiver", sa.String(200), nullable=False, server_default=""),
        sa.Column("control", sa.String(200), nullable=False, server_default=""),
        sa.Column("version", sa.String(200), nullable=False, server_default=""),
        sa.Column("test", sa.Boolean, nullable=False),
        sa.Column("position", COUNT, nullable=False, server_default="0"),
        sa.Column("received", COUNT, nullable=False, server_default="0"),
        sa.Column("accepted", COUNT, nullable=False, server_default="0"),
        sa.Column("acknowledgment", sa.String(64), nullable=False, server_default=""),
        sa.Column("acknowledgment_size", COUNT, nullable=False, server_default="0"),
        sa.Column("acknowledgment_filename", sa.String(200), nullable=False, server_default=""),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("summary", sa.Text, nullable=False, server_default=""),
        sa.Column("findings", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
    )
    op.create_index("ix_exchanges_content_sha256", "exchanges", ["content_sha256"])
    op.create_index("ix_exchanges_control", "exchanges", ["control"])
    op.create_index("ix_exchanges_parent", "exchanges", ["parent"])
    op.create_index("ix_exchanges_partner", "exchanges", ["partner", "id"])
    op.create_index("ix_exchanges_payload", "exchanges", ["payload"])
    op.create_index("ix_exchanges_state", "exchanges", ["state", "id"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("exchange_id", sa.String(36), sa.ForeignKey("exchanges.id"), primary_key=True),
        sa.Column("position", COUNT, primary_key=True, autoincrement=False),
        sa.Column("type", sa.String(200), nullable=False, server_default=""),
        sa.Column("version", sa.String(200), nullable=False, server_default=""),
        sa.Column("control", sa.String(200), nullable=False, server_default=""),
        sa.Column("grp", sa.String(200), nullable=False, server_default=""),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False, server_default=""),
        sa.Column("offset", COUNT, nullable=False, server_default="0"),
        sa.Column("length", COUNT, nullable=False, server_default="0"),
        sa.Column("findings", sa.Text, nullable=False, server_default=""),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("thread", sa.String(300), nullable=False, server_default=""),
        sa.Column("number", sa.String(200), nullable=False, server_default=""),
        sa.Column("partner", sa.String(200), nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("exchange_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("message", COUNT, nullable=False, server_default="0"),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.UniqueConstraint("kind", "key", name="uq_documents_kind_key"),
    )
    op.create_index("ix_documents_exchange_id", "documents", ["exchange_id"])
    op.create_index("ix_documents_number", "documents", ["number"])
    op.create_index("ix_documents_thread", "documents", ["thread"])
    op.create_table(
        "document_versions",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("json", sa.Text, nullable=False),
        sa.Column("exchange_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("message", COUNT, nullable=False, server_default="0"),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "document_keys",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), nullable=False),
    )
    op.create_index("ix_document_keys_document_id", "document_keys", ["document_id"])


def _feed() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    xid_now = sa.text("pg_current_xact_id()") if postgresql else "0"
    op.create_table(
        "changes",
        sa.Column("seq", COUNT, primary_key=True, autoincrement=True),
        sa.Column("xid", XID, nullable=False, server_default=xid_now),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("row_id", sa.String(36), nullable=False),
        sa.Column("op", sa.String(3), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("old_scopes", sa.Text, nullable=False),
        sa.Column("new_scopes", sa.Text, nullable=False),
        sa.Column("exchange_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("origin", sa.String(200), nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    if postgresql:
        op.create_index("ix_changes_xid_seq", "changes", ["xid", "seq"])
    op.create_table(
        "feed_order",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "feed_state",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.String(36), nullable=False),
        sa.Column("position", COUNT, nullable=False, server_default="0"),
        sa.Column("last_xid", XID, nullable=False, server_default="0"),
        sa.Column("last_seq", COUNT, nullable=False, server_default="0"),
    )
    op.execute(sa.text("INSERT INTO feed_state (one, epoch) VALUES (:one, :epoch)").bindparams(one=1, epoch=new_id()))


def _state() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "watermarks",
        sa.Column("endpoint", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(200), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
    )
    op.create_table(
        "locks",
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("owner", sa.String(36), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("until", Instant, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", COUNT, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(200), nullable=False, server_default=""),
        sa.Column("channel", sa.String(200), nullable=False, server_default=""),
        sa.Column("payload", sa.String(64), sa.ForeignKey("payloads.sha256"), nullable=False),
        sa.Column("payload_size", COUNT, nullable=False, server_default="0"),
        sa.Column("filename", sa.String(200), nullable=False, server_default=""),
        sa.Column("idempotency_key", sa.String(300), nullable=False),
        sa.Column("exchange_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", COUNT, nullable=False, server_default="0"),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("delivered_at", Instant),
        sa.UniqueConstraint("idempotency_key", name="uq_outbox_idempotency_key"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_exchange_id", "outbox", ["exchange_id"])
    op.create_index("ix_outbox_state", "outbox", ["state", "next_at"])


def _acknowledgments() -> None:
    op.create_table(
        "acknowledgments",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("partner", sa.String(200), nullable=False, server_default=""),
        sa.Column("standard", sa.String(200), nullable=False, server_default=""),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("exchange_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("sender", sa.String(200), nullable=False, server_default=""),
        sa.Column("receiver", sa.String(200), nullable=False, server_default=""),
        sa.Column("interchange", sa.String(200), nullable=False, server_default=""),
        sa.Column("grp", sa.String(200), nullable=False, server_default=""),
        sa.Column("message", sa.String(200), nullable=False, server_default=""),
        sa.Column("type", sa.String(200), nullable=False, server_default=""),
        sa.Column("code", sa.String(200), nullable=False, server_default=""),
        sa.Column("interchange_code", sa.String(200), nullable=False, server_default=""),
        sa.Column("due_at", Instant),
        sa.Column("decided_at", Instant),
        sa.Column("decided_level", sa.String(12), nullable=False, server_default=""),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("answered_by", sa.String(36), nullable=False, server_default=""),
        sa.Column("related", sa.String(36), nullable=False, server_default=""),
        sa.Column("findings", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_index("ix_acknowledgments_exchange_id", "acknowledgments", ["exchange_id"])
    op.create_index("ix_acknowledgments_grp", "acknowledgments", ["partner", "standard", "grp", "message"])
    op.create_index("ix_acknowledgments_interchange", "acknowledgments", ["partner", "standard", "interchange"])
    op.create_index("ix_acknowledgments_state", "acknowledgments", ["state", "due_at"])


def _master_data() -> None:
    op.create_table(
        "parties",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("type", sa.String(200), nullable=False, server_default=""),
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("roles", sa.String(200), nullable=False, server_default=""),
        sa.Column("status", sa.String(200), nullable=False, server_default=""),
        sa.Column("gln", sa.String(200), nullable=False, server_default=""),
        sa.Column("country", sa.String(200), nullable=False, server_default=""),
        sa.Column("region", sa.String(200), nullable=False, server_default=""),
        sa.Column("city", sa.String(200), nullable=False, server_default=""),
        sa.Column("postal_code", sa.String(200), nullable=False, server_default=""),
        sa.Column("currency", sa.String(200), nullable=False, server_default=""),
        sa.Column("language", sa.String(200), nullable=False, server_default=""),
        sa.Column("price_list", sa.String(200), nullable=False, server_default=""),
    )
    op.create_index("ix_parties_gln", "parties", ["gln"])
    op.create_index("ix_parties_name", "parties", ["name"])
    op.create_table(
        "products",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("gtin", sa.String(200), nullable=False, server_default=""),
        sa.Column("seller_item", sa.String(200), nullable=False, server_default=""),
        sa.Column("buyer_item", sa.String(200), nullable=False, server_default=""),
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("brand", sa.String(200), nullable=False, server_default=""),
        sa.Column("base_unit", sa.String(200), nullable=False, server_default=""),
        sa.Column("status", sa.String(200), nullable=False, server_default=""),
    )
    op.create_index("ix_products_buyer_item", "products", ["buyer_item"])
    op.create_index("ix_products_gtin", "products", ["gtin"])
    op.create_index("ix_products_seller_item", "products", ["seller_item"])
    op.create_table(
        "prices",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("product", sa.String(200), nullable=False, server_default=""),
        sa.Column("gtin", sa.String(200), nullable=False, server_default=""),
        sa.Column("price_list", sa.String(200), nullable=False, server_default=""),
        sa.Column("partner", sa.String(200), nullable=False, server_default=""),
        sa.Column("location", sa.String(200), nullable=False, server_default=""),
        sa.Column("amount", sa.String(60), nullable=False, server_default=""),
        sa.Column("amount_scaled", Scaled),
        sa.Column("currency", sa.String(200), nullable=False, server_default=""),
        sa.Column("per_value", sa.String(200), nullable=False, server_default=""),
        sa.Column("per_unit", sa.String(200), nullable=False, server_default=""),
        sa.Column("valid_from", sa.String(40), nullable=False, server_default=""),
        sa.Column("valid_to", sa.String(40), nullable=False, server_default=""),
        sa.Column("min_quantity", sa.String(60), nullable=False, server_default=""),
        sa.Column("min_quantity_scaled", Scaled),
    )
    op.create_index("ix_prices_gtin", "prices", ["gtin"])
    op.create_index("ix_prices_product", "prices", ["product"])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("partner", sa.String(200), nullable=False, server_default=""),
        sa.Column("buyer", sa.String(200), nullable=False, server_default=""),
        sa.Column("seller", sa.String(200), nullable=False, server_default=""),
        sa.Column("ship_to", sa.String(200), nullable=False, server_default=""),
        sa.Column("buyer_order_id", sa.String(200), nullable=False, server_default=""),
        sa.Column("release_no", sa.String(200), nullable=False, server_default=""),
        sa.Column("seller_order_id", sa.String(200), nullable=False, server_default=""),
        sa.Column("purpose", sa.String(200), nullable=False, server_default=""),
        sa.Column("type", sa.String(200), nullable=False, server_default=""),
        sa.Column("issued_at", sa.String(40), nullable=False, server_default=""),
        sa.Column("requested_delivery", sa.String(40), nullable=False, server_default=""),
        sa.Column("currency", sa.String(200), nullable=False, server_default=""),
        sa.Column("total_stated", sa.String(60), nullable=False, server_default=""),
        sa.Column("total_stated_scaled", Scaled),
        sa.Column("total_computed", sa.String(60), nullable=False, server_default=""),
        sa.Column("total_computed_scaled", Scaled),
        sa.Column("line_count", COUNT, nullable=False, server_default="0"),
    )
    op.create_index("ix_orders_buyer", "orders", ["buyer"])
    op.create_index("ix_orders_buyer_order_id", "orders", ["buyer_order_id"])
    op.create_index("ix_orders_seller_order_id", "orders", ["seller_order_id"])
    op.create_table(
        "order_lines",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line_id", sa.String(200), nullable=False, server_default=""),
        sa.Column("gtin", sa.String(200), nullable=False, server_default=""),
        sa.Column("seller_item", sa.String(200), nullable=False, server_default=""),
        sa.Column("buyer_item", sa.String(200), nullable=False, server_default=""),
        sa.Column("description", sa.String(200), nullable=False, server_default=""),
        sa.Column("quantity", sa.String(60), nullable=False, server_default=""),
        sa.Column("quantity_scaled", Scaled),
        sa.Column("unit", sa.String(200), nullable=False, server_default=""),
        sa.Column("price", sa.String(60), nullable=False, server_default=""),
        sa.Column("price_scaled", Scaled),
        sa.Column("currency", sa.String(200), nullable=False, server_default=""),
        sa.Column("amount", sa.String(60), nullable=False, server_default=""),
        sa.Column("amount_scaled", Scaled),
    )
    op.create_index("ix_order_lines_gtin", "order_lines", ["gtin"])
    op.create_index("ix_order_lines_seller_item", "order_lines", ["seller_item"])
