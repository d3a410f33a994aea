"""The mapping files and code lists of X12, and the converters they use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from hub.mapping.converters import Environment, Pair, Unmapped
from hub.mapping.library import MappingLibrary
from hub.mapping.report import Coverage
from hub.testing.mapping import content, messages
from hub_x12.converting import CONVERTERS

NAMES = ("x12/850.004010", "x12/850.005010", "x12/855.004010", "x12/855.005010")
FOLDER = Path(__file__).parents[2] / "samples" / "x12"


def pair(library: MappingLibrary, name: str, args: Sequence[str], version: str = "004010") -> Pair:
    made = next(one for one in CONVERTERS if one.name == name)
    return made.make(args, Environment(library.codes, "x12", version))


@pytest.mark.parametrize("name", NAMES)
def test_write_of_read_of_write_is_the_message(library: MappingLibrary, name: str) -> None:
    compiled = library.compiled(name)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents=messages(compiled))
    def same(documents: Any) -> None:
        for segments in (written := compiled.messages(documents)):
            places = compiled.structure.walk([segment[0] for segment in segments]).places
            reading = compiled.read(segments, places)
            assert [content(one) for one in reading.documents] == [content(one) for one in documents]
            assert compiled.messages(reading.documents) == written

    same()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_samples_become_the_documents_beside_them(x12: Any, path: Path) -> None:
    read = x12.read(path.with_suffix(".edi").read_bytes())
    made = [
        {"kind": one.kind, "document": one.canonical_dict(provenance=False)}
        for message in read.messages
        for one in message.documents
    ]
    assert made == json.loads(path.read_text())


def test_the_order_of_the_design(x12: Any) -> None:
    """An order as `hub translate` prints it, field for field."""
    body = (
        "BEG*00*SA*PO00000001**20260101", "CUR*BY*USD", "DTM*002*20260115", "N1*ST*STORE NUMBER 0001*92*0001",
        "N3*123 MAIN STREET", "N4*SPRINGFIELD*IL*62701*US", "PO1*1*12*EA*9.25**UP*012345678905*VN*SKU00042",
        "PID*F****WIDGET BLUE", "CTT*1",
    )  # fmt: skip
    (message,) = x12.read(x12.order_of(*body)).messages
    found = message.documents[0].canonical_dict(provenance=False)
    for identifier in found["lines"][0]["item"]["identifiers"]:
        identifier.pop("raw", None)
    assert found == {
        "buyer_order_id": "PO00000001", "purpose": "original", "type": "order", "issued_at": "2026-01-01",
        "currency": "USD",
        "roles": {"ship_to": {
            "name": "STORE NUMBER 0001", "identifiers": [{"scheme": "buyer_assigned", "value": "0001"}],
            "address": {
                "lines": ["123 MAIN STREET"], "city": "SPRINGFIELD", "region": "IL", "postal_code": "62701",
                "country": "US",
            },
        }},
        "requested_delivery": {"start": "2026-01-15"},
        "lines": [{
            "line_id": "1",
            "item": {
                "identifiers": [
                    {"scheme": "gtin", "value": "00012345678905"}, {"scheme": "seller_assigned", "value": "SKU00042"},
                ],
                "description": "WIDGET BLUE",
            },
            "quantity": {"value": "12", "unit": "EA"},
            "price": {"amount": "9.25", "currency": "USD", "per": {"value": "1", "unit": "EA"}},
        }],
    }  # fmt: skip


def test_nothing_unmapped_is_lost(x12: Any) -> None:
    body = (*x12.order[:2], "MAN*ZZ*PALLETIZE", *x12.order[2:4], "PO4*6*1*EA", "SAC*C*D240***1250", "CTT*1")
    (message,) = x12.read(x12.order_of(*body)).messages
    document = message.documents[0]
    assert document.lines[0].allowances_charges[0].amount.amount == Decimal("12.50")
    kept = json.dumps(document.canonical_dict())
    assert "PALLETIZE" in kept
    assert any("MAN" in finding.message for finding in message.findings)


def test_false_friends(library: MappingLibrary) -> None:
    """Codes that look alike in X12 and UN/ECE and mean other things."""
    units = library.codes.get(["x12.355"]).read
    assert (units["CA"], units["PL"], units["PA"], units["ST"], units["PC"]) == ("XCS", "XPX", "XPL", "SET", "H87")
    assert "CS" not in units
    roles = library.codes.get(["x12.98"])
    assert "IV" not in roles.read
    assert "UD" not in roles.read
    assert roles.write["supplier"] == "SU"
    basis = library.codes.get(["x12.639"]).read
    assert (basis["CA"], basis["CT"]) == ("catalog", "contract")


def test_prices(library: MappingLibrary) -> None:
    made = pair(library, "x12_price", ["x12.639"])
    assert made.write is not None
    assert made.read(("9.25", "")) == {"amount": Decimal("9.25")}
    hundred = made.read(("410", "HP"))
    assert hundred == {"amount": Decimal(410), "basis": "per_hundred", "per": {"value": Decimal(100)}}
    assert made.write(hundred) == ("410", "HP")
    assert made.write({"amount": Decimal(5), "per": {"value": Decimal(12)}}) == ("5", "PD")
    assert made.write(made.read(("1", "TM"))) == ("1", "TM")
    with pytest.raises(ValueError, match="per 7"):
        made.write({"amount": Decimal(5), "per": {"value": Decimal(7)}})
    with pytest.raises(ValueError, match="no code for"):
        made.write({"amount": Decimal(5), "basis": "whatever"})
    for parts in (("", "PE"), ("1", "??")):
        with pytest.raises(Unmapped):
            made.read(parts)


def test_moments(library: MappingLibrary) -> None:
    made = pair(library, "x12_moment", [])
    assert made.write is not None
    cases = [
        (("20260105", "", ""), date(2026, 1, 5)),
        (("20260105", "0930", ""), datetime(2026, 1, 5, 9, 30)),  # noqa: DTZ001
        (("20260105", "093015", "UT"), datetime(2026, 1, 5, 9, 30, 15, tzinfo=UTC)),
    ]
    for parts, value in cases:
        assert made.read(parts) == value
        assert made.write(value) == parts
    with pytest.raises(Unmapped, match="ET") as kept:
        made.read(("20260105", "0930", "ET"))
    assert kept.value.instead == datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001
    old = pair(library, "x12_moment", [], "003040")
    assert old.write is not None
    assert old.write(date(2026, 1, 5)) == ("260105", "", "")
    with pytest.raises(Unmapped):
        made.read(("", "0930", ""))


def test_percentages_and_qualified_dates(library: MappingLibrary) -> None:
    percent = pair(library, "x12_percent", ["3"])
    assert percent.read(("3", "5.5")) == percent.read(("", "5.5")) == Decimal("5.5")
    with pytest.raises(Unmapped) as kept:
        percent.read(("6", "5.5"))
    assert kept.value.instead == Decimal("5.5")
    dated = pair(library, "x12_date", ["069", "017"])
    assert dated.write is not None
    assert dated.read(("017", "20260105")) == date(2026, 1, 5)
    assert dated.write(date(2026, 1, 5)) == ("069", "20260105")
    for parts in (("999", "20260105"), ("069", "")):
        with pytest.raises(Unmapped):
            dated.read(parts)
    for name in ("x12_price", "x12_percent", "x12_date"):
        with pytest.raises(ValueError, match="needs"):
            pair(library, name, [])


def test_coverage_names_components_and_never_reads_less_than_nothing(library: MappingLibrary) -> None:
    coverage = Coverage()
    watched = coverage.watched(library.compiled("x12/850.004010"))
    assert watched.structure is not None
    segments: list[list[Any]] = [
        ["BEG", "00", "SA", "PO1", "", "20260105"],
        ["PO1", "1", "2", "EA"],
        ["SLN", "1", "", "I", "2", ["EA", "1.5", "", "LB"]],
        ["MEA", "PD", "WT", "5", ["LB", "2"]],
    ]
    watched.read(segments, watched.structure.walk([segment[0] for segment in segments]).places)
    rows = {name: (sent, read) for name, sent, read in coverage.rows()}
    assert all(0 <= read <= sent for sent, read in rows.values())
    assert {name: counts for name, counts in rows.items() if "-" in name} == {
        "PO1/SLN/SLN05-01": (1, 1), "PO1/SLN/SLN05-02": (1, 0), "PO1/SLN/SLN05-04": (1, 0),
        "PO1/MEA04-01": (1, 1), "PO1/MEA04-02": (1, 0),
    }  # fmt: skip
