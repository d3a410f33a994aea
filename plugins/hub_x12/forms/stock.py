"""X12 846, inventory advice: one message is one ``InventorySnapshot`` for every item and place.

A quantity may be split by place in three ways: SDQ below the item, SCH with a place below the quantity, REF*LT with N1
inside LS and LE. Each place is a snapshot. The item's own quantity is then a total: it is a snapshot (without place)
only where it is not the sum of its parts, so that nobody adds both.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field

from hub.model.characteristic import Characteristic, LeadTime, Measurement
from hub.model.contact import Contact
from hub.model.dates import When
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.numbers import Number
from hub.model.order_line import Schedule
from hub.model.party_ref import PartyRef
from hub.model.quantity import Quantity
from hub.model.reference import DocRef, QualifiedDate
from hub.model.value import Many, Value
from hub_x12.converting.item_numbers import LOT, Data, divided, fields, filled
from hub_x12.converting.price_terms import StatedPrice, rule_of
from hub_x12.forms.form_class import says_when

UNQUALIFIED = "unqualified"
"""Kind of a quantity that the message does not name: an SDQ without a QTY, or with several."""
PLACES = ("warehouse", "store", "plant", "ship_from", "ship_to", "delivery")
"""Roles of a party that are the place of the stock, most telling first."""
AS_OF = ("effective", "report_end", "transaction_created", "actual")
"""Dates that say when the stock was counted, most telling first."""


class StockSplit(Value):
    """An SCH segment: a part of a quantity, for a place, for a time, or both."""

    quantity: Quantity | None = None
    role: str = ""
    name: str = ""
    date: QualifiedDate | None = None
    until: QualifiedDate | None = None


class StockReference(Value):
    """A REF segment below a quantity, with its dates and its place."""

    type: str = ""
    id: str = ""
    dates: Many[QualifiedDate] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)


class StatedQuantity(Value):
    """A QTY loop. ``unit`` is the one of UIT."""

    kind: str = ""
    value: Number | None = None
    own_unit: str = ""
    unit: str = ""
    text: str = ""
    dates: Many[QualifiedDate] = ()
    splits: Many[StockSplit] = ()
    references: Many[StockReference] = ()
    loop: str = ""


class StockItem(Value):
    """A LIN loop."""

    line_id: str = ""
    identifiers: Many[Identifier] = ()
    unit: str = ""
    characteristics: Many[Characteristic] = ()
    measurements: Many[Measurement] = ()
    dates: Many[QualifiedDate] = ()
    prices: Many[StatedPrice] = ()
    currency: str = ""
    references: Many[DocRef] = ()
    lead_times: Many[LeadTime] = ()
    schedules: Many[Schedule] = ()
    quantities: Many[StatedQuantity] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    extensions: Extensions = Field(default_factory=dict)


class StockForm(Value):
    """One 846."""

    purpose: str = ""
    type: str = ""
    report_id: str = ""
    issued_at: When
    action: str = ""
    currency: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    items: Many[StockItem] = ()


Spot = tuple[str, str]
"""What tells one snapshot of an item from another: its place and its lot."""


REPORT = (
    "report_id", "purpose", "type", "issued_at", "action", "currency", "roles", "contacts", "references", "dates",
)  # fmt: skip
"""What a message says of itself and every snapshot of it keeps."""


def read(form: Data) -> list[tuple[str, Data]]:
    """The snapshots of a report, in the order of their items."""
    report = fields(form, *REPORT)
    out: list[tuple[str, Data]] = []
    for item in form.get("items") or ():
        out += [("InventorySnapshot", one) for one in _Item(item, report).snapshots()]
    return out


def place_of(roles: Data | None) -> Data | None:
    """The party among ``roles`` at whose place the stock is."""
    return next((roles[role] for role in PLACES if role in roles), None) if roles else None


def beside_place(roles: Data) -> Data:
    """Roles where the first warehouse is the snapshot's own place: another one is ``warehouse#2`` and so on."""
    if PLACES[0] not in roles:
        return roles
    out: Data = {}
    number = 1
    for role, party in roles.items():
        if role.partition("#")[0] == PLACES[0]:
            number += 1
            role = f"{PLACES[0]}#{number}"
        out[role] = party
    return out


def counted_at(dates: Any) -> Any:
    """The moment of counting among qualified dates, None if they tell none."""
    for qualifier in AS_OF:
        for one in dates or ():
            if one.get("qualifier") == qualifier and one.get("value") is not None:
                return one["value"]
    return None


class _Item:
    """The snapshots of one item, as they come to light."""

    def __init__(self, item: Data, report: Data) -> None:
        self.item, self.report = item, report
        self.place = place_of(item.get("roles")) or place_of(report.get("roles"))
        self.naming, self.attributes = divided(item.get("identifiers") or ())
        self.lot = self.attributes.pop(LOT, "")
        self.found: dict[Spot, Data] = {}
        self.unit = item.get("unit") or ""

    def snapshots(self) -> list[Data]:
        """All snapshots of the item; one without quantities where the item has none."""
        quantities = self.item.get("quantities") or ()
        self._by_store(quantities)
        own = self._spot(self.place, self.lot)
        for one in quantities:
            self._quantity(one, own)
        used = [one for one in self.found.values() if one.get("quantities") or one.get("further")]
        made = [self._finished(one) for one in used or [own]]
        made[0] |= fields(self.item, "extensions")
        return made

    def _spot(self, place: Data | None, lot: str) -> Data:
        key = (repr(place), lot)
        if key not in self.found:
            self.found[key] = filled(location=place, lot=lot)
        return self.found[key]

    def _by_store(self, quantities: Any) -> None:
        """SDQ: by store, of the item's only quantity where it has one."""
        schedules = self.item.get("schedules") or ()
        kind = (quantities[0].get("kind") or UNQUALIFIED) if len(quantities) == 1 else UNQUALIFIED
        self.split = {kind: sum((one["quantity"]["value"] for one in schedules), Decimal(0))} if schedules else {}
        if schedules and self.found == {}:
            self._spot(self.place, self.lot)  # the item's own snapshot comes first
        for one in schedules:
            spot = self._spot(one.get("location"), self.lot)
            known = spot.get("quantities", {})
            if kind in known and spot.get("unit", "") == (one["quantity"].get("unit") or ""):
                known[kind] += one["quantity"]["value"]  # a store that comes twice
            else:
                self._put(spot, kind, one["quantity"])

    def _put(self, spot: Data, kind: str, quantity: Data, **more: Any) -> None:
        """Add a quantity to a snapshot: by its kind, or among the further ones if it is in the way of another."""
        unit = quantity.get("unit") or ""
        known = spot.setdefault("quantities", {})
        if not any(more.values()) and kind not in known and (not known or spot.get("unit", "") == unit):
            known[kind] = quantity["value"]
            spot |= filled(unit=unit)
        else:
            spot.setdefault("further", []).append(filled(kind=kind, quantity=quantity, **more))

    def _quantity(self, stated: Data, own: Data) -> None:
        """A QTY loop: the item's own quantity, unless it is the sum of its parts, and then the parts."""
        kind = stated.get("kind") or UNQUALIFIED
        unit = stated.get("own_unit") or stated.get("unit") or self.unit
        references = references_dated = list(stated.get("references") or ())
        dates = list(stated.get("dates") or ())
        place = next((party for ref in references for party in (ref.get("roles") or {}).values()), None)
        lots = [one["id"] for one in references if one.get("type") == LOT and one.get("id")]
        if len(references) == 1 and (lots or place):
            own = self._spot(place or self.place, *(lots or [self.lot]))
            references = [] if lots else references
        kept = [fields(one, "type", "id") for one in references if one.get("type") and one.get("id")]
        own.setdefault("references", []).extend(kept)
        own.setdefault("dates", []).extend(one for ref in references_dated for one in ref.get("dates") or ())
        _counted(own, [one for one in dates if not says_when(one)])
        splits = stated.get("splits") or ()
        placed = [one for one in splits if one.get("role") or one.get("name")]
        placed_total = self.split.get(kind, Decimal(0)) + sum((_value(one) for one in placed), Decimal(0))
        total = placed_total + sum((_value(one) for one in splits if one not in placed), Decimal(0))
        parted = placed or kind in self.split
        more = filled(text=stated.get("text"), dates=_later(dates))
        value = stated.get("value")
        if value is None:
            own.setdefault("further", []).append({"kind": kind} | more)
        elif more or not ((splits and value == total) or (parted and value == placed_total)):
            _counted(own, dates)
            self._put(own, kind, filled(value=value, unit=unit), **more)
        for split in splits:
            self._part(split, kind, unit)

    def _part(self, split: Data, kind: str, unit: str) -> None:
        """An SCH: the quantity of a place, at another time, or both."""
        quantity = filled(value=_value(split), unit=(split.get("quantity") or {}).get("unit") or unit)
        dates = [split[name] for name in ("date", "until") if split.get(name)]
        name = split.get("name") or split.get("role")
        spot = self._spot({"name": name} if name else self.place, self.lot)
        _counted(spot, dates)
        self._put(spot, kind, quantity, dates=_later(dates))

    def _roles(self, spot: Data) -> Data:
        """The parties of a snapshot beside its own place; of a part that lies elsewhere, the item's place too."""
        roles = self.item.get("roles") or {}
        if spot.get("location") == self.place:
            return {role: party for role, party in roles.items() if party is not self.place}
        return beside_place(roles)

    def _finished(self, spot: Data) -> Data:
        item, report = self.item, self.report
        dates = [*(item.get("dates") or ())]
        dates += [one for one in spot.pop("dates", ()) if one not in dates]
        currency = item.get("currency") or report.get("currency") or ""
        description, characteristics = _text(item)
        kept = spot.pop("references", ())
        if "further" in spot:
            spot["further"] = further_of(arranged(spot.get("quantities") or {}, spot["further"]))
        moment = counted_at(dates) or counted_at(report.get("dates")) or report.get("issued_at")
        return (
            spot
            | fields(item, "measurements", "lead_times")
            | filled(
                identifiers=self.naming,
                as_of=moment,
                references=[*(item.get("references") or ()), *kept],
                attributes=self.attributes,
                description=description,
                characteristics=characteristics,
                dates=dates,
                prices=[rule_of(one, currency) for one in item.get("prices") or ()],
                roles=self._roles(spot),
                report=report,
            )
        )


def timed(one: Data) -> bool:
    """Whether SCH has room for all that is said of a further quantity: a number with its unit, one or two moments."""
    dates = one.get("dates") or ()
    plain = all(date.get("value") and not date.get("period") and not date.get("text") for date in dates)
    return 0 < len(dates) <= 2 and plain and bool((one.get("quantity") or {}).get("unit")) and not one.get("text")


Stated = tuple[str, Decimal | None, list[Data], Data | None]
"""What one QTY says: its kind and number, its parts at other times, or one further quantity as it is."""


def arranged(quantities: dict[str, Decimal], further: Sequence[Data]) -> list[Stated]:
    """The quantities of a snapshot in the order of the message: by kind, each with its parts at other times; parts of
    a kind that is not there now; the rest. A number that is the sum of its parts is none of its own, so that one
    that is such a sum by chance stands alone."""
    parts: dict[str, list[Data]] = {}
    for one in further:
        if timed(one):
            parts.setdefault(one["kind"], []).append(one)
    out: list[Stated] = []
    sums = {kind: sum((one["quantity"]["value"] for one in found), Decimal(0)) for kind, found in parts.items()}
    for kind, value in sorted(quantities.items()):
        with_parts = kind in parts and sums[kind] != value
        out.append((kind, value, parts.pop(kind) if with_parts else [], None))
    out += [(kind, sums[kind], parts[kind], None) for kind in sorted(parts)]
    return out + [(one["kind"], None, [], one) for one in further if not timed(one)]


def further_of(stated: Sequence[Stated]) -> list[Data]:
    """The further quantities of a snapshot, in their order."""
    return [one for _, _, parts, other in stated for one in (*parts, *([other] if other else []))]


def _value(split: Data) -> Decimal:
    value: Decimal = (split.get("quantity") or {"value": Decimal(0)})["value"]
    return value


def _later(dates: Sequence[Data]) -> list[Data]:
    """The dates that make a quantity one of another time. One that could not be read makes none."""
    return [one for one in dates if one.get("qualifier") not in AS_OF and says_when(one)]


def _counted(spot: Data, dates: Sequence[Data]) -> None:
    """Keep the dates of counting with the snapshot, and what is left of those that could not be read."""
    for one in dates:
        kept = one.get("qualifier") in AS_OF or not says_when(one)
        if kept and one not in spot.get("dates", ()):
            spot.setdefault("dates", []).append(one)


def _text(item: Data) -> tuple[str, list[Data]]:
    """The description of an item, and the characteristics beside it."""
    description, rest = "", []
    for one in item.get("characteristics") or ():
        stated = {name for name, value in one.items() if value not in (None, "")}
        if not description and one.get("form") == "F" and stated == {"form", "text"}:
            description = one["text"]
        else:
            rest.append(one)
    return description, rest
