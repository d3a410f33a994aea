from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.replication.scopes import subscription
from hub.replication.stores import Store, load_stores, stores_of

GOOD = """
[[store]]
id = "S001"
name = "Kiel"
mode = "distributed"
currency = "EUR"
time_zone = "Europe/Berlin"
group = "north"
path = "tills/kiel.sqlite"
territories = ["N"]
customers = ["seller_assigned:1001", "gln:0614141000012"]
assortments = ["food"]
price_lists = ["RTL-N", "RTL"]
locations = ["gln:0614141000029", "K1"]

[[store]]
id = "S002"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stores.toml"
    path.write_text(GOOD, "utf-8")
    return path


def test_stores_are_read_with_their_defaults(file: Path) -> None:
    first, second = load_stores(file)
    assert (first.path, second.path) == (file.parent / "tills/kiel.sqlite", file.parent / "stores/S002.sqlite")
    assert (second.kind, second.mode, second.scope("territories")) == ("sqlite", "autonomous", ("*",))
    assert first.settings() == {
        "store": "S001", "name": "Kiel", "mode": "distributed", "currency": "EUR", "time_zone": "Europe/Berlin",
        "day_begins": "00:00", "price_lists": ["RTL-N", "RTL"], "locations": ["gln:0614141000029", "K1"],
        "cards": None,
    }  # fmt: skip


def test_a_store_subscribes_to_its_scope(file: Path) -> None:
    first, second = load_stores(file)
    assert subscription(first) == {
        "all", "store:S001", "territory:N", "customer:own:1001", "customer:gln:0614141000012", "assortment:food",
        "zone:RTL-N", "zone:RTL", "location:gln:0614141000029", "location:K1",
    }  # fmt: skip
    assert subscription(second) == {"all", "store:S002", "customers", "products", "prices", "stock", "orders"}


def test_a_scoped_store_sees_nothing_that_it_does_not_name() -> None:
    assert subscription(Store(id="S3", mode="centralized")) == {"all", "store:S3"}
    assert "orders" in subscription(Store(id="S3", mode="centralized", all_orders=True))
    assert "orders" not in subscription(Store(id="S3", all_orders=False))


def test_ten_thousand_stores_are_not_too_many(file: Path) -> None:
    places = ", ".join(f'"gln:{4000000000000 + number}"' for number in range(9))
    one = f'group = "north"\nterritories = ["N", "S"]\nprice_lists = ["RTL-N", "RTL"]\nlocations = [{places}]\n'
    file.write_text("".join(f'[[store]]\nid = "S{number:05d}"\n{one}' for number in range(10_000)))
    assert file.stat().st_size > 2_500_000
    assert len(load_stores(file)) == 10_000


def test_no_file_means_no_stores(tmp_path: Path) -> None:
    assert load_stores(tmp_path / "stores.toml") == ()


@pytest.mark.parametrize(
    ("replaced", "by", "line", "message"),
    [
        ('mode = "distributed"', 'mode = "distributd"', 5, "must be one of autonomous, distributed, centralized"),
        ("territories =", "teritories =", 10, "unknown key 'store[0].teritories'"),
        ('id = "S001"', 'id = "../etc"', 3, "store[0].id"),
        ('currency = "EUR"', 'currency = "euro"', 6, "store[0].currency"),
        ("Europe/Berlin", "Europe/Kiel", 7, "'Europe/Kiel' is no time zone"),
        ('id = "S002"', 'id = "S001"', 17, "two stores are called 'S001'"),
        ('id = "S002"', 'id = "S002"\npath = "tills/kiel.sqlite"', 18, "would write the same file"),
        ('id = "S001"\n', "", 2, "'store[0].id' is missing"),
        ('territories = ["N"]', 'territories = [""]', 10, "store[0].territories"),
        ('name = "Kiel"', "name = Kiel", 4, "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file: Path, replaced: str, by: str, line: int, message: str) -> None:
    assert replaced in GOOD
    file.write_text(GOOD.replace(replaced, by), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_stores(file)
    assert message in str(caught.value)
    assert (caught.value.file, caught.value.line) == (str(file), line)


def test_one_store_or_a_group_is_chosen(file: Path) -> None:
    every = load_stores(file)
    assert stores_of(every) == every
    assert [one.id for one in stores_of(every, store="S002")] == ["S002"]
    assert [one.id for one in stores_of(every, group="north")] == ["S001"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [({"store": "S003"}, "Did you mean 'S00"), ({"group": "nord"}, "Did you mean 'north'"),
     ({"store": "S002", "group": "north"}, "no store 'S002' in group 'north'")],
)  # fmt: skip
def test_an_unknown_store_is_named(file: Path, chosen: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        stores_of(load_stores(file), **chosen)
    assert message in str(caught.value)
