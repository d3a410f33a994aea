"""``joined``: the lines of one text in repeated segments. ``written``: what a message needs and a document lacks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import ConfigurationError
from hub.mapping.emitting import text_lines
from hub.testing.mapping import content, documents

MAPPING = """\
document: Order
grammar: x12/004010/850
BEG: { BEG01: purpose | code(t.purpose) | written(00), BEG02: type | written(SA), BEG03: buyer_order_id }
CUR: { CUR01: department | written(BY), CUR02: currency | currency }
DTM: { into: "notes[]", DTM01: subject, DTM02: text | joined }
PO1:
  into: lines[]
  PO101: line_id | default(position)
  PID:
    - { when: { PID01: F, PID02: "08" }, PID05: item.name }
    - { when: { PID01: F }, PID05: item.description | joined }
  PO4: { PO401: status_code | joined, PO402: status_code | joined }
"""
TEXT = "BEG*00*SA*PO1~PO1*1~PO4*a*b~PID*F*08***Lamp~PID*F****Blue,~PID*F****with shade"


@pytest.fixture
def compiled(make_library):
    return make_library({"x12/texts.1": MAPPING}).compiled("x12/texts.1")


def read(compiled, text):
    segments = [segment.split("*") for segment in text.split("~")]
    return compiled.read(segments, compiled.structure.walk(one[0] for one in segments).places)


def written(compiled, document, findings=None):
    return "~".join("*".join(segment) for segment in compiled.write(document, findings))


def test_repeated_texts_are_the_lines_of_one(compiled):
    reading = read(compiled, TEXT)
    line = reading.document.lines[0]
    assert (line.item.name, line.item.description, line.status_code) == ("Lamp", "Blue,\nwith shade", "a\nb")
    assert not [one for one in reading.findings if one.code.startswith("mapping.")]
    assert written(compiled, reading.document) == TEXT


def test_a_long_line_is_broken_between_words_and_empty_ones_are_left_out(compiled):
    order = read(compiled, TEXT).document
    item = order.lines[0].item.model_copy(update={"description": "a lamp to stand\n\non"})
    line = order.lines[0].model_copy(update={"item": item})
    out = written(compiled, order.model_copy(update={"lines": (line,)}))
    assert "PID*F****a lamp to~PID*F****stand~PID*F****on" in out


def test_lines_without_room_are_told(compiled):
    order = read(compiled, TEXT).document
    line = order.lines[0].model_copy(update={"status_code": "a\nb\nc"})
    findings = []
    written(compiled, order.model_copy(update={"lines": (line,)}), findings)
    assert [one.code for one in findings] == ["mapping.no_room"]


def test_every_line_of_a_joined_text_is_traced(compiled):
    segments = [segment.split("*") for segment in TEXT.split("~")]
    traced = compiled.trace(segments, compiled.structure.walk(one[0] for one in segments).places)
    assert [one.at for one in traced if one.path == "$.lines[0].item.description"] == [6, 7]


def test_what_the_message_needs_is_written(compiled):
    order = read(compiled, "BEG***PO1").document
    assert (order.purpose, order.type) == ("", "")
    assert written(compiled, order) == "BEG*00*SA*PO1"
    again = read(compiled, "BEG*01*XX*PO1~CUR**USD").document
    assert written(compiled, again) == "BEG*01*XX*PO1~CUR*BY*USD"


def test_read_of_write_is_the_document(compiled):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents(compiled))
    def check(document):
        findings = []
        segments = compiled.write(document, findings)
        assert not findings
        places = compiled.structure.walk(segment[0] for segment in segments).places
        assert content(compiled.read(segments, places).document) == content(document)

    check()


@given(st.text(st.sampled_from("ab \n"), max_size=60), st.integers(1, 12))
def test_lines_fit_and_keep_every_letter(text, width):
    lines = text_lines(text, width)
    assert all(len(line) <= width and line.strip() for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


MISTAKES = [
    ("PO1: { into: 'lines[]', PO102: quantity.value | decimal | joined }", "only a text can be joined"),
    ("PO1: { into: 'lines[]', 'PO106, PO107': 'item.identifiers[] | identifier(t.item) | joined' }", "for one element"),
    ("CTT: { CTT01: 'lines[] | joined' }", "gives text, but the field needs object"),
]


@pytest.mark.parametrize(("line", "message"), MISTAKES)
def test_mistake_is_told_with_its_place(make_library, line, message):
    library = make_library({"x12/bad.1": f"document: Order\ngrammar: x12/004010/850\n{line}\n"})
    with pytest.raises(ConfigurationError, match=message) as caught:
        library.compiled("x12/bad.1")
    assert caught.value.line == 3
