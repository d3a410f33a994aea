"""Files of other people: no crash, no silence, and verdicts that are true of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.findings import Severity

FOLDER = Path(__file__).parents[4] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the files of other people are not at hand")

REJECTED = {
    "850__bots__03.edi": "control_duplicate",
    "850__bots__04.edi": "DTM05",
    "850__bots__06.edi": "DTM05",
    "850__bots__30.edi": "DTM05",
    "850__ediengine__03.edi": "PO406",
    "MIX-850-864__vscodeedi__01.edi": "PO1 is mandatory",
    "855__stupidedi__04.edi": "ACK02",
}
"""Supply-chain files in which a set is rejected, and what about."""


def test_every_file_ends_in_documents_or_findings(x12: Any, real_files: list[Path]) -> None:
    for path in real_files:
        read = x12.read(path.read_bytes())
        assert read.closed, path.name
        for message in read.messages:
            assert message.accepted or any(one.severity is Severity.ERROR for one in message.findings), path.name
            if message.accepted and message.type in ("850", "855"):
                assert len(message.documents) == 1, path.name
        for closed in read.closed:
            if closed.status.value != "accepted":
                assert any(one.severity is Severity.ERROR for one in read.findings), path.name


def test_orders_are_accepted_or_rejected_for_what_is_wrong_with_them(x12: Any) -> None:
    for path in sorted([*FOLDER.glob("x12/85[05]*.edi"), *FOLDER.glob("x12/MIX*.edi")]):
        read = x12.read(path.read_bytes())
        wrong = [str(one) for message in read.messages if not message.accepted for one in message.findings]
        if path.name in REJECTED:
            assert any(REJECTED[path.name].lower() in one.lower() or "718=23" in one for one in wrong), path.name
        else:
            assert read.messages, path.name
            assert all(read.accepted), (path.name, wrong)


@pytest.mark.parametrize(
    ("name", "code", "list_code"),
    [
        ("204__gtlogistics__01.edi", "x12.set.segment_count", "4"),
        ("204__gtlogistics__02.edi", "x12.set.trailer_missing", "2"),
        ("204__gtlogistics__03.edi", "x12.set.header_missing", "6"),
        ("270__imsweb__01.edi", "x12.set.control_mismatch", "3"),
        ("277__x12parser__01.edi", "x12.interchange.cut", "023"),
        ("277__imsweb__01.edi", "x12.interchange.control_mismatch", "001"),
        ("810__edihub__03.edi", "x12.group.set_count", "5"),
        ("997__coedition__01.edi", "x12.group.control_mismatch", "4"),
    ],
)
def test_what_the_collection_notes_is_found(x12: Any, name: str, code: str, list_code: str) -> None:
    read = x12.read((FOLDER / "bad" / name).read_bytes())
    finding = next(one for one in read.findings if one.code == code)
    assert finding.list_code == list_code
    assert finding.position.interchange


def test_five_orders_by_value(x12: Any) -> None:
    """Values read by eye from the files."""
    (message,) = x12.read((FOLDER / "x12" / "850__nodex12__01.edi").read_bytes()).messages
    order = message.documents[0]
    assert (order.buyer_order_id, order.contract, order.department) == ("08292233294", "610385385", "038")
    assert order.requested_delivery.start.isoformat() == "2010-12-14"
    assert order.roles["ship_to"].address.city == "SOLON"
    assert [(one.line_id, str(one.quantity.value), str(one.price.amount)) for one in order.lines] == [
        ("1", "120", "9.25"), ("2", "220", "13.79"), ("3", "126", "10.99"),
        ("4", "76", "4.35"), ("5", "72", "7.5"), ("6", "696", "9.55"),
    ]  # fmt: skip
    assert str(order.totals_stated.line_sum) == "13045.94"
    (message,) = x12.read((FOLDER / "x12" / "850__msaleme__01.edi").read_bytes()).messages
    order = message.documents[0]
    assert (order.buyer_order_id, len(order.lines)) == ("PO-DEMO-20200912-002", 4)
    assert order.lines[3].quantity.unit == "x12.355:PH"
    messages = x12.read((FOLDER / "x12" / "850__tcd__02.edi").read_bytes()).messages
    assert len(messages) == 6
    assert all(one.documents for one in messages)
