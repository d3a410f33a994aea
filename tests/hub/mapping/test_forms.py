"""Forms: a message whose documents are shaped otherwise, by a class and two functions of a plugin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from hub.errors import ConfigurationError
from hub.mapping.forms import Data, MessageForm
from hub.mapping.library import MappingLibrary
from hub.mapping.report import Coverage
from hub.model.dates import LocalDate
from hub.model.extension import Extensions
from hub.model.quantity import Quantity
from hub.model.value import Many, Value
from hub.testing.mapping import content, messages


class Row(Value):
    number: str = ""
    stock: Quantity | None = None
    description: str = ""
    extensions: Extensions = {}


class Report(Value):
    report: str = ""
    day: LocalDate | None = None
    rows: Many[Row] = ()


def read(form: Data) -> list[tuple[str, Data]]:
    out = []
    for row in form.get("rows") or ():
        data = {
            "identifiers": [{"scheme": "gtin" if row["number"].startswith("0") else "sku", "value": row["number"]}],
            "as_of": form["day"],
            "quantities": {"available": row["stock"]["value"]},
            "unit": row["stock"].get("unit", ""),
            "description": row.get("description", ""),
        }
        if row.get("extensions"):
            data["extensions"] = row["extensions"]
        out.append(("InventorySnapshot", data))
    return out


def write(documents: Sequence[Any]) -> list[Data]:
    days: dict[Any, list[Any]] = {}
    for document in documents:
        days.setdefault(document.as_of, []).append(document)
    return [{"day": day, "report": "R", "rows": [_row(one) for one in found]} for day, found in days.items()]


def _row(document: Any) -> Data:
    if not document.quantities:
        raise ValueError("a snapshot without a quantity")
    stock = {"value": document.quantities["available"], "unit": document.unit}
    return {"number": document.identifiers[0].value, "stock": stock, "description": document.description}


FORM = MessageForm("test.stock", Report, ("InventorySnapshot",), read, write)
MAPPING = """\
document: InventorySnapshot
form: test.stock
grammar: x12/004010/850
BEG: { BEG03: report, BEG05: day | date }
PO1:
  into: rows[]
  PO101: number
  PO102: stock.value | decimal
  PO103: stock.unit | code(t.unit)
  PID: { PID05: description }
CTT: { CTT01: count(rows) }
"""
TEXT = "BEG*00**R1**20261120~N1*ST*Depot~PO1*A*12*EA~PID*F****Lamp~PO1*B*3*CA*9.5~PO4*6~ZZ1*x"


@pytest.fixture
def library(make_library, grammar):
    folder = make_library({"x12/stock.1": MAPPING}).folders[-1]
    return MappingLibrary([folder], grammar_of=lambda name: grammar, converters=[FORM])


@pytest.fixture
def compiled(library):
    return library.compiled("x12/stock.1")


def native(compiled, text):
    segments = [segment.split("*") for segment in text.split("~")]
    return segments, compiled.structure.walk(one[0] for one in segments).places


def test_one_message_is_several_documents(compiled):
    reading = compiled.read(*native(compiled, TEXT))
    assert [one.kind for one in reading.documents] == ["InventorySnapshot"] * 2
    assert [(one.identifiers[0].value, one.unit, one.description) for one in reading.documents] == [
        ("A", "EA", "Lamp"),
        ("B", "XCS", ""),
    ]
    assert reading.document is reading.documents[0]


def test_what_nobody_read_goes_to_the_document_it_belongs_to(compiled):
    reading = compiled.read(*native(compiled, TEXT))
    one, two = reading.documents
    assert one.extensions == {"BEG01@2": "00", "N1/N1@3": ["ST", "Depot"], "PO1/PID01@5": "F"}
    assert two.extensions == {"PO1/PO104@6": "9.5", "PO1/PO4@7": ["6"], "ZZ1@8": ["x"]}
    assert reading.unread.keys() == one.extensions.keys() | two.extensions.keys()
    assert any("kept in extensions: BEG01, N1/N1, PO1/PID01" in finding.message for finding in reading.findings)


def test_documents_become_as_many_messages_as_they_take(compiled):
    reading = compiled.read(*native(compiled, TEXT))
    other = compiled.read(*native(compiled, TEXT.replace("20261120", "20261121"))).documents
    findings = []
    written = compiled.messages([*reading.documents, other[0]], findings)
    assert not findings
    assert written[0] == [
        ["BEG", "", "", "R", "", "20261120"],
        ["PO1", "A", "12", "EA"],
        ["PID", "", "", "", "", "Lamp"],
        ["PO1", "B", "3", "CA"],
        ["CTT", "2"],
    ]
    assert len(written) == 2
    assert compiled.write(other[1])[1] == ["PO1", "B", "3", "CA"]


def test_findings_about_a_document_name_the_segment(compiled):
    reading = compiled.read(*native(compiled, TEXT.replace("PO1*B", "PO1*00012345678906")))
    (found,) = [one for one in reading.findings if one.position.path]
    assert "check digit" in found.message
    assert (found.position.path, found.position.segment, found.position.name) == ("$.identifiers[0]", 6, "PO101")


def test_fields_are_traced_to_their_segments(compiled):
    (_, one), (kind, two) = compiled.traces(*native(compiled, TEXT))
    assert kind == "InventorySnapshot"
    found = {traced.path: (traced.at, traced.line.entry.key) for traced in two if traced.value is not None}
    assert found["$.quantities.available"] == (6, "PO102")
    assert found["$.identifiers[0].value"] == (6, "PO101")
    assert found["$.as_of"] == (2, "BEG05")
    assert found["$.unit"] == (6, "PO103")
    assert {traced.path for traced in one} >= {"$.description", "$.quantities.available"}


def test_a_form_that_cannot_read_or_write_is_a_finding(compiled):
    reading = compiled.read(*native(compiled, "BEG*00**R1**20261120~PO1*A"))
    assert reading.documents == []
    assert [one.code for one in reading.findings if one.code == "mapping.form"] == ["mapping.form"]
    reading = compiled.read(*native(compiled, "BEG*00**R1**20261120"))
    assert "holds nothing" in next(one.message for one in reading.findings if one.code == "mapping.form")
    findings = []
    document = compiled.read(*native(compiled, TEXT)).documents[0].model_copy(update={"quantities": {}})
    assert compiled.messages([document], findings) == []
    assert [one.message for one in findings] == ["the documents cannot be written: a snapshot without a quantity"]


def test_coverage_counts_what_no_document_lost(compiled):
    coverage = Coverage()
    coverage.watched(compiled).read(*native(compiled, TEXT))
    assert {name: (sent, read) for name, sent, read in coverage.rows()}["PO1/PO104"] == (1, 0)
    assert {name: (sent, read) for name, sent, read in coverage.rows()}["PO1/PO102"] == (2, 2)


def test_an_invalid_document_names_the_segment_and_its_neighbors_stand(compiled):
    reading = compiled.read(*native(compiled, TEXT.replace("A*12", f"A*{'9' * 200}")))
    assert [one.identifiers[0].value for one in reading.documents] == ["B"]
    (found,) = [one for one in reading.findings if one.position.path]
    assert (found.position.path, found.position.segment, found.position.name) == ("$.quantities.available", 4, "PO102")


def test_read_of_write_is_the_documents(compiled):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(messages(compiled))
    def check(documents):
        (written,) = compiled.messages(documents, [])
        places = compiled.structure.walk(segment[0] for segment in written).places
        assert [content(one) for one in compiled.read(written, places).documents] == [content(one) for one in documents]

    check()


MISTAKES = [
    ("form: test.stok", "there is no form 'test.stok'", "test.stock"),
    ("form: [test.stock]", "form must be a single value", ""),
]


@pytest.mark.parametrize(("line", "message", "hint"), MISTAKES)
def test_mistake_is_told_with_its_place(make_library, grammar, line, message, hint):
    text = MAPPING.replace("form: test.stock", line)
    folder = make_library({"x12/bad.1": text, "x12/other.1": MAPPING.replace("InventorySnapshot", "Order")}).folders[-1]
    library = MappingLibrary([folder], grammar_of=lambda name: grammar, converters=[FORM])
    with pytest.raises(ConfigurationError) as caught:
        library.compiled("x12/bad.1")
    assert message in caught.value.message
    assert (caught.value.line, hint in caught.value.hint) == (2, True)
    with pytest.raises(ConfigurationError, match="makes InventorySnapshot, not Order"):
        library.compiled("x12/other.1")
