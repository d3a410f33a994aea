"""Interchanges written: padding, separators, counts, numbers, versions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ConfigurationError, DocumentRejected
from hub.model import Order, OrderResponse
from hub.testing.mapping import content
from hub.translation import EnvelopeParty
from hub_x12.options import Options
from hub_x12.writing import OutgoingGroup, OutgoingSet, write_interchange


def order(**more: Any) -> Order:
    line = {
        "line_id": "1",
        "item": {"identifiers": [{"scheme": "gtin", "value": "00012345678905"}]},
        "quantity": {"value": Decimal("12"), "unit": "EA"},
        "price": {"amount": Decimal("2.50"), "currency": "USD", "per": {"value": Decimal(1), "unit": "EA"}},
    }
    given_ = {
        "buyer_order_id": "PO1", "purpose": "original", "type": "order", "issued_at": date(2026, 1, 5),
        "currency": "USD", "lines": [line],
    }  # fmt: skip
    return Order.model_validate(given_ | more)


def text(written: Any) -> str:
    return str(written.payload.decode())


def test_an_850_to_the_byte(x12: Any) -> None:
    written = x12.translator.write([order(), order(buyer_order_id="PO2")], "850", "004010", x12.context())
    assert text(written).replace("~", "~\n").splitlines() == [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'AUERBACH':15}*ZZ*{'NORTHGATE':15}*260105*0815*U*00401*000000001*0*P*>~",
        "GS*PO*AUERBACH*NORTHGATE*20260105*0815*1*X*004010~",
        "ST*850*0001~",
        "BEG*00*SA*PO1**20260105~",
        "CUR*BY*USD~",
        "PO1*1*12*EA*2.50**EN*0012345678905~" if "EN*" in text(written) else "PO1*1*12*EA*2.50**UP*012345678905~",
        "CTT*1~",
        "SE*6*0001~",
        "ST*850*0002~",
        "BEG*00*SA*PO2**20260105~",
        "CUR*BY*USD~",
        "PO1*1*12*EA*2.50**UP*012345678905~",
        "CTT*1~",
        "SE*6*0002~",
        "GE*2*1~",
        "IEA*1*000000001~",
    ]
    assert [(one.type, one.control, one.group, one.group_type) for one in written.messages] == [
        ("850", "0001", "1", "PO"), ("850", "0002", "1", "PO"),
    ]  # fmt: skip
    assert written.filename == "850-000000001.edi"
    assert len(written.payload.split(b"~")[0]) == 105


def test_numbers_go_on_and_releases_differ(x12: Any) -> None:
    context = x12.context(**{"line-breaks": "true", "group-version": "005010VICS", "acknowledgment-requested": True})
    context.start = 999_999_998
    first = text(x12.translator.write([order()], "850", "005010", context)).splitlines()
    assert "*^*00501*999999999*1*P*>~" in first[0]
    assert first[1].endswith("*999999999*X*005010VICS~")
    assert first[2] == "ST*850*999999999~"
    old = write_interchange([OutgoingGroup("PO", "003040", "A1", "B1")], "00304", x12.context(), Options())
    assert b"GS*PO*A1*B1*260105*0815*1*X*003040~GE*0*1~" in old.payload


def test_what_was_written_is_read_again(x12: Any) -> None:
    response = OrderResponse.model_validate(
        {
            "buyer_order_id": "PO1", "header_code": "accepted_with_changes", "purpose": "original",
            "order_date": date(2026, 1, 5), "issued_at": date(2026, 1, 6), "seller_order_id": "SO9", "currency": "USD",
            "roles": {"seller": {"name": "AUERBACH", "identifiers": [{"scheme": "duns", "value": "123456789"}]}},
            "notes": [{"text": "THANK YOU", "subject": "GENERAL"}],
            "lines": [
                {
                    "line_id": "1", "status_code": "quantity_changed", "quantity": {"value": Decimal(5), "unit": "EA"},
                    "ordered": {"value": Decimal(12), "unit": "EA"}, "promised": {"start": date(2026, 1, 14)},
                }
            ],
        }
    )  # fmt: skip
    for version in ("004010", "005010"):
        written = x12.translator.write([response], "855", version, x12.context())
        (message,) = x12.read(written.payload).messages
        assert message.accepted
        assert content(message.documents[0]) == content(response)
    assert "ACK*IQ*5*EA*069*20260114~" in text(written)
    assert "MTX**THANK YOU~" in text(written)


@pytest.mark.parametrize("bad", ["A*B", "A~B", "A>B", "A\nB"])
def test_separators_in_data(x12: Any, bad: str) -> None:
    document = order(buyer_order_id=bad)
    with pytest.raises(DocumentRejected, match="separators-in-data") as raised:
        x12.translator.write([document], "850", "004010", x12.context())
    (finding,) = raised.value.findings
    assert (finding.position.name, finding.position.segment, finding.value) == ("BEG03", 2, bad)
    written = x12.translator.write([document], "850", "004010", x12.context(**{"separators-in-data": "replace"}))
    assert "BEG*00*SA*A B**" in text(written)
    assert written.findings[0].code == "x12.write.separator_in_data"
    if bad != "A\nB":
        chosen = x12.translator.write([document], "850", "004010", x12.context(**{"separators-in-data": "choose"}))
        (message,) = x12.read(chosen.payload).messages
        assert message.documents[0].buyer_order_id == bad


def test_fixed_separators_and_character_sets(x12: Any) -> None:
    context = x12.context(**{"element-separator": "|", "segment-terminator": "\n", "component-separator": ":"})
    lines = text(x12.translator.write([order()], "850", "004010", context)).splitlines()
    assert lines[2] == "ST|850|0001"
    assert lines[0].endswith("|P|:")
    with pytest.raises(ConfigurationError, match="must differ"):
        x12.translator.write(
            [order()], "850", "004010", x12.context(**{"element-separator": "~", "segment-terminator": "~"})
        )
    named = order(roles={"ship_to": {"name": "CAFÉ"}})
    assert (
        "CAFÉ".encode("latin-1")
        in x12.translator.write([named], "850", "004010", x12.context(**{"character-set": "latin-1"})).payload
    )
    with pytest.raises(DocumentRejected, match="ascii"):
        x12.translator.write([named], "850", "004010", x12.context(**{"character-set": "ascii"}))


def test_what_would_not_be_accepted_is_not_sent(x12: Any) -> None:
    with pytest.raises(DocumentRejected, match="nothing is sent") as raised:
        x12.translator.write([order(buyer_order_id="X" * 40)], "850", "004010", x12.context())
    assert raised.value.findings[0].code == "x12.element.too_long"
    with pytest.raises(DocumentRejected, match="nothing is sent"):
        x12.translator.write([order(lines=[])], "850", "004010", x12.context())
    with pytest.raises(DocumentRejected, match="cannot be written"):
        x12.translator.write([order(purpose="no-such-purpose")], "850", "004010", x12.context())


def test_what_is_configured_wrongly(x12: Any) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        x12.translator.write([order()], "840", "004010", x12.context())
    context = x12.context()
    context.receiver = EnvelopeParty("A-NAME-THAT-IS-TOO-LONG", "ZZ")
    with pytest.raises(ConfigurationError, match="cannot stand in an ISA"):
        x12.translator.write([order()], "850", "004010", context)


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(PRINTABLE, min_size=1, max_size=4)
)  # fmt: skip
def test_chosen_separators_never_meet_the_data(x12: Any, names: list[str]) -> None:
    body: list[Any] = [["XYZ", *names, ["A", "B", "", ""], "", ""]]
    group = OutgoingGroup("PO", "005010", "AA", "BB", [OutgoingSet("850", body)])
    options = Options(separators_in_data="choose")
    try:
        out = write_interchange([group], "00501", x12.context(), options)
    except DocumentRejected:
        return  # no separators are left, which is said with findings
    seen: list[Any] = []
    from io import BytesIO

    from hub_x12.reading import read_payload

    list(read_payload(BytesIO(out.payload), x12.context(), observe=seen.append))
    assert seen[0].segments[1] == ["XYZ", *names, f"A{seen[0].mark.component}B"]
