"""Tables of the return flow: what stores uploaded, what is missing of it, and what lost against what.

Built by migrations 0003 and 0007. Text and numbers as in ``tables``.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from hub.repository.columns import COUNT, ID, text
from hub.repository.tables import metadata
from hub.repository.types import Instant

NODE = String(130)


upload_nodes = Table(
    "upload_nodes",
    metadata,
    Column("node", NODE, primary_key=True),
    text("store", String(64)),
    Column("next", COUNT, nullable=False),
    Column("last_at", Instant, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("node", NODE, nullable=False),
    Column("seq", COUNT, nullable=False),
    Column("digest", String(64), nullable=False),
    text("store", String(64)),
    text("document", String(64)),
    text("kind", String(40)),
    text("created_at", String(40)),
    text("clock", String(200)),
    Column("body", Text, nullable=False),
    text("payload", String(64)),
    Column("state", String(12), nullable=False),
    text("code", String(40)),
    text("document_id", String(36)),
    Column("findings", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("received_at", Instant, nullable=False),
    Column("decided_at", Instant),
    UniqueConstraint("node", "seq", "digest"),
    Index("ix_uploads_state", "state", "node", "seq"),
)

upload_gaps = Table(
    "upload_gaps",
    metadata,
    Column("node", NODE, primary_key=True),
    Column("first", COUNT, primary_key=True, autoincrement=False),
    Column("last", COUNT, nullable=False),
    Column("since", Instant, nullable=False),
)

upload_losses = Table(
    "upload_losses",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=True),
    Column("node", NODE, nullable=False),
    Column("first", COUNT, nullable=False),
    Column("last", COUNT, nullable=False),
    Column("why", Text, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=True),
    Column("entity", String(40), nullable=False),
    Column("id", ID, nullable=False, index=True),
    Column("field", String(60), nullable=False),
    Column("ours", Text, nullable=False),
    Column("theirs", Text, nullable=False),
    Column("policy", String(20), nullable=False),
    Column("winner", String(8), nullable=False),
    Column("node", NODE, nullable=False),
    Column("seq", COUNT, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

field_clocks = Table(
    "field_clocks",
    metadata,
    Column("document_id", ID, primary_key=True),
    Column("field", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    Column("clock", String(200), nullable=False),
    Column("node", NODE, nullable=False),
)
