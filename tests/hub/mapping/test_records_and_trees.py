"""The same language over rows and over trees."""

from __future__ import annotations

from hub.findings import Severity

ROWS = [
    {"Nr": "77", "Datum": "22.11.2026", "Filiale": "9", "Pos": "1", "EAN": "4006381333931", "Menge": "1,5", "ME": "EA"},
    {"Nr": "77", "Datum": "22.11.2026", "Filiale": "9", "Pos": "2", "EAN": "", "Menge": "2", "ME": "CA", "Extra": "x"},
]


def test_rows_become_one_order(library):
    reading = library.compiled("csv/orders").read(ROWS, [2, 3])
    order = reading.document.canonical_dict()
    assert order["buyer_order_id"] == "77"
    assert order["issued_at"] == "2026-11-22"
    assert order["roles"]["ship_to"]["identifiers"] == [{"scheme": "store_no", "value": "9"}]
    assert [line["quantity"] for line in order["lines"]] == [
        {"value": "1.5", "unit": "EA"},
        {"value": "2", "unit": "XCS"},
    ]
    assert order["extensions"] == {"Extra@3": "x"}


def test_rows_that_disagree_about_the_document_are_found(library):
    reading = library.compiled("csv/orders").read([ROWS[0], {**ROWS[1], "Filiale": "8"}], [2, 3])
    found = next(finding for finding in reading.findings if finding.code == "mapping.record.differs")
    assert (found.position.line, found.position.name, found.value) == (3, "Filiale", "8")


def test_faults_of_rows_name_line_and_column(library):
    reading = library.compiled("csv/orders").read([{**ROWS[0], "Menge": "1.5"}], [2])
    error = next(finding for finding in reading.findings if finding.severity is Severity.ERROR)
    assert (error.position.line, error.position.name) == (2, "Menge")


def test_order_becomes_rows(library):
    compiled = library.compiled("csv/orders")
    rows = compiled.write(compiled.read(ROWS, [2, 3]).document)
    assert rows == [
        ROWS[0],
        {"Nr": "77", "Datum": "22.11.2026", "Filiale": "9", "Pos": "2", "EAN": "", "Menge": "2", "ME": "CA"},
    ]


TREE = {
    "Customer": {
        "Id": "C1",
        "Name": "ACME",
        "Vat": "DE136695976",
        "Addresses": {"Address": [{"Street": "A 1", "City": "X", "Geo": "9"}, {"Street": "B"}]},
        "Blocked": "false",
        "Odd": {"a": "1"},
    }
}


def test_tree_becomes_a_party(library):
    party = library.compiled("soap/customer").read(TREE).document.canonical_dict()
    assert party["addresses"] == [{"lines": ["A 1"], "city": "X"}, {"lines": ["B"]}]
    assert party["status"] == "active"
    assert party["extensions"] == {"Addresses/Address[1]/Geo": "9", "Odd": {"a": "1"}}


def test_single_branch_where_several_may_stand_and_nothing_at_all(library):
    compiled = library.compiled("soap/customer")
    one = compiled.read({"Id": "C1", "Addresses": {"Address": {"City": "Y"}}}).document
    assert [address.city for address in one.addresses] == ["Y"]
    assert compiled.read({"Customer": None}).document is not None or compiled.read({"Customer": None}).findings


def test_fault_in_a_tree_names_its_path(library):
    reading = library.compiled("soap/customer").read({"Customer": {"Id": "1", "Blocked": "perhaps"}})
    error = next(finding for finding in reading.findings if finding.severity is Severity.ERROR)
    assert error.position.name == "Blocked"


def test_party_becomes_a_tree(library):
    compiled = library.compiled("soap/customer")
    tree = compiled.write(compiled.read(TREE).document)
    assert tree["Customer"]["Addresses"] == {"Address": [{"Street": "A 1", "City": "X"}, {"Street": "B"}]}
    assert tree["Customer"]["Blocked"] == "false"
