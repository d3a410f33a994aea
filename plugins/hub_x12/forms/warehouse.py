"""X12 940, warehouse shipping order: the form of an ``Order`` of type ``warehouse_shipment``.

Who sends a 940 owns the goods and has them shipped from another's warehouse. The number of that order is the
depositor's (W0502); the order of his customer (W0503) is ``customer_reference``. What W66 says of the carrier is the
role ``carrier``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field

from hub.mapping.forms import MessageForm
from hub.mapping.values import shown
from hub.model.contact import Contact
from hub.model.dates import LocalDate
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.numbers import Number
from hub.model.order_line import Schedule
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef
from hub.model.text import Note
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import Data, case_code_of, fields, filled, with_case_code
from hub_x12.forms.catalog_writing import plain

TYPE = "warehouse_shipment"
WIDTH = 45
"""Characters of one G69."""
_WINDOWS = {
    "requested_ship": ("requested_ship", "start"),
    "requested_delivery": ("requested_delivery", "start"),
    "not_before": ("delivery_window", "start"),
    "latest": ("delivery_window", "end"),
    "ship_not_before": ("ship_window", "start"),
    "ship_no_later": ("ship_window", "end"),
}
"""Date (data element 432) → field of the order, and which end of it."""
_DAYS = {"cancel_after": "cancel_after", "order": "order_date"}
_NUMBERS = {"link_sequence": "link_sequence", "master": "master_reference", "kind": "transaction_type",
            "action": "action"}  # fmt: skip
"""Elements of W05 → type of the reference they become."""
_REQUIRED = ("pallet_exchange", "unit_load", "fob_point", "cod_method", "cod_amount")
"""Elements of W66 that are requirements of the order: ``unit_load:01``."""
_CARRIER: tuple[str, ...] = (*_REQUIRED, "payment", "mode", "routing", "fob_place", "scac")
"""Fields of W66. The segment cannot be without ``payment`` and ``mode``."""
_HANDLING = "handling:"
_GROUPED = re.compile(r"^(\d{1,6})\.(\d+)$", re.ASCII)
_NUMBERED = re.compile(r"^\d{1,6}$", re.ASCII)


class WarehouseDate(Value):
    """A G62 segment; times as sent, with their qualifier (data element 176)."""

    qualifier: str = ""
    value: LocalDate | None = None
    time_kind: str = ""
    time: str = ""


class WarehouseLine(Value):
    """A W01 loop."""

    quantity: Quantity | None = None
    case_code: str = ""
    identifiers: Many[Identifier] = ()
    lot: str = ""
    condition: str = ""
    descriptions: Many[str] = ()
    references: Many[DocRef] = ()
    notes: Many[Note] = ()
    units: int | None = None
    size: Quantity | None = None
    dates: Many[WarehouseDate] = ()
    extensions: Extensions = Field(default_factory=dict)


class WarehouseGroup(Value):
    """An LX loop."""

    number: str = ""
    schedules: Many[Schedule] = ()
    dates: Many[WarehouseDate] = ()
    lines: Many[WarehouseLine] = ()


class WarehouseForm(Value):
    """One 940."""

    purpose: str = ""
    depositor_order: str
    customer_order: str = ""
    link_sequence: str = ""
    master: str = ""
    kind: str = ""
    action: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    references: Many[DocRef] = ()
    contacts: Many[Contact] = ()
    dates: Many[WarehouseDate] = ()
    notes: Many[Note] = ()
    payment: str = ""
    mode: str = ""
    pallet_exchange: str = ""
    unit_load: str = ""
    routing: str = ""
    fob_point: str = ""
    fob_place: str = ""
    cod_method: str = ""
    cod_amount: Number | None = None
    scac: str = ""
    handling: Many[str] = ()
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    total: Number | None = None
    groups: Many[WarehouseGroup] = ()
    loose: Many[WarehouseLine] = ()


def read(form: Data) -> list[tuple[str, Data]]:
    """The order of a form."""
    order: Data = {"buyer_order_id": form["depositor_order"]} if form.get("depositor_order") else {}
    order |= fields(form, "purpose", "contacts", "notes", "gross_weight", "volume") | {"type": TYPE}
    rest = _windows(order, form.get("dates") or ())
    stated = [{"type": kind, "id": form[name]} for name, kind in _NUMBERS.items() if form.get(name)]
    roles = dict(form.get("roles") or {})
    if form.get("routing") or form.get("scac"):
        if "carrier" in roles:
            roles["carrier#2"] = roles.pop("carrier")
        scac = [{"scheme": "scac", "value": form["scac"]}] if form.get("scac") else []
        roles["carrier"] = filled(name=form.get("routing"), identifiers=scac)
    required = [f"{name}:{_text(form[name])}" for name in _REQUIRED if form.get(name) not in (None, "")]
    required += [_HANDLING + one for one in form.get("handling") or ()]
    loose = enumerate(form.get("loose") or (), start=1)  # without LX: up to release 003070
    groups = [*(form.get("groups") or ()), *({"number": str(at), "lines": [line]} for at, line in loose)]
    order |= filled(
        customer_reference=form.get("customer_order"),
        roles=roles,
        references=[*stated, *(form.get("references") or ())],
        dates=rest,
        delivery_terms=filled(payment=form.get("payment"), place=form.get("fob_place")),
        transport_mode=form.get("mode"),
        requirements=required,
        lines=[line for group in groups for line in _lines(group)],
    )
    return [("Order", order)]


def _text(value: Any) -> str:
    return shown(value) if isinstance(value, Decimal) else str(value)


def _windows(order: Data, dates: Sequence[Data]) -> list[Data]:
    """Put the dates that have a field there; the others as qualified dates."""
    rest = []
    for one in dates:
        qualifier, value = one.get("qualifier") or "", one.get("value")
        timed = one.get("time") or one.get("time_kind")
        window, side = _WINDOWS.get(qualifier, ("", ""))
        day = _DAYS.get(qualifier, "")
        if value is not None and not timed and window and side not in order.get(window, {}):
            order.setdefault(window, {})[side] = value
        elif value is not None and not timed and day and day not in order:
            order[day] = value
        else:
            rest.append(_date(one))
    return rest


def _date(one: Data) -> Data:
    text = f"{one.get('time_kind') or ''} {one.get('time') or ''}".rstrip()
    return filled(qualifier=one.get("qualifier") or "unqualified", value=one.get("value"), text=text)


def _lines(group: Data) -> list[Data]:
    lines = group.get("lines") or ()
    number = group.get("number") or ""
    out = []
    for turn, stated in enumerate(lines, start=1):
        identifiers = with_case_code(stated.get("case_code", ""), stated.get("identifiers") or ())
        text = " ".join(" ".join(stated.get("descriptions") or ()).split())
        item = filled(identifiers=identifiers, description=text, lot=stated.get("lot"))
        if stated.get("condition"):
            item["attributes"] = {"condition": stated["condition"]}
        line = fields(stated, "quantity", "references", "notes", "extensions") | filled(
            line_id=(number if len(lines) == 1 else f"{number}.{turn}"),
            item=item,
            packing=fields(stated, "units", "size"),
            dates=[_date(one) for one in stated.get("dates") or ()],
        )
        if turn == 1:
            dates = [_date(one) for one in group.get("dates") or ()]
            line |= fields(group, "schedules") | filled(dates=[*dates, *line.get("dates", ())])
        out.append(line)
    return out


def write(documents: Sequence[Document]) -> list[Data]:
    """One form for each order."""
    return [_form(plain(document)) for document in documents]


def _form(order: Data) -> Data:
    roles = dict(order.get("roles") or {})
    carrier = roles.get("carrier") or {}
    routing: Data = {}
    terms = order.get("delivery_terms") or {}
    stated = bool(terms.get("payment") and order.get("transport_mode"))
    if stated and carrier and _routed(carrier):
        del roles["carrier"]
        scac = next((one["value"] for one in carrier.get("identifiers") or ()), "")
        routing = filled(routing=carrier.get("name"), scac=scac)
    form = fields(order, "purpose", "contacts", "notes", "gross_weight", "volume") | routing
    references = list(order.get("references") or ())
    for name, kind in _NUMBERS.items():
        if references and references[0]["type"] == kind:
            form[name] = references.pop(0)["id"]
    handling = []
    for one in order.get("requirements") or ():
        name, _, value = one.partition(":")
        if name in _REQUIRED:
            form[name] = Decimal(value) if name == "cod_amount" else value
        elif one.startswith(_HANDLING):
            handling.append(value)
    groups = _groups(order.get("lines") or ())
    form |= filled(payment=terms.get("payment"), fob_place=terms.get("place"), mode=order.get("transport_mode"))
    unwritten = _without_room(form)
    return form | filled(
        unwritten=unwritten,
        depositor_order=order["buyer_order_id"],
        customer_order=order.get("customer_reference"),
        roles=roles,
        references=references,
        dates=_dates(order),
        handling=handling,
        groups=groups,
        loose=[line for group in groups for line in group["lines"]],
    )


def _without_room(form: Data) -> list[str]:
    """Take out of a form what W66 cannot say, and tell it: anything without payment and mode, which are mandatory, and
    the method of a collection on delivery without its amount (P0809)."""
    if not (form.get("payment") and form.get("mode")):
        without: tuple[str, ...] = _CARRIER
        why = "W66 needs a method of payment (W6601) and a mode of transport (W6602)"
    elif ("cod_method" in form) != ("cod_amount" in form):
        without, why = ("cod_method", "cod_amount"), "W6608 and W6609 need one another (P0809)"
    else:
        return []
    return [f"{name} is not written: {why}" for name in without if form.pop(name, None) is not None]


def lawful(form: Data) -> Data:
    """See ``MessageForm.lawful``."""
    _without_room(form)
    return form


def _routed(carrier: Data) -> bool:
    """Whether W66 has room for all that is known of a carrier."""
    stated = {name for name, value in carrier.items() if value}
    numbers = [one["scheme"] for one in carrier.get("identifiers") or ()]
    return stated <= {"name", "identifiers"} and numbers in ([], ["scac"])


def _dates(order: Data) -> list[Data]:
    out = []
    for qualifier, (window, side) in _WINDOWS.items():
        value = (order.get(window) or {}).get(side)
        if value is not None:
            out.append({"qualifier": qualifier, "value": value})
    out += [{"qualifier": word, "value": order[field]} for word, field in _DAYS.items() if order.get(field)]
    return out + [_stated_date(one) for one in order.get("dates") or ()]


def _stated_date(one: Data) -> Data:
    kind, _, time = (one.get("text") or "").partition(" ")
    qualifier = "" if one["qualifier"] == "unqualified" else one["qualifier"]
    return filled(qualifier=qualifier, value=one.get("value"), time_kind=kind, time=time)


def _groups(lines: Sequence[Data]) -> list[Data]:
    """The LX loops: a line each, or several where their numbers say so (``2.1``, ``2.2``)."""
    if not all(_NUMBERED.match(line["line_id"]) or _GROUPED.match(line["line_id"]) for line in lines):
        lines = [line | {"line_id": str(number)} for number, line in enumerate(lines, start=1)]
    out: list[Data] = []
    for line in lines:
        grouped = _GROUPED.match(line["line_id"])
        number = grouped[1] if grouped else line["line_id"]
        if grouped and out and out[-1]["number"] == number and grouped[2] == str(len(out[-1]["lines"]) + 1):
            out[-1]["lines"].append(_stated(line))
            continue
        group = {"number": number, "lines": [_stated(line, first=True)]}
        out.append(group | fields(line, "schedules"))
    return out


def _stated(line: Data, *, first: bool = False) -> Data:
    item = line.get("item") or {}
    numbers = [fields(one, "scheme", "value", "raw") for one in item.get("identifiers") or ()]
    case, identifiers = case_code_of(numbers)
    packing = line.get("packing") or {}
    attributes: dict[str, Any] = item.get("attributes") or {}
    return fields(line, "quantity", "references", "notes") | filled(
        case_code=case,
        identifiers=identifiers,
        lot=item.get("lot"),
        condition=attributes.get("condition"),
        descriptions=wrapped(item.get("description") or item.get("name") or "", WIDTH),
        units=packing.get("units"),
        size=packing.get("size"),
        dates=[_stated_date(one) for one in line.get("dates") or ()],
    )


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most ``width`` characters, broken at blanks; a longer word is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += [word[at : at + width] for at in range(0, len(word), width)]
    return lines


FORM = MessageForm(
    "x12.warehouse", WarehouseForm, ("Order",), read, write, "940: an order to a warehouse", lawful=lawful
)
