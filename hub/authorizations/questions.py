"""What a till asks: ``POST /authorizations`` taken apart, bounded and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.authorizations.policies import OPERATIONS
from hub.errors import DocumentRejected
from hub.findings import error
from hub.model import Authorization, RightReturn

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ASKED = frozenset((
    "authorization_id", "operation", "party_id", "account_id", "amount", "points", "requested_at", "operator",
    "requested_by", "pos_id", "extensions", "ref",
))  # fmt: skip

_RETURNS = 20


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in lower case, as ids of tills are."""
    return _UUID.fullmatch(text) is not None


def read_question(node: str, data: Any) -> tuple[Authorization, list[RightReturn]]:
    """The question of ``node`` as an authorization that is not decided yet, and what the till gives back with it, so
    that its own rights do not stand in its way. Raises ``DocumentRejected`` with code ``authorization.shape`` for what
    is none."""
    if not isinstance(data, Mapping):
        raise refused("shape", 'the question is an object under "authorization"')
    given = data.get("returns", [])
    if not isinstance(given, list) or len(given) > _RETURNS or not all(isinstance(one, dict) for one in given):
        raise refused("shape", f"returns are at most {_RETURNS} objects in a list")
    returns = [RightReturn.read_json(one) for one in given]
    if any(one.pos_id != node or not is_uuid(one.return_id) for one in returns):
        raise refused("shape", "what is given back is this till's (pos_id), under a UUID (return_id)")
    data = {name: value for name, value in data.items() if name != "returns"}
    if foreign := sorted(set(data) - _ASKED):
        raise refused("shape", f"a till does not say {str(foreign[0])[:40]!r} of what it asks")
    question = Authorization.read_json({**data})
    if not is_uuid(question.authorization_id):
        raise refused("shape", "authorization_id is a UUID in lower case")
    if question.operation not in OPERATIONS:
        raise refused("shape", f"the operation is one of {', '.join(OPERATIONS)}")
    if question.pos_id not in ("", node):
        raise refused("shape", f"the question is of {question.pos_id[:64]!r}, the request of {node!r}")
    if question.operation == "points_redeem":
        if question.points is None or question.points <= 0 or not question.account_id:
            raise refused("shape", "points are redeemed of an account_id, more than none")
    elif question.amount is None or question.amount.amount < 0:
        raise refused("shape", "the question has an amount, not negative")
    return question.model_copy(update={"pos_id": node}), returns


def asked(authorization: Authorization) -> dict[str, Any]:
    """What was asked, of a question or of the decision that it became: equal for the same question, also where a till
    that got no answer asks it again later."""
    data = authorization.canonical_dict(provenance=False)
    return {name: value for name, value in data.items() if name in _ASKED and name != "requested_at"}


def refused(word: str, message: str, about: str = "authorization") -> DocumentRejected:
    """A refusal with the code ``authorization.WORD``, or of something else."""
    return DocumentRejected(message, [error(f"{about}.{word}", message)])
