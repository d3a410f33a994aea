"""The hub's answer to ``POST /authorizations``: believed if it is signed, and about what was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub_pos.errors import HubAway, SignatureRefused
from hub_pos.manifest import signed

SIGNED = b"hub-authorization-1\n"
"""What stands before the bytes of a decision when they are signed."""

_SAME = ("authorization_id", "operation", "party_id", "account_id", "amount", "points", "pos_id")


def decided(answer: bytes, question: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    """The text of the ``Authorization`` in an answer to ``question``, signed by one of the hub's ``keys``. Raises
    ``SignatureRefused``, and ``HubAway`` for what is no answer of a hub."""
    try:
        found = json.loads(answer)
        if not isinstance(found, dict):
            raise TypeError("an answer is an object")
    except (ValueError, TypeError) as problem:
        raise HubAway(f"what came back is no answer of the hub: {problem}") from problem
    text, decision = signed(found, "decision", SIGNED, keys)
    for name in _SAME:
        if decision.get(name) != question.get(name):
            raise SignatureRefused(f"the decision is about another {name}: it answers another question")
    return text
