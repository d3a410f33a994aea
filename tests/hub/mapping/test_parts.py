"""``like:``: blocks that several mappings share, with local lines over them."""

from __future__ import annotations

import pytest

from hub.errors import ConfigurationError
from hub.mapping import report

PARTS = """\
party:
  into: roles{}
  key: N101 | code(t.role)
  N102: name
  N103, N104: identifiers[] | identifier(t.id)
placed_party:
  like: x12/parts.party
  N4: { like: x12/parts.town, N403: ~ }
town: { N401: address.city, N402: address.region, N403: address.postal_code }
text: { PID05: item.description }
texts:
  - { when: { PID01: F, PID02: "08" }, PID05: item.name }
  - { when: { PID01: F }, like: x12/parts.text }
round: { like: x12/parts.about }
about: { N3: { like: x12/parts.round } }
word: just a word
"""
MAPPING = """\
document: Order
grammar: x12/004010/850
BEG: { BEG03: buyer_order_id }
N1: { like: x12/parts.placed_party, N102: additional_name }
PO1:
  into: lines[]
  PO101: line_id | default(position)
  PID: { like: x12/parts.texts }
"""


@pytest.fixture
def shared(make_library):
    return make_library({"x12/parts": PARTS, "x12/shared.1": MAPPING})


def read(compiled, text):
    segments = [segment.split("*") for segment in text.split("~")]
    return compiled.read(segments, compiled.structure.walk(one[0] for one in segments).places)


def test_local_lines_lie_over_the_part(shared):
    order = read(
        shared.compiled("x12/shared.1"),
        "BEG*00*SA*PO1~N1*ST*Depot*92*7~N4*Dayton*OH*45402~PO1*1~PID*F*08***Lamp~PID*F****Blue",
    ).document
    assert order.roles["ship_to"].additional_name == "Depot"
    assert order.roles["ship_to"].name == ""
    assert order.roles["ship_to"].address.city == "Dayton"
    assert order.extensions == {"BEG01@2": "00", "BEG02@2": "SA", "N1/N403@4": "45402"}
    assert (order.lines[0].item.name, order.lines[0].item.description) == ("Lamp", "Blue")


def test_parts_are_no_mappings_and_keep_their_place(shared):
    assert "x12/parts" not in shared.names()
    shown = list(report.show(shared, "x12/shared.1"))
    assert any(line.startswith("  N102: additional_name") and line.endswith("shared.1.yaml:4") for line in shown)
    assert any(line.startswith("  key: N101") and line.endswith("parts.yaml:3") for line in shown)
    assert any(line.startswith("    N401: address.city") and line.endswith("parts.yaml:9") for line in shown)
    assert not any("N403" in line for line in shown)


def test_overlay_and_extends_work_on_the_result(make_library, tmp_path):
    more = "extends: x12/shared.1\nPO1: { PID: [{ like: x12/parts.text }] }\n"
    library = make_library({"x12/parts": PARTS, "x12/shared.1": MAPPING, "x12/more.1": more})
    order = read(library.compiled("x12/more.1"), "BEG*00*SA*PO1~PO1*1~PID*F*08***Lamp").document
    assert order.lines[0].item.description == "Lamp"
    overlay = tmp_path / "acme.yaml"
    overlay.write_text("extends: x12/shared.1\nN1: { N102: ~, N4: { like: x12/parts.town } }\n")
    text = "BEG*00*SA*PO1~N1*ST*Depot~N4*Dayton*OH*45402"
    ship_to = read(library.compiled("x12/shared.1", overlay), text).document.roles["ship_to"]
    assert (ship_to.additional_name, ship_to.address.postal_code) == ("", "45402")


def test_the_part_of_a_later_folder_replaces(make_library, tmp_path):
    library = make_library({"x12/parts": PARTS, "x12/shared.1": MAPPING})
    own = tmp_path / "own" / "x12"
    own.mkdir(parents=True)
    (own / "parts.yaml").write_text("town: { N402: address.city, N403: address.region }\n")
    both = type(library)([*library.folders[1:], tmp_path / "own"], grammar_of=library.grammar_of)
    order = read(both.compiled("x12/shared.1"), "BEG*00*SA*PO1~N1*ST*Depot~N4*Dayton*OH").document
    assert order.roles["ship_to"].address.city == "OH"


MISTAKES = [
    ("PID: { like: x12/parts.txt }", "x12/parts has no part 'txt'", "text", "shared.1.yaml"),
    ("PID: { like: x12/part.text }", "no parts file 'x12/part'", "x12/parts", "shared.1.yaml"),
    ("PID: { like: x12/parts.texts, PID05: item.name }", "list of alternatives", "", "shared.1.yaml"),
    ("PID: { like: x12/parts.round }", "is like itself", "", "parts.yaml"),
    ("PID: { like: x12/parts.word }", "x12/parts.word holds no lines", "", "shared.1.yaml"),
    ("PID: { like: }", "must name a part", "", "shared.1.yaml"),
    ("PID: { like: [x12/parts.text] }", "must name a part", "", "shared.1.yaml"),
    ("PID: { like: x12/parts.text, PID09: ~ }", "removes PID09, which", "PID05", "shared.1.yaml"),
]


@pytest.mark.parametrize(("line", "message", "hint", "file"), MISTAKES)
def test_mistake_is_told_with_its_place(make_library, line, message, hint, file):
    text = MAPPING.replace("PID: { like: x12/parts.texts }", line)
    library = make_library({"x12/parts": PARTS, "x12/shared.1": text})
    with pytest.raises(ConfigurationError) as caught:
        library.compiled("x12/shared.1")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.file.endswith(file)
    assert caught.value.line == (8 if file == "shared.1.yaml" else 15)
