"""Tables that say how long the change feed is needed: when which position was reached, and who has read how far."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from hub.repository.columns import COUNT
from hub.repository.tables import metadata
from hub.repository.types import Instant

# At ``at`` the feed had reached ``position``: what stands up to there is at least as old.
feed_marks = Table(
    "feed_marks",
    metadata,
    Column("position", COUNT, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)

feed_consumers = Table(
    "feed_consumers",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("epoch", String(36), nullable=False),
    Column("position", COUNT, nullable=False, server_default="0"),
    Column("seen_at", Instant, nullable=False),
)
