"""Our own samples against their canonical JSON, and other people's files where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.translation import InterchangeClosed, InterchangeOpened, MessageRead

OWN = sorted((Path(__file__).parents[2] / "samples" / "edifact").glob("*.edi"))
OTHERS = Path(__file__).parents[4] / "shared" / "samples"
FOUND = [
    path for folder in ("edifact", "bad", "fragments") for path in sorted((OTHERS / folder).glob("*.edi"))
    if path.read_bytes().lstrip(b"\xef\xbb\xbf \r\n")[:3] in (b"UNA", b"UNB", b"UNH", b"NB+", b"UNG")
]  # fmt: skip
VERDICTS = {
    "edifact/ORDERS__bots__03.edi": (2, 2),
    "edifact/ORDERS__bots__04.edi": (1, 1),
    "edifact/ORDERS__edifabric__04.edi": (1, 0),
    "edifact/ORDERS__edifabric__06.edi": (2, 2),
    "edifact/ORDERS__xmledifact__02.edi": (27, 27),
    "bad/ORDERS__edifabric__05.edi": (2, 1),
    "bad/ORDERS__edifabric__07.edi": (1, 0),
}


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_own_samples(read, path: Path) -> None:
    shown = [
        {
            "message": event.control,
            "accepted": event.accepted,
            "findings": [
                f"{one.severity.value} {one.code} {one.position.segment or ''} {one.position.name}".rstrip()
                for one in event.findings
            ],
            "documents": [document.canonical_dict(provenance=False) for document in event.documents],
        }
        for event in read(path.read_bytes())
        if isinstance(event, MessageRead)
    ]
    assert shown == json.loads(path.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_other_files_end_in_documents_or_findings(read, answer, path: Path) -> None:
    data = path.read_bytes()
    opening = []
    for event in read(data):
        if isinstance(event, InterchangeOpened):
            opening = event.findings
        elif isinstance(event, MessageRead):
            errors = [one for one in event.findings if one.severity == "error"]
            assert event.accepted == (not errors)
            assert data[event.offset : event.offset + event.length].strip()
        elif isinstance(event, InterchangeClosed) and event.status == "rejected" and event.accepted:
            assert any(one.severity == "error" for one in [*opening, *event.findings]), (
                "rejected as a whole without a reason"
            )
    answer(data)


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts(read, name: str) -> None:
    path = OTHERS / name
    if not path.exists():
        pytest.skip("the collection of real files is not here")
    messages = [event for event in read(path.read_bytes()) if isinstance(event, MessageRead)]
    assert (len(messages), sum(event.accepted for event in messages)) == VERDICTS[name]


def test_values_of_a_real_order(read) -> None:
    path = OTHERS / "edifact" / "ORDERS__edifabric__06.edi"
    if not path.exists():
        pytest.skip("the collection of real files is not here")
    first = next(event for event in read(path.read_bytes()) if isinstance(event, MessageRead))
    order = first.documents[0].canonical_dict(provenance=False)
    assert (order["buyer_order_id"], order["issued_at"], order["currency"], order["contract"]) == (
        "128576", "2002-08-30", "GBP", "652744",
    )  # fmt: skip
    line = order["lines"][0]
    assert line["quantity"] == {"value": "48", "unit": "EA"}
    assert line["price"]["amount"] == "14.58"
    assert line["price"]["per"] == {"value": "1", "unit": "KGM"}
    assert [one["quantity"]["value"] for one in line["schedules"]] == ["24", "24"]
    assert [one["location"]["identifiers"][0]["value"] for one in line["schedules"]] == [
        "3312345502000",
        "3312345501003",
    ]
