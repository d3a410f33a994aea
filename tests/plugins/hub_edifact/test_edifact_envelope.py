"""Headers and trailers: what is wrong with them, and that the rest is read all the same."""

from __future__ import annotations

import pytest

from hub.translation import InterchangeClosed, InterchangeOpened, Limits, MessageRead

UNG = "UNG+ORDERS+A:14+B:14+260115:0715+G1+UN+D:96A'"


def accepted(events: list) -> list[bool]:
    return [event.accepted for event in events if isinstance(event, MessageRead)]


def closed(events: list) -> InterchangeClosed:
    return next(event for event in events if isinstance(event, InterchangeClosed))


def test_a_right_interchange(read, message, interchange, codes) -> None:
    events = read(interchange(message("1"), message("2")))
    assert codes(events) == []
    assert (closed(events).status, closed(events).received, closed(events).accepted) == ("accepted", 2, 2)
    envelope = closed(events).envelope
    assert (str(envelope.sender), str(envelope.receiver), envelope.control, envelope.version) == (
        "14:4012345000016", "14:4019999000010", "R1", "UNOC:3",
    )  # fmt: skip


def test_a_message_says_where_it_is_in_the_payload(read, message, interchange) -> None:
    text = interchange(message("1"), message("2"))
    for event in read(text):
        if isinstance(event, MessageRead):
            part = text[event.offset : event.offset + event.length]
            assert part.startswith(f"UNH+{event.control}+")
            assert part.endswith(f"+{event.control}'")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"count": 3}, "e message.count 8"),
        ({"trailer": "X"}, "e message.reference 8"),
    ],
)
def test_unt_disagrees_and_the_neighbour_stays(read, message, interchange, codes, change: dict, expected: str) -> None:
    events = read(interchange(message("1", **change), message("2")))
    assert accepted(events) == [False, True]
    assert codes(events) == [expected]
    assert closed(events).status == "partial"


@pytest.mark.parametrize(
    ("change", "expected"), [({"count": 5}, "e interchange.count"), ({"ref": "X"}, "e interchange.reference")]
)
def test_unz_disagrees(read, message, interchange, codes, change: dict, expected: str) -> None:
    events = read(interchange(message("1"), **change))
    assert codes(events) == [expected]
    assert closed(events).status == "rejected"
    tolerant = read(interchange(message("1"), **change), tolerate=[f"edifact.{expected[2:]}"])
    assert closed(tolerant).status == "accepted"


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.95])
def test_cut_off_in_the_middle(read, message, interchange, codes, part: float) -> None:
    text = interchange(*(message(str(number)) for number in range(1, 9)))
    events = read(text[: int(len(text) * part)])
    assert closed(events).status == "rejected"
    assert any("trailer_missing" in code for code in codes(events))
    whole = [one for one in events if isinstance(one, MessageRead) and one.accepted]
    assert len(whole) == text[: int(len(text) * part)].count("UNT+8+")


def test_unt_is_missing(read, message, interchange, codes) -> None:
    first = message("1")
    events = read(interchange(first[: first.index("UNT")], message("2")))
    assert accepted(events) == [False, True]
    assert codes(events) == ["e message.trailer_missing 8"]


def test_unh_is_missing(read, message, interchange, codes) -> None:
    first = message("1")
    events = read(interchange(first[first.index("BGM") :], message("2")))
    assert accepted(events) == [False, True]
    assert codes(events) == ["e message.header_missing 1", "e interchange.unnamed"]


def test_unb_is_missing(read, message, codes) -> None:
    events = read(message("1"))
    assert accepted(events) == [False]
    assert not closed(events).wants_acknowledgment
    assert "e interchange.header_missing" in codes(events)
    assert accepted(read(message("1"), bare_messages="accept")) == [True]


def test_nothing_at_all(read, codes) -> None:
    for payload in (b"", b"\r\n", b"hello", b"\x00" * 100):
        events = read(payload)
        assert closed(events).status == "rejected"
        assert codes(events)[-1] == "e interchange.none"


def test_the_same_message_twice(read, message, interchange, codes) -> None:
    events = read(interchange(message("1"), message("1")))
    assert accepted(events) == [True, False]
    assert codes(events) == ["e message.duplicate 1"]


def test_two_interchanges_the_first_without_trailer(read, message, interchange, codes) -> None:
    first = interchange(message("1"))
    events = read(first[: first.index("UNZ")] + interchange(message("2")))
    assert [event.status for event in events if isinstance(event, InterchangeClosed)] == ["rejected", "accepted"]
    assert codes(events) == ["e interchange.trailer_missing"]


def test_a_group(read, message, interchange, codes) -> None:
    group = f"{UNG}{message('1')}{message('2')}UNE+2+G1'"
    events = read(interchange(group))
    assert codes(events) == []
    assert [event.group for event in events if isinstance(event, MessageRead)] == ["G1", "G1"]


@pytest.mark.parametrize(
    ("trailer", "expected"),
    [("UNE+3+G1'", ["e group.count"]), ("UNE+1+X'", ["e group.reference"]), ("", ["e group.trailer_missing"])],
)
def test_a_group_that_disagrees(read, message, interchange, codes, trailer: str, expected: list[str]) -> None:
    events = read(interchange(f"{UNG}{message('1')}{trailer}"))
    assert codes(events) == expected
    assert closed(events).status == "rejected"


def test_groups_and_loose_messages(read, message, interchange, codes) -> None:
    events = read(interchange(f"{UNG}{message('1')}UNE+1+G1'", message("2"), count=1))
    assert codes(events) == ["e interchange.mixed"]


@pytest.mark.parametrize(
    ("unb", "expected"),
    [
        ("UNB+UNOC:3+A+B+260115+R1'", ["w interchange.time"]),
        ("UNB+UNOC:3+A+B+20260115:0715+R1'", ["w interchange.date_form"]),
        ("UNB+UNOC:4+A+B+260115:0715+R1'", ["w interchange.date_form"]),
        ("UNB+UNOC:3+A+B+261315:0715+R1'", ["w interchange.date"]),
        ("UNB+UNOC:9+A+B+260115:0715+R1'", ["e interchange.version"]),
        ("UNB+UNOW:3+A+B+260115:0715+R1'", ["w interchange.syntax"]),
        ("UNB+UNOC:3++B+260115:0715+R1'", ["e interchange.sender"]),
        ("UNB+UNOC:3+A+B+260115:0715'", ["e interchange.control"]),
    ],
)
def test_what_is_wrong_with_a_header(read, message, interchange, codes, unb: str, expected: list[str]) -> None:
    assert codes(read(interchange(message(), unb=unb))) == expected


def test_the_test_indicator(read, message, interchange) -> None:
    opened = read(interchange(message(), unb="UNB+UNOC:3+A+B+260115:0715+R1++++1++1'"))[0]
    assert isinstance(opened, InterchangeOpened)
    assert opened.envelope.test
    assert opened.envelope.acknowledge


def test_data_between_interchanges_is_reported(read, message, interchange, codes) -> None:
    events = read(interchange(message("1")) + "Mit freundlichen Gruessen\r\n" + interchange(message("2")) + "end")
    assert accepted(events) == [True, True]
    assert codes(events) == ["w framing.outside", "w framing.outside"]


def test_interactive_edi_is_refused(read, codes) -> None:
    events = read("UIB+UNOA:4++X+++A+B'UIH+PAORES:93:1:IA'UIT+1+2'UIZ+X+1'")
    assert closed(events).status == "rejected"
    assert "e interchange.interactive" in codes(events)


def test_a_package_is_passed_over(read, message, interchange, codes) -> None:
    binary = "A'B+UNT'UNZ+9+X'"
    package = f"UNO+P1+1:X+FRM:1+{len(binary)}'{binary}UNP+{len(binary)}+P1'"
    unb = "UNB+UNOC:4+A+B+20260115:0715+R1'"
    events = read(interchange(message("1"), package, message("2"), unb=unb))
    assert accepted(events) == [True, True, True]
    assert codes(events) == ["w package.not_read"]


def test_limits(read, message, interchange, codes) -> None:
    payload = interchange(message("1"), message("2"))
    assert "e message.too_many_segments 8" in codes(read(payload, Limits(message_segments=3)))
    assert "e payload.too_large" in codes(read(payload, Limits(payload_bytes=200)))
    assert "e segment.elements 2" in codes(read(payload.replace("PO1", "PO1+1+1+1+1+1"), Limits(elements=5)))
