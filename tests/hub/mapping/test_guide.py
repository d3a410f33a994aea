"""``hub mapping guide``: what it says of segments, columns and forms, with and without a partner, as text and page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.mapping.blocks import Code, Heading, Items, Paragraph, Table, markdown
from hub.workspace import initialize

PARTNER = """\
title: Corner <b>Grocer</b>
identities: {x12: ZZ:GROCER}
acknowledgments: {x12: {type: 999, ta1: always}}
all_or_nothing: true
deviations: {x12: {unterminated: refuse}}
translator: {x12: {segment-terminator: "!", codes: {"355": [QQ], "128": any}}}
documents:
  - {direction: in, standard: x12, message: 850, version: "004010", overlay: grocer.yaml, response: accept_all}
  - {direction: out, standard: x12, message: 855, version: "004010", due: 2h}
"""
OVERLAY = """\
extends: x12/850.004010
DTM:
  "074": { DTM02: cancel_after | date }
"""


def hub(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def printed(*arguments: object) -> str:
    result = hub("mapping", "guide", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = initialize(tmp_path / "ws")
    (root / "partners" / "grocer.yaml").write_text(PARTNER)
    (root / "mappings" / "grocer.yaml").write_text(OVERLAY)
    settings = (root / "hub.toml").read_text()
    (root / "hub.toml").write_text(settings)
    monkeypatch.setenv("HUB_WORKSPACE", str(root))
    return root


def part(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def test_segments_elements_codes_and_notes():
    text = printed("x12/850.004010")
    assert text.startswith("# x12/850.004010, purchase order: Order\n")
    heading = part(text, "Segment BEG purchase order heading")
    assert "Mandatory, once." in heading
    row = next(line for line in heading.splitlines() if line.startswith("| BEG01"))
    assert row.startswith("| BEG01 | purpose | M | ID | 2/2 | purpose | `00` original, `01` cancellation")
    assert "| BEG03 | purchase order number | M | AN | 1/22 | buyer order id |" in heading
    assert "Not read, kept as extensions: BEG07" in heading
    assert "- At least one of REF02, REF03 is required." in part(text, "Segment REF reference")
    assert "PO106 to PO125" in text
    assert "requested delivery › start (where DTM01 is `002`)" in text


def test_order_of_the_message_and_what_is_not_read():
    text = printed("x12/850.004010")
    places = [text.index(f"Segment {ident} ") for ident in ("BEG", "REF", "DTM", "PO1", "CTT")]
    assert places == sorted(places)
    unread = part(text, "Not read")
    assert "| message |" in unread
    for ident in re.findall(r"^#+ Segment (\w+)", text.partition("## Not read")[0], re.MULTILINE):
        assert f"| message | {ident} " not in unread


def test_example_is_one_that_the_mapping_reads(tmp_path):
    example = part(printed("x12/850.004010"), "Example")
    lines = re.search(r"```\n(.*?)\n```", example, re.DOTALL)
    assert lines is not None
    file = tmp_path / "example.edi"
    file.write_text(lines[1])
    assert lines[1].splitlines()[2].startswith("ST*850*")
    assert hub("check", file).exit_code == 0
    assert printed("x12/850.004010", "--example", file).count("ST*850*") == 1


def test_partner_agreement_overlay_and_codes(workspace):
    text = printed("850", "--partner", "grocer")
    agreed = part(text, "Agreed with Corner <b>Grocer</b>")
    assert "| partner | `ZZ:GROCER` |" in agreed
    assert "| direction | the partner sends it |" in agreed
    assert "| acknowledgment | 999, always |" in agreed
    assert "one bad message rejects the whole interchange" in agreed
    assert "segment-terminator | `!`" in agreed
    assert "| `unterminated` | refuse | the last segment has no terminator |" in part(
        text, "Deviations from the standard"
    )
    assert "`074`" in next(
        line for line in part(text, "Segment DTM date or time").splitlines() if "cancel after" in line
    )
    assert "by agreement also `QQ`" in next(line for line in text.splitlines() if line.startswith("| PO103 "))
    assert "by agreement any value" in next(line for line in text.splitlines() if line.startswith("| REF01 "))
    (dates,) = [one for one in part(text, "Segment DTM date or time").splitlines() if one.startswith("| DTM02")]
    assert "cancel after (where DTM01 is `001` or `074`)" in dates
    assert dates not in printed("x12/850.004010")


def test_what_the_partner_gets(workspace):
    agreed = part(printed("x12/855.004010", "--partner", "grocer"), "Agreed with Corner <b>Grocer</b>")
    assert "| direction | the partner gets it |" in agreed
    assert "| to be acknowledged within | 2:00:00 |" in agreed


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("edifact/ORDERS.D96A", ["Segment BGM", "C002.1001", "buyer order id", "Loop SG25"]),
        ("csv/marketplace-orders", ["Rows with the same `Bestellnummer`", "| Menge | lines › quantity › value"]),
        ("soap/demo-erp.customer", ["| element | fills |"]),
        ("x12/856.004010", ["first put together as a whole", "HL03 is `S`", "Shipment"]),
    ],
)
def test_every_shape_of_mapping(name, words):
    text = printed(name)
    assert [word for word in words if word not in text] == []


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


def test_page_is_whole_and_escaped(workspace, tmp_path):
    out = tmp_path / "guide.html"
    sample = tmp_path / "sample.edi"
    sample.write_text("ISA<script>alert(1)</script>\n")
    assert hub("mapping", "guide", "850", "-p", "grocer", "--html", out, "--example", sample).exit_code == 0
    html = out.read_text("utf-8")
    tags = _Tags()
    tags.feed(html)
    tags.close()
    assert tags.stack == []
    assert not tags.seen & {"script", "b", "link", "img"}
    assert "<h2>Agreed with Corner &lt;b&gt;Grocer&lt;/b&gt;</h2>" in html
    assert "<td>BEG01</td><td>purpose</td><td>M</td>" in html
    assert "<code>00</code> original" in html
    assert hub("mapping", "guide", "850", "-p", "grocer", "--html", tmp_path / "none" / "x.html").exit_code == 2


def test_blocks_as_markdown():
    blocks = [Heading(2, "A"), Paragraph("b"), Items(["c"]), Code("x ``` y"), Table(("d", "e"), [("1|2", "")])]
    assert "\n".join(markdown(blocks)) == "## A\n\nb\n\n- c\n\n````\nx ``` y\n````\n\n| d |\n| --- |\n| 1\\|2 |"


def test_an_agreement_without_an_overlay_is_found_by_its_message(workspace):
    assert printed("855", "-p", "grocer").startswith("# ")


def test_a_name_that_begins_several_lists_them(workspace):
    result = hub("mapping", "guide", "x12/850")
    assert result.exit_code == 2
    assert "'x12/850.004010' or" in result.stderr
