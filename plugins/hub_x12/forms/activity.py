"""X12 852, product activity: one message is one ``SalesReport``, with a line for every item, place and day.

A message names an activity and splits it by store (SDQ); the model has a line for each store with all its activities.
A total beside a split is kept only where it is not the sum. The message has no number of its own: where no N9*TN gives
one, a report is known by its period and content, so that two reports of one week are two.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from pydantic import Field

from hub.mapping.forms import MessageForm
from hub.model.contact import Contact
from hub.model.dates import LocalDate
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.money import QualifiedAmount
from hub.model.order_line import Schedule
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import Data, fields, filled, numbered
from hub_x12.converting.price_terms import StatedPrice, rule_of, stated_of
from hub_x12.forms.catalog_writing import plain

PLACES = ("store", "reporting_location", "warehouse", "plant", "ship_to")
"""Roles of a party that is the place of everything reported, most telling first."""
UNQUALIFIED = "unqualified"
NOTHING = "not_listed"
"""Activity of an item of which nothing is reported: ZA is mandatory."""
REPORT = "transaction"
"""Type of the reference that numbers the report (N9*TN)."""
DAY = "effective"
"""Qualifier of a line's day; a day of another kind is kept with its qualifier."""
NOTIFICATION = "notification"
RANGE = "order_range"
"""Type of a reference to all orders between two (XPO): ``id`` is the first, ``description`` the last."""


class Activity(Value):
    """A ZA loop."""

    kind: str = ""
    quantity: Quantity | None = None
    date: QualifiedDate | None = None
    reference: DocRef | None = None
    promotion: bool | None = None
    schedules: Many[Schedule] = ()
    prices: Many[StatedPrice] = ()


class ActivityItem(Value):
    """A LIN loop."""

    line_id: str = ""
    identifiers: Many[Identifier] = ()
    prices: Many[StatedPrice] = ()
    references: Many[DocRef] = ()
    amounts: Many[QualifiedAmount] = ()
    activities: Many[Activity] = ()
    extensions: Extensions = Field(default_factory=dict)


class OrderRange(Value):
    """An XPO segment."""

    first: str = ""
    last: str = ""
    party: Identifier | None = None


class ActivityForm(Value):
    """One 852."""

    type: str
    start: LocalDate | None = None
    end: LocalDate | None = None
    ranges: Many[OrderRange] = ()
    references: Many[DocRef] = ()
    contacts: Many[Contact] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    items: Many[ActivityItem] = ()


def read(form: Data) -> list[tuple[str, Data]]:
    """The report of a form."""
    references = [one for one in form.get("references") or () if one.get("type") != REPORT]
    named = next((one["id"] for one in form.get("references") or () if one.get("type") == REPORT), "")
    ranges = [
        filled(
            type=RANGE,
            id=one.get("first") or "",
            description=one.get("last"),
            issuer=":".join((one["party"]["scheme"], one["party"]["value"])) if one.get("party") else "",
        )
        for one in form.get("ranges") or ()
    ]
    report = fields(form, "type", "contacts", "roles") | filled(
        period=filled(start=form.get("start"), end=form.get("end")),
        references=[*({"id": ""} | one for one in ranges), *references],
    )
    place = place_of(form.get("roles"))
    lines: list[Data] = []
    for item in form.get("items") or ():
        lines += _lines(item, place)
        if any(name.startswith("N1@") for name in item.get("extensions") or ()):
            place = None  # a party between the items, as before release 003040: what follows is not the first one's
    for number, line in enumerate(lines, start=1):
        line["line_id"] = str(number)
    report |= filled(lines=lines)
    return [("SalesReport", {"report_id": named or known_by(report)} | report)]


def place_of(roles: Data | None) -> Data | None:
    """The party among ``roles`` whose activity is reported."""
    return next((roles[role] for role in PLACES if role in roles), None) if roles else None


def known_by(report: Data) -> str:
    """What a report without a number is known by: its period and a digest of its content."""
    period = report.get("period") or {}
    days = [period[side].strftime("%Y%m%d") for side in ("start", "end") if period.get(side)]
    stated = {name: value for name, value in report.items() if name != "report_id"}
    text = json.dumps(_plain(stated), sort_keys=True, default=str)
    return "-".join([*days, hashlib.sha256(text.encode()).hexdigest()[:12]])


def _plain(value: Any) -> Any:
    """A value without what is empty, numbers as they count: the same for a form's data and for a document's."""
    if isinstance(value, dict):
        parts = {key: _plain(one) for key, one in value.items() if key != "raw"}
        return {key: one for key, one in parts.items() if one not in (None, "", [], {})}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value


def _lines(item: Data, place: Data | None) -> list[Data]:
    """The lines of an item, in the order in which its places and days come up."""
    found: dict[tuple[str, ...], Data] = {}
    price, prices = _prices(item.get("prices") or ())
    for activity in item.get("activities") or ():
        schedules = activity.get("schedules") or ()
        total = sum((one["quantity"]["value"] for one in schedules), Decimal(0))
        quantity = activity.get("quantity")
        own_price, own_prices = _prices(activity.get("prices") or (), price)
        more = {"price": own_price, "prices": [*prices, *(one for one in own_prices if one not in prices)]}
        if quantity is not None and (not schedules or quantity["value"] != total):
            _put(found, activity, place, quantity, more)
        for one in schedules:
            _put(found, activity, one.get("location"), one["quantity"], more)
    lines = list(found.values()) or [filled(location=place, price=price, prices=prices)]
    for line in lines:
        line["item"] = fields(item, "identifiers")
    lines[0] |= fields(item, "references", "amounts", "extensions")
    return lines


def _put(found: dict[tuple[str, ...], Data], activity: Data, place: Data | None, quantity: Data, more: Data) -> None:
    """Add an activity to the line of its place and day, or to a further one where that has such an activity."""
    date = activity.get("date") or {}
    unit = quantity.get("unit") or ""
    line = filled(
        location=place,
        day=date.get("value"),
        dates=[date] if date and (date.get("qualifier") != DAY or date.get("value") is None) else [],
        activity_reference=activity.get("reference"),
        promotion=activity.get("promotion"),
        unit=unit,
        **more,
    )
    kind = activity.get("kind") or UNQUALIFIED
    key, turn = repr(sorted(line.items())), 1
    while (key, str(turn)) in found and kind in found[key, str(turn)].get("activities", {}):
        turn += 1
    line = found.setdefault((key, str(turn)), line)
    line.setdefault("activities", {})[kind] = quantity["value"]


def _prices(stated: Sequence[Data], known: Data | None = None) -> tuple[Data | None, list[Data]]:
    """The price of a line and the further ones. The first plain CTP is the price, its kind the price's basis."""
    price = known
    rest: list[Data] = []
    for one in stated:
        quantity = one.get("quantity") or {}
        plain_ = set(one) <= {"type", "amount", "quantity"} and quantity.get("value", 1) == 1
        if price is None and plain_ and one.get("amount") is not None:
            per = filled(value=quantity.get("value"), unit=quantity.get("unit"))
            price = filled(amount=one["amount"], basis=one.get("type"), per=per)
        else:
            rest.append(rule_of(one))
    return price, rest


def write(documents: Sequence[Document]) -> list[Data]:
    """One form for each report."""
    return [_form(plain(document)) for document in documents]


def _form(report: Data) -> Data:
    roles = dict(report.get("roles") or {})
    lines = report.get("lines") or ()
    places = [one.get("location") for one in lines]
    single = places[0] if places and all(one == places[0] for one in places) else None
    if single and place_of(roles) is None and not _numbered_place(single):  # a name or an address has room in N1 only
        roles[PLACES[0]] = single
    period = report.get("period") or {}
    references = [one for one in report.get("references") or () if one["type"] != RANGE]
    ranges = [one for one in report.get("references") or () if one["type"] == RANGE]
    number = {"type": REPORT, "id": report["report_id"]}
    items = [_item(list(run), place_of(roles)) for _, run in groupby(_turns(lines), key=lambda turn: turn[0])]
    return fields(report, "contacts") | filled(
        type=report.get("type") or NOTIFICATION,
        start=period.get("start"),
        end=period.get("end"),
        roles=roles,
        references=[number, *references],
        ranges=[_range(one) for one in ranges],
        items=[item | {"line_id": str(at)} for at, item in enumerate(items, start=1)],
    )


def _range(one: Data) -> Data:
    scheme, _, value = (one.get("issuer") or "").rpartition(":")
    party = {"scheme": scheme, "value": value} if scheme else None
    return filled(first=one["id"], last=one.get("description"), party=party)


def _turns(lines: Sequence[Data]) -> list[tuple[int, Data]]:
    """Each line with the number of its LIN: a new one where the item or its prices change, or where a line after the
    first says something of the whole item."""
    turn, out = 0, []
    last: list[Any] | None = None
    for line in lines:
        same = [line.get("item"), line.get("price"), line.get("prices"), bool(line.get("activities"))]
        if same != last or not line.get("activities") or line.get("amounts") or line.get("references"):
            turn += 1
        last = same
        out.append((turn, line))
    return out


def _item(run: Sequence[tuple[int, Data]], place: Data | None) -> Data:
    lines = [line for _, line in run]
    first = lines[0]
    activities, order = _activities(lines, place, merged=True)
    if order != sorted(order):  # reading would find the lines in another order
        activities, order = _activities(lines, place, merged=False)
    activities = activities or [{"kind": NOTHING}]
    price = [_stated(first["price"])] if first.get("price") else []
    prices = [*price, *(stated_of(one) for one in first.get("prices") or ())]
    out = fields(first, "references", "amounts") | filled(activities=activities, prices=prices)
    return out | filled(identifiers=numbered(first.get("item") or {}))


def _stated(price: Data) -> Data:
    per = price.get("per") or {}
    if (per.get("value") or 1) != 1:
        return stated_of({"price": {**price, "basis": ""}, "type": price.get("basis")})
    quantity = filled(value=Decimal(1), unit=per["unit"]) if per.get("unit") else None
    return filled(type=price.get("basis"), amount=price["amount"], quantity=quantity)


def _activities(lines: Sequence[Data], place: Data | None, *, merged: bool) -> tuple[list[Data], list[int]]:
    """The ZA loops of some lines, and the numbers of the lines in the order in which reading finds them. With
    ``merged``, the same activity of several places is one loop with their split."""
    loops: list[tuple[Data, list[int]]] = []
    split: dict[str, tuple[Data, list[int], set[str]]] = {}
    for number, line in enumerate(lines):
        location = line.get("location")
        for kind, value in (line.get("activities") or {}).items():
            head = filled(kind="" if kind == UNQUALIFIED else kind) | _beside(line)
            quantity = filled(value=value, unit=line.get("unit"))
            if location is None or location == place:
                loops.append((head | {"quantity": quantity}, [number]))
                continue
            part = {"quantity": quantity, "location": location}
            loop, found, places = split.get(repr(head), ({}, [], set()))
            if not loop or not merged or repr(location) in places:
                loop, found, places = head | {"schedules": []}, [], set()
                split[repr(head)] = (loop, found, places)
                loops.append((loop, found))
            loop["schedules"].append(part)
            found.append(number)
            places.add(repr(location))
    order = list(dict.fromkeys(number for _, found in loops for number in found))
    return [loop for loop, _ in loops], order


def _beside(line: Data) -> Data:
    day = line.get("day")
    dates = line.get("dates") or ({"qualifier": DAY, "value": day},) if day or line.get("dates") else ()
    return filled(
        date=dates[0] if dates else None, reference=line.get("activity_reference"), promotion=line.get("promotion")
    )


def _numbered_place(location: Data) -> bool:
    return len(location.get("identifiers") or ()) == 1 and not location.get("name") and not location.get("address")


FORM = MessageForm(
    "x12.activity", ActivityForm, ("SalesReport",), read, write, "852: the lines of a report by item, place and day"
)
