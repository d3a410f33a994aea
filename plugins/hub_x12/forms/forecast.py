"""X12 830, planning schedule with release: one message is one ``Forecast`` for every item and place.

A schedule (FST) may be split by place (SDQ). Each place is then a forecast of its own; the item's own forecast keeps
the schedules that are not split, and those whose split is not the whole. Parties, dates and references of the heading
hold for every item that says nothing else.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import Field

from hub.model.characteristic import Characteristic
from hub.model.contact import Contact
from hub.model.dates import LocalDate, When
from hub.model.extension import Extensions
from hub.model.forecast import ForecastAuthorization
from hub.model.identifiers import Identifier
from hub.model.money import UnitPrice
from hub.model.numbers import Number
from hub.model.order_line import Schedule
from hub.model.party_ref import PartyRef
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import Data, divided, fields, filled, free

SALES = "consumer_sales"
"""Kind of schedule (data element 783) that tells sales; the others tell orders."""
LENGTHS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "annually": "year"}
"""Names of the timing (data element 681) → of the bucket."""
PATTERN = ("days1", "time1", "days2", "time2", "days3", "time3", "days4", "time4")
"""Fields of ``PatternedSchedules`` in the order of the segment."""
MORE = ("basis", "schedule_quantity", "purpose", "type", "contract", "currency", "contacts", "forecast_version")
"""Fields that the heading has and every forecast of the message repeats."""


class StatedSchedule(Value):
    """An FST loop."""

    quantity: Number
    commitment: str
    timing: str
    start: LocalDate
    end: LocalDate | None = None
    time_kind: str = ""
    time: str = ""
    reference: DocRef | None = None
    schedules: Many[Schedule] = ()


class PatternedSchedules(Value):
    """An SDP loop: up to four patterns of days and times, of which the first is mandatory."""

    days1: str = ""
    time1: str = ""
    days2: str = ""
    time2: str = ""
    days3: str = ""
    time3: str = ""
    days4: str = ""
    time4: str = ""
    buckets: Many[StatedSchedule] = ()


class StatedShipment(Value):
    """An SHP loop."""

    kind: str = ""
    quantity: Number | None = None
    qualifier: str = ""
    at: When | None = None
    until: LocalDate | None = None
    references: Many[DocRef] = ()


class ForecastItem(Value):
    """A LIN loop."""

    line_id: str = ""
    identifiers: Many[Identifier] = ()
    unit: str = ""
    price: UnitPrice | None = None
    characteristics: Many[Characteristic] = ()
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    authorizations: Many[ForecastAuthorization] = ()
    buckets: Many[StatedSchedule] = ()
    patterned: Many[PatternedSchedules] = ()
    shipments: Many[StatedShipment] = ()
    extensions: Extensions = Field(default_factory=dict)


class ForecastForm(Value):
    """One 830."""

    purpose: str
    forecast_id: str = ""
    release_no: str = ""
    basis: str
    schedule_quantity: str
    start: LocalDate
    end: LocalDate | None = None
    issued_at: LocalDate
    updated: LocalDate | None = None
    contract: str = ""
    order: str = ""
    type: str = ""
    currency: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    items: Many[ForecastItem] = ()


def read(form: Data) -> list[tuple[str, Data]]:
    """The forecasts of a schedule, in the order of its items."""
    release = form.get("release_no") or ""
    number = form.get("forecast_id") or release or _day(form.get("issued_at"))
    head = fields(form, *MORE, "release_no", "issued_at") | {
        "forecast_id": number,
        "forecast_kind": "sales" if form.get("type") == SALES else "order",
        "horizon": fields(form, "start", "end"),
    }
    references = [*(form.get("references") or ())]
    if form.get("order"):
        references.insert(0, {"type": "order", "id": form["order"]})
    dates = [*(form.get("dates") or ())]
    if form.get("updated"):
        dates.insert(0, {"qualifier": "updated", "value": form["updated"]})
    out: list[tuple[str, Data]] = []
    for item in form.get("items") or ():
        common = (
            head
            | _common(item, form)
            | filled(
                references=[*references, *(item.get("references") or ())],
                dates=[*dates, *(item.get("dates") or ())],
            )
        )
        out += [("Forecast", common | one) for one in _forecasts(item)]
    return out


def _day(day: Any) -> str:
    return format(day, "%Y%m%d") if day else ""


def _common(item: Data, form: Data) -> Data:
    naming, describing = divided(item.get("identifiers") or ())
    description, rest = "", []
    for one in item.get("characteristics") or ():
        stated = {name for name, value in one.items() if value not in (None, "")}
        if not description and one.get("form") == "F" and stated == {"form", "text"}:
            description = one["text"]
        else:
            rest.append(one)
    price = item.get("price")
    if price and form.get("currency"):
        price = {"currency": form["currency"]} | price
    return fields(item, "unit") | filled(
        identifiers=naming,
        attributes=describing,
        description=description,
        characteristics=rest,
        price=price,
        roles=merged(form.get("roles") or {}, item.get("roles") or {}),
    )


def merged(head: Data, item: Data) -> Data:
    """The parties of an item: its own over those of the heading. The same party named in both is one, with what either
    says; another one in the same role stays beside it (``ship_to#2``)."""
    roles = dict(head)
    for role, party in item.items():
        known = roles.pop(role, None)
        if known is not None and _same(known, party):
            party = known | party
        elif known is not None:
            roles[free(role, roles | {role: party})] = known
        roles[role] = party
    return roles


def _same(one: Data, other: Data) -> bool:
    numbers = [{(i["scheme"], i["value"]) for i in party.get("identifiers") or ()} for party in (one, other)]
    return bool(numbers[0] & numbers[1]) or (one.get("name") == other.get("name") and not all(numbers))


def _forecasts(item: Data) -> list[Data]:
    """The item's own forecast, where it says something, and that of each place."""
    unit = item.get("unit") or ""
    own: list[Data] = []
    places: dict[str, Data] = {}
    for stated in item.get("buckets") or ():
        bucket = _bucket(stated, unit)
        splits = stated.get("schedules") or ()
        if not splits or stated["quantity"] != sum((one["quantity"]["value"] for one in splits), Decimal(0)):
            own.append(bucket)
        for split in splits:
            place = places.setdefault(repr(split["location"]), {"location": split["location"], "quantities": []})
            place["quantities"].append(bucket | {"quantity": split["quantity"]})
    for group in sorted(item.get("patterned") or (), key=lambda one: bool(_pattern(one))):
        own += [_bucket(one, unit) | filled(pattern=_pattern(group)) for one in group.get("buckets") or ()]
    head = fields(item, "authorizations") | filled(shipments=[_shipment(one) for one in item.get("shipments") or ()])
    out = [head | filled(quantities=own)] if own or head or not places else []
    for one in (*out, *places.values()):
        one |= filled(bucket=_length(one.get("quantities") or ()))
    made = [*out, *places.values()]
    made[0] |= fields(item, "extensions")
    return made


def _pattern(group: Data) -> list[str]:
    """The codes of a pattern by turns, '' for one that is not there."""
    codes = [group.get(name) or "" for name in PATTERN]
    while codes and not codes[-1]:
        codes.pop()
    return codes


def _bucket(stated: Data, unit: str) -> Data:
    time = fields(stated, "time")
    return fields(stated, "commitment", "timing", "reference") | filled(
        period=filled(
            start=stated["start"], end=stated.get("end") or end_of(stated.get("timing") or "", stated["start"])
        ),
        quantity=filled(value=stated["quantity"], unit=unit),
        date={"qualifier": stated.get("time_kind") or "time", "text": time["time"]} if time else None,
    )


def _shipment(stated: Data) -> Data:
    at = filled(qualifier=stated.get("qualifier") or ("shipped" if stated.get("at") else ""), value=stated.get("at"))
    return fields(stated, "kind", "quantity", "until", "references") | filled(date=at)


def _length(buckets: Sequence[Data]) -> str:
    found = {LENGTHS.get(one.get("timing") or "", "") for one in buckets}
    return found.pop() if len(found) == 1 else ""


def end_of(timing: str, start: date) -> date | None:
    """The last day of a bucket that begins at ``start``, where its timing says how long it is."""
    if timing in ("daily", "discrete"):
        return start
    if timing == "weekly":
        return start + timedelta(days=6)
    months = {"monthly": 1, "quarterly": 3, "semiannually": 6, "annually": 12}.get(timing)
    if months is None:
        return None
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)
