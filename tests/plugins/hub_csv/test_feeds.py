"""The feeds that ship with the hub, from bytes to documents and back, with the real mapping engine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.mapping.library import MappingLibrary
from hub.mapping.values import number
from hub.testing.mapping import content, documents
from hub.translation import EnvelopeParty, Limits, MessageRead, Status
from hub_csv.translator import CsvTranslator

SAMPLES = Path(__file__).parents[2] / "samples" / "csv"
LIBRARY = MappingLibrary()
FEEDS = LIBRARY.of_standard("csv")


class Real:
    """A context over the real mapping library; the feed is known by its header, or named."""

    limits = Limits()
    file = "f.csv"
    sender = receiver = EnvelopeParty("X")
    test = False

    def __init__(self, feed: str = "", **options: Any) -> None:
        self.option = {"feed": feed, **options}
        self.options: Any = lambda envelope: self.option

    def mapping(self, standard: str, message: str, version: str, envelope: Any = None) -> Any:
        return LIBRARY.find(standard, message, version)

    def feeds(self) -> list[Any]:
        return [LIBRARY.compiled(name) for name in FEEDS]

    def next_control(self, level: str) -> int:
        return 7


def writing() -> Any:
    context = Real()
    context.options = {}
    return context


def read(payload: bytes, feed: str = "") -> tuple[list[MessageRead], Any]:
    _, *messages, closed = CsvTranslator().read(io.BytesIO(payload), Real(feed))
    return messages, closed  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["marketplace-orders", "marketplace-orders-utf16", "marketplace-products"])
def test_sample_reads_as_expected(name: str) -> None:
    messages, closed = read((SAMPLES / f"{name}.csv").read_bytes())
    got = [
        {"kind": document.kind, "document": document.canonical_dict(provenance=False)}
        for message in messages
        for document in message.documents
    ]
    assert closed.status is Status.ACCEPTED
    assert got == json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def test_sample_with_errors_says_where_and_what() -> None:
    messages, closed = read((SAMPLES / "marketplace-orders-errors.csv").read_bytes())
    assert (closed.status, closed.received, closed.accepted) == (Status.PARTIAL, 9, 3)
    found = {
        (one.position.line, one.position.name, one.code)
        for message in messages
        for one in message.findings
        if one.severity.value == "error"
    }
    assert {
        (5, "", "csv.quote"), (7, "Bestellnummer", "csv.group.again"), (9, "", "csv.row.long"),
        (10, "Bestellnummer", "csv.group.empty"), (11, "Kundennummer", "csv.row.short"),
    } <= found  # fmt: skip
    assert {(3, "Bestelldatum"), (3, "Menge"), (4, "Menge")} <= {(line, name) for line, name, _ in found}
    assert [message.control for message in messages if message.accepted] == [
        "MF-2026-104901", "MF-2026-104904", "MF-2026-104905",
    ]  # fmt: skip
    unknown = next(message for message in messages if message.control == "MF-2026-104905")
    assert any(one.position.name == "Einheit" and one.value == "Fass" for one in unknown.findings)


def test_answer_to_the_sample_with_errors(context: Callable[..., Any]) -> None:
    _, closed = read((SAMPLES / "marketplace-orders-errors.csv").read_bytes())
    written = CsvTranslator().acknowledge(closed, writing())
    assert written is not None
    rows = written.payload.decode().splitlines()
    assert rows[0] == "position;line;id;rows;status;reason"
    assert rows[1] == "1;2;MF-2026-104901;1;accepted;"
    assert rows[3] == "3;5;MF-2026-104903;1;rejected;line 5: quote opened in value 16 is never closed"


def test_orders_in_another_column_order_and_another_spelling() -> None:
    text = "EAN;menge;EINHEIT;bestellnummer;Pos;Preis\n4012345000108;1,5;kg;4711;10;x\n"
    messages, _ = read(text.encode(), "csv/marketplace-orders")
    (document,) = messages[0].documents
    assert document.canonical_dict()["lines"][0]["quantity"] == {"value": "1.5", "unit": "KGM"}
    assert document.extensions == {"Preis@2": "x"}


@pytest.mark.parametrize("number", ["1.5", "1.234,50", "1,234,5", "1e3", "", "NaN", "١"])
def test_numbers_with_anything_undeclared_are_refused(number: str) -> None:
    text = f"Bestellnummer;Pos;EAN;Menge;Einheit\n4711;1;4012345000108;{number};Stk\n"
    messages, _ = read(text.encode(), "csv/marketplace-orders")
    quantity = messages[0].documents and messages[0].documents[0].lines[0].quantity  # type: ignore[attr-defined]
    assert not quantity or (not number and quantity.value is None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", "1234.5"), ("-12.345.678", "-12345678"), ("999", "999"), ("1234,50", "1234.50"),
        ("1.5", ""), ("1.23,4", ""), ("1234.567", ""), ("1,234.5", ""), (".123", ""), ("1..234", ""),
    ],
)  # fmt: skip
def test_a_thousands_mark_is_believed_only_where_it_can_stand(text: str, value: str) -> None:
    if value:
        assert number(text, ",", ".") == Decimal(value)
        return
    with pytest.raises(ValueError, match=r"thousands mark|not a number"):
        number(text, ",", ".")


@pytest.mark.parametrize("name", FEEDS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_a_feed_writes_it_reads(name: str, data: st.DataObject) -> None:
    mapping = LIBRARY.compiled(name)
    drawn = data.draw(st.lists(documents(mapping), min_size=1, max_size=3))
    if mapping.plan.group_by:
        keys = {document.buyer_order_id: document for document in drawn}  # type: ignore[attr-defined]
        drawn = list(keys.values())
    else:  # a row is a document: a product of several names would be several rows
        drawn = [one for one in drawn if len(mapping.write(one)) == 1 and any(mapping.write(one)[0].values())]
    written = CsvTranslator().write(drawn, name, "", writing())
    messages, closed = read(written.payload, name)
    assert closed.status is Status.ACCEPTED, [str(one) for message in messages for one in message.findings]
    assert [content(message.documents[0]) for message in messages] == [content(document) for document in drawn]
