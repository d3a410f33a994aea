"""``hub mapping list|check|show|coverage|guide``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import as_json, print_finding, print_json, table, workspace_option

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.partners import Agreement

_partner = click.option("--partner", "-p", default=None, metavar="P", help="With this partner's overlay.")


@click.group()
def mapping() -> None:
    """List, check and print mapping files."""


def _hub(workspace: Path | None, partner: str | None = None) -> Hub:
    from hub.commands.opening import stateless

    return stateless(workspace, partner)


def _named(hub: Hub, name: str, partner: str | None) -> tuple[str, Path | None]:
    """A mapping and the overlay on it: of a partner's agreement, or the file that was named."""
    from hub.exchange.overlays import extended
    from hub.partners import message_of

    if name.endswith((".yaml", ".yml")) and name not in hub.library.names():
        return extended(Path(name)), Path(name)
    if partner is None:
        hub.library.path(name)
        return name, None
    agreed = hub.partners.named(partner)
    for _, entry in [*agreed.agreements("in"), *agreed.agreements("out")]:
        if not entry.overlay:
            plain = _agreed(hub, entry, name)
            if plain:
                return plain, None
            continue
        overlay = hub.workspace.mappings / entry.overlay
        base = entry.mapping or extended(overlay)
        if name in (base, entry.message, message_of(base)):
            return base, overlay
    hub.library.path(name)
    return name, None


def _agreed(hub: Hub, entry: Agreement, name: str) -> str:
    """The mapping of an agreement without an overlay, where ``name`` is its message; else empty."""
    from hub.partners import message_of

    if entry.mapping:
        return entry.mapping if name == message_of(entry.mapping) else ""
    if name != entry.message or not entry.version:
        return ""
    found = hub.library.find(entry.standard, name, entry.version)
    return found.name if found is not None else ""


@mapping.command("list")
@as_json
@workspace_option
def list_(as_json: bool, workspace: Path | None) -> None:
    """List all mapping files within reach."""
    with _hub(workspace) as hub:
        library = hub.library
        files = {name: str(library.path(name)) for name in library.names()}
        served: dict[str, list[str]] = {}
        for name, file in files.items():
            served.setdefault(file, []).extend([library.release(name)] if library.release(name) else [])
        own = [name for name in files if not library.release(name)]
    if as_json:
        print_json([{"name": name, "file": file} for name, file in files.items()])
    else:
        rows = [(name, " ".join(served[files[name]]), files[name]) for name in own]
        table(rows, ("NAME", "ALSO FOR", "FILE"))


@mapping.command()
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@_partner
@as_json
@workspace_option
def check(names: tuple[str, ...], partner: str | None, as_json: bool, workspace: Path | None) -> None:
    """Compile mappings (all, if none is named) and tell what is wrong, with file and line; then exit status is 1."""
    from hub.mapping import report

    found = []
    with _hub(workspace, partner) as hub:
        if not names:
            found = report.check(hub.library)
        for name in names:
            base, overlay = _named(hub, name, partner)
            found += report.check(hub.library, [base], overlay)
    faulty = [one for one in found if one.fault]
    if as_json:
        print_json([{slot: getattr(one, slot) for slot in one.__slots__} for one in found])
    else:
        for one in faulty:
            click.echo(f"{click.style('wrong', fg='red')}: {one.name}: {one.fault}")
        click.echo(f"{len(found) - len(faulty)} of {len(found)} mappings are right.")
    if faulty:
        raise click.exceptions.Exit(1)


@mapping.command()
@click.argument("name", metavar="NAME|FILE")
@_partner
@workspace_option
def show(name: str, partner: str | None, workspace: Path | None) -> None:
    """Print the effective mapping, each line with the file and line it comes from."""
    from hub.mapping import report

    with _hub(workspace, partner) as hub:
        for line in report.show(hub.library, *_named(hub, name, partner)):
            click.echo(line)


@mapping.command()
@click.argument("samples", nargs=-1, required=True, metavar="SAMPLE...", type=click.Path(path_type=Path, exists=True))
@_partner
@click.option("--mapping", "-m", "mappings", multiple=True, metavar="M", help="A mapping's name, or an overlay file.")
@as_json
@workspace_option
def coverage(
    samples: tuple[Path, ...], partner: str | None, mappings: tuple[str, ...], as_json: bool, workspace: Path | None
) -> None:
    """Tell which elements of real files the mapping reads, which it does not, and how often they were sent."""
    from hub.exchange.coverage import covered
    from hub.exchange.overlays import Chosen

    with _hub(workspace, partner) as hub:
        chosen = Chosen(hub.library, mappings) if mappings else None
        known = hub.partners.named(partner) if partner else None
        counts, findings = covered(hub, samples, partner=known, chosen=chosen)
    for finding in findings:
        print_finding(finding)
    rows = counts.rows()
    if as_json:
        elements = [{"element": name, "sent": sent, "read": read} for name, sent, read in rows]
        print_json({"messages": counts.messages, "ratio": round(counts.ratio(), 4), "elements": elements})
        return
    marked = ((name, sent, read, "" if read else "not read") for name, sent, read in rows)
    table(marked, ("ELEMENT", "SENT", "READ", ""))
    click.echo(f"{counts.messages} messages; {counts.ratio():.1%} of the elements sent are read.")


@mapping.command()
@click.argument("name", metavar="NAME|FILE")
@_partner
@click.option("--html", type=click.Path(path_type=Path, allow_dash=True), metavar="PAGE", help="Write one HTML page.")
@click.option("--example", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Show this file in it.")
@workspace_option
def guide(name: str, partner: str | None, html: Path | None, example: Path | None, workspace: Path | None) -> None:
    """Print the implementation guide that a mapping describes: what a partner must send, or will get.

    Markdown, or with --html a page to send. With --partner it begins with what is agreed with that partner, and shows
    its overlay and its codes.
    """
    from hub.exchange.guide import guided
    from hub.mapping.blocks import markdown

    with _hub(workspace, partner) as hub:
        known = hub.partners.named(partner) if partner is not None else None
        compiled = hub.library.compiled(*_named(hub, name, partner))
        blocks = guided(hub, compiled, known, example)
        if html is not None:
            from hub.commands.guide_page import write_guide

            write_guide(blocks, html)
            return
        for line in markdown(blocks):
            click.echo(line)
