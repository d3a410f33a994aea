"""``hub card``: signed customer cards."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.commands.card_keys import keys, keys_of, known_store, revocations
from hub.commands.printing import as_json, print_json, table, workspace_option
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.cards.issuing import Issued
    from hub.cards.records import Card
    from hub.repository import DocumentRecord, Transaction


@click.group()
def card() -> None:
    """Issue, check and revoke signed customer cards, which tills believe off line."""


card.add_command(revocations)
card.add_command(keys)


@card.command()
@click.argument("customer")
@click.option("--store", "-s", default="", metavar="S", help="Sign with this store's key, not with the hub's.")
@click.option("--expires", default=30, show_default=True, type=click.IntRange(1, 3660), metavar="DAYS", help="Lasts.")
@click.option("--tier", default=0, show_default=True, type=click.IntRange(0, 23), help="Customer's tier.")
@click.option(
    "--rights", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1), help="May be spent off line."
)
@click.option("--number", type=click.IntRange(1), metavar="N", help="Write this card of the customer anew.")
@click.option("--qr", metavar="FILE", help="Also a QR code: FILE.svg, FILE.png, or - for the terminal.")
@as_json
@workspace_option
def issue(
    customer: str,
    store: str,
    expires: int,
    tier: int,
    rights: int,
    number: int | None,
    qr: str | None,
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Issue a card to a customer and print its text.

    CUSTOMER is the id of its document, SCHEME:VALUE (gln:4012345000009), or its number."""
    from hub.cards.issuing import Wanted
    from hub.cards.issuing import issue as issue_card
    from hub.cards.picture import check_type, show_picture, write_picture
    from hub.exchange.session import Hub

    if qr and qr != "-":
        check_type(Path(qr))
    with Hub.open(workspace) as hub:
        known_store(hub, store)
        keys = keys_of(hub)

        def work(tx: Transaction) -> tuple[DocumentRecord, Issued]:
            found = named_customer(tx, customer)
            if "customers" not in found.scopes:
                raise ConfigurationError(f"'{customer}' is no customer in use: no store sees it")
            return found, issue_card(tx, keys, Wanted(found.id, store, tier, rights, expires, number))

        found, made = hub.repository.retrying(work)
    if as_json:
        print_json({**_data(made.card), "store": store, "key": made.key_id, "text": made.text})
    else:
        signer = f"store {store}" if store else "the hub"
        click.echo(f"card {made.card.number} of customer {found.number or found.id}, signed by {signer}")
        click.echo(f"until {made.card.expires:%Y-%m-%d %H:%M} UTC, {len(made.signed)} bytes")
        click.echo(made.text)
    if qr == "-":
        show_picture(made.text, sys.stdout)
    elif qr:
        write_picture(made.text, Path(qr))


@card.command()
@click.argument("text", metavar="TEXT|FILE")
@click.option("--at", default="", metavar="TIME", help="At this time (ISO 8601), not now.")
@click.option("--seen", "shown", is_flag=True, help="Note that it was shown: from now on an older image is suspicious.")
@as_json
@workspace_option
def verify(text: str, at: str, shown: bool, as_json: bool, workspace: Path | None) -> None:
    """Check a card: its text, or a file with its text or its bytes. Exit status 1 where it does not hold.

    Also says what the hub finds suspicious: a card that it does not know, or one that is older than it should be."""
    from hub.cards.images import SUSPICIONS, Image, seen, suspicion
    from hub.cards.issuing import RevokedByNow
    from hub.cards.publishing import trust_for
    from hub.cards.records import bytes_of
    from hub.cards.verify import verify as verify_card
    from hub.exchange.session import Hub

    now, given = _moment(at), _given(text)
    with Hub.open(workspace) as hub, hub.repository.begin() if shown else hub.repository.read() as tx:
        verdict = verify_card(given, trust_for(tx, given), RevokedByNow(tx), now)
        read = verdict.card
        suspicious = ""
        if read is not None:
            # Only a card that holds: nobody shall make true cards look old by a high seq under a bad key.
            noted = shown and not verdict.refused
            image = Image(read, bytes_of(given) if isinstance(given, str) else given, not verdict.store)
            suspicious = (seen if noted else suspicion)(tx, image, now)
    if as_json:
        told = {"holds": not verdict.refused, "refused": verdict.refused, "why": verdict.why}
        print_json({**told, "suspicion": suspicious, "store": verdict.store, "card": _data(read) if read else None})
    else:
        if read is not None:
            table([[*_data(read).values()]], [name.upper() for name in _data(read)])
        state = "holds" if not verdict.refused else f"refused ({verdict.refused}): {verdict.why}"
        click.echo(click.style(state, fg="green" if not verdict.refused else "red"))
        if suspicious:
            click.echo(click.style(f"suspicious ({suspicious}): {SUSPICIONS[suspicious]}", fg="yellow"))
    if verdict.refused:
        raise click.exceptions.Exit(1)


@card.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="[NUMBER]...")
@click.option("--customer", default="", metavar="C", help="All cards of this customer, named as in hub card issue.")
@as_json
@workspace_option
def revoke(numbers: tuple[int, ...], customer: str, as_json: bool, workspace: Path | None) -> None:
    """Revoke cards by number: tills refuse them from their next pull on."""
    from hub.cards.issuing import revoke as revoke_cards
    from hub.exchange.session import Hub
    from hub.repository import NotFound

    if not numbers and not customer:
        raise click.UsageError("name cards, or --customer C")
    with Hub.open(workspace) as hub:
        keys = keys_of(hub)

        def work(tx: Transaction) -> dict[int, bool]:
            owned = tx.cards(_holder(tx, customer), limit=100_000) if customer else []
            return revoke_cards(tx, keys, [*numbers, *(one.number for one in owned if one.revoked_at is None)])

        try:
            done = hub.repository.retrying(work)
        except NotFound as problem:
            raise ConfigurationError(f"{problem}; nothing was revoked") from None
    if as_json:
        print_json([{"number": number, "revoked_now": new} for number, new in done.items()])
    elif not done:
        click.echo("This customer has no card that is not revoked.")
    for number, new in done.items() if not as_json else ():
        click.echo(f"card {number} is revoked" if new else f"card {number} was revoked already")


@card.command("list")
@click.option("--customer", default="", help="Only of this customer, named as in hub card issue.")
@click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@as_json
@workspace_option
def list_(customer: str, limit: int, as_json: bool, workspace: Path | None) -> None:
    """List cards, newest first."""
    from dataclasses import asdict

    from hub.exchange.session import Hub

    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        records = tx.cards(_holder(tx, customer) if customer else "", limit=limit)
    if as_json:
        print_json([asdict(one) for one in records])
        return
    if not records:
        click.echo("No cards.")
    rows = [
        (
            one.number, one.customer_id, one.store, one.tier, one.rights, one.seq, f"{one.expires_at:%Y-%m-%d %H:%M}",
            f"{one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else "",
        )
        for one in records
    ]  # fmt: skip
    table(rows, ("NUMBER", "CUSTOMER", "STORE", "TIER", "RIGHTS", "SEQ", "EXPIRES (UTC)", "REVOKED (UTC)"))


def _holder(tx: Transaction, name: str) -> str:
    # The id of a customer who is in use no more still names his cards.
    return name if tx.cards(name, limit=1) else named_customer(tx, name).id


def named_customer(tx: Transaction, name: str) -> DocumentRecord:
    """The customer with this id of a document, SCHEME:VALUE or number. Raises ``ConfigurationError``."""
    scheme, colon, value = name.partition(":")
    found = [one] if (one := tx.get("Party", name)) is not None and not one.deleted else []
    if not found:
        found = tx.find_all("Party", scheme=scheme, value=value) if colon else tx.find_all("Party", number=name)
    if len(found) != 1:
        many = f"{len(found)} customers are called" if found else "there is no customer"
        raise ConfigurationError(f"{many} '{name}'", hint="Name the id of its document, or SCHEME:VALUE.")
    return found[0]


def _given(text: str) -> str | bytes:
    from hub.cards.records import PREFIX

    if text.startswith(PREFIX):
        return text
    file = Path(text)
    try:
        data = file.read_bytes() if file.is_file() else text.encode()
    except OSError as problem:
        raise ConfigurationError(f"the card cannot be read: {problem.strerror}", file=file) from None
    try:
        return data if data[:1] == b"\xd2" else data.decode("ascii")
    except UnicodeDecodeError:
        return data


def _moment(at: str) -> datetime:
    if not at:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise click.UsageError(f"--at is a time such as 2026-01-31T09:00+01:00, not {at!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _data(card: Card) -> dict[str, Any]:
    times = {"issued": card.issued.isoformat(), "expires": card.expires.isoformat()}
    counts = {"tier": card.tier, "rights": card.rights, "seq": card.seq}
    return {"number": card.number, "customer": card.customer, **counts, **times}
