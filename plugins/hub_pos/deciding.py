"""What is decided before it is done: a till asks itself, and the hub where it may not approve alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hub_pos import overriding, returning, sale
from hub_pos.amounts import decimal, rounded
from hub_pos.authorizing import Facts, Need
from hub_pos.book import Book
from hub_pos.clock import instant, uuid7
from hub_pos.errors import HubAway, HubRefused, SaleRefused
from hub_pos.policy import OPERATIONS, policy_of
from hub_pos.questions import Decision, Question, put_question, same
from hub_pos.rows import Customer, Price, Product, Right
from hub_pos.sale import Number, SaleLine, Tender, Written
from hub_pos.terminal import Terminal
from hub_pos.till import Till

Ask = Callable[[Mapping[str, Any], str], str]
"""Brings a question and the outbox's id to the hub (``PROTOCOL.md``, section 11.4) and its decision back, as text whose
signature was checked: ``HubClient.authorize``. Raises ``HubAway`` and ``HubRefused``."""


@dataclass(frozen=True, slots=True)
class Held:
    """A right, what is left of it, and what of that may be spent now."""

    right: Right
    available: Decimal
    spendable: Decimal


class Deciding(Terminal):
    """A terminal that has its operations decided."""

    def authorize(
        self,
        operation: str,
        customer: Customer | str = "",
        *,
        amount: Number | None = None,
        points: Number | None = None,
        account: str = "",
        about: Mapping[str, str] | None = None,
        line: SaleLine | None = None,
        operator: str = "",
        ask: Ask | None = None,
        id: str = "",
    ) -> Decision:
        """Have an operation decided before it is done: ``credit_sale`` (amount), ``points_redeem`` (points of an
        account), ``price_override`` (the line), ``return_without_receipt`` (amount paid out, about={"receipt": …}
        where there is one). The till decides alone where the policy lets it, and else asks the hub
        (``HubClient.authorize``). The approval is for one sale, which names its id. ``id`` makes it safe to repeat."""
        if operation not in OPERATIONS:
            raise SaleRefused(f"{operation[:40]!r} is none of {', '.join(OPERATIONS)}")
        with self._till() as till:
            policy = policy_of(self._rules(till), operation)
            if operation == "price_override":
                question = self._below(till, line, customer, operator)
            else:
                given = points if operation == "points_redeem" else amount
                question = self._question(operation, self._party(till, customer), given, account, about, operator)
            if policy is None or question is None:
                return Decision("", True)
            with self.outbox.transaction():
                documents = self._documents(till)
                if held := documents.held(id):
                    return same(held, question)
                desk, new = self._desk(till, documents, question.party_id), id or documents.new_id()
                reasons, right = desk.rule(question)
                if not reasons:
                    return desk.approve(question, right, new)
                if ask is None or policy.ask == "never":
                    return desk.decline(question, reasons, new)
            # Not inside a transaction: other processes sell while the hub thinks.
            return self._asked(till, question, reasons, new, ask)

    def _asked(self, till: Till | None, question: Question, reasons: Sequence[str], id_: str, ask: Ask) -> Decision:
        """What the hub decides, or the till without it."""
        decision = self._from_hub(till, question, reasons, id_, ask, [])
        if "held_by_tills" not in decision.reasons:
            return decision
        with self.outbox.transaction():
            documents = self._documents(till)
            back = self._desk(till, documents, question.party_id).empty(question)
            again = documents.new_id()
        # What is in its own hands does not stand in the way of the second question.
        return self._from_hub(till, question, reasons, again, ask, back) if back else decision

    def _from_hub(
        self,
        till: Till | None,
        question: Question,
        reasons: Sequence[str],
        id_: str,
        ask: Ask,
        back: Sequence[Mapping[str, Any]],
    ) -> Decision:
        asked = put_question(question, id_, instant(self._now()), self.node)
        try:
            decision = ask({**asked, "returns": list(back)} if back else asked, self.outbox.id)
        except (HubAway, HubRefused) as problem:
            word = "hub_away" if isinstance(problem, HubAway) else "hub_refused"
            reasons = (*(one for one in reasons if one != "hub_needed"), word)
            with self.outbox.transaction():
                documents = self._documents(till)
                desk = self._desk(till, documents, question.party_id)
                # Under another id: the hub may have decided, and only its answer was lost.
                return desk.decline(question, reasons, documents.new_id())
        with self.outbox.transaction():
            documents = self._documents(till)
            if held := documents.held(id_):
                return same(held, question)
            return self._desk(till, documents, question.party_id).record(question, decision)

    def _party(self, till: Till | None, customer: Customer | str) -> str:
        found = customer if isinstance(customer, Customer) else till.customer(customer) if till else None
        return found.id if found else str(customer)

    def _below(
        self, till: Till | None, line: SaleLine | None, customer: Customer | str, operator: str
    ) -> Question | None:
        """What is to be decided about a line that is not sold yet."""
        if line is None:
            raise SaleRefused("which line is below its list price?")
        buyer = customer if isinstance(customer, Customer) else till.customer(customer) if till else None

        def price_of(product: Product, quantity: Decimal) -> Price | None:
            return till.price(product, buyer, self._now(), quantity) if till else None

        found = self._found(till, line)
        made = sale.sale_line(1, found, self.currency, price_of)
        return self._lower(self._rules(till), found, made, price_of, self._party(till, customer), operator)

    def _question(
        self,
        operation: str,
        party: str,
        given: Number | None,
        account: str,
        about: Mapping[str, str] | None,
        operator: str,
    ) -> Question:
        """What is asked about an amount. Raises ``SaleRefused`` where something is missing."""
        sum_, unit = decimal("" if given is None else given, f"the amount of {operation}"), ""
        if operation != "points_redeem":
            sum_, unit = rounded(sum_, self.currency), self.currency
        elif not account:
            raise SaleRefused("points are those of an account")
        if sum_ <= 0:
            raise SaleRefused("what is decided is about more than nothing")
        return Question(operation, sum_, unit, party, account, dict(about or {}), operator)

    def rights(self) -> list[Held]:
        """What this till may spend by itself, as far as the replica and the outbox's book know."""
        with self._till() as till:
            facts = Facts.of(till, "", self.outbox, self._now())
            book = Book(self.outbox)
            return [Held(one, book.available(one), book.spendable(one, facts.now)) for one in facts.rights]

    def void_authorization(self, id: str) -> Written:
        """Set an approval free that is not used; what it took may be spent again. Again returns the same. Raises
        ``SaleRefused`` for one that was used or not approved here."""
        with self._till() as till, self.outbox.transaction():
            return self._desk(till, self._documents(till), "").set_free(id, "voided")

    def _need(self, question: Question, given: str, names: dict[str, Any]) -> Need:
        """The need of a line or document, which then names its authorization."""
        need = Need(question, given, uuid7(self._now()))
        names["extensions"] = dict(sorted({**(names.get("extensions") or {}), "authorization": need.id}.items()))
        return need

    def _lower(
        self,
        rules: Mapping[str, Any],
        line: SaleLine,
        sold: Mapping[str, Any],
        price_of: sale.PriceOf,
        party: str,
        operator: str,
    ) -> Question | None:
        """What is to be decided about a line below its list price, None for nothing."""
        policy = policy_of(rules, "price_override")
        if policy is None or not isinstance(line.item, Product) or (line.price is None and not line.discount):
            return None
        listed = price_of(line.item, Decimal(sold["quantity"]["value"]))
        question = overriding.override(line.item, sold, listed, self.currency) if listed else None
        if question is None or (question.percent or 0) < policy.record_percent:
            return None
        return replace(question, party_id=party, operator=operator)

    def _on_account(
        self, rules: Mapping[str, Any], tender: Tender, party: str, operator: str, needs: list[Need]
    ) -> Tender:
        """The tender with its authorization, which is put to the ``needs``."""
        if tender.type != "account" or policy_of(rules, "credit_sale") is None:
            return tender
        amount = rounded(decimal(tender.amount, "the tender account"), self.currency)
        if amount <= 0:
            return tender
        question = Question("credit_sale", amount, self.currency, party, operator=operator)
        needs.append(Need(question, tender.authorization_id, uuid7(self._now())))
        return replace(tender, authorization_id=needs[-1].id)

    def _found(self, till: Till | None, line: SaleLine) -> SaleLine:
        """The line with its product, if the replica has one of its code."""
        if isinstance(line.item, Product) or till is None:
            return line
        product = till.product_by_barcode(line.item)
        return line if product is None else returning.with_item(line, product)
