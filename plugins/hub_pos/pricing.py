"""Which of several prices holds: the rule of the till, on plain rows, without a database.

1. A price holds if its currency is the store's, its period covers the moment, its tier is reached, and it is meant for
   this customer and this place (or for everybody).
2. Of those that hold, the first of: made for this customer, made for the customer's segment, from the customer's own
   price list, from the store's lists in their order (``*``: any list), from no list; then the higher ``priority``, the
   higher tier reached, a promotion before none, the later beginning, and last the lower amount.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from hub_pos.rows import Price


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom, where, when and how many. ``zone`` is the store's: dates without a time begin there at midnight."""

    at: datetime
    quantity: Decimal
    zone: ZoneInfo
    currency: str = ""
    price_lists: Sequence[str] = ()
    locations: Collection[str] = ()
    customer: Collection[str] = ()
    customer_price_list: str = ""


def choose(rows: Sequence[Mapping[str, Any]], terms: Terms) -> Price | None:
    """The price that holds under ``terms``, or None where none does."""
    best: tuple[Any, ...] | None = None
    chosen: Price | None = None
    for row in rows:
        ranked = _rank(row, terms)
        if ranked is None:
            continue
        rank, price = ranked
        if best is None or rank < best:
            best, chosen = rank, price
    return chosen


def refusal(row: Mapping[str, Any], terms: Terms) -> str:
    """Why a price does not hold under ``terms``, in words; "" where it does."""
    minimum, location = number(row["min_qty"]) or Decimal(0), row["location"] or ""
    currency = row["currency"] or ""
    begins, ends = _moment(row["valid_from"], terms.zone), _moment(row["valid_to"], terms.zone)
    if number(row["amount"]) is None:
        return "its amount is no number"
    if minimum > terms.quantity:
        return f"only from a quantity of {minimum}"
    if terms.currency and currency and currency != terms.currency:
        return f"in {currency}, the store sells in {terms.currency}"
    if location and location not in terms.locations:
        return f"only at {location}"
    if begins is not None and terms.at < begins:
        return f"begins at {row['valid_from']}"
    if ends is not None and terms.at >= ends:
        return f"ended at {row['valid_to']}"
    if _source(row["customer"] or "", row["segment"] or "", row["price_list"] or "", terms) is None:
        if row["customer"] or row["segment"]:
            return "made for another customer"
        return f"price list {row['price_list']} is not one of the store's"
    return ""


def _rank(row: Mapping[str, Any], terms: Terms) -> tuple[tuple[Any, ...], Price] | None:
    """The row as a price with its place in the order (smaller is better), or None if it does not hold."""
    amount, minimum = number(row["amount"]), number(row["min_qty"]) or Decimal(0)
    currency, location, price_list = row["currency"] or "", row["location"] or "", row["price_list"] or ""
    if amount is None or minimum > terms.quantity:
        return None
    if terms.currency and currency and currency != terms.currency:
        return None
    if location and location not in terms.locations:
        return None
    begins = _moment(row["valid_from"], terms.zone)
    ends = _moment(row["valid_to"], terms.zone)
    if (begins is not None and terms.at < begins) or (ends is not None and terms.at >= ends):
        return None
    place = _source(row["customer"] or "", row["segment"] or "", price_list, terms)
    if place is None:
        return None
    source, reason = place
    rank = (
        source,
        -(row["priority"] or 0),
        -minimum,
        0 if row["promotion"] else 1,
        -(begins.timestamp() if begins else 0.0),
        amount,
        row["id"],
    )
    included = row["tax_included"]
    price = Price(
        id=row["id"],
        amount=amount,
        currency=currency,
        per=number(row["per_value"]) or Decimal(1),
        unit=row["per_unit"] or "",
        price_list=price_list,
        min_qty=minimum,
        basis=row["basis"] or "",
        tax_included=None if included is None else bool(included),
        promotion=row["promotion"] or "",
        valid_from=row["valid_from"] or "",
        valid_to=row["valid_to"] or "",
        reason=reason,
    )
    return rank, price


def _source(customer: str, segment: str, price_list: str, terms: Terms) -> tuple[tuple[int, int], str] | None:
    """Where a price comes from, as a rank and in words; None for a price that is somebody else's."""
    if customer:
        return ((0, 0), "made for this customer") if customer in terms.customer else None
    if segment:
        return ((1, 0), f"for segment {segment}") if f"segment:{segment}" in terms.customer else None
    if price_list and price_list == terms.customer_price_list:
        return (2, 0), f"the customer's price list {price_list}"
    if price_list:
        lists = list(terms.price_lists)
        known = price_list if price_list in lists else "*"
        return ((3, lists.index(known)), f"the store's price list {price_list}") if known in lists else None
    return (4, 0), "for everybody"


def number(text: object) -> Decimal | None:
    """A decimal of the replica, which stores them as text; None for nothing or for what is no number."""
    if text in (None, ""):
        return None
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A bound of a period: an instant as it stands, a date or a local time in the store's zone."""
    if not text:
        return None
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time(), zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
