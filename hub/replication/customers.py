"""Customers of stores: a new one is kept beside those that look like it, a change is decided field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.findings import Finding, notice
from hub.model import Party
from hub.replication import customer_fields
from hub.replication.acceptance import refused
from hub.replication.customer_fields import Value
from hub.repository.parties import party_named
from hub.repository.uploads import clock_stamp

if TYPE_CHECKING:
    from hub.replication.policies import Policies
    from hub.replication.stores import Store
    from hub.repository import DocumentRecord, Transaction
    from hub.repository.uploads import UploadRecord

UNKNOWN = "return.unknown_customer"
"""The code of a change that came before its customer; it is tried again when a customer comes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a document: its canonical id, whether it was new, and what is worth telling the store."""

    document_id: str
    new: bool
    findings: tuple[Finding, ...] = ()


def take_customer(
    tx: Transaction, record: UploadRecord, party: Party, store: Store, policies: Policies, now: datetime
) -> Taken:
    """Store a new customer, or what changed of a known one. Raises ``DocumentRejected`` for one that is not known or
    not in use any more."""
    if "changed" in party.extensions:
        return _Change(tx, record, party, store, policies, now).apply()
    return _register(tx, record, party, store, policies)


def _register(tx: Transaction, record: UploadRecord, party: Party, store: Store, policies: Policies) -> Taken:
    system = f"store:{store.id}"
    held = tx.find("Party", system=system, external_id=party.external_id)
    if held is not None:
        return Taken(held.id, False)
    data = party.canonical_dict()
    given = customer_fields.values(data)
    lost = {name: value for name, value in given.items() if policies.field("Party", name) == "hub_wins"}
    for name in lost:
        customer_fields.write(data, name, None)
    # Where the store sees one territory, its new customers are of it; so they come back, and to its neighbours.
    if len(territories := [one for one in store.scope("territories") if one != "*"]) == 1:
        data["territory"] = territories[0]
    data["roles"] = data.get("roles") or ["customer"]
    data["external_ids"] = [{"system": system, "id": party.external_id}]
    data.pop("action", None)
    new = Party.read_json(data)
    alike = _alike(tx, data)
    stored = tx.put(new, system=system, origin=record.node, separate=True)
    chosen = customer_fields.values(new.canonical_dict())
    for name, value in lost.items():
        if value != chosen.get(name):
            _lost(tx, record, stored.id, name, chosen.get(name), value, "hub_wins", "hub")
    for other in alike:
        _lost(tx, record, other.id, "*", other.id, stored.id, "keep_both", "both")
    told = (notice("return.alike", f"looks like {len(alike)} known customers; both are kept"),) if alike else ()
    return Taken(stored.id, True, told)


def _alike(tx: Transaction, data: dict[str, Any]) -> list[DocumentRecord]:
    """Customers in use that may be the same: one that shares a worldwide number, or the name and one thing more."""
    found: dict[str, DocumentRecord] = {}
    for one in data.get("identifiers", ()):
        for record in tx.find_all("Party", scheme=one["scheme"], value=one["value"], issuer="", limit=5):
            found[record.id] = record
    name = data.get("legal_name") or " ".join(filter(None, (data.get("given_name"), data.get("family_name"))))
    mine = customer_fields.values(data)
    telling = ("email", "phone", "postal_code", "card_no")
    for record in tx.find_all("Party", name=data.get("legal_name") or data.get("trading_name") or name, limit=50):
        other = customer_fields.values(record.data())
        if any(mine.get(field) and mine.get(field) == other.get(field) for field in telling):
            found[record.id] = record
    return [one for one in found.values() if one.data().get("status", "") not in ("merged", "erased", "archived")]


class _Change:
    """One change of one customer."""

    def __init__(
        self, tx: Transaction, record: UploadRecord, party: Party, store: Store, policies: Policies, now: datetime
    ) -> None:
        self.tx, self.record, self.party, self.store, self.policies, self.now = tx, record, party, store, policies, now

    def apply(self) -> Taken:
        """Decide each field, and store what the store has won."""
        held = self._held()
        data = held.data()
        ours, theirs = customer_fields.values(data), customer_fields.values(self.party.canonical_dict())
        seen = self.party.extensions["changed"]
        assert isinstance(seen, dict)
        kept: list[str] = []
        for name, base in sorted(seen.items()):
            mine, new = ours.get(name), theirs.get(name)
            if mine == new:
                continue
            if self._wins(held, name, base if isinstance(base, str | bool) else None, mine, new):
                customer_fields.write(data, name, new)
            else:
                kept.append(name)
        changed = Party.read_json(data)
        stored = self.tx.revise(held.id, changed, expected_version=held.version, origin=self.record.node)
        told = (notice("return.kept", f"the hub's value stays: {', '.join(kept)}"),) if kept else ()
        return Taken(held.id, stored.changed, told)

    def _held(self) -> DocumentRecord:
        """The customer as it is now, found by its canonical id or the store's own, through merges."""
        held = party_named(self.tx, self.party.party_id, [self.store.id])
        if held is None:
            raise refused(UNKNOWN, "a change of a customer that the hub does not know", "$.party_id")
        if held.deleted or held.data().get("status") in ("merged", "erased"):
            raise refused("return.gone", "a change of a customer that is erased or no longer in use", "$.party_id")
        return held

    def _wins(self, held: DocumentRecord, name: str, base: Value, mine: Value, new: Value) -> bool:
        """Whether the store's value is taken; what lost is recorded."""
        policy = self.policies.field("Party", name)
        if policy == "most_restrictive":
            won = customer_fields.stricter(name, mine, new)
        elif policy == "newest" and not (name == "name" and new is None):
            return self._newest(held, name, base, mine, new)
        else:
            won = False
        if not won:
            _lost(self.tx, self.record, held.id, name, mine, new, policy, "hub")
        return won

    def _newest(self, held: DocumentRecord, name: str, base: Value, mine: Value, new: Value) -> bool:
        last = self.tx.field_clock(held.id, name)
        clock, limit = self.record.entry.clock, clock_stamp(self.now + self.policies.skew)
        if last is not None and last.node == self.record.node and clock <= last.clock:
            return False  # its own earlier word, come late: superseded, not lost to anybody
        ahead = clock[:24] > limit
        if mine != base:
            won = not ahead and clock > self._clock_of(held, name, mine)
            ours, theirs = mine, new
            _lost(self.tx, self.record, held.id, name, ours, theirs, "newest", "store" if won else "hub")
            if not won:
                return False
        # A clock that runs ahead would win against everybody for as long as it is ahead.
        kept = f"{clock_stamp(self.now)}-0000-{self.record.node}" if ahead else clock
        self.tx.set_field_clock(held.id, name, new, kept, self.record.node)
        return True

    def _clock_of(self, held: DocumentRecord, name: str, mine: Value) -> str:
        """When the hub's value came to be: by the clock of the store that said it, else by the version that first had
        it."""
        last = self.tx.field_clock(held.id, name)
        if last is not None and last.value == mine:
            return last.clock
        since = held.created_at
        for version in reversed(self.tx.versions(held.id)):
            if customer_fields.values(version.data()).get(name) != mine:
                break
            since = version.updated_at
        return clock_stamp(since)


def _lost(
    tx: Transaction, record: UploadRecord, id_: str, name: str, ours: Any, theirs: Any, policy: str, winner: str
) -> None:
    tx.add_conflict("Party", id_, name, ours, theirs, policy, winner, record.node, record.entry.seq)
