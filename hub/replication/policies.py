"""The conflict policy as data: ``conflicts.toml`` here, and the workspace's own laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hub.errors import ConfigurationError
from hub.located import did_you_mean, read_toml
from hub.replication.customer_fields import FIELDS
from hub.validation import Configured, validated

FILE = "conflicts.toml"
"""The name of the file, here and in a workspace."""

KindPolicy = Literal["append_only", "delta", "keep_both", "hub_wins"]
FieldPolicy = Literal["newest", "most_restrictive", "hub_wins"]

# Kinds of master data would be overwritten by a store's; only Party is taken in field by field.
_APPENDED = (
    "PosTransaction", "Consent", "Order", "LoyaltyEntry", "InventoryMovement", "Interaction", "Payment",
    "Authorization", "RightReturn",
)  # fmt: skip
_RANKED = ("on_hold", "status")


class Policies(Configured):
    """``kinds`` says how documents of a kind are taken in, ``fields`` who wins field by field."""

    skew_minutes: Annotated[int, Field(ge=0, le=1440)] = 5
    kinds: Mapping[str, KindPolicy] = {}
    fields: Mapping[str, Mapping[str, FieldPolicy]] = {}

    @property
    def skew(self) -> timedelta:
        """How far a store's clock may be ahead of the hub's."""
        return timedelta(minutes=self.skew_minutes)

    def field(self, entity: str, name: str) -> FieldPolicy:
        """Who wins a field; the hub where nobody says."""
        return self.fields.get(entity, {}).get(name, "hub_wins")


@lru_cache(maxsize=1)
def shipped() -> Policies:
    """The policy that holds where a workspace says nothing."""
    return _read(Path(__file__).with_name(FILE))


def load_policies(workspace: Path) -> Policies:
    """The policy of a workspace's folder: its ``conflicts.toml``, if there is one, over the shipped one. Raises
    ``ConfigurationError`` with file and line for what cannot be."""
    file = workspace / FILE
    if not file.exists():
        return shipped()
    base, own = shipped(), _read(file)
    fields = {name: {**base.fields.get(name, {}), **own.fields.get(name, {})} for name in {*base.fields, *own.fields}}
    skew = own.skew_minutes if "skew_minutes" in own.model_fields_set else base.skew_minutes
    return Policies(skew_minutes=skew, kinds={**base.kinds, **own.kinds}, fields=fields)


def _read(file: Path) -> Policies:
    located = read_toml(file)
    read = validated(Policies, located)
    for kind, policy in read.kinds.items():
        fits = {"append_only": kind in _APPENDED, "delta": kind in _APPENDED, "keep_both": kind == "Party"}
        if not fits.get(policy, True):
            raise located.error(
                ("kinds", kind),
                f"documents of kind {kind} cannot be taken in as {policy}",
                f"append_only and delta are for {', '.join(_APPENDED)}; keep_both is for Party.",
            )
    for entity, fields in read.fields.items():
        if entity != "Party":
            raise located.error(("fields", entity), f"{entity} is not changed field by field; only Party is")
        for name, winner in fields.items():
            if name not in FIELDS:
                raise located.error(
                    ("fields", entity, name), f"a customer has no field '{name}'", did_you_mean(name, FIELDS)
                )
            if winner == "most_restrictive" and name not in _RANKED:
                raise ConfigurationError(
                    f"of two values of '{name}' none is stricter",
                    file=file,
                    line=located.line(("fields", entity, name)),
                    hint=f"most_restrictive is for {' and '.join(_RANKED)}.",
                )
    return read
