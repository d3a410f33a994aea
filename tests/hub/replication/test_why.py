"""From the price in a till back to the file that said it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.commands.store_why import _tree
from hub.errors import ConfigurationError
from hub.replication import Store
from hub.replication.sealing import seal_feed
from hub.replication.shelf import Shelf
from hub.replication.why import why
from hub.repository import Repository
from hub.repository.nodes import NodeSighting
from hub_pos import pricing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(id="T", path=tmp_path / "t.sqlite", mode="distributed", currency="EUR", price_lists=("A", "B"))


def test_the_chain_goes_back_to_the_file(
    repo: Repository, put: Callable[..., None], shop: Any, types: Mapping[str, Any], store: Store, tmp_path: Path
) -> None:
    payload = repo.store_payload(b"prices of B")
    with repo.begin() as tx:
        exchange = tx.open_exchange(direction="in", payload=payload, filename="pricat.edi", partner="acme")
    put(shop.product("7", gtin="96385074"), shop.product("77"))
    put(shop.price("7", "9.00", "B"), shop.price("7", "5.00", "C"), shop.price("77", "1.00", "A"))
    put(shop.price("7", "8.00", "A", valid={"start": date(2027, 1, 1)}))
    with repo.begin() as tx:
        tx.put(shop.price("7", "2.50", "B"), partner="acme", system="erp", exchange_id=exchange, message=3)
        tx.invite_node("T-1", "T", "token", timedelta(1))
    seal_feed(repo, [store], Shelf(tmp_path / "segments"))
    put(shop.price("7", "2.60", "B"))
    with repo.begin() as tx:
        tx.put(shop.price("7", "2.70", "B"), partner="acme", system="erp", exchange_id=exchange, message=4)
    seal_feed(repo, [store], Shelf(tmp_path / "segments"))
    found = why(repo, store, types, "7", NOW)
    price = found["price"]
    assert (price["amount"], found["reason"], price["version"]) == ("2.70", "the store's price list B", 4)
    source = price["source"]
    assert (source["file"], source["partner"], source["message"]) == ("pricat.edi", "acme", 4)
    assert (price["buckets"], price["position"]) == (["zone:B"], repo.feed_head().position)
    (segment,) = price["segments"]
    assert (tmp_path / "segments" / segment["digest"][:2] / segment["digest"]).exists()
    assert segment["first"] < price["position"] <= segment["last"]
    assert {(one["amount"], one["why"]) for one in found["others"]} == {
        ("8.00", "begins at 2027-01-01"),
        ("5.00", "not sent to this store: it is for prices, zone:C"),
    }
    assert found["nodes"] == [{"node": "T-1", "state": "invited", "position": 0, "seen_at": ""}]
    for word in ("96385074", "00000096385074", found["product"]["document"]):
        assert why(repo, store, types, word, NOW)["price"] == price
    text = "\n".join(_tree(found))
    assert "from pricat.edi of acme, exchange " in text
    assert "T-1 does not have it yet" in text
    assert json.dumps(found)
    later = why(repo, store, types, "7", NOW.replace(year=2028))
    assert (later["price"]["amount"], "comes after it" in str(later["others"])) == ("8.00", True)
    with pytest.raises(ConfigurationError, match="no product has"):
        why(repo, store, types, "777", NOW)
    assert why(repo, store.model_copy(update={"price_lists": ()}), types, "7", NOW)["price"] is None


def test_a_reason_is_given_exactly_where_a_price_does_not_hold() -> None:
    rng = random.Random(5)
    terms = pricing.Terms(
        at=NOW, quantity=Decimal(5), zone=ZoneInfo("UTC"), currency="EUR", price_lists=["A"], locations=["K"],
        customer=["id:1", "segment:gold"],
    )  # fmt: skip
    reasons = set()
    for _ in range(3_000):
        row = {
            "id": "x", "amount": rng.choice(["1", "x", "2"]), "min_qty": rng.choice([None, "5", "6"]),
            "currency": rng.choice([None, "EUR", "USD"]), "location": rng.choice([None, "K", "L"]),
            "price_list": rng.choice([None, "A", "B"]), "customer": rng.choice([None, None, "id:1", "id:2"]),
            "segment": rng.choice([None, None, "gold", "iron"]),
            "valid_from": rng.choice([None, "2026-01-01", "2027-01-01"]),
            "valid_to": rng.choice([None, "2026-03-02", "2026-02-01"]), "priority": None, "promotion": None,
            "tax_included": None, "per_value": None, "per_unit": None, "basis": None,
        }  # fmt: skip
        why_not = pricing.refusal(row, terms)
        reasons.add(why_not)
        assert (pricing.choose([row], terms) is None) == bool(why_not), row
    assert len(reasons) == 9


def test_by_when_a_till_had_the_price_also_after_a_purge(
    repo: Repository, put: Callable[..., None], shop: Any, types: Mapping[str, Any], store: Store, tmp_path: Path
) -> None:
    epoch, shelf = repo.feed_head().epoch, Shelf(tmp_path / "segments")

    def poll(at: datetime) -> None:
        position = repo.feed_head().position
        repo.retrying(lambda tx: tx.save_sightings({"T-1": NodeSighting(at, 1, 0, epoch, position, ["zone:A"])}))

    repo.retrying(lambda tx: tx.invite_node("T-1", "T", "token", timedelta(1)))
    put(shop.product("7"), shop.price("7", "1.00", "C"))
    poll(NOW)
    put(shop.price("7", "2.00", "A"))
    poll(NOW + timedelta(minutes=2))
    put(shop.price("8", "9.00", "A"))
    poll(NOW + timedelta(hours=1))
    seal_feed(repo, [store], shelf)
    price = why(repo, store, types, "7", NOW)["price"]
    assert (price["position"], price["purged"], price["reached"]) == (3, False, {"T-1": "2026-03-01T12:02:00+00:00"})
    text = "\n".join(_tree(why(repo, store, types, "7", NOW)))
    assert "T-1 has it (by 2026-03-01T12:02:00+00:00 at the latest): at 4" in text
    repo.purge_feed(3)
    price = why(repo, store, types, "7", NOW)["price"]
    assert (price["amount"], price["position"], price["purged"]) == ("2.00", 3, True)
    assert price["reached"] == {"T-1": "2026-03-01T12:02:00+00:00"}
    assert [sorted(one) for one in price["segments"]] == [["bucket", "last", "snapshot"]]
    assert "change 3 or before (purged) in zone:A" in "\n".join(_tree(why(repo, store, types, "7", NOW)))


def test_a_document_that_came_into_the_scope_later(
    repo: Repository, put: Callable[..., None], shop: Any, types: Mapping[str, Any], store: Store
) -> None:
    """The price was written first and sent to this store later: the store has it with the move."""
    put(shop.product("7"))
    for scopes in ({"zone:C"}, {"zone:C", "zone:A"}, {"zone:A"}):
        with repo.begin() as tx:
            tx.put(shop.price("7", "2.00", "A"), system="erp", scopes=frozenset(scopes), origin="ERP")
    repo.feed_head()
    price = why(repo, store, types, "7", NOW)["price"]
    assert (price["position"], price["source"]["node"]) == (3, "ERP")
