"""One message that is many documents: every one is stored, found again, and reaches the stores that may see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub.exchange.outcome import Outcome
from hub.exchange.session import Hub
from hub.plugins import Plugins
from hub.replication import Store, replicate
from hub_pos.plugin import hub_register_replicas

SAMPLES = Path(__file__).parents[2] / "samples" / "x12"
PARTNER = 'title: Brightwell\nidentities: {x12: "ZZ:BRIGHTWELL"}\n'


@pytest.fixture
def take(workspace: Path, run: Callable[..., list[Outcome]]) -> Callable[..., list[Outcome]]:
    """``take("832-catalog", …)`` receives samples from the partner that wrote them."""
    (workspace / "partners" / "brightwell.yaml").write_text(PARTNER)

    def taking(*names: str) -> list[Outcome]:
        return run(*((SAMPLES / f"{name}.edi").read_bytes() for name in names), folder="brightwell")

    return taking


def test_every_document_is_stored_once(take: Callable[..., list[Outcome]], hub: Hub) -> None:
    outcomes = take("832-catalog", "846-inventory", "830-forecast")
    assert [outcome.documents for outcome in outcomes] == [
        {"PriceList": 1, "Product": 2, "Packaging": 2, "Price": 6},
        {"InventorySnapshot": 5},
        {"Forecast": 4},
    ]
    with hub.repository.begin() as tx:
        assert len(list(tx.find_all("Forecast", limit=10))) == 4
        (mug,) = tx.find_all("Product", gtin="00012345678905")
        assert mug.document.name[0].value == "COFFEE MUG"
        assert len(list(tx.find_all("Price", gtin="00012345678905"))) == 3


def test_the_next_stock_report_takes_the_place_of_the_last(
    take: Callable[..., list[Outcome]], run: Callable[..., list[Outcome]], hub: Hub
) -> None:
    take("846-inventory")
    later = (SAMPLES / "846-inventory.edi").read_text()
    later = later.replace("000000022", "000000122").replace("*22*X", "*122*X").replace("GE*1*22", "GE*1*122")
    run(later.replace("*480*EA", "*470*EA").encode(), folder="brightwell")
    with hub.repository.begin() as tx:
        found = {one.document.quantities.get("available") for one in tx.find_all("InventorySnapshot", limit=50)}
    assert len(found) == 3
    assert 470 in found
    assert 480 not in found


def test_products_and_prices_reach_a_store(take: Callable[..., list[Outcome]], hub: Hub, tmp_path: Path) -> None:
    """The prices of a catalog that the store pays do not leave with those it asks."""
    take("832-catalog", "846-inventory")
    store = Store(
        id="S1",
        mode="autonomous",
        path=tmp_path / "s1.sqlite",
        assortments=("*",),
        price_lists=("*",),
        locations=("*",),
    )
    replicate(hub.repository, [store], {offered.kind: offered for offered in hub_register_replicas()})
    with closing(sqlite3.connect(tmp_path / "s1.sqlite")) as till:
        assert [row[0] for row in till.execute("select name from product order by name")] == ["COFFEE MUG", "TEA TOWEL"]
        assert [row[0] for row in till.execute("select amount from price order by amount")] == ["12.95", "7.50"]
        assert till.execute("select count(*) from stock").fetchone() == (5,)


def test_the_plugins_are_there(plugins: Plugins) -> None:
    assert "x12" in plugins.translators
