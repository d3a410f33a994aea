"""Identifiers: a value and the scheme that gives it meaning. A GLN and a GTIN-13 look alike; only the scheme tells.

Source of the schemes: GS1 General Specifications; ISO 6523 and the lists X12 66, 128 and 235, EDIFACT 3055 and 7143.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from pydantic import model_validator

from hub.model.dates import LocalDate
from hub.model.value import Value

SCHEMES: dict[str, str] = {
    "gln": "GS1 location number, 13 digits",
    "gtin": "GS1 item number, kept as 14 digits",
    "sscc": "GS1 logistic unit, 18 digits",
    "duns": "D-U-N-S number, 9 digits",
    "duns4": "D-U-N-S number with a 4-digit suffix",
    "vat": "value added tax number; vat:DE names the country",
    "lei": "legal entity identifier, ISO 17442",
    "iban": "bank account, ISO 13616",
    "bic": "bank, ISO 9362",
    "scac": "carrier, NMFTA",
    "buyer_assigned": "number given by the buyer (the issuer)",
    "seller_assigned": "number given by the seller (the issuer)",
    "manufacturer_assigned": "number given by the manufacturer",
    "buyer_item": "item number of the buyer",
    "seller_item": "item number of the seller",
    "manufacturer_item": "part number of the manufacturer",
    "external": "number in the partner's own system",
    "store_no": "store number",
    "department": "department number",
    "card_no": "customer card",
    "sku": "stock keeping unit",
    "plu": "price look-up code",
    "upc_case": "case code of the Uniform Code Council, 2-5-5 digits without a check digit",
    "buyer_catalog": "catalog number of the buyer",
    "seller_catalog": "catalog number of the seller",
    "model_no": "model number of the manufacturer",
    "hs_code": "customs tariff number, Harmonized System",
    "buyer_group": "product group of the buyer",
    "national_group": "product group of a national list",
    "promotion_variant": "number of a promotional variant",
    "isbn": "book number, ISO 2108",
    "ndc": "US national drug code",
    "lot": "batch or lot",
    "serial": "serial number",
    "tax_id": "tax number of no stated kind",
    "registration": "company registration number of no stated kind",
    "aba_routing": "US bank, ABA routing number, 9 digits",
    "chips": "bank in the Clearing House Interbank Payments System",
    "canadian_bank": "Canadian bank and branch",
    "originator_assigned": "number given by whoever sent the message",
    "originating_company": "number of the company that starts a transfer",
    "payor": "number of a payer",
    "employee_id": "number of an employee",
    "insured": "number of an insured person",
    "insured_unique": "number of an insured person, given for good",
    "ssn": "US social security number: personal data",
    "industry_code": "standard industry code",
    "internal": "number of this hub",
    "san": "standard address number of the book trade",
    "hin": "health industry number",
    "dodaac": "activity address of the US Department of Defense",
    "dea": "registration with the US Drug Enforcement Administration",
    "cage": "commercial and government entity, US",
    "country": "a country's code, where a party is a country",
    "plant": "plant",
    "dock": "loading dock",
    "warehouse": "warehouse",
    "carrier_assigned": "number given by the carrier",
    "carrier_package": "number that the carrier gave a package",
    "shipper_mark": "mark of the shipper on a package",
    "shipper_number": "number that the shipper gave a package",
    "prebill_number": "number that a carrier's bill is made out by beforehand",
    "upc_shipping_container": "shipping container code of the Uniform Code Council",
    "upc_1_5_5": "consumer package code of the Uniform Code Council, 1-5-5 digits without a check digit",
    "case_1_1_5_5": "case code of the Uniform Code Council, 1-1-5-5 digits",
    "upc_suffix": "what tells variants of one U.P.C. apart",
    "upn": "universal product number of medical goods",
    "ndc_4_4_2": "US national drug code, 4-4-2 digits",
    "ndc_5_3_2": "US national drug code, 5-3-2 digits",
    "ndc_5_4_1": "US national drug code, 5-4-1 digits",
    "ndc_5_4_2": "US national drug code, 5-4-2 digits",
    "hcpcs": "US healthcare procedure code",
    "brand": "brand, beside the numbers of an item",
    "manufacturer": "manufacturer, beside the numbers of an item",
    "publisher": "publisher, beside the numbers of an item",
    "style": "style",
    "buyer_style": "style number of the buyer",
    "seller_style": "style number of the seller",
    "buyer_color": "color of the buyer's list",
    "seller_color": "color of the seller's list",
    "color_nrf": "color of the list of the US National Retail Federation",
    "buyer_size": "size of the buyer's list",
    "seller_size_number": "size of the seller's list",
    "size_nrf": "size of the list of the US National Retail Federation",
    "purchaser_item": "item code of whoever purchases",
    "purchaser_line": "number of the line in the purchaser's order",
    "purchase_order": "number of the order that an item belongs to",
    "seller_order_item": "number of the seller's order",
    "seller_supplemental": "the seller's second item number",
    "seller_basic_unit": "the seller's number of the basic unit",
    "company_part": "part number of a company",
    "part_reference": "part reference number",
    "part_drawing": "drawing of a part",
    "part_description": "description that stands for a part number",
    "drawing_revision": "revision of a drawing",
    "engineering_change": "level of engineering change",
    "process_number": "number of a process",
    "commodity_grouping": "group of commodities",
    "product_type": "kind of product",
    "item_type": "kind of item",
    "series_id": "series",
    "country_of_origin": "country that an item is from",
    "returnable_container": "returnable container",
    "return_code": "what becomes of goods that are not wanted",
    "service_requested": "service that is asked for",
    "unqualified": "number that was sent without saying what it is",
    "zz": "mutually defined",
}
"""The registry. ``vat:CC`` and national registration schemes (``inn:RU``, ``ein:US``, ``siret:FR``) add a country."""

_NATIONAL = "vat inn ein abn orgnr siret siren kvk cvr uen cnpj rfc nip ico regon crn tin gst pan ogrn kpp"
NATIONAL = frozenset(_NATIONAL.split())
"""Schemes that are followed by ``:`` and a country code."""

_ALIASES = {
    "ean": "gtin", "ean13": "gtin", "ean8": "gtin", "upc": "gtin", "gtin13": "gtin", "gtin14": "gtin",
    "gtin12": "gtin", "gtin8": "gtin", "iln": "gln", "swift": "bic", "dunsnumber": "duns",
}  # fmt: skip
_GAPS = re.compile(r"[\s\-‐-―.]+")
_SPACES = re.compile(r"[\s\-‐-―]+")


def _compact(value: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", value))


def _gtin(value: str) -> str:
    digits = _compact(value)
    return digits.zfill(14) if digits.isascii() and digits.isdigit() and len(digits) <= 14 else value


def _digits(value: str) -> str:
    digits = _compact(value)
    return digits if digits.isascii() and digits.isdigit() else value


def _sscc(value: str) -> str:
    digits = _compact(value.replace("(00)", "00", 1))
    if not (digits.isascii() and digits.isdigit()):
        return value
    return digits[2:] if len(digits) == 20 and digits.startswith("00") else digits


def _letters(value: str) -> str:
    text = _GAPS.sub("", unicodedata.normalize("NFKC", value))
    return text.upper() if text.isascii() else value


_NORMAL: dict[str, Callable[[str], str]] = {
    "gtin": _gtin,
    "gln": _digits,
    "sscc": _sscc,
    "duns": _digits,
    "duns4": _digits,
    "isbn": _letters,
    "lei": _letters,
    "iban": _letters,
    "bic": _letters,
    "scac": _letters,
}


def scheme_name(scheme: str) -> str:
    """The canonical name of a scheme: lower case, aliases resolved (``EAN`` is ``gtin``), country in upper case."""
    name, colon, country = scheme.strip().partition(":")
    name = name.strip().lower().replace("-", "_").replace(" ", "_")
    name = _ALIASES.get(name, name)
    return f"{name}:{country.strip().upper()}" if colon else name


def normalise(scheme: str, value: str) -> str:
    """``value`` as its (canonical) scheme writes it: a GTIN with 14 digits, an SSCC without its AI 00, an IBAN
    without spaces. What does not look like the scheme, and every free scheme, is returned as it is.

    >>> normalise("gtin", "012345678905"), normalise("sscc", "00376130321109103420")
    ('00012345678905', '376130321109103420')
    """
    rule = _NORMAL.get(scheme)
    if rule is None:
        return _letters(value) if scheme.partition(":")[0] in NATIONAL and scheme.isascii() else value
    return rule(value)


class Identifier(Value):
    """A value in a scheme. ``value`` is normalised when the identifier is made; ``raw`` is what was received, kept
    only where that differs (its length tells a UPC from a GTIN-14). ``issuer`` says whose number an assigned one is.

    A wrong check digit does not stop an identifier: partners send them. ``hub.model.review`` finds it.
    """

    scheme: str
    value: str
    raw: str = ""
    issuer: str = ""
    valid_from: LocalDate | None = None
    valid_to: LocalDate | None = None

    @model_validator(mode="before")
    @classmethod
    def _normalised(cls, data: Any) -> Any:
        # Runs for every identifier of every line: the free schemes, most of them, leave after one look-up.
        if not isinstance(data, dict):
            return data
        scheme = data.get("scheme")
        if scheme in _FREE:
            return data
        value = data.get("value")
        if not isinstance(scheme, str) or not isinstance(value, str):
            return data
        known = scheme if scheme in _NORMAL else scheme_name(scheme)
        normal = normalise(known, value)
        if normal == value and known == scheme:
            return data
        changed = {**data, "scheme": known, "value": normal}
        if normal != value and not data.get("raw"):
            changed["raw"] = value
        return changed


_FREE = frozenset(SCHEMES) - frozenset(_NORMAL)
