"""Payloads into the repository: verdicts, duplicates, acknowledgments, documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.exchange.receive import receive, receive_stream, replay, summary
from hub.exchange.session import Hub
from hub.repository.records import ExchangeState


def codes(outcome: object) -> set[str]:
    return {finding.code for finding in outcome.findings}


def partner_file(workspace: Path, **changes: str) -> None:
    file = workspace / "partners" / "grocer.yaml"
    text = file.read_text()
    file.write_text(text + "".join(f"{key}: {value}\n" for key, value in changes.items()))


def test_an_order_is_stored_acknowledged_and_answered(run, hub: Hub, workspace: Path, interchange) -> None:
    (outcome,) = run(interchange(7, ["PO1", "PO2"]))
    assert outcome.state is ExchangeState.ACCEPTED
    assert (outcome.partner, outcome.control, outcome.accepted) == ("grocer", "000000007", 2)
    assert outcome.documents == {"Order": 2}
    with hub.repository.read() as tx:
        order = tx.find("Order", buyer_order_id="PO1")
        assert order is not None
        data = order.data()
        assert data["roles"]["seller"] == {"name": "Our Company"}
        assert data["provenance"]["exchange_id"] == outcome.exchange_id
        assert data["provenance"]["position"] == 1
        record = tx.exchange(outcome.exchange_id)
        assert record.acknowledgment is not None
        assert record.content_sha256
        sent = tx.exchanges(direction="out")
        assert sorted(one.filename.partition("-")[0] for one in sent) == ["855", "997"]
        waiting = tx.acknowledgments(state="waiting")
        assert [entry.type for entry in waiting] == ["855", "855"]
        responses = tx.list("OrderResponse")
        assert [one.data()["buyer_order_id"] for one in responses] == ["PO1", "PO2"]
    assert len(list((workspace / "inbox" / ".done").iterdir())) == 1
    assert not list((workspace / "inbox" / "grocer").iterdir())


def test_a_bad_message_is_rejected_and_its_neighbours_are_kept(run, hub: Hub, interchange) -> None:
    (outcome,) = run(interchange(1, ["PO1", "PO2", "PO3"], bad=["PO2"]))
    assert outcome.state is ExchangeState.PARTIAL
    assert outcome.refused
    with hub.repository.read() as tx:
        assert {one.number for one in tx.list("Order")} == {"PO1", "PO3"}
        accepted = [message.accepted for message in tx.messages(outcome.exchange_id)]
        assert accepted == [True, False, True]
        acknowledgment = tx.exchange(outcome.exchange_id).acknowledgment
    text = hub.repository.open_payload(acknowledgment.sha256).read().decode()
    assert "AK9*P*3*3*2" in text


def test_all_or_nothing_rejects_the_neighbours_too(run, hub: Hub, workspace: Path, interchange) -> None:
    partner_file(workspace, all_or_nothing="true")
    (outcome,) = run(interchange(1, ["PO1", "PO2", "PO3"], bad=["PO2"]))
    assert outcome.state is ExchangeState.REJECTED
    assert "agreement.all_or_nothing" in codes(outcome)
    with hub.repository.read() as tx:
        assert tx.list("Order") == []
        acknowledgment = tx.exchange(outcome.exchange_id).acknowledgment
    assert b"AK9*R*3*3*0" in hub.repository.open_payload(acknowledgment.sha256).read()


def test_the_same_interchange_again_is_answered_with_the_stored_acknowledgment(run, hub: Hub, interchange) -> None:
    from hub.exchange.deliver import deliver

    (first,) = run(interchange(1, ["PO1"]))
    delivered = [one.path.read_bytes() for one in deliver(hub)]
    (again,) = run(interchange(1, ["PO1"]) + b"\n")
    assert again.state is ExchangeState.DUPLICATE
    assert not again.refused
    with hub.repository.read() as tx:
        assert len(tx.list("Order")) == 1
        original, copy = tx.exchange(first.exchange_id), tx.exchange(again.exchange_id)
        assert copy.acknowledgment == original.acknowledgment
    (repeated,) = deliver(hub)
    assert repeated.path.read_bytes() in delivered
    assert repeated.path.name == original.acknowledgment_filename


def test_a_duplicate_does_not_double_an_acknowledgment_that_still_waits(run, hub: Hub, interchange) -> None:
    run(interchange(1, ["PO1"]))
    with hub.repository.read() as tx:
        before = len(tx.outbox())
    run(interchange(1, ["PO1"]))
    with hub.repository.read() as tx:
        assert len(tx.outbox()) == before


def test_a_control_number_with_other_content_is_quarantined(run, hub: Hub, interchange) -> None:
    run(interchange(1, ["PO1"]))
    (outcome,) = run(interchange(1, ["PO2"]))
    assert outcome.state is ExchangeState.QUARANTINED
    assert codes(outcome) == {"interchange.control_reused"}
    with hub.repository.read() as tx:
        assert {one.number for one in tx.list("Order")} == {"PO1"}
        refusal = tx.exchange(outcome.exchange_id).acknowledgment
    assert b"*R*025" in hub.repository.open_payload(refusal.sha256).read()


def test_a_rejected_interchange_may_be_corrected_under_its_number(run, hub: Hub, interchange) -> None:
    (outcome,) = run(interchange(1, ["PO1"], bad=["PO1"]))
    assert outcome.state is ExchangeState.REJECTED
    (outcome,) = run(interchange(1, ["PO1"]))
    assert outcome.state is ExchangeState.ACCEPTED


@pytest.mark.parametrize(
    ("policy", "state", "responses"),
    [("ignore", "duplicate", 1), ("process", "accepted", 2), ("quarantine", "quarantined", 1)],
)
def test_a_new_number_around_known_content_is_handled_by_agreement(
    run, hub: Hub, workspace: Path, interchange, policy: str, state: str, responses: int
) -> None:
    partner_file(workspace, duplicates=f"{{same_content: {policy}}}")
    run(interchange(1, ["PO1"]))
    (outcome,) = run(interchange(2, ["PO1"]))
    assert outcome.state.value == state
    with hub.repository.read() as tx:
        assert len(tx.list("Order")) == 1
        assert len(tx.list("OrderResponse")) == responses
        assert tx.exchange(outcome.exchange_id).acknowledgment is not None


def test_an_order_number_with_other_content_is_a_conflict(run, hub: Hub, interchange) -> None:
    run(interchange(1, ["PO1"], quantity=12))
    (outcome,) = run(interchange(2, ["PO1"], quantity=13))
    assert outcome.state is ExchangeState.REJECTED
    assert "document.conflict" in codes(outcome)
    with hub.repository.read() as tx:
        assert tx.find("Order", buyer_order_id="PO1").data()["lines"][0]["quantity"]["value"] == "12"


def test_an_unknown_sender_is_quarantined_answered_and_can_be_replayed(
    run, hub: Hub, workspace: Path, interchange, plugins
) -> None:
    (outcome,) = run(interchange(1, ["PO1"], sender="NEWCOMER"), folder=".")
    assert outcome.state is ExchangeState.QUARANTINED
    assert codes(outcome) == {"partner.unknown"}
    assert len(outcome.sent) == 1
    (workspace / "partners" / "newcomer.yaml").write_text("identities: {x12: ZZ:NEWCOMER}\n")
    with Hub.open(workspace, plugins=plugins) as later:
        (again,) = replay(later, outcome.exchange_id)
        assert again.state is ExchangeState.ACCEPTED
        assert again.partner == "newcomer"
        with later.repository.read() as tx:
            assert tx.find("Order", buyer_order_id="PO1") is not None


def test_a_replay_doubles_nothing(run, hub: Hub, interchange) -> None:
    (outcome,) = run(interchange(1, ["PO1", "PO2"], bad=["PO2"]))
    (again,) = replay(hub, outcome.exchange_id)
    assert again.state is ExchangeState.PARTIAL
    assert again.sent == []
    with hub.repository.read() as tx:
        assert len(tx.list("Order")) == 1
        assert len(tx.list("OrderResponse")) == 1


def test_unknown_senders_get_no_answer_where_that_is_set(run, workspace: Path, interchange) -> None:
    file = workspace / "hub.toml"
    file.write_text(file.read_text() + "answer_unknown = false\n")
    (outcome,) = run(interchange(1, sender="NEWCOMER"), folder=".")
    assert outcome.sent == []


def test_somebody_elses_interchange_in_a_partners_folder_is_quarantined(run, workspace: Path, interchange) -> None:
    (workspace / "partners" / "other.yaml").write_text("identities: {x12: ZZ:OTHER}\n")
    (outcome,) = run(interchange(1), folder="other")
    assert outcome.state is ExchangeState.QUARANTINED
    assert codes(outcome) == {"partner.wrong_folder"}
    assert outcome.sent == []


def test_an_interchange_for_somebody_else_is_refused(run, interchange) -> None:
    (outcome,) = run(interchange(1, receiver="SOMEBODYELSE"))
    assert outcome.state is ExchangeState.QUARANTINED
    assert codes(outcome) == {"receiver.unknown"}
    assert len(outcome.sent) == 1


@pytest.mark.parametrize(
    ("policy", "state", "answers"),
    [("quarantine", "quarantined", 0), ("refuse", "quarantined", 1), ("process", "accepted", 2)],
)
def test_test_interchanges_in_production_are_handled_by_agreement(
    run, workspace: Path, interchange, policy: str, state: str, answers: int
) -> None:
    partner_file(workspace, test=policy)
    (outcome,) = run(interchange(1, test="T"))
    assert outcome.state.value == state
    assert len(outcome.sent) == answers


def test_a_test_hub_takes_only_test_interchanges(run, workspace: Path, interchange) -> None:
    file = workspace / "hub.toml"
    file.write_text(file.read_text().replace('environment = "production"', 'environment = "test"'))
    assert run(interchange(1, test="T"))[0].state is ExchangeState.ACCEPTED
    assert run(interchange(2))[0].state is ExchangeState.QUARANTINED


def test_a_message_that_is_not_agreed_is_rejected(run, workspace: Path, interchange) -> None:
    text = (workspace / "partners" / "grocer.yaml").read_text()
    (workspace / "partners" / "grocer.yaml").write_text(text.replace('message: "850"', 'message: "860"'))
    (outcome,) = run(interchange(1))
    assert outcome.state is ExchangeState.REJECTED
    assert "agreement.message_not_agreed" in codes(outcome)


def test_two_interchanges_in_one_file_are_two_exchanges(run, hub: Hub, interchange) -> None:
    first, second = run(interchange(1, ["PO1"]) + b"\r\n" + interchange(2, ["PO2"]))
    assert (first.state, second.state) == (ExchangeState.ACCEPTED, ExchangeState.ACCEPTED)
    (again,) = run(interchange(2, ["PO2"]))
    assert again.state is ExchangeState.DUPLICATE
    with hub.repository.read() as tx:
        assert tx.exchange(second.exchange_id).parent == first.exchange_id
        assert len(tx.list("Order")) == 2


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"%PDF-1.7 nothing for us", b"ISA*"])
def test_what_is_no_interchange_is_quarantined_and_kept(run, hub: Hub, content: bytes) -> None:
    (outcome,) = run(content)
    assert outcome.state in (ExchangeState.QUARANTINED, ExchangeState.REJECTED)
    assert outcome.findings
    with hub.repository.read() as tx:
        record = tx.exchange(outcome.exchange_id)
    assert hub.repository.open_payload(record.payload.sha256).read() == content


def test_what_a_truncated_interchange_lost_comes_with_the_next_one(run, hub: Hub, interchange) -> None:
    whole = interchange(1, ["PO1", "PO2"])
    (outcome,) = run(whole[: len(whole) * 2 // 3])
    assert outcome.refused
    (outcome,) = run(interchange(2, ["PO1", "PO2"]))
    assert outcome.state is ExchangeState.ACCEPTED
    with hub.repository.read() as tx:
        assert len(tx.list("Order")) == 2
        assert len(tx.list("OrderResponse")) == 2


def test_large_interchanges_are_committed_in_chunks(run, hub: Hub, workspace: Path, interchange) -> None:
    file = workspace / "hub.toml"
    file.write_text(file.read_text() + "chunk = 3\n")
    orders = [f"PO{number}" for number in range(10)]
    (outcome,) = run(interchange(1, orders, bad=["PO4"]))
    assert outcome.state is ExchangeState.PARTIAL
    assert (outcome.received, outcome.accepted, outcome.documents) == (10, 9, {"Order": 9})
    with hub.repository.read() as tx:
        assert len(tx.list("Order")) == 9
        assert len(tx.messages(outcome.exchange_id)) == 10
        assert tx.exchange(outcome.exchange_id).position == 10
        assert len(tx.list("OrderResponse")) == 9
    (again,) = run(interchange(1, orders, bad=["PO4"]))
    assert again.state is ExchangeState.DUPLICATE


def test_files_are_kept_where_that_is_set_and_not_received_twice(run, workspace: Path, interchange) -> None:
    file = workspace / "hub.toml"
    file.write_text(file.read_text().replace("keep = false", "keep = true"))
    (first,) = run(interchange(1))
    (second,) = run()
    assert second.already
    assert second.exchange_id == first.exchange_id
    assert summary([second])["exchanges"] == 0


def test_files_that_are_being_written_are_left_alone(run, workspace: Path, interchange) -> None:
    folder = workspace / "inbox" / "grocer"
    for name in ("a.edi.tmp", "b.part", ".hidden.edi"):
        (folder / name).write_bytes(interchange(1))
    (folder / "link.edi").symlink_to("/etc/hostname")
    assert run() == []
    file = workspace / "hub.toml"
    file.write_text(file.read_text() + 'settle = "1h"\n')
    assert run(interchange(1)) == []


def test_odd_file_names_never_become_paths(run, workspace: Path, interchange) -> None:
    name = "-rf ..\\..\\x \n$(id)" + "é" * 90 + ".edi"
    (outcome,) = run(interchange(1), name=name)
    assert outcome.state is ExchangeState.ACCEPTED
    (done,) = (workspace / "inbox" / ".done").iterdir()
    assert done.name.startswith(outcome.exchange_id)


def test_a_file_elsewhere_stays_where_it_is(hub: Hub, tmp_path: Path, interchange) -> None:
    file = tmp_path / "elsewhere.edi"
    file.write_bytes(interchange(1))
    (outcome,) = receive(hub, [file])
    assert outcome.state is ExchangeState.ACCEPTED
    assert file.exists()
    (again,) = receive(hub, [file])
    assert again.state is ExchangeState.DUPLICATE


def test_a_stream_is_received(hub: Hub, interchange) -> None:
    import io

    (outcome,) = receive_stream(hub, io.BytesIO(interchange(1)), "upload.edi")
    assert outcome.state is ExchangeState.ACCEPTED


def test_a_path_that_is_not_there_is_a_clear_error(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file or folder"):
        list(receive(hub, [tmp_path / "nothing"]))


def test_a_plugins_validation_rejects_a_message(run, hub: Hub, plugins, interchange, monkeypatch) -> None:
    from hub.findings import error

    def validate(document: object, partner: str) -> list:
        return [error("house.rule", f"{partner} may not order PO2")] if document.buyer_order_id == "PO2" else []

    monkeypatch.setattr(plugins, "validate", validate)
    (outcome,) = run(interchange(1, ["PO1", "PO2"]))
    assert outcome.state is ExchangeState.PARTIAL
    with hub.repository.read() as tx:
        acknowledgment = tx.exchange(outcome.exchange_id).acknowledgment
    assert b"AK9*P*2*2*1" in hub.repository.open_payload(acknowledgment.sha256).read()


def test_a_mistake_of_ours_quarantines_one_file_and_not_the_next(
    run, plugins, interchange, monkeypatch, caplog
) -> None:
    def validate(document: object, partner: str) -> list:
        if document.buyer_order_id == "PO1":
            raise RuntimeError("a bug")
        return []

    monkeypatch.setattr(plugins, "validate", validate)
    first, second = run(interchange(1, ["PO1"]), interchange(2, ["PO2"]))
    assert first.state is ExchangeState.QUARANTINED
    assert codes(first) == {"hub.failed"}
    assert second.state is ExchangeState.ACCEPTED


def test_acknowledgments_of_partners_are_matched(run, hub: Hub, interchange) -> None:
    run(interchange(1, ["PO1"]))
    with hub.repository.read() as tx:
        (waiting,) = tx.acknowledgments(state="waiting")
    answer = (
        "ISA*00*          *00*          *ZZ*GROCER         *ZZ*MYCOMPANY      *260101*1200*U*00401*000000050*0*P*>~"
        "GS*FA*GROCER*MYCOMPANY*20260101*1200*50*X*004010~ST*997*0001~"
        f"AK1*PR*{waiting.group}~AK2*855*{waiting.message:0>4}~AK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*50~IEA*1*000000050~"
    )
    (outcome,) = run(answer.encode())
    assert outcome.state is ExchangeState.ACCEPTED
    assert outcome.sent == []
    with hub.repository.read() as tx:
        assert tx.acknowledgments(state="waiting") == []
        (accepted,) = tx.acknowledgments(state="accepted")
    assert accepted.answered_by == outcome.exchange_id


def test_two_runs_at_once_process_a_file_once(workspace: Path, plugins, interchange) -> None:
    import threading

    (workspace / "inbox" / "grocer" / "a.edi").write_bytes(interchange(1, [f"PO{number}" for number in range(30)]))
    outcomes: list[object] = []
    start = threading.Barrier(4)

    def work() -> None:
        with Hub.open(workspace, plugins=plugins) as own:
            _ = own.repository
            start.wait()
            outcomes.extend(receive(own))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not outcome.already for outcome in outcomes) == 1
    with Hub.open(workspace, plugins=plugins) as own, own.repository.read() as tx:
        assert len(tx.list("Order")) == 30
        assert len(tx.exchanges(direction="in")) == 1
