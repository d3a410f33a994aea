"""Decisions on line: a question of a till is answered once, and what is approved is reserved in the same transaction.

The answer is an Authorization, stored as a document. The same question again gets the same answer; another question
under the same id is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hub.authorizations.booking import take_back
from hub.authorizations.demand import note_demand
from hub.authorizations.lapsing import lapse
from hub.authorizations.merging import follow_merges
from hub.authorizations.policies import Policies, Rule
from hub.authorizations.pools import Pool, closed, plain, pool_at, pool_name
from hub.authorizations.questions import asked, is_uuid, read_question, refused
from hub.authorizations.sharing import share_out
from hub.model import Authorization, Money
from hub.repository.parties import party_named
from hub.repository.rights import APPROVED, ZERO, ApprovalRecord, PoolRecord
from hub.repository.types import scaled

if TYPE_CHECKING:
    from hub.repository import Repository, Transaction

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: a node of a store, and in which mode that store works; ``outbox`` is the id of the node's outbox, ''
    where it did not say: then the newest that the hub has heard of."""

    node: str
    store: str
    mode: str = "distributed"
    outbox: str = ""


@dataclass(slots=True)
class _Answer:
    decision: str = "approved"
    reasons: list[str] = field(default_factory=list)
    limit: Money | None = None

    def no(self, reason: str, decision: str = "declined") -> None:
        self.reasons.append(reason)
        if self.decision != "declined":  # what is declined for one reason is not referred for another
            self.decision = decision


def decide(repo: Repository, asking: Asking, data: Any, now: datetime, policies: Policies) -> str:
    """The answer to a question, as the canonical JSON of the Authorization that is stored.

    Raises ``DocumentRejected`` for what is no question (``authorization.shape``), for another one under a known id
    (``authorization.reused``), and where the hub decides nothing (``authorization.disabled``)."""
    if not policies.enabled:
        raise refused("disabled", "this hub decides nothing: authorizations.toml switches it off")
    question, returns = read_question(asking.node, data)
    if returns:  # in a transaction of its own: it is given back whatever becomes of the question
        repo.retrying(lambda tx: take_back(tx, asking.node, returns))
    return repo.retrying(lambda tx: _Deciding(tx, asking, question, now, policies).answer())


class _Deciding:
    """One question in one transaction."""

    def __init__(
        self, tx: Transaction, asking: Asking, question: Authorization, now: datetime, policies: Policies
    ) -> None:
        self.tx, self.asking, self.question, self.now, self.policies = tx, asking, question, now, policies
        self.rule = policies.rule(question.operation) or Rule()
        self.party = party_named(tx, question.party_id, [asking.store])
        self.amount = question.amount.amount if question.amount else ZERO
        self.wanted = scaled(str(question.points if question.points is not None else self.amount))

    def answer(self) -> str:
        # Locked before anything is looked up, so that the same question twice at once is answered once.
        held = self._lock()
        known = self.tx.find("Authorization", number=self.question.authorization_id)
        if known is not None:
            if asked(Authorization.read_json(known.json)) != asked(self.question):
                raise refused("reused", "another question was asked under this authorization_id")
            return known.json
        answer = _Answer()
        if held is not None:
            self._from_pool(answer, held)
        elif (self.rule.resource or self.question.party_id) and (why := closed(self.party)):
            answer.no(why)
        self._within_limits(answer)
        return self._written(answer, held)

    def _lock(self) -> PoolRecord | None:
        """The pool that the operation takes from; None for one that takes from none, and for an unknown customer's."""
        question = self.question
        if not self.rule.resource or (self.rule.resource == "credit" and self.party is None):
            return None
        name = pool_name(self.rule.resource, self.party, question.account_id, _currency(question))
        held = self.tx.lock_pools({name: self.party.id if self.party else ""})[name]
        follow_merges(self.tx, held, {question.party_id})
        return held

    def _from_pool(self, answer: _Answer, held: PoolRecord) -> None:
        lapse(self.tx, held.id, self.now)
        pool = pool_at(self.tx, held, self.policies, self.party)
        if pool.name.resource == "credit":
            answer.limit = Money(amount=plain(max(ZERO, pool.free)), currency=pool.name.currency)
        if self.wanted is None:
            answer.no("amount")
        elif pool.closed:
            answer.no(pool.closed)
        elif self.wanted > pool.free:
            self._short(answer, pool)
        self._needed(held)

    def _needed(self, held: PoolRecord) -> None:
        """Note that the till's outbox needed it: of a till that asks every time no right would be used."""
        asking = self.asking
        if not self.wanted or self.rule.asks(asking.mode) == "always":
            return
        if is_uuid(asking.outbox) and self.tx.save_outbox(asking.outbox, asking.node, asking.store):
            outbox = asking.outbox
        else:
            outbox = self.tx.newest_outboxes([asking.node]).get(asking.node, "")
        if outbox:
            note_demand(self.tx, held.id, outbox, self.wanted, self.policies, self.now)

    def _short(self, answer: _Answer, pool: Pool) -> None:
        """There is not enough. Where tills hold what is missing, it is called back at once: those that are on line give
        it back with their next contact, and a second question finds it."""
        assert self.wanted is not None
        if self.wanted <= pool.capacity - pool.approved:
            answer.no("held_by_tills")
            share_out(self.tx, pool, self.policies, self.now, needed=self.wanted)
        else:
            answer.no("not_enough_points" if pool.name.resource == "points" else "over_limit")

    def _within_limits(self, answer: _Answer) -> None:
        limits, rule = self.rule.online, self.rule
        if limits.amount is not None and self.amount > limits.amount:
            answer.no("amount", rule.beyond)
        if limits.percent is not None and _percent(self.question) > limits.percent:
            answer.no("percent", rule.beyond)
        if limits.per_day is not None:
            since = self.now - _DAY
            if self.tx.approved_since(self.asking.node, self.question.operation, since) >= limits.per_day:
                answer.no("per_day", rule.beyond)

    def _written(self, answer: _Answer, held: PoolRecord | None) -> str:
        approved = answer.decision == "approved"
        expires = self.now.replace(microsecond=0) + self.rule.expires if approved else None
        decided = self.question.model_copy(
            update={
                "decision": answer.decision,
                "reason_codes": tuple(answer.reasons),
                "limit": self.question.amount if approved else answer.limit,
                "decided_at": self.now,
                "expires_at": expires,
                "offline": False,
            }
        )
        self.tx.put(decided, origin=self.asking.node)
        if approved:
            self.tx.save_approval(
                ApprovalRecord(
                    decided.authorization_id, held.id if held else "", decided.operation, self.asking.node, "",
                    self.wanted or ZERO, APPROVED, self.now, expires,
                )
            )  # fmt: skip
        if held is not None:
            self.tx.touch_pools([held.id])
        return decided.to_json()


def _currency(question: Authorization) -> str:
    return question.amount.currency if question.amount else ""


def _percent(question: Authorization) -> Decimal:
    """By how much a price was lowered: as computed from the prices if they are stated, else as stated. What says
    neither is everything."""
    extensions = question.extensions
    listed, price = (scaled(str(extensions.get(name, ""))) for name in ("list_price", "price"))
    if listed and price is not None:
        return (listed - price) * 100 / listed
    stated = scaled(str(extensions.get("percent", "")))
    return Decimal(100) if stated is None else stated
