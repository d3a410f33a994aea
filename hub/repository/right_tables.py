"""Tables of authorizations: pools of credit and points, the rights that tills hold in them, approvals, demand, and the
entries of loyalty accounts as rows. Built by migration 0009; texts, times and amounts as in ``tables``.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from hub.repository.columns import COUNT, ID, NAME, text
from hub.repository.tables import metadata
from hub.repository.types import Instant, Scaled

_NODE = String(130)


loyalty_entries = Table(
    "loyalty_entries",
    metadata,
    Column("document_id", ID, ForeignKey("documents.id"), primary_key=True),
    Column("account_id", NAME, nullable=False, index=True),
    Column("points", String(60), nullable=False),
    Column("points_scaled", Scaled),
)

# Whoever changes what is below locks the pool first. ``owner``: the customer, also of points, whose pool is known by
# the account alone. ``changed_at``: it was changed and not shared out since.
pools = Table(
    "pools",
    metadata,
    Column("id", ID, primary_key=True),
    Column("resource", String(12), nullable=False),
    Column("party", ID, nullable=False),
    Column("account", NAME, nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("owner", ID, nullable=False, index=True),
    Column("changed_at", Instant, index=True),
    UniqueConstraint("resource", "party", "account", "currency"),
)

rights = Table(
    "rights",
    metadata,
    Column("id", ID, primary_key=True),
    Column("pool", ID, ForeignKey("pools.id"), nullable=False),
    Column("holder", _NODE, nullable=False, index=True),
    Column("store", String(64), nullable=False),
    Column("outbox", ID, nullable=False),
    Column("granted", Scaled, nullable=False),
    Column("recalled", Scaled, nullable=False),
    Column("returned", Scaled, nullable=False),
    Column("spent", Scaled, nullable=False),
    Column("lost", Scaled, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    text("document_id", ID),
    Index("ix_rights_pool", "pool", "outbox"),
)

# ``state``: approved, used (its sale or entry came), reversed, lapsed. ``right_id``: out of which right, '' for the
# hub's own and for sales that nobody had approved.
approvals = Table(
    "approvals",
    metadata,
    Column("id", String(64), primary_key=True),
    text("pool", ID),
    Column("operation", String(40), nullable=False),
    Column("node", _NODE, nullable=False),
    text("right_id", ID),
    Column("amount", Scaled, nullable=False),
    Column("state", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant),
    Index("ix_approvals_pool", "pool", "state", "at"),
    Index("ix_approvals_node", "node", "operation", "at"),
)

outboxes = Table(
    "outboxes",
    metadata,
    Column("outbox", ID, primary_key=True),
    Column("node", _NODE, nullable=False, index=True),
    Column("store", String(64), nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("lost_at", Instant),
)

# ``wanted`` is what was needed up to ``at``, what is longer ago counting less.
demands = Table(
    "demands",
    metadata,
    Column("pool", ID, ForeignKey("pools.id"), primary_key=True),
    Column("outbox", ID, primary_key=True),
    Column("wanted", Scaled, nullable=False),
    Column("at", Instant, nullable=False),
)

right_losses = Table(
    "right_losses",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=True),
    Column("node", _NODE, nullable=False),
    Column("right_id", ID, nullable=False),
    Column("amount", Scaled, nullable=False),
    Column("why", Text, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
