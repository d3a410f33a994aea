"""A product."""

from __future__ import annotations

from pydantic import Field

from hub.model.allowance_charge import AllowanceCharge
from hub.model.characteristic import Characteristic, LeadTime, Measurement
from hub.model.dates import Instant, LocalDate
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.money import UnitPrice
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.price_rule import PriceRule
from hub.model.provenance import SourceRef
from hub.model.quantity import Quantity
from hub.model.reference import Code, DocRef, QualifiedDate
from hub.model.text import LocalText
from hub.model.value import Many, Value


class Lifecycle(Value):
    """``status`` is planned, active, discontinued or withdrawn; ``replaced_by`` the product that follows."""

    status: str = ""
    available_from: LocalDate | None = None
    discontinued_on: LocalDate | None = None
    replaced_by: str = ""


class ProductComponent(Value):
    """A product that is part of another, or a package level of it. ``relation`` is the list's code for how it belongs
    (included, substitute …). Source: X12 SLN."""

    component_id: str = ""
    parent_id: str = ""
    relation: str = ""
    quantity: Quantity | None = None
    price: UnitPrice | None = None
    identifiers: Many[Identifier] = ()
    description: str = ""


class Product(Document):
    """A product that is traded. ``name`` holds one text per language. ``base_unit`` is the unit that stock is kept in
    (other units by ``Packaging``). ``tax_category`` maps a country to the category there. ``classification`` codes
    carry their list (UNSPSC, GPC, CN). ``variable_measure`` goods are sold by weight. ``external_id`` is the id in the
    system that this record came from. ``shelf_life`` is in days. ``roles`` (manufacturer …), ``references``, ``dates``,
    ``characteristics``, ``measurements`` and ``lead_times`` are what a catalog says that has no field of its own."""

    product_id: str = ""
    external_id: str = ""
    identifiers: Many[Identifier] = ()
    name: Many[LocalText] = ()
    description: str = ""
    brand: str = ""
    classification: Many[Code] = ()
    base_unit: str = ""
    tax_category: dict[str, str] = Field(default_factory=dict)
    tax_percent: Number | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    country_of_origin: str = ""
    lifecycle: Lifecycle | None = None
    shelf_life: Quantity | None = None
    variable_measure: bool | None = None
    dangerous_goods: str = ""
    category: str = ""
    status: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    characteristics: Many[Characteristic] = ()
    measurements: Many[Measurement] = ()
    lead_times: Many[LeadTime] = ()
    components: Many[ProductComponent] = ()
    price_rules: Many[PriceRule] = ()
    allowances_charges: Many[AllowanceCharge] = ()
    version: int | None = None
    updated_at: Instant | None = None
    sources: Many[SourceRef] = ()
