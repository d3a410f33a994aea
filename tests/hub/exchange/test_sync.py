"""Endpoints: pulled with watermarks, pushed under keys, cut off and continued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ConfigurationError, DocumentRejected, TemporaryError
from hub.exchange.deliver import requeue
from hub.exchange.session import Hub
from hub.exchange.sync import sync
from hub.findings import error, warning
from hub.model import Order, Party
from hub.plugins import Plugins
from hub.translation import ConnectorType, Pulled, Receipt
from hub.workspace import initialize


class Erp:
    """An ERP in memory, and the connector to it in one."""

    name = "erp"
    system = "erp"

    def __init__(self) -> None:
        self.parties: list[tuple[str, str]] = [("1", "Anna"), ("2", "Bert"), ("3", "Cleo")]
        self.orders: dict[str, str] = {}
        self.asked: list[str | None] = []
        self.fail_after = 99
        self.lost_answers = 0
        self.refuse: set[str] = set()

    def open(self, settings: Any) -> Erp:
        assert settings["file"].name == "erp.yaml"
        return self

    def pull(self, kind: str, since: str | None) -> Iterator[Pulled]:
        self.asked.append(since)
        for number, (id_, name) in enumerate(self.parties, 1):
            if id_ > (since or ""):
                if number > self.fail_after:
                    raise TemporaryError("the ERP is away")
                yield Pulled((_party(id_, name),), id_)

    def push(self, document: Order, key: str) -> Receipt:
        if document.buyer_order_id in self.refuse:
            raise DocumentRejected("no such customer", [error("erp.refused", "no such customer")])
        created = key not in self.orders
        self.orders.setdefault(key, document.buyer_order_id)
        if self.lost_answers:
            self.lost_answers -= 1
            raise TemporaryError("the answer was lost")
        return Receipt(f"E{len(self.orders)}", created, (warning("erp.differs", "price differs"),))

    def close(self) -> None:
        pass


def _party(id_: str, name: str) -> Party:
    return Party.read_json({"external_id": id_, "kind": "organization", "legal_name": name})


@pytest.fixture
def erp() -> Erp:
    return Erp()


@pytest.fixture
def hub(tmp_path: Path, erp: Erp) -> Iterator[Hub]:
    root = initialize(tmp_path / "ws")
    (root / "endpoints" / "erp.yaml").write_text("type: memory\npull: {Party: {}}\npush: {Order: {}}\n")
    plugins = Plugins([])
    plugins.connector_types["memory"] = ConnectorType("memory", erp.open)
    with Hub.open(root, plugins=plugins) as opened:
        yield opened


def put_orders(hub: Hub, *numbers: str, **more: object) -> None:
    with hub.repository.begin() as tx:
        tx.put_many([Order.read_json({"buyer_order_id": number, **more}) for number in numbers], partner="grocer")


def test_documents_are_pulled_from_the_watermark_on(hub: Hub, erp: Erp) -> None:
    done = sync(hub, "erp")
    assert (done.pulled, done.changed) == ({"Party": 3}, {"Party": 3})
    erp.parties.append(("4", "Dora"))
    assert sync(hub, "erp").pulled == {"Party": 1}
    assert erp.asked == [None, "3"]
    with hub.repository.read() as tx:
        assert len(tx.list("Party")) == 4
        record = tx.find("Party", system="erp", external_id="4")
        assert record is not None
        assert tx.exchange(record.exchange_id).source == "endpoint:erp"


def test_a_pull_that_was_cut_off_goes_on_where_it_was(hub: Hub, erp: Erp) -> None:
    erp.fail_after = 2
    with pytest.raises(TemporaryError):
        sync(hub, "erp")
    erp.fail_after = 99
    assert sync(hub, "erp").pulled == {"Party": 1}
    assert erp.asked == [None, "2"]


def test_nothing_new_leaves_nothing_in_the_journal(hub: Hub, erp: Erp) -> None:
    sync(hub, "erp")
    with hub.repository.begin() as tx:
        before = len(tx.exchanges())
        tx.set_watermark("erp", "Party", "0")
    assert sync(hub, "erp").changed == {"Party": 0}
    with hub.repository.read() as tx:
        assert len(tx.exchanges()) == before
        assert tx.watermark("erp", "Party") == "3"


def test_orders_are_pushed_once_with_their_id_as_key(hub: Hub, erp: Erp) -> None:
    put_orders(hub, "PO1", "PO2")
    done = sync(hub, "erp")
    assert (done.pushed, done.already, done.refused) == (2, 0, 0)
    assert [finding.code for finding in done.findings] == ["erp.differs", "erp.differs"]
    with hub.repository.read() as tx:
        assert set(erp.orders) == {one.id for one in tx.list("Order")}
        pushed = [one for one in tx.exchanges(direction="out") if one.source == "endpoint:erp"]
        assert {one.summary["external_id"] for one in pushed} == {"E1", "E2"}
    put_orders(hub, "PO3")
    assert sync(hub, "erp").pushed == 1
    assert sync(hub, "erp").pushed == 0


def test_a_lost_answer_is_asked_for_again_with_the_same_key(hub: Hub, erp: Erp) -> None:
    put_orders(hub, "PO1")
    erp.lost_answers = 1
    with pytest.raises(TemporaryError, match="lost"):
        sync(hub, "erp")
    done = sync(hub, "erp")
    assert (done.pushed, done.already) == (0, 1)
    assert len(erp.orders) == 1


def test_a_refused_order_is_quarantined_and_the_others_go_on(hub: Hub, erp: Erp) -> None:
    put_orders(hub, "PO1", "PO2")
    erp.refuse = {"PO1"}
    done = sync(hub, "erp")
    assert (done.pushed, done.refused) == (1, 1)
    with hub.repository.read() as tx:
        (failed,) = tx.exchanges(state="quarantined")
        assert failed.findings[0].code == "erp.refused"
    assert sync(hub, "erp").refused == 0
    erp.refuse = set()
    assert requeue(hub, failed.id) == 1
    assert sync(hub, "erp").pushed == 1
    assert requeue(hub, failed.id) == 0


def test_changes_of_orders_are_not_pushed_as_new_ones(hub: Hub, erp: Erp) -> None:
    put_orders(hub, "PO1", purpose="change")
    assert sync(hub, "erp").pushed == 0


def test_what_came_from_an_endpoint_does_not_go_back(hub: Hub, erp: Erp) -> None:
    with hub.repository.begin() as tx:
        tx.put(Order.read_json({"buyer_order_id": "PO9"}), system="erp", origin="endpoint:erp")
    assert sync(hub, "erp").pushed == 0


def test_two_runs_do_not_overlap(hub: Hub, erp: Erp) -> None:
    with hub.repository.lock("sync:erp", 60), pytest.raises(TemporaryError, match="sync:erp"):
        sync(hub, "erp")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("pull: {}\n", None, "does not say its type"),
        ("# erp\ntype: memry\n", 2, "no installed plugin opens the type 'memry'"),
        ("type: memory\npull: Party\n", 2, "'pull' must name kinds"),
    ],
)
def test_wrong_endpoint_files_are_told(hub: Hub, text: str, line: int | None, said: str) -> None:
    (hub.workspace.endpoints / "erp.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        sync(hub, "erp")
    assert line is None or caught.value.line == line


def test_a_kind_that_is_not_pulled_is_told(hub: Hub) -> None:
    with pytest.raises(ConfigurationError, match="Order is not pulled"):
        sync(hub, "erp", kinds=["Order"])
    with pytest.raises(ConfigurationError, match="no endpoint 'ep'"):
        sync(hub, "ep")


def test_a_purged_feed_costs_the_endpoint_no_document(hub: Hub, erp: Erp) -> None:
    """Nobody synchronized for longer than the feed is kept: what was not pushed is found in the documents."""
    put_orders(hub, "PO1", "PO2")
    sync(hub, "erp")
    with hub.repository.read() as tx:
        assert [(one.name, one.position) for one in tx.consumers()] == [("endpoint:erp", 5)]
    put_orders(hub, "PO3")
    put_orders(hub, "PO1", purpose="change")
    hub.repository.purge_feed(hub.repository.feed_head().position)
    assert sync(hub, "erp").pushed == 1
    assert sorted(erp.orders.values()) == ["PO1", "PO2", "PO3"]
    put_orders(hub, "PO4")
    assert sync(hub, "erp").pushed == 1
    assert sync(hub, "erp").pushed == 0


def test_what_came_from_the_endpoint_does_not_go_back_after_a_purge(hub: Hub, erp: Erp) -> None:
    (hub.workspace.root / "endpoints" / "erp.yaml").write_text("type: memory\npull: {Party: {}}\npush: {Party: {}}\n")
    with hub.repository.begin() as tx:
        tx.put(_party("77", "Zoe"), system="shop")
    sync(hub, "erp", push=False)
    hub.repository.purge_feed(hub.repository.feed_head().position)
    queued = _pushed(hub)
    with hub.repository.read() as tx:
        record = tx.find("Party", system="shop", external_id="77")
    assert record is not None
    assert queued == [f"Party-{record.id}.json"]


def _pushed(hub: Hub) -> list[str]:
    from hub.exchange.endpoint import read_endpoint
    from hub.exchange.sync import _collect

    with hub.repository.lock("sync erp", 60) as lock:
        _collect(hub, read_endpoint(hub, "erp"), lock)
    with hub.repository.read() as tx:
        return [one.filename for one in tx.outbox_due(limit=100, channel="endpoint:erp")]
