"""The command line of a till: ``python -m hub_pos STORE.sqlite COMMAND``. What asks is here, what writes is in
``register_commands``, what speaks to the hub in ``wire_commands``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hub_pos.ages import spoken
from hub_pos.card_commands import add_card, show_card
from hub_pos.errors import NotAuthorized, ReplicaError
from hub_pos.register import Register
from hub_pos.register_commands import add_commands
from hub_pos.rows import Product
from hub_pos.till import Till
from hub_pos.wire_commands import add_to

Answer = tuple[list[str], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 answered or written, 1 nothing found, a card refused or something declined, 2
    wrong use or no usable replica."""
    options = _parser().parse_args(arguments)
    if "alone" in options:
        return _without_till(options)
    try:
        lines, data, age = _answer(options)
    except (ReplicaError, ValueError) as problem:
        sys.stderr.write(f"hub_pos: {problem}\n")
        return 1 if isinstance(problem, NotAuthorized) else 2
    if options.json:
        sys.stdout.write(json.dumps(data, default=str, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines or ["nothing found"]))
        if age:
            sys.stdout.write(f"(data is {age})\n")
    return options.exit_status if "exit_status" in options else 0 if lines else 1


def _answer(options: argparse.Namespace) -> tuple[list[str], Any, str]:
    """Lines for people, data for programs, and how old it is ("" for what is written, not asked)."""
    if "run_register" in options:
        with Register(options.replica, options.terminal, store=options.store) as register:
            return *options.run_register(register, options), ""
    command: Callable[[Till, argparse.Namespace], Answer] = options.run
    with Till(options.replica) as till:
        return *command(till, options), spoken(till.age())


def _without_till(options: argparse.Namespace) -> int:
    """A command that needs no replica yet."""
    try:
        lines, data = options.alone(options)
    except (ReplicaError, ImportError) as problem:
        hint = "" if isinstance(problem, ReplicaError) else ": pip install 'erp-edi-hub-pos[wire]'"
        sys.stderr.write(f"hub_pos: {problem}{hint}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    sys.stdout.write(json.dumps(data) + "\n" if options.json else "".join(f"{line}\n" for line in lines))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hub_pos", description="Ask a store's replica and write sales, as a till does."
    )
    parser.add_argument("replica", help="the store's SQLite file")
    parser.add_argument("--json", action="store_true", help="for programs")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Till, argparse.Namespace], Answer], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    command("find", _find, "customers by card, number, phone or words of the name").add_argument("text", nargs="+")
    command("product", _product, "a product by barcode, number or words").add_argument("code", nargs="+")
    price = command("price", _price, "the price of a product that holds now")
    price.add_argument("code", help="barcode or number")
    price.add_argument("--customer", default="", help="customer's card, number or name")
    price.add_argument("--qty", default="1", help="quantity, for tiers")
    price.add_argument("--at", default="", help="moment, ISO 8601 with offset (default: now)")
    command("stock", _stock, "stock of a product").add_argument("code", help="barcode or number")
    command("orders", _orders, "orders in the store's scope").add_argument("--status", help="only those")
    command("profile", _profile, "what a customer allowed, and the points").add_argument("text", nargs="+")
    add_card(command("card", show_card, "check a customer's card off line"))
    command("status", _status, "position, age, number of rows, outbox")
    add_commands(commands)
    add_to(lambda name, text: commands.add_parser(name, help=text, description=text))
    return parser


def _find(till: Till, options: argparse.Namespace) -> Answer:
    found = till.find_customer(" ".join(options.text))
    return [
        f"{item.number or item.id}  {item.name}  {item.city}" + ("  ON HOLD" if item.on_hold else "") for item in found
    ], [asdict(item) for item in found]


def _products(till: Till, code: str) -> list[Product]:
    product = till.product_by_barcode(code)
    return [product] if product else till.find_product(code)


def _product(till: Till, options: argparse.Namespace) -> Answer:
    found = _products(till, " ".join(options.code))
    return [
        f"{item.number or item.id}  {item.name}  {', '.join(barcode.gtin for barcode in item.barcodes)}"
        for item in found
    ], [asdict(item) for item in found]


def _price(till: Till, options: argparse.Namespace) -> Answer:
    try:
        quantity = Decimal(options.qty)
        moment = datetime.fromisoformat(options.at) if options.at else datetime.now(UTC)
    except (InvalidOperation, ValueError) as problem:
        raise ValueError(f"--qty is a number, --at a moment such as 2026-01-31T09:00+01:00: {problem}") from None
    products = _products(till, options.code)
    if not products:
        return [], None
    customers = till.find_customer(options.customer, 1) if options.customer else []
    if options.customer and not customers:
        raise ValueError(f"no customer '{options.customer}' in this store's scope")
    price = till.price(products[0], customers[0] if customers else None, moment, quantity)
    if price is None:
        return [], None
    per = f" per {price.per} {price.unit}".rstrip()
    return [f"{products[0].name}: {price.amount} {price.currency}{per} ({price.reason})"], asdict(price)


def _stock(till: Till, options: argparse.Namespace) -> Answer:
    found = [stock for product in _products(till, options.code)[:1] for stock in till.stock(product)]
    return [
        f"{item.location}: on hand {_shown(item.on_hand)}, available {_shown(item.available)} {item.unit}"
        f" as of {item.as_of}"
        for item in found
    ], [asdict(item) for item in found]


def _orders(till: Till, options: argparse.Namespace) -> Answer:
    found = till.orders(options.status)
    return [
        f"{item.number}  {item.issued_at}  {item.status}  {item.customer}  {len(item.lines)} lines"
        + (f"  {item.total} {item.currency}" if item.total is not None else "")
        for item in found
    ], [asdict(item) for item in found]


def _profile(till: Till, options: argparse.Namespace) -> Answer:
    """Exit status 1 where it is nobody, or not clear who."""
    found = till.find_customer(" ".join(options.text), 2)
    if len(found) != 1:
        return [], None
    said, accounts = till.consents(found[0]), till.accounts(found[0])
    lines = [f"{found[0].number or found[0].id}  {found[0].name}"]
    lines += [
        f"{one.purpose}: {one.state} since {one.given_at}"
        + (f", by {', '.join(one.channels)}" if one.channels else "")
        + (f", until {one.expires_at}" if one.expires_at else "")
        for one in said
    ]
    lines += [f"account {account}: {_shown(points)} points" for account, points in accounts.items()]
    return lines, {"customer": found[0].id, "consents": [asdict(one) for one in said], "accounts": accounts}


def _status(till: Till, options: argparse.Namespace) -> Answer:
    status = till.status()
    rows = ", ".join(f"{count} {table}" for table, count in status.rows.items())
    return [
        f"store {status.store or '(not loaded yet)'} at {status.seq} of epoch {status.epoch or '-'}",
        f"rows: {rows}",
        f"buckets: {', '.join(status.buckets) or '-'}",
        f"outbox: {status.waiting} waiting",
    ], asdict(status)


def _shown(quantity: Decimal | None) -> str:
    return "?" if quantity is None else format(quantity, "f")


if __name__ == "__main__":
    sys.exit(main())
