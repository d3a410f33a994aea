"""What the integrator sees: coverage of samples, the guide for partners, checks of files."""

from __future__ import annotations

from hub.mapping import guide, report


def test_coverage_counts_what_was_sent_and_read(library, read_text):
    coverage = report.Coverage()
    watched = coverage.watched(library.compiled("x12/850.004010"))
    for _ in range(3):
        read_text("BEG*00*SA*PO1**20260101*X9~REF*DP*12~PO1*1*2*EA", watched)
    rows = {name: (sent, read) for name, sent, read in coverage.rows()}
    assert coverage.messages == 3
    assert rows["BEG06"] == (3, 0)
    assert rows["REF01"] == (3, 0)
    assert rows["PO1/PO102"] == (3, 3)
    assert coverage.ratio() == 0.7


def test_coverage_of_rows_and_trees(library):
    coverage = report.Coverage()
    coverage.watched(library.compiled("csv/orders")).read([{"Nr": "1", "Pos": "1", "Q": "x"}], [2])
    assert ("Q", 1, 0) in coverage.rows()
    coverage = report.Coverage()
    coverage.watched(library.compiled("soap/customer")).read({"Customer": {"Id": "1", "Odd": "y"}})
    assert coverage.messages == 1
    assert sum(coverage.unread.values()) == 1


def test_check_reports_every_file_and_stops_at_none(make_library):
    library = make_library({"x12/bad.1": "document: Nothing\n"})
    listed = {one.name: one for one in report.check(library, ["x12/850.004010", "x12/bad.1"])}
    assert listed["x12/850.004010"].fault == ""
    assert "bad.1.yaml:1" in listed["x12/bad.1"].fault


def test_guide_tells_a_partner_what_to_send(library):
    text = "\n".join(guide.guide(library.compiled("x12/850.004010")))
    assert "## Segment BEG" in text
    assert "| BEG01 | O | AN | 0/10 | purpose | `00` original, `01` cancel |" in text
    assert "requested delivery › start (where DTM01 is `002`)" in text
    assert "count of lines" in text
    assert "Columns of each row" in "\n".join(guide.guide(library.compiled("csv/orders")))
    assert "Customer/Addresses/Address" in "\n".join(guide.guide(library.compiled("soap/customer")))
