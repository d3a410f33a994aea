"""Goods that come back: which sale they are of, how much of it may still come back, and how the money returns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub_pos.amounts import CONTEXT, decimal, money, rounded, text
from hub_pos.errors import SaleRefused
from hub_pos.outbox import Entry, Outbox
from hub_pos.rows import Product
from hub_pos.sale import Number, SaleLine, Tender, sale_line, tax, tender


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """``quantity`` (not negative) of the sale's line ``line_id`` comes back. Of a sale that is not in an outbox here
    also: ``item`` and ``price``, what one unit is taken back for; without a receipt no ``line_id``."""

    line_id: str
    quantity: Number = 1
    item: Product | str = ""
    price: Number | None = None
    tax_percent: Number | None = None
    tax_category: str = ""


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale as far as it is known here: its key (empty without a receipt), its document (empty where it was another
    store's), and how much of each line came back already."""

    key: Mapping[str, Any]
    body: Mapping[str, Any] = field(default_factory=dict)
    back: Mapping[str, Decimal] = field(default_factory=dict)


def with_item(line: SaleLine, product: Product) -> SaleLine:
    """The line with the product of the replica in place of its code."""
    return replace(line, item=product)


def sale_of(receipt: str | Mapping[str, Any], paths: Sequence[Path]) -> Sold:
    """The sale with this receipt number or key, from the outboxes of this machine. Raises ``SaleRefused`` for a number
    that none of them has: then the sale's whole key is needed. "" is a return without a receipt."""
    if receipt == "":
        return Sold({})
    found = _sale(receipt, paths)
    if found is None:
        if isinstance(receipt, str):
            raise SaleRefused(f"receipt {receipt[:60]!r} is in no outbox here: give its key, and prices with the lines")
        missing = {"store", "workstation", "sequence", "business_day"} - receipt.keys()
        if missing:
            raise SaleRefused(f"the key of a sale has a {', '.join(sorted(missing))}")
        key = {name: str(receipt[name]) for name in ("store", "workstation", "sequence", "business_day")}
        return Sold(key, back=_returned(key, paths))
    body = json.loads(found.body)
    return Sold(body["key"], body, _returned(body["key"], paths))


def return_line(number: int, line: ReturnLine, sold: Sold, reason: str, currency: str) -> dict[str, Any]:
    """Line ``number`` of a return: quantity and amounts negative, the share of what was paid for the line."""
    quantity = decimal(line.quantity, f"the quantity of line {number}")
    if quantity <= 0:
        raise SaleRefused(f"line {number}: what comes back is more than nothing")
    made = _share(line, quantity, sold, currency) if sold.body else _priced(number, line, quantity, currency)
    out: dict[str, Any] = {
        "line_id": str(number),
        "type": "return",
        **{name: made[name] for name in _SHOWN if name in made},
    }
    of = {"return_of": dict(sold.key), "return_line_id": line.line_id} if sold.key else {}
    return {**out, **of, **({"return_reason": reason} if reason else {})}


def named(sold: Sold) -> str:
    """The key of a sale as one text."""
    return "/".join(str(sold.key[name]) for name in ("store", "workstation", "sequence", "business_day"))


_SHOWN = ("item", "quantity", "price", "taxes", "amount")


def _share(line: ReturnLine, quantity: Decimal, sold: Sold, currency: str) -> dict[str, Any]:
    held = next((one for one in sold.body["lines"] if one["line_id"] == line.line_id and one["type"] == "sale"), None)
    if held is None:
        raise SaleRefused(f"the sale has no line {line.line_id[:40]!r}")
    had, before = Decimal(held["quantity"]["value"]), sold.back.get(line.line_id, Decimal(0))
    if quantity + before > had:
        raise SaleRefused(f"line {line.line_id}: {text(had)} were sold and {text(before)} came back already")
    # The difference of two rounded parts, so that several returns come to exactly what was paid.
    whole = Decimal(held["amount"]["amount"])
    after = rounded(CONTEXT.divide(whole * (before + quantity), had), currency)
    amount = after - rounded(CONTEXT.divide(whole * before, had), currency)
    taxes = [
        tax(
            -amount,
            Decimal(one["percent"]) if "percent" in one else None,
            one.get("category", ""),
            currency,
            one.get("treatment") == "included",
        )
        for one in held.get("taxes", ())
    ]
    out = {**held, "quantity": {**held["quantity"], "value": text(-quantity)}, "amount": money(-amount, currency)}
    return {**out, **({"taxes": taxes} if taxes else {})}


def _priced(number: int, line: ReturnLine, quantity: Decimal, currency: str) -> dict[str, Any]:
    if line.price is None or not line.item:
        raise SaleRefused(f"line {number}: a sale that is not known here needs the item and its price")
    out = sale_line(
        number,
        SaleLine(line.item, quantity, line.price, tax_percent=line.tax_percent, tax_category=line.tax_category),
        currency,
        lambda _product, _quantity: None,
    )
    amount = -Decimal(out["amount"]["amount"])
    for one in out.get("taxes", ()):
        percent = Decimal(one["percent"]) if "percent" in one else None
        one.update(tax(amount, percent, one.get("category", ""), currency, one.get("treatment") == "included"))
    out["quantity"]["value"] = text(-Decimal(out["quantity"]["value"]))
    return {**out, "amount": money(amount, currency)}


def refunded(tenders: Sequence[Tender], due: Decimal, sold: Sold, currency: str) -> list[dict[str, Any]]:
    """Negative tenders that come to ``due`` (negative). None given: all by the sale's first tender, else in cash."""
    first = next((one["type"] for one in sold.body.get("tenders", ())), "cash")
    given = list(tenders) or [Tender(first, -due)]
    out = []
    for one in given:
        out.append(tender(one, -abs(decimal(one.amount, f"the tender {one.type}")), currency))
    paid = sum((Decimal(one["amount"]["amount"]) for one in out), Decimal(0))
    if paid != due:
        raise SaleRefused(f"{text(-due)} {currency} are due, {text(-paid)} would be given back")
    return out


def _returned(key: Mapping[str, Any], paths: Sequence[Path]) -> dict[str, Decimal]:
    """How much of each line of a sale came back, by the outboxes of this machine."""
    out: dict[str, Decimal] = {}
    for one in _transactions(paths, '"return_of"'):
        for line in json.loads(one.body)["lines"]:
            if line.get("return_of") == dict(key):
                held = out.get(line["return_line_id"], Decimal(0))
                out[line["return_line_id"]] = held - Decimal(line["quantity"]["value"])
    return out


def _sale(receipt: str | Mapping[str, Any], paths: Sequence[Path]) -> Entry | None:
    if isinstance(receipt, str):
        return next((found for path in paths if (found := _numbered(path, receipt)) is not None), None)
    held = json.dumps(str(receipt.get("sequence")), ensure_ascii=False)
    return next((one for one in _transactions(paths, held) if _has_key(one, receipt)), None)


def _numbered(path: Path, number: str) -> Entry | None:
    with closing(Outbox(path)) as outbox:
        return outbox.find(number=number)


def _has_key(entry: Entry, key: Mapping[str, Any]) -> bool:
    return all(str(key.get(name)) == value for name, value in json.loads(entry.body)["key"].items())


def _transactions(paths: Sequence[Path], holding: str) -> Iterator[Entry]:
    """Sales and returns with this text in their JSON; SQLite looks for it, so that few of a month's are taken apart."""
    for path in paths:
        with closing(Outbox(path)) as outbox:
            yield from outbox.entries(kind="PosTransaction", holding=holding)
