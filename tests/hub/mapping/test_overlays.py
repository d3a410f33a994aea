"""A partner's deviations: only what differs, on top of a base whose origin stays visible."""

from __future__ import annotations

import pytest

from hub.errors import ConfigurationError
from hub.mapping import report

OVERLAY = """\
extends: x12/850.004010
BEG: { BEG02: ~ }
REF: { by: REF01, DP: { REF02: department } }
PO1: { PO103: "quantity.unit | code(t.unit, acme.unit)" }
"""


@pytest.fixture
def overlay(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_text(OVERLAY)
    return path


def test_overlay_changes_only_what_it_names(library, overlay, read_text):
    compiled = library.compiled("x12/850.004010", overlay)
    order = read_text("BEG*00*SA*PO1~REF*DP*GROCERY~REF*IA*9~PO1*1*2*CS~PO1*2*1*EA", compiled).document
    assert order.type == ""
    assert order.department == "GROCERY"
    assert [line.quantity.unit for line in order.lines] == ["XCS", "EA"]
    assert order.extensions == {"BEG02@2": "SA", "REF@4": ["IA", "9"]}
    plain = read_text("BEG*00*SA*PO1~REF*DP*GROCERY~PO1*1*2*CS").document
    assert plain.department == ""
    assert plain.lines[0].quantity.unit == "t.unit:CS"


def test_overlay_writes_its_deviation(library, overlay, read_text):
    compiled = library.compiled("x12/850.004010", overlay)
    text = "BEG*00**PO1~REF*DP*GROCERY~PO1*1*2*CS"
    written = compiled.write(read_text(text, compiled).document)
    assert "~".join("*".join(segment) for segment in written) == text + "~CTT*1"


def test_effective_mapping_shows_the_origin_of_every_line(library, overlay):
    lines = list(report.show(library, "x12/850.004010", overlay))
    assert any("PO103" in line and "acme.yaml:4" in line for line in lines)
    assert any("PO102" in line and "850.004010.yaml:" in line for line in lines)
    assert not any("BEG02" in line for line in lines)


def test_removing_what_is_not_there_is_an_error(library, tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_text("extends: x12/850.004010\nBEG:\n  BEG07: ~\n")
    with pytest.raises(ConfigurationError, match="removes BEG07"):
        library.compiled("x12/850.004010", path)
