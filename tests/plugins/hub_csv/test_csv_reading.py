"""What a file turns into: groups, positions, findings, verdicts."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.translation import Limits, Status
from hub_csv.translator import CsvTranslator

Read = Callable[..., Any]
Rows = Callable[[list[str]], str]


def test_rows_with_one_number_are_one_order(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A,5", "1,B,6", "2,C,7"]))
    assert got.records == [
        [{"No": "1", "Item": "A", "Qty": "5"}, {"No": "1", "Item": "B", "Qty": "6"}],
        [{"No": "2", "Item": "C", "Qty": "7"}],
    ]
    assert [(m.type, m.control, m.position, m.mapping) for m in got.messages] == [
        ("orders", "1", 1, "csv/orders"), ("orders", "2", 2, "csv/orders"),
    ]  # fmt: skip
    assert (got.closed.status, got.closed.received, got.closed.accepted) == (Status.ACCEPTED, 2, 2)
    assert (got.opened.envelope.standard, got.opened.envelope.extra["feed"]) == ("csv", "csv/orders")


def test_order_of_columns_does_not_matter_and_more_columns_are_kept(read: Read) -> None:
    got = read("Qty,No,Remark,Item\n5,1,soon,A\n")
    assert got.records == [[{"No": "1", "Item": "A", "Qty": "5", "Remark": "soon"}]]


def test_message_knows_its_bytes(read: Read) -> None:
    data = "No,Item,Qty\r\n1,Ä,5\r\n1,B,6\r\n2,C,7\r\n".encode()
    got = read(data)
    first, second = got.messages
    assert data[first.offset : first.offset + first.length] == "1,Ä,5\r\n1,B,6\r\n".encode()
    assert data[second.offset : second.offset + second.length] == b"2,C,7\r\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_line_end_any_chunking_any_encoding(read: Read, end: str, chunk: int, encoding: str) -> None:
    text = end.join(["No,Item,Qty", '1,"Ä ""b""' + end + 'c",5', "2,B,6"])
    got = read(text.encode(encoding), chunk=chunk, encoding=encoding)
    assert got.records == [
        [{"No": "1", "Item": 'Ä "b"\nc', "Qty": "5"}], [{"No": "2", "Item": "B", "Qty": "6"}],
    ]  # fmt: skip
    assert got.said == []
    assert [m.findings for m in got.messages] == [[], []]


def test_utf16_offsets_are_bytes_of_the_file(read: Read) -> None:
    data = "No,Item,Qty\n1,Ä,5\n2,𝄞,6\n".encode("utf-16")
    got = read(data, encoding="utf-16")
    one = got.messages[1]
    assert data[one.offset : one.offset + one.length].decode("utf-16-le") == "2,𝄞,6\n"


def test_byte_order_mark_wins_over_a_wrong_declaration(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,Ä,5"]).encode("utf-16"), encoding="latin-1")
    assert got.records[0][0]["Item"] == "Ä"
    assert "its byte order mark says utf-16-le, the mapping says iso8859-1" in got.said[0]


def test_utf16_without_mark_is_seen(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A,5"]).encode("utf-16-be"))
    assert got.records[0][0]["Item"] == "A"
    assert "looks like utf-16-be without byte order mark" in got.said[0]


def test_utf8_declared_as_something_else_is_told(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,ÄÖÜ,5"]).encode(), encoding="cp1252")
    assert got.said == ["warning: f.csv: it looks like utf-8, the mapping says cp1252; read as cp1252"]


def test_wrong_encoding_rejects_the_row_only(read: Read) -> None:
    got = read(b"No,Item,Qty\n1,\xc4,5\n2,B,6\n")
    assert [m.accepted for m in got.messages] == [False, True]
    assert got.said == [
        "error: f.csv, message 1, line 2: value 2 has bytes that are not utf-8; declare the file's encoding"
    ]
    assert got.closed.status is Status.PARTIAL


def test_nul_is_found(read: Read) -> None:
    got = read(b"No,Item,Qty\n1,A\x00,5\n2,B,6\n")
    assert "value 2 holds a NUL character" in got.said[0]
    assert [m.accepted for m in got.messages] == [False, True]


def test_ragged_rows(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A", "2,B,6,,", "3,C,7,x", "4,D,8"]))
    assert [m.accepted for m in got.messages] == [False, True, False, True]
    assert [m.findings[0].code for m in got.messages if m.findings] == ["csv.row.short", "csv.row.long"]
    assert got.messages[0].findings[0].position.name == "Qty"
    filled = read(rows_of(["1,A"]), ragged="fill")
    assert filled.records == [[{"No": "1", "Item": "A", "Qty": ""}]]


def test_blank_rows_comments_and_skipped_lines(read: Read) -> None:
    text = "Report of today\n# columns\nNo,Item,Qty\n\n1,A,5\n,,\n# remark\n  \n1,B,6\n"
    got = read(text, skip="1", comment="#")
    assert [len(records) for records in got.records] == [2]
    assert got.said == []


def test_order_that_comes_back_is_rejected(read: Read, rows_of: Rows) -> None:
    lines = ["1,A,5", "2,B,6", "1,C,7"]
    got = read(rows_of(lines))
    assert [(m.control, m.accepted) for m in got.messages] == [("1", True), ("2", True), ("1", False)]
    assert got.messages[2].findings[0].code == "csv.group.again"
    assert got.messages[2].findings[0].position.line == 4
    together = read(rows_of(lines), regroup="100")
    assert [len(records) for records in together.records] == [2, 1]
    few = read(rows_of(lines), regroup="2")
    assert [(m.control, m.accepted) for m in few.messages] == [("1", False), ("2", True)]


def test_row_without_number_belongs_to_nobody(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A,5", ",B,6", ",C,7", "2,D,8"]))
    assert [m.accepted for m in got.messages] == [True, False, False, True]
    assert "no value in column No" in got.said[0]
    gathered = read(rows_of(["1,A,5", ",B,6", "1,D,8"]), regroup="9")
    assert [m.accepted for m in gathered.messages] == [False, True]


def test_quote_that_is_never_closed_costs_one_row(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A,5", '2,"B,6', "3,C,7", "4,D,8"]))
    assert [(m.control, m.accepted) for m in got.messages] == [("1", True), ("2", False), ("3", True), ("4", True)]
    assert "quote opened in value 2 is never closed" in got.said[0]


def test_quote_in_the_wrong_place_costs_one_row_of_its_order(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A,5", '1,"B"x,6', '1,C"c,7', "2,D,8"]))
    assert [(m.control, m.accepted) for m in got.messages] == [("1", False), ("2", True)]
    assert got.said == ["error: f.csv, message 1, line 3: value 2 has text behind its closing quote"]


def test_endless_quote_is_bounded(read: Read) -> None:
    data = 'No,Item,Qty\n1,"' + "x\n" * 5_000 + "2,B,6\n"
    got = read(data, context=None)
    assert "is not closed within 1000 lines" in got.said[0]
    assert got.messages[-1].control == "2"
    assert got.messages[-1].accepted


@pytest.mark.parametrize(
    ("header", "code", "text"),
    [
        ("No;Item;Qty", "csv.header", "the header has 1 column with delimiter ','"),
        ("No;Item;Qty", "csv.header", "did you mean delimiter: ';'?"),
        ("No\tItem\tQty", "csv.header", "did you mean delimiter: 'tab'?"),
        ("a,b,c", "csv.header", "the header has 3 columns with delimiter ',', and none of the columns 'No', 'Item'"),
        ("No,Item,No", "csv.column.double", "column 'No' stands 2 times (columns 1 and 3)"),
        ("Number,Item,Qty", "csv.column.missing", "the header has no column 'No'; it has 'Number', 'Item', 'Qty'"),
        ('No,"Item,Qty', "csv.quote", "the header cannot be read: quote opened in value 2 is never closed"),
        ("", "csv.empty", "the file holds no row, not even a header"),
    ],
)
def test_header_that_is_not_the_agreed_one(read: Read, header: str, code: str, text: str) -> None:
    got = read(header + "\n")
    assert got.closed.status is Status.REJECTED
    assert got.messages == []
    assert [finding.code for finding in got.closed.findings] == [code]
    assert text in got.closed.findings[0].message


def test_header_tolerances_are_told(read: Read) -> None:
    got = read("no, ITEM ,x,x,\n1,A,,,\n")
    assert got.records == [[{"No": "1", "Item": "A", "x": "", "x [2]": "", "column 5": ""}]]
    assert [finding.code for finding in got.opened.findings] == [
        "csv.column.spelling", "csv.column.spelling", "csv.column.double", "csv.column.absent",
    ]  # fmt: skip


def test_file_without_header(read: Read) -> None:
    got = read("1,A,5\n1,B,6\n", header="false", columns=["No", "Item", "Qty"])
    assert [len(records) for records in got.records] == [2]


def test_excel_guards_are_taken_off(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(['="001",A,5', '"=""002""",\'=1+1,-6']))
    assert [m.control for m in got.messages] == ["001", "002"]
    assert got.records[1][0]["Item"] == "=1+1"
    kept = read(rows_of(['="001",A,5']), formulas="keep")
    assert kept.messages[0].control == '="001"'


def test_escape_and_other_quotes(read: Read) -> None:
    got = read("No;Item;Qty\n1;a\\;b;5\n2;'it''s';6\n3;'x\\'y';7\n", delimiter=";", quote="'", escape="\\")
    assert [records[0]["Item"] for records in got.records] == ["a;b", "it's", "x'y"]
    got = read('No;Item;Qty\n1;"a;5\n', delimiter=";", quote="none")
    assert got.records[0][0]["Item"] == '"a'


def test_mapping_findings_get_their_place(read: Read, rows_of: Rows) -> None:
    got = read(rows_of(["1,A,5", "2,B,BAD"]))
    (finding,) = got.messages[1].findings
    assert (finding.position.file, finding.position.message, finding.position.line, finding.position.name) == (
        "f.csv", "2", 3, "Qty",
    )  # fmt: skip
    assert (got.messages[1].accepted, got.messages[1].documents) == (False, [])


def test_each_row_a_document_and_several_documents_of_a_row(read: Read, mapping: Any, context: Any) -> None:
    products = mapping("csv/products", ("Item",), "", {"with": "csv/prices"}, document="Product")
    prices = mapping("csv/prices", ("Item", "Qty"), "", document="Price")
    got = read("Item,Qty\nA,5\nB,6\n", context(products, prices))
    assert [[document.kind for document in m.documents] for m in got.messages] == [["Product", "Price"]] * 2
    assert [m.control for m in got.messages] == ["1", "2"]


def test_bounds(read: Read, rows_of: Rows, mapping: Any, context: Any) -> None:
    rows = rows_of(["1,A,5", "1,B,6", "1,C,7", "2,D,8"])
    got = read(rows, max={"rows": "2"})
    assert [(m.accepted, m.findings[0].code if m.findings else "") for m in got.messages] == [
        (False, "csv.rows"), (True, ""),
    ]  # fmt: skip
    got = read(rows, max={"columns": "2"})
    assert got.closed.findings[0].code == "csv.columns"
    got = read(rows_of(["1," + "A" * 100 + ",5", "2,B,6"]), max={"row-bytes": "50"})
    assert [(m.accepted, m.findings[0].code if m.findings else "") for m in got.messages] == [
        (False, "csv.row.too_long"), (True, ""),
    ]  # fmt: skip
    got = read(rows * 4000, context(mapping(), limits=Limits(payload_bytes=70_000)))
    assert got.closed.findings[-1].code == "csv.too_large"
    assert "payload_bytes (70000)" in got.closed.findings[-1].message
    got = read(rows_of(["1,BAD,BAD"] * 30), context(mapping(), limits=Limits(findings_per_message=7)))
    assert len(got.messages[0].findings) == 7


def test_feed_is_known_by_its_header(read: Read, mapping: Any, context: Any) -> None:
    orders, prices = mapping(), mapping("csv/prices", ("SKU", "Amount", "Currency"), "")
    got = read("sku,amount,currency\nA,5,EUR\n", context(prices, orders, options={}))
    assert got.messages[0].mapping == "csv/prices"
    got = read("x,y\n1,2\n", context(prices, orders, options={}))
    assert got.closed.findings[0].code == "csv.feed.unknown"
    assert "no feed has a header like 'x', 'y'" in got.closed.findings[0].message
    got = read("SKU,b\n1,2\n", context(prices, orders, options={}))
    assert "nearest is csv/prices, but the columns 'Amount', 'Currency' are missing" in got.closed.findings[0].message
    twin = mapping("csv/prices2", ("SKU", "Amount", "Currency"), "")
    got = read("SKU,Amount,Currency\n1,2,3\n", context(prices, twin, options={}))
    assert got.closed.findings[0].code == "csv.feed.ambiguous"
    got = read("SKU,Amount,Currency\n1,2,3\n", context(options={}, known=False))
    assert "no feed is agreed" in got.closed.findings[0].message


def test_what_we_configured_wrongly_is_our_error(read: Read, mapping: Any, context: Any) -> None:
    for mappings, options, text in (
        ([], {"feed": "csv/none"}, "names the feed 'csv/none', but there is no such mapping"),
        ([mapping(shape="tree")], None, "is for tree, not for rows"),
        ([mapping(options={"with": "csv/x"})], None, "there is no mapping 'csv/x'"),
        ([mapping()], {"feed": "csv/orders", "result": "some"}, "option result: 'some' is none of"),
    ):
        with pytest.raises(ConfigurationError, match=text):
            read("No,Item,Qty\n", context(*mappings, options=options))


def test_memory_does_not_grow_with_the_file(context: Any, mapping: Any) -> None:
    class Endless:
        def __init__(self, orders: int) -> None:
            self.orders, self.at, self.rest = orders, 0, b"No,Item,Qty\n"

        def read(self, size: int = -1) -> bytes:
            while len(self.rest) < size and self.at < self.orders:
                self.at += 1
                self.rest += b"".join(b"%d,item %d,5\n" % (self.at, line) for line in range(5))
            part, self.rest = self.rest[:size], self.rest[size:]
            return part

    def peak(orders: int) -> int:
        tracemalloc.start()
        stream: Any = Endless(orders)
        count = len([None for _ in CsvTranslator().read(stream, context(mapping()))])
        assert count == orders + 2
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert (peak(20_000) - peak(2_500)) / 17_500 < 40, "bytes for each order"


def test_closing_early_is_allowed(context: Any, mapping: Any) -> None:
    events = CsvTranslator().read(BytesIO(b"No,Item,Qty\n1,A,5\n2,B,6\n"), context(mapping()))
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]
