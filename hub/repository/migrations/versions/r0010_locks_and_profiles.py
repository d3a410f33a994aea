"""Locks name the process that holds them: one that is dead holds nothing. Consents and entries of points are tied
together by their customer, for the customer's profile."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from hub.repository.keys import thread_of_party

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000
_EVENTS = sa.text(
    "SELECT documents.id, document_versions.json FROM documents JOIN document_versions"
    " ON document_versions.document_id = documents.id AND document_versions.version = documents.version"
    " WHERE documents.kind IN ('Consent', 'LoyaltyEntry') AND documents.id > :after ORDER BY documents.id LIMIT :limit"
)
_TIE = sa.text("UPDATE documents SET thread = :thread WHERE id = :id")


def upgrade() -> None:
    """Add the column, and tie the events that are there."""
    op.add_column("locks", sa.Column("process", sa.String(200), nullable=False, server_default=""))
    connection, after = op.get_bind(), ""
    while found := connection.execute(_EVENTS, {"after": after, "limit": _AT_ONCE}).all():
        named = [(row.id, json.loads(row.json).get("party_id", "")) for row in found]
        tied = [{"id": id_, "thread": thread_of_party(party)} for id_, party in named if party]
        if tied:
            connection.execute(_TIE, tied)
        after = found[-1].id
