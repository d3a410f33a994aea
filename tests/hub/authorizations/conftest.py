"""A hub with customers who have credit, and a till as the hub sees it: what it uploads and asks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.authorizations.deciding import Asking, decide
from hub.authorizations.policies import shipped
from hub.authorizations.pools import Pool, pool_at
from hub.authorizations.rebalancing import rebalance
from hub.model import LoyaltyEntry, Party
from hub.replication import Store, scopes_of
from hub.replication.intake import take
from hub.repository import Repository
from hub.repository.rights import PoolName, RightRecord

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORE = Store(id="S001", mode="distributed", currency="EUR", territories=("N",))


@pytest.fixture
def repo(database_url: str) -> Iterator[Repository]:
    with Repository.open(database_url, scope_function=scopes_of, busy_seconds=20) as opened:
        yield opened


class Desk:
    """The hub's side in a test: customers, questions and what is in the pools."""

    def __init__(self, repo: Repository) -> None:
        self.repo, self.now, self.policies = repo, NOW, shipped().model_copy(update={"share": Decimal("0.8")})

    def customer(self, number: str = "C1", limit: str = "1000", **more: Any) -> str:
        """Store a customer, or its next version; its document's id."""
        credit = {"limit": {"amount": limit, "currency": "EUR"}, **more.pop("credit", {})} if limit else {}
        data = {"external_id": number, "legal_name": number, "roles": ["customer"], "territory": "N", "credit": credit}
        with self.repo.begin() as tx:
            return tx.put(Party.from_json("Party", {**data, **more}), system="erp").id

    def points(self, account: str, points: str) -> None:
        entry = {"entry_id": str(uuid.uuid4()), "account_id": account, "type": "earn", "points": points,
                 "at": "2026-01-01T00:00:00Z"}  # fmt: skip
        with self.repo.begin() as tx:
            tx.put(LoyaltyEntry.from_json("LoyaltyEntry", entry))

    def ask(self, till: Till, question: dict[str, Any]) -> dict[str, Any]:
        asking = Asking(till.node, till.store.id, till.store.mode, till.outbox)
        return json.loads(decide(self.repo, asking, question, self.now, self.policies))

    def rebalance(self) -> dict[str, int]:
        return rebalance(self.repo, self.policies, self.now).as_dict()

    def pool(self, name: PoolName) -> Pool:
        with self.repo.begin() as tx:
            held = tx.lock_pools({name: ""})[name]
            return pool_at(tx, held, self.policies)

    def credit(self, party: str) -> Pool:
        return self.pool(PoolName("credit", party=party, currency="EUR"))

    def right(self, node: str) -> RightRecord:
        with self.repo.read() as tx:
            (found,) = tx.rights(holder=node)
        return found


class Till:
    """A till that keeps to the protocol, as far as the hub sees it."""

    def __init__(self, desk: Desk, terminal: str = "1", store: Store = STORE) -> None:
        self.desk, self.store, self.node = desk, store, f"{store.id}-{terminal}"
        self.outbox, self.seq, self.waiting = str(uuid.uuid4()), 0, list[dict[str, Any]]()

    def write(self, kind: str, id_: str = "", **body: Any) -> str:
        """Put a document into the outbox; its id."""
        self.seq += 1
        new, moment = id_ or str(uuid.uuid4()), self.desk.now
        clock = f"{moment:%Y-%m-%dT%H:%M:%S}.000Z-0000-{self.node}"
        self.waiting.append(
            {"seq": self.seq, "id": new, "kind": kind, "created_at": moment.isoformat(), "clock": clock, "body": body}
        )
        return new

    def sale(self, party: str, amount: str, authorization: str = "", **more: Any) -> str:
        key = {"store": self.store.id, "workstation": self.node.partition("-")[2], "sequence": str(self.seq + 1),
               "business_day": "2026-03-01"}  # fmt: skip
        tender = {"type": "account", "amount": {"amount": amount, "currency": "EUR"}}
        tender |= {"authorization_id": authorization} if authorization else {}
        return self.write("PosTransaction", key=key, customer_id=party, currency="EUR", tenders=[tender], **more)

    def decision(self, party: str, amount: str, decision: str = "approved", **more: Any) -> str:
        """A decision of its own."""
        id_ = str(uuid.uuid4())
        return self.write(
            "Authorization", id_, **{
                "authorization_id": id_, "operation": "credit_sale", "party_id": party, "decision": decision,
                "amount": {"amount": amount, "currency": "EUR"}, "requested_at": "2026-03-01T12:00:00Z",
                "pos_id": self.node, "offline": True, **more,
            }
        )  # fmt: skip

    def redeem(self, account: str, points: str, right: str) -> None:
        """Points redeemed out of a right: the decision and the entry."""
        id_ = str(uuid.uuid4())
        common = {"account_id": account, "pos_id": self.node}
        self.write(
            "Authorization", id_, **common, authorization_id=id_, operation="points_redeem", points=points,
            requested_at="2026-03-01T12:00:00Z", decision="approved", offline=True, right_id=right,
        )  # fmt: skip
        self.write(
            "LoyaltyEntry", **common, entry_id=f"e-{id_}", type="redeem", points=f"-{points}",
            at="2026-03-01T12:00:00Z", extensions={"authorization": id_},
        )  # fmt: skip

    def give_back(self, right: str, amount: str) -> str:
        id_ = str(uuid.uuid4())
        body = {
            "return_id": id_,
            "right_id": right,
            "amount": amount,
            "at": "2026-03-01T12:00:00Z",
            "pos_id": self.node,
        }
        return self.write("RightReturn", id_, **body)

    def upload(self, *demand: tuple[str, str], resource: str = "credit") -> list[dict[str, Any]]:
        """Send what waits, and what was needed: pairs of a customer (or account) and an amount."""
        named = "party_id" if resource == "credit" else "account_id"
        wanted = [
            {"resource": resource, named: who, "currency": "EUR" if resource == "credit" else "", "wanted": amount}
            for who, amount in demand
        ]
        body = {"node": self.node, "outbox": self.outbox, "demand": wanted, "documents": self.waiting}
        answer = take(self.desk.repo, self.store, body, self.desk.now, None, None, self.desk.policies)
        self.waiting = []
        results: list[dict[str, Any]] = answer["results"]
        return results

    def question(self, party: str, amount: str, **more: Any) -> dict[str, Any]:
        return {
            "authorization_id": str(uuid.uuid4()), "operation": "credit_sale", "party_id": party,
            "amount": {"amount": amount, "currency": "EUR"}, "requested_at": "2026-03-01T12:00:00Z", **more,
        }  # fmt: skip


@pytest.fixture
def desk(repo: Repository) -> Desk:
    return Desk(repo)


@pytest.fixture
def till(desk: Desk) -> Till:
    return Till(desk)


@pytest.fixture
def new_till(desk: Desk) -> Callable[..., Till]:
    """Makes another till of the store, or of another one."""

    def make(terminal: str, store: Store = STORE) -> Till:
        return Till(desk, terminal, store)

    return make


@pytest.fixture
def later(desk: Desk) -> Callable[..., None]:
    """Lets time pass."""

    def pass_(**time: float) -> None:
        desk.now += timedelta(**time)

    return pass_
