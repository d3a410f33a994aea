"""A question whether an operation may go on, and its decision, as they are in ``Authorization`` documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub_pos.amounts import money, text
from hub_pos.documents import stated
from hub_pos.errors import SaleRefused
from hub_pos.pricing import number
from hub_pos.sale import Written

KIND = "Authorization"
"""The kind of the documents."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided. ``amount`` is money in ``currency``, or points where there is an ``account_id``; ``about``
    are the words of ``PROTOCOL.md``, section 11.4 (list_price, price, percent, item, receipt)."""

    operation: str
    amount: Decimal
    currency: str = ""
    party_id: str = ""
    account_id: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    operator: str = ""

    @property
    def points(self) -> bool:
        """Whether it is about points, and not about money."""
        return self.operation == "points_redeem"

    @property
    def percent(self) -> Decimal | None:
        """How far below the list price, where it is about a price."""
        return number(self.about.get("percent"))

    def names(self) -> dict[str, Any]:
        """Its fields in the JSON of documents, those that stand at the end left out."""
        return {
            "operation": self.operation,
            "party_id": self.party_id,
            "account_id": self.account_id,
        }

    def sums(self) -> dict[str, Any]:
        """How much, in the JSON of documents."""
        return {"points": text(self.amount)} if self.points else {"amount": money(self.amount, self.currency)}


def asked(body: Mapping[str, Any]) -> Question:
    """The question of an ``Authorization``."""
    sum_ = body.get("amount") or {}
    return Question(
        operation=body["operation"],
        amount=Decimal(body["points"] if "points" in body else sum_.get("amount", "0")),
        currency=sum_.get("currency", ""),
        party_id=body.get("party_id", ""),
        account_id=body.get("account_id", ""),
        about=body.get("extensions", {}),
        operator=body.get("operator", ""),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. ``reasons`` are the words of ``PROTOCOL.md``, section 11.5; ``right`` is the right that it came
    out of, "" for none. ``word`` is approved, declined or referred (a person at the hub decides). An ``id`` of "" means
    that no decision is needed."""

    id: str
    approved: bool
    reasons: tuple[str, ...] = ()
    expires_at: str = ""
    offline: bool = True
    right: str = ""
    word: str = "approved"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Decision:
        """The decision of an ``Authorization``."""
        word = str(body.get("decision", ""))
        return cls(
            id=body["authorization_id"],
            approved=word == "approved",
            reasons=tuple(body.get("reason_codes", ())),
            expires_at=body.get("expires_at", ""),
            offline=bool(body.get("offline")),
            right=body.get("right_id", ""),
            word=word,
        )


def start(question: Question, id_: str, now: str) -> dict[str, Any]:
    """The first fields of an ``Authorization``, in their order."""
    about = dict(sorted(question.about.items()))
    return {"extensions": about, "authorization_id": id_, **question.names(), "requested_at": now}


def put_question(question: Question, id_: str, now: str, node: str) -> dict[str, Any]:
    """A question as ``POST /authorizations`` has it (``PROTOCOL.md``, section 11.4)."""
    end = {"pos_id": node, "operator": question.operator}
    fields = {**start(question, id_, now), **question.sums(), **end}
    return {name: value for name, value in fields.items() if stated(value)}


def same(held: Written, question: Question) -> Decision:
    """The decision that was written before under the id of this question. Raises ``SaleRefused`` for another one."""
    if held.kind != KIND or asked(held.body) != question or held.body.get("decision") == "reversed":
        raise SaleRefused(f"the id {held.id} belongs to something else")
    return Decision.of(held.body)
