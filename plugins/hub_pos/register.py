"""What a till program writes: sales, returns, customers, counts, points. On the disk when the call returns, on line or
off line; the upload brings it to the hub later.

::

    with Register("stores/S001.sqlite", terminal="1") as register:
        receipt = register.sell([SaleLine("4006381333931", 2)], [Tender("cash", "10.00")])
        print(receipt.number, receipt.total, receipt.change)  # only now: the sale is on the disk
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub_pos import customers, returning, sale
from hub_pos.amounts import decimal, money, rounded, text
from hub_pos.authorizing import Need
from hub_pos.card_writing import Cards, rewrite
from hub_pos.clock import instant
from hub_pos.counting import movement
from hub_pos.deciding import Deciding
from hub_pos.errors import SaleRefused
from hub_pos.outbox import outboxes
from hub_pos.policy import policy_of
from hub_pos.questions import Question
from hub_pos.returning import ReturnLine
from hub_pos.rows import Customer, Price, Product
from hub_pos.sale import Number, SaleLine, Tender, Written
from hub_pos.terminal import Body


class Register(Deciding):
    """What a till program writes with. A replica may be missing: then prices are given by hand, and nothing is decided
    that needs it."""

    def sell(
        self,
        lines: Sequence[SaleLine],
        tenders: Sequence[Tender],
        customer: Customer | str = "",
        *,
        operator: str = "",
        loyalty: str = "",
        card: str = "",
        spend: int = 0,
        training: bool = False,
        offline: bool = True,
        id: str = "",
    ) -> Written:
        """Write a sale. ``customer`` is one of the replica, one just registered, or an id. ``offline`` False: the hub
        agreed to it. ``card`` is the text of the card that was shown: the hub sees whether it
        went back. ``spend`` so many rights of it: ``Written.card`` is then the text to write onto the chip, now that
        the sale is on the disk. ``id`` (a UUID) makes it safe to repeat: the same sale again returns the same receipt.

        A tender of type account and a price below the list price need an authorization where the hub says so: the one
        that tender and line name (``authorize``), or else one that the till makes with the sale, alone.

        Raises ``SaleRefused`` where a price is missing or the tenders do not come to the total; then nothing is
        written. Raises ``NotAuthorized`` where something is declined; then only that is written."""
        if not lines or (training and spend):
            raise SaleRefused("a sale has lines, and a training sale spends nothing on a card")
        with self._till() as till:
            rules = {} if training else self._rules(till)
            buyer = customer if isinstance(customer, Customer) else till.customer(customer) if till else None
            party = buyer.id if buyer else str(customer)
            found = [self._found(till, line) for line in lines]

            def price_of(product: Product, quantity: Decimal) -> Price | None:
                return till.price(product, buyer, self._now(), quantity) if till else None

            sold = [sale.sale_line(place, line, self.currency, price_of) for place, line in enumerate(found, 1)]
            version = till.version() if till else ""
            needs = [
                self._need(question, line.authorization_id, made)
                for line, made in zip(found, sold, strict=True)
                if (question := self._lower(rules, line, made, price_of, party, operator))
            ]
        due = rounded(sale.total(sold), self.currency)
        tenders = [self._on_account(rules, one, party, operator, needs) for one in tenders]
        body: dict[str, Any] = {
            "operator": operator,
            "customer_id": party,
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
        # Inside the transaction: of two processes that spend on one card, the second goes on from the first.
        return self._transaction("sale", lambda: self._with_cards(body, card, spend), id, needs, party)

    def _with_cards(self, body: Body, card: str, spend: int) -> Body:
        named = {"card": card, "card_written": self._spent(card, spend) if spend else ""}
        return {"extensions": {name: text for name, text in named.items() if text} or None, **body}

    def _spent(self, card: str, spend: int) -> str:
        """The text of the card after ``spend`` rights of it were spent; the outbox remembers it."""
        with self._till() as till:
            if till is None:
                raise SaleRefused("without a replica nobody knows which cards hold")
            now, cards = self._now(), Cards(self.outbox)
            reading = cards.newest(till.read_card(card, now), lambda text: till.read_card(text, now))
            text = rewrite(reading, till.writing_key(), spend=spend, now=now)
        cards.keep(text, reading.number, reading.seq + 1)
        return text

    def take_back(
        self,
        receipt: str | Mapping[str, Any],
        lines: Sequence[ReturnLine],
        reason: str,
        tenders: Sequence[Tender] = (),
        *,
        operator: str = "",
        offline: bool = True,
        authorization_id: str = "",
        id: str = "",
    ) -> Written:
        """Write a return. ``receipt`` is the number of a sale of this store, or the key of a sale of another one (``{
        "store", "workstation", "sequence", "business_day"}``), or "" where there is none; of a sale that is not in an
        outbox here each line says its ``price``, and the return needs an authorization where the hub says so. Without
        tenders the money goes back the way it came. Raises ``SaleRefused`` where more comes
        back than was sold, or the tenders are not what is due, and ``NotAuthorized``."""
        if not lines:
            raise SaleRefused("a return has lines")
        with self._till() as till:
            rules = self._rules(till)
        needs: list[Need] = []

        def body() -> dict[str, Any]:
            sold = returning.sale_of(receipt, outboxes(self.path))
            back = [returning.return_line(at, line, sold, reason, self.currency) for at, line in enumerate(lines, 1)]
            due = rounded(sale.total(back), self.currency)
            out = {
                "operator": operator,
                "customer_id": sold.body.get("customer_id", ""),
                "currency": self.currency,
                "lines": back,
                "tenders": returning.refunded(tenders, due, sold, self.currency),
                "taxes": sale.tax_totals(back, self.currency),
                "total": money(due, self.currency),
                "offline": offline,
            }
            if not sold.body and policy_of(rules, "return_without_receipt"):
                about = {"receipt": returning.named(sold)} if sold.key else {}
                question = Question("return_without_receipt", -due, self.currency, about=about, operator=operator)
                needs.append(self._need(question, authorization_id, out))
            return out

        # Inside the transaction: of two processes that take back the last piece, one is refused.
        return self._transaction("return", body, id, needs, "")

    def register_customer(self, *, kind: str = "person", id: str = "", **fields: str) -> Customer:
        """Write a new customer (name, or given_name and family_name; email, phone, street, city, region, postal_code,
        country, card_no, language …). It can buy at once; the hub sends it back with its canonical id, and its row
        then has the till's id among its keys."""
        store = str(self.settings["store"])

        def build(id_: str) -> tuple[str, Body]:
            return "", customers.new_party(store, id_, kind, fields)

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
        return self._write("Party", lambda _id: ("", body), id)

    def record_consent(
        self, customer: Customer | str, purpose: str, state: str, channels: Sequence[str] = (), *, id: str = ""
    ) -> Written:
        """Write that a customer ``granted``, ``denied`` or ``withdrew`` (``withdrawn``) consent, as an event."""
        if state not in ("granted", "denied", "withdrawn"):
            raise SaleRefused(f"a consent is granted, denied or withdrawn, not {state!r}")

        def build(id_: str) -> tuple[str, Body]:
            who = customer.id if isinstance(customer, Customer) else customer
            held = {"consent_id": id_, "party_id": who, "purpose": purpose}
            said = {"channels": list(channels)} if channels else {}
            return "", {**held, **said, "state": state, "given_at": instant(self._now()), "source": self.node}

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
        known = None if expected is None else decimal(expected, "what was expected")
        place = location or next(iter(self.settings.get("locations", ())), str(self.settings["store"]))
        with self._till() as till:
            made = movement(till, product, place, found, known, outboxes(self.path))

        def build(id_: str) -> tuple[str, Body]:
            at = {"at": instant(self._now()), "reason": reason}
            return "", {"extensions": made["extensions"], "movement_id": id_, **made, **at}

        return self._write("InventoryMovement", build, id)

    def redeem_points(
        self,
        account: str,
        points: Number,
        receipt: str = "",
        customer: Customer | str = "",
        *,
        authorization_id: str = "",
        operator: str = "",
        id: str = "",
    ) -> Written:
        """Write that ``points`` of an account were redeemed for a receipt, as an entry of its history. Where the hub
        says so it needs an authorization: the one that is named, or one out of a right. Raises ``NotAuthorized``."""
        taken = decimal(points, "the points")
        if taken <= 0:
            raise SaleRefused("points are redeemed, more than none")
        who = customer.id if isinstance(customer, Customer) else customer
        with self._till() as till:
            policy = policy_of(self._rules(till), "points_redeem")
        named: dict[str, Any] = {}
        question = Question("points_redeem", taken, "", who, account, operator=operator)
        needs = [self._need(question, authorization_id, named)] if policy else []

        def build(id_: str) -> tuple[str, Body]:
            entry = {**named, "entry_id": id_, "account_id": account, **({"party_id": who} if who else {})}
            entry |= {"type": "redeem", "points": text(-taken), "at": instant(self._now())}
            ref = {"ref": {"type": "receipt", "id": receipt}} if receipt else {}
            return "", {**entry, **ref, "pos_id": self.node}

        return self._write("LoyaltyEntry", build, id, needs, who)
