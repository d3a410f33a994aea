"""Checks of parties, places, products, prices, money, stock, sales and customer relations."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.model.authorization import Authorization
from hub.model.case import Case
from hub.model.checks import Path, Review, check
from hub.model.consent import Consent
from hub.model.contact import ContactPoint
from hub.model.countries import is_country
from hub.model.forecast import Forecast
from hub.model.interaction import Interaction
from hub.model.inventory import InventorySnapshot
from hub.model.location import Location, PointOfSale
from hub.model.loyalty import LoyaltyEntry
from hub.model.packaging import Packaging
from hub.model.party import Party, PartyAddress
from hub.model.payment import Payment
from hub.model.pos_transaction import PosTransaction
from hub.model.price import Price
from hub.model.product import Product
from hub.model.returns import Return
from hub.model.right import Right, RightReturn
from hub.model.sales_report import SalesReport
from hub.model.trading_agreement import TradingAgreement
from hub.model.value_checks import currency, key, unit, word

ZERO = Decimal(0)


@check(Party)
def party(value: Party, path: Path, review: Review) -> None:
    """Kind, status and codes; a merged party says into which; a party has some name."""
    word(value.party_kind, "party_kind", (path, "kind"), review)
    word(value.status, "party_status", (path, "status"), review)
    for i, role in enumerate(value.roles):
        word(role, "party_role", ((path, "roles"), i), review)
    if value.status == "merged" and not value.merged_into:
        review.warn("party.merged_into", "merged, but not into which party", (path, "merged_into"))
    names = (value.legal_name, value.trading_name, value.given_name, value.family_name)
    if value.status != "erased" and not any(names):
        review.warn("party.unnamed", "no name", path)
    if value.currency:
        currency(value.currency, (path, "currency"), review)
    country(value.country, (path, "country"), review)
    time_zone(value.time_zone, (path, "time_zone"), review)


@check(PartyAddress)
def party_address(value: PartyAddress, path: Path, review: Review) -> None:
    """A known usage."""
    word(value.usage, "address_usage", (path, "usage"), review)


@check(ContactPoint)
def contact_point(value: ContactPoint, path: Path, review: Review) -> None:
    """A known kind; an e-mail address has one ``@`` with something on both sides."""
    word(value.kind, "contact_point", (path, "kind"), review)
    if value.kind == "email":
        name, _, domain = value.value.rpartition("@")
        if not name or "." not in domain:
            review.warn("contact_point.email", "not an e-mail address", (path, "value"))


@check(Location)
def location(value: Location, path: Path, review: Review) -> None:
    """Time zone exists, GLN right."""
    time_zone(value.time_zone, (path, "time_zone"), review)
    if value.gln:
        key("gln", value.gln, (path, "gln"), review)


@check(PointOfSale)
def point_of_sale(value: PointOfSale, path: Path, review: Review) -> None:
    """A known processing mode."""
    word(value.processing_mode, "processing_mode", (path, "processing_mode"), review)


@check(Product)
def product(value: Product, path: Path, review: Review) -> None:
    """Something to tell it by; known unit and country."""
    if not (value.identifiers or value.external_id or value.product_id):
        review.warn("item.unidentified", "a product without any identifier", path)
    if value.base_unit:
        unit(value.base_unit, (path, "base_unit"), review)
    country(value.country_of_origin, (path, "country_of_origin"), review)
    for code in value.tax_category:
        country(code, ((path, "tax_category"), code), review)


@check(Packaging)
def packaging(value: Packaging, path: Path, review: Review) -> None:
    """Known units, right GTINs, something inside."""
    unit(value.unit, (path, "unit"), review)
    unit(value.contains_unit, (path, "contains_unit"), review)
    for name in ("gtin", "contains_gtin"):
        if number := getattr(value, name):
            key("gtin", number.zfill(14), (path, name), review)
    if value.contains_qty is not None and value.contains_qty <= 0:
        review.warn("packaging.quantity", "a package holds more than nothing", (path, "contains_qty"),
                    value.contains_qty)  # fmt: skip


@check(Price)
def price(value: Price, path: Path, review: Review) -> None:
    """For some product; in some currency."""
    if not (value.product_id or value.identifiers or value.external_id):
        review.warn("item.unidentified", "a price of no product", path)
    if not value.price.currency and not review.currency:
        review.warn("currency.missing", "no currency, and no agreement supplies one", (path, "price"))
    if value.min_quantity is not None and value.min_quantity < 0:
        review.warn("quantity.negative", "a tier begins at zero or more", (path, "min_quantity"), value.min_quantity)


@check(Payment)
def payment(value: Payment, path: Path, review: Review) -> None:
    """Not negative; what is allocated is not more than what was paid."""
    if value.amount.amount < 0:
        review.warn("payment.negative", "direction says which way: the amount is not negative", (path, "amount"),
                    value.amount.amount)  # fmt: skip
    parts = [part.amount.amount for part in value.allocations if part.amount is not None]
    if parts:  # what belongs to no single item changes the sum as well
        parts += [one.amount.amount for entity in value.entities for one in entity.adjustments]
    if parts and sum(parts, ZERO) - value.amount.amount > review.tolerance:
        review.warn("payment.allocated", f"more is allocated ({sum(parts, ZERO)}) than was paid", (path, "allocations"),
                    value.amount.amount)  # fmt: skip


@check(Return)
def returned(value: Return, path: Path, review: Review) -> None:
    """A known status."""
    word(value.status, "return_status", (path, "status"), review)


@check(InventorySnapshot)
def inventory_snapshot(value: InventorySnapshot, path: Path, review: Review) -> None:
    """Known kinds of quantities, known unit."""
    if value.unit:
        unit(value.unit, (path, "unit"), review)
    for name in value.quantities:
        word(name, "activity", ((path, "quantities"), name), review)


@check(SalesReport)
def sales_report(value: SalesReport, path: Path, review: Review) -> None:
    """Known activities and units."""
    for i, line in enumerate(value.lines):
        here = ((path, "lines"), i)
        if line.unit:
            unit(line.unit, (here, "unit"), review)
        for name in line.activities:
            word(name, "activity", ((here, "activities"), name), review)


@check(PosTransaction)
def pos_transaction(value: PosTransaction, path: Path, review: Review) -> None:
    """Returns are negative and sales positive; what was paid is what it cost."""
    for i, line in enumerate(value.lines):
        here = ((path, "lines"), i)
        word(line.type, "pos_line", (here, "type"), review)
        if (line.type == "return" and line.quantity.value > 0) or (line.type == "sale" and line.quantity.value < 0):
            review.warn("pos.sign", f"the quantity of a {line.type} has the other sign", (here, "quantity"),
                        line.quantity.value)  # fmt: skip
    if value.total is None or value.cancelled:
        return
    total = value.total.amount
    paid = sum((one.amount.amount for one in value.tenders), ZERO)
    if value.tenders and abs(paid - total) > review.tolerance:
        review.warn("pos.tenders", f"{paid} was paid", (path, "total"), total)
    counted = [line for line in value.lines if not line.voided]
    amounts = [line.amount.amount for line in counted if line.amount is not None]
    tax_is_in = all(line.price is None or line.price.tax_included is not False for line in counted)
    if counted and len(amounts) == len(counted) and tax_is_in and abs(sum(amounts, ZERO) - total) > review.tolerance:
        review.warn("pos.total", f"the lines come to {sum(amounts, ZERO)}", (path, "total"), total)


@check(Forecast)
def forecast(value: Forecast, path: Path, review: Review) -> None:
    """A known kind."""
    word(value.forecast_kind, "forecast_kind", (path, "kind"), review)


@check(Interaction)
def interaction(value: Interaction, path: Path, review: Review) -> None:
    """A known channel."""
    word(value.channel, "channel", (path, "channel"), review)


@check(Consent)
def consent(value: Consent, path: Path, review: Review) -> None:
    """Known state and channels; it does not expire before it begins."""
    word(value.state, "consent_state", (path, "state"), review)
    for i, channel in enumerate(value.channels):
        word(channel, "channel", ((path, "channels"), i), review)
    if value.expires_at is not None and value.expires_at <= value.given_at:
        review.warn("consent.expired", "expires before it takes effect", (path, "expires_at"), value.expires_at)


@check(LoyaltyEntry)
def loyalty_entry(value: LoyaltyEntry, path: Path, review: Review) -> None:
    """Known type; earning adds, redeeming and expiring take away."""
    word(value.type, "loyalty", (path, "type"), review)
    if (value.type == "earn" and value.points < 0) or (value.type in ("redeem", "expire") and value.points > 0):
        review.warn("loyalty.sign", f"{value.type} has the other sign", (path, "points"), value.points)
    if value.type == "reverse" and not value.reverses:
        review.warn("loyalty.reverses", "reverses, but not which entry", (path, "reverses"))


@check(Case)
def case(value: Case, path: Path, review: Review) -> None:
    """Known status and channel; nothing is resolved before it was opened."""
    word(value.status, "case_status", (path, "status"), review)
    word(value.channel, "channel", (path, "channel"), review)
    for name in ("first_response_at", "resolved_at", "closed_at"):
        at = getattr(value, name)
        if at is not None and at < value.opened_at:
            review.warn("case.order", "before the case was opened", (path, name), at)


@check(Authorization)
def authorization(value: Authorization, path: Path, review: Review) -> None:
    """A known decision; one that was declined says why, and one that reverses says what."""
    word(value.decision, "decision", (path, "decision"), review)
    if value.decision == "reversed" and not value.reverses:
        review.warn("authorization.reverses", "reverses, but not which authorization", (path, "reverses"))
    if value.decision == "declined" and not value.reason_codes:
        review.warn("authorization.reason", "declined without a reason", (path, "reason_codes"))


@check(Right)
def right(value: Right, path: Path, review: Review) -> None:
    """A known resource; nothing of it is negative."""
    word(value.resource, "resource", (path, "resource"), review)
    for name in ("granted", "recalled", "returned"):
        if (getattr(value, name) or ZERO) < 0:
            review.warn("right.negative", "an amount of a right is not negative", (path, name), getattr(value, name))


@check(RightReturn)
def right_return(value: RightReturn, path: Path, review: Review) -> None:
    """Something is given back."""
    if value.amount <= 0:
        review.warn("right.negative", "nothing is given back", (path, "amount"), value.amount)


@check(TradingAgreement)
def trading_agreement(value: TradingAgreement, path: Path, review: Review) -> None:
    """Currency and time zone exist."""
    if value.currency:
        currency(value.currency, (path, "currency"), review)
    time_zone(value.time_zone, (path, "time_zone"), review)


def country(code: str, path: Path, review: Review) -> None:
    """A country code is known, if there is one."""
    if code and not is_country(code):
        review.warn("country.unknown", "not an ISO 3166-1 alpha-2 code", path, code)


def time_zone(name: str, path: Path, review: Review) -> None:
    """A time zone is known on this machine, if there is one."""
    if not name:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        review.warn("time_zone.unknown", "not an IANA time zone such as Europe/Berlin", path, name)
