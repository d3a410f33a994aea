"""Catalogs, stock, forecasts, warehouse orders: what is odd in a message is written as far as segments can say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.findings import Finding
from hub.model import Document, Forecast, InventorySnapshot, Order, Product
from hub.model.party_ref import PartyRef
from hub.model.terms import DeliveryTerms

KIND = {"832": "SC", "846": "IB", "830": "PS", "940": "OW"}
STOCK = "BIA*00*SI*R1*20260105"
PLAN = ("BFR*00*F1**DL*A*20260105*20260201*20260102", "LIN**VN*A1", "UIT*EA")
Read = Callable[..., list[Document]]
Write = Callable[[list[Document], str], list[str]]


@pytest.fixture
def read(x12: Any) -> Read:
    """``read("846", segment, …)``: the documents of one set of release 004010, whatever is found in it."""

    def reading(kind: str, *body: str) -> list[Document]:
        text = x12.isa() + x12.group(x12.set(*body, kind=kind), kind=KIND[kind]) + "IEA*1*000000001~"
        (message,) = x12.read(text).messages
        return list(message.documents)

    return reading


@pytest.fixture
def write(x12: Any) -> Write:
    """``write(documents, "846")``: the segments of the sets."""

    def writing(documents: list[Document], kind: str) -> list[str]:
        payload: bytes = x12.translator.write(documents, kind, "004010", x12.context()).payload
        return [line for line in payload.decode().split("~") if line[:3] not in ("ISA", "GS*", "ST*", "SE*", "GE*", "")]

    return writing


def said(x12: Any, documents: list[Document], kind: str) -> list[str]:
    """Codes of what is found on writing, and the texts."""
    findings: list[Finding] = []
    x12.library.find("x12", kind, "004010").messages(documents, findings)
    return [f"{one.code} {one.message}" for one in findings]


def again(x12: Any, documents: list[Document], kind: str) -> list[Document]:
    written = x12.translator.write(documents, kind, "004010", x12.context())
    return [one for message in x12.read(written.payload).messages for one in message.documents]


# -- 846 -------------------------------------------------------------------------------------------------------------


def test_places_of_no_known_kind_are_written_by_sdq_alone(read: Read, write: Write, x12: Any) -> None:
    """N104 cannot be without N103 (P0304); SDQ02 may be left out."""
    made = read("846", STOCK, "LIN**VN*A1", "SDQ*EA**0101*4", "SDQ*CA**0102*5", "QTY*17*9*EA", "QTY*33*2*EA")
    lines = write(made, "846")
    assert not [line for line in lines if line.startswith("N1")]
    assert [line for line in lines if line.startswith("SDQ")] == ["SDQ*EA**0101*4", "SDQ*CA**0102*5"]
    assert write(again(x12, made, "846"), "846") == lines


@pytest.mark.parametrize("store", ["**0101", "*92*0101"])
def test_quantities_of_a_place_in_several_units_stay_one_snapshot(
    read: Read, write: Write, x12: Any, store: str
) -> None:
    made = read("846", STOCK, "LIN**VN*A1", f"SDQ*EA{store}*4", f"SDQ*CA{store}*5")
    assert len(made) == 1
    lines = write(made, "846")
    assert [line for line in lines if line[:3] in ("LIN", "SDQ")] == [
        "LIN*1*VN*A1",
        f"SDQ*EA{store}*4",
        f"SDQ*CA{store}*5",
    ]
    back = again(x12, made, "846")
    assert [one.canonical_dict(provenance=False) for one in back] == [
        one.canonical_dict(provenance=False) for one in made
    ]


def test_quantities_of_no_kind_that_sdq_cannot_say_stay_one_snapshot(x12: Any) -> None:
    compiled = x12.library.compiled("x12/846.004010")
    further = [{"kind": "unqualified", "quantity": {"value": "1"}}]
    one = InventorySnapshot.read_json({"as_of": "2026-01-05", "quantities": {"unqualified": "1"}, "further": further})
    (written,) = compiled.messages([one], [])
    assert [segment for segment in written if segment[0] in ("LIN", "QTY")] == [["LIN", "1"], *[["QTY", "", "1"]] * 2]
    (back,) = compiled.read(written, compiled.structure.walk(segment[0] for segment in written).places).documents
    assert (back.quantities, back.further) == (one.quantities, one.further)


def test_more_dates_than_there_is_room_for_are_told(x12: Any) -> None:
    """The moment of counting is one more DTM of the item."""
    days = [{"qualifier": "expiry", "value": f"2026-02-{day:02}"} for day in range(1, 11)]
    one = InventorySnapshot.read_json(
        {"as_of": "2026-01-05", "dates": days, "quantities": {"available": "1"}, "report": {"issued_at": "2026-01-09"}}
    )
    findings: list[Finding] = []
    (written,) = x12.library.compiled("x12/846.004010").messages([one], findings)
    assert [segment[1] for segment in written if segment[0] == "DTM"] == ["007", *["036"] * 9]
    assert [(one.code, one.position.path) for one in findings] == [("mapping.no_room", "$.dates")]


def test_the_item_s_place_stays_beside_its_stores(read: Read, write: Write, x12: Any) -> None:
    made = read("846", STOCK, "LIN**VN*A1", "SDQ*EA*92*0101*4*0102*5", "N1*WH*DEPOT", "N1*SF*PLANT")
    for one in made:
        assert isinstance(one, InventorySnapshot)
        assert {role: party.name for role, party in one.roles.items()} == {"warehouse#2": "DEPOT", "ship_from": "PLANT"}
    back = again(x12, made, "846")
    assert [one.canonical_dict(provenance=False) for one in back] == [
        one.canonical_dict(provenance=False) for one in made
    ]
    assert write(back, "846") == write(made, "846")


def test_a_date_that_cannot_be_read_makes_no_other_time(read: Read, write: Write) -> None:
    """A time without a date: the time is kept as it came, what is left of the date is not written."""
    (one,) = made = read("846", STOCK, "LIN**VN*A1", "QTY*33*7*EA", "DTM*018**1200")
    assert isinstance(one, InventorySnapshot)
    assert one.quantities == {"available": 7}
    assert "1200" in str(one.extensions)
    assert not [line for line in write(made, "846") if line.startswith("DTM")]


# -- 830 -------------------------------------------------------------------------------------------------------------


def test_a_pattern_keeps_its_gaps(read: Read, write: Write) -> None:
    pattern = "SDP*3*Z**F*SY***E"
    (one,) = made = read("830", *PLAN, pattern, "FST*7*C*D*20260112", "CTT*1")
    assert isinstance(one, Forecast)
    assert one.quantities[0].pattern == ("3", "Z", "", "F", "SY", "", "", "E")
    assert pattern in write(made, "830")


def test_a_shipment_says_no_more_than_its_notes_allow(read: Read, write: Write) -> None:
    """SHP03 needs SHP04 or SHP05 (L030405). A time alone is kept as it came."""
    (one,) = made = read("830", *PLAN, "FST*7*C*D*20260112", "SHP*01*7*011**1200", "SHP***011**1300", "CTT*1")
    assert "1200" in str(one.extensions)
    assert "1300" in str(one.extensions)
    assert [line for line in write(made, "830") if line.startswith("SHP")] == ["SHP*01*7"]


@pytest.mark.parametrize(
    ("shipment", "kept", "told"),
    [
        ({"references": [{"type": "despatch", "id": "ASN-1"}]}, [], "quantity and date (despatch ASN-1)"),
        ({}, [], "quantity and date (nothing)"),
        ({"kind": "shipped", "until": date(2026, 1, 9)}, ["SHP******20260109"], "no kind (shipped) without a quantity"),
        (
            {"quantity": Decimal(7), "date": {"qualifier": "shipped"}},
            ["SHP**7"],
            "no qualifier (shipped) without a date",
        ),
        ({"quantity": Decimal(7)}, ["SHP**7"], ""),
    ],
)
def test_a_shipment_that_shp_cannot_say_is_told(
    read: Read, write: Write, x12: Any, shipment: dict[str, Any], kept: list[str], told: str
) -> None:
    (one,) = read("830", *PLAN, "FST*7*C*D*20260112", "SHP*01*7*011*20260105", "CTT*1")
    changed = Forecast.model_validate(one.model_dump(exclude_defaults=True) | {"shipments": [shipment]})
    assert [line for line in write([changed], "830") if line.startswith(("SHP", "REF"))] == kept
    found = said(x12, [changed], "830")
    assert [text.startswith("mapping.no_room shipments: SHP") and told in text for text in found] == [True] * bool(told)


def test_a_pattern_that_sdp_cannot_say_is_told(read: Read, x12: Any) -> None:
    (one,) = read("830", *PLAN, "SDP*A*A", "FST*7*C*D*20260112", "CTT*1")
    bucket = one.quantities[0].model_dump(exclude_defaults=True)
    changed = Forecast.model_validate(
        one.model_dump(exclude_defaults=True) | {"quantities": [bucket | {"pattern": ["A"]}]}
    )
    assert said(x12, [one], "830") == []
    assert said(x12, [changed], "830") == ["mapping.no_room quantities: SDP cannot say the pattern A"]


# -- 832 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["LIN*1*PO*4711", "LIN*1*BO*RED7", "LIN*1*VN*A1*RC*BOX9*VU*U2"])
def test_a_line_of_lesser_numbers_is_written_as_it_was(read: Read, write: Write, line: str) -> None:
    made = read("832", "BCT*PC*C1", line, "PID*F****MUG", "CTT*1")
    assert line in write(made, "832")


def test_an_attribute_that_no_code_can_name_is_told(read: Read, x12: Any) -> None:
    made = read("832", "BCT*PC*C1", "LIN*1*VN*A1", "PID*F****MUG", "CTT*1")
    product = made[1]
    assert isinstance(product, Product)
    made[1] = product.model_copy(update={"attributes": {"energy_efficiency_class": "A", "shape": "round"}})
    assert [one.split()[0] for one in said(x12, made, "832")] == ["mapping.no_room"]
    (known,) = [one for one in again(x12, made, "832") if isinstance(one, Product)]
    assert known.attributes == {"shape": "round"}


# -- 940 -------------------------------------------------------------------------------------------------------------


def test_collection_on_delivery_is_written_with_its_amount(read: Read, write: Write) -> None:
    body = ("W05*N*D-1", "W66*CC*M*****FREIGHT*3*1150*ABCD", "LX*1", "W01*2*EA**VN*A1", "W76*2")
    (order,) = made = read("940", *body)
    assert isinstance(order, Order)
    assert order.requirements == ("cod_method:3", "cod_amount:11.50")
    assert body[1] in write(made, "940")


def test_a_carrier_stays_a_party_where_w66_cannot_be(read: Read, write: Write, x12: Any) -> None:
    (order,) = read("940", "W05*N*D-1", "LX*1", "W01*2*EA**VN*A1", "W76*2")
    assert isinstance(order, Order)
    roles = {"carrier": PartyRef(name="FAST")}
    changed = order.model_copy(update={"roles": roles, "delivery_terms": DeliveryTerms(payment="collect")})
    lines = write([changed], "940")
    assert "N1*CA*FAST" in lines
    assert not [line for line in lines if line.startswith("W66")]
    assert [one.split()[0] for one in said(x12, [changed], "940")] == ["mapping.no_room"]


def test_a_short_case_code_is_written_with_its_qualifier(read: Read, write: Write) -> None:
    made = read("940", "W05*N*D-1", "LX*1", "W01*2*EA**UA*OL3543*VN*A1", "W76*2")
    assert "W01*2*EA**UA*OL3543*VN*A1" in write(made, "940")
