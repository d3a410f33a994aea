"""810 and 880: signs, allowances and charges, totals, implied decimals; and that what was read is written back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from hub.mapping.compiled import CompiledMapping
from hub.mapping.library import MappingLibrary
from hub.model import Document, Invoice, review
from hub.testing.mapping import messages

RELEASES = ("004010", "003040")
SETS = ("810", "880", "820", "816")
HEAD = ("BIG*20260112*INV-1***PO-1**{kind}", "CUR*SE*USD", "N1*SE*AUERBACH*92*A", "N1*BY*NORTHGATE*92*N")


def read(compiled: CompiledMapping, segments: Sequence[Any]) -> list[Document]:
    places = compiled.structure.walk([segment[0] for segment in segments]).places
    reading = compiled.read(segments, places)
    assert reading.documents, reading.findings
    return list(reading.documents)


def invoice(library: MappingLibrary, *lines: str, kind: str = "DI", name: str = "x12/810.004010") -> Any:
    """The invoice of a heading and these segments."""
    body = [line.format(kind=kind) for line in (*HEAD, *lines)]
    return read(library.compiled(name), [line.split("*") for line in body])[0]


def written(library: MappingLibrary, document: Document, name: str = "x12/810.004010") -> list[str]:
    findings: list[Any] = []
    (native,) = library.compiled(name).messages([document], findings)
    assert not findings, findings
    return ["*".join(segment) for segment in native]


def shown(segment: Sequence[Any]) -> str:
    """A segment with what composites and repetitions hold, which here is one thing each."""
    return "*".join(one if isinstance(one, str) else str(one[0] if isinstance(one, list) else one) for one in segment)


def warned(document: Document) -> list[str]:
    return [f"{one.code} {one.position.path}" for one in review(document) if one.severity.value != "notice"]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("set_id", SETS)
def test_what_is_read_again_is_written_again(library: MappingLibrary, set_id: str, release: str) -> None:
    compiled = library.compiled(f"x12/{set_id}.{release}")

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents=messages(compiled))
    def same(documents: list[Document]) -> None:
        (first,) = compiled.messages(documents)
        (second,) = compiled.messages(read(compiled, first))
        assert second == first

    same()


@pytest.mark.parametrize("name", ["810-invoice", "810-credit-note", "880-grocery", "820-remittance", "816-stores"])
def test_a_sample_is_written_as_it_was_sent(library: MappingLibrary, x12: Any, samples: Path, name: str) -> None:
    """Segment for segment, but for what has another place of its own when it is written."""
    sent = [line.split("*") for line in (samples / f"{name}.edi").read_text().replace("\n", "").split("~") if line]
    bodies: list[list[str]] = []
    for segment in sent:
        if segment[0] == "ST":
            bodies.append([])
        elif bodies and segment[0] not in ("SE", "GE", "IEA"):
            bodies[-1].append("*".join(segment))
    compiled = library.compiled(f"x12/{name[:3]}.004010")
    for message, body in zip(x12.read((samples / f"{name}.edi").read_bytes()).messages, bodies, strict=True):
        (native,) = compiled.messages(message.documents)
        made = [shown(segment) for segment in native]
        assert {one for one in body if one not in made} == LEFT_OUT.get(body[0].split("*")[2], set())


LEFT_OUT = {
    "INV-90311": {"CTT*2*300"},
    "CM-2201": {"CTT*1*-2"},
    "CM-2202": {"CTT*1*1"},
}
"""What is not written: the hash total, which nobody must send."""


@pytest.mark.parametrize(
    ("lines", "negated", "amounts"),
    [
        (("IT1*1*-2*EA*10**VN*A1", "TDS*-2000"), ("total", "quantity"), ("20.00", "2", "10")),
        (("IT1*1*2*EA*-10**VN*A1", "TDS*-2000"), ("total", "price"), ("20.00", "2", "10")),
        (("IT1*1*2*EA*10**VN*A1", "TDS*-2000"), ("total",), ("20.00", "2", "10")),
        (("IT1*1*-2*EA*10**VN*A1", "TDS*2000"), ("quantity",), ("20.00", "2", "10")),
        (("IT1*1*2*EA*10**VN*A1", "TDS*2000"), (), ("20.00", "2", "10")),
    ],
)
def test_credit_notes_have_no_signs_and_get_them_back(
    library: MappingLibrary, lines: tuple[str, ...], negated: tuple[str, ...], amounts: tuple[str, ...]
) -> None:
    for _ in range(2):  # what is remembered from the first must not be turned again
        note = invoice(library, *lines, kind="CR")
        assert (note.invoice_kind, note.negated) == ("credit_note", negated)
        line = note.lines[0]
        found = (note.totals_stated.payable, line.quantity.value, line.price.amount)
        assert tuple(str(one) for one in found) == amounts
        assert not warned(note)
        made = written(library, note)
        assert [one for one in made if one.startswith(("IT1", "TDS"))] == list(lines)


def test_a_mixed_credit_note_stays_as_it_is(library: MappingLibrary) -> None:
    note = invoice(library, "IT1*1*-3*EA*10**VN*A1", "IT1*2*1*EA*4**VN*A2", "TDS*-2600", kind="CR")
    assert note.negated == ("total",)
    assert [line.quantity.value for line in note.lines] == [-3, 1]


def test_a_negative_invoice_is_kept_and_reported(library: MappingLibrary) -> None:
    found = invoice(library, "IT1*1*-2*EA*10**VN*A1", "TDS*-2000")
    assert found.totals_stated.payable == Decimal("-20.00")
    assert warned(found) == ["model.totals.negative $.totals_stated.payable"]


def test_negated_names_a_sort_of_amounts(library: MappingLibrary) -> None:
    findings: list[Any] = []
    odd = Invoice.model_validate({"invoice_id": "1", "negated": ["all"]})
    assert library.compiled("x12/810.004010").messages([odd], findings) == []
    assert "negated says all" in findings[0].message


@pytest.mark.parametrize(
    ("sac", "payable"),
    [
        ("SAC*A*F800***500*******02", "9500"),
        ("SAC*C*D240***500*******06", "10500"),
        ("SAC*S*G821***500*******06", "10500"),
        ("SAC*N*ZZZZ***500", "10000"),
        ("SAC*R*F800***500", "10000"),
        ("SAC*Q*D240***500", "10000"),
        ("SAC*A*F800***500*******01", "10000"),  # billed back: not on this invoice
        ("SAC*C*D240***500*******05", "10000"),  # paid by the vendor
        ("SAC*A*F800****3*5", "9500"),
        ("SAC*A*F800******0.25*EA*10", "9750"),
    ],
)
def test_right_totals_are_right_and_wrong_ones_are_not(library: MappingLibrary, sac: str, payable: str) -> None:
    for place in ((sac, "TDS*{}"), ("TDS*{}", sac)):  # of the line, of the invoice
        lines = ["IT1*1*10*EA*10**VN*A1", *(one.format(payable) for one in place)]
        right = invoice(library, *lines)
        assert not warned(right)
        assert sac in written(library, right)
        wrong = invoice(library, *[one.replace(f"TDS*{payable}", "TDS*11111") for one in lines])
        assert warned(wrong) == ["model.totals.mismatch $.totals_stated.payable"]


@pytest.mark.parametrize(
    ("txi", "payable"),
    [
        ("TXI*VA*4.00*4****A", "10400"),
        ("TXI*VA*4.00", "10400"),
        ("TXI*VA**4****A*100", "10400"),
        ("TXI*VA*3.85*4****I", "10000"),
        ("TXI*VA*3.85*4****O", "10000"),
    ],
)
def test_taxes_in_totals(library: MappingLibrary, txi: str, payable: str) -> None:
    right = invoice(library, "IT1*1*10*EA*10**VN*A1", f"TDS*{payable}", txi)
    assert not warned(right)
    assert txi in written(library, right)
    assert warned(invoice(library, "IT1*1*10*EA*10**VN*A1", "TDS*9000", txi))


def test_cash_discount(library: MappingLibrary) -> None:
    assert not warned(invoice(library, "IT1*1*10*EA*10**VN*A1", "TDS*10000*10000*9800*200"))
    wrong = invoice(library, "IT1*1*10*EA*10**VN*A1", "TDS*10000*10000*9900*200")
    assert warned(wrong) == ["model.totals.mismatch $.totals_stated.discounted"]


def test_two_implied_decimals_whatever_the_currency(library: MappingLibrary, tmp_path: Path) -> None:
    """TDS01 is N2, also in yen; an agreement that means whole yen says so in one line."""
    yen = [one.format(kind="PR").replace("USD", "JPY") for one in HEAD]
    segments = [line.split("*") for line in (*yen, "IT1*1*10*EA*150**VN*A1", "TDS*150000")]
    standard: Any = read(library.compiled("x12/810.004010"), segments)[0]
    assert standard.totals_stated.payable == 1500
    assert standard.lines[0].price.amount == 150  # R: an explicit point, never two implied decimals
    assert not warned(standard)
    overlay = tmp_path / "whole-yen.yaml"
    overlay.write_text("extends: x12/810.004010\nTDS: { TDS01: totals_stated.payable | decimal }\n")
    own = library.compiled("x12/810.004010", overlay)
    agreed: Any = read(own, [*segments[:-1], ["TDS", "1500"]])[0]
    assert agreed.totals_stated.payable == 1500
    assert own.messages([agreed])[0][-2:] == [["TDS", "1500"], ["CTT", "1"]]


def test_an_invoice_of_our_own_states_what_was_computed(library: MappingLibrary) -> None:
    line = {"line_id": "1", "quantity": {"value": "3", "unit": "EA"}, "price": {"amount": "1.50"}}
    own = Invoice.model_validate(
        {"invoice_id": "1", "currency": "USD", "lines": [line], "totals_computed": {"payable": "4.50"}}
    )
    assert "TDS*450" in written(library, own)


@pytest.mark.parametrize(
    ("g72", "is_charge", "again"),
    [
        ("G72*51*02******-1200", False, "G72*51*02******-1200"),
        ("G72*51*02******1200", False, "G72*51*02******-1200"),  # the code says it: an allowance
        ("G72*504*06******1200", True, "G72*504*06******1200"),
        ("G72*504*06******-1200", False, "G72*504*06******-1200"),
        ("G72*6*06***.75*10*CA", True, "G72*6*06***0.75*10*CA"),
        ("G72*52*02***-.75*10*CA", False, "G72*52*02***-0.75*10*CA"),
        ("G72*560*06******900", True, "G72*560*06******900"),
    ],
)
def test_grocery_allowances(library: MappingLibrary, g72: str, is_charge: bool, again: str) -> None:
    body = ["G01*20260112*INV-1", "N1*ST*STORE", "G17*10*CA*20**VN*A1", g72, "G31*10*CA", "G33*20000"]
    found: Any = read(library.compiled("x12/880.004010"), [line.split("*") for line in body])[0]
    (part,) = found.lines[0].allowances_charges
    assert part.is_charge is is_charge
    assert all(one.amount >= 0 for one in (part.amount, part.rate) if one is not None)
    assert again in written(library, found, "x12/880.004010")
    assert [line.line_id for line in found.lines] == ["1"]


def test_real_invoices_become_invoices(x12: Any, real_files: list[Path]) -> None:
    files = [one for one in real_files if one.name.startswith(("810", "MIX-810"))]
    if not files:
        pytest.skip("the collection of real files is not here")
    for file in files:
        for message in x12.read(file.read_bytes()).messages:
            if message.accepted:
                assert message.documents, file.name
                for found in message.documents:
                    if isinstance(found, Invoice):
                        assert found.invoice_id
                        assert found.totals_stated is not None, file.name
