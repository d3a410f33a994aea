"""What is answered, and what an answer to us says."""

from __future__ import annotations

import pytest

from hub.testing.contexts import StandaloneWriteContext
from hub.translation import InterchangeOpened, MessageRead
from hub_edifact.errors0085 import for_version
from hub_edifact.translator import EdifactTranslator

UCI = "UCI+R1+4012345000016:14+4019999000010:14"


def test_all_is_right(answer, message, interchange) -> None:
    assert answer(interchange(message("1"), message("2"))) == [f"{UCI}+7'"]


def test_the_reply_goes_back_and_copies_what_it_answers(library, read, message, interchange) -> None:
    closed = read(interchange(message("1")))[-1]
    written = EdifactTranslator().acknowledge(closed, StandaloneWriteContext(library))
    assert written is not None
    head = (
        "UNA:+.? 'UNB+UNOC:3+4019999000010:14+4012345000016:14+260102:0304+1'UNH+1+CONTRL:D:3:UN'UCI+R1+4012345000016"
    )
    assert written.payload.decode().startswith(head)
    assert (written.envelope.sender.id, written.messages[0].type) == ("4019999000010", "CONTRL")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("BGM+220+PO1+9'LIN+1'QTY+21:5'UNS+S'", "UCS+2+13'"),  # DTM is missing after BGM
        ("BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'QTY+21'UNS+S'", "UCS+5'UCD+13+2:2'"),
        ("BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'QTY+21:1.000,5'UNS+S'", "UCS+5'UCD+19+2:2'"),
        ("BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'QTY+21:5:PCEX'UNS+S'", "UCS+5'UCD+39+2:3'"),
        ("BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'XYZ+1'QTY+21:5'UNS+S'", "UCS+5+15'"),
        ("BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'PRI+AAA:1'MOA+203:1'UNS+S'", "UCS+6+15'"),
        ("BGM+220+PO1+9+1+2'DTM+137:20260115:102'LIN+1'UNS+S'", "UCS+2'UCD+16+6'"),
        ("BGM+220+PO1+9'BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'UNS+S'", "UCS+3+35'"),
    ],
)
def test_what_is_wrong_in_a_message(answer, message, interchange, body: str, expected: str) -> None:
    assert answer(interchange(message("1", body=body), message("2"))) == [f"{UCI}+7'UCM+1+ORDERS:D:96A:UN+4'{expected}"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"count": 3}, "+29+UNT+2'"), ({"trailer": "X"}, "+28+UNT+3'")],
)
def test_a_wrong_trailer(answer, message, interchange, change: dict, expected: str) -> None:
    assert answer(interchange(message("1", **change))) == [f"{UCI}+7'UCM+1+ORDERS:D:96A:UN+4{expected}"]


def test_a_doubled_message(answer, message, interchange) -> None:
    assert answer(interchange(message("1"), message("1"))) == [f"{UCI}+7'UCM+1+ORDERS:D:96A:UN+4+26+UNH+2'"]


@pytest.mark.parametrize(("change", "expected"), [({"count": 5}, "+4+29+UNZ+2'"), ({"ref": "X"}, "+4+28+UNZ+3'")])
def test_an_interchange_is_rejected_where_seven_would_acknowledge_what_is_missing(
    answer, message, interchange, change: dict, expected: str
) -> None:
    assert answer(interchange(message("1"), **change)) == [UCI + expected]


def test_cut_off(answer, message, interchange) -> None:
    text = interchange(message("1"), message("2"))
    assert answer(text[: text.index("UNZ")]) == [f"{UCI}+4+13+UNZ'"]


def test_groups(answer, message, interchange) -> None:
    group = f"UNG+ORDERS+A:14+B:14+260115:0715+G1+UN+D:96A'{message('1')}{message('2', count=3)}UNE+2+G1'"
    assert answer(interchange(group)) == [f"{UCI}+7'UCF+G1+A:14+B:14+7'UCM+2+ORDERS:D:96A:UN+4+29+UNT+2'"]


def test_version_4(library, read, message, interchange) -> None:
    unb = "UNB+UNOC:4+A+B+20260115:0715+R1'"
    body = "BGM+220+PO1+9'DTM+137:20260115:102'LIN+1'QTY+21:1.000,5'UNS+S'"
    closed = read(interchange(message("1", body=body), unb=unb))[-1]
    written = EdifactTranslator().acknowledge(closed, StandaloneWriteContext(library))
    assert written is not None
    text = written.payload.decode()
    assert text.startswith("UNA:+.?*'UNB+UNOC:4+B+A+20260102:0304+1'UNH+1+CONTRL:4:1:UN'UCI+R1+A+B+7'")
    assert "UCD+37+2:2'" in text  # 19 does not exist in version 4


def test_options(answer, message, interchange) -> None:
    assert answer(interchange(message("1", count=3)), acknowledgment="none") == [""]
    assert answer(interchange(message("1", count=3)), contrl="receipt") == [f"{UCI}+8'"]


def test_contrl_and_aperak_are_never_answered(answer, interchange) -> None:
    contrl = "UNH+1+CONTRL:D:3:UN'UCI+7+A:14+B:14+7'UNT+3+1'"
    aperak = "UNH+2+APERAK:D:96A:UN'BGM+313+1'UNT+3+2'"
    assert answer(interchange(contrl)) == [""]
    assert answer(interchange(contrl, aperak)) == [""]
    assert answer(interchange(contrl.replace("UNT+3", "UNT+4"))) == [""]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("duplicate", "+4+26+UNB+6'"),
        ("unknown_sender", "+4+23+UNB+3:1'"),
        ("unknown_receiver", "+4+7+UNB+4:1'"),
        ("test_not_expected", "+4+25+UNB+12'"),
    ],
)
def test_refusals(library, read, message, interchange, reason: str, expected: str) -> None:
    opened = read(interchange(message("1")))[0]
    assert isinstance(opened, InterchangeOpened)
    written = EdifactTranslator().refuse(opened.envelope, reason, StandaloneWriteContext(library))
    assert written is not None
    assert UCI + expected in written.payload.decode()


def test_the_core_may_reject_what_was_read(library, read, message, interchange) -> None:
    from io import BytesIO

    from hub.testing.contexts import StandaloneReadContext

    events = EdifactTranslator().read(
        BytesIO(interchange(message("1"), message("2")).encode()), StandaloneReadContext(library)
    )
    for event in events:
        if isinstance(event, MessageRead) and event.control == "2":
            event.accepted = False
    written = EdifactTranslator().acknowledge(event, StandaloneWriteContext(library))
    assert written is not None
    assert f"{UCI}+7'UCM+2+ORDERS:D:96A:UN+4+18'" in written.payload.decode()


def test_a_received_contrl(read, interchange) -> None:
    first = "UCM+1+ORDRSP:D:96A:UN+4'UCS+5+15'UCD+39+3:1'"
    contrl = f"UNH+1+CONTRL:D:3:UN'UCI+77+A:14+B:14+7'{first}UCM+2+ORDRSP:D:96A:UN+7'UNT+7+1'"
    (event,) = (made for made in read(interchange(contrl)) if isinstance(made, MessageRead))
    head, one, two = event.acknowledged
    assert (head.level, head.interchange, head.status) == ("interchange", "77", "accepted")
    assert (one.message, one.message_type, one.status) == ("1", "ORDRSP", "rejected")
    assert [(fault.list_code, fault.position.segment, fault.position.element) for fault in one.findings] == [
        ("15", 5, None), ("39", 5, 2),
    ]  # fmt: skip
    assert (two.message, two.status) == ("2", "accepted")


def test_codes_of_the_two_versions() -> None:
    assert for_version("38", 3) == "38"
    assert for_version("38", 4) == "37"
    assert for_version("46", 3) == "14"
    assert for_version("999", 4) == "18"


@pytest.mark.parametrize("syntax", ["UNOC?:3", "UNOZ", "UNO\x1a"])
def test_a_syntax_identifier_that_does_not_exist_is_answered_in_unoa(library, read, message, syntax: str) -> None:
    closed = read(f"UNB+{syntax}:3+A+B+260115:0715+R1'{message()}UNZ+1+R1'")[-1]
    written = EdifactTranslator().acknowledge(closed, StandaloneWriteContext(library))
    assert written is not None
    assert written.payload.startswith(b"UNA:+.? 'UNB+UNOA:3+B+A+")


@pytest.mark.parametrize("refused", [False, True])
def test_names_that_the_character_set_does_not_have_are_spelled_out(library, read, message, refused: bool) -> None:
    closed = read(f"UNB+UNOA:3+MÄRKTE+B:ü+260115:0715+R1'{message()}UNZ+1+R1'")[-1]
    context = StandaloneWriteContext(library)
    translator = EdifactTranslator()
    written = (
        translator.refuse(closed.envelope, "unknown_sender", context)
        if refused
        else translator.acknowledge(closed, context)
    )
    assert written is not None
    assert written.payload.startswith(b"UNA:+.? 'UNB+UNOA:3+B:UE+MAERKTE+")
