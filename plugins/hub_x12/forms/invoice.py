"""X12 810 and 880, invoices: what only the whole message tells about its parts.

*Signs.* The amounts of a canonical invoice are not negative, its kind says which way the money goes. Senders of credit
notes write them with a minus sign or without one, and with a minus sign on the totals, on the quantities, on the
prices, or on several of them. What is negative throughout a credit note is turned round and named in ``negated``;
writing turns it round again.

*Allowances and charges.* SAC01 says which of the two a part is, or that it is neither. G72 says it by the sign of the
amount (UCS: an allowance is negative), or else by its code.

*Lines.* A line of an 880 has no number: its place is its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from hub.mapping.forms import Data, MessageForm, opened
from hub.model.allowance_charge import AllowanceCharge
from hub.model.contact import ContactPoint
from hub.model.document import Document
from hub.model.identifiers import Identifier
from hub.model.invoice import Invoice, InvoiceLine, SubLine
from hub.model.money import UnitPrice
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef
from hub.model.terms import PaymentTerm
from hub.model.value import Many
from hub_x12.forms.form_class import form_of

_TOTALS = ("line_sum", "allowance_sum", "charge_sum", "tax_exclusive", "tax", "tax_inclusive", "payable",
           "discountable", "discounted", "discount")  # fmt: skip
_CHARGES = frozenset((
    "pallet_charge", "drayage", "handling_in", "handling_out", "labor", "minimum_charge", "storage", "supplies",
    "unloading", "cigarette_stamping", "tax", "carrier", "special_handling", "freight", "insurance", "railcar_loading",
    "switch", "labelling", "koshering", "warehouse_charge", "palletizing", "enclosure", "surcharge", "stop_charge",
    "delivery", "demurrage", "service", "less_than_truckload_charge", "cut", "broken_lot", "special_packaging", "reel",
    "deposit_resale", "beverage_tax", "environmental", "state_tax", "deposit", "equipment_rental",
    "equipment_service", "goods_and_services_charge", "other_charge",
))  # fmt: skip
"""What data element 340 calls a charge; its other codes are allowances."""

StatedAllowance = form_of("StatedAllowance", AllowanceCharge, is_charge=(bool | None, None))
_Stated: Any = (Many[StatedAllowance], ())  # type: ignore[valid-type]
_SubLine: Any = form_of("StatedSubLine", SubLine, allowances_charges=_Stated)
_Line: Any = form_of("StatedLine", InvoiceLine, allowances_charges=_Stated, sublines=(Many[_SubLine], ()))
StatedInvoice = form_of("StatedInvoice", Invoice, allowances_charges=_Stated, lines=(Many[_Line], ()))
_Item: Any = form_of("GroceryLine", InvoiceLine, line_id=(str, ""), allowances_charges=_Stated)
GroceryInvoice = form_of("GroceryInvoice", Invoice, allowances_charges=_Stated, lines=(Many[_Item], ()))


def _holders(invoice: Data) -> Iterator[Data]:
    """The invoice, its lines and their sublines: whatever has allowances and charges."""
    yield invoice
    for line in invoice.get("lines") or ():
        yield line
        yield from line.get("sublines") or ()


def _parts(invoice: Data) -> Iterator[Data]:
    for holder in _holders(invoice):
        yield from holder.get("allowances_charges") or ()


# -- signs -------------------------------------------------------------------------------------------------------------


def _amounts(invoice: Data, of: str) -> Iterator[tuple[Data, str]]:
    """Every amount of one sort: the object that holds it, and its field."""
    if of == "total":
        totals = invoice.get("totals_stated") or {}
        yield from ((totals, name) for name in _TOTALS if totals.get(name) is not None)
        return
    if of in ("quantity", "price"):
        field = "value" if of == "quantity" else "amount"
        for line in invoice.get("lines") or ():
            held = line.get(of)
            if held is not None:
                held = line[of] = opened(held)
                if held.get(field) is not None:
                    yield held, field
        return
    for holder in _holders(invoice):
        for part in holder.get("taxes" if of == "tax" else "allowances_charges") or ():
            held = part.get("amount")
            if held and held.get("amount") is not None:
                yield held, "amount"


_SORTS = ("total", "quantity", "price", "allowance", "tax")


def _turned(invoice: Data, of: str) -> None:
    for holder, field in _amounts(invoice, of):
        holder[field] = -holder[field] if holder[field] else holder[field]


def _positive(invoice: Data) -> None:
    """Take the minus signs off a credit note, and say where they were."""
    negated = []
    for sort in _SORTS:
        found = [holder[field] for holder, field in _amounts(invoice, sort)]
        if any(found) and all(value <= 0 for value in found):
            negated.append(sort)
            _turned(invoice, sort)
    if negated:
        invoice["negated"] = negated


# -- 810 ---------------------------------------------------------------------------------------------------------------


def read(form: Data) -> list[tuple[str, Data]]:
    """The invoice of an 810."""
    for part in _parts(form):
        said = part.get("indicator")
        part["is_charge"] = said in ("charge", "charge_request", "service")
        if said in ("allowance", "charge"):
            del part["indicator"]
    if "credit" in form.get("invoice_kind", ""):
        _positive(form)
    return [("Invoice", form)]


def write(documents: Sequence[Document]) -> list[Data]:
    """An 810 for every invoice."""
    return [_stated(one, _indicated) for one in documents]


def _stated(document: Document, finish: Callable[[Data], None]) -> Data:
    form = document.model_dump(exclude_defaults=True, exclude={"extensions", "provenance"})
    computed = form.pop("totals_computed", {}).get("payable")
    if computed is not None:  # an invoice of our own need not state what was computed
        form.setdefault("totals_stated", {}).setdefault("payable", computed)
    for sort in form.pop("negated", ()):
        if sort not in _SORTS:
            raise ValueError(f"negated says {sort}, which is none of {', '.join(_SORTS)}")
        _turned(form, sort)
    finish(form)
    return form


def _indicated(form: Data) -> None:
    for part in _parts(form):
        part["indicator"] = part.get("indicator") or ("charge" if part["is_charge"] else "allowance")


# -- 880 ---------------------------------------------------------------------------------------------------------------


def read_grocery(form: Data) -> list[tuple[str, Data]]:
    """The invoice of an 880."""
    for number, line in enumerate(form.get("lines") or (), 1):
        line["line_id"] = str(number)
    for part in _parts(form):
        part["is_charge"] = unsigned(part)
    if "credit" in form.get("invoice_kind", ""):
        _positive(form)
    return [("Invoice", form)]


def write_grocery(documents: Sequence[Document]) -> list[Data]:
    """An 880 for every invoice."""
    return [_stated(one, _signed) for one in documents]


def _values(part: Data) -> Iterator[tuple[Data, str]]:
    """The amount, the rate and the percentage of a G72."""
    for name in ("amount", "rate"):
        held = part.get(name)
        if held is not None:
            held = part[name] = opened(held)
            if held.get("amount") is not None:
                yield held, "amount"
    if part.get("percent") is not None:
        yield part, "percent"


def unsigned(part: Data) -> bool:
    """Whether it is a charge. Takes the minus sign away, which makes it an allowance whatever its code says."""
    negative = False
    for holder, field in _values(part):
        if holder[field] < 0:
            negative, holder[field] = True, -holder[field]
    if negative:
        return False
    code = (part.get("reason_code") or {}).get("value", "")
    unknown = code.rpartition(":")[2] if ":" in code else ""
    return code in _CHARGES or (unknown.isdecimal() and int(unknown) >= 500)


def _signed(form: Data) -> None:
    for part in _parts(form):
        signed(part)


def signed(part: Data) -> None:
    """The inverse of ``unsigned``: an allowance has a minus sign."""
    if not part["is_charge"]:
        for holder, field in _values(part):
            holder[field] = -Decimal(holder[field])


_CLOSED = (ContactPoint, DocRef, Identifier, PartyRef, PaymentTerm, Quantity, UnitPrice)

FORM = MessageForm(
    "x12.invoice", StatedInvoice, ("Invoice",), read, write,
    "810: an invoice, the signs of a credit note put right", _CLOSED,
)  # fmt: skip
GROCERY_FORM = MessageForm(
    "x12.grocery_invoice", GroceryInvoice, ("Invoice",), read_grocery, write_grocery,
    "880: an invoice, its lines numbered and its allowances told from charges", _CLOSED,
)  # fmt: skip
