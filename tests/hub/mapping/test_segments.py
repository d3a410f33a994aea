"""Segments: qualifiers, loops, code lists, left-overs, computed values, and the way back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.findings import Severity
from hub.model import Order

ORDER = (
    "BEG*00*SA*PO1**20260101~CUR*BY*USD~DTM*002*20260115~DTM*010*20260110~N1*ST*STORE 1*92*0001~N3*1 MAIN*FLOOR 2"
    "~N4*TOWN*IL*62701*USA~PO1*1*12*EA*9.25**UP*012345678905*VN*SKU42~PID*F****WIDGET~PO1**3*CA~CTT*2*15"
)


def test_reads_every_part_where_it_belongs(read_text):
    order = read_text(ORDER).document.canonical_dict()
    assert order["purpose"] == "original"
    assert order["issued_at"] == "2026-01-01"
    assert order["requested_delivery"] == {"start": "2026-01-15"}
    assert order["dates"] == [{"qualifier": "010", "value": "2026-01-10"}]
    assert order["roles"]["ship_to"] == {
        "name": "STORE 1",
        "identifiers": [{"scheme": "buyer_assigned", "value": "0001"}],
        "address": {
            "lines": ["1 MAIN", "FLOOR 2"],
            "city": "TOWN",
            "region": "IL",
            "postal_code": "62701",
            "country": "US",
        },
    }
    first, second = order["lines"]
    assert first["item"]["identifiers"][0]["value"] == "00012345678905"
    assert first["item"]["description"] == "WIDGET"
    assert first["price"] == {"amount": "9.25", "currency": "USD", "per": {"value": "1", "unit": "EA"}}
    assert second["line_id"] == "2", "a line without PO101 is numbered by its place"
    assert second["quantity"] == {"value": "3", "unit": "XCS"}


def test_what_is_not_mapped_stays_in_extensions(read_text):
    reading = read_text("BEG*00*SA*PO1**20260101*X9~REF*DP*12~PO1*1*12*EA~PO4*4*CA~CTT*1")
    assert reading.document.extensions == {"BEG06@2": "X9", "REF@3": ["DP", "12"], "PO1/PO4@5": ["4", "CA"]}
    assert [finding.code for finding in reading.findings if finding.code.startswith("mapping")] == ["mapping.unread"]


def test_segment_without_a_place_is_kept(read_text):
    reading = read_text("BEG*00*SA*PO1~ZZ1*A~PO1*1*1*EA")
    assert reading.document.extensions["ZZ1@3"] == ["A"]


@pytest.mark.parametrize(
    ("text", "path", "kept"),
    [
        ("BEG*77*SA*PO1~PO1*1*1*EA", "purpose", "t.purpose:77"),
        ("BEG*00*SA*PO1~N1*QQ*X~PO1*1*1*EA", "roles", {"t.role:QQ"}),
    ],
)
def test_unknown_code_passes_through_marked_and_found(read_text, text, path, kept):
    reading = read_text(text)
    value = getattr(reading.document, path)
    assert (set(value) if isinstance(value, dict) else value) == kept
    found = next(finding for finding in reading.findings if finding.code == "mapping.unmapped")
    assert found.severity is Severity.WARNING
    assert found.position.segment in (2, 3)


def test_unknown_qualifier_in_a_range_names_its_own_element(read_text):
    reading = read_text("BEG*00*SA*PO1~PO1*1*1*EA***UP*012345678905*QQ*7")
    found = next(finding for finding in reading.findings if finding.code == "mapping.unmapped")
    assert (found.position.name, found.position.element) == ("PO108", 8)
    assert reading.document.lines[0].item.identifiers[1].scheme == "t.item:QQ"


def test_value_that_cannot_be_converted_is_an_error_with_its_place(read_text):
    reading = read_text("BEG*00*SA*PO1**20261341~PO1*1*x*EA")
    errors = [finding for finding in reading.findings if finding.severity is Severity.ERROR]
    assert [(error.position.segment, error.position.name, error.value) for error in errors] == [
        (2, "BEG05", "20261341"),
        (3, "PO102", "x"),
    ]


def test_invalid_document_points_at_the_segment(read_text):
    reading = read_text("BEG*00*SA~PO1*1*1*EA")
    assert reading.document is None
    assert any(finding.position.path == "$.buyer_order_id" for finding in reading.findings)


def test_second_turn_with_the_same_key_is_kept_apart(read_text):
    reading = read_text("BEG*00*SA*PO1~N1*ST*ONE~N1*ST*TWO~PO1*1*1*EA")
    assert {key: role.name for key, role in reading.document.roles.items()} == {"ship_to": "ONE", "ship_to#2": "TWO"}


def test_second_value_of_a_field_is_kept_beside(read_text):
    reading = read_text("BEG*00*SA*PO1~DTM*002*20260101~DTM*002*20260202~PO1*1*1*EA")
    assert str(reading.document.requested_delivery.start) == "2026-01-01"
    assert reading.document.extensions == {"DTM02@4": "2026-02-02"}


def test_counts_and_sums_are_checked(read_text):
    reading = read_text("BEG*00*SA*PO1~PO1*1*5*EA~CTT*2*7")
    found = [finding for finding in reading.findings if finding.code == "mapping.computed"]
    assert [(finding.position.name, finding.value) for finding in found] == [("CTT01", "2"), ("CTT02", "7")]


def test_writes_what_it_read_in_message_order(read_text, library):
    compiled = library.compiled("x12/850.004010")
    written = compiled.write(read_text(ORDER).document)
    assert "~".join("*".join(segment) for segment in written) == (
        "BEG*00*SA*PO1**20260101~CUR**USD~DTM*002*20260115~DTM*010*20260110~N1*ST*STORE 1*92*0001~N3*1 MAIN*FLOOR 2"
        "~N4*TOWN*IL*62701*US~PO1*1*12*EA*9.25**UP*012345678905*VN*SKU42~PID*F****WIDGET~PO1*2*3*CA~CTT*2"
    )


def test_qualifier_alone_is_never_written(read_text, library):
    written = library.compiled("x12/850.004010").write(read_text("BEG*00*SA*PO1~PO1*1*1*EA").document)
    assert [segment[0] for segment in written] == ["BEG", "PO1", "CTT"]


def test_what_has_no_room_or_no_code_is_found_on_writing(read_text, library):
    compiled = library.compiled("x12/850.004010")
    order = read_text("BEG*00*SA*PO1~PO1*1*1*EA").document
    line = order.lines[0].model_copy(update={"quantity": order.lines[0].quantity.model_copy(update={"unit": "KGM"})})
    findings = []
    compiled.write(order.model_copy(update={"lines": (line,)}), findings)
    assert [(finding.code, finding.position.name) for finding in findings] == [("mapping.unwritable", "PO103")]


def test_trace_says_where_every_field_came_from(library):
    compiled = library.compiled("x12/850.004010")
    segments = [segment.split("*") for segment in ORDER.split("~")]
    places = compiled.structure.walk(one[0] for one in segments).places
    traced = {one.path: one for one in compiled.trace(segments, places)}
    assert traced["$.roles.ship_to.address.city"].at == 8
    assert traced["$.lines[0].item.identifiers[1]"].value == {"scheme": "seller_item", "value": "SKU42"}
    assert traced["$.lines[1].quantity.value"].value == Decimal(3)
    assert traced["$.dates[0].value"].line.entry.line == 12


def test_defaults_of_an_agreement_fill_what_was_left_out(read_text, library):
    compiled = library.compiled("x12/850.004010").with_defaults(
        {"currency": "EUR", "roles": {"seller": {"name": "US"}}}
    )
    order = read_text("BEG*00*SA*PO1~PO1*1*1*EA*2", compiled).document
    assert order.currency == "EUR"
    assert order.lines[0].price.currency == "EUR"
    assert order.roles["seller"].name == "US"


def test_a_field_says_which_of_several_blocks_an_item_is_for(make_library):
    text = """\
document: Order
grammar: x12/004010/850
PO1:
  into: lines[]
  by: PO102
  PO101: line_id
  PO102: action
  A: { PO103: status_code, PID: { PID05: item.description } }
  D: { PO104: status_code }
"""
    compiled = make_library({"x12/chosen.1": text}).compiled("x12/chosen.1")
    segments = [one.split("*") for one in ["PO1*1*D**gone", "PO1*2*A*new", "PID*****Lamp", "PO1*3*X*?"]]
    reading = compiled.read(segments, compiled.structure.walk(one[0] for one in segments).places)
    lines = reading.unread and [
        {"line_id": "1", "action": "D", "status_code": "gone"},
        {"line_id": "2", "action": "A", "status_code": "new", "item": {"description": "Lamp"}},
        {"line_id": "3", "action": "X"},
    ]
    order = Order.model_validate({"buyer_order_id": "PO1", "lines": lines})
    findings = []
    assert compiled.write(order, findings) == segments[:3]
    assert [one.message for one in findings if "lines" in one.message] == [
        "1 of lines found no place in the message: no room left, or no code for them"
    ]
    assert reading.unread == {"PO1/PO1@5": ["3", "X", "?"]}
