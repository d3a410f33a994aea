"""``releases:``: one file for several releases of a message, less what a release does not have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Grammar, Loop, SegmentDef, SegmentUse
from hub.mapping import report
from hub.mapping.library import MappingLibrary
from hub.model import Order

MAPPING = """\
document: Order
grammar: x12/004010/850
releases: 003040 005010   # the older one is poorer
BEG:
  BEG03: buyer_order_id
  BEG05: issued_at | date
  BEG08: contract
CUR:
  - { when: { CUR03: X }, CUR02: tax_currency | currency }
  - { CUR02: currency | currency }
REF: { by: REF03, "7": { REF02: department } }
DTM: { DTM03-01: cancel_after | date }
N1: { into: "roles{}", key: N101 | code(t.role), "N103, N104": "identifiers[] | identifier(t.id)" }
PO1:
  into: lines[]
  by: PO101
  PID: { PID05: item.description }
  PO4: { PO401: status_code }
  "1": { PO101: line_id, pairs(PO106..PO113): "item.identifiers[] | identifier(t.item)" }
CTT: { CTT01: count(lines) }
"""


def poorer(grammar: Grammar) -> Grammar:
    """The small 850 in an older release: shorter segments, a simple element for a composite, no PID, no CTT."""

    def cut(name: str, count: int) -> SegmentDef:
        return SegmentDef(name, grammar.segments[name].elements[:count])

    segments = dict(grammar.segments) | {"BEG": cut("BEG", 5), "CUR": cut("CUR", 2), "REF": cut("REF", 2)}
    segments |= {"PO1": cut("PO1", 9), "N1": cut("N1", 3)}
    loop = Loop("PO1", (SegmentUse("PO1", True), SegmentUse("PO4")), True, 100000)
    content = tuple(one for one in grammar.content if getattr(one, "id", "") not in ("PO1", "CTT"))
    return replace(grammar, name="x12/003040/850", version="003040", content=(*content, loop), segments=segments)


@pytest.fixture
def library(make_library, grammar):
    parts = (ElementDef("DTM03-01", "1", max=8), ElementDef("DTM03-02", "2", max=8))
    elements = list(grammar.segments["DTM"].elements)
    elements[2] = ElementDef("DTM03", "C1", components=parts)
    own = replace(grammar, segments={**grammar.segments, "DTM": SegmentDef("DTM", tuple(elements))})
    known = {one.name: one for one in (own, poorer(grammar))}
    folder = make_library({"x12/850.004010": MAPPING}).folders[-1]

    def load(name):
        return known.get(name) or (replace(own, name=name, version="005010") if name == "x12/005010/850" else None)

    return MappingLibrary([folder], grammar_of=load)


def read(compiled, text):
    segments = [segment.split("*") for segment in text.split("~")]
    for segment in segments:
        if segment[0] == "DTM" and compiled.version != "003040":
            segment[3:] = [[segment[3], ""]]
    return compiled.read(segments, compiled.structure.walk(one[0] for one in segments).places)


TEXT = "BEG*00*SA*PO1**{day}~CUR*BY*USD~DTM*002**{day}~N1*ST**92*0042~PO1*1*2*EA***VN*A*UP*614141000036*IN*B"


def test_each_release_has_a_name(library):
    folder = library.folders[-1]
    names = [name for name in library.names() if library.path(name) == folder / "x12" / "850.004010.yaml"]
    assert names == ["x12/850.003040", "x12/850.004010", "x12/850.005010"]
    assert library.release("x12/850.003040") == "003040"
    assert library.release("x12/850.004010") == ""
    assert library.path("x12/850.003040") == library.path("x12/850.004010")


@pytest.mark.parametrize(
    ("version", "found"),
    [("003040", "003040"), ("003045", "003040"), ("004010VICS", "004010"), ("005010", "005010"), ("002000", "003040")],
)
def test_find_takes_the_release(library, version, found):
    compiled = library.find("x12", "850", version)
    assert (compiled.name, compiled.version) == (f"x12/850.{found}", found)


def test_what_the_release_has_is_read_and_written(library):
    old, new = library.compiled("x12/850.003040"), library.compiled("x12/850.004010")
    one = read(new, TEXT.format(day="20261120")).document
    two = read(old, TEXT.format(day="261120")).document
    assert (one.issued_at, one.cancel_after, one.currency) == (two.issued_at, two.cancel_after, two.currency)
    assert [item.value for item in one.lines[0].item.identifiers] == ["A", "00614141000036", "B"]
    assert [item.value for item in two.lines[0].item.identifiers] == ["A", "00614141000036"]
    assert two.extensions["PO1/PO110@6"] == "IN"
    findings = []
    written = old.write(one, findings)
    assert ["BEG", "", "", "PO1", "", "261120"] in written
    assert ["DTM", "", "", "261120"] in written
    assert not any(segment[0] == "CTT" for segment in written)
    assert [found.message for found in findings if found.position.path == "$.item.identifiers"] == [
        "1 of item.identifiers found no place in the message: no room left, or no code for them"
    ]


def test_an_element_of_several_that_is_missing_is_read_empty_and_its_value_not_lost_in_silence(library):
    old = library.compiled("x12/850.003040")
    order = read(library.compiled("x12/850.004010"), TEXT.format(day="20261120")).document
    findings = []
    old.write(order, findings)
    assert "there is no N104 in this release; '0042' is not written" in [one.message for one in findings]


def test_a_field_that_only_a_left_out_line_writes_is_told(library):
    old = library.compiled("x12/850.003040")
    said = {"contract": "C1", "tax_currency": "EUR", "currency": "USD", "department": "7"}
    lines = [{"line_id": "1", "item": {"description": "x"}}]
    findings = []
    old.write(Order.read_json({"buyer_order_id": "A1", "lines": lines} | said), findings)
    # the currency has another line, which this release has a place for
    told = {one.position.path for one in findings}
    assert told == {"$.contract", "$.department", "$.item.description", "$.tax_currency"}
    assert {one.code for one in findings} == {"mapping.no_room"}
    assert not [one for one in library.compiled("x12/850.004010").plan.root.walk() if one.lacking]


def test_what_is_left_out_is_shown(library):
    shown = [line for line in report.show(library, "x12/850.003040") if "left out" in line]
    names = ["BEG08", "when", "REF", "N103, N104", "PID", "pairs(PO106..PO113)", "CTT"]
    assert [line.split("#")[0].split(":")[0].strip() for line in shown] == names
    assert any("BEG08: contract" in line and "segment BEG has no BEG08" in line for line in shown)
    assert not any("left out" in line for line in report.show(library, "x12/850.004010"))
    assert not any("left out" in line for line in report.show(library, "x12/850.005010"))


def test_a_name_that_no_release_knows_is_an_error_in_every_release(library):
    path = library.path("x12/850.004010")
    path.write_text(path.read_text().replace("BEG08:", "BEG88:"))
    for name in ("x12/850.003040", "x12/850.004010"):
        with pytest.raises(ConfigurationError, match="no element BEG88"):
            library.compiled(name)


def test_an_own_file_goes_before(library):
    folder = library.folders[-1] / "x12"
    (folder / "850.003040.yaml").write_text("document: Order\ngrammar: x12/003040/850\nBEG: { BEG03: contract }\n")
    again = MappingLibrary(library.folders[1:], grammar_of=library.grammar_of)
    assert again.release("x12/850.003040") == ""
    assert again.path("x12/850.003040").name == "850.003040.yaml"


def test_mistakes(library, tmp_path):
    folder = library.folders[-1] / "x12"
    (folder / "850.9.yaml").write_text("extends: x12/850.003040\ngrammar: x12/003040/850\n")
    (folder / "850.8.yaml").write_text("document: Order\ngrammar: x12/004010/850\nreleases: 009999\n")
    (folder / "850.7.yaml").write_text("document: Order\ngrammar: x12/004010/850\nreleases: [003040]\n")
    again = MappingLibrary(library.folders[1:], grammar_of=library.grammar_of)
    with pytest.raises(ConfigurationError, match="serves this release beside others"):
        again.compiled("x12/850.9")
    with pytest.raises(ConfigurationError, match=r"850.8.yaml:3: grammar 'x12/009999/850' is not known"):
        again.compiled("x12/850.009999")
    with pytest.raises(ConfigurationError, match=r"850.7.yaml:3: releases must be a single value"):
        again.compiled("x12/850.7")


def test_an_overlay_holds_in_the_release_it_extends(library, tmp_path):
    overlay = tmp_path / "acme.yaml"
    overlay.write_text("extends: x12/850.003040\nBEG: { BEG04: contract }\n")
    compiled = library.compiled("x12/850.003040", overlay)
    assert read(compiled, "BEG*00*SA*PO1*C1*261120").document.contract == "C1"
    overlay.write_text("extends: x12/850.003040\nBEG: { BEG09: contract }\n")
    with pytest.raises(ConfigurationError, match="no element BEG09"):
        library.plan("x12/850.003040", library.effective("x12/850.003040", overlay), overlay)
