"""Bytes to segments: every way a sender frames an interchange wrongly, and nothing lost."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.translation import Limits, Status
from hub_x12.header import parse

WORDS = st.text("ABZ 09.-é", min_size=1, max_size=9).map(str.strip).filter(bool)


def good(read: Any) -> bool:
    return bool(read.accepted) and all(read.accepted) and bool(read.messages[0].documents)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "\ufeff" + text, "x12.payload.byte_order_mark"),
        (lambda text: "\r\n \r\n" + text, "x12.payload.blank_before"),
        (lambda text: "Subject: order\r\n" + text, "x12.payload.bytes_outside"),
        (lambda text: text + "\x1a\r\n", None),
        (lambda text: text + "%%EOF", "x12.payload.bytes_outside"),
        (lambda text: text.replace("~", "~\r\n"), None),
        (lambda text: text.replace("~", "~\n\t  "), "x12.interchange.indented"),
        (lambda text: text.replace("~", "\r"), "x12.interchange.newline_terminator"),
        (lambda text: text.replace("~", "\r\n"), "x12.interchange.newline_terminator"),
        (lambda text: text.replace("~", "\n"), "x12.interchange.newline_terminator"),
        (lambda text: text.replace("~", "\x15"), None),
        (lambda text: text.replace("*", "\x1d").replace("~", "\x1c"), None),
        (lambda text: text.replace(">~", "~"), "x12.interchange.component_separator"),
        (lambda text: text.replace(">~", "~").replace("~", "~\n"), "x12.interchange.component_separator"),
        (lambda text: " ".join(text.split()).replace(" *", "*"), "x12.interchange.unpadded"),
        (lambda text: text[:-1], "x12.interchange.unterminated"),
        (lambda text: text.replace("~CTT", "~~CTT"), "x12.segment.empty"),
        (lambda text: text.replace("~GE", "~~~GE"), "x12.segment.empty"),
        (lambda text: "\r\n".join(text[at : at + 80] for at in range(0, len(text), 80)), "x12.interchange.wrapped"),
        (lambda text: "\n".join(text[at : at + 132] for at in range(0, len(text), 132)), "x12.interchange.wrapped"),
    ],
)  # fmt: skip
def test_a_sloppy_frame_is_read_and_said(x12: Any, change: Any, code: str | None) -> None:
    many = x12.interchange(*[x12.group(x12.set(), control=str(number)) for number in range(1, 4)])
    read = x12.read(change(many).encode("utf-8"))
    assert good(read), read.findings
    assert len(read.messages) == 3
    if code:
        assert code in read.codes
    else:
        assert not [one for one in read.codes if one.startswith("x12.")]


def test_nothing_at_all(x12: Any) -> None:
    for payload in ("", "hello", "ISA", "ISA*00*", "UNB+UNOA:1+A+B'", x12.isa()[:60], "ISA*00*bad\n" * 9):
        read = x12.read(payload)
        assert not read.messages
        assert read.closed[-1].status is Status.REJECTED
        assert read.findings


def test_separators_are_sniffed_at_every_isa(x12: Any) -> None:
    other = x12.interchange(control="000000002").replace(">~", ":~").replace("*", "|").replace("~", "'")
    read = x12.read(x12.interchange() + "\n" + other)
    assert [event.envelope.control for event in read.opened] == ["000000001", "000000002"]
    assert good(read)


def test_a_long_segment_is_read(x12: Any) -> None:
    """20 KB in a text that may hold 264: framed, and told what is wrong with it (P5)."""
    body = (*x12.order[:4], "N9*L1*NOTE", "MSG*" + "X" * 20_000, "CTT*1")
    read = x12.read(x12.order_of(x12.order[0], *body[4:6], *x12.order[1:]))
    (finding,) = [one for one in read.findings if one.code == "x12.element.too_long"]
    assert (finding.position.segment, finding.position.name) == (4, "MSG01")
    assert len(finding.value) == 99


@pytest.mark.parametrize("chunk", [0, 1, 5, 4000])
def test_a_segment_over_the_limit_is_cut_and_the_rest_goes_on(x12: Any, chunk: int) -> None:
    bad = x12.set("BEG*00*SA*PO9**20260105", "N9*L1*NOTE", "MSG*" + "X" * 5000, "PO1*1*1*EA*1", control="0001")
    payload = x12.interchange(x12.group(bad, x12.set(control="0002")))
    read = x12.read(payload, Limits(segment_bytes=1000), chunk)
    assert read.accepted == [False, True]
    (finding,) = [one for one in read.findings if one.code == "x12.segment.too_long"]
    assert finding.position.segment == 4
    assert "5004 bytes" in finding.message
    assert "segment_bytes (1000)" in finding.message


@pytest.mark.parametrize("limits", [Limits(message_bytes=300), Limits(message_segments=20)])
@pytest.mark.parametrize("chunk", [0, 3])
def test_a_set_over_the_limit_is_refused_and_its_neighbours_read(x12: Any, limits: Limits, chunk: int) -> None:
    large = x12.set(*x12.order[:3], *[f"PO1*{n}*1*EA*1" for n in range(1, 30)], "CTT*29", control="0001")
    read = x12.read(x12.interchange(x12.group(large, x12.set(control="0002"))), limits, chunk)
    assert read.accepted == [False, True]
    assert read.messages[0].control == "0001"
    assert "x12.set.too_large" in read.codes


def test_a_payload_over_the_limit_ends_with_a_finding(x12: Any) -> None:
    read = x12.read(x12.interchange() * 3, Limits(payload_bytes=700))
    assert "x12.payload.too_large" in read.codes
    assert read.accepted[0] is True


@pytest.mark.parametrize(
    ("text", "options", "name", "code"),
    [
        ("CAFÉ".encode(), {}, "CAFÉ", "x12.set.character_set"),
        ("CAFÉ".encode("latin-1"), {}, "CAFÉ", "x12.set.character_set"),
        ("CAFÉ".encode("latin-1"), {"character-set": "latin-1"}, "CAFÉ", ""),
        ("CAFÉ".encode(), {"character-set": "utf-8"}, "CAFÉ", ""),
        ("CAFÉ".encode("latin-1"), {"character-set": "utf-8"}, "", "x12.set.undecodable"),
        ("CAFÉ".encode(), {"character-set": "ascii"}, "", "x12.set.undecodable"),
    ],
)
def test_character_sets(x12: Any, text: bytes, options: dict[str, str], name: str, code: str) -> None:
    payload = x12.interchange().encode().replace(b"STORE", text)
    read = x12.read(payload, **options)
    assert read.accepted == [bool(name)]
    if name:
        assert read.messages[0].documents[0].roles["ship_to"].name == name
    assert [one for one in read.codes if one.startswith("x12.set")] == ([code] if code else [])


def test_offsets_are_exact(x12: Any) -> None:
    payload = ("\r\n" + x12.interchange(x12.group(x12.set(), x12.set(control="0002")))).replace("~", "~\r\n")
    for message in x12.read(payload).messages:
        piece = payload[message.offset : message.offset + message.length]
        assert piece.startswith("ST*850*" + message.control)
        assert piece.endswith(f"{message.control}~")


def test_the_isa_is_read_by_position() -> None:
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'A':15}*ZZ*{'B':15}*260105*0815*^*00501*000000001*0*P*:~GS*"
    header = parse(isa.encode())
    assert header.length == 106
    assert (header.separators.repetition, header.separators.component) == ("^", ":")
    assert not header.deviations


@pytest.mark.parametrize(
    ("version", "declared", "used"),
    [("00401", "^", ""), ("00401", "U", ""), ("00402", "^", "^"), ("00501", "U", ""), ("00501", "*", "")],
)
def test_isa11_is_a_separator_from_00402_on(x12: Any, version: str, declared: str, used: str) -> None:
    header = parse(x12.isa(version=version, standard=declared).encode())
    assert header.separators.repetition == used


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_cutting_the_stream_changes_nothing(x12: Any, data: st.DataObject) -> None:
    text = x12.interchange(x12.group(x12.set(), x12.set(control="0002"))) + x12.interchange(control="000000002")
    changed = bytearray(text.encode())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    whole = x12.read(bytes(changed))
    assert x12.read(bytes(changed), chunk=data.draw(st.integers(1, 40))).shown() == whole.shown()


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(WORDS, max_size=4), max_size=5),
    marks=st.sampled_from(["*~>", "|'<", "+\n:", "\x1d\x1c\x1f", "*\r|"]),
)  # fmt: skip
def test_what_is_framed_comes_out_again(x12: Any, rows: list[list[str]], marks: str) -> None:
    """Tokenizer and envelope round trip, on a set whose content nobody knows."""
    element, end, component = tuple(marks)
    body = [["XYZ", *row] for row in rows]
    lines = [element.join(["ST", "850", "0001"]), *[element.join(row) for row in body]]
    text = end.join([*lines, element.join(["SE", str(len(lines) + 1), "0001"])]) + end
    header = x12.isa().replace(">~", component + end).replace("*", element)
    payload = (
        header
        + x12.group(control="1")
        .replace("*", element)
        .replace("~", end)
        .replace(f"GE{element}0", text + f"GE{element}1")
        + f"IEA{element}1{element}000000001{end}"
    )
    seen: list[Any] = []
    from io import BytesIO

    from hub_x12.reading import read_payload

    list(read_payload(BytesIO(payload.encode("utf-8")), x12.context(), observe=seen.append))
    (reader,) = seen
    assert list(reader.segments[1:]) == body


def test_many_empty_segments_cost_no_more_than_others(x12: Any) -> None:
    payload = x12.interchange(x12.group(x12.set())).replace("~CTT", "~" * 100_000 + "CTT")
    began = time.process_time()
    read = x12.read(payload.encode())
    assert time.process_time() - began < 5  # a quadratic search takes minutes
    assert [one.position.segment for one in read.findings if one.code == "x12.segment.empty"][:2] == [5, 5]
