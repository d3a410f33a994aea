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
:root { color-scheme: light dark; --line: #8884; --soft: #5f6770; --error: #c62828; --warning: #8f5600;
  --notice: #0264a6; --good: #24702a; --segment: #1257a8; --link: #0b57d0; --code: #8882; }
@media (prefers-color-scheme: dark) { :root { --soft: #a3adb6; --error: #ff8a80; --warning: #ffb74d;
  --notice: #6cb8ff; --good: #81c784; --segment: #82b1ff; --link: #8ab4f8; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
a { color: var(--link); }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
h3 { font-size: 1.05rem; margin-top: 1.6rem; } h4, h5, h6 { font-size: 1rem; margin-top: 1.4rem; }
code, .v, .raw { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
code { background: var(--code); padding: 0 .3em; border-radius: 3px; }
pre { background: var(--code); padding: .8rem; overflow-x: auto; border-radius: 4px; }
nav { columns: 18rem; column-gap: 2rem; margin: 1rem 0; font-size: .95em; } nav a { display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
th { font-weight: 600; color: var(--soft); }
.elements { table-layout: fixed; min-width: 56rem; }
.elements .element { width: 9%; } .elements .name { width: 17%; } .elements .column { width: 22%; }
.elements .use { width: 4.5%; } .elements .type { width: 5%; } .elements .length { width: 7%; }
.elements .fills { width: 21%; }
.p { display: inline-block; max-width: 100%; margin-right: .3em; }
summary { cursor: pointer; padding: .15rem 0; }
details > :not(summary) { margin-left: 1.1rem; }
.message > summary, .interchange > summary, .group > summary { font-weight: 600; margin-top: .3rem; }
.segment { border-left: 2px solid var(--line); padding-left: .5rem; margin-top: .3rem; }
.segment > summary b { color: var(--segment); }
.raw { color: var(--soft); margin-left: .6rem; white-space: pre-wrap; }
.e { display: grid; grid-template-columns: 7rem 15rem 1fr; gap: 0 .6rem; padding-left: calc(var(--d, 0) * 1.2rem); }
.l { color: var(--soft); font-family: ui-monospace, monospace; font-size: .92em; }
.v { white-space: pre-wrap; } .m { color: var(--good); margin-left: .8rem; }
.f { border-left: 4px solid; padding: .1rem .6rem; margin: .2rem 0; background: var(--code); overflow-wrap: anywhere; }
.f.error { border-color: var(--error); } .f.warning { border-color: var(--warning); }
.f.notice { border-color: var(--notice); } .f b { text-transform: capitalize; }
.error b, .rejected > summary .state, .verdict.rejected { color: var(--error); }
.warning b, .partial > summary .state, .verdict.partial { color: var(--warning); }
.notice b { color: var(--notice); }
.accepted > summary .state, .verdict.accepted { color: var(--good); }
.verdict { font-weight: 700; } :target { outline: 2px solid var(--notice); }
@media (max-width: 45rem) { .e { grid-template-columns: 6rem 1fr; } .e > :last-child { grid-column: 2; }
  details > :not(summary) { margin-left: .5rem; } }
@media print { @page { margin: 1.5cm; } body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  nav { display: none; } pre { white-space: pre-wrap; overflow-wrap: anywhere; } .elements { min-width: 0; }
  .wide { overflow: visible; } table { font-size: 8.5pt; } th, td { padding-right: .4rem; }
  h1, h2, h3, h4, summary, h2 + p, h3 + p { break-after: avoid; }
  .e, .f { break-inside: avoid; } }
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
