"""``hub explain`` of X12 files: names, meanings, findings at their places, and a page that no file can break."""

from __future__ import annotations

import json
import random
import time
import tracemalloc
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.exchange.outline import Summary, outlined
from hub.exchange.session import Hub
from hub.outline import Kind, Line, Outliner, Wording
from hub_x12.translator import X12Translator

HEAD = "ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *261120*0930*U*00401*000000007*0*P*>~\n"
GROUP = "GS*PO*GROCER*MYCOMPANY*20261120*0930*7*X*004010~\n"
ORDER = (
    "ST*850*0001~\nBEG*00*SA*PO-77**20261120~\nCUR*BY*USD~\nN1*BY*Corner Grocer*92*G1~\n"
    "N1*SE*My Company*92*M1~\nN1*ST*Depot*92*D1~\nN4*Dayton*OH*45402*US~\n"
    "PO1*1*40*EA*2.49**UP*012345678905~\nSAC*A*C310***1250~\nCTT*1~\nSE*11*0001~\n"
)
SECOND = "ST*850*0002~\nBEG*00*SA*PO-78**20261301~\nPO1*1*x*EA*2.49**UP*012345678905~\nCTT*1~\nSE*5*0002~\n"
TAIL = "GE*{}*7~\nIEA*1*000000007~\n"
GOOD = HEAD + GROUP + ORDER + TAIL.format(1)
BOTH = HEAD + GROUP + ORDER + SECOND + TAIL.format(2)


def hub(*arguments: object, data: bytes | str | None = None) -> Result:
    result = CliRunner().invoke(cli, [str(one) for one in arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str | bytes) -> Path:
        file = tmp_path / "file.edi"
        file.write_bytes(text.encode("latin-1") if isinstance(text, str) else text)
        return file

    return written


def lines_of(text: str | bytes, **more: object) -> tuple[list[Line], Summary]:
    data = text.encode("latin-1") if isinstance(text, str) else text
    with Hub() as session:
        *lines, summary = outlined(session, BytesIO(data), "file", **more)  # type: ignore[arg-type]
    assert isinstance(summary, Summary)
    return [one for one in lines if isinstance(one, Line)], summary


def named(lines: list[Line], label: str) -> list[Line]:
    return [one for one in lines if one.label == label]


def test_translator_offers_both_seams():
    assert isinstance(X12Translator(), Outliner)
    assert isinstance(X12Translator(), Wording)


def test_tree_names_segments_elements_and_codes(write):
    result = hub("explain", write(GOOD))
    assert result.exit_code == 0, result.output
    shown = result.stdout.splitlines()
    assert shown[0] == "interchange 000000007  X12, from ZZ:GROCER to ZZ:MYCOMPANY, version 00401"
    assert "  group PO 7  purchase order (850), from GROCER to MYCOMPANY, version 004010" in shown
    assert "    set 850 0001  purchase order, read by x12/850.004010  accepted" in shown
    assert "        BEG01  purpose: 00  = original" in shown
    assert "        BEG05  date: 20261120  = 2026-11-20" in shown
    assert "      loop N1 ST  party, ship to" in shown
    assert "          N402  state or province: OH" in shown
    assert [one.split("  = ")[1] for one in shown if "SAC05" in one] == ["12.50"]
    assert shown[-1].endswith("file.edi: accepted, 1 of 1 messages accepted; nothing was found wrong")


def test_depth_follows_the_loops():
    lines, _ = lines_of(GOOD)
    depth = {one.label: one.depth for one in lines}
    assert depth["interchange"] == 0
    assert depth["ISA"] == depth["IEA"] == depth["group PO"] == 1
    assert depth["GS"] == depth["GE"] == depth["set 850"] == 2
    assert depth["ST"] == depth["SE"] == depth["BEG"] == depth["loop N1"] == 3
    assert depth["N4"] == depth["N1"] == 4
    assert named(lines, "N4")[0].value == "N4*Dayton*OH*45402*US"


def test_findings_stand_where_they_belong():
    lines, summary = lines_of(BOTH)
    (date,) = [one for one in lines if one.label == "BEG05" and one.value == "20261301"]
    assert [(one.list_id, one.list_code) for one in date.findings] == [("723", "8")]
    assert date.meaning == ""
    (quantity,) = [one for one in lines if one.label == "PO102" and one.value == "x"]
    assert quantity.findings
    assert [one.state for one in lines if one.kind is Kind.MESSAGE] == ["accepted", "rejected"]
    assert summary.status.value == "partial"
    told = [finding for line in lines for finding in line.findings]
    assert len(told) == sum(summary.severities.values())


def test_every_finding_of_check_is_told_once(write):
    broken = (
        BOTH.replace("GE*2*7", "GE*3*8").replace("N4*Dayton", "QQQ*1~\nN4*Dayton").replace("BEG*00*SA*PO-78", "bEG*00")
    )
    file = write(broken)
    checked = [json.loads(line) for line in hub("check", file, "--json").stdout.splitlines()]
    expected = sorted(finding["code"] for one in checked for finding in one["findings"])
    lines, _ = lines_of(broken)
    assert sorted(finding.code for line in lines for finding in line.findings) == expected
    assert len(expected) > 4
    assert named(lines, "GE")[0].findings == ()
    assert named(lines, "GE01")[0].findings
    assert named(lines, "QQQ")[0].findings


def test_missing_segments_stand_where_they_were_expected():
    lines, _ = lines_of(GOOD.replace("BEG*00*SA*PO-77**20261120~\n", "").replace("SE*11", "SE*10"))
    (note,) = [one for one in lines if one.kind is Kind.NOTE]
    assert (note.label, note.findings[0].list_code) == ("BEG", "3")
    assert note.name == named(lines_of(GOOD)[0], "BEG")[0].name
    at = lines.index(note)
    assert lines[at - 1].label == "ST02"
    assert lines[at + 1].label == "CUR"


def test_composites_and_repetitions_are_taken_apart():
    composite = GOOD.replace("CTT*1~\nSE*11", "SE*10").replace("SAC*A*C310***1250", "MEA*PD*N*4*LB>1>1")
    lines, _ = lines_of(composite)
    assert [(one.label, one.value) for one in lines if one.label.startswith("MEA04-")] == [
        ("MEA04-01", "LB"), ("MEA04-02", "1"), ("MEA04-03", "1"),
    ]  # fmt: skip
    assert named(lines, "MEA04-01")[0].meaning
    assert named(lines, "MEA04-01")[0].depth == named(lines, "MEA04")[0].depth + 1


def test_hierarchy_of_a_ship_notice_is_nested():
    notice = (
        HEAD + GROUP.replace("GS*PO", "GS*SH") + "ST*856*0001~\nBSN*00*S1*20261120*0930~\nHL*1**S~\nHL*2*1*O~\n"
        "PRF*PO-77~\nHL*3*2*I~\nLIN**UP*012345678905~\nSN1**4*EA~\nHL*4*1*O~\nSE*10*0001~\n" + TAIL.format(1)
    )
    lines, _ = lines_of(notice)
    loops = [(one.value, one.meaning, one.depth) for one in lines if one.label == "loop HL"]
    assert [one[0] for one in loops] == ["S", "O", "I", "O"]
    assert [one[2] for one in loops] == [3, 4, 5, 4]
    assert loops[0][1] == "shipment"
    assert named(lines, "SN1")[0].depth == 6
    assert named(lines, "SE")[0].depth == 3


@pytest.mark.parametrize("option", [("--set", 2), ("--message", 2), ("--control", "0002"), ("--control", "2")])
def test_one_set_in_its_envelope(write, option):
    shown = hub("explain", write(BOTH), *option).stdout
    assert "set 850 0002" in shown
    assert "PO-77" not in shown
    assert shown.index("ISA") < shown.index("GS  ") < shown.index("PO-78") < shown.index("GE  ") < shown.index("IEA  ")


def test_control_of_a_group_shows_all_of_it(write):
    other = GROUP.replace("*7*X", "*8*X") + ORDER.replace("PO-77", "PO-99") + "GE*1*8~\n"
    text = HEAD + GROUP + ORDER + "GE*1*7~\n" + other + "IEA*2*000000007~\n"
    shown = hub("explain", write(text), "--control", "8").stdout
    assert "PO-99" in shown
    assert "PO-77" not in shown
    assert "group PO 7" not in shown
    assert "IEA01" in shown
    assert "PO-77" in hub("explain", write(text), "--control", "000000007").stdout


def test_what_is_not_there_cannot_be_shown(write):
    assert "there is no message 9" in hub("explain", write(GOOD), "--set", 9).output
    result = hub("explain", write(GOOD), "--control", "4711")
    assert result.exit_code == 2
    assert "there is no control number 4711" in result.output


def test_color_only_where_it_is_wanted(write, monkeypatch):
    file = write(GOOD)
    assert "\x1b[" not in hub("explain", file).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in hub("explain", file, "--color", "always").stdout
    assert "\x1b[" not in hub("explain", file, "--color", "never").stdout


def test_stdin_json_and_exit_status(write):
    result = hub("explain", "-", "--json", data=GOOD)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {
        "depth": 4,
        "kind": "element",
        "label": "BEG01",
        "name": "purpose",
        "value": "00",
        "meaning": "original",
    } in rows
    assert rows[-1] == {
        "kind": "summary", "file": "stdin", "translator": "x12", "status": "accepted", "received": 1, "accepted": 1,
        "findings": {},
    }  # fmt: skip
    assert hub("explain", write(BOTH)).exit_code == 1


def test_fields_are_still_explained(write):
    file = write(GOOD)
    for arguments in (("$.lines[0].price",), ("--field", "lines[0].price")):
        result = hub("explain", file, *arguments)
        assert result.exit_code == 0
        assert "PO104" in result.stdout
        assert "BEG03" not in result.stdout
    assert "BEG03" in hub("explain", file, "--fields").stdout
    assert hub("explain", file, "nothing.there").exit_code == 1


class _Page(HTMLParser):
    """Checks that tags are balanced and keeps what is in them."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, tag
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] != "style":
            self.text.append(data)


def page(text: str) -> _Page:
    parser = _Page()
    parser.feed(text)
    parser.close()
    assert parser.stack == []
    return parser


def test_page_is_whole_and_says_the_verdict_first(write, tmp_path):
    out = tmp_path / "page.html"
    assert hub("explain", write(BOTH), "--html", out).exit_code == 1
    html = out.read_text("utf-8")
    parsed = page(html)
    assert parsed.tags[0][0] == "html"
    words = "".join(parsed.text)
    assert words.index("Partial") < words.index("interchange header") < words.index("PO-77") < words.index("IEA01")
    links = [attrs["href"] for tag, attrs in parsed.tags if tag == "a"]
    ids = {attrs["id"] for _, attrs in parsed.tags if "id" in attrs}
    assert links
    assert all(link is not None and link.startswith("#") and link[1:] in ids for link in links)
    assert not [tag for tag, _ in parsed.tags if tag in ("script", "link", "img", "iframe", "object")]
    assert "default-src 'none'" in html
    classes = [attrs.get("class") or "" for tag, attrs in parsed.tags if tag == "details"]
    assert {"interchange", "group", "message accepted", "message rejected", "loop", "segment"} <= set(classes)


HOSTILE = [
    "<script>alert(1)</script>", "</details></body>",
    "\"' onload=x", "<!--", "&lt;b&gt;", "]]>", "\x1b[31mred", "\x00\x07",
    "javascript:x", "<style>*{}", "`<b>`",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_a_partner_sends_becomes_markup(write, tmp_path, value):
    out = tmp_path / "page.html"
    text = BOTH.replace("Corner Grocer", value).replace("PO-78", value).replace("GROCER         ", "<b>GROCER</b>  ")
    hub("explain", write(text), "--html", out)
    parsed = page(out.read_text("utf-8"))
    allowed = {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "span", "ol", "li", "a", "b", "details",
        "summary", "div", "table", "tr", "th", "td",
    }  # fmt: skip
    assert {tag for tag, _ in parsed.tags} <= allowed
    assert all(not name.startswith("on") for _, attrs in parsed.tags for name in attrs)
    words = "".join(parsed.text)
    assert "\x1b" not in words
    if value.isprintable():
        assert value.split("*")[0].split(">")[0] in words
    shown = hub("explain", write(text), "--color", "never").stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


def damaged() -> Iterator[bytes]:
    """Files that end early, have bytes changed, or are none of this at all."""
    data = BOTH.encode()
    yield from (data[:cut] for cut in (0, 3, 50, 105, 107, 130, 170, 300, len(data) - 5))
    yield data.replace(b"~\n", b"~").lower()
    yield b"\n".join(data.replace(b"\n", b"")[at : at + 80] for at in range(0, len(data), 80))
    yield data + data
    yield data.replace(b"GS*", b"XX*")
    yield data.replace(b"ST*850*0001~\n", b"").replace(b"SE*11*0001~\n", b"")
    yield data.replace(b"~\nIEA", b"~\nST*850*0003~\nIEA")
    yield data.replace(b"*850*", b"*999*")
    yield data.replace(b"*850*", b"*404*")
    yield b"ISA*" + bytes(range(256)) * 40
    yield b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10
    yield data.replace(b"N1*BY", b"N1" + b"*" * 3000 + b"BY")
    random_bytes = random.Random(7)
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(random_bytes.randint(1, 12)):
            changed[random_bytes.randrange(len(changed))] = random_bytes.randrange(256)
        yield bytes(changed)


@pytest.mark.parametrize("data", list(damaged()), ids=lambda one: f"{len(one)}")
def test_bad_files_are_shown_as_far_as_they_are_read(data, write, tmp_path):
    file, out = write(data), tmp_path / "page.html"
    result = hub("explain", file)
    checked = hub("check", file)
    assert result.exit_code == checked.exit_code
    assert "Traceback" not in result.output
    hub("explain", file, "--html", out)
    page(out.read_text("utf-8"))


def test_payload_without_a_translator_says_so(write):
    result = hub("explain", write(b"\x00\x01nothing\xff"))
    assert result.exit_code == 1
    assert "error:" in result.stdout


def test_deep_hierarchies_stay_readable():
    levels = "".join(f"HL*{number}*{number - 1 or ''}*I~\n" for number in range(1, 400))
    text = HEAD + GROUP.replace("GS*PO", "GS*SH") + f"ST*856*0001~\nBSN*00*S1*20261120*0930~\n{levels}SE*402*0001~\n"
    lines, _ = lines_of(text + TAIL.format(1))
    assert max(one.depth for one in lines) < 40


def test_memory_does_not_grow_with_the_file():
    def peak(sets: int) -> int:
        body = "".join(ORDER.replace("0001", f"{number:04}") for number in range(1, sets + 1))
        data = BytesIO((HEAD + GROUP + body + TAIL.format(sets)).encode())
        with Hub() as session:
            for _ in outlined(session, BytesIO(GOOD.encode()), "warm"):
                pass
            tracemalloc.start()
            count = sum(1 for _ in outlined(session, data, "file"))
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert count > sets * 20
        return found

    assert peak(600) < peak(60) * 1.3 + 300_000


def test_files_of_other_people(real_files):
    if not real_files:
        pytest.skip("no samples at hand")
    slow = []
    for file in real_files:
        begun = time.process_time()
        result = hub("explain", file)
        assert result.exit_code in (0, 1), file
        if (took := time.process_time() - begun) > 3:
            slow.append((file.name, took))
    assert slow == []


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    folder = hub("explain", tmp_path)
    assert folder.exit_code == 2
    assert "the file cannot be read: is a directory" in folder.output
    nothing = hub("explain", tmp_path / "none.edi")
    assert nothing.exit_code == 2
    assert "there is no file" in nothing.output


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp037", "EBCDIC")]
)
@pytest.mark.parametrize("command", ["explain", "check"])
def test_an_encoding_that_is_not_read_is_named(write, command: str, encoding: str, name: str) -> None:
    told = hub(command, write(GOOD.encode(encoding)))
    assert told.exit_code == 1
    assert f"the payload is X12 in {name}" in told.output
    assert told.output.isprintable() or told.output.replace("\n", "").isprintable()


def test_the_guide_links_to_its_sections(tmp_path: Path) -> None:
    out = tmp_path / "guide.html"
    assert hub("mapping", "guide", "x12/850.004010", "--html", out).exit_code == 0
    tags = page(out.read_text("utf-8")).tags
    links = [dict(values)["href"].removeprefix("#") for tag, values in tags if tag == "a"]
    places = [dict(values)["id"] for tag, values in tags if tag == "section"]
    assert len(links) > 10
    assert links == places


def test_a_file_that_cannot_be_written_is_an_error_of_the_user(write, tmp_path: Path) -> None:
    told = hub("check", write(GOOD), "--ack", tmp_path / "no" / "such" / "folder.edi")
    assert told.exit_code == 2
    assert "the file cannot be written" in told.output
