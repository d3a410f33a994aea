"""What the replica knows of cards: the keys that sign them, and which are revoked. Only what one card needs is read,
however many stores have keys."""

from __future__ import annotations

import base64
from datetime import datetime

from hub_pos import card_record
from hub_pos.card import CardKeys, Revocations
from hub_pos.card_record import CardsUnavailable
from hub_pos.reading import Reader


def trusted(reader: Reader, card: str | bytes) -> tuple[CardKeys, Revocations | None]:
    """The keys by which this card may be signed, with the hub's that certified them, and the list of revoked cards.
    None where the hub has sent no list, or only one that is signed by a key that does not count any more."""
    roots = [_record(row["certificate"]) for row in reader.all("SELECT certificate FROM card_key WHERE store IS NULL")]
    return CardKeys(roots, _certificates(reader, card)), _list(reader, CardKeys(roots))


def listed_at(reader: Reader) -> datetime | None:
    """The time up to which this replica knows of revoked cards: that of everything it holds."""
    row = reader.one("SELECT as_of FROM cursor")
    return datetime.fromisoformat(row["as_of"]) if row and row["as_of"] else None


def _certificates(reader: Reader, card: str | bytes) -> list[bytes]:
    try:
        named = card_record.parse(card_record.card_bytes(card) if isinstance(card, str) else card).key_id
    except ValueError:
        return []  # whoever checks it says that it is no card
    rows = reader.all("SELECT certificate FROM card_key WHERE key_id = ? AND store IS NOT NULL", (named.hex(),))
    return [_record(row["certificate"]) for row in rows]


def _list(reader: Reader, keys: CardKeys) -> Revocations | None:
    row = reader.one("SELECT list FROM card_revocations")
    try:
        return Revocations.parse(_record(row["list"]), keys) if row else None
    except CardsUnavailable:
        return None


def _record(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as problem:
        raise CardsUnavailable(f"what the replica holds about cards is damaged: {problem}; verify it") from problem
