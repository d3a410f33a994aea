"""Columns that many tables have. Migrations have their own: what they built does not change with this."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String

ID = String(36)
SHA = String(64)
KEY = String(300)
NAME = String(200)
COUNT = BigInteger().with_variant(Integer(), "sqlite")
"""Only an ``INTEGER`` key counts up by itself on SQLite."""


def text(name: str, kind: String = NAME, *, index: bool = False) -> Column[str]:
    """A text that is '' where nothing is known."""
    return Column(name, kind, nullable=False, server_default="", index=index)


def number(name: str, default: int = 0) -> Column[int]:
    """A whole number that is ``default`` where nothing is said."""
    return Column(name, COUNT, nullable=False, server_default=str(default))
