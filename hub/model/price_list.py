"""A price list or catalog: what is said once for all of its products and prices."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.characteristic import LeadTime
from hub.model.contact import Contact
from hub.model.dates import Period
from hub.model.document import Document
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.reference import DocRef, QualifiedDate
from hub.model.terms import DeliveryTerms, PaymentTerm
from hub.model.text import Note
from hub.model.value import Key, Many


class PriceList(Document):
    """The head of a price list. ``Price.price_list`` names it by ``price_list_id``. ``type`` is price_catalog,
    price_sheet, sales_catalog … (X12 683); ``replaces`` is the list that this one follows. ``rules`` hold for all
    products of the list, such as a discount factor. ``valid`` holds for every price that says nothing else. Source:
    X12 832 heading, EDIFACT PRICAT heading."""

    price_list_id: Key
    purpose: str = ""
    type: str = ""
    name: str = ""
    edition: str = ""
    revision: str = ""
    unit: str = ""
    replaces: str = ""
    replaces_edition: str = ""
    replaces_revision: str = ""
    currency: str = ""
    valid: Period | None = None
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    payment_terms: Many[PaymentTerm] = ()
    delivery_terms: DeliveryTerms | None = None
    lead_times: Many[LeadTime] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    rules: Many[PriceRule] = ()
    notes: Many[Note] = ()
    status: str = ""
    version: int | None = None
