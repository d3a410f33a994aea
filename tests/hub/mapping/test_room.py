"""Lines that write one segment share its room: what the message has no place for is left out, with a finding."""

from __future__ import annotations

import pytest

from hub.grammar.structure import Fault
from hub.model import Order

MAPPING = """\
document: Order
grammar: x12/004010/850
BEG: { BEG03: buyer_order_id }
REF:
  by: REF01
  DP: { REF02: department }
  CR: { REF02: customer_reference }
  "*": { into: "references[]", REF01: type, REF02: id }
CUR:
  - { when: { CUR01: SE }, CUR02: tax_currency }
  - { CUR02: currency }
DTM:
  - { when: { DTM01: "001" }, DTM02: cancel_after | date }
  - { DTM03: "requirements[]" }
N1:
  into: roles{}
  key: N101 | code(t.role)
  N3: { N301: "address.lines[]", N302: "address.lines[]" }
PO1:
  into: lines[]
  PO101: line_id
  PID: { PID05: item.description | joined }
"""


@pytest.fixture
def compiled(make_library):
    return make_library({"x12/850.004010": MAPPING}).compiled("x12/850.004010")


def write(compiled, **fields):
    """The segments of an order, and the paths of what was left out."""
    findings = []
    segments = compiled.write(Order.read_json({"buyer_order_id": "A1", "lines": [], **fields}), findings)
    assert {one.code for one in findings} <= {"mapping.no_room"}
    walk = compiled.structure.walk(segment[0] for segment in segments)
    assert not [one for one in walk.faults if one.fault is not Fault.MISSING]
    return ["*".join(segment) for segment in segments], [(one.position.path, one.message[0]) for one in findings]


def references(count):
    return [{"type": "ZZ", "id": str(number)} for number in range(count)]


def test_what_fits_is_written(compiled):
    segments, left = write(compiled, department="7", customer_reference="8", references=references(1))
    assert segments == ["BEG***A1", "REF*DP*7", "REF*CR*8", "REF*ZZ*0"]
    assert left == []


def test_items_find_what_room_the_fields_leave(compiled):
    segments, left = write(compiled, department="7", references=references(4))
    assert segments == ["BEG***A1", "REF*DP*7", "REF*ZZ*0", "REF*ZZ*1"]
    assert left == [("$.references", "1"), ("$.references", "1")]


def test_of_two_lines_for_one_segment_the_first_is_written(compiled):
    segments, left = write(compiled, tax_currency="EUR", currency="USD")
    assert segments == ["BEG***A1", "CUR*SE*EUR"]
    assert left == [("$.currency", "1")]


def test_a_list_of_plain_values_ends_where_the_room_does(compiled):
    segments, left = write(compiled, cancel_after="2026-01-01", requirements=[f"r{at}" for at in range(12)])
    assert [one for one in segments if one.startswith("DTM")] == [
        "DTM*001*20260101",
        *(f"DTM***r{at}" for at in range(9)),
    ]
    assert left == [("$.requirements", "3")]


def test_the_room_is_that_of_one_turn_of_a_loop(compiled):
    party = {"address": {"lines": [f"l{at}" for at in range(6)]}}
    segments, left = write(compiled, roles={"ship_to": party, "buyer": party})
    assert [one for one in segments if one.startswith("N3")] == ["N3*l0*l1", "N3*l2*l3"] * 2
    assert left == [("$.address.lines", "2")] * 2


def test_a_loop_is_no_longer_than_it_may_be(compiled):
    roles = {f"ship_to#{number}": {"address": {"lines": ["x"]}} for number in range(2, 204)}
    segments, left = write(compiled, roles=roles)
    assert len([one for one in segments if one.startswith("N1")]) == 200
    assert left == [("$.roles", "1")] * 2
