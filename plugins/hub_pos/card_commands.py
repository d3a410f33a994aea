"""``hub-pos STORE.sqlite card TEXT``: a customer's card, checked with what the replica knows."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from hub_pos.ages import spoken
from hub_pos.card import SKEW
from hub_pos.card_writing import rewrite
from hub_pos.till import Till

Answer = tuple[list[str], Any]


def add_card(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of the command."""
    parser.add_argument("text", help="what the scanner read: HUBC1:…")
    parser.add_argument("--spend", type=int, metavar="N", help="also the text of the card with so many rights less")


def show_card(till: Till, options: argparse.Namespace) -> Answer:
    """Whether the card holds, whose it is, and how old is what the till knows of revoked cards. Exit status 1 where it
    does not."""
    now = datetime.now(UTC)
    reading = till.read_card(options.text, now)
    options.exit_status = 0 if reading.holds else 1
    age = _age(reading.list_of, now) if reading.list_of else None
    lines = ["the card holds" if reading.holds else f"REFUSED ({reading.refused}): {reading.why}"]
    name = ""
    if reading.number:
        found = till.find_customer(reading.customer, 1)
        name = found[0].name if found else ""
        lines.append(
            f"card {reading.number} of {name or reading.customer}, tier {reading.tier}, rights {reading.rights}"
        )
    known = spoken(age) if reading.list_of else "none came yet: nobody knows whether it was revoked"
    lines.append(f"list of revoked cards: {known}")
    written = ""
    if options.spend is not None and reading.holds:
        # For trying: a sale (sell --spend) says so in its document and is remembered.
        written = rewrite(reading, till.writing_key(), spend=options.spend, now=now)
        lines.append(f"with {options.spend} less: {written}")
    seconds = None if age is None else int(age.total_seconds())
    told = {"holds": reading.holds, "name": name, "list_age_seconds": seconds, "written": written}
    return lines, {**asdict(reading), **told}


def _age(issued: datetime, now: datetime) -> timedelta:
    # The hub's clock may be a little ahead of this machine's.
    return max(now - issued, timedelta(0)) if now - issued > -SKEW else now - issued
