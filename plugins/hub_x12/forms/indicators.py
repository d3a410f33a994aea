"""What SAC01 says of a part of the price: an allowance, a charge, or neither of the two."""

from __future__ import annotations

from hub.mapping.forms import Data

_CHARGES = ("charge", "charge_request", "service")
_PLAIN = ("allowance", "charge")


def told(holder: Data) -> None:
    """Say of every part of ``holder`` whether it is a charge; its indicator stays where it says more."""
    for part in holder["allowances_charges"]:
        said = part.get("indicator")
        part["is_charge"] = said in _CHARGES
        if said in _PLAIN:
            del part["indicator"]


def stated(holder: Data) -> None:
    """The inverse of ``told``."""
    for part in holder["allowances_charges"]:
        part["indicator"] = part.get("indicator") or ("charge" if part["is_charge"] else "allowance")
