"""Whether an operation may go on: what a till decides alone, out of what it was given, and how a decision is written.

The policy comes with the replica's settings, rights with its rows; what was spent of them is in the outbox's book. A
decision, the book and the document that uses it are one transaction. The rules: ``PROTOCOL.md``, section 11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub_pos.amounts import text
from hub_pos.approvals import Approvals
from hub_pos.book import Book, over
from hub_pos.clock import instant
from hub_pos.documents import Documents, stated
from hub_pos.errors import NotAuthorized
from hub_pos.outbox import Outbox
from hub_pos.policy import Policy, policy_of
from hub_pos.questions import KIND, Decision, Question, asked, start
from hub_pos.rows import Customer, Right
from hub_pos.sale import Written
from hub_pos.till import Till

_RIGHTS = ("right_none", "right_short", "right_expired")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision looks at: the replica's moment (None: there is none to read), the customer's row, the rights of
    this outbox, and the time: the latest of the till's, the replica's and that of the last document, because the hub
    goes by the clock of documents."""

    as_of: datetime | None
    customer: Customer | None
    rights: Sequence[Right]
    now: datetime

    @classmethod
    def of(cls, till: Till | None, party: str, outbox: Outbox, now: datetime) -> Facts:
        """What ``till`` knows about ``party``, for an outbox."""
        clock, told = outbox.state("clock"), till.as_of() if till else ""
        now = max(now, datetime.fromisoformat(clock[:24])) if clock else now
        if till is None or not told:
            return cls(None, None, (), now)
        as_of = datetime.fromisoformat(told)
        as_of = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
        rights = till.rights(outbox.state("node"), outbox.id)
        return cls(as_of, till.customer(party), rights, max(now, as_of))


@dataclass(frozen=True, slots=True)
class Need:
    """An approval that a document needs: one that was ``given``, or one that is made with it, under the id ``made``."""

    question: Question
    given: str
    made: str

    @property
    def id(self) -> str:
        """The id under which the document names it."""
        return self.given or self.made


class Desk:
    """Decides the operations of one outbox at one moment. Everything here belongs inside the outbox's
    ``transaction``."""

    def __init__(self, documents: Documents, settings: Mapping[str, Any], facts: Facts, day: str) -> None:
        self._documents, self._settings, self._facts, self._day = documents, settings, facts, day
        self._book, self._approvals = Book(documents.outbox), Approvals(documents.outbox)

    def rule(self, question: Question) -> tuple[tuple[str, ...], Right | None]:
        """Why the till may not approve this alone, nothing where it may; and the right that it comes out of."""
        policy = policy_of(self._settings, question.operation)
        if policy is None:
            return (), None
        if policy.ask == "always":
            return ("hub_needed",), None
        found, right = self._out_of_right(question) if policy.resource else ("", None)
        reasons = [*self._against(question, policy), *([found] if found else ())]
        return tuple(reasons), right

    def _against(self, question: Question, policy: Policy) -> Iterator[str]:
        facts = self._facts
        if facts.as_of is None and (policy.resource or policy.max_age):
            yield "replica_away"
        if facts.as_of is not None and policy.max_age and facts.now - facts.as_of > policy.max_age:
            yield "replica_old"
        if policy.resource == "credit" and not question.party_id:
            yield "customer_needed"
        elif question.party_id and facts.as_of is not None and facts.customer is None and policy.resource == "credit":
            yield "customer_unknown"
        if policy.resource and facts.customer is not None and facts.customer.on_hold:
            yield "on_hold"
        if policy.amount is not None and question.amount > policy.amount:
            yield "amount_limit"
        if policy.percent is not None and (question.percent or Decimal(0)) > policy.percent:
            yield "percent_limit"
        if policy.per_day is not None and self._approvals.count(question.operation, self._day) >= policy.per_day:
            yield "day_limit"

    def _out_of_right(self, question: Question) -> tuple[str, Right | None]:
        """The right that ends first of those that have enough; or why there is none."""
        fitting = [one for one in self._facts.rights if _fits(one, question)]
        if not fitting:
            return "right_none", None
        for right in sorted(fitting, key=lambda one: one.expires_at):
            if self._book.spendable(right, self._facts.now) >= question.amount:
                return "", right
        return ("right_expired" if all(over(one, self._facts.now) for one in fitting) else "right_short"), None

    def approve(self, question: Question, right: Right | None, id_: str) -> Decision:
        """Write that it is approved, and spend it of the right."""
        policy = policy_of(self._settings, question.operation)
        if right is not None:
            self._book.approve(right, question.amount, self._facts.now)
            self._want(question, right.resource)
        expires = self._facts.now + policy.expires if policy else self._facts.now
        body = self._body(question, id_, "approved", expires_at=instant(expires), right_id=right.id if right else "")
        self._documents.put(id_, KIND, body)
        self._approvals.keep(body, self._day)
        return Decision.of(body)

    def decline(self, question: Question, reasons: Sequence[str], id_: str) -> Decision:
        """Write that it is declined. What there was too little of, the hub hears of."""
        policy = policy_of(self._settings, question.operation)
        found = [one for one in reasons if one not in ("hub_away", "hub_refused")]
        if policy and found and all(one in _RIGHTS for one in found):
            self._want(question, policy.resource)
        body = self._body(question, id_, "declined", reason_codes=list(reasons))
        self._documents.put(id_, KIND, body)
        return Decision.of(body)

    def record(self, question: Question, decision: str) -> Decision:
        """Keep what the hub has decided (its own text, letter by letter)."""
        body = json.loads(decision)
        self._documents.put(body["authorization_id"], KIND, decision)
        if body.get("decision") == "approved":
            self._approvals.keep(body, self._day)
        return Decision.of(body)

    def use(self, needs: Sequence[Need], by: str) -> None:
        """Use an approval for each need of the document ``by``, and make those that were not given. Raises
        ``Declined``; then nothing may stay written."""
        for need in needs:
            if not need.given:
                reasons, right = self.rule(need.question)
                if reasons:
                    raise Declined(need, reasons)
                self.approve(need.question, right, need.made)
            self._approvals.use(need.id, need.question, by, self._facts.now)

    def set_free(self, id_: str, reason: str) -> Written:
        """Write that an approval is not used and what it took is free again. Raises ``SaleRefused`` where it was used;
        what was set free before is answered again."""
        if (before := self._approvals.reversed_by(id_)) and (held := self._documents.held(before)):
            return held
        body = self._approvals.open(id_)
        return self._set_free(body, reason)

    def empty(self, question: Question) -> list[dict[str, Any]]:
        """Give back all that is left of the rights that a question is about, as the ``RightReturn`` documents that say
        so: the hub then decides about all of it."""
        fitting = [one for one in self._facts.rights if _fits(one, question)]
        left = [(one, self._book.available(one)) for one in fitting]
        return [self.give_back(right, amount) for right, amount in left if amount > 0]

    def give_back(self, right: Right, amount: Decimal) -> dict[str, Any]:
        """Give a part of a right back; the ``RightReturn`` that says so."""
        self._book.give_back(right, amount)
        made = self._documents.new_id()
        now = instant(self._documents.now)
        body = {"return_id": made, "right_id": right.id, "amount": text(amount), "at": now}
        body["pos_id"] = self._documents.node
        self._documents.put(made, "RightReturn", body)
        return body

    def expire(self) -> None:
        """Set free what expired without use and came out of a right."""
        for body in list(self._approvals.expired(self._facts.now)):
            self._set_free(body, "expired")

    def _set_free(self, body: Mapping[str, Any], reason: str) -> Written:
        question, right, made = asked(body), str(body.get("right_id", "")), self._documents.new_id()
        if right:
            self._book.set_free(right, question.amount)
        self._approvals.reverse(body["authorization_id"], made)
        more = {"reason_codes": [reason], "right_id": right, "reverses": body["authorization_id"]}
        return self._documents.put(made, KIND, self._body(question, made, "reversed", **more))

    def _want(self, question: Question, resource: str) -> None:
        party, account = question.party_id, question.account_id
        self._book.want(resource, party, account, question.currency, question.amount)

    def _body(self, question: Question, id_: str, decision: str, **more: Any) -> dict[str, Any]:
        now = instant(self._documents.now)
        fields = {
            **start(question, id_, now),
            "decided_at": now,
            "decision": decision,
            "reason_codes": more.get("reason_codes"),
            **question.sums(),
            "expires_at": more.get("expires_at"),
            "right_id": more.get("right_id"),
            "reverses": more.get("reverses"),
            "pos_id": self._documents.node,
            "operator": question.operator,
            "offline": True,
        }
        return {name: value for name, value in fields.items() if stated(value)}


class Declined(Exception):
    """A need that the till may not approve alone, inside of a transaction that is rolled back for it."""

    def __init__(self, need: Need, reasons: tuple[str, ...]) -> None:
        super().__init__(need.question.operation)
        self.need, self.reasons = need, reasons

    def refusal(self) -> NotAuthorized:
        """What the caller is told."""
        words = ", ".join(self.reasons)
        return NotAuthorized(f"{self.need.question.operation} was declined: {words}", self.reasons)


def _fits(right: Right, question: Question) -> bool:
    if question.points:
        return right.resource == "points" and right.account_id == question.account_id
    return right.resource == "credit" and (right.party_id, right.currency) == (question.party_id, question.currency)
