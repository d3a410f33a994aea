"""``hub explain``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import as_json, print_json, table, workspace_option
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.exchange.outline import Summary
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.partners import Partner

_COLOR = {"auto": None, "always": True, "never": False}


@click.command()
@click.argument("what", metavar="FILE|DOCUMENT")
@click.argument("path", default="", metavar="[FIELD]")
@click.option("--field", default="", metavar="FIELD", help="Tell where this canonical field came from.")
@click.option("--fields", is_flag=True, help="Tell where every canonical field came from.")
@click.option("--html", type=click.Path(path_type=Path, allow_dash=True), metavar="PAGE", help="Write one HTML page.")
@click.option("--set", "--message", "position", type=click.IntRange(1), metavar="N", help="Only the N-th message.")
@click.option("--control", default="", metavar="C", help="Only the interchange, group or message with this number.")
@click.option("--color", type=click.Choice(list(_COLOR)), default="auto", help="auto: on a terminal without NO_COLOR.")
@click.option("--partner", "-p", metavar="P", help="Read a file under this partner's agreement.")
@click.option("--mapping", "-m", "mappings", multiple=True, metavar="M", help="A mapping's name, or an overlay file.")
@as_json
@workspace_option
def explain(
    what: str,
    path: str,
    field: str,
    fields: bool,
    html: Path | None,
    position: int | None,
    control: str,
    color: str,
    partner: str | None,
    mappings: tuple[str, ...],
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Show a payload as a named tree, or tell where a field of a document came from.

    FILE alone (- for standard input) is printed as a tree of interchange, groups, messages, loops, segments and
    elements with their names, what codes mean, and what is wrong with them. With --json, one line of JSON for each
    line. Exit status as hub check: 0 all accepted, 1 something rejected, 2 usage or configuration.

    With FIELD (such as lines[0].price.amount, or the beginning of one) or --fields: segment, element and line of the
    mapping that a field came from. DOCUMENT is a document's number (a purchase order number) or id in the repository.
    Exit status 1 where there is no such field.
    """
    from hub.commands.opening import stateless
    from hub.exchange.outline import NoOutline
    from hub.exchange.overlays import Chosen

    wanted = (field or path).removeprefix("$").removeprefix(".")
    is_file = what == "-" or Path(what).is_file()
    if Path(what).is_dir():
        raise ConfigurationError("the file cannot be read: is a directory", file=what)
    asked = bool(field or path or fields)
    if asked and html is not None:
        raise ConfigurationError("--html is a page of the tree, not of fields", hint="Leave FIELD and --fields out.")
    with stateless(workspace, partner) as hub:
        if not is_file and not hub.has_workspace:
            raise ConfigurationError(f"there is no file '{what}'", hint="Documents by number need a workspace.")
        chosen = Chosen(hub.library, mappings) if mappings else None
        known = hub.partners.named(partner) if partner else None
        if asked or not is_file:
            _fields(hub, what, wanted, position, known, chosen, as_json)
            return
        try:
            _tree(hub, what, position, control, known, chosen, as_json, _COLOR[color], html)
        except NoOutline as none:
            if html is not None or what == "-":
                raise
            click.echo(f"note: {none.args[0] if none.args else none}; these are the fields it becomes", err=True)
            _fields(hub, what, "", position, known, chosen, as_json)


def _tree(
    hub: Hub,
    what: str,
    position: int | None,
    control: str,
    partner: Partner | None,
    chosen: Chosen | None,
    as_json: bool,
    color: bool | None,
    html: Path | None,
) -> None:
    from hub.commands.page import write_page
    from hub.commands.tree import TreePrinter
    from hub.exchange.outline import Summary, outlined
    from hub.exchange.reading import opened
    from hub.translation import Status

    name = "stdin" if what == "-" else what
    summary: Summary | None = None
    with opened(Path(what)) as stream:
        items = outlined(hub, stream, name, partner=partner, chosen=chosen, position=position, control=control)
        if html is not None:
            summary = write_page(items, html, Path(name).name)
        else:
            printer = TreePrinter(color)
            for item in items:
                if isinstance(item, Summary):
                    summary = item
                if as_json:
                    click.echo(json.dumps(item.as_dict(), ensure_ascii=False))
                elif isinstance(item, Summary):
                    printer.summary(item)
                else:
                    printer.line(item)
    if summary is None or summary.status is not Status.ACCEPTED:
        raise click.exceptions.Exit(1)


def _fields(
    hub: Hub,
    what: str,
    field: str,
    position: int | None,
    partner: Partner | None,
    chosen: Chosen | None,
    as_json: bool,
) -> None:
    from hub.exchange.explain import explain_document, explain_file

    if what == "-" or Path(what).is_file():
        found = explain_file(hub, Path(what), field, position=position, partner=partner, chosen=chosen)
    else:
        found = explain_document(hub, what, field)
    if as_json:
        print_json([one.as_dict() for one in found])
    elif not found:
        named = f"no field '{field}'" if field else "nothing"
        click.echo(f"The mapping set {named} in {what}; --fields shows all that it set.", err=True)
    if not found:
        raise click.exceptions.Exit(1)
    if as_json:
        return
    table(((one.path, one.value, one.where, one.line) for one in found), ("FIELD", "VALUE", "FROM", "MAPPING"))
