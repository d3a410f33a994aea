"""Documents to X12 832: every price list is one message, and every product with its packaging and prices one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.mapping.forms import MessageForm
from hub.model.document import Document
from hub_x12.converting.item_numbers import BRAND, Data, described, fields, filled, identity, numbered
from hub_x12.converting.price_terms import dates_of, period_of, stated_of
from hub_x12.forms.catalog import OWN, SHARED, UNNAMED, WORDS, CatalogForm, read
from hub_x12.forms.form_class import without_empty_dates

_BESIDE = (
    "style seller_style model_no manufacturer color_nrf size_nrf buyer_size seller_size_number "
    "commodity_grouping country_of_origin lot serial drawing_revision engineering_change part_description upc_suffix "
    "series_id purchaser_line service_requested buyer_group national_group part_drawing seller_supplemental "
    "seller_basic_unit publisher returnable_container process_number product_type item_type internal buyer_style "
    "return_code purchase_order"
)
_DESCRIBED = frozenset(_BESIDE.split())
"""Attributes that are written beside the item's numbers (data element 235)."""
_COLORS = ("seller_color", "buyer_color")
"""Attributes that are item numbers (data element 235) and descriptions (750); they are written as the latter."""
_CODE = 12
"""Characters of a description's code (data element 751)."""


def plain(document: Document) -> Data:
    """A document as dictionaries and lists, without what is empty and dates that say nothing."""
    data = document.model_dump(mode="python", exclude_none=True)
    without_empty_dates(data)
    return {name: value for name, value in data.items() if value not in ("", (), {})} | {"kind": document.kind}


def write(documents: Sequence[Document]) -> list[Data]:
    """One form for each price list that the documents are of. Products and packagings go where their prices are."""
    lists: dict[str, _List] = {}
    for document in documents:
        data = plain(document)
        last = next(reversed(lists), "")
        if data["kind"] == "PriceList":
            lists.setdefault(data["price_list_id"], _List()).head = _head(data)
        elif data["kind"] == "Price":
            number = data.get("price_list") or last
            lists.setdefault(number, _List(_bare(number))).price(data)
        elif data["kind"] in ("Product", "Packaging"):
            lists.setdefault(last, _List(_bare(last))).begin(data)
    return [_form(found.head, found.items) for found in lists.values()]


class _List:
    """What is written of one price list: its head and its items."""

    def __init__(self, head: Data | None = None) -> None:
        self.head: Data = head or {}
        self.items: list[Data] = []
        self.known: dict[str, Data] = {}

    def begin(self, data: Data) -> None:
        """Begin an item with a product, or give a packaging to its product."""
        kind = "product" if data["kind"] == "Product" else "packaging"
        last = self.items[-1] if self.items else None
        if last is None or kind in last or "prices" in last or last["identity"] != identity(data):
            self._item(identity(data))[kind] = data
        else:
            last[kind] = data

    def price(self, data: Data) -> None:
        """Give a price to the last item of its product, or begin one."""
        wanted = identity(data)
        item = self.known.get(wanted) or self._item(wanted)
        item.setdefault("prices", []).append(data)

    def _item(self, wanted: str) -> Data:
        item: Data = {"identity": wanted}
        self.items.append(item)
        self.known[wanted] = item
        return item


def _bare(number: str) -> Data:
    """The head of a list that nobody described."""
    return filled(price_list_id=number, type="price_catalog") | {"bare": True}


def _head(data: Data) -> Data:
    form = fields(data, "price_list_id", *SHARED, "valid")
    stand_in = next(
        (one["id"] for kind in UNNAMED for one in data.get("references") or () if one["type"] == kind and one["id"]),
        form.get("type") or "price_catalog",
    )
    if form["price_list_id"] == stand_in:  # the message had no number of its own
        del form["price_list_id"]
    dates = [*dates_of(data.get("valid")), *(data.get("dates") or ())]
    rules = [stated_of(one, data.get("currency") or "") for one in data.get("rules") or ()]
    return form | filled(dates=dates, rules=rules)


def _form(head: Data, items: Sequence[Data]) -> Data:
    valid = head.get("valid")
    currency = head.get("currency") or (_currency(items) if head.get("bare") else "")
    lines = [_item(str(number), one, currency, valid) for number, one in enumerate(items, start=1)]
    unwritten = [
        f"the attribute {name} of {one['identity'] or 'an item'} is not written: PID04 holds {_CODE} characters"
        for one in items
        for name in (one.get("product") or {}).get("attributes") or ()
        if not _beside(name) and not _worded(name) and _too_long(name)
    ]
    return {name: value for name, value in head.items() if name not in ("valid", "bare")} | filled(
        currency=currency, items=lines, unwritten=unwritten
    )


def _worded(name: str) -> bool:
    """Whether an attribute is a description of its own kind (data element 750)."""
    name = name.partition("#")[0]
    return name in WORDS or ":" in name


def _too_long(attribute: str) -> bool:
    return len(attribute.partition("#")[0]) > _CODE


def _currency(items: Sequence[Data]) -> str:
    """The currency of the message, where its head does not say: the one that all prices have."""
    found = {one["price"].get("currency") or "" for item in items for one in item.get("prices") or ()}
    return found.pop() if len(found) == 1 else ""


def _item(number: str, item: Data, currency: str, valid: Mapping[str, Any] | None) -> Data:
    product = item.get("product") or {}
    prices = item.get("prices") or []
    pack = item.get("packaging")
    source = next(one for one in (product, *prices, pack) if one)
    own, _ = period_of(product.get("dates") or ())
    attributes = dict(product.get("attributes") or {})
    beside = {key: attributes.pop(key) for key in list(attributes) if _beside(key)}
    if brand := product.get("brand"):
        beside = {BRAND: brand} | beside
    stated = [
        stated_of(one | _class(one), currency, own or valid) | fields(one, "references", "allowances_charges")
        for one in prices
    ]
    stated += [stated_of(one, currency) for one in product.get("price_rules") or ()]
    naming = numbered(source)
    if not (naming or beside):  # LIN cannot be without a number: a color that is one stands there
        beside = {key: attributes.pop(key) for key in list(attributes) if key.partition("#")[0] in _COLORS}
    out = filled(
        line_id=number,
        identifiers=[*naming, *described(beside)],
        characteristics=_characteristics(product, attributes),
        pack=_pack(pack) if pack else None,
        prices=stated,
        components=[_component(one) for one in product.get("components") or ()],
    )
    return out | fields(product, "dates", "references", "measurements", "lead_times", "allowances_charges", "roles")


def _class(price: Data) -> Data:
    return {"segment": price["trade_class"]} if price.get("trade_class") else {}


def _beside(attribute: str) -> bool:
    name = attribute.partition("#")[0]
    return name in _DESCRIBED or name.startswith("x12.235:")


def _characteristics(product: Data, attributes: Mapping[str, str]) -> list[Data]:
    out: list[Data] = []
    for one in product.get("name") or ():
        out.append(filled(form="F", name="product", text=one["value"]))
    if text := product.get("description"):
        out.append({"form": "F", "text": text})
    for key, text in attributes.items():
        name = key.partition("#")[0]
        if _worded(name):
            out.append({"form": "F", "name": name, "text": text})
        elif not _too_long(name):
            out.append({"form": "X", "agency": OWN, "code": name, "text": text})
    return [*out, *({"form": "F"} | dict(one) for one in product.get("characteristics") or ())]


def _component(part: Mapping[str, Any]) -> Data:
    price = part.get("price") or {}
    out = fields(part, "component_id", "parent_id", "relation", "quantity", "identifiers", "description")
    return out | filled(price=price.get("amount"), basis=price.get("basis"))


def _pack(data: Data) -> Data:
    net = data.get("net_weight")
    weight = data.get("gross_weight") or net
    sides = {side: data[side]["value"] for side in ("length", "width", "height") if data.get(side)}
    unit = next((data[side].get("unit") for side in ("length", "width", "height") if data.get(side)), "")
    kind = ("N" if net and not data.get("gross_weight") else "G") if weight else ""
    out = fields(data, "size", "code", "volume")
    return (
        out
        | sides
        | filled(
            units=data.get("contains_qty"),
            weight=weight,
            weight_kind=kind,
            unit=unit,
            inner_packs=data.get("inner_packs"),
        )
    )


FORM = MessageForm(
    "x12.catalog",
    CatalogForm,
    ("PriceList", "Product", "Packaging", "Price"),
    read,
    write,
    "832: a price list with its products, packagings and prices",
)
