"""What a till may do without asking, and what was decided: ``hub-pos STORE.sqlite authorize|void|rights|redeem``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from hub_pos.errors import SaleRefused
from hub_pos.policy import OPERATIONS
from hub_pos.questions import Decision
from hub_pos.register import Register
from hub_pos.sale import SaleLine

Answer = tuple[list[str], Any]
Command = Callable[[Register, argparse.Namespace], Answer]
Add = Callable[[str, Command, str], argparse.ArgumentParser]
Lines = Callable[[list[str]], list[SaleLine]]


def add_authorization(command: Add, read_lines: Lines) -> None:
    """Add the commands: ``command`` makes one from its name, what it runs and its help."""
    authorize = command("authorize", _authorize(read_lines), "have an operation decided before it is done")
    authorize.add_argument("operation", choices=OPERATIONS)
    authorize.add_argument("--customer", default="", help="the customer's id, number or card")
    authorize.add_argument("--amount", help="how much money it is about")
    authorize.add_argument("--points", help="how many points; --account says whose")
    authorize.add_argument("--account", default="", help="the loyalty account")
    authorize.add_argument("--line", default="", help="price_override: CODE[*QUANTITY]@PRICE")
    authorize.add_argument("--receipt", default="", help="return_without_receipt: what there is of a receipt")
    authorize.add_argument("--operator", default="", help="who is at the till")
    authorize.add_argument("--ask", action="store_true", help="ask the hub where the till may not approve alone")
    void = command("void", _void, "set an approval free that is not used")
    void.add_argument("authorization", help="its id")
    command("rights", _rights, "what this till may spend of customers' credit and points without asking")
    redeem = command("redeem", _redeem, "write that points were redeemed")
    redeem.add_argument("account", help="the loyalty account")
    redeem.add_argument("points", help="how many")
    redeem.add_argument("--receipt", default="", help="for which receipt")
    redeem.add_argument("--customer", default="", help="the customer's id")
    redeem.add_argument("--authorization", default="", metavar="ID", help="from: authorize points_redeem")


def _authorize(read_lines: Lines) -> Command:
    def run(register: Register, options: argparse.Namespace) -> Answer:
        with _client(register) if options.ask else nullcontext() as client:
            decision = register.authorize(
                options.operation,
                options.customer,
                amount=options.amount,
                points=options.points,
                account=options.account,
                about={"receipt": options.receipt} if options.receipt else None,
                line=read_lines([options.line])[0] if options.line else None,
                operator=options.operator,
                ask=client.authorize if client else None,
            )
        options.exit_status = 0 if decision.approved else 1
        return [_spoken(decision)], asdict(decision)

    return run


def _spoken(decision: Decision) -> str:
    if not decision.id:
        return "no decision is needed"
    who = "by this till" if decision.offline else "by the hub"
    until = f" until {decision.expires_at}" if decision.approved and decision.expires_at else ""
    why = f": {', '.join(decision.reasons)}" if decision.reasons else ""
    return f"{decision.word} {who}{until}{why}  {decision.id}"


def _void(register: Register, options: argparse.Namespace) -> Answer:
    written = register.void_authorization(options.authorization)
    return [f"{options.authorization} is set free"], asdict(written)


def _rights(register: Register, _options: argparse.Namespace) -> Answer:
    held = register.rights()
    lines = [
        f"{one.right.resource}  {one.right.party_id or one.right.account_id}  {one.spendable:f}"
        f" {one.right.currency}".rstrip()
        + f"  until {one.right.expires_at}"
        for one in held
    ]
    return lines or ["no rights: credit and points need the hub"], [asdict(one) for one in held]


def _redeem(register: Register, options: argparse.Namespace) -> Answer:
    written = register.redeem_points(
        options.account, options.points, options.receipt, options.customer, authorization_id=options.authorization
    )
    return [f"{written.kind} {written.id}"], asdict(written)


def _client(register: Register) -> Any:
    try:
        from hub_pos.client import HubClient
    except ImportError as problem:
        raise SaleRefused(f"{problem}: pip install 'erp-edi-hub-pos[wire]'") from problem
    return HubClient(register.path)
