"""A party: customer, supplier, store, carrier, person."""

from __future__ import annotations

from pydantic import Field

from hub.model.address import Address
from hub.model.contact import Contact, ContactPoint
from hub.model.dates import Instant, LocalDate, When
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.money import Money
from hub.model.party_ref import PartyRef
from hub.model.provenance import SourceRef
from hub.model.quantity import QualifiedQuantity
from hub.model.reference import Code, DocRef, QualifiedDate
from hub.model.terms import PaymentTerm
from hub.model.value import Key, Many, Value


class PartyAddress(Address):
    """An address in a party's book. ``usage`` is legal, billing, delivery, return or visit."""

    usage: str = ""
    default: bool | None = None
    valid_from: LocalDate | None = None
    valid_to: LocalDate | None = None


class PartyRelationship(Value):
    """``type`` (parent, franchise, buying_group, member …) from one party to another."""

    type: str
    from_party: str = ""
    to_party: str = ""
    valid_from: LocalDate | None = None
    valid_to: LocalDate | None = None


class AgingBucket(Value):
    """What is overdue by more than ``days`` days."""

    days: int
    amount: Money


class Credit(Value):
    """``limit`` of credit, whether the party ``on_hold`` may buy at all, and what it owed ``balance_as_of`` a time."""

    limit: Money | None = None
    on_hold: bool | None = None
    balance: Money | None = None
    balance_as_of: Instant | None = None
    aging: Many[AgingBucket] = ()


class ExternalId(Value):
    """The party's record in another system, for the crosswalk; ``deleted`` when it is gone there."""

    system: Key
    id: str
    updated_at: Instant | None = None
    deleted: bool | None = None


class Announcement(Value):
    """The list of parties that told of one (X12 816): its number, who sent it (``roles``), and where in its hierarchy
    the party stood: ``level_id`` below ``parent_level_id``. Parties that were announced together share all but the
    levels."""

    message_id: str = ""
    structure: str = ""
    purpose: str = ""
    type: str = ""
    issued_at: When | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    level_id: str = ""
    parent_level_id: str = ""


class Party(Document):
    """A party. ``kind`` in JSON (``party_kind`` in Python, where ``kind`` is the document's) is organization or
    person. ``party_id`` is the golden id, empty until it is known. ``roles`` is customer, supplier, carrier, store,
    warehouse, prospect. ``status`` is active, blocked, archived, merged (then ``merged_into``) or erased.
    ``external_id`` is the id in the one system this record came from; ``external_ids`` the whole crosswalk. ``level``
    is where it stands in its organization (company, division, operating_unit, store …), ``action`` what the sender
    says happened to it (add, change, delete)."""

    party_id: str = ""
    external_id: str = ""
    party_kind: str = Field(default="", alias="kind")
    legal_name: str = ""
    trading_name: str = ""
    names: Many[str] = ()
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    salutation: str = ""
    suffix: str = ""
    identifiers: Many[Identifier] = ()
    roles: Many[str] = ()
    level: str = ""
    parent_id: str = ""
    relations: Many[PartyRelationship] = ()
    addresses: Many[PartyAddress] = ()
    contact_points: Many[ContactPoint] = ()
    contacts: Many[Contact] = ()
    language: str = ""
    currency: str = ""
    time_zone: str = ""
    country: str = ""
    payment_terms_code: Code | None = None
    payment_terms: Many[PaymentTerm] = ()
    delivery_terms: Code | None = None
    credit: Credit | None = None
    segments: Many[str] = ()
    territory: str = ""
    price_list_id: str = ""
    tax_exempt: bool | None = None
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    quantities: Many[QualifiedQuantity] = ()
    classification: Many[Code] = ()
    status: str = ""
    action: str = ""
    action_reason: str = ""
    change: str = ""
    announcement: Announcement | None = None
    merged_into: str = ""
    external_ids: Many[ExternalId] = ()
    version: int | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
    sources: Many[SourceRef] = ()
