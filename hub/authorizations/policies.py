"""What may be decided where, as data: ``authorizations.toml`` here, and the workspace's own laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from hub.located import read_toml
from hub.validation import Configured, validated

FILE = "authorizations.toml"
"""The name of the file, here and in a workspace."""

OPERATIONS = ("credit_sale", "points_redeem", "price_override", "return_without_receipt")
TAKES = {"credit_sale": "credit", "points_redeem": "points"}
"""What is taken from by operations that take something."""

Ask = Literal["always", "beyond", "never"]
Mode = Literal["autonomous", "distributed", "centralized"]
Operation = Literal["credit_sale", "points_redeem", "price_override", "return_without_receipt"]
# TOML's 0.1 is a float: its shortest text is what the person wrote.
Exact = Annotated[
    Decimal, BeforeValidator(lambda value: str(value) if isinstance(value, float) else value), Field(ge=0, lt=10**12)
]


class Limits(Configured):
    """At most this amount (in the operation's currency) or percent at once, and so many a till and business day. What
    is None is not limited."""

    amount: Exact | None = None
    percent: Exact | None = None
    per_day: Annotated[int, Field(ge=0)] | None = None

    def data(self) -> dict[str, Any]:
        """As it travels to a till: numbers as text, counts as they are."""
        stated = {name: getattr(self, name) for name in ("amount", "percent", "per_day")}
        return {name: _text(value) for name, value in stated.items() if value is not None}


class Rule(Configured):
    """How one operation is decided; the words are explained in ``authorizations.toml``."""

    resource: Literal["", "credit", "points"] = ""
    ask: Mapping[Mode, Ask] = {}
    offline: Limits = Limits()
    online: Limits = Limits()
    beyond: Literal["declined", "referred"] = "declined"
    record_percent: Exact = Decimal(0)
    max_age_hours: Annotated[int, Field(ge=1, le=24 * 365)] | None = None
    expires_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15

    @property
    def expires(self) -> timedelta:
        """How long an approval can be used."""
        return timedelta(minutes=self.expires_minutes)

    def asks(self, mode: str) -> str:
        """Whether a till of a store of this mode asks the hub: always, beyond what it may by itself, or never."""
        return self.ask.get(mode, "beyond")  # type: ignore[call-overload, no-any-return]

    def data(self, mode: str) -> dict[str, Any]:
        """What a till of a store of this mode needs of it."""
        return {
            "resource": self.resource,
            "ask": self.asks(mode),
            "offline": self.offline.data(),
            "record_percent": _text(self.record_percent),
            "expires_minutes": self.expires_minutes,
            **({} if self.max_age_hours is None else {"max_age_hours": self.max_age_hours}),
        }


class Policies(Configured):
    """The whole policy of a hub."""

    enabled: bool = True
    share: Annotated[Exact, Field(le=1)] = Decimal("0.5")
    right_days: Annotated[int, Field(ge=1, le=3650)] = 30
    half_life_days: Annotated[int, Field(ge=1, le=3650)] = 14
    settled_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 24
    operations: Mapping[Operation, Rule] = {}

    @property
    def settled(self) -> timedelta:
        """How long after the hub knew a sale a balance has to be stated to hold it."""
        return timedelta(hours=self.settled_hours)

    def rule(self, operation: str) -> Rule | None:
        """How an operation is decided; None for one that is not known."""
        return self.operations.get(operation)  # type: ignore[call-overload, no-any-return]

    def settings(self, mode: str) -> dict[str, Any]:
        """What travels to tills of this mode with every checkpoint: ``{"authorization": {"operations": …}}``; no
        operation where the policy is switched off, so that tills forget what they were told."""
        rules = self.operations if self.enabled else {}
        return {"authorization": {"operations": {name: rule.data(mode) for name, rule in rules.items()}}}


@lru_cache(maxsize=1)
def shipped() -> Policies:
    """The policy that holds where a workspace says nothing."""
    return validated(Policies, read_toml(Path(__file__).with_name(FILE)))


def load_policies(workspace: Path) -> Policies:
    """The policy of a workspace's folder: its ``authorizations.toml``, if there is one, over the shipped one. Raises
    ``ConfigurationError`` with file and line for what cannot be."""
    file = workspace / FILE
    if not file.exists():
        return shipped()
    located = read_toml(file)
    validated(Policies, located)  # what is wrong in it is told with its line
    base = read_toml(Path(__file__).with_name(FILE)).data
    return Policies.model_validate(_laid(base, located.data))


def _laid(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for name, value in own.items():
        held = out.get(name)
        out[name] = _laid(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return out


def _text(value: Decimal | int) -> str | int:
    return format(value, "f") if isinstance(value, Decimal) else value
