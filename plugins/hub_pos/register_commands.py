"""What a person writes by hand at a till: ``hub-pos STORE.sqlite sell|return|customer|count|outbox``, and what is
decided there (``authorization_commands``)."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub_pos.authorization_commands import add_authorization
from hub_pos.errors import SaleRefused
from hub_pos.folder import exchange
from hub_pos.register import Register
from hub_pos.returning import ReturnLine
from hub_pos.sale import SaleLine, Tender, Written
from hub_pos.till import Till
from hub_pos.upload import Uploader, UploadReport

Answer = tuple[list[str], Any]
Command = Callable[[Register, argparse.Namespace], Answer]

_LINE = re.compile(
    r"(?P<item>.+?)(?:\*(?P<quantity>[0-9.]+))?(?:@(?P<price>[0-9.]+))?(?:%(?P<tax_percent>[0-9.]+))?", re.DOTALL
)


def add_commands(commands: Any) -> None:
    """Add the commands to the parser of ``python -m hub_pos``."""

    def command(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run_register=run)
        made.add_argument("--terminal", default="1", help="this till's number in the store (default: 1)")
        made.add_argument("--store", default="", help="the store, where no replica has said it yet")
        return made

    add_authorization(command, _lines)
    sell = command("sell", _sell, "write a sale: CODE[*QUANTITY][@PRICE][%%TAX] ...")
    sell.add_argument("lines", nargs="+", metavar="LINE", help="such as 4006381333931*2, or SKU1*3@1.50%%19")
    sell.add_argument(
        "--tender",
        action="append",
        required=True,
        metavar="TYPE=AMOUNT",
        help="cash=10, card=2.50 …; account=10:ID names its authorization",
    )
    sell.add_argument("--customer", default="", help="the customer's id, number or card")
    sell.add_argument("--card", default="", metavar="TEXT", help="the customer's card as it was scanned: HUBC1:…")
    sell.add_argument("--spend", type=int, default=0, metavar="N", help="so many rights of the card: write it anew")
    sell.add_argument("--operator", default="", help="who is at the till")
    back = command("return", _return, "write a return: RECEIPT LINE[*QUANTITY] ...")
    back.add_argument("receipt", help="the number of the sale, such as S001-1-17; - for none")
    back.add_argument("lines", nargs="+", metavar="LINE", help="the sale's line, such as 1 or 2*3; after -: as in sell")
    back.add_argument("--reason", default="", help="why")
    back.add_argument("--tender", action="append", default=[], metavar="TYPE=AMOUNT", help="default: as it was paid")
    back.add_argument("--authorization", default="", metavar="ID", help="from: authorize return_without_receipt")
    customer = command("customer", _customer, "write a new customer, or what changed of one: FIELD=VALUE ...")
    customer.add_argument("fields", nargs="+", metavar="FIELD=VALUE", help="name=…, email=…, city=…, card_no=…")
    customer.add_argument("--change", default="", metavar="CUSTOMER", help="the customer's id, number, card or name")
    count = command("count", _count, "write what was counted on the shelf")
    count.add_argument("code", help="barcode or number")
    count.add_argument("counted", help="how many there are")
    count.add_argument("--location", default="", help="default: the store's first location")
    count.add_argument("--expected", help="how many there should be (default: by the replica and this store's sales)")
    outbox = command("outbox", _outbox, "what was written; --waiting: not acknowledged by the hub yet")
    outbox.add_argument("--waiting", action="store_true", help="only what waits")
    outbox.add_argument("--send", action="store_true", help="send what waits to the hub now")
    outbox.add_argument("--folder", type=Path, metavar="DIR", help="write uploads into DIR and read the hub's answers")


def _sell(register: Register, options: argparse.Namespace) -> Answer:
    lines = _lines(options.lines)
    tenders = _tenders(options.tender)
    shown = {"operator": options.operator, "card": options.card, "spend": options.spend}
    written = register.sell(lines, tenders, options.customer, **shown)
    return _shown(written)


def _lines(given: list[str]) -> list[SaleLine]:
    lines = []
    for text in given:
        found = _LINE.fullmatch(text)
        if found is None:
            raise SaleRefused(f"{text!r} is no line: CODE[*QUANTITY][@PRICE][%TAX]")
        part = found.groupdict()
        lines.append(SaleLine(part["item"], part["quantity"] or 1, part["price"], tax_percent=part["tax_percent"]))
    return lines


def _return(register: Register, options: argparse.Namespace) -> Answer:
    if options.receipt == "-":
        goods = _lines(options.lines)
        lines = [ReturnLine("", one.quantity, one.item, one.price, one.tax_percent) for one in goods]
    else:
        parts = [text.partition("*") for text in options.lines]
        lines = [ReturnLine(line, quantity or 1) for line, _, quantity in parts]
    receipt, tenders = options.receipt.removeprefix("-"), _tenders(options.tender)
    named = {"authorization_id": options.authorization}
    return _shown(register.take_back(receipt, lines, options.reason, tenders, **named))


def _customer(register: Register, options: argparse.Namespace) -> Answer:
    fields = {}
    for text in options.fields:
        name, equals, value = text.partition("=")
        if not equals:
            raise SaleRefused(f"{text!r} is no field: NAME=VALUE")
        fields[name] = value
    if not options.change:
        kind = fields.pop("kind", "person")
        new = register.register_customer(kind=kind, **fields)
        return [f"{new.id}  {new.name}"], asdict(new)
    with Till(register.path) as till:
        found = till.find_customer(options.change, 2)
    if len(found) != 1:
        raise SaleRefused(f"{options.change!r} is {'no' if not found else 'more than one'} customer here")
    given: dict[str, str | bool] = dict(fields)
    for name in ("on_hold", "tax_exempt"):
        if name in given:
            given[name] = given[name] in ("true", "yes", "1")
    return _shown(register.change_customer(found[0], id="", **given))


def _count(register: Register, options: argparse.Namespace) -> Answer:
    with Till(register.path) as till:
        product = till.product_by_barcode(options.code)
    if product is None:
        raise SaleRefused(f"the replica has no product {options.code!r}")
    return _shown(register.count_stock(product, options.counted, location=options.location, expected=options.expected))


def _outbox(register: Register, options: argparse.Namespace) -> Answer:
    if options.send:
        return _reported(_sent(register))
    if options.folder is not None:
        if not options.folder.is_dir():
            raise SaleRefused(f"{options.folder} is no folder")
        return _reported(exchange(register.outbox, options.folder))
    entries = list(register.outbox.entries(waiting=options.waiting))
    lines = [
        f"{one.seq}  {one.created_at}  {one.kind}  {one.number or one.id}  {one.status or 'waiting'}"
        + "".join(f"\n    {finding}" for finding in json.loads(one.findings))
        for one in entries
    ]
    return lines or ["nothing waits" if options.waiting else "nothing was written"], [asdict(one) for one in entries]


def _sent(register: Register) -> UploadReport:
    try:
        from hub_pos.client import HubClient
    except ImportError as problem:
        raise SaleRefused(f"{problem}: pip install 'erp-edi-hub-pos[wire]'") from problem
    with HubClient(register.path) as client:
        return Uploader(register.outbox, client.send).upload(force=True)


def _reported(report: UploadReport) -> Answer:
    done = f"{report.acknowledged} acknowledged, {report.quarantined} of them quarantined, {report.waiting} waiting"
    return [done, *report.errors], asdict(report)


def _tenders(given: list[str]) -> list[Tender]:
    out = []
    for text in given:
        kind, equals, amount = text.partition("=")
        if not equals or not kind:
            raise SaleRefused(f"{text!r} is no tender: TYPE=AMOUNT, such as cash=10")
        amount, _, authorization = amount.partition(":")
        out.append(Tender(kind, amount, authorization_id=authorization))
    return out


def _shown(written: Written) -> Answer:
    if written.kind != "PosTransaction":
        return [f"{written.kind} {written.id}"], asdict(written)
    change = f", change {written.change:f}" if written.change else ""
    total = written.body["total"]
    lines = [f"{written.number}  {total['amount']} {total.get('currency', '')}{change}"]
    if written.card:
        lines.append(f"write onto the card: {written.card}")
    return lines, asdict(written) | {"card": written.card}
