"""What a till program writes: sales, returns, customers, counts, points. On the disk when the call returns, on line or
off line; the upload brings it to the hub later.

::

    with Register("stores/S001.sqlite", terminal="1") as register:
        receipt = register.sell([SaleLine("4006381333931", 2)], [Tender("cash", "10.00")])
        print(receipt.number, receipt.total, receipt.change)  # only now: the sale is on the disk
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

from hub_pos import customers, returning, sale
from hub_pos.amounts import decimal, money, rounded, text
from hub_pos.clock import instant, tick, uuid7
from hub_pos.counting import expected_stock
from hub_pos.errors import ReplicaMissing, SaleRefused
from hub_pos.outbox import Outbox, outbox_path, outboxes
from hub_pos.returning import ReturnLine
from hub_pos.rows import Customer, Price, Product
from hub_pos.sale import Number, SaleLine, Tender, Written
from hub_pos.till import Till, zone_of

_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# What is kept beside the outbox, so that a till sells while its replica is away.
_KEPT = ("store", "mode", "currency", "time_zone", "locations", "day_begins")
Build = Callable[[str, str], tuple[str, dict[str, Any]]]


class Register:
    """One terminal's outbox, and the replica it sells from. Not for sharing between threads; several processes may use
    one outbox. The replica may be missing or in the middle of being replaced: then prices are given by hand, and the
    store's settings are those of the last time it was there. ``store`` is needed only if that never was."""

    def __init__(
        self,
        replica: Path | str,
        terminal: str = "1",
        *,
        store: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        busy_seconds: float = 30.0,
    ) -> None:
        self.path = Path(replica)
        self.terminal = terminal
        self._now = now
        if not _NODE.fullmatch(terminal):
            raise SaleRefused(f"{terminal[:40]!r} is no terminal: letters, digits, '.', '_' and '-'")
        self.outbox = Outbox(outbox_path(self.path, terminal), busy_seconds=busy_seconds)
        self.settings: dict[str, Any] = json.loads(self.outbox.state("settings", "{}"))
        try:
            self._know(store)
        except BaseException:
            self.close()
            raise

    def _know(self, store: str) -> None:
        with self._till() as till:
            fresh = till.settings() if till else {}
        known = {**self.settings, **{name: fresh[name] for name in _KEPT if name in fresh}}
        known["store"] = known.get("store") or store
        if not known["store"]:
            raise ReplicaMissing(
                f"terminal {self.terminal} does not know its store: load {self.path}, or name the store"
            )
        node = self.outbox.state("node") or f"{known['store']}-{self.terminal}"
        if node != f"{known['store']}-{self.terminal}":
            raise ReplicaMissing(
                f"{self.outbox.path} is the outbox of {node}, not of {known['store']}-{self.terminal}: its numbers"
                " cannot be used here"
            )
        if known != self.settings or not self.outbox.state("node"):
            with self.outbox.transaction():
                self.outbox.keep("settings", json.dumps(known))
                self.outbox.keep("node", node)
        self.settings, self.node = known, node

    def __enter__(self) -> Register:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the outbox."""
        self.outbox.close()

    @contextmanager
    def _till(self) -> Iterator[Till | None]:
        """The replica as it is now; None where there is none that can be read."""
        try:
            till = Till(self.path)
        except (ReplicaMissing, sqlite3.Error):
            yield None
            return
        with till:
            yield till

    @property
    def currency(self) -> str:
        """The store's currency."""
        return str(self.settings.get("currency", ""))

    def business_day(self) -> str:
        """The day of the shop: it begins at ``day_begins`` (00:00 if the store does not say) in the store's zone."""
        hours, _, minutes = str(self.settings.get("day_begins") or "00:00").partition(":")
        return (self._local() - timedelta(hours=int(hours), minutes=int(minutes or 0))).date().isoformat()

    def _local(self) -> datetime:
        # Wall clock arithmetic: a day that has 23 hours begins at its hour all the same.
        return self._now().astimezone(zone_of(str(self.settings.get("time_zone", "")))).replace(tzinfo=None)

    def sell(
        self,
        lines: Sequence[SaleLine],
        tenders: Sequence[Tender],
        customer: Customer | str = "",
        *,
        operator: str = "",
        loyalty: str = "",
        card: str = "",
        training: bool = False,
        offline: bool = True,
        id: str = "",
    ) -> Written:
        """Write a sale. ``customer`` is one of the replica, one just registered, or an id. ``offline`` False: the hub
        agreed to it. ``card`` is the text of the card that was shown: the hub sees whether it
        went back. ``id`` (a UUID) makes it safe to repeat: the same sale again returns the same receipt. Raises
        ``SaleRefused`` where a price is missing or the tenders do not come to the total; then nothing is written."""
        if not lines:
            raise SaleRefused("a sale has lines")
        with self._till() as till:
            buyer = customer if isinstance(customer, Customer) else self._customer(till, customer)
            found = [self._found(till, line) for line in lines]

            def price_of(product: Product, quantity: Decimal) -> Price | None:
                return till.price(product, buyer, self._now(), quantity) if till else None

            sold = [sale.sale_line(place, line, self.currency, price_of) for place, line in enumerate(found, 1)]
            version = till.version() if till else ""
        due = rounded(sale.total(sold), self.currency)
        body = {
            "extensions": {"card": card} if card else None,
            "operator": operator,
            "customer_id": buyer.id if buyer else str(customer),
            "loyalty_id": loyalty,
            "currency": self.currency,
            "lines": sold,
            "tenders": sale.paid(tenders, due, self.currency),
            "taxes": sale.tax_totals(sold, self.currency),
            "total": money(due, self.currency),
            "training": training or None,
            "offline": offline,
            "prices_version": version,
        }
        return self._transaction("sale", lambda: body, id)

    def take_back(
        self,
        receipt: str | Mapping[str, Any],
        lines: Sequence[ReturnLine],
        reason: str,
        tenders: Sequence[Tender] = (),
        *,
        operator: str = "",
        offline: bool = True,
        id: str = "",
    ) -> Written:
        """Write a return. ``receipt`` is the number of a sale of this store, or the key of a sale of another one (``{
        "store", "workstation", "sequence", "business_day"}``); of a sale that is not in an outbox here each line says
        its ``price``. Without tenders the money goes back the way it came. Raises ``SaleRefused`` where more comes
        back than was sold, or the tenders are not what is due."""
        if not lines:
            raise SaleRefused("a return has lines")

        def body() -> dict[str, Any]:
            sold = returning.sale_of(receipt, outboxes(self.path))
            back = [returning.return_line(at, line, sold, reason, self.currency) for at, line in enumerate(lines, 1)]
            due = rounded(sale.total(back), self.currency)
            return {
                "operator": operator,
                "customer_id": sold.body.get("customer_id", ""),
                "currency": self.currency,
                "lines": back,
                "tenders": returning.refunded(tenders, due, sold, self.currency),
                "taxes": sale.tax_totals(back, self.currency),
                "total": money(due, self.currency),
                "offline": offline,
            }

        # Inside the transaction: of two processes that take back the last piece, one is refused.
        return self._transaction("return", body, id)

    def register_customer(self, *, kind: str = "person", id: str = "", **fields: str) -> Customer:
        """Write a new customer (name, or given_name and family_name; email, phone, street, city, region, postal_code,
        country, card_no, language …). It can buy at once; the hub sends it back with its canonical id, and its row
        then has the till's id among its keys."""
        store = str(self.settings["store"])

        def build(id_: str, number: str) -> tuple[str, dict[str, Any]]:
            return number, customers.new_party(store, id_, kind, fields)

        return customers.as_customer(self._write("Party", build, id).body)

    def find_customer(self, text: str, limit: int = 20) -> list[Customer]:
        """Customers of the replica (``Till.find_customer``), and those registered at this terminal that the hub has not
        sent back yet."""
        with self._till() as till:
            found = till.find_customer(text, limit) if till else []
            new = [customers.as_customer(party) for party in self._registered()]
            fresh = [one for one in new if customers.fits(one, text)]
            back = {one.id for one in fresh if till and till.find_customer(one.id, 1)}
        return [*found, *(one for one in fresh if one.id not in back)][:limit]

    def _registered(self) -> Iterator[dict[str, Any]]:
        for entry in self.outbox.entries(kind="Party"):
            party: dict[str, Any] = json.loads(entry.body)
            if "external_id" in party:
                yield party

    def change_customer(self, customer: Customer, *, id: str = "", **fields: str | bool) -> Written:
        """Write what changed of a customer ("" empties a field). The hub's policy decides what becomes of it where
        somebody else changed the same; the answer is in the customer's next row."""
        body = customers.changed_party(customer, fields)
        return self._write("Party", lambda id_, number: (number, body), id)

    def record_consent(
        self, customer: Customer | str, purpose: str, state: str, channels: Sequence[str] = (), *, id: str = ""
    ) -> Written:
        """Write that a customer ``granted``, ``denied`` or ``withdrew`` (``withdrawn``) consent, as an event."""
        if state not in ("granted", "denied", "withdrawn"):
            raise SaleRefused(f"a consent is granted, denied or withdrawn, not {state!r}")

        def build(id_: str, number: str) -> tuple[str, dict[str, Any]]:
            who = customer.id if isinstance(customer, Customer) else customer
            held = {"consent_id": id_, "party_id": who, "purpose": purpose}
            said = {"channels": list(channels)} if channels else {}
            return number, {**held, **said, "state": state, "given_at": instant(self._now()), "source": self.node}

        return self._write("Consent", build, id)

    def count_stock(
        self,
        product: Product,
        counted: Number,
        *,
        location: str = "",
        expected: Number | None = None,
        reason: str = "count",
        id: str = "",
    ) -> Written:
        """Write what was counted on the shelf, as the difference to what was ``expected`` (None: the replica's figure
        less what this store's tills have sold since): a difference stays right whatever else happens to the stock.
        Raises ``SaleRefused`` where nothing is known to compare with."""
        found = decimal(counted, "what was counted")
        place = location or next(iter(self.settings.get("locations", ())), str(self.settings["store"]))
        with self._till() as till:
            if expected is None:
                basis = expected_stock(till, product, place, outboxes(self.path))
            else:
                basis = {"expected": text(decimal(expected, "what was expected"))}
        difference = found - Decimal(basis["expected"])
        unit = {"unit": product.unit} if product.unit else {}

        def build(id_: str, number: str) -> tuple[str, dict[str, Any]]:
            identifiers = sale.item_identifiers(product)
            return number, {
                "extensions": dict(sorted({**basis, "counted": text(found)}.items())),
                "movement_id": id_,
                "kind": "adjustment",
                "location_id": place,
                "product_id": product.id,
                **({"identifiers": identifiers} if identifiers else {}),
                "quantity": {"value": text(difference), **unit},
                "at": instant(self._now()),
                "reason": reason,
            }

        return self._write("InventoryMovement", build, id)

    def redeem_points(
        self, account: str, points: Number, receipt: str = "", customer: Customer | str = "", *, id: str = ""
    ) -> Written:
        """Write that ``points`` of an account were redeemed for a receipt, as an entry of its history. Whether the
        account has them is not asked here."""
        taken = decimal(points, "the points")
        if taken <= 0:
            raise SaleRefused("points are redeemed, more than none")
        who = customer.id if isinstance(customer, Customer) else customer

        def build(id_: str, number: str) -> tuple[str, dict[str, Any]]:
            entry = {"entry_id": id_, "account_id": account, **({"party_id": who} if who else {})}
            entry |= {"type": "redeem", "points": text(-taken), "at": instant(self._now())}
            ref = {"ref": {"type": "receipt", "id": receipt}} if receipt else {}
            return number, {**entry, **ref, "pos_id": self.node}

        return self._write("LoyaltyEntry", build, id)

    def _found(self, till: Till | None, line: SaleLine) -> SaleLine:
        """The line with its product, if the replica has one of its code."""
        if isinstance(line.item, Product) or till is None:
            return line
        product = till.product_by_barcode(line.item)
        return line if product is None else returning.with_item(line, product)

    def _customer(self, till: Till | None, wanted: str) -> Customer | None:
        """The customer of the replica with exactly this id or number, for its prices."""
        found = till.find_customer(wanted, 2) if till and wanted else []
        exact = [one for one in found if wanted == one.id or wanted in {value for _, value in one.keys}]
        return exact[0] if len(exact) == 1 else None

    def _transaction(self, kind: str, content: Callable[[], Mapping[str, Any]], id_: str) -> Written:
        zone = str(self.settings.get("time_zone") or "UTC")
        moment, day = self._now().astimezone(zone_of(zone)), self.business_day()
        at = {"local": moment.replace(tzinfo=None, fold=0).isoformat(), "zone": zone, "fold": moment.fold}

        def build(_id: str, _number: str) -> tuple[str, dict[str, Any]]:
            body = content()
            sequence = self.outbox.count("receipt")
            key = {"store": self.settings["store"], "workstation": self.terminal, "sequence": str(sequence)}
            whole = {"key": {**key, "business_day": day}, "type": kind, "began": at, "ended": at, **body}
            order = [name for name in whole if name not in ("offline", "prices_version")]
            ordered = {name: whole[name] for name in order} | {
                "offline": whole["offline"],
                "processing_mode": self.settings.get("mode", ""),
                "prices_version": whole.get("prices_version", ""),
            }
            return f"{self.node}-{sequence}", {name: value for name, value in ordered.items() if _stated(value)}

        return self._write("PosTransaction", build, id_)

    def _write(self, kind: str, build: Build, id_: str) -> Written:
        """One document, one row, one transaction, on the disk when it returns. ``build`` gets the id and "", and
        returns the receipt number and the body."""
        now = self._now()
        with self._till() as till:
            seen = till.as_of() if till else ""
        with self.outbox.transaction():
            if id_ and (held := self.outbox.find(id_=id_)):
                return Written(held.id, held.seq, held.kind, held.number, json.loads(held.body))
            new = id_ or uuid7(now)
            number, body = build(new, "")
            clock = tick(self.outbox.state("clock"), now, seen, self.node)
            self.outbox.keep("clock", clock)
            written = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            seq = self.outbox.add(new, kind, written, instant(now), clock, number)
        return Written(new, seq, kind, number, body)


def _stated(value: object) -> bool:
    return value not in (None, "", [], ())
