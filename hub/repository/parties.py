"""Finding the party that a document names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.repository.records import DocumentRecord
    from hub.repository.transaction import Transaction

_MERGES = 10


def party_named(tx: Transaction, name: str, stores: Iterable[str]) -> DocumentRecord | None:
    """The party whose document has this id, or to which a till of one of the stores gave it; found through merges. None
    for one that is not known; one that is erased or was removed is returned as it is."""
    if not name:
        return None
    found = tx.get("Party", name)
    for store in stores:
        found = found or tx.find("Party", system=f"store:{store}", external_id=name)
    return survivor(tx, found)


def survivor(tx: Transaction, party: DocumentRecord | None) -> DocumentRecord | None:
    """The party itself, or the one that it was merged into; None where that is not known."""
    for _ in range(_MERGES):
        if party is None or party.data().get("status") != "merged":
            break
        into = party.data().get("merged_into", "")
        party = tx.get("Party", into) or tx.find("Party", key=f"id|{into}")
    return party
