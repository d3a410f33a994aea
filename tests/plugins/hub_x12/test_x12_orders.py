"""Orders, changes, answers and reports of status: what their forms make of a message, and of documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.mapping.converters import Environment, Pair, Unmapped
from hub.mapping.library import MappingLibrary
from hub.model import Order, OrderResponse
from hub.model.order_state import fold
from hub_x12.converting import CONVERTERS
from hub_x12.forms import answer, grocery, order, status
from hub_x12.forms.sub_lines import folded

SETS = {
    "850-everything": "850", "855-several-answers": "855", "860-change": "860", "865-change-response": "865",
    "869-inquiry": "869", "870-report": "870", "875-grocery": "875",
}  # fmt: skip
RELEASES = ("003040", "003060", "004010", "004030", "005010")


def pair(library: MappingLibrary, name: str, args: Sequence[str], version: str = "004010") -> Pair:
    made = next(one for one in CONVERTERS if one.name == name)
    return made.make(args, Environment(library.codes, "x12", version))


def segments(x12: Any, documents: Sequence[Any], message: str, release: str = "004010") -> list[str]:
    """The segments of the messages that documents are written as, without the envelope."""
    written = x12.translator.write(documents, message, release, x12.context())
    lines = [line.strip() for line in written.payload.decode().split("~")]
    return [line for line in lines if line and line.split("*")[0] not in ("ISA", "GS", "ST", "SE", "GE", "IEA")]


def read(x12: Any, *body: str, kind: str, functional: str, version: str = "004010") -> Any:
    """The documents of one message; it must be accepted."""
    made = x12.read(
        x12.isa() + x12.group(x12.set(*body, kind=kind), kind=functional, version=version) + "IEA*1*000000001~"
    )
    assert made.accepted == [True], [str(one) for one in made.findings]
    return made.messages[0].documents


@pytest.mark.parametrize(("name", "message"), SETS.items())
@pytest.mark.parametrize("release", RELEASES)
def test_writing_what_was_read_from_what_was_written_changes_nothing(
    x12: Any, samples: Path, name: str, message: str, release: str
) -> None:
    documents = x12.read((samples / f"{name}.edi").read_bytes()).messages[0].documents
    if message == "850" and release < "004010":  # a period of days has no place in its DTM
        documents = [documents[0].model_copy(update={"dates": ()})]
    written = x12.translator.write(documents, message, release, x12.context())
    again = x12.read(written.payload)
    assert again.accepted == [True], [str(one) for one in again.findings]
    assert x12.translator.write(again.messages[0].documents, message, release, x12.context()).payload == written.payload


def test_every_answer_to_a_line_is_a_line_of_the_response(x12: Any) -> None:
    body = ("BAK*00*AC*PO1*20260105", "PO1*1*48*EA*2*PE*VN*A", "ACK*IA*20*EA*069*20260118", "ACK*IB*28*EA*017*20260201")
    (response,) = read(x12, *body, kind="855", functional="PR")
    assert [(one.line_id, one.status_code, str(one.quantity.value)) for one in response.lines] == [
        ("1", "accepted", "20"), ("1", "backordered", "28"),
    ]  # fmt: skip
    first, second = response.lines
    assert (first.item, first.ordered, first.price) == (second.item, second.ordered, second.price)
    assert [line for line in segments(x12, [response], "855") if line[:3] in ("PO1", "ACK")] == [
        "PO1*1*48*EA*2*PE*VN*A", "ACK*IA*20*EA*069*20260118", "ACK*IB*28*EA*069*20260201",
    ]  # fmt: skip


def test_an_answer_that_says_more_than_an_ack_can_makes_its_own_line(x12: Any) -> None:
    lines = [
        {"line_id": "1", "status_code": "accepted", "quantity": {"value": "20", "unit": "EA"}},
        {"line_id": "1", "status_code": "backordered", "quantity": {"value": "4", "unit": "EA"},
         "notes": [{"text": "IN MARCH"}]},
    ]  # fmt: skip
    head = {"buyer_order_id": "PO1", "header_code": "accepted_with_changes", "purpose": "original"}
    response = OrderResponse.read_json({**head, "order_date": "2026-01-05", "lines": lines})
    written = segments(x12, [response], "855")
    assert [line.split("*")[0] for line in written if line[:3] in ("PO1", "ACK")] == ["PO1", "ACK", "PO1", "ACK"]


def test_parts_of_a_line_stand_behind_it_with_its_number(x12: Any) -> None:
    body = (
        "BEG*00*SA*PO1**20260105", "PO1*1*2*EA*9**VN*KIT", "SLN*1**I*1*EA****VN*A",
        "SLN*2*1*I*3*EA****VN*B", "PO1*2*1*EA*9**VN*OTHER", "SLN*1**I*1*EA****VN*C", "SLN*7*9*I*1*EA****VN*D",
        "CTT*2*3",
    )  # fmt: skip
    (order,) = read(x12, *body, kind="850", functional="PO")
    assert [(one.line_id, one.parent_line_id) for one in order.lines] == [
        ("1", ""), ("1", "1"), ("2", "1"), ("2", ""), ("1", "2"), ("7", "2"),
    ]  # fmt: skip
    assert order.lines[5].extensions["SLN02"] == "9"
    written = segments(x12, [order], "850")
    assert [line[:8] for line in written if line[:3] in ("PO1", "SLN")] == [
        "PO1*1*2*", "SLN*1**I", "SLN*2**I", "PO1*2*1*", "SLN*1**I", "SLN*7**I",
    ]  # fmt: skip
    assert written[-1] == "CTT*2"


def test_conditions_of_delivery_become_fields(x12: Any) -> None:
    cases = {
        ("N",): {"backorder_allowed": False}, ("Y",): {"backorder_allowed": True},
        ("SC", "N"): {"partial_delivery_allowed": False, "backorder_allowed": False},
        ("BK",): {"partial_delivery_allowed": True, "backorder_allowed": True},
        ("SP", "IS"): {"partial_delivery_allowed": True, "backorder_allowed": False, "substitution_allowed": True},
        ("P4",): {"requirements": ("no_preship",)},
        ("N", "Y"): {"backorder_allowed": False, "requirements": ("backorder",)},
    }  # fmt: skip
    for codes, fields in cases.items():
        body = ("BEG*00*SA*PO1**20260105", *(f"CSH*{code}" for code in codes), "PO1*1*1*EA*9**VN*A")
        (order,) = read(x12, *body, kind="850", functional="PO")
        assert {name: getattr(order, name) for name in fields} == fields
        assert {line for line in segments(x12, [order], "850") if line[:3] == "CSH"} == {f"CSH*{one}" for one in codes}


def test_a_party_below_a_line_is_a_role_or_the_place_of_a_schedule(x12: Any) -> None:
    body = (
        "BEG*00*SA*PO1**20260105", "PO1*1*9*EA*9**VN*A", "N1*ST*EAST*92*E1", "N1*Z7*ANN", "N1*ST*WEST*92*W1",
        "SCH*4*EA***002*20260120", "N1*SN*SHOP*92*70", "QTY*01*5*EA",
    )  # fmt: skip
    (order,) = read(x12, *body, kind="850", functional="PO")
    (line,) = order.lines
    assert {role: party.name for role, party in line.roles.items()} == {"ship_to": "EAST", "mark_for": "ANN"}
    west, shop = line.schedules
    assert (west.location.name, west.role, west.window.start) == ("WEST", "", date(2026, 1, 20))
    assert (shop.location.name, shop.role, shop.quantity.value) == ("SHOP", "store", Decimal(5))
    assert set(body[2:]) <= set(segments(x12, [order], "850"))


def test_a_carrier_with_an_address_is_written_as_a_party(x12: Any) -> None:
    body = ("BEG*00*SA*PO1**20260105", "N1*CA*HAULIER*2*ABCD", "N3*1 DOCK", "PO1*1*1*EA*9**VN*A")
    (order,) = read(x12, *body, kind="850", functional="PO")
    assert order.roles["carrier"].address.lines == ("1 DOCK",)
    written = segments(x12, [order], "850")
    assert "N1*CA*HAULIER*2*ABCD" in written
    assert not any(line.startswith("TD5") for line in written)


def test_a_change_says_what_becomes_of_a_line(x12: Any) -> None:
    said = {
        "AI": ("add", ""), "DI": ("delete", ""), "CF": ("delete", "cancel_order"), "CA": ("change", ""),
        "NC": ("none", ""), "QI": ("change", "increase_quantity"), "RZ": ("change", "replace"),
    }  # fmt: skip
    lines = [f"POC*{number}*{code}*5*3*EA*2**VN*A{number}" for number, code in enumerate(said, 1)]
    (order,) = read(x12, "BCH*04*SA*PO1***20260105*****20260108", *lines, kind="860", functional="PC")
    assert (order.purpose, order.order_date, order.issued_at) == ("change", date(2026, 1, 5), date(2026, 1, 8))
    assert [(one.action, one.change) for one in order.lines] == list(said.values())
    assert {(one.outstanding.value, one.outstanding.unit) for one in order.lines} == {(Decimal(3), "EA")}
    assert [line for line in segments(x12, [order], "860") if line.startswith("POC")] == lines


def test_a_change_in_an_order_of_the_model_is_written(x12: Any) -> None:
    data = {"buyer_order_id": "PO1", "purpose": "change", "order_date": "2026-01-05", "type": "order",
            "lines": [{"line_id": "1", "quantity": {"value": "2", "unit": "EA"}, "outstanding": {"value": "2"}},
                      {"line_id": "2", "action": "delete", "change": "increase_quantity"}]}  # fmt: skip
    written = segments(x12, [Order.read_json(data)], "860")
    assert [line for line in written if line.startswith("POC")] == ["POC*1*CA*2*2*EA", "POC*2*DI"]


def test_changes_fold_into_the_order(x12: Any, samples: Path) -> None:
    (order,) = read(
        x12, "BEG*00*SA*NG-4500711**20260105", "PO1*1*240*CA*18.60*PE*VN*AB-1001", "PID*F****WIDGET",
        "PO1*2*60*CA*410*HP*VN*AB-2040", "PO1*4*60*CA*410*HP*VN*AB-2041", "PO1*5*6*EA*4**VN*AB-5000",
        kind="850", functional="PO",
    )  # fmt: skip
    (change,) = x12.read((samples / "860-change.edi").read_bytes()).messages[0].documents
    state = fold(order, [change])
    by_id = {line.line_id: line for line in state.lines}
    assert by_id["1"].buckets.ordered == 200
    assert by_id["1"].item.description == "WIDGET, BLUE"
    assert by_id["2"].status_code == "deleted"
    assert by_id["3"].buckets.ordered == 12
    assert by_id["5"].requested_delivery.start == date(2026, 1, 30)


def test_levels_without_an_order_above_them_are_orders(x12: Any) -> None:
    body = ("BSI*Q1*20260112*PP", "HL*1**I", "LIN**VN*A", "HL*2*7*I", "LIN*9*VN*B", "HL*3**O", "PRF*PO3", "HL*4*3*I",
            "LIN*1*VN*C", "HL*5*4*I", "LIN*2*VN*D", "CTT*5")  # fmt: skip
    (request,) = read(x12, *body, kind="869", functional="RS")
    assert [(one.buyer_order_id, [line.line_id for line in one.lines]) for one in request.orders] == [
        ("", [""]), ("", ["9"]), ("PO3", ["1", "2"]),
    ]  # fmt: skip


def test_a_level_of_a_line_that_says_more_keeps_it(x12: Any) -> None:
    body = ("BSR*3*PA*R1*20260112", "HL*1**O", "PRF*PO1", "HL*2*1*I", "PRF*OTHER", "ISR*IN", "HL*3*1*I",
            "ISR*SH*20260110", "PO1*1*5*EA", "ISR*BO", "CTT*3")  # fmt: skip
    (report,) = read(x12, *body, kind="870", functional="RS")
    (order,) = report.orders
    assert [[step.status for step in line.steps] for line in order.lines] == [
        ["in_process"],
        ["shipped", "backordered"],
    ]
    assert "OTHER" in str(order.extensions)


@pytest.mark.parametrize("module", [order, answer, grocery])
def test_a_form_without_lines_is_a_document(module: Any) -> None:
    ((_, data),) = module.read({"buyer_order_id": "PO1"})
    assert data == {"buyer_order_id": "PO1"}
    assert status.read_report({"report_id": "R"}) == [("OrderStatusReport", {"report_id": "R"})]


def test_carriers(library: MappingLibrary) -> None:
    made = pair(library, "x12_carrier", ["x12.66"])
    assert made.write is not None
    for parts in (("2", "UPSN", ""), ("", "", "UPS GROUND"), ("92", "P3", "SEE GUIDE"), ("", "X1", "")):
        assert made.write(made.read(parts)) == parts
    for parts in (("2", "", ""), ("QQ", "1", "")):
        with pytest.raises(Unmapped):
            made.read(parts)
    assert made.write({"identifiers": [{"scheme": "x12.66:QQ", "value": "1"}]}) == ("QQ", "1", "")


def test_schedules(library: MappingLibrary) -> None:
    made = pair(library, "x12_schedule", ["x12.355", "x12.374", "002"])
    assert made.write is not None
    plain = ("4", "EA", "002", "20260118", "", "010", "20260116", "0322")
    assert tuple(made.write(made.read(plain))) == plain
    window = ("4", "EA", "064", "20260118", "", "063", "20260120", "")
    found = made.read(window)
    assert found["window"] == {"start": date(2026, 1, 18), "end": date(2026, 1, 20)}
    assert tuple(made.write(found)) == window
    with pytest.raises(Unmapped, match="QQ") as kept:
        made.read(("4", "QQ", "", "", "", "", "", ""))
    assert kept.value.instead == {"quantity": {"value": Decimal(4), "unit": "x12.355:QQ"}}
    with pytest.raises(Unmapped):
        made.read(("", "", "", "", "", "", "", ""))
    day = date(2026, 1, 1)
    refused = [
        {"location": {"name": "A"}}, {"quantity": {"value": Decimal(1), "unit": "nothing"}},
        {"window": {"start": day, "end": day}, "dates": [{"qualifier": "shipped", "value": day}]},
        {"dates": [{"qualifier": "no such date", "value": date(2026, 1, 1)}]},
    ]  # fmt: skip
    for schedule in refused:
        with pytest.raises(ValueError):  # noqa: PT011 - each for a reason of its own
            made.write(schedule)


def test_times_of_grocery_dates(library: MappingLibrary) -> None:
    made = pair(library, "x12_timed", ["Y"])
    assert made.write is not None
    assert made.read(("20260105", "", "", "")) == date(2026, 1, 5)
    assert made.write(made.read(("20260105", "7", "0930", "UT"))) == ("20260105", "Y", "0930", "UT")
    assert made.read(("20260105", "7", "0930", "GM")) == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    with pytest.raises(Unmapped, match="ET"):
        made.read(("20260105", "Y", "0930", "ET"))
    with pytest.raises(Unmapped):
        made.read(("", "Y", "0930", ""))


def test_prices_for_several(library: MappingLibrary) -> None:
    made = pair(library, "x12_price_multiple", ["x12.639"])
    assert made.write is not None
    three = made.read(("10", "PE", "3"))
    assert three["per"] == {"value": Decimal(3)}
    assert made.write(three) == ("10", "PE", "3")
    assert made.write(made.read(("410", "HP", ""))) == ("410", "HP", "")
    with pytest.raises(Unmapped) as kept:
        made.read(("10", "??", "3"))
    assert kept.value.instead == {"amount": Decimal(10), "basis": "x12.639:??", "per": {"value": Decimal(3)}}


@pytest.mark.parametrize(
    ("release", "amounts", "left"),
    [
        ("003040", ["AMT*TT*110"], ["$.totals_stated.line_sum"]),  # one, behind the CTT
        ("003050", ["AMT*1*100", "AMT*TT*110"], []),  # both before the lines, none behind
        ("003060", ["AMT*1*100", "AMT*TT*110"], []),
        ("004010", ["AMT*1*100", "AMT*TT*110"], []),
    ],
)
@pytest.mark.parametrize("message", ["850", "860"])
def test_the_totals_stand_where_a_release_has_room_for_them(
    x12: Any, message: str, release: str, amounts: list[str], left: list[str]
) -> None:
    totals = {"line_sum": "100", "payable": "110"}
    document = Order.read_json({"buyer_order_id": "A1", "currency": "USD", "lines": [], "totals_stated": totals})
    findings: list[Any] = []
    compiled = x12.library.compiled(f"x12/{message}.{release}")
    (written,) = compiled.messages([document], findings)
    made = ["*".join(":".join(one) if isinstance(one, list) else one for one in segment) for segment in written]
    assert [one for one in made if one.startswith("AMT")] == amounts
    assert [one.position.path for one in findings if one.code == "mapping.no_room"] == left
    alone = Order.read_json(
        {"buyer_order_id": "A1", "currency": "USD", "lines": [], "totals_stated": {"line_sum": "100"}}
    )
    assert ["AMT", "1", "100"] in compiled.messages([alone], findings)[0]


@pytest.mark.parametrize("message", ["850", "860", "875"])
@pytest.mark.parametrize("party", [{}, {"name": "UPS"}])
def test_a_carrier_of_a_line_is_read_again(x12: Any, message: str, party: dict[str, str]) -> None:
    """A party of nothing but its role is in no routing, and a grocery line has none."""
    document = Order.read_json({"buyer_order_id": "A1", "lines": [{"line_id": "1", "roles": {"carrier": party}}]})
    findings: list[Any] = []
    compiled = x12.library.compiled(f"x12/{message}.004010")
    (written,) = compiled.messages([document], findings)
    assert not findings
    assert ["TD5"] not in written
    (again,) = compiled.read(written, compiled.structure.walk([one[0] for one in written]).places).documents
    assert again.canonical_dict()["lines"][0]["roles"] == {"carrier": party}


def test_a_part_belongs_to_the_nearest_line_with_the_name_it_tells() -> None:
    flat = [{"line_id": "1"}, {"line_id": "2", "parent_line_id": "1"}, {"line_id": "3"},
            {"line_id": "2", "parent_line_id": "3"}, {"line_id": "4", "parent_line_id": "2"}]  # fmt: skip
    first, second = folded(flat)
    assert [part["line_id"] for part in first["parts"]] == ["2"]
    assert [part["line_id"] for part in second["parts"]] == ["2", "4"]


@pytest.mark.parametrize("message", ["855", "865"])
@pytest.mark.parametrize("release", ["003040", "003050", "003060", "004010", "005010"])
def test_an_answer_states_its_total_in_every_release(x12: Any, message: str, release: str) -> None:
    """Behind the CTT, which is a loop only from 003060 on."""
    document = OrderResponse.read_json(
        {"buyer_order_id": "A1", "currency": "USD", "lines": [], "totals_stated": {"payable": "110"}}
    )
    findings: list[Any] = []
    compiled = x12.library.compiled(f"x12/{message}.{release}")
    (written,) = compiled.messages([document], findings)
    assert not findings
    assert written[-2:] == [["CTT", "0"], ["AMT", "TT", "110"]]
    (again,) = compiled.read(written, compiled.structure.walk([one[0] for one in written]).places).documents
    assert again.totals_stated == document.totals_stated
