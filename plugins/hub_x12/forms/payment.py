"""X12 820, payment order and remittance advice: one message is one ``Payment``.

The message lists what it pays under entities (ENT), the document has one flat list of allocations: each says under
which entity it stood, so that writing finds its place again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from hub.mapping.forms import Data, MessageForm
from hub.model.contact import ContactPoint
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.money import UnitPrice
from hub.model.payment import Allocation, Payment, PaymentEntity
from hub.model.quantity import Quantity
from hub.model.value import Many
from hub_x12.forms.form_class import form_of


class RemittanceEntity(PaymentEntity):
    """An ENT loop with the items it lists (RMR)."""

    allocations: Many[Allocation] = ()
    extensions: Extensions = Field(default_factory=dict)


Remittance = form_of("Remittance", Payment, entities=(Many[RemittanceEntity], ()), allocations=(Many[Allocation], ()))


def read(form: Data) -> list[tuple[str, Data]]:
    """The payment: its allocations in one list, its currency in all of its amounts, its number from the trace."""
    allocations: list[Data] = []
    for number, entity in enumerate(form.get("entities") or (), 1):
        for one in entity.pop("allocations", ()):
            one["entity"] = number
            allocations.append(one)
        for name, value in entity.pop("extensions", {}).items():
            form.setdefault("extensions", {})[name] = value
    if allocations:
        form["allocations"] = allocations
    if payment_id := _number(form):
        form["payment_id"] = payment_id
    if currency := form.get("currency"):
        for amount in _amounts(form):
            amount.setdefault("currency", currency)
    return [("Payment", form)]


def _number(form: Data) -> str:
    """TRN02, else the number of the cheque or of the transfer (REF*CK, REF*EF), '' where there is none."""
    if traced := (form.get("trace") or {}).get("number"):
        return str(traced)
    for wanted in ("cheque", "electronic_funds_transfer"):
        for one in form.get("references") or ():
            if one.get("type") == wanted and one.get("id"):
                return str(one["id"])
    return ""


def _amounts(form: Data) -> Iterator[Data]:
    parts = [form, *(form.get("allocations") or ())]
    for holder in [*(form.get("entities") or ()), *(form.get("allocations") or ())]:
        parts += holder.get("adjustments") or ()
    for part in parts:
        for name in ("amount", "invoice_amount", "discount_taken", "adjustment"):
            if isinstance(part.get(name), dict):
                yield part[name]


def write(documents: Sequence[Document]) -> list[Data]:
    """A form for every payment. Allocations that name no entity stand under the first, which is made if need be."""
    return [_form(one) for one in documents]


def _form(payment: Document) -> Data:
    form = payment.model_dump(exclude_defaults=True, exclude={"extensions", "provenance"})
    allocations = form.pop("allocations", ())
    entities = [dict(one) for one in form.get("entities", ())]
    if allocations and not entities:
        entities = [{"number": "1"}]
    for one in allocations:
        at = one.pop("entity", 1)
        if not 1 <= at <= len(entities):
            raise ValueError(f"an allocation stands under entity {at}, and there are {len(entities)}")
        entities[at - 1].setdefault("allocations", []).append(one)
    if entities:
        form["entities"] = entities
    if form.get("payment_id") and not form.get("trace") and _number(form) != form["payment_id"]:
        form["trace"] = {"type": "current", "number": form["payment_id"]}
    return form


FORM = MessageForm(
    "x12.remittance", Remittance, ("Payment",), read, write,
    "820: a payment, what it pays listed under its entities (ENT)",
    (ContactPoint, Identifier, Quantity, UnitPrice),
)  # fmt: skip
