"""What is sold: lines and tenders as a till program gives them, and the lines of a ``PosTransaction`` made of them.

Amounts are exact until a line's amount is rounded to its currency; totals add rounded lines, so that the receipt adds
up as printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub_pos.amounts import CONTEXT, decimal, money, rounded, text
from hub_pos.barcode import candidates
from hub_pos.errors import SaleRefused
from hub_pos.rows import Price, Product

Number = Decimal | int | str
PriceOf = Callable[[Product, Decimal], Price | None]


@dataclass(frozen=True, slots=True)
class SaleLine:
    """``quantity`` of an ``item``: a product of the replica, or the code that was scanned or typed for one that the
    replica does not have. ``price`` is for one unit, given by hand; None: the replica's. ``discount`` is what is taken
    off the whole line. Tax is what the caller knows: a category (S, Z, E …) and a percentage (``"19"``);
    ``tax_included`` None: as the price says, else included. ``authorization_id`` approves less than the list price."""

    item: Product | str
    quantity: Number = 1
    price: Number | None = None
    name: str = ""
    unit: str = ""
    discount: Number = 0
    discount_reason: str = ""
    tax_percent: Number | None = None
    tax_category: str = ""
    tax_included: bool | None = None
    authorization_id: str = ""


@dataclass(frozen=True, slots=True)
class Tender:
    """How a part is paid: cash, card, voucher, loyalty, account … ``reference`` is the terminal's own, never a card
    number."""

    type: str
    amount: Number
    reference: str = ""
    authorization_id: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A document that is on the disk: now it may be printed. ``number`` is the receipt's, "" for what has none."""

    id: str
    seq: int
    kind: str
    number: str
    body: dict[str, Any]

    @property
    def total(self) -> Decimal:
        """What the receipt comes to; 0 for what has no total."""
        return Decimal(self.body.get("total", {}).get("amount", "0"))

    @property
    def card(self) -> str:
        """The text to write onto the customer's card now, "" for none."""
        return str(self.body.get("extensions", {}).get("card_written", ""))

    @property
    def change(self) -> Decimal:
        """What is given back of the cash that was paid, not negative."""
        paid = [Decimal(one["amount"]["amount"]) for one in self.body.get("tenders", ())]
        return -sum((one for one in paid if one < 0), Decimal(0)) if self.total >= 0 else Decimal(0)


def sale_line(number: int, line: SaleLine, currency: str, price_of: PriceOf) -> dict[str, Any]:
    """Line ``number`` (from 1) of a sale, priced. Raises ``SaleRefused`` where no price holds and none is given."""
    quantity = decimal(line.quantity, f"the quantity of line {number}")
    if quantity <= 0:
        raise SaleRefused(
            f"line {number} sells {quantity}: a sale is of more than nothing, goods come back by a return"
        )
    product = line.item if isinstance(line.item, Product) else None
    if product and product.scanned:
        quantity = CONTEXT.multiply(quantity, product.scanned.quantity)  # a case of 12 sells 12
    price = _price(number, line, product, quantity, currency, price_of)
    exact = CONTEXT.divide(CONTEXT.multiply(price.amount, quantity), price.per)
    discount = decimal(line.discount, f"the discount of line {number}")
    if discount < 0:
        raise SaleRefused(f"line {number}: a discount is what is taken off, {discount} would be put on")
    amount = rounded(exact - discount, currency)
    included = line.tax_included if line.tax_included is not None else price.tax_included
    out: dict[str, Any] = {"line_id": str(number), "type": "sale", "item": _item(line, product)}
    unit = line.unit or price.unit or (product.unit if product else "")
    out["quantity"] = {"value": text(quantity), **({"unit": unit} if unit else {})}
    out["price"] = _unit_price(price, unit, currency, included)
    if discount:
        reason = {"reason": line.discount_reason} if line.discount_reason else {}
        promotion = {"promotion_id": price.promotion} if price.promotion else {}
        out["discounts"] = [{"amount": money(rounded(discount, currency), currency), **reason, **promotion}]
    category = line.tax_category or _category(product)
    if line.tax_percent is not None or category:
        percent = None if line.tax_percent is None else decimal(line.tax_percent, f"the tax of line {number}")
        out["taxes"] = [tax(amount, percent, category, currency, included is not False)]
    out["amount"] = money(amount, currency)
    # Why this price: the replica's row that said it, or the person at the till.
    out["extensions"] = {"price": price.id or "manual"}
    return out


def tax(amount: Decimal, percent: Decimal | None, category: str, currency: str, included: bool) -> dict[str, Any]:
    """The tax on ``amount``: inside it, or on top of it. Without a percentage only its category is stated."""
    out: dict[str, Any] = {"type": "vat", **({"category": category} if category else {})}
    if percent is not None:
        base = CONTEXT.divide(amount * percent, 100 + percent) if included else amount * percent / 100
        share = rounded(base, currency)
        out["percent"] = text(percent)
        out["taxable"] = money(amount - share if included else amount, currency)
        out["amount"] = money(share, currency)
    if included:
        out["treatment"] = "included"
    return out


def tax_totals(lines: Iterable[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """The taxes of all lines, one for each category, rate and treatment, in the order in which they first come."""
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for line in lines:
        for one in line.get("taxes", ()):
            if "amount" not in one:
                continue
            key = tuple(one.get(name, "") for name in ("category", "percent", "treatment"))
            held = groups.setdefault(key, {**one, "taxable": money(Decimal(0), currency), "amount": None})
            for name in ("taxable", "amount"):
                before = Decimal(held[name]["amount"]) if held[name] else Decimal(0)
                held[name] = money(before + Decimal(one[name]["amount"]), currency)
    return list(groups.values())


def total(lines: Sequence[dict[str, Any]]) -> Decimal:
    """What the lines come to, with the taxes that are not inside their amounts."""
    added = sum(
        (
            Decimal(one["amount"]["amount"])
            for line in lines
            for one in line.get("taxes", ())
            if "amount" in one and "treatment" not in one
        ),
        Decimal(0),
    )
    return sum((Decimal(line["amount"]["amount"]) for line in lines), added)


def paid(tenders: Sequence[Tender], due: Decimal, currency: str) -> list[dict[str, Any]]:
    """Tenders that come to ``due`` exactly; too much cash gets its change, as a negative tender. Raises
    ``SaleRefused`` for too little, and for too much that is not cash."""
    out = [tender(one, decimal(one.amount, f"the tender {one.type}"), currency) for one in tenders]
    over = sum((Decimal(one["amount"]["amount"]) for one in out), Decimal(0)) - due
    if over < 0:
        raise SaleRefused(f"{text(-over)} {currency} is still to be paid")
    cash = sum((Decimal(one["amount"]["amount"]) for one in out if one["type"] == "cash"), Decimal(0))
    if over and over > cash:
        raise SaleRefused(f"{text(over)} {currency} too much, and change is given for cash only")
    return [*out, {"type": "cash", "amount": money(rounded(-over, currency), currency)}] if over else out


def tender(given: Tender, amount: Decimal, currency: str) -> dict[str, Any]:
    """A tender in the JSON of documents, of ``amount``."""
    more = {"reference": given.reference, "authorization_id": given.authorization_id}
    kept = {name: value for name, value in more.items() if value}
    return {"type": given.type, "amount": money(rounded(amount, currency), currency), **kept}


def _price(
    number: int, line: SaleLine, product: Product | None, quantity: Decimal, currency: str, price_of: PriceOf
) -> Price:
    if line.price is not None:
        return Price("", decimal(line.price, f"the price of line {number}"), currency)
    found = price_of(product, quantity) if product else None
    if found is None:
        what = product.name if product else str(line.item)
        raise SaleRefused(f"line {number}: no price holds for {what!r}; give one by hand")
    return found


def _unit_price(price: Price, unit: str, currency: str, included: bool | None) -> dict[str, Any]:
    out: dict[str, Any] = money(price.amount, price.currency or currency)
    if price.per != 1:
        out["per"] = {"value": text(price.per), **({"unit": unit} if unit else {})}
    if price.basis:
        out["basis"] = price.basis
    return out if included is None else {**out, "tax_included": included}


def _item(line: SaleLine, product: Product | None) -> dict[str, Any]:
    if product is None:
        code = str(line.item).strip()
        if not code:
            raise SaleRefused("a line names its product, by a code at least")
        gtins = candidates(code)
        known = {"scheme": "gtin", "value": gtins[0]} if gtins else {"scheme": "sku", "value": code}
        return {"identifiers": [known], **({"name": line.name} if line.name else {})}
    name = line.name or product.name
    return {
        **({"identifiers": found} if (found := item_identifiers(product)) else {}),
        **({"name": name} if name else {}),
        "product_id": product.id,
    }


def item_identifiers(product: Product) -> list[dict[str, str]]:
    """A product's numbers as a document has them: the scanned GTIN (else its first) and our own number."""
    gtin = product.scanned.gtin if product.scanned else next((one.gtin for one in product.barcodes), "")
    out = [{"scheme": "gtin", "value": gtin}] if gtin else []
    return out + [{"scheme": "sku", "value": value} for scheme, value in product.keys if scheme == "own"][:1]


def _category(product: Product | None) -> str:
    """The tax category of a product that has one category in all its countries; else "": the caller knows better."""
    found = {part.partition("=")[2] for part in product.tax_category.split()} if product else set()
    return found.pop() if len(found) == 1 else ""
