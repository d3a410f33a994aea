"""The acknowledgment ledger: what was sent, what was said about it, what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.findings import error
from hub.repository import LedgerState, Repository, Transaction
from hub.translation import Acknowledged, Status

FINDINGS = (error("x", "y"),)
SOON = datetime.now(UTC) + timedelta(hours=1)


def expect(
    tx: Transaction,
    exchange: str = "e1",
    *,
    standard: str = "x12",
    due: datetime | None = SOON,
    group: str = "5",
    interchange: str = "000000009",
    messages: tuple[str, ...] = ("0001", "0002", "0003"),
) -> list[str]:
    return [
        tx.expect_acknowledgment(
            partner="acme", exchange_id=exchange, standard=standard, sender="ZZ:US", receiver="ZZ:ACME",
            interchange=interchange, group=group, message=message, type="855", due_at=due,
        )
        for message in messages
    ]  # fmt: skip


def said(level: str, status: Status, code: str = "A", **more: str) -> Acknowledged:
    fields = {"interchange": {"interchange": "9"}, "group": {"group": "5"}, "message": {"group": "5"}}[level]
    return Acknowledged(level=level, status=status, code=code, **{**fields, **more})  # type: ignore[arg-type]


def states(tx: Transaction) -> list[str]:
    return [entry.state.value for entry in reversed(tx.acknowledgments())]


def test_a_997_that_names_each_set(repository: Repository) -> None:
    with repository.begin() as tx:
        expect(tx)
        for message, status, code in (
            ("0001", Status.ACCEPTED, "A"),
            ("2", Status.ACCEPTED, "E"),
            ("0003", Status.REJECTED, "R"),
        ):
            answer = said("message", status, code, message=message, message_type="855")
            tx.acknowledge(answer, partner="acme", standard="x12", exchange_id="in1")
        whole = tx.acknowledge(said("group", Status.PARTIAL, "P"), partner="acme", standard="x12", exchange_id="in1")
        assert whole.state is LedgerState.PARTIAL
        assert states(tx) == ["accepted", "accepted_with_errors", "rejected"]
        assert {entry.answered_by for entry in tx.acknowledgments()} == {"in1"}


def test_a_997_for_the_whole_group(repository: Repository) -> None:
    with repository.begin() as tx:
        expect(tx)
        verdict = tx.acknowledge(said("group", Status.ACCEPTED), partner="acme", standard="x12", exchange_id="in1")
        assert (verdict.state, len(verdict.entries), verdict.late) == (LedgerState.ACCEPTED, 3, False)
        assert states(tx) == ["accepted"] * 3


def test_a_rejected_group_rejects_what_was_accepted_in_it(repository: Repository) -> None:
    with repository.begin() as tx:
        expect(tx, messages=("0001",))
        for answer in (said("message", Status.ACCEPTED, message="1"), said("group", Status.REJECTED, "R")):
            tx.acknowledge(answer, partner="acme", standard="x12", exchange_id="in1")
        assert states(tx) == ["rejected"]


def test_a_ta1_only_says_that_the_interchange_arrived(repository: Repository) -> None:
    with repository.begin() as tx:
        expect(tx)
        tx.acknowledge(said("interchange", Status.ACCEPTED), partner="acme", standard="x12", exchange_id="in1")
        assert states(tx) == ["waiting"] * 3
        assert {entry.interchange_code for entry in tx.acknowledgments(state="waiting")} == {"A"}
        tx.acknowledge(said("interchange", Status.REJECTED, "R"), partner="acme", standard="x12", exchange_id="in2")
        assert states(tx) == ["rejected"] * 3


def test_contrl_accepts_all_but_the_messages_it_names(repository: Repository) -> None:
    with repository.begin() as tx:
        expect(tx, standard="edifact", group="", interchange="REF1", messages=("1", "2"))
        refused = Acknowledged("message", Status.REJECTED, "4", interchange="REF1", message="2", findings=FINDINGS)
        received = Acknowledged("interchange", Status.ACCEPTED, "8", interchange="REF1")
        tx.acknowledge(received, partner="acme", standard="edifact", exchange_id="in0")
        assert states(tx) == ["waiting"] * 2
        for answer in (Acknowledged("interchange", Status.ACCEPTED, "7", interchange="REF1"), refused):
            tx.acknowledge(answer, partner="acme", standard="edifact", exchange_id="in1")
        assert states(tx) == ["accepted", "rejected"]
        assert tx.acknowledgments(state="rejected")[0].findings == FINDINGS


def test_late_double_and_unknown_can_be_listed(repository: Repository) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    with repository.begin() as tx:
        (entry,) = expect(tx, due=past, messages=("0001",))
        expect(tx, exchange="e2", group="6", due=None, messages=("0001",))
        assert [one.id for one in tx.acknowledgments(state="late")] == [entry]
        assert [one.group for one in tx.acknowledgments(state="waiting")] == ["6"]
        answer = said("message", Status.ACCEPTED, message="0001")
        first = tx.acknowledge(answer, partner="acme", standard="x12", exchange_id="in1")
        assert (first.state, first.late, first.entries[0].late) == (LedgerState.ACCEPTED, True, True)
        assert [one.id for one in tx.acknowledgments(state="late")] == [entry]
        contradicts = said("message", Status.REJECTED, "R", message="0001")
        assert tx.acknowledge(contradicts, partner="acme", standard="x12", exchange_id="in2").state == "double"
        for partner, standard, group in (("other", "x12", "5"), ("acme", "edifact", "5"), ("acme", "x12", "7")):
            stray = said("message", Status.ACCEPTED, message="0001", group=group)
            assert tx.acknowledge(stray, partner=partner, standard=standard).state is LedgerState.UNKNOWN
        wrong_type = said("message", Status.ACCEPTED, message="0001", message_type="810")
        assert tx.acknowledge(wrong_type, partner="acme", standard="x12").state is LedgerState.UNKNOWN
        (double,) = tx.acknowledgments(state="double")
        assert (double.related, double.code, double.answered_by) == (entry, "R", "in2")
        assert len(tx.acknowledgments(state="unknown")) == 4
        assert [one.state.value for one in tx.acknowledgments(exchange_id="e1")] == ["accepted"]


def test_control_numbers_that_come_round_again_mean_the_newest(repository: Repository) -> None:
    with repository.begin() as tx:
        (old,) = expect(tx, exchange="old", messages=("0001",))
        (new,) = expect(tx, exchange="new", messages=("0001",))
        answer = said("message", Status.ACCEPTED, message="0001")
        for expected in (new, old):
            verdict = tx.acknowledge(answer, partner="acme", standard="x12", exchange_id=expected[::-1])
            assert [entry.id for entry in verdict.entries] == [expected]


def test_an_acknowledgment_without_any_number_is_unknown(repository: Repository) -> None:
    with repository.begin() as tx:
        expect(tx)
        nothing = Acknowledged("interchange", Status.ACCEPTED, "A")
        assert tx.acknowledge(nothing, partner="acme", standard="x12").state is LedgerState.UNKNOWN
        with pytest.raises(ValueError, match="level"):
            tx.acknowledge(Acknowledged("file", Status.ACCEPTED, "A"), partner="acme", standard="x12")
