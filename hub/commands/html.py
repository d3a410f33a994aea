"""What the HTML pages of the commands share: one self-contained file, no scripts, nothing loaded from anywhere."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from hub.errors import ConfigurationError
from hub.findings import printable

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #7778; --error: #c62828; --warning: #b26a00;
  --notice: #0277bd; --good: #2e7d32; --code: #8881; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-top: 1.5rem; }
code, .v, .raw { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
code { background: var(--code); padding: 0 .25em; border-radius: 3px; }
pre { background: var(--code); padding: .8rem; overflow-x: auto; border-radius: 4px; }
table { border-collapse: collapse; margin: .6rem 0; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
summary { cursor: pointer; padding: .15rem 0; }
details > :not(summary) { margin-left: 1.1rem; }
.message > summary, .interchange > summary, .group > summary { font-weight: 600; }
.segment { border-left: 2px solid var(--line); padding-left: .5rem; margin-top: .25rem; }
.segment > summary b { color: #1565c0; } .raw { color: var(--soft); margin-left: .6rem; }
.e { display: grid; grid-template-columns: 7rem 14rem 1fr; gap: .6rem; padding-left: calc(var(--d, 0) * 1.2rem); }
.l { color: var(--soft); font-family: ui-monospace, monospace; font-size: .92em; }
.m { color: var(--good); margin-left: .8rem; }
.f { border-left: 4px solid; padding: .1rem .6rem; margin: .2rem 0; background: var(--code); }
.f.error { border-color: var(--error); } .f.warning { border-color: var(--warning); }
.f.notice { border-color: var(--notice); } .f b { text-transform: capitalize; }
.error b, .rejected > summary .state, .verdict.rejected { color: var(--error); }
.warning b, .partial > summary .state, .verdict.partial { color: var(--warning); }
.notice b { color: var(--notice); }
.accepted > summary .state, .verdict.accepted { color: var(--good); }
.verdict { font-weight: 700; } :target { outline: 2px solid var(--notice); }
@media (max-width: 45rem) { .e { grid-template-columns: 6rem 1fr; } .e .n { display: none; } }
@media print { body { max-width: none; margin: 0; } }
"""


def text(value: object, longest: int = 4_000) -> str:
    """``value`` as HTML text: markup and control characters in it become visible characters."""
    return html.escape(printable(str(value), longest), quote=True)


def opening(title: str) -> str:
    """Everything up to the content. The policy forbids scripts and any resource, should an escape ever be missed."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )


CLOSING = "</body>\n</html>\n"


@contextmanager
def target(path: Path) -> Iterator[TextIO]:
    """The file to write a page to, or standard output for ``-``. Raises ``ConfigurationError`` where it cannot be
    written."""
    if str(path) == "-":
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"the page cannot be written: {reason}", file=path) from None
