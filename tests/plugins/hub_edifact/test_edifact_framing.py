"""Bytes to segments: service characters, chunks, line ends, limits, character sets."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.translation import InterchangeClosed, Limits, MessageRead
from hub_edifact.framing import Frames
from hub_edifact.segments import SegmentParser, SegmentWriter
from hub_edifact.separators import LEVEL_A, LEVEL_B, Separators, from_advice

V4 = Separators(repetition="*")
ODD = Separators("!", "^", ".", "\\", "", "~")
DATA = st.text("AB1 ?+:'*^!~\\äß.,", max_size=8)


def segments_of(payload: bytes, block: int = 1 << 18) -> list[str]:
    return [text for run in Frames(BytesIO(payload), block=block) for text in run.texts if text != "UNA"]


@given(st.lists(st.lists(DATA, min_size=1, max_size=4), min_size=1, max_size=5), st.sampled_from([LEVEL_A, V4, ODD]))
@settings(max_examples=120, deadline=None)
def test_a_segment_is_read_as_it_was_written(elements: list[list[str]], separators: Separators) -> None:
    written = SegmentWriter(separators).write(["FTX", *elements])
    read = SegmentParser(separators).parse(written[:-1])
    assert read[0] == "FTX"
    trimmed = [_trim(element) for element in elements]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    assert [_trim(element) for element in read[1:]] == trimmed


def _trim(element: list[str]) -> list[str]:
    end = len(element)
    while end and not element[end - 1]:
        end -= 1
    return element[:end]


@given(st.lists(DATA, min_size=1, max_size=30), st.integers(256, 700), st.sampled_from([LEVEL_A, ODD]))
@settings(max_examples=60, deadline=None)
def test_blocks_do_not_show(values: list[str], block: int, separators: Separators) -> None:
    writer = SegmentWriter(separators)
    body = "".join(writer.write(["FTX", [value]]) for value in values)
    head = writer.write(["UNB", ["UNOC", "3"], ["A"], ["B"], ["260115", "0715"], ["1"]])
    payload = (separators.advice + head + body + writer.write(["UNZ", ["0"], ["1"]])).encode("latin-1")
    whole = segments_of(payload)
    assert segments_of(payload, block) == whole
    assert len(whole) == len(values) + 2


def test_level_b_separators_need_no_advice(read, message, interchange) -> None:
    table = str.maketrans({"'": "\x1c", "+": "\x1d", ":": "\x1f"})
    events = read(interchange(message()).replace("UNOC:3", "UNOB:1").translate(table))
    assert [event.accepted for event in events if isinstance(event, MessageRead)] == [True]
    assert from_advice(LEVEL_A.advice[3:]) == LEVEL_A
    assert LEVEL_B.release == ""


def test_every_interchange_has_its_own_separators(read, message, interchange) -> None:
    other = interchange(message("7")).translate(str.maketrans({"'": "~", "+": "^", ":": "!"}))
    payload = interchange(message()) + "\r\n" + "UNA!^.\\ ~\r\n" + other + "\n" + interchange(message("9"))
    events = read(payload)
    assert [event.control for event in events if isinstance(event, MessageRead)] == ["1", "7", "9"]
    assert all(event.status == "accepted" for event in events if isinstance(event, InterchangeClosed))
    assert [event.envelope.offset for event in events if isinstance(event, InterchangeClosed)] == [
        0, payload.index("UNA!"), payload.rindex("UNB+"),
    ]  # fmt: skip


@pytest.mark.parametrize("junk", ["\xef\xbb\xbf", "\r\n\r\n", "  \t", "\x00"])
def test_byte_order_mark_and_blanks_before_the_header(read, message, interchange, junk: str) -> None:
    events = read(junk + interchange(message()))
    assert [event.accepted for event in events if isinstance(event, MessageRead)] == [True]


def test_lines_of_one_width_are_joined_again(read, message, interchange, codes) -> None:
    body = "BGM+220+PO1+9'DTM+137:20260115:102'FTX+AAI+++" + "X" * 120 + "'LIN+1'QTY+21:5'UNS+S'CNT+2:1'"
    payload = interchange(message(body=body.replace("X" * 120, "X" * 60 + ":" + "X" * 60)))
    wrapped = "\r\n".join(payload[at : at + 80] for at in range(0, len(payload), 80))
    events = read(wrapped)
    assert any(one.code == "edifact.framing.wrapped" for event in events for one in event.findings)
    assert codes(events) == []
    (document,) = (event.documents[0] for event in events if isinstance(event, MessageRead))
    assert document.notes[0].text == "X" * 60 + " " + "X" * 60


def test_a_line_end_somebody_typed_stays(read, message, interchange, codes) -> None:
    body = "BGM+220+PO1+9'DTM+137:20260115:102'FTX+AAI+++one\ntwo'LIN+1'QTY+21:5'UNS+S'CNT+2:1'"
    events = read(interchange(message(body=body)))
    (document,) = (event.documents[0] for event in events if isinstance(event, MessageRead))
    assert document.notes[0].text == "one\ntwo"
    assert "w framing.line_break 4" in codes(events)


def test_a_release_character_at_the_end_and_one_that_frees_nothing(read, message, interchange, codes) -> None:
    body = "BGM+220+PO1+9'DTM+137:20260115:102'FTX+AAI+++why??'FTX+AAI+++a?@b'LIN+1'QTY+21:5'UNS+S'CNT+2:1'"
    events = read(interchange(message(body=body, count=10)))
    (document,) = (event.documents[0] for event in events if isinstance(event, MessageRead))
    assert [note.text for note in document.notes] == ["why?", "a@b"]
    assert codes(events) == ["w framing.stray_release 5"]


def test_a_segment_without_end_is_skipped_and_its_neighbours_stay(read, message, interchange, codes) -> None:
    long = "BGM+220+PO1+9'DTM+137:20260115:102'FTX+AAI+++" + "X" * 30_000 + "'LIN+1'QTY+21:5'UNS+S'"
    payload = interchange(message("1"), message("2", body=long), message("3"))
    events = read(payload, Limits(segment_bytes=20_000))
    assert [event.accepted for event in events if isinstance(event, MessageRead)] == [True, False, True]
    assert "e segment.oversize 4" in codes(events)


def test_two_terminators_in_a_row(read, message, interchange, codes) -> None:
    events = read(interchange(message(body="BGM+220+PO1+9''DTM+137:20260115:102'LIN+1'QTY+21:5'UNS+S'", count=7)))
    assert codes(events) == ["w framing.empty_segment 3"]


def test_latin_1_under_a_header_that_says_unoa(read, message, interchange, codes) -> None:
    body = "BGM+220+PO1+9'DTM+137:20260115:102'FTX+AAI+++Müller'LIN+1'QTY+21:5'UNS+S'"
    payload = interchange(message(body=body)).replace("UNOC", "UNOA")
    for data, codec in ((payload.encode("latin-1"), "iso8859-1"), (payload.encode(), "utf-8")):
        events = read(data)
        (document,) = (event.documents[0] for event in events if isinstance(event, MessageRead))
        assert document.notes[0].text == "Müller"
        assert "w charset.undeclared 4" in codes(events)
        assert any(codec in one.message for event in events for one in event.findings)
    assert codes(read(payload.encode("cp1252"), charset="cp1252")) == []


@pytest.mark.parametrize(
    ("identifier", "text", "codec"),
    [
        ("UNOD", "Łódź", "iso8859-2"),
        ("UNOE", "Москва", "iso8859-5"),
        ("UNOY", "Łódź 東", "utf-8"),
        ("KECA", "서울", "cp949"),
        ("UNOX", "東京'都", "iso2022_jp_2"),
    ],
)
def test_declared_character_sets(read, message, interchange, identifier: str, text: str, codec: str) -> None:
    free = text.replace("'", "?'")
    body = f"BGM+220+PO1+9'DTM+137:20260115:102'FTX+AAI+++{free}'LIN+1'QTY+21:5'UNS+S'"
    payload = interchange(message(body=body)).replace("UNOC:3", f"{identifier}:3").encode(codec)
    (document,) = (event.documents[0] for event in read(payload) if isinstance(event, MessageRead))
    assert document.notes[0].text == text


def test_segments_that_end_with_lines(read, message, interchange, codes) -> None:
    events = read(interchange(message()).replace("'", "\r\n"))
    assert [event.accepted for event in events if isinstance(event, MessageRead)] == [True]
    assert codes(events) == ["w una.lines"]


@pytest.mark.parametrize(("advice", "code"), [("UNA:+.?'", "w una.short"), ("UNA::.? '", "e una.invalid")])
def test_advice_that_is_none(read, message, interchange, codes, advice: str, code: str) -> None:
    assert code in codes(read(advice + interchange(message())))
