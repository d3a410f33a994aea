"""The command line. Each command lives in ``hub/commands/`` and is imported only when it runs: ``hub --help`` is fast.

Exit status: 0 everything accepted, 1 something rejected or quarantined, 2 usage or configuration, 75 (EX_TEMPFAIL of
sysexits.h) try again later.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from hub.errors import ConfigurationError, DocumentRejected, HubError, TemporaryError

REJECTED, WRONG, LATER = 1, 2, 75

# Command -> (module:function in hub.commands, what `hub --help` says). A test compares it with the command itself.
_COMMANDS = {
    "init": ("workspace:init", "Make a workspace in DIR."),
    "demo": ("workspace:demo", "Run the main job on sample data in a throw-away workspace."),
    "translate": ("translate:translate", "Print payloads as canonical documents, or write them in another format."),
    "check": ("check:check", "Show what is wrong with payloads, and where."),
    "generate": ("generate:generate", "Write random valid interchanges, as a partner sends or gets them."),
    "receive": ("exchange:receive", "Take files or folders into the repository; acknowledge and answer them."),
    "deliver": ("exchange:deliver", "Hand what waits in the outbox to the partners."),
    "sync": ("exchange:sync", "Exchange documents with an endpoint, such as an ERP."),
    "replicate": ("exchange:replicate", "Bring the stores' replicas up to date."),
    "uploads": ("uploads:uploads", "See what the stores sent back, what is missing of it, and what was not accepted."),
    "store": ("store:store", "Seal what stores pull; register, list and revoke their nodes."),
    "serve": ("store:serve", "Serve the stores over HTTP."),
    "simulate": ("simulate:simulate", "Try a company's stores out, on a virtual clock, with all that goes wrong."),
    "card": ("card:card", "Issue, check and revoke signed customer cards, which tills believe off line."),
    "rights": ("rights:rights", "See and share out what tills may give of credit and points while they are off line."),
    "customer": ("customer:customer", "Erase customers."),
    "journal": ("journal:journal", "See what came in and went out, and process it again."),
    "explain": ("explain:explain", "Show a payload as a named tree, or tell where a field of a document came from."),
    "partner": ("partner:partner", "List and show trading partners, and how they deviate from their standards."),
    "mapping": ("mapping:mapping", "List, check and print mapping files."),
    "model": ("model:model", "Print the canonical model."),
    "plugins": ("plugins:plugins", "List the plugins of this installation."),
    "plugin": ("plugins:plugin", "Make and check a plugin."),
}  # fmt: skip


class _Lazy(click.Group):
    """A group whose commands are imported when they are needed, and whose errors are messages, not tracebacks."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"hub.commands.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from hub.located import did_you_mean

            ctx.fail(f"there is no command '{args[0]}'. {did_you_mean(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HubError as error:
            _told(ctx, error)
        except BrokenPipeError:
            # The reader (head, less) has seen enough; Python must not complain again when it closes stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)


def _told(ctx: click.Context, error: HubError) -> NoReturn:
    """Say what is wrong on stderr and leave with the status that belongs to it."""
    if isinstance(error, ConfigurationError):
        kind, status = "error", WRONG
    elif isinstance(error, TemporaryError):
        kind, status = "try again later", LATER
    else:
        kind, status = "rejected", REJECTED
    click.echo(f"{kind}: {error}", err=True)
    for finding in error.findings[:20] if isinstance(error, DocumentRejected) else ():
        click.echo(f"  {finding}", err=True)
    ctx.exit(status)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from hub import __version__

        click.echo(f"hub {__version__}")
        ctx.exit()


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="Commands that need a workspace use --workspace, HUB_WORKSPACE, or hub.toml in this folder or above.",
)
@click.option("--workspace", "-w", type=click.Path(path_type=Path, file_okay=False), help="The workspace's folder.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def cli(ctx: click.Context, workspace: Path | None) -> None:
    """Exchange orders, products, prices and more with trading partners, ERPs and stores."""
    ctx.obj = workspace


def main() -> None:
    """Run the command line of this process."""
    cli(prog_name="hub")
