"""A small order message and mappings for it, in all three shapes, independent of any plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.grammar import ElementDef, Grammar, Loop, SegmentDef, SegmentUse
from hub.mapping.compiled import CompiledMapping
from hub.mapping.library import MappingLibrary

FILES = {
    "x12/850.004010": """\
document: Order
grammar: x12/004010/850
BEG:
  BEG01: purpose | code(t.purpose)
  BEG02: type
  BEG03: buyer_order_id
  BEG05: issued_at | date
CUR: { CUR02: currency | currency }
DTM:
  by: DTM01
  002: { DTM02: requested_delivery.start | date }
  "*": { into: "dates[]", DTM01: qualifier, DTM02: value | date }
N1:
  into: roles{}
  key: N101 | code(t.role)
  N102: name
  N103, N104: identifiers[] | identifier(t.id)
  N3: { N301: "address.lines[0]", N302: "address.lines[1]" }
  N4: { N401: address.city, N402: address.region, N403: address.postal_code, N404: address.country | country }
PO1:
  into: lines[]
  PO101: line_id | default(position)
  PO102: quantity.value | decimal
  PO103: quantity.unit | code(t.unit)
  PO104: price.amount | decimal
  pairs(PO106..PO113): item.identifiers[] | identifier(t.item)
  PID:
    - { when: { PID01: F }, PID05: item.description }
CTT:
  CTT01: count(lines)
  CTT02: sum(lines.quantity.value) | optional
""",
    "csv/orders": """\
document: Order
format: { type: csv, delimiter: ";", decimal: ",", dates: "%d.%m.%Y" }
group-by: Nr
columns:
  Nr: buyer_order_id
  Datum: issued_at | date
  Filiale: roles.ship_to.identifiers[] | identifier_of(store_no)
rows:
  into: lines[]
  Pos: line_id
  EAN: item.identifiers[gtin] | gtin
  Menge: quantity.value | decimal
  ME: quantity.unit | code(t.unit)
""",
    "soap/customer": """\
document: Party
tree:
  Customer:
    Id: external_id
    Name: legal_name
    Vat: identifiers[vat] | identifier_of(vat)
    Addresses/Address: { into: "addresses[]", Street: "lines[0]", City: city, Zip: postal_code }
    Blocked: "status | flag(true: blocked, false: active)"
""",
}

CODES = {
    "t.purpose": "{ 00: original, 01: cancel }",
    "t.role": "{ ST: ship_to, BY: buyer }",
    "t.id": "{ 92: buyer_assigned, UL: gln }",
    "t.unit": "{ EA: EA, CA: XCS }",
    "t.item": "{ UP: gtin12, EN: gtin13, UK: gtin14, VN: seller_item, IN: buyer_item }",
    "acme.unit": "{ CS: XCS }",
}


def _segment(name: str, count: int = 8) -> SegmentDef:
    return SegmentDef(name, tuple(ElementDef(f"{name}{at:02}", str(at), max=10) for at in range(1, count + 1)))


@pytest.fixture(scope="session")
def grammar() -> Grammar:
    ids = "BEG CUR REF DTM N1 N3 N4 PID PO4 CTT ZZ1"
    segments = {name: _segment(name) for name in ids.split()} | {"PO1": _segment("PO1", 13)}
    use = SegmentUse
    return Grammar(
        "x12/004010/850",
        "850",
        "004010",
        (
            use("BEG", True),
            use("CUR"),
            use("REF", False, 3),
            use("DTM", False, 10),
            Loop("N1", (use("N1", True), use("N3", False, 2), use("N4")), max=200),
            Loop("PO1", (use("PO1", True), use("PO4"), use("PID", False, 1000)), True, 100000),
            Loop("CTT", (use("CTT", True),)),
        ),
        segments,
    )


def write_files(folder: Path, files: dict[str, str] | None = None) -> Path:
    for name, text in (FILES | (files or {})).items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "codes").mkdir(exist_ok=True)
    for name, codes in CODES.items():
        (folder / "codes" / f"{name}.yaml").write_text(f"list: {name}\nversion: '1'\ncodes: {codes}\n")
    return folder


MakeLibrary = Callable[..., MappingLibrary]


@pytest.fixture
def make_library(tmp_path: Path, grammar: Grammar) -> MakeLibrary:
    """A library of the files above, with more files or other text for some."""

    def make(files: dict[str, str] | None = None) -> MappingLibrary:
        folder = write_files(tmp_path / "mappings", files)
        return MappingLibrary([folder], grammar_of=lambda name: grammar if name == grammar.name else None)

    return make


@pytest.fixture
def library(make_library: MakeLibrary) -> MappingLibrary:
    return make_library()


@pytest.fixture
def read_text(library: MappingLibrary) -> Callable[[str], Any]:
    """Read ``BEG*00~PO1*…`` with the 850 mapping."""

    def read(text: str, compiled: CompiledMapping | None = None) -> Any:
        mapping = compiled or library.compiled("x12/850.004010")
        segments = [segment.split("*") for segment in text.split("~")]
        return mapping.read(segments, mapping.structure.walk(one[0] for one in segments).places)

    return read
