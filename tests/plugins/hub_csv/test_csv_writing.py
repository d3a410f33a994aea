"""Tables out, their answers, and what is taken for a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.errors import ConfigurationError, DocumentRejected
from hub.translation import Envelope, InterchangeClosed, Status
from hub_csv.dialect import Dialect
from hub_csv.identify import looks_like_table
from hub_csv.lines import lines
from hub_csv.rows import Rows, guarded, unguarded
from hub_csv.seen import Seen
from hub_csv.translator import CsvTranslator
from hub_csv.writing import encoded, line_of

Read = Callable[..., Any]

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufffd"), max_size=12).map(str.strip)
DIALECTS = st.builds(
    Dialect,
    encoding=st.sampled_from(["utf-8", "utf-16", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quote=st.sampled_from(['"', "'"]),
    escape=st.sampled_from(["", "\\"]),
    comment=st.sampled_from(["", "#"]),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    formulas=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@example(Dialect(), [["0\n0", "=1+1"]])
@given(DIALECTS, st.lists(st.lists(TEXT, min_size=2, max_size=4), max_size=5))
def test_what_is_written_is_read_again(dialect: Dialect, table: list[list[str]]) -> None:
    table = [row for row in table if any(row)]
    payload = encoded("".join(line_of(row, dialect) for row in table), dialect)
    wide = dialect.encoding == "utf-16"
    physical = lines(io.BytesIO(payload), "utf-16-le" if wide else dialect.encoding, 2 * wide, 10_000, 100_000)
    assert [row.values for row in Rows(physical, dialect, 10_000)] == table


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_reader_of_csv_reads_what_is_written(table: list[list[str]]) -> None:
    text = "".join(line_of(row, Dialect(formulas=False)) for row in table)
    assert list(csv.reader(io.StringIO(text, newline=""))) == table


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-16-le", "cp1252", "shift_jis"]), st.integers(1, 40))
def test_any_bytes_give_rows_and_no_exception(data: bytes, encoding: str, limit: int) -> None:
    physical = list(lines(io.BytesIO(data), encoding, 0, limit, 10_000))
    assert encoding == "utf-16-le" or sum(line.size for line in physical) == len(data)
    for row in Rows(physical, Dialect(encoding=encoding, escape="\\"), limit):
        assert row.values


@given(st.text(max_size=20))
def test_guards_can_be_taken_off_again(value: str) -> None:
    assert unguarded(guarded(value)) == value or (value.startswith('="') and value.endswith('"'))
    assert not guarded(value).startswith(("=", "@", "\t", "\r"))


def test_numbers_are_not_guarded_but_formulas_are() -> None:
    assert [guarded(value) for value in ("-5", "+1,50", "-1+2", "=A1", "@x", "+49 40", "a")] == [
        "-5", "+1,50", "'-1+2", "'=A1", "'@x", "'+49 40", "a",
    ]  # fmt: skip


def order(*records: dict[str, str], kind: str = "Order") -> Any:
    return SimpleNamespace(kind=kind, records=list(records))


def test_documents_become_a_table(mapping: Any, context: Any) -> None:
    form = {"delimiter": ";", "encoding": "cp1252", "line-end": "lf"}
    written = CsvTranslator().write(
        [order({"No": "1", "Item": "Ä;b", "Qty": "5"}), order({"No": "2", "Item": "=1+1"}, {"No": "2", "Extra": "x"})],
        "orders", "", context(mapping(options=form)).writing(),
    )  # fmt: skip
    assert written.payload.decode("cp1252") == ('No;Item;Qty;Extra\n1;"Ä;b";5;\n2;\'=1+1;;\n2;;;x\n')
    assert written.filename == "orders-1.csv"
    assert [(m.type, m.control) for m in written.messages] == [("orders", "1-1"), ("orders", "1-2")]
    assert (written.envelope.control, written.envelope.receiver.id) == ("1", "THEM")


def test_columns_that_were_agreed_keep_their_order(mapping: Any, context: Any) -> None:
    form = {"columns": ["Qty", "No"], "header": "false"}
    where = context(mapping(options=form)).writing()
    written = CsvTranslator().write([order({"No": "1", "Qty": "5"})], "csv/orders", "", where)
    assert written.payload == b"5,1\r\n"


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ({"encoding": "latin-1"}, "5 €", "row 2, column Item: iso8859-1 has no character for '€'"),
        ({"quote": "none"}, "a,b", "row 2, column Item: the value holds a delimiter"),
        ({}, "a\x00b", "row 2 would be read differently from what was meant"),
        ({}, "a\ufffdb", "row 2 would be read differently from what was meant"),
    ],
)
def test_what_a_table_cannot_hold_is_rejected(
    mapping: Any, context: Any, form: dict[str, str], value: str, text: str
) -> None:
    where = context(mapping(options=form)).writing()
    with pytest.raises(DocumentRejected, match=text) as caught:
        CsvTranslator().write([order({"No": "1", "Item": value})], "orders", "", where)
    assert caught.value.findings[0].position.line == 2


def test_documents_that_would_not_come_back_as_one_are_rejected(mapping: Any, context: Any) -> None:
    for one, group_by, text in (
        (order({"No": "", "Item": ""}), "No", "Order holds nothing that this feed has a column for"),
        (order({"No": "", "Item": "x"}), "No", "Order has no value for No, by which its rows"),
        (order({"No": "1"}, {"No": "2"}), "", "Order takes 2 rows, and in this feed each row is a document"),
    ):
        with pytest.raises(DocumentRejected, match=text):
            CsvTranslator().write([one], "orders", "", context(mapping(group_by=group_by)).writing())


def test_writing_needs_a_mapping_for_the_kind(mapping: Any, context: Any) -> None:
    with pytest.raises(ConfigurationError, match="there is no mapping csv/none to write with"):
        CsvTranslator().write([order()], "none", "", context().writing())
    with pytest.raises(ConfigurationError, match="mapping csv/orders writes Order, not Invoice"):
        CsvTranslator().write([order(kind="Invoice")], "orders", "", context(mapping()).writing())


def test_answer_says_what_was_taken_and_why_not(read: Read, mapping: Any, context: Any) -> None:
    form = {"delimiter": ";", "encoding": "cp1252"}
    got = read("No;Item;Qty\nÄ1;A;5\n2;B;BAD\n3;C\n".encode("cp1252"), context(mapping(options=form)))
    written = CsvTranslator().acknowledge(got.closed, context().writing())
    assert written is not None
    assert written.payload.decode("cp1252").splitlines() == [
        "position;line;id;rows;status;reason",
        "1;2;Ä1;1;accepted;",
        "2;3;2;1;rejected;line 3, column Qty: value is bad",
        '3;4;3;1;rejected;"line 4, column Qty: row has 2 values, the header 3 columns; the last ones are missing '
        '(declare ragged: fill if that means empty)"',
    ]
    assert written.filename == "f-result-1.csv"
    assert written.payload == CsvTranslator().acknowledge(got.closed, context().writing()).payload  # type: ignore[union-attr]


def test_answer_by_option(read: Read, mapping: Any, context: Any) -> None:
    text = "No,Item,Qty\n1,A,5\n2,B,BAD\n"
    translator = CsvTranslator()
    only = read(text, context(mapping(), options={"feed": "csv/orders", "result": "rejected"}))
    written = translator.acknowledge(only.closed, context().writing())
    assert written is not None
    assert [line.split(b",")[0] for line in written.payload.splitlines()] == [b"position", b"2"]
    none = read(text, context(mapping(), options={"feed": "csv/orders", "result": False}))
    assert not none.closed.wants_acknowledgment
    assert translator.acknowledge(none.closed, context().writing()) is None
    assert translator.acknowledge(only.closed, context().writing(result="none")) is None


def test_unreadable_and_refused_files_are_answered(read: Read, mapping: Any, context: Any) -> None:
    translator = CsvTranslator()
    for payload, where in (("a;b\n", context(mapping())), ("a,b\n", context(options={}, known=False))):
        written = translator.acknowledge(read(payload, where).closed, context().writing())
        assert written is not None
        (row,) = list(csv.DictReader(io.StringIO(written.payload.decode())))
        assert row["status"] == "rejected"
        assert row["reason"]
    envelope = read("No,Item,Qty\n", context(mapping())).opened.envelope
    refused = translator.refuse(envelope, "duplicate", context().writing())
    assert refused is not None
    assert b"was received before" in refused.payload
    assert translator.refuse(Envelope("csv"), "duplicate", context().writing(result="none")) is None
    bare = translator.acknowledge(InterchangeClosed(Envelope("csv"), Status.REJECTED), context().writing())
    assert bare is not None
    assert b"the file cannot be read" in bare.payload


@pytest.mark.parametrize(
    ("head", "filename", "table"),
    [
        (b"No,Item,Qty\n1,A,5\n", "x.dat", True),
        (b"No;Item;Qty\n1;A;5\n", "", True),
        (b"single\nvalue\n", "x.csv", True),
        (b"single\nvalue\n", "x.txt", False),
        (b"Dear Sir, hello, you\nand so on.\n", "x.txt", False),
        ("\ufeffNo,Item,Qty\n1,A,5\n".encode(), "x", True),
        ("No\tItem\tQty\n1\tA\t5\n".encode("utf-16"), "x.txt", True),
        (b"ISA*00*          *00*", "x.csv", False),
        (b"UNB+UNOA:1+A,B+C,D'\nx,y,z", "x.csv", False),
        (b"UNA:+,? 'UNB+UNOA", "x.csv", False),
        (b"<a>1,2,3\n4,5,6</a>", "x.csv", False),
        (b'{"a": 1, "b": 2, "c": 3}\n{"a": 1, "b": 2, "c": 3}\n', "x.jsonl", False),
        (b"PK\x03\x04\x00\x01\x02\x03\x04\x05\x06\x07,\n,", "x.csv", False),
        (b"%PDF-1.4\n1,2,3\n1,2,3", "x.csv", False),
        (b"", "x.csv", False),
        (b"\n \n", "x.csv", False),
        (b'"a,b,c",d,e\n"f",g,h\n', "x", True),
        ("<a>1,2,3\n4,5,6</a>".encode("utf-16"), "x.csv", False),
    ],
)
def test_what_is_taken_for_a_table(head: bytes, filename: str, table: bool) -> None:
    assert looks_like_table(head, filename) is table
    assert CsvTranslator().identify(head, filename) is table


def test_seen_keys() -> None:
    seen = Seen()
    assert all(seen.add(str(number)) for number in range(3_000))
    assert not any(seen.add(str(number)) for number in range(3_000))


FILES = sorted((Path(__file__).parents[4] / "shared" / "samples" / "csv").glob("*.csv"))


@pytest.mark.parametrize("path", FILES or [None], ids=lambda path: getattr(path, "name", "none"))
def test_strangers_files_are_read_or_refused_with_a_reason(path: Path | None, mapping: Any, context: Any) -> None:
    if path is None:
        pytest.skip("no ../shared/samples/csv here")
    data = path.read_bytes()
    assert looks_like_table(data[:4096], path.name)
    translator = CsvTranslator()
    *_, closed = translator.read(io.BytesIO(data), context(mapping(), options={}))
    assert isinstance(closed, InterchangeClosed)
    assert closed.status is Status.REJECTED
    assert "no feed has a header like" in closed.findings[0].message
    first = data[:4096].decode("utf-8-sig", "replace").splitlines()[0]
    delimiter = max(",;\t|", key=first.count)
    names = tuple(dict.fromkeys(name.strip().strip('"') for name in first.split(delimiter)))[:3]
    feed = mapping(columns=names, group_by="", options={"delimiter": delimiter, "quote": '"'})
    *_, closed = translator.read(io.BytesIO(data), context(feed))
    assert isinstance(closed, InterchangeClosed)
    assert closed.received > 0 or closed.findings
    assert translator.acknowledge(closed, context().writing()) is not None
