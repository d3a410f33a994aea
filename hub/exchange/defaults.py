"""What a message may leave out and the agreement supplies: the currency, who buyer and seller are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.located import did_you_mean

if TYPE_CHECKING:
    from hub.partners import Partner

_NAMED = "buyer seller supplier bill_to ship_to delivery remit_to payer payee mark_for store ship_from carrier"
ROLES = frozenset((*_NAMED.split(), "warehouse", "ultimate_customer", "originator", "invoicee"))
"""Roles that a party can have in a document."""


def defaults_for(partner: Partner, kind: str) -> dict[str, Any]:
    """The partner's ``defaults`` in the shape of a kind of document, without what that kind does not have: roles go
    under ``roles``. The mapping fills them in where the message says nothing."""
    from hub.model import kind_named

    given, fields = partner.file.defaults, kind_named(kind).model_fields
    out = {name: value for name, value in given.items() if name in fields}
    roles = {name: value for name, value in given.items() if name in ROLES}
    return out | ({"roles": roles} if roles and "roles" in fields else {})


def check_defaults(partner: Partner) -> None:
    """Raise ``ConfigurationError`` with the line of a default that no kind of document has, or a wrong party."""
    from pydantic import ValidationError

    from hub.model import KINDS
    from hub.model.invalid import findings_of
    from hub.model.party_ref import PartyRef

    if not partner.file.defaults:
        return
    plain = {name for kind in KINDS.values() for name, field in kind.model_fields.items() if field.annotation is str}
    for name, value in partner.file.defaults.items():
        at = ("defaults", name)
        if name in ROLES:
            try:
                PartyRef.model_validate(value)
            except ValidationError as problem:
                first = findings_of(problem)[0]
                raise partner.error(
                    at,
                    f"'{name}' is no party: {first.position.path} {first.message}".replace("  ", " "),
                    "Write its fields below it: name, identifiers: [{scheme: gln, value: '4012345000009'}], address.",
                ) from None
        elif name not in plain:
            raise partner.error(at, f"unknown default '{name}'", did_you_mean(name, plain | ROLES))
        elif not isinstance(value, str):
            raise partner.error(at, f"'{name}' must be a single value")
