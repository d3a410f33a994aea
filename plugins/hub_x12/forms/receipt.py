"""X12 861, receiving advice: the form of a ``Receipt``. RCD names up to five quantities in question by their condition;
the receipt has fields for what is damaged, short, over and good, and a list for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from hub.mapping.forms import MessageForm
from hub.model.characteristic import Characteristic
from hub.model.contact import Contact
from hub.model.dates import LocalDate, When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.receipt import Discrepancy
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import LOT, Data, fields, filled
from hub_x12.forms.catalog_writing import plain

CONDITIONS = {"damaged": "damaged", "short": "short", "over": "over", "good": "accepted"}
"""Condition (data element 412) → field of the line."""
RECEIVED = "received"
ADVICE, SHIPMENT = "ship_notice", "shipment"
"""References that number the despatch advice, the better first."""
SSCC = "sscc"


class ReceivedOrder(Value):
    """A PRF segment."""

    id: str = ""
    release: str = ""
    date: LocalDate | None = None
    line: str = ""


class ReceivedLine(Value):
    """An RCD loop."""

    line_id: str = ""
    received: Quantity | None = None
    returned: Quantity | None = None
    discrepancies: Many[Discrepancy] = ()
    despatched: Quantity | None = None
    ordered: Quantity | None = None
    to_date: Number | None = None
    identifiers: Many[Identifier] = ()
    characteristics: Many[Characteristic] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    orders: Many[ReceivedOrder] = ()
    marks: Many[Identifier] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    extensions: Extensions = Field(default_factory=dict)


class ReceiptForm(Value):
    """One 861."""

    receipt_id: str
    issued_at: When | None = None
    purpose: str = ""
    type: str = ""
    condition: str = ""
    currency: str = ""
    references: Many[DocRef] = ()
    contacts: Many[Contact] = ()
    dates: Many[QualifiedDate] = ()
    orders: Many[ReceivedOrder] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    lines: Many[ReceivedLine] = ()


def read(form: Data) -> list[tuple[str, Data]]:
    """The receipt of a form."""
    references = list(form.get("references") or ())
    despatch = _first(references, ADVICE)
    if despatch:
        references.remove(despatch)
    dates = list(form.get("dates") or ())
    received = next((one for one in dates if _says(one, RECEIVED)), None)
    if received:
        dates.remove(received)
    receipt = fields(form, "receipt_id", "issued_at", "purpose", "type", "condition", "currency", "contacts", "roles")
    return [
        (
            "Receipt",
            receipt
            | filled(
                despatch_id=(despatch or _first(references, SHIPMENT) or {}).get("id"),
                received_at=(received or {}).get("value"),
                orders=[_order(one) for one in form.get("orders") or () if one.get("id")],
                references=references,
                dates=dates,
                lines=[_line(one) for one in form.get("lines") or ()],
            ),
        )
    ]


def _first(references: Sequence[Data], kind: str) -> Data | None:
    return next((one for one in references if one.get("type") == kind and one.get("id")), None)


def _says(one: Data, qualifier: str) -> bool:
    stated = {name for name, value in one.items() if value not in (None, "")}
    return one.get("qualifier") == qualifier and stated == {"qualifier", "value"}


def _order(stated: Data) -> Data:
    return {"type": "order", "id": stated["id"]} | fields(stated, "release", "date", "line")


def _line(stated: Data) -> Data:
    line = fields(
        stated, "line_id", "received", "returned", "despatched", "ordered", "to_date", "dates", "roles",
        "extensions",
    )  # fmt: skip
    rest = []
    for one in stated.get("discrepancies") or ():
        field = CONDITIONS.get(one.get("condition") or "")
        if field and field not in line and one.get("quantity"):
            line[field] = one["quantity"]
        else:
            rest.append(one)
    orders = [one for one in stated.get("orders") or () if one.get("id")]
    references = list(stated.get("references") or ())
    if orders:
        line |= filled(buyer_order_id=orders[0]["id"], order_line_id=orders[0].get("line"))
        plain_order = set(fields(orders[0], "id", "release", "date", "line")) <= {"id", "line"}
        said = {"type": "order", "id": orders[0]["id"]}
        references = [_order(one) for one in orders[plain_order:]] + [one for one in references if one != said]
    marks = list(stated.get("marks") or ())
    units = [one for one in marks if one.get("scheme") == SSCC]
    if len(units) == 1:
        marks.remove(units[0])
        value = str(units[0]["value"])
        line["sscc"] = value[2:] if len(value) == 20 and value.startswith("00") else value
    identifiers = list(stated.get("identifiers") or ())
    lots = [one for one in identifiers if one.get("scheme") == LOT]
    if len(lots) == 1:
        identifiers.remove(lots[0])
        line["lot"] = lots[0]["value"]
    description, characteristics = described(stated.get("characteristics") or ())
    item = filled(identifiers=identifiers, description=description)
    return line | filled(
        discrepancies=rest, references=references, marks=marks, item=item, characteristics=characteristics
    )


def described(characteristics: Sequence[Data]) -> tuple[str, list[Data]]:
    """The first plain description of an item, and what else is said of it."""
    description, rest = "", []
    for one in characteristics:
        stated = {name for name, value in one.items() if value not in (None, "")}
        if not description and one.get("form") == "F" and stated == {"form", "text"}:
            description = one["text"]
        else:
            rest.append(one)
    return description, rest


def write(documents: Sequence[Document]) -> list[Data]:
    """One form for each receipt."""
    return [_form(plain(document)) for document in documents]


def _form(receipt: Data) -> Data:
    references = list(receipt.get("references") or ())
    despatch = receipt.get("despatch_id")
    if despatch and (_first(references, SHIPMENT) or {}).get("id") != despatch:
        references.insert(0, {"type": ADVICE, "id": despatch})
    dates = list(receipt.get("dates") or ())
    if receipt.get("received_at"):
        dates.insert(0, {"qualifier": RECEIVED, "value": receipt["received_at"]})
    form = fields(receipt, "receipt_id", "issued_at", "purpose", "type", "condition", "currency", "contacts", "roles")
    return form | filled(
        references=references,
        dates=dates,
        orders=[fields(one, "id", "release", "date", "line") for one in receipt.get("orders") or ()],
        lines=[_stated(one) for one in receipt.get("lines") or ()],
    )


def _stated(line: Data) -> Data:
    out = fields(line, "line_id", "received", "returned", "despatched", "ordered", "to_date", "dates", "roles")
    known = [{"condition": word, "quantity": line[name]} for word, name in CONDITIONS.items() if line.get(name)]
    references = list(line.get("references") or ())
    orders: list[Data] = []
    if line.get("buyer_order_id"):
        first = filled(id=line["buyer_order_id"], line=line.get("order_line_id"))
        full = references[0] if references and references[0]["type"] == "order" else None
        if full and fields(full, "id", "line") == first:
            references = references[1:]
            first = fields(full, "id", "release", "date", "line")
        orders.append(first)
        while references and references[0]["type"] == "order" and references[0].get("id"):
            orders.append(fields(references.pop(0), "id", "release", "date", "line"))
    item = line.get("item") or {}
    text: list[Any] = [{"form": "F", "text": item["description"]}] if item.get("description") else []
    lot = [{"scheme": LOT, "value": line["lot"]}] if line.get("lot") else []
    sscc = [{"scheme": SSCC, "value": line["sscc"]}] if line.get("sscc") else []
    return out | filled(
        discrepancies=[*known, *(line.get("discrepancies") or ())],
        orders=orders,
        references=references,
        identifiers=[*(item.get("identifiers") or ()), *lot],
        marks=[*sscc, *(line.get("marks") or ())],
        characteristics=[*text, *(line.get("characteristics") or ())],
    )


FORM = MessageForm("x12.receipt", ReceiptForm, ("Receipt",), read, write, "861: a receipt")
