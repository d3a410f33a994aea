"""What should be on the shelf: the hub's figure, less what the store's own tills have sold since it was made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub_pos.amounts import text
from hub_pos.errors import SaleRefused
from hub_pos.outbox import Outbox
from hub_pos.rows import Product
from hub_pos.sale import item_identifiers
from hub_pos.till import Till


def movement(
    till: Till | None, product: Product, location: str, found: Decimal, expected: Decimal | None, paths: Sequence[Path]
) -> dict[str, Any]:
    """What was ``found`` on the shelf, as the difference to what was ``expected`` (None: see ``expected_stock``)."""
    basis = {"expected": text(expected)} if expected is not None else expected_stock(till, product, location, paths)
    identifiers = item_identifiers(product)
    unit = {"unit": product.unit} if product.unit else {}
    return {
        "extensions": dict(sorted({**basis, "counted": text(found)}.items())),
        "kind": "adjustment",
        "location_id": location,
        "product_id": product.id,
        **({"identifiers": identifiers} if identifiers else {}),
        "quantity": {"value": text(found - Decimal(basis["expected"])), **unit},
    }


def expected_stock(till: Till | None, product: Product, location: str, paths: Sequence[Path]) -> dict[str, str]:
    """``{"expected", "figure", "figure_as_of"}`` of a product at a location. Raises ``SaleRefused`` where the replica
    has no figure: a difference needs something to differ from."""
    found = [one for one in till.stock(product) if one.location == location] if till else []
    figure = next((one for one in found if one.on_hand is not None), None)
    if figure is None or figure.on_hand is None:
        raise SaleRefused(f"no stock figure of {product.name or product.id} at {location}: say what was expected")
    moved = sum((_moved(path, product.id, location, _moment(figure.as_of)) for path in paths), Decimal(0))
    known = {"figure": text(figure.on_hand), "figure_as_of": figure.as_of}
    return {"expected": text(figure.on_hand + moved), **known}


def _moved(path: Path, product: str, location: str, since: datetime) -> Decimal:
    """What the documents of one outbox have put on the shelf (negative: taken off) since a moment."""
    moved = Decimal(0)
    with closing(Outbox(path)) as outbox:
        for entry in outbox.entries():
            if entry.kind not in ("PosTransaction", "InventoryMovement") or _moment(entry.created_at) <= since:
                continue
            moved += _of(json.loads(entry.body), entry.kind, product, location)
    return moved


def _of(body: dict[str, Any], kind: str, product: str, location: str) -> Decimal:
    if kind == "InventoryMovement":
        same = body.get("product_id") == product and body.get("location_id") == location
        return Decimal(body["quantity"]["value"]) if same else Decimal(0)
    if body.get("training") or body.get("cancelled"):
        return Decimal(0)
    lines = (line for line in body["lines"] if line.get("item", {}).get("product_id") == product)
    return -sum((Decimal(line["quantity"]["value"]) for line in lines), Decimal(0))


def _moment(text_: str) -> datetime:
    """A moment of the replica or the outbox; a bare date or local time counts as UTC."""
    moment = datetime.fromisoformat(text_)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
