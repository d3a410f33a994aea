"""Documents and acknowledgments in a line or two each, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hub.translation import MessageRead

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.repository.records import OutboxItem

_PLACES = ("ship_to", "delivery", "store", "buyer")


def document_lines(order: Mapping[str, Any]) -> Iterator[str]:
    """An order's head and its lines, from its JSON form."""
    place: Mapping[str, Any] = next((order["roles"][role] for role in _PLACES if role in order.get("roles", {})), {})
    where = place.get("name") or next((one["value"] for one in place.get("identifiers", ())), "")
    wanted = order.get("requested_delivery", {}).get("start", "")
    facts = [f"for {where}" if where else "", f"wanted {wanted}" if wanted else ""]
    yield f"Order {order['buyer_order_id']} " + ", ".join(fact for fact in facts if fact)
    for line in order.get("lines", ()):
        item = line.get("item", {})
        name = item.get("description") or next((one["value"] for one in item.get("identifiers", ())), "")
        quantity, price = line.get("quantity", {}), line.get("price", {})
        cost = f" at {price['amount']} {price.get('currency', '')}" if price else ""
        amount = f"{quantity.get('value', ''):>6} {quantity.get('unit', ''):<4}"
        yield f"  {line['line_id']:>3}  {amount} {name}{cost}".rstrip()


def answer_lines(hub: Hub, item: OutboxItem) -> Iterator[str]:
    """What an outgoing file says: acknowledgments level by level, order responses with what became of their lines."""
    from hub.exchange.context import ExchangeReadContext

    with hub.repository.open_payload(item.payload.sha256) as stream:
        head = stream.read(4096)
    translator = hub.plugins.identify(head, item.filename)
    context = ExchangeReadContext(hub, item.filename)
    with hub.repository.open_payload(item.payload.sha256) as stream:
        for event in translator.read(stream, context):
            for said in getattr(event, "acknowledged", ()):
                what = f"{said.message_type} {said.message}" if said.level == "message" else said.level
                yield f"{what.strip()} {said.status.value}" + (f": {said.findings[0].message}" if said.findings else "")
            if isinstance(event, MessageRead):
                for document in event.documents:
                    if document.kind == "OrderResponse":
                        yield _response(document.canonical_dict())


def _response(response: Mapping[str, Any]) -> str:
    states = Counter(line.get("status_code", "") for line in response.get("lines", ()))
    lines = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in states.items() if state)
    answer = response.get("header_code", "").replace("_", " ")
    return f"OrderResponse to {response['buyer_order_id']}: {answer}" + (f" ({lines})" if lines else "")
