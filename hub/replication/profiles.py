"""Customers' profiles, kept up to date in the transaction that stores a consent, points or a customer.

A consent and an entry of points name their customer, but not the customer's territory. The profile has the tags of the
customer, so that the stores that see the customer see its consents and points, and no others do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.model import Consent, CustomerProfile
from hub.model.customer_profile import ConsentState, LoyaltyAccount
from hub.repository.keys import joined, thread_of_party
from hub.repository.parties import party_named, survivor

if TYPE_CHECKING:
    from hub.repository import DocumentRecord, Transaction
    from hub.repository.derivation import Origin

_EVENTS = ("Consent", "LoyaltyEntry")
_ABOUT = (*_EVENTS, "CustomerProfile")
_GONE = frozenset({"merged", "erased", "deleted"})


class Profiles:
    """The derivation that ``Repository.open`` is given."""

    kinds = frozenset({"Party", *_EVENTS})

    def names(self, kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Of a customer, the ids by which events may name it."""
        return tuple(_names(data)) if kind == "Party" else ()

    def derive(self, tx: Transaction, origins: Sequence[Origin]) -> None:
        """Bring the profiles up to date of the customers that are concerned."""
        customers: dict[str, DocumentRecord] = {}
        names: dict[str, set[str]] = {}
        for kind, id_ in _concerned(tx, origins):
            record = tx.get(kind, id_)
            found = None if record is None else _customer_of(tx, record)
            if kind == "Party" and (found is None or found.id != id_) and (held := _held(tx, id_)) is not None:
                tx.remove(held.kind, held.id)
            if found is not None and record is not None:
                customers[found.id] = found
                data = record.data()
                known = names.setdefault(found.id, set(_names(found.data())))
                known.update((id_, *_names(data)) if kind == "Party" else (data["party_id"],))
        for id_, customer in sorted(customers.items()):
            tx.wait_for(id_)  # so that of two consents at the same moment neither is left out
            held = _held(tx, id_)
            also = names[id_].union(held.data().get("known_as", ()) if held else ()) - {id_}
            profile = _profile(tx, id_, also)
            if held is not None or profile.consents or profile.accounts:
                tx.put(profile, scopes=customer.scopes)


def _concerned(tx: Transaction, origins: Sequence[Origin]) -> list[tuple[str, str]]:
    """Without the customers of whom there is no event and no profile: most of those that an ERP sends."""
    parties = {one.id: one.names for one in origins if one.kind == "Party"}
    of = {thread_of_party(name): id_ for id_, names in parties.items() for name in (id_, *names)}
    some = {of[thread] for thread in tx.threads(_ABOUT, list(of))}
    found = dict.fromkeys((one.kind, one.id) for one in origins if one.kind != "Party" or one.id in some)
    return list(found)


def _customer_of(tx: Transaction, record: DocumentRecord) -> DocumentRecord | None:
    """The customer that a document is or is about, found through merges; None where it is gone or not known."""
    if record.kind == "Party":
        return _in_use(survivor(tx, record))
    data = record.data()
    return _in_use(_named(tx, data.get("party_id", ""), data.get("pos_id") or data.get("source", "")))


def _held(tx: Transaction, customer: str) -> DocumentRecord | None:
    return tx.find("CustomerProfile", key=joined("CustomerProfile", customer))


def _names(party: Mapping[str, Any]) -> Iterator[str]:
    """Ids by which events may name a customer, beside that of its document."""
    yield from (one["id"] for one in party.get("external_ids", ()) if one["system"].startswith("store:"))
    if party.get("party_id"):
        yield party["party_id"]


def _profile(tx: Transaction, customer: str, also: Iterable[str]) -> CustomerProfile:
    threads = [thread_of_party(name) for name in sorted({customer, *also})]
    events = [record.document for thread in threads for record in _all(tx, "Consent", thread)]
    entries = [record.id for thread in threads for record in _all(tx, "LoyaltyEntry", thread)]
    accounts = sorted(tx.accounts_of(entries))
    return CustomerProfile(
        party_id=customer,
        known_as=tuple(sorted(also)),
        consents=tuple(deciding((event for event in events if isinstance(event, Consent)), tx.now)),
        accounts=tuple(LoyaltyAccount(account_id=one, points=tx.points_of(one).normalize()) for one in accounts),
    )


def _all(tx: Transaction, kind: str, thread: str) -> Iterator[DocumentRecord]:
    after = ""
    while page := tx.list(kind, thread=thread, after=after):
        yield from page
        after = page[-1].id


def deciding(events: Iterable[Consent], now: datetime) -> Iterator[ConsentState]:
    """The events that decide about something, now or later, oldest first: without those that a later one of at least
    the same channels has replaced. At equal times withdrawal and denial beat a grant, as in ``current_consent``."""
    ordered = sorted(events, key=lambda one: (one.given_at, one.state != "granted", one.consent_id))
    for place, one in enumerate(ordered):
        later = (
            other
            for other in ordered[place + 1 :]
            if other.purpose == one.purpose and other.given_at <= now
            if not other.channels or (one.channels and set(one.channels) <= set(other.channels))
        )
        if next(later, None) is None:
            yield ConsentState(
                purpose=one.purpose,
                channels=one.channels,
                state=one.state,
                given_at=one.given_at,
                expires_at=one.expires_at,
            )


def _named(tx: Transaction, name: str, node: str) -> DocumentRecord | None:
    """The customer that an event names, as a store's document does, or by the id of the record in the hub."""
    # S001-1 may be terminal 1 of S001, or the server of a store that is called so.
    parts = node.split("-")
    stores = ["-".join(parts[:end]) for end in range(len(parts), 0, -1) if node]
    return party_named(tx, name, stores) or survivor(tx, tx.find("Party", key=f"id|{name}") if name else None)


def _in_use(party: DocumentRecord | None) -> DocumentRecord | None:
    return None if party is None or party.deleted or party.data().get("status") in _GONE else party
