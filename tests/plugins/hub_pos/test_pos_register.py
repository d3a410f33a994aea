"""What a till writes: on the disk when the call returns, word for word as the hub has its documents."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from hub.findings import Severity
from hub.model import Document, review
from hub_pos import Register, Replica, ReplicaMissing, ReturnLine, SaleLine, SaleRefused, Tender, Till
from hub_pos.clock import tick, uuid7
from hub_pos.errors import OutboxFailed
from hub_pos.outbox import Outbox, outbox_path

Make = Callable[..., dict[str, Any]]
NOON = datetime(2026, 3, 15, 11, 0, tzinfo=UTC)


@pytest.fixture
def register(shop: Path) -> Iterator[Register]:
    with Register(shop, "1", now=lambda: NOON) as opened:
        yield opened


def canonical(register: Register) -> list[Document]:
    """Everything in the outbox as the hub reads it; what was written is the canonical text to the letter."""
    documents = []
    for entry in register.outbox.entries():
        document = Document.from_json(entry.kind, entry.body)
        assert document.to_json() == entry.body
        assert [
            one for one in review(document) if one.severity is Severity.WARNING and one.code != "model.party.unnamed"
        ] == []
        documents.append(document)
    return documents


def test_a_sale(register: Register, shop: Path) -> None:
    with Till(shop) as till:
        (customer,) = till.find_customer("4711")
    receipt = register.sell(
        [
            SaleLine("4006381333931", 2, tax_percent="19"),
            SaleLine("SKU1", "0.5", discount="0.05", discount_reason="dent"),
        ],
        [Tender("card", "2.00", reference="t-1"), Tender("cash", "10")],
        customer,
        operator="op7",
    )
    assert receipt.number == "S001-1-1"
    assert (receipt.total, receipt.change) == (Decimal("5.20"), Decimal("6.80"))
    (sale,) = canonical(register)
    assert sale.key.model_dump(mode="json") | {"till": ""} == {
        "store": "S001", "workstation": "1", "sequence": "1", "business_day": "2026-03-15", "till": "",
    }  # fmt: skip
    assert (sale.began.local.isoformat(), sale.began.zone) == ("2026-03-15T12:00:00", "Europe/Berlin")
    assert [str(line.amount.amount) for line in sale.lines] == ["4.20", "1.00"]
    assert [str(line.price.amount) for line in sale.lines] == ["2.10", "2.10"]
    assert sale.lines[0].item.product_id == "p1"
    assert (str(sale.taxes[0].amount.amount), str(sale.taxes[0].taxable.amount)) == ("0.67", "3.53")
    assert (sale.processing_mode, sale.prices_version, sale.customer_id) == ("autonomous", "e1:17", customer.id)
    assert [(one.type, str(one.amount.amount)) for one in sale.tenders] == [
        ("card", "2.00"), ("cash", "10.00"), ("cash", "-6.80"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "amount", "tax"),
    [
        (SaleLine("x", "3", "0.335"), "1.01", None),  # 1.005: the half goes up
        (SaleLine("x", "1", "1.19", tax_percent="19"), "1.19", "0.19"),
        (SaleLine("x", "1", "1.00", tax_percent="19", tax_included=False), "1.00", "0.19"),
        (SaleLine("x", "7", "0.10", discount="0.005"), "0.70", None),
        (SaleLine("x", "0.333", "2.99", tax_percent="7"), "1.00", "0.07"),
    ],
)
def test_amounts(register: Register, line: SaleLine, amount: str, tax: str | None) -> None:
    due = Decimal(amount) + (Decimal(tax) if tax and line.tax_included is False else 0)
    receipt = register.sell([line], [Tender("card", due)])
    written = receipt.body["lines"][0]
    assert written["amount"]["amount"] == amount
    assert [one["amount"]["amount"] for one in written.get("taxes", ())] == ([tax] if tax else [])
    canonical(register)


@pytest.mark.parametrize(
    ("lines", "tenders", "problem"),
    [
        ([], [], "a sale has lines"),
        ([SaleLine("unknown")], [Tender("cash", 1)], "no price holds for 'unknown'"),
        ([SaleLine("SKU1", -1)], [Tender("cash", 1)], "goods come back by a return"),
        ([SaleLine("SKU1", 1)], [Tender("cash", 1)], "1.50 EUR is still to be paid"),
        ([SaleLine("SKU1", 1)], [Tender("card", 3)], "change is given for cash only"),
        ([SaleLine("SKU1", 1, 1.5)], [Tender("card", 3)], "not as float"),
        ([SaleLine("SKU1", "many")], [Tender("card", 3)], "is no number"),
        ([SaleLine("SKU1", 1, discount=-1)], [Tender("card", 3)], "would be put on"),
    ],
)
def test_a_sale_that_cannot_be_uses_no_number(
    register: Register, lines: list[SaleLine], tenders: list[Tender], problem: str
) -> None:
    with pytest.raises(SaleRefused, match=problem):
        register.sell(lines, tenders)
    assert register.sell([SaleLine("SKU1")], [Tender("cash", 5)]).number == "S001-1-1"
    assert register.outbox.last() == 1


def test_the_same_sale_again_is_the_same_receipt(register: Register) -> None:
    cart = uuid7(NOON)
    first = register.sell([SaleLine("SKU1")], [Tender("cash", 5)], id=cart)
    assert register.sell([SaleLine("SKU1")], [Tender("cash", 5)], id=cart) == first
    assert len(canonical(register)) == 1


def test_goods_come_back_for_what_was_paid(register: Register) -> None:
    sold = register.sell([SaleLine("x", 3, "0.333", tax_percent="19")], [Tender("card", "1.00")])
    back = [register.take_back(sold.number, [ReturnLine("1")], "broken") for _ in range(3)]
    assert sum(one.total for one in back) == -sold.total
    assert {one.body["tenders"][0]["type"] for one in back} == {"card"}
    assert back[0].body["lines"][0]["return_of"] == sold.body["key"]
    with pytest.raises(SaleRefused, match="3 were sold and 3 came back already"):
        register.take_back(sold.number, [ReturnLine("1")], "again")
    with pytest.raises(SaleRefused, match="no line '2'"):
        register.take_back(sold.number, [ReturnLine("2")], "again")
    canonical(register)


def test_of_many_who_take_back_the_last_pieces_as_many_succeed_as_there_are(register: Register, shop: Path) -> None:
    sold = register.sell([SaleLine("x", 2, "1")], [Tender("cash", 2)])
    ready = Barrier(5)

    def take_back() -> bool:
        with Register(shop, "1", now=lambda: NOON) as mine:
            ready.wait()
            try:
                mine.take_back(sold.number, [ReturnLine("1")], "broken")
            except SaleRefused:
                return False
            return True

    with ThreadPoolExecutor(5) as pool:
        done = [future.result() for future in [pool.submit(take_back) for _ in range(5)]]
    assert sum(done) == 2
    assert register.outbox.last() == 3


def test_a_return_to_another_terminal_and_of_another_store(register: Register, shop: Path) -> None:
    sold = register.sell([SaleLine("SKU1", 2)], [Tender("cash", 5)])
    key = {"store": "S009", "workstation": "4", "sequence": "77", "business_day": "2026-03-01"}
    with Register(shop, "2", now=lambda: NOON) as other:
        assert other.take_back(sold.number, [ReturnLine("1")], "size").number == "S001-2-1"
        line = ReturnLine("3", 1, item="4006381333931", price="1.99", tax_percent="19")
        assert other.take_back(key, [line], "gift").total == Decimal("-1.99")
        with pytest.raises(SaleRefused, match="is in no outbox here"):
            other.take_back("S009-4-77", [line], "gift")
        with pytest.raises(SaleRefused, match="needs the item and its price"):
            other.take_back(key, [ReturnLine("3")], "gift")
        canonical(other)


def test_customers_consents_points(register: Register, shop: Path) -> None:
    new = register.register_customer(
        given_name="Ada", family_name="King", email="a@k.example", card_no="99", city="Kiel"
    )
    assert (new.name, new.number, new.city) == ("Ada King", "99", "Kiel")
    register.sell([SaleLine("SKU1")], [Tender("cash", 5)], new)
    with Till(shop) as till:
        (known,) = till.find_customer("4711")
    register.change_customer(known, email="new@m.example", city="", on_hold=known.on_hold)
    register.record_consent(new, "marketing", "granted", ["email"])
    register.redeem_points("acc", "12.5", "S001-1-1", new)
    party, sale, change, consent, points = canonical(register)
    assert (party.external_id, sale.customer_id, consent.party_id) == (new.id, new.id, new.id)
    assert party.external_ids[0].system == "store:S001"
    assert change.party_id == known.id
    assert change.extensions["changed"] == {"email": None, "city": "Kiel"}
    assert points.points == Decimal("-12.5")
    with pytest.raises(SaleRefused, match="nothing of customer"):
        register.change_customer(known, city=known.city)
    with pytest.raises(SaleRefused, match="does not change credit_limit"):
        register.change_customer(known, credit_limit="1000")


def test_a_new_customer_is_found_at_its_terminal_before_the_hub_sends_it_back(
    register: Register, replica: Replica, checkpoint: Make
) -> None:
    new = register.register_customer(name="Zoë Kühn", card_no="4242", city="Kiel", email="Zoe@x.example")
    for text in ("kuhn kiel", "4242", "zoe@x.example", new.id):
        assert register.find_customer(text) == [new], text
    assert register.find_customer("kuhn hamburg") == register.find_customer(" ") == []
    assert [one.name for one in register.find_customer("kiel")] == ["Müller & Söhne", "Zoë Kühn"]
    row = {"name": "Zoë Kühn", "keys": [{"scheme": "id", "value": new.id}, {"scheme": "card_no", "value": "4242"}]}
    held = replica.cursor()["buckets"]
    replica.apply(checkpoint(17, 18, {"all": [(18, "customer", "c77", row)]}, held=held))
    assert [one.id for one in register.find_customer("4242")] == ["c77"]
    assert [one.id for one in register.find_customer(new.id)] == ["c77"]


def test_a_count_is_a_difference(register: Register, shop: Path) -> None:
    with Till(shop) as till:
        product = till.product_by_barcode("4006381333931")
    assert product is not None
    register.sell([SaleLine("SKU1", 2)], [Tender("cash", 5)])
    first = register.count_stock(product, 4)
    assert first.body["quantity"]["value"] == "-1"  # 7 by the hub, 2 sold here
    assert register.count_stock(product, 4).body["quantity"]["value"] == "0"
    assert register.count_stock(product, 9, expected=10).body["quantity"]["value"] == "-1"
    with pytest.raises(SaleRefused, match="say what was expected"):
        register.count_stock(product, 4, location="elsewhere")
    canonical(register)


def test_without_a_replica(tmp_path: Path, shop: Path) -> None:
    with pytest.raises(ReplicaMissing, match="does not know its store"):
        Register(tmp_path / "S7.sqlite")
    with Register(shop, "1", now=lambda: NOON) as register:
        shop.rename(shop.with_name("away"))
        shop.write_bytes(b"half a replica")
        receipt = register.sell([SaleLine("4006381333931", 2, "2.50", name="Käse")], [Tender("cash", 5)], "c-1")
        assert receipt.body["lines"][0]["item"]["identifiers"] == [{"scheme": "gtin", "value": "04006381333931"}]
        assert receipt.body["currency"] == "EUR"
    with Register(shop, "1", now=lambda: NOON) as again:  # knows its store by itself now
        assert again.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)]).number == "S001-1-2"
        canonical(again)


def test_an_outbox_stays_with_its_node(shop: Path, tmp_path: Path) -> None:
    Register(shop, "1").close()
    outbox_path(shop, "1").rename(outbox_path(tmp_path / "S002.sqlite", "9"))
    with pytest.raises(ReplicaMissing, match="is the outbox of S001-1, not of S001-9"):
        Register(tmp_path / "S002.sqlite", "9")


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-03-15T02:59:00+00:00", "2026-03-14"), ("2026-03-15T03:00:00+00:00", "2026-03-15"),
     ("2026-03-29T01:59:00+00:00", "2026-03-28"), ("2026-03-29T02:00:00+00:00", "2026-03-29")],
)  # fmt: skip
def test_the_day_of_the_shop(shop: Path, moment: str, day: str) -> None:
    with closing(sqlite3.connect(shop)) as replica, replica:
        replica.execute("INSERT OR REPLACE INTO setting VALUES ('day_begins', '\"04:00\"')")
    with Register(shop, "1", now=lambda: datetime.fromisoformat(moment)) as register:
        receipt = register.sell([SaleLine("x", 1, "1")], [Tender("cash", 1)])
    assert receipt.body["key"]["business_day"] == day


def test_the_clock_never_goes_back() -> None:
    first = tick("", NOON, "", "S1-1")
    assert first == "2026-03-15T11:00:00.000Z-0000-S1-1"
    earlier = datetime(2026, 3, 15, 10, tzinfo=UTC)
    readings = [first]
    for _ in range(70_000):
        readings.append(tick(readings[-1], earlier, "", "S1-1"))
    assert readings == sorted(set(readings))
    assert tick(first, earlier, "2026-03-15T12:00:00+01:00", "S1-1") > first
    assert tick("", earlier, "2026-03-16T00:00:00+00:00", "S1-1").startswith("2026-03-16T00:00:00.000Z-0000")


SELLER = """
import sys
from hub_pos import Register, SaleLine, Tender
with Register(sys.argv[1], "1", store="S001") as register:
    for _ in range(int(sys.argv[2])):
        print(register.sell([SaleLine("x", 1, "1")], [Tender("cash", "1")]).number, flush=True)
"""


def test_processes_on_one_outbox_lose_and_double_no_number(tmp_path: Path) -> None:
    replica = tmp_path / "S001.sqlite"
    sellers = [
        subprocess.Popen([sys.executable, "-c", SELLER, str(replica), "25"], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    printed = [line for seller in sellers for line in seller.communicate()[0].split()]
    assert sorted(printed) == sorted(f"S001-1-{number}" for number in range(1, 76))
    with closing(Outbox(outbox_path(replica, "1"))) as outbox:
        assert [entry.seq for entry in outbox.entries()] == list(range(1, 76))
        clocks = [entry.clock for entry in outbox.entries()]
    assert clocks == sorted(set(clocks))


def test_an_outbox_of_the_first_version_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "S001.outbox.sqlite"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "CREATE TABLE outbox (origin_seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT"
            " NULL, body TEXT NOT NULL, created_at TEXT NOT NULL, acknowledged_at TEXT)"
        )
        old.execute("INSERT INTO outbox (id, kind, body, created_at) VALUES ('i', 'k', '{}', 'then')")
    with closing(Outbox(path)) as outbox:
        (entry,) = outbox.entries(waiting=True)
    assert (entry.seq, entry.id, entry.clock, entry.number) == (1, "i", "", "")


def test_a_damaged_outbox_says_so(tmp_path: Path) -> None:
    path = outbox_path(tmp_path / "S001.sqlite", "1")
    path.write_bytes(b"no database" * 200)
    with pytest.raises(ReplicaMissing, match="may hold sales"):
        Register(tmp_path / "S001.sqlite", "1", store="S001")


def test_a_full_disk_refuses_the_sale_and_uses_no_number(register: Register) -> None:
    pages = register.outbox._connection.execute("PRAGMA page_count").fetchone()[0]
    register.outbox._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    many = [SaleLine("x", 1, "1")] * 200
    with pytest.raises(OutboxFailed, match="Nothing was written: print nothing"):
        register.sell(many, [Tender("cash", 200)])
    register.outbox._connection.execute("PRAGMA max_page_count = 1000000")
    assert register.sell(many, [Tender("cash", 200)]).number == "S001-1-1"
    assert register.outbox.last() == 1
