"""The journal, the outbox, watermarks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import ConfigurationError
from hub.findings import Position, error, warning
from hub.model import Document
from hub.repository import ExchangeState, MessageRecord, NotFound, OutboxState, PayloadRef, Repository
from hub.translation import EnvelopeParty

Make = Callable[..., Document]
PLACE = Position(segment=7, segment_id="SE", element=1)
FINDING = error("x12.se01", "wrong\ud800 count", PLACE, value="1\0", list_id="718")


@pytest.fixture
def payload(repository: Repository) -> PayloadRef:
    return repository.store_payload(b"ISA*00*")


def test_an_exchange_from_bytes_to_its_end(repository: Repository, payload: PayloadRef) -> None:
    with repository.begin() as tx:
        exchange = tx.open_exchange(direction="in", payload=payload, filename="a.edi", source="inbox")
        answer = tx.store_payload(b"997")
        tx.update_exchange(
            exchange,
            state="partial",
            partner="acme",
            standard="x12",
            sender=EnvelopeParty("ACME", "ZZ"),
            receiver="ZZ:US",
            control="000000001",
            test=True,
            position=2,
            received=2,
            accepted=1,
            acknowledgment=answer,
            acknowledgment_filename="997.edi",
            summary={"orders": 1},
            findings=[FINDING],
        )
        tx.add_message(exchange, MessageRecord(1, "850", "004010", "0001", "1", mapping="x12/850.004010", length=300))
        tx.add_message(exchange, MessageRecord(2, "850", control="0002", accepted=False, findings=(FINDING, FINDING)))
    with repository.read() as tx:
        record = tx.exchange(exchange)
        assert (record.state, record.sender, record.receiver) == (ExchangeState.PARTIAL, "ZZ:ACME", "ZZ:US")
        assert (record.test, record.position, record.received, record.accepted) == (True, 2, 2, 1)
        assert (record.acknowledgment, record.summary) == (answer, {"orders": 1})
        assert record.findings == (FINDING,)
        assert (record.payload, record.filename, record.source) == (payload, "a.edi", "inbox")
        assert record.created_at.tzinfo is UTC
        first, second = tx.messages(exchange)
        assert (first.group, first.mapping, first.length, first.findings) == ("1", "x12/850.004010", 300, ())
        assert second.findings == (FINDING, FINDING)
        assert tx.messages(exchange, accepted=False) == [second]


def test_finding_exchanges_again(repository: Repository, payload: PayloadRef, order: Callable[..., Document]) -> None:
    other = repository.store_payload(b"other")
    with repository.begin() as tx:
        ids = []
        for number, ref in enumerate((payload, payload, other), start=1):
            exchange = tx.open_exchange(direction="in", payload=ref, filename=f"file_{number}.edi", partner="acme")
            tx.update_exchange(exchange, standard="x12", sender="S", receiver="R", control=f"{number % 2:09d}")
            ids.append(exchange)
        tx.update_exchange(ids[2], content_sha256="c" * 64, state="accepted")
        tx.add_message(ids[1], MessageRecord(1, "850", control="0077"))
        tx.put(order("PO-4711"), exchange_id=ids[0])
        out = tx.open_exchange(direction="out", payload=other)
        tx.update_exchange(out, standard="x12", sender="S", receiver="R", control="000000001")
    with repository.read() as tx:

        def found(records: list) -> list[str]:  # type: ignore[type-arg]
            return [record.id for record in records]

        assert found(tx.find_interchanges("x12", "S", "R", "000000001")) == [ids[0], ids[2]]
        assert found(tx.find_interchanges("x12", "S", "R", "000000001", exclude=ids[0])) == [ids[2]]
        assert found(tx.find_content(payload.sha256)) == ids[:2]
        assert found(tx.find_content("c" * 64, standard="x12")) == [ids[2]]
        assert found(tx.exchanges(direction="in")) == ids[::-1]
        assert found(tx.exchanges(state="accepted")) == [ids[2]]
        assert found(tx.exchanges(partner="acme", before=ids[2], limit=1)) == [ids[1]]
        assert found(tx.exchanges(since=datetime.now(UTC) + timedelta(hours=1))) == []
        assert found(tx.search("PO-47")) == [ids[0]]
        assert found(tx.search("0077")) == [ids[1]]
        assert found(tx.search("FILE_3")) == [ids[2]]
        assert found(tx.search("100%")) == found(tx.search(" ")) == []
        assert len(tx.search("000000001")) == 3
        assert found(tx.search(payload.sha256[:12])) == [ids[1], ids[0]]


def test_interchanges_of_one_payload_are_exchanges_of_one_parent(repository: Repository, payload: PayloadRef) -> None:
    with repository.begin() as tx:
        whole = tx.open_exchange(direction="in", payload=payload)
        parts = [
            tx.open_exchange(direction="in", payload=payload, parent=whole, ordinal=n, offset=n * 10, length=10)
            for n in (1, 2)
        ]
    with repository.read() as tx:
        assert [(one.id, one.ordinal, one.offset) for one in tx.exchanges(parent=whole)] == [
            (parts[1], 2, 20),
            (parts[0], 1, 10),
        ]


def test_mistakes_of_the_caller_are_named(repository: Repository, payload: PayloadRef) -> None:
    with repository.begin() as tx:
        with pytest.raises(NotFound, match="no exchange 'x'"):
            tx.update_exchange("x", state="accepted")
        with pytest.raises(NotFound, match="hub journal list"):
            tx.exchange("x")
        exchange = tx.open_exchange(direction="in", payload=payload)
        with pytest.raises(TypeError, match="knows no 'colour'"):
            tx.update_exchange(exchange, colour="red")
        with pytest.raises(ValueError, match="'done' is not a valid ExchangeState"):
            tx.update_exchange(exchange, state="done")
        with pytest.raises(ValueError, match="direction"):
            tx.open_exchange(direction="up", payload=payload)


def test_an_exchange_needs_a_payload_that_is_stored(repository: Repository) -> None:
    with pytest.raises(ConfigurationError, match="breaks a rule of its schema"), repository.begin() as tx:
        tx.open_exchange(direction="in", payload=PayloadRef("0" * 64, 1))


def test_the_outbox_delivers_in_order_and_remembers(repository: Repository) -> None:
    with repository.begin() as tx:
        ids = [
            tx.enqueue(partner="acme", channel="files", payload=b"%d" % n, filename=f"{n}", idempotency_key=f"k{n}")
            for n in range(3)
        ]
        again = tx.enqueue(partner="acme", channel="files", payload=b"1", filename="1", idempotency_key="k1")
        assert again == ids[1]
        with pytest.raises(ConfigurationError, match="other content"):
            tx.enqueue(partner="acme", channel="files", payload=b"!", filename="1", idempotency_key="k1")
    with repository.begin() as tx:
        assert [item.id for item in tx.outbox_due()] == ids
        assert [item.id for item in tx.outbox_due(limit=1, partner="acme", channel="files")] == ids[:1]
        assert tx.outbox_due(partner="nobody") == []
        tx.mark_delivered(ids[0])
        tx.mark_delivered(ids[0])
        tx.mark_failed(ids[0], "too late to fail")
        tx.mark_failed(ids[1], "connection refused", tx.now + timedelta(minutes=5))
        tx.mark_failed(ids[2], "address unknown")
        with pytest.raises(NotFound, match="no item 'x'"):
            tx.mark_delivered("x")
    with repository.read() as tx:
        assert tx.outbox_due() == []
        due = tx.outbox_due(now=tx.now + timedelta(minutes=6))
        assert [(item.id, item.attempts, item.error) for item in due] == [(ids[1], 1, "connection refused")]
        (failed,) = tx.outbox(state=OutboxState.FAILED)
        assert (failed.id, failed.error) == (ids[2], "address unknown")
        (delivered,) = tx.outbox(state="delivered")
        assert (delivered.id, delivered.attempts) == (ids[0], 1)
        assert delivered.delivered_at is not None
    assert repository.open_payload(due[0].payload.sha256).read() == b"1"


def test_watermarks(repository: Repository) -> None:
    with repository.begin() as tx:
        assert tx.watermark("erp", "Party") is None
        tx.set_watermark("erp", "Party", "2026-01-01")
        tx.set_watermark("erp", "Party", "2026-01-02")
        tx.set_watermark("erp", "Product", "7")
    with repository.read() as tx:
        assert (tx.watermark("erp", "Party"), tx.watermark("erp", "Product")) == ("2026-01-02", "7")


def test_warnings_survive_too(repository: Repository, payload: PayloadRef) -> None:
    with repository.begin() as tx:
        exchange = tx.open_exchange(direction="in", payload=payload)
        tx.update_exchange(exchange, findings=[warning("a.b", "c")])
        assert tx.exchange(exchange).findings == (warning("a.b", "c"),)
