"""Catalogs, stock, activity, forecasts, receipts and warehouse orders: what a message means, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.model import Document, InventorySnapshot, Price, PriceList, Product

KIND = {"832": "SC", "846": "IB", "852": "PD", "830": "PS", "861": "RC", "940": "OW"}
SAMPLES = ("832-catalog", "846-inventory", "852-activity", "830-forecast", "861-receipt", "940-warehouse")
RELEASES = ("003040", "003050", "003060", "003070", "004010", "004030", "004060", "005010")
Read = Callable[..., list[Document]]


@pytest.fixture
def read(x12: Any) -> Read:
    """``read("846", segment, …)``: the documents of one set of release 004010."""

    def reading(kind: str, *body: str) -> list[Document]:
        text = x12.isa() + x12.group(x12.set(*body, kind=kind), kind=KIND[kind]) + "IEA*1*000000001~"
        (message,) = x12.read(text).messages
        assert message.accepted, message.findings
        return list(message.documents)

    return reading


def dicts(documents: Sequence[Document]) -> list[dict[str, Any]]:
    return [one.canonical_dict(provenance=False) for one in documents]


# -- both ways -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("release", RELEASES)
def test_what_is_written_is_read_and_written_the_same(x12: Any, samples: Path, name: str, release: str) -> None:
    kind = name[:3]
    (message,) = x12.read((samples / f"{name}.edi").read_bytes()).messages
    compiled = x12.library.find("x12", kind, release)
    once = compiled.messages(message.documents, [])
    places = compiled.structure.walk([segment[0] for segment in once[0]]).places
    again = compiled.read(once[0], places).documents
    assert compiled.messages(again, []) == once


@pytest.mark.parametrize("name", SAMPLES)
def test_an_interchange_is_written_and_read_back(x12: Any, samples: Path, name: str) -> None:
    (message,) = x12.read((samples / f"{name}.edi").read_bytes()).messages
    written = x12.translator.write(message.documents, name[:3], "004010", x12.context())
    (again,) = x12.read(written.payload).messages
    assert [dict(one, extensions=None) for one in dicts(again.documents)] == [
        dict(one, extensions=None) for one in dicts(message.documents)
    ]


# -- 832 -------------------------------------------------------------------------------------------------------------


def test_a_price_sheet_leaves_products_alone(read: Read) -> None:
    """Only prices come out where a catalog says nothing of an item but its number and its price."""
    made = read("832", "BCT*PS*S1", "LIN**UP*012345678905", "CTP**UCP*6.40*1*EA", "CTT*1")
    assert [one.kind for one in made] == ["PriceList", "Price"]


def test_a_brand_names_no_product(read: Read) -> None:
    made = read("832", "BCT*PC*C1", "LIN**VN*A1*BL*ACME", "PID*F****MUG", "LIN**VN*A2*BL*ACME", "PID*F****CUP", "CTT*2")
    products = [one for one in made if isinstance(one, Product)]
    assert [[(i.scheme, i.value) for i in one.identifiers] for one in products] == [
        [("seller_assigned", "A1")],
        [("seller_assigned", "A2")],
    ]
    assert {one.brand for one in products} == {"ACME"}


def test_tiers_and_validity(read: Read) -> None:
    made = read(
        "832", "BCT*PC*C1", "DTM*007*20260101", "DTM*036*20261231", "CUR*SE*EUR", "LIN**VN*A1", "CTP**CON*10*1*CA",
        "CTP**CON*9.5*10*CA", "DTM*007*20260301", "CTT*1",
    )  # fmt: skip
    prices = [one for one in made if isinstance(one, Price)]
    assert [
        (one.min_quantity, one.price.amount, one.price.currency, str(one.valid and one.valid.start)) for one in prices
    ] == [
        (1, Decimal(10), "EUR", "2026-01-01"),
        (10, Decimal("9.5"), "EUR", "2026-03-01"),
    ]
    assert all(one.price.per is not None and one.price.per.unit == "XCS" for one in prices)


def test_a_catalog_without_a_number_is_known_by_its_contract(read: Read) -> None:
    made = read("832", "BCT*PC", "REF*BC*B-77", "LIN**VN*A1", "CTP**CON*10*1*CA", "CTT*1")
    head, price = made
    assert isinstance(head, PriceList)
    assert isinstance(price, Price)
    assert head.price_list_id == price.price_list == "B-77"


def test_a_class_of_consumers_is_no_segment(read: Read) -> None:
    """A till keeps a price with a segment for the customers of that segment."""
    made = read("832", "BCT*PC*C", "LIN**VN*A1", "CTP*RS*RES*9*1*EA", "CTP*HS*RES*8*1*EA", "CTT*1")
    prices = [one for one in made if isinstance(one, Price)]
    assert [(one.segment, one.trade_class) for one in prices] == [("", "resale"), ("hospital", "hospital")]


# -- 846 -------------------------------------------------------------------------------------------------------------


def stock(documents: Sequence[Document]) -> list[tuple[str, dict[str, Decimal]]]:
    """Place and quantities of every snapshot."""
    out = []
    for one in documents:
        assert isinstance(one, InventorySnapshot)
        place = one.location
        name = "" if place is None else place.name or place.identifiers[0].value
        out.append((name, dict(one.quantities)))
    return out


@pytest.mark.parametrize(("total", "alone"), [("9", False), ("11", True)])
def test_a_total_is_stock_only_where_it_is_not_the_sum(read: Read, total: str, alone: bool) -> None:
    made = read(
        "846", "BIA*00*SI*R1*20260105", "LIN**VN*A1", f"QTY*33*{total}*EA", "SCH*4*EA*WH*DALLAS*097*20260105",
        "SCH*5*EA*WH*CHICAGO*097*20260105",
    )  # fmt: skip
    parts: list[tuple[str, dict[str, Any]]] = [("DALLAS", {"available": 4}), ("CHICAGO", {"available": 5})]
    whole: list[tuple[str, dict[str, Any]]] = [("", {"available": Decimal(total)})]
    assert stock(made) == (whole if alone else []) + parts


def test_stock_by_store(read: Read) -> None:
    made = read("846", "BIA*00*SI*R1*20260105", "LIN**VN*A1", "SDQ*EA*92*0101*4*0102*5", "QTY*17*9*EA")
    assert stock(made) == [("0101", {"on_hand": 4}), ("0102", {"on_hand": 5})]


def test_what_will_be_there_is_not_there(read: Read) -> None:
    (one,) = read("846", "BIA*00*SI*R1*20260105", "LIN**VN*A1", "QTY*33*0*EA", "SCH*50*EA***018*20260201")
    assert isinstance(one, InventorySnapshot)
    assert one.quantities == {"available": 0}
    assert [(part.kind, part.quantity and part.quantity.value) for part in one.further] == [("available", 50)]


def test_a_lot_is_a_stock_of_its_own(read: Read) -> None:
    made = read(
        "846", "BIA*00*SI*R1*20260105", "LIN**VN*A1", "QTY*17*30*EA", "QTY*17*12*EA", "LS*REF", "REF*LT*L1", "LE*REF"
    )
    assert [(one.lot, dict(one.quantities)) for one in made if isinstance(one, InventorySnapshot)] == [
        ("", {"on_hand": 30}),
        ("L1", {"on_hand": 12}),
    ]


# -- 852 -------------------------------------------------------------------------------------------------------------


def test_activities_of_a_store_are_one_line(read: Read) -> None:
    (report,) = dicts(
        read(
            "852", "XQ*H*20260105*20260111", "LIN**UP*012345678905", "ZA*QS", "SDQ*EA*92*01*3*02*4", "ZA*QA*9*EA",
            "SDQ*EA*92*01*5*02*4", "CTT*1",
        )
    )  # fmt: skip
    found = [(line["location"]["identifiers"][0]["value"], line["activities"]) for line in report["lines"]]
    assert found == [("01", {"available": "5", "sold": "3"}), ("02", {"available": "4", "sold": "4"})]


def test_two_reports_without_a_number_are_two(read: Read) -> None:
    head, lines = "XQ*H*20260105*20260111", ("LIN**UP*012345678905", "ZA*QS*3*EA", "CTT*1")
    first, again, other = (
        dicts(read("852", head, *body))[0]["report_id"]
        for body in (lines, lines, ("LIN**UP*012345678905", "ZA*QS*4*EA", "CTT*1"))
    )
    assert first == again != other


# -- 830 -------------------------------------------------------------------------------------------------------------


def test_a_forecast_for_every_place(read: Read) -> None:
    made = dicts(
        read(
            "830", "BFR*00*F1**DL*A*20260105*20260201*20260102", "LIN**VN*A1", "UIT*EA", "FST*9*D*W*20260105",
            "SDQ*EA*92*01*4*02*5", "FST*7*C*D*20260112", "FST*3*D*M*20260201", "CTT*1",
        )
    )  # fmt: skip
    assert [one.get("location", {}).get("identifiers", [{}])[0].get("value", "") for one in made] == ["", "01", "02"]
    assert [(bucket["period"], bucket["quantity"]["value"]) for bucket in made[0]["quantities"]] == [
        ({"start": "2026-01-12", "end": "2026-01-12"}, "7"),
        ({"start": "2026-02-01", "end": "2026-02-28"}, "3"),
    ]
    assert made[1]["quantities"][0]["period"] == {"start": "2026-01-05", "end": "2026-01-11"}


def test_an_item_s_own_party_goes_before_the_heading_s(read: Read) -> None:
    body = (
        "BFR*00*F1**DL*A*20260105*20260201*20260102", "N1*ST*EAST*92*E1", "LIN**VN*A1", "N1*ST**92*E1",
        "FST*7*C*D*20260112", "LIN**VN*A2", "N1*ST*WEST*92*W1", "FST*7*C*D*20260112", "CTT*2",
    )  # fmt: skip
    first, second = dicts(read("830", *body))
    assert first["roles"]["ship_to"]["name"] == "EAST"
    assert second["roles"]["ship_to"]["name"] == "WEST"
    assert second["roles"]["ship_to#2"]["name"] == "EAST"


# -- 861, 940 --------------------------------------------------------------------------------------------------------


def test_quantities_in_question(read: Read) -> None:
    (receipt,) = dicts(
        read(
            "861",
            "BRA*R1*20260105*00*2",
            "REF*SI*S1",
            "DTM*050*20260105",
            "RCD*1*10*EA***2*EA*01*1*EA*08*1*EA*01",
            "CTT*1",
        )
    )
    assert receipt["despatch_id"] == "S1"
    (line,) = receipt["lines"]
    assert line["damaged"] == {"value": "2", "unit": "EA"}
    assert [one["condition"] for one in line["discrepancies"]] == ["rejected", "damaged"]


def test_a_warehouse_order_is_known_by_the_depositor_s_number(read: Read) -> None:
    (order,) = dicts(read("940", "W05*N*D-1*PO-9", "N1*WH*STORAGE*92*W1", "LX*1", "W01*2*EA**VN*A1", "W01*3*EA**VN*A2"))
    assert (order["buyer_order_id"], order["customer_reference"], order["type"]) == (
        "D-1",
        "PO-9",
        "warehouse_shipment",
    )
    assert [line["line_id"] for line in order["lines"]] == ["1.1", "1.2"]
    assert order["roles"]["warehouse"]["name"] == "STORAGE"


# -- what is odd -----------------------------------------------------------------------------------------------------


def test_unknown_codes_are_kept_and_told(x12: Any) -> None:
    body = ("BIA*00*SI*R1*20260105", "LIN**VN*A1", "QTY*ZZ*4*QQ")
    text = x12.isa() + x12.group(x12.set(*body, kind="846"), kind="IB") + "IEA*1*000000001~"
    (message,) = x12.read(text).messages
    (one,) = message.documents
    assert one.quantities == {"x12.673:ZZ": 4}
    assert one.unit == "x12.355:QQ"
    assert {"ZZ", "QQ"} <= {finding.value for finding in message.findings}


def test_real_files_become_documents(x12: Any, real_files: list[Path]) -> None:
    wanted = ("832__x12parser__02", "846__coedition__01", "846__x12parser__01", "852__x12parser", "940__ediengine__01")
    files = [path for path in real_files if path.name.startswith(wanted) and path.parent.name == "x12"]
    if not files:
        pytest.skip("the collection of real files is not here")
    for path in files:
        assert [message for message in x12.read(path.read_bytes()).messages if message.documents], path.name
