"""Order responses on their way out: made by the agreement's rule, stored, written in the partner's format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.errors import DocumentRejected
from hub.exchange.agreed import OutgoingMessage, outgoing
from hub.exchange.assortment import Assortment
from hub.exchange.responses import respond
from hub.exchange.sending import Sending, key_of
from hub.findings import Finding, Position, error

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.model import Order, OrderResponse
    from hub.partners import Partner
    from hub.repository import Transaction
    from hub.translation import Envelope

FAILED = "response.failed"


def answer_orders(
    hub: Hub,
    tx: Transaction,
    sending: Sending,
    orders: Sequence[tuple[Order, str, str]],
    partner: Partner,
    envelope: Envelope,
    file: str,
) -> list[Finding]:
    """Answer orders (with type and version of the message each came in): one interchange for each outgoing message.

    Returns a finding for every order whose answer could not be written; the order itself stays accepted. Raises
    ``ConfigurationError`` (partner file and line) where answers are agreed but no message to send them in."""
    assortment = Assortment(tx, partner.name, hub.systems())
    made: dict[tuple[str, str, str], tuple[OutgoingMessage, list[OrderResponse]]] = {}
    for order, message, version in orders:
        found = partner.agreement("in", envelope.standard, message, version, file)
        if found is None or found[1].response.rule == "none":
            continue
        rule = found[1].response
        number = f"{tx.next_control(key_of('response', partner.name)):08d}"
        response = respond(order, rule, assortment, response_id=number, today=tx.now.date())
        if response is not None:
            to = response_target(hub, partner, found[0], rule.message, envelope.standard)
            made.setdefault((to.standard, to.message, to.version), (to, []))[1].append(response)
    findings: list[Finding] = []
    for to, responses in made.values():
        findings += _send(tx, sending, to, responses, partner, envelope)
    return findings


def response_target(hub: Hub, partner: Partner, index: int, message: str, standard: str) -> OutgoingMessage:
    """The message that orders under agreement ``index`` are answered in: of ``standard`` if there is one, else of any.
    Raises ``ConfigurationError`` with the agreement's line where none is agreed."""
    to = outgoing(hub, partner, "OrderResponse", standard, message) or outgoing(
        hub, partner, "OrderResponse", message=message
    )
    if to is None:
        raise partner.error(
            ("documents", index, "response"),
            "orders are to be answered, but no outgoing document of this agreement is an order response",
            'Add one under documents, such as {direction: out, standard: x12, message: "855", version: "004010"}.',
        )
    return to


def _send(
    tx: Transaction,
    sending: Sending,
    to: OutgoingMessage,
    responses: Sequence[OrderResponse],
    partner: Partner,
    envelope: Envelope,
) -> list[Finding]:
    try:
        posted = sending.documents(responses, to, partner, envelope)
    except DocumentRejected as rejected:
        if len(responses) > 1:
            # One that cannot be written must not keep the others back.
            return [finding for one in responses for finding in _send(tx, sending, to, [one], partner, envelope)]
        return [_failed(responses[0], to, envelope, rejected)]
    for response in responses:
        tx.put(response, exchange_id=posted.exchange_id, partner=partner.name)
    return []


def _failed(response: OrderResponse, to: OutgoingMessage, envelope: Envelope, rejected: DocumentRejected) -> Finding:
    why = "; ".join(finding.message for finding in rejected.findings[:3]) or str(rejected)
    return error(
        FAILED,
        f"the response to order {response.buyer_order_id} cannot be written as {to.standard} {to.message}: {why}",
        Position(interchange=envelope.control),
    )
