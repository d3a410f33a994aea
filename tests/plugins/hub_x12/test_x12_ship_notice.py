"""X12 856 and 945: levels in any order become one shape of shipment, and go back to levels that say the same."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model import Shipment
from hub.testing.mapping import content

FOLDER = Path(__file__).parents[2] / "samples" / "x12"
SAMPLES = sorted([*FOLDER.glob("856-*.edi"), *FOLDER.glob("945-*.edi")])
HEAD = ("BSN*00*SH1*20261121*1015",)
S1, S2, S3 = "006141410000000012", "006141410000000029", "006141410000000036"


def notice(x12: Any, *body: str, head: tuple[str, ...] = HEAD) -> Any:
    """The message of an 856 with these levels."""
    whole = x12.interchange(x12.group(x12.set(*head, *body, kind="856"), kind="SH"))
    (message,) = x12.read(whole).messages
    return message


def shipment(x12: Any, *body: str, head: tuple[str, ...] = HEAD) -> Any:
    message = notice(x12, *body, head=head)
    assert message.accepted, message.findings
    return message.documents[0]


def segments(x12: Any, document: Any, name: str = "x12/856.004010") -> list[str]:
    findings: list[Any] = []
    (written,) = x12.library.compiled(name).messages([document], findings)
    assert not findings
    return ["*".join(":".join(one) if isinstance(one, list) else one for one in segment) for segment in written]


def held(document: Any) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """``(SSCC, parent, [(line, quantity)])`` of every unit."""
    return [
        (one.sscc, one.parent_id, [(c.line_id, str(c.quantity.value) if c.quantity else "") for c in one.contents])
        for one in document.handling_units
    ]


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 5


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_is_written_is_the_same_shipment_and_is_written_the_same_again(x12: Any, path: Path) -> None:
    read = x12.read(path.read_bytes())
    for message in read.messages:
        kind, version = message.type, message.version[:6]
        written = x12.translator.write(message.documents, kind, version, _writing(x12))
        (again,) = x12.read(written.payload).messages
        # what no line of the mapping reads is kept, but no message can be written from it
        assert _mapped(again.documents[0]) == _mapped(message.documents[0])
        assert x12.translator.write(again.documents, kind, version, _writing(x12)).payload == written.payload


def _writing(x12: Any) -> Any:
    from hub.testing.contexts import StandaloneWriteContext

    return StandaloneWriteContext(x12.library)


def _mapped(document: Any) -> Any:
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(one) for key, one in value.items() if key != "extensions"}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return bare(content(document))


def test_levels_are_numbered_in_the_order_they_are_written(x12: Any) -> None:
    made = segments(x12, x12.read((FOLDER / "856-pick-and-pack.edi").read_bytes()).messages[0].documents[0])
    assert [one for one in made if one.startswith("HL*")] == [
        "HL*1**S*1", "HL*2*1*O*1", "HL*3*2*T*1", "HL*4*3*P*1", "HL*5*4*I*0", "HL*6*4*I*0", "HL*7*3*P*1", "HL*8*7*I*0",
        "HL*9*1*O*1", "HL*10*9*P*1", "HL*11*10*I*0",
    ]  # fmt: skip
    assert made[-1] == "CTT*11"
    assert [one for one in made if one.startswith("SN1*")] == [
        "SN1**6*EA*6*12*EA",
        "SN1**4*EA",
        "SN1**6*EA*6*12*EA",
        "SN1**2*EA",
    ]


PACKS_IN_ITEMS = (
    "HL*1**S", "HL*2*1*O", "PRF*PO1", "HL*3*2*I", "LIN*1*VN*A", "SN1**10*EA",
    "HL*4*3*P", "SN1**6*EA", f"MAN*GM*00{S1}", "HL*5*3*P", "SN1**4*EA", f"MAN*AA*{S2}",
)  # fmt: skip
ITEMS_IN_PACKS = (
    "HL*1**S", "HL*2*1*O", "PRF*PO1", "HL*3*2*P", f"MAN*GM*00{S1}", "HL*4*3*I", "LIN*1*VN*A", "SN1**6*EA",
    "HL*5*2*P", f"MAN*AA*{S2}", "HL*6*5*I", "LIN*1*VN*A", "SN1**4*EA",
)  # fmt: skip
ORDERS_IN_PACKS = (
    "HL*1**S", "HL*2*1*P", f"MAN*GM*00{S1}", "HL*3*2*O", "PRF*PO1", "HL*4*3*I", "LIN*1*VN*A", "SN1**6*EA",
    "HL*5*1*P", f"MAN*AA*{S2}", "HL*6*5*O", "PRF*PO1", "HL*7*6*I", "LIN*1*VN*A", "SN1**4*EA",
)  # fmt: skip


@pytest.mark.parametrize("body", [PACKS_IN_ITEMS, ITEMS_IN_PACKS, ORDERS_IN_PACKS])
def test_the_nesting_does_not_matter(x12: Any, body: tuple[str, ...]) -> None:
    found = shipment(x12, *body)
    assert held(found) == [(S1, "", [("1", "6")]), (S2, "", [("1", "4")])]
    (line,) = found.lines
    assert (line.line_id, line.buyer_order_id, line.quantity.value) == ("1", "PO1", Decimal(10))
    assert [one.id for one in found.orders] == ["PO1"]


def test_a_level_is_below_what_its_kind_says_where_no_parent_is_named(x12: Any) -> None:
    body = [
        one.replace("HL*3*2*", "HL*3**").replace("HL*4*3*", "HL*4*99*").replace("HL*5*2*", "HL*5**")
        for one in ITEMS_IN_PACKS
    ]
    assert held(shipment(x12, *body)) == [(S1, "", [("1", "6")]), (S2, "", [("1", "4")])]
    outside = [*PACKS_IN_ITEMS[:6], "HL*4**P", "SN1**6*EA", f"MAN*GM*00{S1}"]
    assert held(shipment(x12, *outside, head=("BSN*00*SH1*20261121*1015*0002",))) == [(S1, "", [("1", "6")])]


def test_what_is_more_than_was_ordered_is_another_line(x12: Any) -> None:
    body = [
        one.replace("SN1**6*EA", "SN1**6*EA**6*EA").replace("SN1**4*EA", "SN1**4*EA**6*EA") for one in ITEMS_IN_PACKS
    ]
    found = shipment(x12, *body)
    assert [(one.line_id, one.order_line_id, one.quantity.value) for one in found.lines] == [
        ("1", "", Decimal(6)),
        ("1#2", "1", Decimal(4)),
    ]


def test_a_level_that_has_no_meaning_here_is_kept_and_said(x12: Any) -> None:
    message = notice(x12, "HL*1**S", "HL*2*1*O", "PRF*PO1", "HL*3*2*Q", f"MAN*GM*00{S1}", "HL*4*3*I", "LIN*1*VN*A")
    found = message.documents[0]
    assert found.extensions == {"HL/HL@6": ["3", "2", "Q"], "HL/MAN@7": ["GM", f"00{S1}"]}
    assert [line.buyer_order_id for line in found.lines] == ["PO1"]
    assert any(one.code == "mapping.unread" and "HL/HL, HL/MAN" in one.message for one in message.findings)


def test_what_nobody_reads_is_kept_where_it_belongs(x12: Any) -> None:
    found = shipment(
        x12, "HL*1**S", "TD4**9*1090", "HL*2*1*O", "PRF*PO1", "HL*3*2*P", "PAL*4*2", "HL*4*3*I", "LIN*1*VN*A",
        "SDQ*EA*92*0007*3",
    )  # fmt: skip
    assert found.extensions == {"HL/TD4@4": ["", "9", "1090"]}
    assert found.handling_units[0].extensions == {"HL/PAL@8": ["4", "2"]}
    assert found.lines[0].extensions == {"HL/SDQ@11": ["EA", "92", "0007", "3"]}


def test_findings_and_explanations_name_the_segment(x12: Any) -> None:
    message = notice(x12, *[one.replace(S2, "006141410000000028") for one in ITEMS_IN_PACKS])
    (found,) = [one for one in message.findings if one.position.path.endswith(".sscc")]
    assert (found.position.path, found.position.segment) == ("$.handling_units[1].sscc", 11)
    compiled = x12.library.compiled("x12/856.004010")
    lines = [one.split("*") for one in (*HEAD, *ITEMS_IN_PACKS)]
    ((kind, log),) = compiled.traces(lines, compiled.structure.walk(one[0] for one in lines).places)
    where = {traced.path: traced.at for traced in log}
    assert kind == "Shipment"
    assert where["$.orders[0].id"] == 5
    assert where["$.lines[0].item.identifiers[0]"] == 9
    assert where["$.handling_units[1].contents[0].quantity.value"] == 15


def test_without_a_hierarchy_the_data_says_how_it_is_written(x12: Any) -> None:
    line = {"line_id": "1", "buyer_order_id": "PO1", "quantity": {"value": "5", "unit": "EA"}}
    plain = {"despatch_id": "SH1", "issued_at": "2026-11-21T10:15:00", "lines": [line]}
    made = segments(x12, Shipment.read_json(plain))
    assert [one for one in made if one.startswith("HL")] == ["HL*1**S*1", "HL*2*1*O*1", "HL*3*2*I*0"]
    units = [
        {"unit_id": "a", "level": "tare"},
        {
            "unit_id": "b",
            "parent_id": "a",
            "sscc": S1,
            "contents": [{"line_id": "1", "quantity": {"value": "3", "unit": "EA"}}],
        },
    ]
    made = segments(x12, Shipment.read_json({**plain, "handling_units": units}))
    assert [one for one in made if one[:2] in ("HL", "SN", "MA")] == [
        "HL*1**S*1", "HL*2*1*T*1", "HL*3*2*P*1", f"MAN*GM*00{S1}", "HL*4*3*O*1", "HL*5*4*I*0", "SN1**3*EA",
        "HL*6*1*O*1", "HL*7*6*I*0", "SN1**2*EA",
    ]  # fmt: skip


def test_a_carrier_that_the_routing_says_is_not_written_as_a_party_too(x12: Any) -> None:
    body = ("HL*1**S", "TD5**2*UPSN*M*UNITED PARCEL", "N1*ST*NORTH*92*71", "HL*2*1*O", "PRF*PO1")
    found = shipment(x12, *body)
    assert found.roles["carrier"].name == "UNITED PARCEL"
    made = segments(x12, found)
    assert [one for one in made if one[:2] in ("TD", "N1")] == ["TD5**2*UPSN*M*UNITED PARCEL", "N1*ST*NORTH*92*71"]


def test_a_quantity_that_no_pack_divides_stands_above_them_whatever_the_hierarchy_says(x12: Any) -> None:
    head = ("BSN*00*SH1*20261121*1015*0001",)
    body = ("HL*1**S", "HL*2*1*O", "PRF*PO1", "HL*3*2*I", "LIN**VN*A", "SN1**10*EA*90*12*EA", "HL*4*3*P", "HL*5*3*P")
    made = segments(x12, shipment(x12, *body, head=head))
    assert [one for one in made if one[:2] in ("HL", "SN")] == [
        "HL*1**S*1", "HL*2*1*O*1", "HL*3*2*I*1", "SN1**10*EA*90*12*EA", "HL*4*3*P*0", "HL*5*3*P*0",
    ]  # fmt: skip


def test_a_pack_that_holds_a_line_alone_holds_all_of_it(x12: Any) -> None:
    line = {"line_id": "1", "quantity": {"value": "5", "unit": "EA"}}
    unit = {"unit_id": "a", "contents": [{"line_id": "1"}]}
    document = {"despatch_id": "SH1", "issued_at": "2026-11-21T10:15:00", "lines": [line], "handling_units": [unit]}
    assert "SN1**5*EA" in segments(x12, Shipment.read_json(document))


def test_a_quantity_that_mixed_packs_do_not_divide_is_found(x12: Any) -> None:
    lines = [{"line_id": one, "quantity": {"value": "5", "unit": "EA"}} for one in "12"]
    units = [{"unit_id": one, "contents": [{"line_id": "1"}, {"line_id": "2"}]} for one in "ab"]
    document = {"despatch_id": "SH1", "issued_at": "2026-11-21T10:15:00", "lines": lines, "handling_units": units}
    findings: list[Any] = []
    (written,) = x12.library.compiled("x12/856.004010").messages([Shipment.read_json(document)], findings)
    assert not any(one[0] == "SN1" for one in written)
    assert [one.code for one in findings] == ["mapping.no_room"] * 2
    assert "the quantity of line 1 is not written" in findings[0].message


def test_what_lacks_a_mandatory_element_is_left_out_with_a_finding(x12: Any) -> None:
    line = {"line_id": "1", "to_date": {"value": "5", "unit": "EA"}}
    document = {"despatch_id": "SH1", "issued_at": "2026-11-21T10:15:00", "lines": [line]}
    compiled = x12.library.compiled("x12/856.004010")
    findings: list[Any] = []
    (written,) = compiled.messages([Shipment.read_json(document)], findings, complete=True)
    assert not any(one[0] in ("SN1", "LIN") for one in written)
    assert {(one.code, one.position.name) for one in findings} == {
        ("mapping.no_room", "SN102"), ("mapping.no_room", "LIN02"),
    }  # fmt: skip


def test_a_carrier_that_no_w27_can_say_is_a_party_of_the_advice(x12: Any) -> None:
    carrier = {"name": "ANY TRUCKS", "identifiers": [{"scheme": "duns", "value": "123456789"}]}
    document = Shipment.read_json({"despatch_id": "W1", "roles": {"carrier": carrier}, "transport_mode": "motor"})
    made = segments(x12, document, "x12/945.004010")
    assert "N1*CA*ANY TRUCKS*1*123456789" in made
    assert all("123456789" not in one for one in made if one.startswith("W27"))


def test_a_unit_without_numbers_is_its_lines_in_an_advice(x12: Any) -> None:
    lines = [{"line_id": one, "quantity": {"value": "5", "unit": "EA"}} for one in "12"]
    unit = {"unit_id": "a", "contents": [{"line_id": one["line_id"]} for one in lines]}
    document = Shipment.read_json({"despatch_id": "W1", "lines": lines, "handling_units": [unit]})
    made = segments(x12, document, "x12/945.004010")
    assert [one.split("*")[:2] for one in made if one.startswith("LX")] == [["LX", "1"], ["LX", "2"]]


def test_units_that_hold_each_other_cannot_be_written(x12: Any) -> None:
    units = [{"unit_id": "a", "parent_id": "b"}, {"unit_id": "b", "parent_id": "a"}]
    document = Shipment.read_json({"despatch_id": "SH1", "handling_units": units})
    findings: list[Any] = []
    assert x12.library.compiled("x12/856.004010").messages([document], findings) == []
    assert "stand inside one another" in findings[0].message


def test_an_advice_is_about_one_order(x12: Any) -> None:
    found = x12.read((FOLDER / "856-packs-of-orders.edi").read_bytes()).messages[0].documents[0]
    findings: list[Any] = []
    assert x12.library.compiled("x12/945.004010").messages([found], findings) == []
    assert "about one order, not 2" in findings[0].message


def test_an_advice_of_an_old_release_has_no_groups(x12: Any) -> None:
    found = x12.read((FOLDER / "945-pallets-and-loose.edi").read_bytes()).messages[0].documents[0]
    findings: list[Any] = []
    (written,) = x12.library.compiled("x12/945.003060").messages([found], findings)
    assert [(one.code, one.position.path) for one in findings] == [("mapping.no_room", "$.handling_units")]
    made = ["*".join(segment) for segment in written]
    assert not any(one.startswith(("LX", "MAN")) for one in made)
    assert [one.split("*")[3] for one in made if one.startswith("W12")] == ["20", "12", "4"]


@st.composite
def trees(draw: st.DrawFn) -> list[str]:
    """Levels that anybody might send: kinds, numbers and parents at random."""
    out = []
    for number in range(draw(st.integers(0, 14))):
        kind = draw(st.sampled_from("SOTPIQK"))
        parent = draw(st.one_of(st.just(""), st.integers(0, 16).map(str)))
        out.append(f"HL*{draw(st.one_of(st.just(str(number)), st.integers(0, 9).map(str)))}*{parent}*{kind}")
        if kind == "I":
            out += [
                f"LIN*{draw(st.sampled_from(['', '1', '2', '1#2']))}*VN*{draw(st.sampled_from('AB'))}",
                f"SN1**{number + 1}*EA",
            ]
        if kind == "O" and draw(st.booleans()):
            out.append(f"PRF*PO{draw(st.integers(1, 2))}")
        if kind in "TP" and draw(st.booleans()):
            out.append(f"MAN*GM*00{draw(st.sampled_from([S1, S2, S3]))}")
    return out


@settings(max_examples=150, deadline=None)
@given(body=trees())
def test_no_tree_of_levels_is_too_odd(x12: Any, body: list[str]) -> None:
    compiled = x12.library.compiled("x12/856.004010")
    lines = [one.split("*") for one in (*HEAD, *body)]
    reading = compiled.read(lines, compiled.structure.walk(one[0] for one in lines).places)
    found = reading.documents[0]
    sent = [Decimal(one[2]) for one in lines if one[0] == "SN1"]
    assert sum(line.quantity.value for line in found.lines) == sum(sent)
    assert len({line.line_id for line in found.lines}) == len(found.lines)
    assert len(found.handling_units) == sum(one[0] == "HL" and one[3] in "TP" for one in lines)
    known = {line.line_id for line in found.lines}
    assert {content.line_id for unit in found.handling_units for content in unit.contents} <= known
    assert {unit.parent_id for unit in found.handling_units} <= {"", *(unit.unit_id for unit in found.handling_units)}
    findings: list[Any] = []
    (written,) = compiled.messages([found], findings) or ([],)
    again = sum(Decimal(one[2]) for one in written if one[0] == "SN1" and _is_item(written, one))
    assert again == sum(sent) or findings


def _is_item(written: list[Any], segment: Any) -> bool:
    at = next(number for number, one in enumerate(written) if one is segment)
    return next(one for one in reversed(written[:at]) if one[0] == "HL")[3] == "I"


def test_many_levels_take_no_longer_each(x12: Any) -> None:
    body = ["HL*1**S", "HL*2**O", "PRF*PO1"]
    for number in range(3, 6000):
        body += [
            f"HL*{number}**{'P' if number % 3 else 'I'}",
            *([] if number % 3 else [f"LIN*{number}*VN*A", "SN1**1*EA"]),
        ]
    start = datetime.now()  # noqa: DTZ005 - a span of this process
    found = shipment(x12, *body)
    assert len(found.handling_units) + len(found.lines) == 5997
    assert (datetime.now() - start).total_seconds() < 20  # noqa: DTZ005


def test_samples_say_what_their_json_says() -> None:
    """The expected documents were compared with the raw segments by eye; here only that none is empty."""
    for path in SAMPLES:
        made = json.loads(path.with_suffix(".json").read_text())
        assert made
        assert all(one["kind"] == "Shipment" and one["document"]["lines"] for one in made)


def test_every_value_of_real_notices_is_in_the_document(x12: Any, real_files: list[Path]) -> None:
    """Whatever the checks of form say of these files: what was sent is read or kept."""
    count = 0
    files = [path for path in real_files if path.name.startswith(("856", "945"))]
    if not files:
        pytest.skip("the files of other people are not at hand")
    for path in files:
        text = path.read_bytes().decode("utf-8-sig", "replace")
        separator = text[text.index("ISA") + 3]
        lines = [one.strip().split(separator) for one in re.split(r"[~\n\r!]", text) if one.strip()]
        version = next(one[8] for one in lines if one[0] == "GS")
        for kind, body in _sets(lines):
            compiled = x12.library.find("x12", kind, version)
            reading = compiled.read(body, compiled.structure.walk(one[0] for one in body).places)
            if any(one.code == "model.invalid.missing" for one in reading.findings):
                continue  # one of them has no number at all
            made = json.dumps([one.canonical_dict() for one in reading.documents], ensure_ascii=False)
            sent = [
                text
                for one in body
                if one[0] in ("LIN", "N1", "N3", "PRF", "REF", "MAN", "SN1", "N9")
                for text in one[2:]
            ]
            lost = [
                text for text in sent if len(text) > 2 and text not in made and text[2:] not in made and not _day(text)
            ]
            assert not lost, path.name
            count += 1
    assert count >= 16


def _sets(lines: list[list[str]]) -> list[tuple[str, list[list[str]]]]:
    found: list[tuple[str, list[list[str]]]] = []
    for one in lines:
        if one[0] == "ST":
            found.append((one[1], []))
        elif one[0] in ("SE", "GE", "IEA"):
            continue
        elif found:
            found[-1][1].append(one)
    return found


def _day(text: str) -> bool:
    return text.isdigit() and len(text) in (6, 8)
