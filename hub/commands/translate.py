"""``hub translate``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.commands.printing import Progress, print_finding, workspace_option

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.exchange.translate import Translated, Writer
    from hub.model.document import Document
    from hub.partners import Partner
    from hub.translation import Envelope

RUN = 1000
"""Documents of one message that go into one interchange when payloads are written in another format."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--to", "target", default="json", metavar="FORMAT", help="json (default), x12, edifact, csv …")
@click.option("--partner", "-p", metavar="P", help="Read and write under this partner's agreement.")
@click.option(
    "--mapping",
    "-m",
    "mappings",
    multiple=True,
    metavar="M",
    help="A mapping's name, or an overlay file; for reading or writing, where it fits. May be repeated.",
)
@workspace_option
def translate(
    files: tuple[Path, ...], target: str, partner: str | None, mappings: tuple[str, ...], workspace: Path | None
) -> None:
    """Print payloads as canonical documents, or write them in another format.

    FILE is - for standard input. Lines that hub translate printed can be read again. Documents go to standard output,
    findings to standard error. Exit status: 0 all accepted, 1 something rejected, 2 usage or configuration.
    """
    from hub.commands.opening import settle, stateless
    from hub.exchange.overlays import Chosen
    from hub.exchange.translate import Writer

    with stateless(workspace, partner) as hub:
        chosen = Chosen(hub.library, mappings) if mappings else None
        known = hub.partners.named(partner) if partner else None
        writer = None if target == "json" else Writer(hub, target, partner=known, chosen=chosen)
        accepted = True
        settle()
        with Progress("documents") as progress:
            items = _items(hub, files, known, chosen, progress)
            for ok in _print_lines(items) if writer is None else _print_written(items, writer):
                accepted = accepted and ok
    if not accepted:
        raise click.exceptions.Exit(1)


def _items(
    hub: Hub, files: tuple[Path, ...], partner: Partner | None, chosen: Chosen | None, progress: Progress
) -> Iterator[Translated]:
    from hub.exchange.reading import headed, opened
    from hub.exchange.translate import json_lines, looks_like_json, translated

    for file in files:
        name = "stdin" if str(file) == "-" else str(file)
        with opened(file) as stream:
            head, whole = headed(stream)
            if looks_like_json(head):
                items = json_lines(whole, name)
            else:
                items = translated(hub, whole, name, partner=partner, chosen=chosen)
            for item in items:
                progress.advance()
                for finding in item.findings:
                    print_finding(finding)
                yield item


def _print_lines(items: Iterator[Translated]) -> Iterator[bool]:
    out = sys.stdout
    for item in items:
        if item.document is not None:
            out.write(item.line() + "\n")
        yield item.accepted
    out.flush()


def _print_written(items: Iterator[Translated], writer: Writer) -> Iterator[bool]:
    from hub.errors import DocumentRejected

    def flush(run: list[Document], envelope: Envelope | None) -> bool:
        if not run:
            return True
        try:
            written = writer.write(run, envelope)
        except DocumentRejected as rejected:
            click.echo(f"rejected: {rejected}", err=True)
            for finding in rejected.findings:
                print_finding(finding, indent="  ")
            return False
        for finding in written.findings:
            print_finding(finding)
        sys.stdout.buffer.write(written.payload)
        return True

    run: list[Document] = []
    envelope: Envelope | None = None
    for item in items:
        yield item.accepted
        if item.document is None:
            continue
        if run and (not writer.together(run[0], item.document) or item.envelope is not envelope or len(run) >= RUN):
            yield flush(run, envelope)
            run = []
        envelope = item.envelope
        run.append(item.document)
    yield flush(run, envelope)
