"""One script of a day, run at an autonomous, a distributed and a centralized store through the real server: each has
its own way to decide, and the hub knows the same afterwards."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub import jobs
from hub.authorizations.policies import load_policies
from hub.authorizations.pools import pool_at
from hub.model import LoyaltyEntry, Party, Price, Product
from hub.replication import scopes_of
from hub.repository import Repository
from hub.repository.rights import PoolName
from hub.workspace import initialize
from hub_pos import Register, ReturnLine, SaleLine, Tender, Till
from hub_pos.client import HubClient, register
from hub_pos.upload import Uploader
from hub_pos.verifying import verify

MODES = ("autonomous", "distributed", "centralized")
NODES = ("A-1", "D-1", "D-2", "C-1")
IDS = {"A": "0197a0aa", "D": "0197a0bb", "C": "0197a0cc"}
STORE = """
[[store]]
id = "{id}"
mode = "{mode}"
currency = "EUR"
time_zone = "Europe/Berlin"
territories = ["{id}"]
assortments = ["*"]
price_lists = ["RTL"]
locations = ["K{id}"]
"""
POLICY = """
share = 0.8
[operations.price_override]
ask = { centralized = "always" }
[operations.return_without_receipt]
ask = { centralized = "always" }
"""
# What says when and how it was decided, and not what happened.
HOW = frozenset((
    "processing_mode", "offline", "prices_version", "began", "ended", "at", "requested_at", "decided_at", "expires_at",
    "limit", "right_id", "reason_codes",
))  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, database_url: str) -> Path:
    made = initialize(tmp_path / "ws")
    (made / "stores.toml").write_text("".join(STORE.format(id=mode[0].upper(), mode=mode) for mode in MODES))
    (made / "authorizations.toml").write_text(POLICY)
    settings = made / "hub.toml"
    settings.write_text(settings.read_text().replace('"sqlite:///hub.db"', json.dumps(database_url)))
    return made


@pytest.fixture
def repo(root: Path, database_url: str) -> Iterator[Repository]:
    with Repository.open(database_url, scope_function=scopes_of, busy_seconds=20) as opened:
        with opened.begin() as tx:
            code = [{"scheme": "gtin", "value": "04006381333931"}]
            tx.put(Product(external_id="1", identifiers=code, category="food", name=[{"value": "Tea"}]), system="e")
            cost = {"amount": Decimal("2.50"), "currency": "EUR"}
            tx.put(Price(external_id="1", identifiers=code, price_list="RTL", price=cost), system="e")
            for mode in MODES:
                store = mode[0].upper()
                credit = {"limit": {"amount": "1000", "currency": "EUR"}}
                number = [{"scheme": "seller_assigned", "value": f"100-{store}"}]
                tx.put(
                    Party(external_id=store, legal_name="Cole", roles=["customer"], territory=store, credit=credit,
                          identifiers=number), system="e",
                )  # fmt: skip
                earned = {"entry_id": f"e{store}", "account_id": f"acc-{store}", "type": "earn", "points": "100"}
                tx.put(LoyaltyEntry.from_json("LoyaltyEntry", {**earned, "at": "2026-01-01T00:00:00Z"}))
        for node in NODES:
            opened.retrying(lambda tx, node=node: tx.invite_node(node, node[0], f"of {node}", timedelta(1)))
        yield opened


class Day:
    """A till with its line to the hub, and the day's script."""

    def __init__(self, server: Any, root: Path, folder: Path, node: str, mode: str = "distributed") -> None:
        self.server, self.root, self.node, self.mode = server, root, node, mode
        self.path = folder / f"{node[0]}.sqlite"
        if not self.path.exists():
            register(self.path, server.url, node, f"of {node}")
        self.client = HubClient(self.path)
        self.client.pull()
        self.asked = self.began = 0

    def ask(self, question: Any, outbox: str) -> str:
        self.asked += 1
        return self.client.authorize(question, outbox)

    def open(self) -> Register:
        return Register(self.path, self.node[2:])

    def send(self, desk: Register) -> None:
        report = Uploader(desk.outbox, self.client.send).upload()
        assert (report.waiting, report.errors, report.quarantined) == (0, [], 0)

    def want(self) -> None:
        """Yesterday: nobody had any rights, and the hub hears of it."""
        with self.open() as desk:
            desk.authorize("credit_sale", f"100-{self.node[0]}", amount=450)
            desk.authorize("points_redeem", points=30, account=f"acc-{self.node[0]}")
            self.send(desk)
            self.began = desk.outbox.last()

    def run(self) -> None:
        """The script. Only who decides, and when it is uploaded, differs: at night, now and then, at once."""
        every = {"autonomous": 100, "distributed": 4, "centralized": 1}[self.mode]
        store, ids = self.node[0], count(1)

        def uuid() -> str:
            return f"{IDS[store]}-0000-7000-8000-{next(ids):012x}"

        with self.open() as desk, Till(self.path) as till:
            (known,) = till.find_customer(f"100-{store}")
            product = till.product_by_barcode("4006381333931")
            assert product is not None
            how = {"offline": self.mode != "centralized"}

            def authorized(operation: str, **what: Any) -> str:
                decision = desk.authorize(operation, **what, ask=self.ask)
                assert decision.approved, decision
                return decision.id

            def written(_: Any) -> None:
                if len(list(desk.outbox.entries(waiting=True))) >= every:
                    self.send(desk)

            receipts = []
            for quantity in range(1, 4):
                lines = [SaleLine(product, quantity, tax_percent="7")]
                receipts.append(desk.sell(lines, [Tender("cash", 20)], id=uuid(), **how))
                written(None)
            for amount in (300, 150):
                id_ = authorized("credit_sale", customer=known, amount=amount)
                paid = [Tender("account", amount, authorization_id=id_)]
                written(desk.sell([SaleLine("x", 1, amount)], paid, known, id=uuid(), **how))
            assert not desk.authorize("credit_sale", known, amount=1500, ask=self.ask).approved
            written(desk.sell([SaleLine("x", 1, 1500)], [Tender("card", 1500)], known, id=uuid(), **how))
            line = SaleLine(product, 2, "2.00", tax_percent="7")
            id_ = authorized("price_override", line=line)
            line = SaleLine(product, 2, "2.00", tax_percent="7", authorization_id=id_)
            written(desk.sell([line], [Tender("cash", 4)], id=uuid(), **how))
            written(desk.take_back(receipts[2].number, [ReturnLine("1", 2)], "broken", id=uuid(), **how))
            id_ = authorized("return_without_receipt", amount="2.50")
            goods = [ReturnLine("", 1, product, "2.50", "7")]
            written(desk.take_back("", goods, "no receipt", id=uuid(), authorization_id=id_, **how))
            id_ = authorized("points_redeem", customer=known, points=30, account=f"acc-{store}")
            written(desk.redeem_points(f"acc-{store}", 30, receipts[0].number, known, id=uuid(), authorization_id=id_))
            # One that the customer thinks better of.
            desk.void_authorization(authorized("credit_sale", customer=known, amount=20))
            new = desk.register_customer(name="Ada", email="ada@x.example", id=uuid())
            written(new)
            written(desk.sell([SaleLine("x", 1, "3")], [Tender("card", 3)], new, id=uuid(), **how))
            written(desk.change_customer(new, phone="1", id=uuid()))
            written(desk.change_customer(known, city="Kiel", id=uuid()))
            written(desk.count_stock(product, 4, expected=5, id=uuid()))
            self.send(desk)


def test_a_day_ends_in_the_same_hub_state(repo: Repository, root: Path, tmp_path: Path, running: Any) -> None:
    with running(repo, root) as server, ExitStack() as lines:

        def settle() -> None:
            jobs.rebalance_rights(root)
            jobs.seal(root)
            server.service.refresh()

        settle()
        folders = [tmp_path / name for name in "adoc"]
        for folder in folders:
            folder.mkdir()
        days = [
            Day(server, root, folders[0], "A-1", "autonomous"),
            Day(server, root, folders[1], "D-1"),
            Day(server, root, folders[3], "C-1", "centralized"),
        ]
        other = Day(server, root, folders[2], "D-2")
        for day in (*days, other):
            lines.callback(day.client.close)
        for day in (*days[:2], other):
            day.want()
        settle()
        states = []
        for day in days:
            day.client.pull()
            day.run()
            states.append(state_of(repo, day.node, day.began))
        # At the autonomous store nobody is asked. The distributed one shares its customer's rights with another till,
        # and asks where they do not reach; the third asks always.
        assert [day.asked for day in days] == [0, 2, 7]
        kinds = Counter(kind for kind, _ in states[0])
        assert kinds == {
            "PosTransaction": 10, "Authorization": 8, "Party": 3, "LoyaltyEntry": 1, "InventoryMovement": 1,
        }  # fmt: skip
        assert states[1] == states[0]
        assert states[2] == states[0]
        left = [in_the_pools(repo, root, day.node[0]) for day in days]
        assert left == [(Decimal(550), Decimal(70))] * 3
        settle()
        assert [verify(day.client).found.differ for day in days] == [()] * 3, "rows of rights are compared as others"


def state_of(repo: Repository, node: str, began: int) -> list[tuple[str, str]]:
    """What the documents after the place ``began`` say, without names and ids, and without how it was decided."""
    out, store = [], node[0]
    with repo.read() as tx:
        party = tx.find("Party", system="e", external_id=store)
        assert party is not None
        for record in tx.uploads(node=node):
            if record.entry.seq <= began:
                continue
            document = tx.get(record.entry.kind, record.document_id)
            assert document is not None
            data = {name: value for name, value in document.data().items() if name not in HOW}
            text = json.dumps(data, sort_keys=True).replace(party.id, "CUSTOMER").replace(IDS[store], "ID")
            text = re.sub(r"0[0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "SOME", text)
            for name in (
                f"acc-{store}",
                f"{node}-",
                f'"{store}"',
                f'"{node}"',
                f'"K{store}"',
                f"100-{store}",
                f'store:{store}"',
            ):
                text = text.replace(name, "STORE")
            out.append((record.entry.kind, text))
    return sorted(out)


def in_the_pools(repo: Repository, root: Path, store: str) -> tuple[Decimal, Decimal]:
    """What there is of the customer's credit and of its points, for the hub and its tills together."""
    with repo.begin() as tx:
        party = tx.find("Party", system="e", external_id=store)
        assert party is not None
        names = [PoolName("credit", party=party.id, currency="EUR"), PoolName("points", account=f"acc-{store}")]
        pools = tx.lock_pools(dict.fromkeys(names, party.id))
        credit, points = (pool_at(tx, pools[name], load_policies(root)) for name in names)
        assert credit.approved == points.approved == 0
        return credit.capacity, points.capacity
