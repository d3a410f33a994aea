"""Documents to X12 830: forecasts of one number are one message, those of one item and its places one LIN."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from hub.mapping.forms import UNWRITTEN, MessageForm
from hub.model.document import Document
from hub_x12.converting.item_numbers import Data, described, fields, filled, identity, numbered
from hub_x12.forms.catalog_writing import plain
from hub_x12.forms.forecast import LENGTHS, MORE, PATTERN, SALES, ForecastForm, end_of, read

_TIMING = {length: timing for timing, length in LENGTHS.items()}
_ITEM = ("identifiers", "product_id", "attributes", "description", "characteristics", "price", "unit", "roles",
         "references", "dates")  # fmt: skip
"""What forecasts of one LIN have in common."""


def write(documents: Sequence[Document]) -> list[Data]:
    """One form for each heading that the forecasts have in common."""
    groups: list[tuple[Data, list[Data]]] = []
    for document in documents:
        data = plain(document)
        head = _head(data)
        known = next((found for one, found in groups if one == head), None)
        if known is None:
            groups.append((head, [data]))
        else:
            known.append(data)
    return [_form(head, found) for head, found in groups]


def _head(data: Data) -> Data:
    head = {"purpose": "original", "basis": "delivery", "schedule_quantity": "actual"}
    head |= fields(data, *MORE, "release_no")
    horizon = data.get("horizon") or {}
    periods = [one["period"] for one in data.get("quantities") or ()]
    first = min((one["start"] for one in periods if one.get("start")), default=None)
    issued = data.get("issued_at") or horizon.get("start") or first
    start = horizon.get("start") or first or issued
    if data.get("forecast_kind") == "sales":
        head.setdefault("type", SALES)
    if data["forecast_id"] != data.get("release_no"):
        head["forecast_id"] = data["forecast_id"]
    return head | filled(issued_at=issued, start=start, end=horizon.get("end"))


def _form(head: Data, forecasts: Sequence[Data]) -> Data:
    parties = [one.get("roles") or {} for one in forecasts]
    roles = {role: one for role, one in parties[0].items() if all(other.get(role) == one for other in parties)}
    references = _prefix([one.get("references") or () for one in forecasts])
    dates = _prefix([one.get("dates") or () for one in forecasts])
    below = {"roles": set(roles), "references": len(references), "dates": len(dates)}
    if references and references[0]["type"] == "order" and set(_stated(references[0])) == {"type", "id"}:
        head["order"] = references.pop(0)["id"]
    if dates and dates[0]["qualifier"] == "updated" and set(_stated(dates[0])) == {"qualifier", "value"}:
        head["updated"] = dates.pop(0)["value"]
    items: list[Data] = []
    for run in _runs(forecasts):
        items += _items(run, below)
    for number, item in enumerate(items, start=1):
        item["line_id"] = str(number)
    unwritten = [text for one in forecasts for text in _without_room(one)]
    return head | filled(
        roles=ordered(roles), references=references, dates=dates, items=items, **{UNWRITTEN: unwritten}
    )


def _without_room(one: Data) -> Iterator[str]:
    """What neither SHP nor SDP of a forecast's item can say."""
    for shipment in one.get("shipments") or ():
        made = _shipment(shipment)
        numbers = ", ".join(f"{each['type']} {each['id']}" for each in shipment.get("references") or ())
        if not made.keys() - {"references"}:
            yield f"shipments: SHP cannot say a shipment without quantity and date ({numbers or 'nothing'})"
            continue
        if shipment.get("kind") and "kind" not in made:
            yield f"shipments: SHP has no kind ({shipment['kind']}) without a quantity"
        if shipment.get("date") and "at" not in made:
            yield f"shipments: SHP has no qualifier ({shipment['date'].get('qualifier')}) without a date"
    for bucket in one.get("quantities") or ():
        if any(bucket.get("pattern") or ()) and (_split(one) or not _pattern(bucket)):
            yield f"quantities: SDP cannot say the pattern {' '.join(bucket['pattern'])}"


def ordered(roles: Data) -> Data:
    """Roles by name, the second party in a role after the first: reading numbers them again."""

    def place(role: str) -> tuple[str, int]:
        name, _, number = role.partition("#")
        return name, int(number) if number.isdigit() else 1

    return {role: roles[role] for role in sorted(roles, key=place)}


def _stated(value: Data) -> Data:
    return {name: one for name, one in value.items() if one not in (None, "")}


def _prefix(lists: Sequence[Sequence[Data]]) -> list[Data]:
    """What all lists begin with."""
    out = []
    for several in zip(*lists, strict=False):
        if any(one != several[0] for one in several):
            break
        out.append(several[0])
    return out


def _runs(forecasts: Sequence[Data]) -> Iterator[list[Data]]:
    """Consecutive forecasts that one LIN can hold: the item's own first, then those of its places."""
    run: list[Data] = []
    for one in forecasts:
        if run and not _joins(run, one):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _joins(run: Sequence[Data], one: Data) -> bool:
    if not _split(one) or identity(one) != identity(run[0]):
        return False
    if any(one.get(name) != run[0].get(name) for name in _ITEM):
        return False
    return all(other.get("location") != one["location"] for other in run)


def _split(one: Data) -> bool:
    """Whether SDQ can hold a forecast: of a place that is a number only, and nothing but quantities."""
    location = one.get("location") or {}
    stated = {name for name, value in location.items() if value}
    if stated != {"identifiers"} or len(location["identifiers"]) != 1:
        return False
    return not (one.get("authorizations") or one.get("shipments")) and bool(one.get("quantities"))


def _items(run: Sequence[Data], below: Data) -> list[Data]:
    own = None if _split(run[0]) else run[0]
    places = [one for one in run if one is not own]
    if not places:
        return [_item(run[0], below) | _own(run[0])]
    buckets, order = _buckets(own, places)
    if order != sorted(order) or any(one.get("pattern") for place in places for one in place["quantities"]):
        return [item for one in run for item in _items([one], below)] if len(run) > 1 else [_single(run[0], below)]
    patterned = _own(own) if own else {}
    return [_item(run[0], below) | patterned | filled(buckets=buckets)]


def _single(one: Data, below: Data) -> Data:
    """A place whose schedules have a pattern: SDQ has no room below SDP, so that the pattern is left out."""
    buckets, _ = _buckets(None, [one])
    return _item(one, below) | filled(buckets=buckets)


def _item(one: Data, below: Data) -> Data:
    roles = {role: party for role, party in (one.get("roles") or {}).items() if role not in below["roles"]}
    if one.get("location") and not _split(one):
        roles = {"ship_to": one["location"]} | roles
    naming = numbered(one)
    texts = [{"form": "F", "text": one["description"]}] if one.get("description") else []
    price = dict(one.get("price") or {})
    price.pop("currency", None)
    return filled(
        identifiers=[*naming, *described(one.get("attributes") or {})],
        unit=one.get("unit") or _unit(one),
        price=price,
        characteristics=[*texts, *(one.get("characteristics") or ())],
        roles=ordered(roles),
        references=(one.get("references") or ())[below["references"] :],
        dates=(one.get("dates") or ())[below["dates"] :],
    )


def _unit(one: Data) -> str:
    units = {bucket["quantity"].get("unit") or "" for bucket in one.get("quantities") or ()}
    return units.pop() if len(units) == 1 and not one.get("location") else ""


def _own(one: Data) -> Data:
    """What the item's own forecast says: its schedules, those with a pattern, authorizations and shipments."""
    stated = [(_pattern(bucket), _schedule(bucket, one)) for bucket in one.get("quantities") or ()]
    patterned = [
        filled(**dict(zip(PATTERN, pattern, strict=False))) | {"buckets": [bucket for _, bucket in run]}
        for pattern, run in groupby((pair for pair in stated if pair[0]), key=lambda pair: pair[0])
    ]
    shipments = [made for each in one.get("shipments") or () if (made := _shipment(each)).keys() - {"references"}]
    return fields(one, "authorizations") | filled(
        buckets=[bucket for pattern, bucket in stated if not pattern], patterned=patterned, shipments=shipments
    )


def _pattern(bucket: Data) -> list[str]:
    """The pattern of a schedule, as far as SDP has room for it: two codes at least, eight at most, times of one
    character."""
    codes = list(bucket.get("pattern") or ())
    fits = 2 <= len(codes) <= len(PATTERN) and all(codes[:2]) and all(len(time) < 2 for time in codes[1::2])
    return codes if fits and all(len(days) <= 2 for days in codes[::2]) else []


def _schedule(bucket: Data, forecast: Data) -> Data:
    period, time = bucket["period"], bucket.get("date") or {}
    start, end = period.get("start") or period.get("end"), period.get("end")
    timing = bucket.get("timing") or _TIMING.get(forecast.get("bucket") or "") or ("flexible" if end else "discrete")
    return fields(bucket, "reference") | filled(
        quantity=bucket["quantity"]["value"],
        commitment=bucket.get("commitment") or "planning",
        timing=timing,
        start=start,
        end=None if end == end_of(timing, start) else end,
        time=time.get("text"),
        time_kind="" if time.get("qualifier") == "time" else time.get("qualifier"),
    )


def _shipment(one: Data) -> Data:
    """A shipment as SHP can say it: no kind without a quantity (C0102), no qualifier without a date (L030405)."""
    at = one.get("date") or {}
    out = fields(one, "quantity", "until", "references")
    if "quantity" in out:
        out |= fields(one, "kind")
    return out | (filled(qualifier=at["qualifier"], at=at["value"]) if at.get("value") else {})


def _buckets(own: Data | None, places: Sequence[Data]) -> tuple[list[Data], list[int]]:
    """The schedules of an item with their splits by place, and the numbers of the places in the order in which
    reading finds them. A schedule of the item itself is the total of a split where it is not its sum."""
    keyed = [_keyed(one) for one in places]
    mine = _keyed(own) if own else {}
    sums: Counter[Any] = Counter()
    for several in keyed:
        for key, bucket in several.items():
            sums[key] += bucket["_amount"]["value"]
    mine = {(*key, "own") if bucket["quantity"] == sums.get(key) else key: bucket for key, bucket in mine.items()}
    out: list[Data] = []
    order: dict[int, None] = {}
    starts = {key: bucket["start"] for several in (mine, *keyed) for key, bucket in several.items()}
    for key in _sequence([list(mine), *(list(several) for several in keyed)], starts):
        splits = []
        stated = mine.get(key)
        for number, several in enumerate(keyed):
            if key in several:
                order[number] = None
                splits.append({"quantity": several[key]["_amount"], "location": places[number]["location"]})
                stated = stated or several[key] | {"quantity": Decimal(sums[key])}
        bucket = {name: value for name, value in (stated or {}).items() if name != "_amount"}
        out.append(bucket | filled(schedules=splits))
    return out, list(order)


def _keyed(forecast: Data) -> dict[Any, Data]:
    """The schedules of a forecast by all that tells them apart, the second of a kind by its number."""
    out: dict[Any, Data] = {}
    for bucket in forecast.get("quantities") or ():
        if bucket.get("pattern") and not forecast.get("location"):
            continue
        stated = _schedule(bucket, forecast)
        text, turn = repr({name: value for name, value in stated.items() if name != "quantity"}), 1
        while (text, turn) in out:
            turn += 1
        out[text, turn] = stated | {"_amount": bucket["quantity"]}
    return out


def _sequence(lists: Sequence[Sequence[Any]], starts: Mapping[Any, date]) -> list[Any]:
    """One order that keeps the order of every list, as far as they agree; what may come next comes by its start."""
    lists = [one for one in lists if one]
    if all(one == lists[0] for one in lists[1:]):
        return list(lists[0]) if lists else []
    left = [list(reversed(one)) for one in lists]
    behind = Counter(key for one in left for key in one[:-1])
    out = []
    while left:
        heads = [one[-1] for one in left]
        key = min((one for one in heads if not behind[one]), key=starts.__getitem__, default=heads[0])
        out.append(key)
        for one in left:
            if key in one:
                at = len(one) - 1 - one[::-1].index(key)
                if at < len(one) - 1:
                    behind[key] -= 1
                    del one[at]
                else:
                    one.pop()
                    if one:
                        behind[one[-1]] -= 1
        left = [one for one in left if one]
    return out


def lawful(form: Data) -> Data:
    """See ``MessageForm.lawful``: SDP with its first pattern, SHP as its syntax notes want it and not empty."""
    for item in form.get("items") or ():
        for group in item.get("patterned") or ():
            group |= {"days1": group.get("days1") or "A", "time1": group.get("time1") or "A"}
        for one in item.get("shipments") or ():
            if "quantity" not in one:
                one.pop("kind", None)
            if not ("at" in one and "qualifier" in one):
                one.pop("at", None)
                one.pop("qualifier", None)
        item["shipments"] = [one for one in item.get("shipments") or () if one.keys() - {"references"}]
    return form


FORM = MessageForm(
    "x12.forecast", ForecastForm, ("Forecast",), read, write, "830: a forecast for every item and place", lawful=lawful
)
