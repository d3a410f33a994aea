"""Credit off line: customers who buy on account at stores that are off line part of the time. The hub's own pools and
sharing, and real tills: replicas, outboxes, uploads. Beside it the policies of tills without rights, by the same sales.

    python -m tests.bench rights --customers 3000 --stores 200 --days 5 --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hub.authorizations.deciding import Asking, decide
from hub.authorizations.policies import Rule, shipped
from hub.authorizations.rebalancing import rebalance
from hub.model import Party
from hub.replication import Store, replicate, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub_pos import Register, SaleLine, Tender
from hub_pos.plugin import hub_register_replicas
from hub_pos.upload import Uploader
from tests.bench.timing import say

# Later than any real clock: replicas are as of the real time, and a till's clock is never before its replica's.
BEGIN = datetime(2100, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated. Every customer has a home store, where it buys ``at_home`` of the time, and buys elsewhere
    else. A store is off line for ``away`` of the time, in pieces of ``piece`` hours on average. While it is on line it
    uploads and is replicated every ``tick``. Each customer pays what the ERP knows once a week, at night."""

    customers: int = 3_000
    stores: int = 200
    days: int = 5
    a_day: float = 0.75
    amounts: tuple[int, int] = (20, 300)
    at_home: float = 0.8
    away: float = 0.1
    piece: float = 12.0
    tick: timedelta = 3 * HOUR
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Purchase:
    """A customer wants to buy on account."""

    at: datetime
    customer: int
    store: int
    amount: int


@dataclass(slots=True)
class Tally:
    """What became of the purchases. ``over`` are the customers who owed more than their limit at some time."""

    approved: int = 0
    rightly: int = 0
    wrongly: int = 0
    over: set[int] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        return self.approved + self.rightly + self.wrongly

    def count(self, owed: Decimal | int, purchase: Purchase, approved: bool) -> None:
        """``owed`` before the purchase."""
        fits = owed + purchase.amount <= LIMIT
        if approved:
            self.approved += 1
            if not fits:
                self.over.add(purchase.customer)
        elif fits:
            self.wrongly += 1
        else:
            self.rightly += 1

    def line(self, customers: int) -> str:
        part = 100 / max(self.asked, 1)
        return (
            f"approved {self.approved * part:5.1f} %   wrongly declined {self.wrongly * part:5.1f} %   "
            f"over the limit {100 * len(self.over) / customers:5.1f} % of customers"
        )


def purchases(plan: Plan) -> list[Purchase]:
    """Everything that customers want, in order of time."""
    draw, own = random.Random(f"purchases {plan.seed}"), homes(plan)
    out = []
    for customer in range(plan.customers):
        home, at = own[customer], BEGIN
        while (at := at + DAY * draw.expovariate(plan.a_day)) < BEGIN + plan.days * DAY:
            store = home if draw.random() < plan.at_home else draw.randrange(plan.stores)
            out.append(Purchase(at.replace(microsecond=0), customer, store, draw.randint(*plan.amounts)))
    return sorted(out, key=lambda one: (one.at, one.customer))


def homes(plan: Plan) -> list[int]:
    """The home store of each customer."""
    draw = random.Random(f"homes {plan.seed}")
    return [draw.randrange(plan.stores) for _ in range(plan.customers)]


def outages(plan: Plan) -> list[Callable[[datetime], bool]]:
    """For each store: whether it is off line at a time (asked in order of time)."""
    out = []
    for store in range(plan.stores):
        out.append(_Line(random.Random(f"line {plan.seed} {store}"), plan).away)
    return out


class _Line:
    def __init__(self, draw: random.Random, plan: Plan) -> None:
        self._draw, self._off = draw, draw.random() < plan.away
        self._means = {True: plan.piece, False: plan.piece * (1 - plan.away) / plan.away}
        self._until = BEGIN + self._piece()

    def _piece(self) -> timedelta:
        return HOUR * self._draw.expovariate(1 / self._means[self._off])

    def away(self, at: datetime) -> bool:
        while self._until <= at:
            self._off = not self._off
            self._until += self._piece()
        return self._off


def pays(plan: Plan, night: int) -> Iterator[int]:
    """The customers who pay in a night."""
    return iter(range(night % 7, plan.customers, 7))


class World:
    """A hub, its stores and their tills, each a real file; time is the plan's."""

    def __init__(self, folder: Path, url: str, plan: Plan, stack: ExitStack) -> None:
        self.plan, self.now = plan, BEGIN
        # This ERP states its balance at once, with every sale that the hub has.
        self.policies = shipped().model_copy(
            update={
                "settled_hours": 0,
                "operations": {"credit_sale": Rule(resource="credit", ask={"distributed": "beyond"})},
            }
        )
        self.repo = stack.enter_context(Repository.open(url, scope_function=scopes_of))
        self.types: Mapping[str, Any] = {offered.kind: offered for offered in hub_register_replicas()}
        self.stores = [
            Store(
                id=f"S{number:03d}", mode="distributed", currency="EUR", path=folder / f"S{number:03d}.sqlite",
                territories=("*",), assortments=(), price_lists=(), locations=(), all_orders=False,
            )
            for number in range(plan.stores)
        ]  # fmt: skip
        self.parties = self._customers(range(plan.customers))
        self.replicate(self.stores)
        self.tills = [
            stack.enter_context(Register(store.path, now=lambda: self.now)) for store in self.stores if store.path
        ]
        self.away = outages(plan)
        self.owed = [Decimal(0)] * plan.customers  # in truth
        self.known = [Decimal(0)] * plan.customers  # by the ERP: what was uploaded, less what was paid
        self.changed: set[int] = set()
        self.number = {party: customer for customer, party in enumerate(self.parties)}
        self.tally = Tally()

    def _customers(self, numbers: Any, balances: Any = None) -> list[str]:
        """Tell the hub what the ERP says of customers; their ids."""
        documents = []
        for number in numbers:
            credit: dict[str, Any] = {"limit": {"amount": str(LIMIT), "currency": "EUR"}}
            if balances is not None:
                credit["balance"] = {"amount": f"{balances[number]:f}", "currency": "EUR"}
                credit["balance_as_of"] = self.now.isoformat()
            data = {"external_id": f"C{number}", "legal_name": f"Customer {number}", "credit": credit}
            documents.append(Party.from_json("Party", data))
        with self.repo.begin() as tx:
            return [one.id for one in tx.put_many(documents, system="erp")]

    def replicate(self, stores: list[Store]) -> None:
        summary = replicate(self.repo, stores, self.types, authorizations=self.policies)
        assert not summary.failed, summary.failed

    def run(self, wanted: list[Purchase]) -> Tally:
        """Everything that happens, in order of time."""
        coming, at, night = iter([*wanted, None]), BEGIN + self.plan.tick, 1
        one = next(coming)
        while at <= BEGIN + self.plan.days * DAY:
            while one is not None and one.at < at:
                self.now = one.at
                self.buy(one)
                one = next(coming)
            self.now = at
            if at >= BEGIN + night * DAY:
                self.pay(night)
                night += 1
            self.tick()
            at += self.plan.tick
        return self.tally

    def buy(self, one: Purchase) -> None:
        """One customer at one till: a decision, and the sale if it is approved."""
        till, store, party = self.tills[one.store], self.stores[one.store], self.parties[one.customer]

        def ask(question: Mapping[str, Any], outbox: str) -> str:
            asking = Asking(till.node, store.id, store.mode, outbox)
            return decide(self.repo, asking, question, self.now, self.policies)

        away = self.away[one.store](self.now)
        decision = till.authorize("credit_sale", party, amount=one.amount, ask=None if away else ask)
        self.tally.count(self.owed[one.customer], one, decision.approved)
        if decision.approved:
            tender = Tender("account", one.amount, authorization_id=decision.id)
            till.sell([SaleLine("goods", 1, one.amount)], [tender], party)
            self.owed[one.customer] += one.amount
        elif self.owed[one.customer] + one.amount <= LIMIT:
            self.tally.reasons["off line" if away else " ".join(decision.reasons)] += 1

    def pay(self, night: int) -> None:
        """Customers pay, and the ERP states every balance that changed."""
        for customer in pays(self.plan, night):
            self.owed[customer] -= self.known[customer]
            self.known[customer] = Decimal(0)
            self.changed.add(customer)
        self._customers(sorted(self.changed), self.known)
        self.changed.clear()

    def tick(self) -> None:
        """Stores that are on line send what they have, the hub shares out, they get what is new."""
        there = [number for number, away in enumerate(self.away) if not away(self.now)]
        for number in there:
            report = Uploader(self.tills[number].outbox, self._send(number), now=lambda: self.now).upload()
            assert not report.errors, report.errors
            assert not report.quarantined, report
        rebalance(self.repo, self.policies, self.now)
        self.replicate([self.stores[number] for number in there])

    def _send(self, number: int) -> Callable[[bytes], bytes]:
        def send(body: bytes) -> bytes:
            answer = take(self.repo, self.stores[number], body, self.now, None, None, self.policies)
            for one in json.loads(body)["documents"]:
                if one["kind"] == "PosTransaction":
                    customer = self.number[one["body"]["customer_id"]]
                    self.known[customer] += Decimal(one["body"]["total"]["amount"])
                    self.changed.add(customer)
            return json.dumps(answer).encode()

        return send


class Alone:
    """Tills without rights, over the same sales. ``share`` is what part of a customer's room the till may give at its
    home store and elsewhere, ``card`` what part is counted on the customer's card; payments reach everybody at once."""

    def __init__(self, plan: Plan, home: Fraction = Fraction(0), else_: Fraction = Fraction(0), card: int = 0) -> None:
        self.plan, self.home, self.else_, self.card = plan, home, else_, Fraction(card, 100)
        self.homes = homes(plan)
        self.owed = [0] * plan.customers
        self.paid_to = [0] * plan.customers  # what was owed when the room was last shared out
        self.at_store: Counter[tuple[int, int]] = Counter()
        self.on_card: Counter[int] = Counter()

    def approves(self, one: Purchase, *, on_line: bool) -> bool:
        """Whether the till approves, by what it knows."""
        room = LIMIT - self.paid_to[one.customer]
        part = self.home if one.store == self.homes[one.customer] else self.else_
        if self.at_store[one.customer, one.store] + one.amount <= part * room:
            self.at_store[one.customer, one.store] += one.amount
            return True
        if self.on_card[one.customer] + one.amount <= self.card * room:
            self.on_card[one.customer] += one.amount
            return True
        return False

    def paid(self, customer: int) -> None:
        """A customer has paid: its room is shared out anew."""
        self.paid_to[customer] = self.owed[customer]
        self.on_card.pop(customer, None)
        for key in [key for key in self.at_store if key[0] == customer]:
            del self.at_store[key]

    def heard(self, store: int) -> None:
        """A store is on line."""

    def run(self, wanted: list[Purchase]) -> Tally:
        """Everything in order of time; what is uploaded and paid as in ``World``."""
        tally, away = Tally(), outages(self.plan)
        known = [0] * self.plan.customers
        waiting: dict[int, list[Purchase]] = {}
        coming, at, night = iter([*wanted, None]), BEGIN + self.plan.tick, 1
        one = next(coming)
        while at <= BEGIN + self.plan.days * DAY:
            while one is not None and one.at < at:
                approved = self.approves(one, on_line=not away[one.store](one.at))
                tally.count(self.owed[one.customer], one, approved)
                if approved:
                    self.owed[one.customer] += one.amount
                    waiting.setdefault(one.store, []).append(one)
                one = next(coming)
            if at >= BEGIN + night * DAY:
                for customer in pays(self.plan, night):
                    self.owed[customer] -= known[customer]
                    known[customer] = 0
                    self.paid(customer)
                night += 1
            for store in [number for number, gone in enumerate(away) if not gone(at)]:
                for sale in waiting.pop(store, ()):
                    known[sale.customer] += sale.amount
                self.heard(store)
            at += self.plan.tick
        return tally


class Stale(Alone):
    """Each store gives up to the whole limit, by what was owed when it was last on line and what it has sold since. On
    line it knows everything."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.seen = [[0] * plan.customers for _ in range(plan.stores)]

    def approves(self, one: Purchase, *, on_line: bool) -> bool:
        seen = self.seen[one.store]
        owed = self.owed[one.customer] if on_line else seen[one.customer]
        seen[one.customer] = owed + one.amount if owed + one.amount <= LIMIT else owed
        return owed + one.amount <= LIMIT

    def heard(self, store: int) -> None:
        self.seen[store] = [*self.owed]


class Carried(Alone):
    """What is owed stands on the customer's card, which nobody sets back."""

    def approves(self, one: Purchase, *, on_line: bool) -> bool:
        return self.owed[one.customer] + one.amount <= LIMIT


def simulated(plan: Plan, wanted: list[Purchase], url: str = "") -> tuple[World, Tally]:
    """The hub and its tills through all of ``wanted``, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        world = World(Path(folder), url or f"sqlite:///{folder}/hub.sqlite", plan, stack)
        return world, world.run(wanted)


def main(arguments: list[str]) -> int:
    """The policies of tills without rights, and the rights beside them; 1 where a customer owed more than the limit, or
    more than a tenth was wrongly declined."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench rights")
    for name in ("customers", "stores", "days", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Plan(), name))
    plan = Plan(**vars(parser.parse_args(arguments)))
    wanted = purchases(plan)
    say(
        f"{plan.customers} customers, {plan.stores} stores, {plan.days} days, {len(wanted)} purchases on account,"
        f" limit {LIMIT}; a store is off line {plan.away:.0%} of the time, {plan.piece:.0f} hours at once"
    )
    fifth, equal = Fraction(4, 5), Fraction(1, plan.stores)
    others: dict[str, Alone] = {
        "each store gives up to the whole limit": Stale(plan),
        "equal parts of all stores": Alone(plan, equal, equal),
        "80 % at the home store, 50 anywhere": Alone(plan, fifth, Fraction(50, LIMIT)),
        "80 % at the home store, 20 % on the card": Alone(plan, fifth, card=20),
        "all on the card": Carried(plan),
    }
    for name, policy in others.items():
        say(f"{name:<42} {policy.run(wanted).line(plan.customers)}")
    start = time.process_time()
    _, tally = simulated(plan, wanted)
    say(f"{'rights held by tills, the hub on line':<42} {tally.line(plan.customers)}")
    told = ", ".join(f"{name} {count}" for name, count in tally.reasons.most_common())
    say(f"wrongly declined: {told}; {time.process_time() - start:.0f} s of processor time")
    return int(bool(tally.over) or tally.wrongly > tally.asked / 10)
