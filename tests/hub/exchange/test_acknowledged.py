"""What partners say about what we sent: 997, 999, TA1 and 824, matched in the ledger and listed; their deviations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.errors import ConfigurationError
from hub.exchange.outcome import Outcome
from hub.exchange.session import Hub
from hub.plugins import Plugins
from hub.repository import LedgerEntry
from hub.repository.records import ExchangeState

Run = Callable[..., list[Outcome]]
Make = Callable[..., bytes]


def enclosed(functional: str, control: int, body: list[str], *, kind: str = "997", version: str = "004010") -> bytes:
    """A grocer's interchange of one set."""
    isa = "00501" if version >= "005010" else "00401"
    convention = "*005010X231A1" if kind == "999" else ""
    lines = [
        f"ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *260102*1200"
        f"*{'^' if isa == '00501' else 'U'}*{isa}*{control:09d}*0*P*>",
        f"GS*{functional}*GROCER*MYCOMPANY*20260102*1200*{control}*X*{version}",
        f"ST*{kind}*0001{convention}",
        *body,
        f"SE*{len(body) + 2}*0001",
        f"GE*1*{control}",
        f"IEA*1*{control:09d}",
    ]
    return ("~".join(lines) + "~").encode()


def ta1(control: int, *, answered: int, code: str, note: str) -> bytes:
    """A grocer's interchange of one TA1."""
    isa = (
        f"ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *260102*1200*U*00401*{control:09d}*0*P*>"
    )
    return f"{isa}~TA1*{answered:09d}*260101*1200*{code}*{note}~IEA*0*{control:09d}~".encode()


@pytest.fixture
def entries(workspace: Path, plugins: Plugins) -> Callable[..., list[LedgerEntry]]:
    """The ledger, oldest first."""

    def listing(**asked: str) -> list[LedgerEntry]:
        with Hub.open(workspace, plugins=plugins) as hub, hub.repository.read() as tx:
            return list(reversed(tx.acknowledgments(**asked)))  # type: ignore[arg-type]

    return listing


@pytest.fixture
def sent(run: Run, interchange: Make, entries: Callable[..., list[LedgerEntry]]) -> list[LedgerEntry]:
    """Three orders in an interchange each were answered by an 855 each, for which the ledger waits."""
    run(*(interchange(number, (f"PO{number}",)) for number in (1, 2, 3)))
    found = entries()
    assert [(one.type, one.state.value) for one in found] == [("855", "waiting")] * 3
    return found


def test_accepted_rejected_and_partly(
    run: Run, sent: list[LedgerEntry], entries: Callable[..., list[LedgerEntry]]
) -> None:
    one, two, three = sent
    run(
        enclosed("FA", 11, [f"AK1*PR*{one.group}", f"AK2*855*{one.message:>04}", "AK5*A", "AK9*A*1*1*1"]),
        enclosed("FA", 12, [f"AK1*PR*{two.group}", f"AK2*855*{two.message:>04}", "AK3*BAK*2**8", "AK4*3*324*1",
                            "AK5*R*5", "AK9*R*1*1*0"]),
        enclosed("FA", 13, [f"AK1*PR*{three.group}", "AK9*P*2*2*1"]),
    )  # fmt: skip
    assert [entry.state.value for entry in entries()] == ["accepted", "rejected", "partial"]
    (refused,) = entries(state="rejected")
    assert [finding.list_code for finding in refused.findings] == ["8", "1", "5"]
    with_code = [entry.code for entry in entries()]
    assert with_code == ["A", "R", "P"]


def test_a_999_and_a_ta1(run: Run, sent: list[LedgerEntry], entries: Callable[..., list[LedgerEntry]]) -> None:
    one, two, _ = sent
    body = [f"AK1*PR*{one.group}*004010", f"AK2*855*{one.message:>04}", "IK5*E*5", "AK9*E*1*1*1"]
    run(
        enclosed("FA", 11, body, kind="999", version="005010X231A1"),
        ta1(12, answered=int(two.interchange), code="R", note="023"),
    )
    assert [entry.state.value for entry in entries()] == ["accepted_with_errors", "rejected", "waiting"]
    assert entries()[1].interchange_code == "R"


def test_the_application_has_its_say_after_the_form(
    run: Run, sent: list[LedgerEntry], entries: Callable[..., list[LedgerEntry]], workspace: Path, plugins: Plugins
) -> None:
    one, two, three = sent
    run(enclosed("FA", 11, [f"AK1*PR*{one.group}", f"AK2*855*{one.message:>04}", "AK5*A", "AK9*A*1*1*1"]))
    head = "BGN*00*ADVICE1*20260102"
    run(
        enclosed("AG", 12, [head, f"OTI*TR*PO*PO1***20260102**{one.group}*{one.message:>04}*855",
                            "TED*007*UNKNOWN ORDER*BAK*2*3**PO1", "NTE**CALL US"], kind="824"),
        enclosed("AG", 13, [head, f"OTI*IA*PO*PO2*****{two.group}*{two.message:>04}*855",
                            f"OTI*IR*PO*PO2*****{two.group}*{two.message:>04}*855", "TED*812*PRICE"], kind="824"),
        enclosed("AG", 14, [head, f"OTI*TA*AK*{three.reference}"], kind="824"),
        enclosed("AG", 15, [head, "OTI*TA*PO*NOBODY KNOWS IT"], kind="824"),
        enclosed("AG", 16, [head, f"OTI*TA*PO*PO1*****{one.group}*{one.message:>04}*855"], kind="824"),
    )  # fmt: skip
    states = [(entry.state.value, entry.functional.value) for entry in entries() if entry.exchange_id]
    assert states == [
        ("application_rejected", "accepted"),
        ("application_partial", "waiting"),
        ("application_accepted", "waiting"),
    ]
    (refused,) = entries(state="application_rejected")
    told = refused.application_findings[-1]
    assert (told.position.segment, told.position.element, told.value) == (2, 3, "PO1")
    assert "UNKNOWN ORDER CALL US" in told.message
    assert [entry.reference for entry in entries(state="unknown")] == ["NOBODY KNOWS IT"]
    assert [entry.related for entry in entries(state="double")] == [refused.id]
    assert not entries(state="accepted")
    with Hub.open(workspace, plugins=plugins) as hub, hub.repository.read() as tx:
        assert tx.exchange(one.exchange_id).state is ExchangeState.REJECTED
    listed = CliRunner().invoke(cli, ["-w", str(workspace), "journal", "acknowledgments"])
    assert "application_rejected" in listed.output


def test_an_acknowledgment_is_never_acknowledged(run: Run, workspace: Path, sent: list[LedgerEntry]) -> None:
    first = enclosed("FA", 11, [f"AK1*PR*{sent[0].group}", "AK9*A*1*1*1"])
    other = enclosed("FA", 11, [f"AK1*PR*{sent[1].group}", "AK9*A*1*1*1"])
    alone = ta1(12, answered=99, code="A", note="000")
    (taken,) = run(first)
    (refused,) = run(other)
    (received,) = run(alone)
    (reused,) = run(alone.replace(b"000000099", b"000000098"))
    assert refused.state is ExchangeState.QUARANTINED
    assert reused.state is ExchangeState.QUARANTINED
    assert [one.sent for one in (taken, refused, received, reused)] == [[], [], [], []]


def test_two_acknowledgments_within_a_minute_have_numbers_of_their_own(
    run: Run, interchange: Make, workspace: Path, plugins: Plugins
) -> None:
    """Several interchanges in one file, and two files at once: an answer each."""
    run(interchange(1) + interchange(2, ("PO2",)), interchange(3, ("PO3",)))
    with Hub.open(workspace, plugins=plugins) as hub, hub.repository.read() as tx:
        answers = [one for one in tx.exchanges(direction="out") if one.filename.startswith("997")]
    assert len(answers) == 3
    assert len({one.control for one in answers}) == 3


def test_deviations_are_counted_and_listed(run: Run, interchange: Make, workspace: Path, plugins: Plugins) -> None:
    partner = workspace / "partners" / "grocer.yaml"
    agreed = partner.read_text()
    partner.write_text(agreed + "deviations: {x12: {lower_case: refuse, indented: warn}}\n")
    plain = interchange(1)
    indented = interchange(2, ("PO2",)).replace(b"~", b"~\n   ").replace(b"CTT*1", b"CTT*1*")
    run(plain, indented, indented.replace(b"PO2", b"PO3").replace(b"000000002", b"000000003"))
    run(interchange(4, ("PO4",)).lower())
    runner = CliRunner()
    out = runner.invoke(cli, ["-w", str(workspace), "partner", "deviations", "grocer", "--json"])
    lines = {line["name"]: line for line in json.loads(out.output)}
    assert (lines["indented"]["count"], lines["indented"]["exchanges"], lines["indented"]["policy"]) == (2, 2, "warn")
    assert lines["trailing_separator"]["policy"] == "warn"
    assert lines["indented"]["first_at"] <= lines["indented"]["last_at"]
    assert lines["lower_case"]["policy"] == "refuse"
    with Hub.open(workspace, plugins=plugins) as hub, hub.repository.read() as tx:
        assert tx.exchange(lines["indented"]["last_exchange"]).control == "000000003"
    shown = runner.invoke(cli, ["-w", str(workspace), "partner", "deviations"])
    assert "x12 indented" in shown.output
    known = runner.invoke(cli, ["-w", str(workspace), "partner", "deviations", "--known"])
    assert "wrapped" in known.output
    partner.write_text(agreed + "deviations: {x12: {lower_cas: refuse}}\n")
    with Hub.open(workspace, plugins=plugins) as hub, pytest.raises(ConfigurationError, match="'lower_cas'"):
        _ = hub.partners
