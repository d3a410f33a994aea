"""A customer's fields as a till has them (``rows.py``), read from and written into the canonical ``Party`` in JSON.

One word means the same on both sides: what a till sees of a customer is what it says it changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.replication.rows import project

Data = dict[str, Any]
Value = str | bool | None

_PLAIN = {
    "territory": "territory",
    "price_list": "price_list_id",
    "currency": "currency",
    "tax_exempt": "tax_exempt",
    "status": "status",
}
_ADDRESS = ("city", "region", "postal_code", "country")
FIELDS = ("name", "email", "phone", "street", *_ADDRESS, "card_no", "on_hold", "credit_limit", *_PLAIN)
"""Every field that a policy can name."""

_STRICTER = {"status": ("", "active", "blocked", "archived", "merged", "erased"), "on_hold": (None, False, True)}


def values(party: Mapping[str, Any]) -> dict[str, Value]:
    """The fields of a customer that are not empty."""
    row = project("Party", "", party)
    out = {name: row[name] for name in FIELDS if name in row}
    # The row says on_hold for blocked customers too; here the two are fields of their own.
    out.pop("on_hold", None)
    if (held := party.get("credit", {}).get("on_hold")) is not None:
        out["on_hold"] = held
    card = next((one["value"] for one in party.get("identifiers", ()) if one["scheme"] == "card_no"), None)
    return {**out, "card_no": card} if card else out


def stricter(name: str, ours: Value, theirs: Value) -> bool:
    """Whether ``theirs`` is stricter than ``ours``."""
    order: tuple[Value, ...] = _STRICTER[name]
    ranks = [order.index(one or order[0]) if (one or order[0]) in order else 0 for one in (ours, theirs)]
    return ranks[1] > ranks[0]


def write(party: Data, name: str, value: Value) -> None:
    """Put a field into a customer's JSON; None empties it."""
    if name in _PLAIN:
        _set(party, _PLAIN[name], value)
    elif name == "name":
        # Where the row's name comes from; the parts of a person's name stay what they are.
        _set(party, "trading_name" if party.get("trading_name") else "legal_name", value)
    elif name in ("email", "phone"):
        _point(party, name, value)
    elif name == "card_no":
        _entry(party, "identifiers", lambda one: one["scheme"] == "card_no", {"scheme": "card_no", "value": value})
    elif name == "on_hold":
        party["credit"] = {**party.get("credit", {}), "on_hold": value}
    elif name == "credit_limit":
        credit = dict(party.get("credit", {}))
        _set(credit, "limit", {**credit.get("limit", {}), "amount": value} if value else None)
        _set(party, "credit", credit)
    else:
        _address(party, name, value)


def _set(holder: Data, key: str, value: Any) -> None:
    if value in (None, "", [], {}):
        holder.pop(key, None)
    else:
        holder[key] = value


def _entry(party: Data, key: str, fits: Any, new: Data) -> None:
    """Replace the first entry of a list that fits, or add one; an empty value takes it away."""
    held = [dict(one) for one in party.get(key, ())]
    place = next((index for index, one in enumerate(held) if fits(one)), None)
    if not new["value"]:
        held = [one for index, one in enumerate(held) if index != place]
    elif place is None:
        held.append(new)
    else:
        held[place] = {**held[place], "value": new["value"]}
    _set(party, key, held)


def _point(party: Data, name: str, value: Value) -> None:
    kinds = ("phone", "mobile") if name == "phone" else ("email",)
    shown = values(party).get(name)
    new = {"kind": name, "value": value}
    _entry(party, "contact_points", lambda one: one["kind"] in kinds and one["value"] == shown, new)
    if not value:
        return
    # The row shows the first: what was said last comes before a point that nobody replaced.
    points = party["contact_points"]
    points.sort(key=lambda one: not (one["kind"] in kinds and one["value"] == value))


def _address(party: Data, name: str, value: Value) -> None:
    """Into the address that the row shows: the default one, else a new default."""
    held = [dict(one) for one in party.get("addresses", ())]
    rank = {"delivery": 1, "billing": 2, "legal": 3}
    order = sorted(
        range(len(held)), key=lambda at: (not held[at].get("default"), rank.get(held[at].get("usage", ""), 9))
    )
    if not order:
        held, order = [{"default": True}], [0]
    address = held[order[0]]
    if name == "street":
        _set(address, "lines", [value] if value else None)
    else:
        _set(address, name, value)
    party["addresses"] = held
