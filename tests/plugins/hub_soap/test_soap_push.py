"""Pushing: one order in the ERP, whatever happens to the answers, and true words about what it made of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import ConfigurationError, DocumentRejected, TemporaryError
from hub.model import Order
from hub_soap.connector import SoapConnector
from hub_soap.demo_erp import DemoErp
from hub_soap.errors import CallFailed, Kind
from hub_soap.push import merged

Connect = Callable[..., SoapConnector]
ALL = ("settle: 0.3", "settle: 0.3\n    update: { operation: updateOrder, parameters: { order: $document } }")


def test_an_order_is_created_once(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    first = connector.push(order, "hub-1")
    assert (first.external_id, first.created, first.findings) == ("SO-000001", True, ())
    again = connector.push(order, "hub-1")
    assert (again.external_id, again.created, again.findings) == ("SO-000001", False, ())
    (held,) = erp.data.orders()
    assert held["externalKey"] == "hub-1"
    assert held["lines"]["line"][1] == {
        "number": "2",
        "sku": "SKU0006",
        "quantity": "2.5",
        "unit": "PK",
        "price": "7.6",
        "currency": "USD",
    }
    assert held["parties"]["party"]["gln"] == "4012345901016"


@pytest.mark.parametrize(
    "quirk",
    [
        "lost",
        "truncated",
        "short",
        "work_then_500",
        "work_then_fault",
        "html_200",
        "empty",
        "no_id",
        "latin1",
    ],
)
def test_a_lost_answer_after_the_work(erp: DemoErp, connect: Connect, order: Order, quirk: str) -> None:
    connector = connect()
    erp.misbehave("createOrder", quirk)
    receipt = connector.push(order, "hub-1")
    assert (receipt.external_id, receipt.created) == ("SO-000001", True)
    assert connector.push(order, "hub-1").created is False
    assert len(erp.data.orders()) == 1


@pytest.mark.parametrize("quirk", ["reset", "fault_500", "html_500"])
def test_an_answer_that_never_came_leaves_the_outcome_open(
    erp: DemoErp, connect: Connect, order: Order, quirk: str
) -> None:
    connector = connect()
    erp.misbehave("createOrder", quirk)
    with pytest.raises(TemporaryError, match="looks for it first") as failed:
        connector.push(order, "hub-1")
    assert isinstance(failed.value, CallFailed)
    assert failed.value.kind is Kind.UNKNOWN
    assert erp.calls.count("createOrder") == 1
    assert erp.data.orders() == []
    assert connector.push(order, "hub-1").created
    assert len(erp.data.orders()) == 1


def test_work_that_ends_after_the_answer_was_lost_is_found(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect(("call: 20", "call: 0.4"), ("settle: 0.3", "settle: 3"))
    erp.misbehave("createOrder", "hold")
    receipt = connector.push(order, "hub-1")
    erp.release.set()
    assert receipt.created
    assert len(erp.data.orders()) == 1


@pytest.mark.parametrize("quirks", [("unavailable",), ("unavailable", "unavailable"), ("session",)])
def test_what_was_certainly_not_done_is_repeated(
    erp: DemoErp, connect: Connect, order: Order, quirks: tuple[str, ...]
) -> None:
    connector = connect()
    erp.misbehave("createOrder", *quirks)
    assert connector.push(order, "hub-1").created
    assert len(erp.data.orders()) == 1


def test_an_expired_session_is_renewed_once(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    connector.push(order, "hub-1")
    erp.expire_sessions()
    connector.push(order, "hub-2")
    assert erp.calls.count("login") == 2
    erp.misbehave("findOrder", "session", "session")
    with pytest.raises(TemporaryError, match="Session expired"):
        connector.push(order, "hub-3")


def test_the_erp_says_that_it_has_it(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    connector.push(order, "hub-1")
    erp.misbehave("findOrder", "nil")
    erp.misbehave("createOrder", "duplicate")
    receipt = connector.push(order, "hub-1")
    assert (receipt.external_id, receipt.created) == ("SO-000001", False)
    erp.misbehave("createOrder", "duplicate")
    with pytest.raises(DocumentRejected, match="already exists"):
        connector.push(order, "never created")


def test_a_look_up_that_is_answered_with_not_found(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp.misbehave("findOrder", "fault_200")
    assert connector.push(order, "hub-1").created


def test_an_order_that_the_erp_refuses(erp: DemoErp, connect: Connect, another_order: Callable[..., Order]) -> None:
    connector = connect()
    unknown = another_order(
        lines=[
            {
                "line_id": "1",
                "item": {"identifiers": [{"scheme": "seller_assigned", "value": "SKU9999"}]},
                "quantity": {"value": "1", "unit": "EA"},
            }
        ]
    )
    with pytest.raises(DocumentRejected, match="there is no product SKU9999"):
        connector.push(unknown, "hub-1")
    assert erp.data.orders() == []


def test_an_order_that_cannot_be_written(erp: DemoErp, connect: Connect, another_order: Callable[..., Order]) -> None:
    connector = connect()
    odd = another_order(lines=[{"line_id": "1", "quantity": {"value": "1", "unit": "XQQ"}}])
    with pytest.raises(DocumentRejected) as refused:
        connector.push(odd, "hub-1")
    assert refused.value.findings[0].position.path == "$.quantity.unit"
    with pytest.raises(DocumentRejected, match="U\\+0007"):
        connector.push(another_order(buyer_order_id="PO\x07"), "hub-1")
    assert "createOrder" not in erp.calls


def test_what_the_erp_changed_is_a_warning_by_field(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp.misbehave("createOrder", "other_quantity")
    findings = connector.push(order, "hub-1").findings
    assert {(one.code, one.position.path, one.value) for one in findings} == {
        ("soap.differs", "lines[0].quantity.value", "sent 12, there 1"),
        ("soap.differs", "lines[1].quantity.value", "sent 2.5, there 1"),
    }
    ignoring = connect(("settle: 0.3", "settle: 0.3\n    ignore: ['lines*.quantity.value']"))
    assert ignoring.push(order, "hub-1").findings == ()


def test_four_byte_characters_that_come_back_as_question_marks(
    erp: DemoErp, connect: Connect, another_order: Callable[..., Order]
) -> None:
    connector = connect()
    assert connector.push(another_order(buyer_order_id="PO-€-日本-😀"), "hub-1").findings == ()
    erp.misbehave("createOrder", "narrow_text")
    (finding,) = connector.push(another_order(buyer_order_id="PO-😀"), "hub-2").findings
    assert finding.value == "sent PO-😀, there PO-????"


def test_an_erp_that_drops_the_key_is_an_error_finding(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp.misbehave("createOrder", "drop_key")
    (finding,) = connector.push(order, "hub-1").findings
    assert (finding.code, finding.severity.value) == ("soap.key_lost", "error")


def test_two_orders_under_one_key_are_an_error_finding(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    connector.push(order, "hub-1")
    held = erp.data.orders()[0]
    erp.data.create(held)
    (finding,) = connector.push(order, "hub-1").findings
    assert finding.code == "soap.duplicate"
    assert "SO-000002" in finding.value


def test_a_look_up_that_finds_a_stranger(
    erp: DemoErp, connect: Connect, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connect()
    careless = connect((", key: externalKey }\n    create", " }\n    create"))
    connector.push(order, "hub-1")
    monkeypatch.setattr(erp.data, "find", lambda key: erp.data.orders())
    assert connector.push(order, "hub-2").created
    with pytest.raises(ConfigurationError, match="whose key is 'hub-1'; nothing was delivered"):
        careless.push(order, "hub-3")


def test_without_update_a_changed_order_is_only_reported(
    erp: DemoErp, connect: Connect, order: Order, another_order: Callable[..., Order]
) -> None:
    connector = connect()
    connector.push(order, "hub-1")
    receipt = connector.push(another_order(department="Bakery"), "hub-1")
    assert [one.position.path for one in receipt.findings] == ["department"]
    assert "department" not in erp.data.orders()[0]


def test_an_update_keeps_what_only_the_erp_knows(
    erp: DemoErp, connect: Connect, order: Order, another_order: Callable[..., Order]
) -> None:
    connector = connect(ALL)
    connector.push(order, "hub-1")
    held = {**erp.data.orders()[0], "clerk": "Ms. Miller"}
    erp.data.replace("SO-000001", held)
    receipt = connector.push(another_order(department="Bakery"), "hub-1")
    assert (receipt.created, receipt.findings) == (False, ())
    (after,) = erp.data.orders()
    assert after == {**held, "department": "Bakery"}
    erp.calls.clear()
    connector.push(another_order(department="Bakery"), "hub-1")
    assert "updateOrder" not in erp.calls


def test_reading_back_that_fails_is_temporary(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp.misbehave("getOrder", "fault_200")
    with pytest.raises(TemporaryError, match="reading back"):
        connector.push(order, "hub-1")
    assert connector.push(order, "hub-1").created is False


def test_deviations_of_the_read_answer(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp.misbehave("getOrder", "undeclared", "reordered")
    assert connector.push(order, "hub-1").findings == ()
    assert connector.push(order, "hub-1").findings == ()
    erp.misbehave("getOrder", "nil")
    codes = {one.code for one in connector.push(order, "hub-1").findings}
    assert codes == {"soap.key_lost", "soap.differs"}


def test_a_kind_that_is_not_delivered(connect: Connect) -> None:
    connector = connect()
    (batch, *_) = connector.pull("Party", None)
    with pytest.raises(ConfigurationError, match="does not push Party"):
        connector.push(batch.documents[0], "key")


def test_merged() -> None:
    theirs = {"id": "1", "a": {"x": "1", "y": "2"}, "lines": [{"no": "1", "mine": "m"}, {"no": "2"}]}
    assert merged(theirs, {"a": {"x": "9"}, "lines": [{"no": "1"}, {"no": "3"}]}) == {
        "id": "1",
        "a": {"x": "9", "y": "2"},
        "lines": [{"no": "1", "mine": "m"}, {"no": "3"}],
    }
    assert merged(theirs, {"lines": [{"no": "7"}]})["lines"] == [{"no": "7"}]


_characters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
_text = st.text(_characters, min_size=1, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=_text.filter(lambda text: text.strip() == text), note=_text.filter(lambda text: text.strip() == text))
def test_any_text_arrives_as_it_was(
    erp: DemoErp, connect: Connect, another_order: Callable[..., Order], number: str, note: str
) -> None:
    if not hasattr(erp, "connector"):
        erp.connector = connect()  # type: ignore[attr-defined]
    order = another_order(buyer_order_id=number, notes=[{"text": note}])
    receipt = erp.connector.push(order, f"key {len(erp.calls)}")  # type: ignore[attr-defined]
    assert receipt.findings == ()
