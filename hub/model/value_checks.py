"""Checks of single values: identifiers, quantities, amounts, prices, addresses, periods, discounts."""

from __future__ import annotations

from datetime import datetime

from hub.model.address import Address
from hub.model.allowance_charge import AllowanceCharge
from hub.model.checks import Path, Review, check
from hub.model.countries import is_country
from hub.model.currencies import exponent, is_currency
from hub.model.dates import Period, ZonedTime, is_ambiguous, to_instant
from hub.model.identifier_rules import RULES, problem
from hub.model.identifiers import NATIONAL, SCHEMES, Identifier
from hub.model.money import ExchangeRate, Money, UnitPrice
from hub.model.numbers import scale_of
from hub.model.quantity import Quantity
from hub.model.tax import Tax
from hub.model.units import ALIASES, is_unit
from hub.model.vocabulary import VOCABULARIES


@check(Identifier)
def identifier(value: Identifier, path: Path, review: Review) -> None:
    """Scheme known, check digit right, not all zeros."""
    if value.scheme in RULES:
        key(value.scheme, value.value, path, review)
        return
    if value.scheme in SCHEMES:
        return
    name, colon, country = value.scheme.partition(":")
    if name not in SCHEMES and name not in NATIONAL:
        review.note("identifier.unknown_scheme", "scheme is not in the registry; kept as it is", path, value.scheme)
        return
    if colon and not (is_country(country) or country == "EL"):
        review.warn("country.unknown", "the identifier's country is not an ISO 3166-1 code", path, country)


def key(scheme: str, value: str, path: Path, review: Review) -> None:
    """Check a bare value (``gln``, ``gtin``, ``sscc`` …) by the rules of its scheme."""
    found = problem(scheme, value)
    if found is not None:
        review.add(found.severity, f"identifier.{found.code}", found.message, path, value)


@check(Quantity)
def quantity(value: Quantity, path: Path, review: Review) -> None:
    """Unit known, at most six decimals."""
    if value.unit:
        unit(value.unit, (path, "unit"), review)
    elif path and path[1] != "per":
        review.note("unit.missing", "no unit; the agreement or the product must say which", path)
    if scale_of(value.value) > 6:
        review.note("quantity.scale", "more than 6 decimals", (path, "value"), value.value)


def unit(code: str, path: Path, review: Review) -> None:
    """A unit code is in the tables, or reported with the code that it probably should be. A code marked with its list
    (``x12.355:CS``) is one that a mapping did not know, and has said so."""
    if is_unit(code) or ":" in code:
        return
    today = ALIASES.get(code)
    hint = f"; today it is {today}" if today else "; kept as it is"
    review.warn("unit.unknown", f"not a UN/ECE Rec 20 code, nor Rec 21 with X in front, that is known here{hint}", path,
                code)  # fmt: skip


def currency(code: str, path: Path, review: Review) -> None:
    """A currency code is or was in ISO 4217."""
    if not is_currency(code):
        review.warn("currency.unknown", "not an ISO 4217 code, neither current nor withdrawn", path, code)


def _same_currency(code: str, path: Path, review: Review) -> None:
    if code and code != review.currency and review.currency:
        review.warn("currency.mixed", f"the document is in {review.currency}, this is not", (path, "currency"), code)


@check(Money)
def money(value: Money, path: Path, review: Review) -> None:
    """Currency known and the document's own, decimals within the currency's."""
    places = exponent(value.currency or review.currency)
    if value.currency:
        currency(value.currency, (path, "currency"), review)
        _same_currency(value.currency, path, review)
    if places is not None and scale_of(value.amount.normalize() if value.amount else value.amount) > places:
        review.note("money.scale", f"more than the {places} decimals of the currency", (path, "amount"), value.amount)


@check(UnitPrice)
def unit_price(value: UnitPrice, path: Path, review: Review) -> None:
    """Not negative (EN 16931 BR-27), base not zero, at most ten decimals, the document's currency."""
    if value.amount < 0:
        review.warn("price.negative", "a price is never negative: correct with a negative quantity", path, value.amount)
    if value.per is not None and value.per.value <= 0:
        review.warn("price.base", "the price is for a quantity that is not positive", (path, "per"), value.per.value)
    word(value.basis, "price_basis", (path, "basis"), review)
    if scale_of(value.amount) > 10:
        review.note("price.scale", "more than 10 decimals", (path, "amount"), value.amount)
    if value.currency:
        currency(value.currency, (path, "currency"), review)
        _same_currency(value.currency, path, review)


@check(ExchangeRate)
def exchange_rate(value: ExchangeRate, path: Path, review: Review) -> None:
    """Both currencies known (the first may be the document's), rate positive."""
    if value.source:
        currency(value.source, (path, "source"), review)
    currency(value.target, (path, "target"), review)
    if value.rate <= 0:
        review.warn("exchange_rate.value", "an exchange rate is positive", (path, "rate"), value.rate)


@check(Address)
def address(value: Address, path: Path, review: Review) -> None:
    """Country and region codes known, GLN right, point on the earth."""
    if value.country and not is_country(value.country):
        review.warn("country.unknown", "not an ISO 3166-1 alpha-2 code", (path, "country"), value.country)
    if value.region_code and value.country and value.region_code[:3] != value.country + "-":
        review.warn(
            "region.mismatch", f"an ISO 3166-2 code in {value.country} begins with {value.country}-",
            (path, "region_code"), value.region_code,
        )  # fmt: skip
    if value.gln:
        key("gln", value.gln, (path, "gln"), review)
    if value.geo is not None and not (abs(value.geo.latitude) <= 90 and abs(value.geo.longitude) <= 180):
        review.warn("geo.range", "latitude is within 90 degrees, longitude within 180", (path, "geo"))


@check(Period)
def period(value: Period, path: Path, review: Review) -> None:
    """Begins before it ends; both ends are of one kind."""
    start, end = value.start, value.end
    if start is None or end is None:
        return
    kinds = {(isinstance(one, datetime), isinstance(one, datetime) and one.tzinfo is not None) for one in (start, end)}
    if len(kinds) > 1:
        review.warn("period.kinds", "the ends are of two kinds (date, floating time, instant) and do not compare", path)
    elif start > end:
        review.warn("period.reversed", "ends before it begins", path, f"{start} to {end}")


@check(ZonedTime)
def zoned_time(value: ZonedTime, path: Path, review: Review) -> None:
    """The zone exists, and so does the time in it; an hour that happens twice is worth knowing."""
    try:
        to_instant(value.local, value.zone, value.fold)
    except ValueError as error:
        review.warn("time.local", str(error), path, value.local.isoformat())
        return
    if is_ambiguous(value.local, value.zone):
        review.note("time.ambiguous", f"happened twice in {value.zone}; fold {value.fold} is taken", path, value.local)


@check(AllowanceCharge)
def allowance_charge(value: AllowanceCharge, path: Path, review: Review) -> None:
    """Not negative; a percentage has a base and a base a percentage (Peppol T01 R020, R021, R032, R033, R040)."""
    for name, money_value in (("amount", value.amount), ("base", value.base)):
        if money_value is not None and money_value.amount < 0:
            review.warn("allowance.negative", "is_charge gives the direction: the amount is not negative",
                        (path, name), money_value.amount)  # fmt: skip
    if value.percent is not None and value.percent < 0:
        review.warn("allowance.negative", "a percentage is not negative", (path, "percent"), value.percent)
    if value.percent is None and value.base is not None:
        review.warn("allowance.percent_base", "base without percent: the two go together", path)
    elif value.percent is not None and value.base is None:  # X12 SAC has no base: it is what the part belongs to
        review.note("allowance.percent_base", "percent without base: the two go together", path)
    elif value.percent is not None and value.base is not None and value.amount is not None:
        expected = value.base.amount * value.percent / 100
        if abs(expected - value.amount.amount) > review.tolerance:
            review.warn("allowance.amount", f"{value.percent} % of {value.base.amount} is not the amount stated",
                        (path, "amount"), value.amount.amount)  # fmt: skip
    if value.amount is None and value.percent is None and value.rate is None:
        review.note("allowance.empty", "neither amount, percentage nor rate", path)


@check(Tax)
def tax(value: Tax, path: Path, review: Review) -> None:
    """Category and type known, rate between 0 and 100 in common cases."""
    word(value.category, "tax_category", (path, "category"), review)
    word(value.type, "tax_type", (path, "type"), review)
    if value.percent is not None and value.percent < 0:
        review.warn("tax.percent", "a tax rate is not negative", (path, "percent"), value.percent)


def word(code: str, vocabulary: str, path: Path, review: Review) -> None:
    """A code is one of the canonical words of ``vocabulary``; any other is kept and worth knowing."""
    if code and code not in VOCABULARIES[vocabulary]:
        review.note("code.unknown", f"not one of the canonical words for {vocabulary}; kept as it is", path, code)
