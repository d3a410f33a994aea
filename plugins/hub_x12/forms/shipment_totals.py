"""Weight, volume and number of packages of a shipment or unit, as its TD1 and MEA segments say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.mapping.forms import Data, opened
from hub_x12.converting.item_numbers import filled

_GROSS = ("gross", "")
"""Kinds of weight (data element 187) that are the gross weight; a weight without a kind is one."""


def stated_totals(data: Mapping[str, Any]) -> Data:
    """``gross_weight``, ``net_weight``, ``volume`` and ``package_count`` that follow from ``packages`` and
    ``measurements``; fields that ``data`` has already stay as they are."""
    packages = data.get("packages") or ()
    measured = data.get("measurements") or ()
    if not packages and not measured:
        return {}
    found = filled(
        gross_weight=_sum([one for one in packages if one.get("weight_kind", "") in _GROSS], "weight")
        or _measured(measured, "gross_weight"),
        net_weight=_sum([one for one in packages if one.get("weight_kind") == "net"], "weight")
        or _measured(measured, "net_weight"),
        volume=_sum(packages, "volume"),
        package_count=sum(one.get("count") or 0 for one in packages) or None,
    )
    return {name: value for name, value in found.items() if not data.get(name)}


def packages_of(data: Mapping[str, Any]) -> list[Data]:
    """The packages to write: those that ``data`` lists, and what its totals say beyond them."""
    listed = list(data.get("packages") or ())
    bare = {name: value for name, value in data.items() if name in ("packages", "measurements")}
    known = stated_totals(bare)
    gross, count, volume = (
        data.get(name) if data.get(name) != known.get(name) else None
        for name in ("gross_weight", "package_count", "volume")
    )
    more = filled(count=count, weight_kind="gross" if gross else "", weight=gross, volume=volume)
    net = data.get("net_weight") if data.get("net_weight") != known.get("net_weight") else None
    return [*listed, *([more] if more else []), *([{"weight_kind": "net", "weight": net}] if net else [])]


def _sum(packages: Sequence[Mapping[str, Any]], name: str) -> Data | None:
    """The sum of one quantity of packages, None where there is none or the units differ."""
    stated = [opened(one[name]) for one in packages if one.get(name)]
    found = [one for one in stated if one.get("value") is not None]
    units = {one.get("unit") or "" for one in found}
    if len(units) != 1:
        return None
    if len(found) == 1:
        return dict(found[0])
    return filled(value=sum((one["value"] for one in found), Decimal(0)), unit=units.pop())


def _measured(measurements: Sequence[Mapping[str, Any]], name: str) -> Data | None:
    for one in measurements:
        if one.get("name") == name and one.get("value") is not None:
            return filled(value=one["value"], unit=one.get("unit"))
    return None
