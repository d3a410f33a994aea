"""A customer's card, checked at a till that is off line: who it is, which tier, what may be spent on it.

    reading = till.read_card(scanned)                       # with what the replica knows
    if reading.holds:
        customer = till.find_customer(reading.customer)

    keys = CardKeys.read("card-keys.json")                  # a reader without a replica: hub card keys --write
    revoked = Revocations.read("card-revocations", keys)    # hub card revocations
    reading = read_card(scanned, keys, revoked, datetime.now(UTC))

A signature shows that a card was issued and not altered. It does not show that this is the only copy, or the newest
image of it: only the hub, which knows the newest ``seq`` of each card, sees one that went back.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hub_pos import card_record
from hub_pos.card_record import CardsUnavailable, Record

SKEW = timedelta(minutes=10)
"""What this machine's clock and the hub's may differ by."""

_LARGEST_LIST = 1 << 25  # bytes of bitmap, for 268 million cards
_BOUNDS = {1: (1, 2**32 - 1), 3: (0, 23), 4: (0, 2**32 - 1), 5: (1, 2**16 - 1)}


@dataclass(frozen=True, slots=True)
class CardReading:
    """What a card says. ``refused`` is '' where it holds, else why not: ``unreadable``, ``unknown_key``, ``altered``
    (nothing of these can be believed, so the fields are empty), ``outside_key``, ``above_cap``, ``revoked``,
    ``not_yet_valid``, ``expired``; ``why`` says it in words. ``customer`` is the id of the customer's row. ``list_of``
    is the time as of which it was asked who is revoked, None where nobody could be asked."""

    refused: str = ""
    why: str = ""
    number: int = 0
    customer: str = ""
    tier: int = 0
    rights: int = 0
    seq: int = 0
    issued: datetime | None = None
    expires: datetime | None = None
    store: str = ""
    list_of: datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether the customer may be served as what the card says."""
        return not self.refused


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate says of a key: whose it is ("" is the hub), its public half, from when to when (seconds since
    1970) it signs, and the most rights on a card of it."""

    store: str
    public: bytes
    begins: int
    ends: int
    cap: int


class CardKeys:
    """The keys that this till believes: the hub's, and those of stores that the hub has certified."""

    def __init__(self, roots: Iterable[bytes], certificates: Iterable[bytes] = ()) -> None:
        """``roots`` must come from the hub itself, by hand or over a connection that is sure of it: who can change
        them can make cards. Raises ``CardsUnavailable`` for what is no certificate."""
        self._roots: dict[bytes, list[Certified]] = {}
        self._signers: dict[bytes, list[tuple[Certified, ...]]] = {}
        for record, key in map(_certificate, roots):
            if not key.store and record.signed_by(key.public, card_record.CERTIFICATE):
                self._roots.setdefault(card_record.key_id(key.public), []).append(key)
                self._signers.setdefault(card_record.key_id(key.public), []).append((key,))
        for record, key in map(_certificate, certificates):
            for root in self.roots(record.key_id):
                if key.store and record.signed_by(root.public, card_record.CERTIFICATE):
                    self._signers.setdefault(card_record.key_id(key.public), []).append((key, root))

    @classmethod
    def read(cls, file: Path | str) -> CardKeys:
        """From the file that ``hub card keys --write FILE`` has written. Raises ``CardsUnavailable``."""
        try:
            data = json.loads(Path(file).read_bytes())
            roots, certificates = ([base64.b64decode(one) for one in data[part]] for part in ("roots", "certificates"))
        except (OSError, ValueError, LookupError, TypeError) as problem:
            raise CardsUnavailable(f"{file}: the hub's card keys cannot be read: {problem}") from problem
        return cls(roots, certificates)

    def roots(self, key_id: bytes) -> list[Certified]:
        """Keys of the hub with this id."""
        return self._roots.get(key_id, [])

    def chains(self, key_id: bytes) -> list[tuple[Certified, ...]]:
        """Keys with this id that may sign cards, each with the hub's key that certified it."""
        return self._signers.get(key_id, [])


@dataclass(frozen=True, slots=True)
class Revocations:
    """Which cards are revoked, by number, as of ``issued``; ``seq`` is the number of the list."""

    seq: int
    issued: datetime
    bitmap: bytes

    @classmethod
    def parse(cls, data: bytes, keys: CardKeys, held: Revocations | None = None) -> Revocations:
        """A list as the hub sent it. ``held`` is the one that is there already: the newer of the two is the answer, so
        nobody can bring an old list back. Raises ``CardsUnavailable`` where this is no list of the hub's."""
        try:
            record = card_record.parse(data)
            if not any(record.signed_by(root.public, card_record.REVOCATIONS) for root in keys.roots(record.key_id)):
                raise ValueError("it is not signed by the hub")
            fields = record.fields()
            size, packed = _count(fields, 3), fields[4]
            if size > _LARGEST_LIST:
                raise ValueError("it is too long")
            bitmap = zlib.decompressobj().decompress(packed, size + 1)
            if len(bitmap) != size:
                raise ValueError("its length is wrong")
            made = cls(_count(fields, 1), _time(_count(fields, 2)), bitmap)
        except (ValueError, LookupError, TypeError, zlib.error) as problem:
            raise CardsUnavailable(f"this is no list of revoked cards: {problem}") from problem
        return made if held is None or made.seq >= held.seq else held

    @classmethod
    def read(cls, file: Path | str, keys: CardKeys, held: Revocations | None = None) -> Revocations:
        """From the file that ``hub card revocations FILE`` has written. Raises ``CardsUnavailable``."""
        try:
            data = Path(file).read_bytes()
        except OSError as problem:
            raise CardsUnavailable(f"{file}: the list of revoked cards cannot be read: {problem}") from problem
        return cls.parse(data, keys, held)

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        return place < len(self.bitmap) and bool(self.bitmap[place] & 1 << bit)


def read_card(card: str | bytes, keys: CardKeys, revocations: Revocations | None, now: datetime) -> CardReading:
    """Check a card: its text (from a QR code) or its bytes (from a chip). Never raises for a bad card, whatever it
    holds; raises ``CardsUnavailable`` where the libraries are missing."""
    try:
        data = card_record.card_bytes(card) if isinstance(card, str) else card
        if len(data) > card_record.MAX_BYTES:
            raise ValueError("it is too long")
        record = card_record.parse(data)
    except ValueError as problem:
        return CardReading("unreadable", f"this is no card: {problem}")
    chains = keys.chains(record.key_id)
    if not chains:
        return CardReading("unknown_key", "the card is signed by a key that this till does not know")
    for chain in chains:
        if record.signed_by(chain[0].public, card_record.CARD):
            try:
                return _judged(record.fields(), chain, revocations, now)
            except ValueError as problem:
                return CardReading("unreadable", f"the card holds something else than a card: {problem}")
    return CardReading("altered", "the signature does not fit: the card was altered or forged")


def _judged(
    fields: dict[int, Any], chain: tuple[Certified, ...], revocations: Revocations | None, now: datetime
) -> CardReading:
    counts = {name: _count(fields, name) for name in (1, 3, 4, 5, 6, 7)}
    for name, (low, high) in _BOUNDS.items():
        if not low <= counts[name] <= high:
            raise ValueError(f"field {name} is out of its bounds")
    customer = fields.get(2)
    if not isinstance(customer, bytes) or len(customer) != 16:
        raise ValueError("field 2 is no id")
    issued, expires = _time(counts[6]), _time(counts[7])
    refused, why = "", ""
    if any(counts[6] < key.begins or counts[7] > key.ends for key in chain):
        refused, why = "outside_key", "the card was issued before its key was certified, or expires after it"
    elif counts[4] > chain[0].cap:
        refused, why = "above_cap", f"the card holds more than its store may give ({chain[0].cap})"
    elif revocations is not None and counts[1] in revocations:
        refused, why = "revoked", "the card was revoked"
    elif now + SKEW < issued:
        refused, why = "not_yet_valid", f"the card is of {issued:%Y-%m-%d %H:%M} UTC: check this machine's clock"
    elif now - SKEW >= expires:
        refused, why = "expired", f"the card expired on {expires:%Y-%m-%d %H:%M} UTC"
    return CardReading(
        refused=refused,
        why=why,
        number=counts[1],
        customer=str(UUID(bytes=customer)),
        tier=counts[3],
        rights=counts[4],
        seq=counts[5],
        issued=issued,
        expires=expires,
        store=chain[0].store,
        list_of=revocations.issued if revocations is not None else None,
    )


def certified(data: bytes) -> Certified:
    """What a certificate says; nobody has checked its signature. Raises ``CardsUnavailable`` for what is none."""
    return _certificate(data)[1]


def _certificate(data: bytes) -> tuple[Record, Certified]:
    try:
        record = card_record.parse(data)
        fields = record.fields()
        store, public = fields.get(1), fields.get(2)
        if not isinstance(store, str) or not isinstance(public, bytes) or len(public) != 32:
            raise ValueError("its fields are wrong")
        return record, Certified(store, public, _count(fields, 3), _count(fields, 4), _count(fields, 5))
    except ValueError as problem:
        raise CardsUnavailable(f"this is no certificate of a card key: {problem}") from problem


def _count(fields: dict[int, Any], name: int) -> int:
    value = fields.get(name)
    if type(value) is not int or value < 0:
        raise ValueError(f"field {name} is no count")
    return value


def _time(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError):
        raise ValueError("it holds no time") from None
