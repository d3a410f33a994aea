"""The tables of customer cards. Built by migrations 0005 and 0012; times and ids as in ``tables``."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from hub.repository.columns import COUNT, SHA
from hub.repository.tables import metadata
from hub.repository.types import Instant

cards = Table(
    "cards",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=False),
    Column("customer_id", String(36), nullable=False),
    Column("store", String(64), nullable=False, server_default=""),
    Column("key_id", String(8), nullable=False),
    Column("tier", Integer, nullable=False),
    Column("rights", COUNT, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("ix_cards_customer", "customer_id"),
    Index("ix_cards_revoked", "revoked_at"),
)

card_images = Table(
    "card_images",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("rights", COUNT, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("digest", SHA, nullable=False),
)
