"""The main job in EDIFACT and CSV, and on PostgreSQL: received, acknowledged, answered in the partner's own format."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest

from hub.exchange.deliver import deliver
from hub.exchange.receive import receive
from hub.exchange.scan import content_digest
from hub.exchange.session import Hub
from hub.repository.records import ExchangeState

RETAILER = """\
identities: {edifact: "14:4012345000016"}
our_identities: {edifact: "14:4012345000009"}
documents:
  - {direction: in, standard: edifact, message: ORDERS, version: D96A, response: accept_all}
  - {direction: out, standard: edifact, message: ORDRSP, version: D96A}
"""

MARKET = """\
defaults: {currency: EUR}
documents:
  - {direction: in, standard: csv, mapping: csv/marketplace-orders, files: "orders*.csv", response: accept_all}
  - {direction: out, standard: csv, mapping: csv/order-response}
"""

HEADER = "Bestellnummer;Bestelldatum;Pos;EAN;Menge;Einheit;Einzelpreis\n"


def edifact(reference: str = "1", number: str = "EPO1", quantity: str = "10") -> bytes:
    body = [
        f"BGM+220+{number}+9", "DTM+137:20260101:102", "NAD+BY+4012345000016::9", "NAD+SU+4012345000009::9",
        "CUX+2:EUR:9", "LIN+1++4012345000108:EN", f"QTY+21:{quantity}", "PRI+AAA:5.50", "UNS+S", "CNT+2:1",
    ]  # fmt: skip
    head = f"UNB+UNOC:3+4012345000016:14+4012345000009:14+260101:1200+{reference}"
    segments = [head, "UNH+1+ORDERS:D:96A:UN", *body, f"UNT+{len(body) + 2}+1", f"UNZ+1+{reference}"]
    return ("UNA:+.? '" + "'".join(segments) + "'").encode()


def test_an_edifact_order_is_acknowledged_and_answered(run, hub: Hub, workspace: Path) -> None:
    (workspace / "partners" / "retailer.yaml").write_text(RETAILER)
    (outcome,) = run(edifact(), folder="retailer")
    assert outcome.state is ExchangeState.ACCEPTED
    contents = [one.path.read_bytes() for one in deliver(hub)]
    assert any(b"CONTRL:D:3:UN" in text and b"UCI+1+4012345000016:14+4012345000009:14+7" in text for text in contents)
    assert any(b"ORDRSP:D:96A:UN" in text and b"RFF+ON:EPO1" in text for text in contents)
    (again,) = run(edifact(), folder="retailer")
    assert again.state is ExchangeState.DUPLICATE
    (reused,) = run(edifact(quantity="11"), folder="retailer")
    assert reused.state is ExchangeState.QUARANTINED
    assert b"+4+26" in b"".join(one.path.read_bytes() for one in deliver(hub))


def test_a_table_of_orders_is_answered_with_tables(run, hub: Hub, workspace: Path) -> None:
    (workspace / "partners" / "market.yaml").write_text(MARKET)
    table = HEADER + "M1;01.02.2026;1;4012345000108;2;Stk;8,49\nM1;01.02.2026;2;4012345000207;x;Stk;1\n"
    table += "M2;01.02.2026;1;4012345000108;3;Stk;8,49\n"
    (outcome,) = run(table.encode(), folder="market", name="orders-1.csv")
    assert (outcome.state, outcome.documents) == (ExchangeState.PARTIAL, {"Order": 1})
    done = {one.path.name: one.path.read_text() for one in deliver(hub)}
    assert sum("M2" in text for text in done.values()) == 2
    with hub.repository.read() as tx:
        assert tx.acknowledgments() == []
        order = tx.find("Order", number="M2")
        assert order is not None
        assert order.data()["currency"] == "EUR"
    (again,) = run(table.encode(), folder="market", name="orders-1.csv")
    assert again.state is not ExchangeState.ACCEPTED
    with hub.repository.read() as tx:
        assert len(tx.list("OrderResponse")) == 1


def test_a_table_of_nobody_is_quarantined(run, workspace: Path) -> None:
    (outcome,) = run((HEADER + "M1;01.02.2026;1;4012345000108;2;Stk;8,49\n").encode(), folder=".", name="x.csv")
    assert outcome.state is ExchangeState.QUARANTINED
    assert "inbox/NAME" in outcome.findings[0].message


@pytest.mark.parametrize("count", [0, 3, 3_000_000])
def test_white_space_around_an_interchange_does_not_make_it_another(hub: Hub, interchange, count: int) -> None:
    around = (b"\r\n" * count, b" \n" * count)
    plain = interchange(1, [f"PO{number}" for number in range(20)])
    first = hub.repository.store_payload(plain)
    wanted = content_digest(hub.repository, first, 0, first.size)
    second = hub.repository.store_payload(io.BytesIO(around[0] + plain + around[1]))
    assert content_digest(hub.repository, second, 0, second.size) == wanted
    third = hub.repository.store_payload(b"X" + around[0] + plain)
    assert content_digest(hub.repository, third, 1, third.size) == wanted


def test_on_postgresql_two_runs_cannot_both_take_one_interchange(
    postgresql_database: str, workspace: Path, plugins, interchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_TEST_DATABASE", postgresql_database)
    settings = workspace / "hub.toml"
    settings.write_text(settings.read_text().replace('"sqlite:///hub.db"', '"env:HUB_TEST_DATABASE"'))
    content = interchange(1, [f"PO{number}" for number in range(8)])
    files = [tmp_path / f"copy-{number}.edi" for number in range(4)]
    for file in files:
        file.write_bytes(content)
    states: list[ExchangeState] = []
    start = threading.Barrier(len(files))

    def work(file: Path) -> None:
        with Hub.open(workspace, plugins=plugins) as own:
            _ = own.repository
            start.wait()
            states.extend(outcome.state for outcome in receive(own, [file]))

    threads = [threading.Thread(target=work, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == sorted([ExchangeState.ACCEPTED, *[ExchangeState.DUPLICATE] * 3])
    with Hub.open(workspace, plugins=plugins) as own, own.repository.read() as tx:
        assert len(tx.list("Order")) == 8
        assert len(tx.list("OrderResponse")) == 8
        controls = sorted(int(one.control) for one in tx.exchanges(direction="out"))
        assert controls == [1, 2]
