"""Documents to X12 846: the snapshots of one report are one message, those of one item and its stores one LIN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from hub.mapping.forms import MessageForm
from hub.model.document import Document
from hub_x12.converting.item_numbers import LOT, Data, described, fields, filled, identity, numbered
from hub_x12.converting.price_terms import stated_of
from hub_x12.forms.catalog_writing import plain
from hub_x12.forms.stock import (
    PLACES,
    REPORT,
    UNQUALIFIED,
    StockForm,
    arranged,
    beside_place,
    counted_at,
    place_of,
    read,
)

_SAME = ("attributes", "description", "characteristics", "measurements", "references", "lead_times", "prices", "roles",
         "dates", "lot", "unit", "as_of", "identifiers", "product_id")  # fmt: skip
"""What snapshots of one LIN have in common."""


def write(documents: Sequence[Document]) -> list[Data]:
    """One form for each report that the snapshots come from; snapshots of no report make one of their own."""
    reports: list[tuple[Data, list[Data]]] = []
    for document in documents:
        data = plain(document)
        report = data.get("report") or {}
        known = next((found for one, found in reports if one == report), None)
        if known is None:
            reports.append((report, [data]))
        else:
            known.append(data)
    return [_form(report, found) for report, found in reports]


def _form(report: Data, snapshots: Sequence[Data]) -> Data:
    head = fields(report, *REPORT)
    as_of = snapshots[0]["as_of"]
    if not report:  # what the message must have
        head = {"purpose": "original", "type": "seller_inventory", "report_id": format(as_of, "%Y%m%d")}
    head.setdefault("issued_at", as_of)
    items: list[Data] = []
    for _, run in groupby(snapshots, key=identity):
        items += _items(list(run), head)
    for number, item in enumerate(items, start=1):
        item["line_id"] = str(number)
    return head | filled(items=items)


def _items(run: Sequence[Data], head: Data) -> Iterator[Data]:
    """The items of consecutive snapshots of one product: with a split by store where SDQ can say it, else one each."""
    place = place_of(head.get("roles"))
    own = [one for one in run if one.get("location") == place]
    parts = [one for one in run if one.get("location") != place]
    if parts and len(own) <= 1 and (not own or run[0] is own[0]) and (kind := _split_kind(own, parts)):
        total = sum((one["quantities"][kind] for one in parts), Decimal(0))
        stated = own[0]["quantities"][kind] if own else total
        if not own or stated != total:
            item = _item((own or parts)[0], head, place if own else None)
            quantity = filled(kind=kind, value=stated, own_unit=parts[0].get("unit"))
            splits = [_schedule(one, kind) for one in parts]
            yield item | filled(quantities=[] if kind == UNQUALIFIED else [quantity], schedules=splits)
            return
    for one in run:
        several = _apart(one) if _only_split(one) and one.get("location") != place else []
        kinds = [_split_kind((), [single]) for single in several]
        if (
            len(several) > 1
            and set(kinds) == {UNQUALIFIED}
            and len({single["unit"] for single in several}) == len(several)
        ):
            yield _item(one, head, None) | {"schedules": [_schedule(single, UNQUALIFIED) for single in several]}
        elif several and all(kinds) and len(run) + len(several) > 2:
            for single in several:
                yield from _items([single], head)
        else:
            yield _item(one, head, one.get("location")) | filled(quantities=list(_quantities(one)))


def _only_split(snapshot: Data) -> bool:
    """Whether no QTY or no N1 can say what SDQ can: a quantity of no kind, a place by a number of no kind."""
    return _unqualified_place(snapshot.get("location")) or set(snapshot.get("quantities") or ()) == {UNQUALIFIED}


def _split_kind(own: Sequence[Data], parts: Sequence[Data]) -> str:
    """The kind of quantity that all of the snapshots have and SDQ can split, '' if there is none."""
    first = parts[0]
    kind = next(iter(first.get("quantities") or {}), "")
    common = [first.get(name) for name in _SAME]
    for one in (*own, *parts):
        if set(one.get("quantities") or ()) != {kind} or one.get("further"):
            return ""
        if [one.get(name) for name in _SAME] != common:
            return ""
    places = [repr(one.get("location")) for one in parts]
    if len(set(places)) < len(places) or not all(_numbered_place(one.get("location")) for one in parts):
        return ""
    if own and (kind == UNQUALIFIED or _placed(first.get("roles") or {})):
        return ""
    return kind if first.get("unit") else ""


def _placed(roles: Data) -> bool:
    """Whether one of the parties would be read as the place of the stock."""
    return any(role.partition("#")[0] in PLACES for role in roles)


def _numbered_place(location: Data | None) -> bool:
    """Whether a place is nothing but one number: all that SDQ has room for."""
    stated = {name for name, value in (location or {}).items() if value}
    return stated == {"identifiers"} and len((location or {})["identifiers"]) == 1


def _unqualified_place(location: Data | None) -> bool:
    """Whether a place is a number of no known kind: SDQ takes it, N1 does not (P0304)."""
    return _numbered_place(location) and (location or {})["identifiers"][0]["scheme"] == UNQUALIFIED


def _apart(snapshot: Data) -> list[Data]:
    """A snapshot of several quantities as one for each: all that SDQ has room for. Empty where one says more."""
    further = snapshot.get("further") or ()
    if not all(one.get("quantity") and not one.get("text") and not one.get("dates") for one in further):
        return []
    common = {name: value for name, value in snapshot.items() if name not in ("quantities", "further", "unit")}
    own = [(kind, value, snapshot.get("unit")) for kind, value in (snapshot.get("quantities") or {}).items()]
    more = [(one["kind"], one["quantity"]["value"], one["quantity"].get("unit")) for one in further]
    return [common | filled(quantities={kind: value}, unit=unit) for kind, value, unit in (*own, *more)]


def _schedule(snapshot: Data, kind: str) -> Data:
    quantity = filled(value=snapshot["quantities"][kind], unit=snapshot.get("unit"))
    return {"quantity": quantity, "location": snapshot["location"]}


def _item(snapshot: Data, head: Data, place: Data | None) -> Data:
    dates = list(snapshot.get("dates") or ())
    if _day(counted_at(dates) or counted_at(head.get("dates")) or head["issued_at"]) != _day(snapshot["as_of"]):
        dates.insert(0, {"qualifier": "effective", "value": snapshot["as_of"]})
    roles = dict(snapshot.get("roles") or {})
    if place is not None and (place != place_of(head.get("roles")) or _placed(roles)):
        roles = {PLACES[0]: place} | beside_place(roles)
    lot = [{"scheme": LOT, "value": snapshot["lot"]}] if snapshot.get("lot") else []
    naming = numbered(snapshot)
    texts = [{"form": "F", "text": snapshot["description"]}] if snapshot.get("description") else []
    currency = head.get("currency") or ""
    prices = snapshot.get("prices") or ()
    money = [one.get("price") or one.get("rebate") for one in prices]
    stated = {one.get("currency") or currency for one in money if one}
    other = stated.pop() if len(stated) == 1 else ""
    return fields(snapshot, "measurements", "references", "lead_times") | filled(
        identifiers=[*naming, *lot, *described(snapshot.get("attributes") or {})],
        characteristics=[*texts, *(snapshot.get("characteristics") or ())],
        dates=dates,
        roles=roles,
        prices=[stated_of(one, other or currency) for one in prices],
        currency="" if other == currency else other,
    )


def _day(moment: date) -> Any:
    """A moment as far as a message can tell it: an instant has its zone, a local time none."""
    return moment.replace(second=0, microsecond=0) if isinstance(moment, datetime) else moment


def _kind(kind: str) -> str:
    return "" if kind == UNQUALIFIED else kind


def _quantities(snapshot: Data) -> Iterator[Data]:
    unit = snapshot.get("unit") or ""
    for kind, value, parts, other in arranged(snapshot.get("quantities") or {}, snapshot.get("further") or ()):
        if other is None:
            own = unit if kind in (snapshot.get("quantities") or {}) else ""
            splits = [_split(one) for one in parts]
            yield filled(kind=_kind(kind), value=value, own_unit=own, splits=splits)
        else:
            quantity = other.get("quantity") or {}
            yield fields(other, "text", "dates") | filled(
                kind=_kind(kind), value=quantity.get("value"), own_unit=quantity.get("unit")
            )


def _split(one: Data) -> Data:
    """A quantity at another time as an SCH."""
    dates = [fields(date, "qualifier", "value") for date in one["dates"]]
    quantity = fields(one["quantity"], "value", "unit")
    return {"quantity": quantity, "date": dates[0]} | filled(until=dates[1] if dates[1:] else None)


def lawful(form: Data) -> Data:
    """See ``MessageForm.lawful``: every QTY says what it counts (QTY01 is mandatory). Two of a place in one unit that
    do not are kept apart by no message: SDQ would be read as their sum."""
    for item in form.get("items") or ():
        item["quantities"] = [one for one in item.get("quantities") or () if one.get("kind")]
    return form


FORM = MessageForm(
    "x12.stock", StockForm, ("InventorySnapshot",), read, write, "846: a snapshot for every item and place",
    lawful=lawful,
)  # fmt: skip
