"""Interchanges out: counts, references, characters, and what must never leave."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.errors import ConfigurationError, DocumentRejected
from hub.model.order_response import OrderResponse
from hub.testing.contexts import StandaloneWriteContext
from hub.translation import MessageRead, Written
from hub_edifact.translator import EdifactTranslator


def response(**more: Any) -> OrderResponse:
    line = {
        "line_id": "1",
        "status_code": "changed",
        "item": {"identifiers": [{"scheme": "gtin", "value": "4019999001017"}]},
        "ordered": {"value": Decimal(48), "unit": "EA"},
        "quantity": {"value": Decimal(40), "unit": "EA"},
        "backorder_max": {"value": Decimal(8), "unit": "EA"},
        "price": {"amount": Decimal("5.49"), "currency": "EUR", "basis": "net"},
        "promised": {"start": date(2026, 1, 22)},
        "reason": "Lagerbestand",
    }
    data: dict[str, Any] = {
        "response_id": "AB-77", "buyer_order_id": "4500117801", "header_code": "accepted_with_changes",
        "issued_at": date(2026, 1, 16), "order_date": date(2026, 1, 15), "currency": "EUR",
        "roles": {
            "buyer": {"identifiers": [{"scheme": "gln", "value": "4012345000016"}]},
            "supplier": {"name": "Nordlicht Feinkost KG", "identifiers": [{"scheme": "gln", "value": "4019999000010"}]},
        },
        "lines": [line],
    }  # fmt: skip
    return OrderResponse.model_validate(data | more)


@pytest.fixture
def write(library):
    def run(*documents: OrderResponse, version: str = "D96A", **options: Any) -> Written:
        return EdifactTranslator().write(documents, "ORDRSP", version, StandaloneWriteContext(library, options))

    return run


@pytest.mark.parametrize("version", ["D96A", "D01B"])
def test_an_order_response(write, version: str) -> None:
    written = write(response(), version=version, association="EAN008", line_ends=True)
    gtin = "EN" if version == "D96A" else "SRV"
    assert written.payload.decode().split("\r\n") == [
        "UNA:+.? '",
        "UNB+UNOC:3+SENDER:ZZ+RECEIVER:ZZ+260102:0304+1'",
        f"UNH+1+ORDRSP:{version[0]}:{version[1:]}:UN:EAN008'",
        "BGM+231+AB-77+4'",
        "DTM+137:20260116:102'",
        "RFF+ON:4500117801'",
        "DTM+171:20260115:102'",
        "NAD+BY+4012345000016::9'",
        "NAD+SU+4019999000010::9++Nordlicht Feinkost KG'",
        "CUX+2:EUR:9'",
        f"LIN+1+3+4019999001017:{gtin}'",
        "QTY+21:48'",
        "QTY+113:40'",
        "QTY+83:8'",
        "DTM+69:20260122:102'",
        "FTX+CHG+++Lagerbestand'",
        "PRI+AAA:5.49'",
        "UNS+S'",
        "CNT+2:1'",
        "UNT+18+1'",
        "UNZ+1+1'",
    ]
    assert [(one.type, one.version, one.control) for one in written.messages] == [("ORDRSP", version, "1")]
    assert (written.filename, written.envelope.control) == ("ORDRSP_1.edi", "1")


def test_several_messages_are_counted(write, read) -> None:
    written = write(response(), response(response_id="AB-78"))
    assert written.payload.endswith(b"UNZ+2+1'")
    messages = [event for event in read(written.payload) if isinstance(event, MessageRead)]
    assert [(event.control, event.accepted) for event in messages] == [("1", True), ("2", True)]


def test_service_characters_are_freed(write, read) -> None:
    text = "Ist's 1+1 = 2: oder? * nicht?"
    for options in ({}, {"syntax_version": "4"}, {"separators": "!^.\\ ~"}):
        written = write(response(notes=[{"text": text, "subject": "delivery"}]), **options)
        (event,) = (one for one in read(written.payload) if isinstance(one, MessageRead))
        assert event.documents[0].notes[0].text == text
    assert b"?*" in write(response(notes=[{"text": text}]), syntax_version="4").payload


def test_characters_the_character_set_does_not_have(write) -> None:
    note = {"notes": [{"text": "Größe Łódź €"}]}
    assert "FTX++++" not in (text := write(response(**note), syntax="UNOA").payload.decode("ascii"))
    assert "GROESSE LODZ EUR" in text
    written = write(response(**note), syntax="UNOC")
    assert "Größe Lódz EUR".encode("latin-1") in written.payload
    assert [one.code for one in written.findings if one.severity == "warning"] == ["edifact.write.charset"]
    assert "Größe Łódź €".encode() in write(response(**note), syntax="UNOY").payload
    with pytest.raises(DocumentRejected, match="character set"):
        write(response(**note), syntax="UNOC", charset_policy="reject")


def test_the_decimal_mark_is_that_of_una(write) -> None:
    assert b"PRI+AAA:5,49'" in write(response(), separators=":+,? '").payload


def test_version_4_writes_the_century(write) -> None:
    payload = write(response(), syntax_version="4").payload
    assert payload.startswith(b"UNA:+.?*'UNB+UNOC:4+SENDER:ZZ+RECEIVER:ZZ+20260102:0304+1'")


def test_what_does_not_pass_the_own_check_does_not_leave(write) -> None:
    with pytest.raises(DocumentRejected, match="does not pass its own check") as caught:
        write(response(response_id="X" * 40))
    assert [one.code for one in caught.value.findings] == ["edifact.element.too_long"]
    with pytest.raises(DocumentRejected):
        write(response(issued_at=None))  # DTM is mandatory


@pytest.mark.parametrize(
    "options", [{"syntax": "UNOZ"}, {"syntax_version": "5"}, {"separators": ":+"}, {"charset_policy": "guess"}]
)
def test_wrong_options(write, options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        write(response(), **options)
