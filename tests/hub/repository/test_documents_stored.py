"""Documents: identity, versions, conflicts, rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.model import Document
from hub.repository import NotFound, Repository, VersionConflict, tables, thread_of
from hub.repository.keys import joined

Make = Callable[..., Document]


def test_the_same_content_is_stored_once(repository: Repository, order: Make) -> None:
    with repository.begin() as tx:
        first = tx.put(order(), partner="acme")
    with repository.begin() as tx:
        again = tx.put(order(provenance={"exchange_id": "another"}), partner="acme")
    assert (first.changed, again.changed, again.id, again.version) == (True, False, first.id, 1)
    assert len(repository.feed()) == 1


def test_the_json_comes_back_exactly(repository: Repository, order: Make) -> None:
    document = order(extensions={"ZZZ01": "ünï\u0000"}, notes=[{"text": 'a\tb "c" \u2028'}])
    with repository.begin() as tx:
        stored = tx.put(document)
    with repository.read() as tx:
        found = tx.get("Order", stored.id)
    assert found is not None
    assert found.json == document.to_json()
    assert found.document == document


def test_a_second_original_with_other_content_is_a_conflict(repository: Repository, order: Make) -> None:
    payload = repository.store_payload(b"x")
    with repository.begin() as tx:
        exchange = tx.open_exchange(direction="in", payload=payload)
        first = tx.put(order(), partner="acme", exchange_id=exchange)
        second = tx.put(order(currency="EUR"), partner="acme", exchange_id="later")
        other_partner = tx.put(order(currency="EUR"), partner="other")
        release = tx.put(order(release_no="2"), partner="acme")
    assert "other content" in second.conflict
    assert (second.id, second.changed, second.existing_exchange) == (first.id, False, exchange)
    assert not other_partner.conflict
    assert not release.conflict
    with repository.read() as tx:
        kept = tx.get("Order", first.id)
        assert kept is not None
        assert kept.data()["currency"] == "USD"


def test_changes_of_an_order_are_documents_of_one_thread(repository: Repository, order: Make, make: Make) -> None:
    with repository.begin() as tx:
        original = tx.put(order(), partner="acme")
        for purpose in ("change", "replace", "cancel", "duplicate", "confirmation"):
            assert tx.put(order(purpose=purpose), partner="acme").changed
        assert tx.put(order(purpose="change", currency="EUR"), partner="acme").changed
        assert not tx.put(order(purpose="change", currency="EUR"), partner="acme").changed
        tx.put(make("OrderResponse", response_id="R1", buyer_order_id="PO1"), partner="acme")
        tx.put(make("OrderResponse", buyer_order_id="PO1", header_code="accepted"), partner="acme")
    with repository.read() as tx:
        thread = tx.list(thread=thread_of("acme", "PO1"))
        assert [record.kind for record in thread] == ["Order"] * 7 + ["OrderResponse"] * 2
        found = tx.find("Order", buyer_order_id="PO1", partner="acme")
        assert found is not None
        assert found.id == original.id
        changes = tx.find_all("Order", buyer_order_id="PO1", purpose="change")
        assert len(changes) == 2


def test_orders_and_lines_can_be_asked_with_sql(repository: Repository, order: Make) -> None:
    with repository.begin() as tx:
        tx.put(order("PO1", totals_stated={"payable": "99999999999999999999.5"}), partner="acme")
        tx.put(order("PO2", totals_stated={"payable": "0.1"}), partner="acme")
        tx.put(order("PO3", totals_stated={"payable": "0.2"}), partner="acme")
    rows, lines = tables.orders.c, tables.order_lines.c
    with repository.read() as tx:
        assert tx.connection.execute(select(func.sum(rows.total_stated_scaled))).scalar() == Decimal("0.3")
        exact = select(rows.total_stated).where(rows.buyer_order_id == "PO1")
        assert tx.connection.execute(exact).scalar() == "99999999999999999999.5"
        value = func.sum(lines.quantity_scaled)
        query = select(lines.gtin, value).group_by(lines.gtin).order_by(lines.gtin)
        assert [tuple(row) for row in tx.connection.execute(query)] == [
            ("00000000000001", Decimal(36)),
            ("00000000000002", Decimal(36)),
        ]
        assert tx.connection.execute(select(rows.buyer).distinct()).scalar() == "duns:123456789"


def test_master_data_gets_a_new_version(repository: Repository, make: Make) -> None:
    with repository.begin() as tx:
        old = tx.put(make("Party", external_id="4711", legal_name="Old"), system="erp")
    with repository.begin() as tx:
        new = tx.put(make("Party", external_id="4711", legal_name="New"), system="erp", expected_version=1)
        with pytest.raises(VersionConflict, match="no longer version 1"):
            tx.put(make("Party", external_id="4711", legal_name="Newer"), system="erp", expected_version=1)
    assert (new.id, new.version, new.changed) == (old.id, 2, True)
    with repository.read() as tx:
        assert [record.data()["legal_name"] for record in tx.versions(old.id)] == ["Old", "New"]
        first = tx.get("Party", old.id, version=1)
        assert first is not None
        assert first.data()["legal_name"] == "Old"
        found = tx.find("Party", system="erp", external_id="4711", name="New")
        assert found is not None
        assert found.version == 2
        assert tx.find("Party", name="Old") is None


def test_many_versions_in_one_transaction(repository: Repository, make: Make) -> None:
    with repository.begin() as tx:
        names = ["a", "b", "b", "a"]
        stored = tx.put_many([make("Party", external_id="1", legal_name=name) for name in names], system="erp")
        assert [one.version for one in stored] == [1, 2, 2, 3]
    assert [change.version for change in repository.feed()] == [1, 2, 3]


GLN, OTHER_GLN = "4012345000009", "4012345000016"


def test_the_crosswalk_joins_what_is_one_and_parts_what_is_two(repository: Repository, make: Make) -> None:
    def party(name: str, gln: str = GLN, **more: object) -> Document:
        return make("Party", legal_name=name, identifiers=[{"scheme": "gln", "value": gln}] if gln else [], **more)

    with repository.begin() as tx:
        first = tx.put(party("by gln"))
        linked = tx.put(party("linked", external_id="1"), system="erp")
        branch = tx.put(party("branch with the same gln", external_id="2"), system="erp")
        other_system = tx.put(party("other", external_id="77"), system="crm")
        moved = tx.put(party("gln corrected", OTHER_GLN, external_id="1"), system="erp")
        free = tx.put(party("takes the gln", external_id="3"), system="erp")
    assert linked.id == first.id
    assert branch.id != first.id
    assert other_system.id == first.id
    assert (moved.id, moved.version) == (first.id, 4)
    assert free.id not in (first.id, branch.id)
    with repository.read() as tx:
        crm = tx.find("Party", system="crm", external_id="77")
        by_gln = tx.find("Party", scheme="gln", value=GLN)
    assert crm is not None
    assert crm.id == first.id
    assert by_gln is not None
    assert by_gln.id == free.id


def test_products_with_one_gtin_and_two_item_numbers_stay_two(repository: Repository, make: Make) -> None:
    def product(item: str, gtin: str = "00000000000000") -> Document:
        schemes = {"seller_item": item, "gtin": gtin}
        return make("Product", identifiers=[{"scheme": name, "value": value} for name, value in schemes.items()])

    with repository.begin() as tx:
        one, two = tx.put_many([product("A"), product("B")], partner="p")
        again = tx.put(product("B", "00012345678905"), partner="p")
        elsewhere = tx.put(product("A", "00000000000017"), partner="q")
    assert len({one.id, two.id, elsewhere.id}) == 3
    assert again.id == two.id
    with repository.read() as tx:
        found = tx.find("Product", gtin="00012345678905")
        assert found is not None
        assert found.id == two.id


def test_prices_are_told_apart_by_what_they_are_for(repository: Repository, make: Make) -> None:
    def price(amount: str, **more: object) -> Document:
        fields = {"identifiers": [{"scheme": "gtin", "value": "12345678905"}], "price_list": "RETAIL", **more}
        return make("Price", price={"amount": amount, "currency": "EUR"}, **fields)

    with repository.begin() as tx:
        ids = [
            tx.put(price("1.00")).id,
            tx.put(price("0.90", min_quantity="10")).id,
            tx.put(price("1.10", valid={"start": "2026-02-01"})).id,
            tx.put(price("1.20", location_id="store-1")).id,
        ]
        changed = tx.put(price("1.05"))
    assert len(set(ids)) == 4
    assert (changed.id, changed.version) == (ids[0], 2)
    with repository.read() as tx:
        found = tx.find_all("Price", gtin="00012345678905", price_list="RETAIL")
        assert len(found) == 4
        assert tx.connection.execute(select(func.min(tables.prices.c.amount_scaled))).scalar() == Decimal("0.9")


def test_what_is_removed_leaves_the_rows_and_may_come_back(repository: Repository, make: Make) -> None:
    product = make("Product", external_id="1", description="Widget")
    with repository.begin() as tx:
        stored = tx.put(product, system="erp", scopes=frozenset(("zone:1",)))
    with repository.begin() as tx:
        removed = tx.remove("Product", stored.id)
        assert not tx.remove("Product", stored.id).changed
        assert tx.list("Product") == []
        assert tx.find("Product", seller_item="1") is None
        with pytest.raises(NotFound, match="no Product 'nothing'"):
            tx.remove("Product", "nothing")
    with repository.begin() as tx:
        back = tx.put(product, system="erp")
        assert len(tx.find_all("Product", seller_item="1")) == 1
    assert (removed.version, back.id, back.version) == (2, stored.id, 3)
    ops = [(change.op, change.old_scopes, change.json != "") for change in repository.feed()]
    assert ops == [("PUT", frozenset(), True), ("DEL", frozenset(("zone:1",)), False), ("PUT", frozenset(), True)]


def test_hostile_texts_are_stored(repository: Repository, order: Make, make: Make) -> None:
    nasty = "x\u0000|\\'; DROP TABLE orders; --" + "é" * 5000
    with repository.begin() as tx:
        first = tx.put(order(nasty), partner=nasty)
        same = tx.put(order(nasty), partner=nasty)
        other = tx.put(order(nasty + "2"), partner=nasty)
        tx.put(make("Party", legal_name=nasty, identifiers=[{"scheme": nasty, "value": nasty}]))
    assert (same.id, same.changed) == (first.id, False)
    assert other.id != first.id


def test_a_search_word_that_does_not_exist_is_named(repository: Repository) -> None:
    with repository.read() as tx, pytest.raises(TypeError, match="cannot be found by 'colour'; use one of"):
        tx.find("Product", colour="red")


def test_reading_does_not_write(repository: Repository, order: Make) -> None:
    with repository.read() as tx:
        tx.put(order())
        with pytest.raises(RuntimeError, match="opened with read"):
            tx.list("Order")


def test_the_hash_is_that_of_the_model(repository: Repository, order: Make, make: Make) -> None:
    documents = [order(extensions={"a": "\u007f\u0001\ud7ff😀/"}), make("Party", legal_name="é", kind="person")]
    with repository.begin() as tx:
        for document in documents:
            assert tx._prepare(document, "", "", None).digest == document.digest()


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_fast_json_is_the_models_json(text: str) -> None:
    from hub.repository.storing import to_json

    fields = {"buyer_order_id": "1", "customer_reference": text, "extensions": {text: text}}
    document = Document.from_json("Order", fields)
    assert to_json(document.canonical_dict()).decode() == document.to_json()


@settings(max_examples=300)
@given(st.lists(st.text("a|\\#\0 ", max_size=4)), st.lists(st.text("a|\\#\0 ", max_size=4)))
def test_two_lists_of_parts_give_two_keys(one: list[str], two: list[str]) -> None:
    stripped = [[part.strip() for part in parts] for parts in (one, two)]
    if len(one) == len(two):
        assert (joined(*one) == joined(*two)) == (stripped[0] == stripped[1])


def test_a_savepoint_takes_back_exactly_what_came_after_it(repository: Repository, order: Make, make: Make) -> None:
    with repository.begin() as tx:
        tx.put(order("before"))
        savepoint = tx.connection.begin_nested()
        tx.put(order("after"))
        tx.put(make("Party", external_id="1", legal_name="after"), system="erp")
        assert tx.next_control("isa") == 1
        savepoint.rollback()
        assert tx.put(order("after")).changed
        assert tx.put(make("Party", external_id="1", legal_name="again"), system="erp").version == 1
        assert tx.next_control("isa") == 1
    with repository.read() as tx:
        assert [record.number for record in tx.list("Order")] == ["before", "after"]


def test_kinds_without_identifiers_have_keys_too(repository: Repository, make: Make) -> None:
    sale = {"store": "417", "workstation": "2", "sequence": "99", "business_day": "2026-03-01"}
    with repository.begin() as tx:
        first = tx.put(make("PosTransaction", key=sale))
        assert tx.put(make("PosTransaction", key=sale, cancelled=True)).conflict
        assert tx.put(make("PosTransaction", key={**sale, "sequence": "100"})).changed
        case = tx.put(make("Packaging", product_id="p", unit="XCS", contains_qty="12", contains_unit="EA"))
        again = tx.put(make("Packaging", product_id="p", unit="XCS", contains_qty="24", contains_unit="EA"))
        place = tx.put(make("Location", location_id="417", time_zone="Europe/Berlin", gln=GLN))
        moved = tx.put(make("Location", location_id="417", time_zone="Europe/Paris"))
        stock = {"location_id": "417", "product_id": "p", "quantities": {"on_hand": "5"}}
        one = tx.put(make("InventorySnapshot", as_of="2026-03-01", **stock))
        two = tx.put(make("InventorySnapshot", as_of="2026-03-02", **stock))
    assert first.changed
    assert (again.id, again.version) == (case.id, 2)
    assert (moved.id, moved.version) == (place.id, 2)
    assert (two.id, two.version) == (one.id, 2)
