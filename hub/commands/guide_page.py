"""``hub mapping guide --html``: the blocks of a guide as one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.commands.html import CLOSING, opening, target, text
from hub.mapping.blocks import Block, Code, Heading, Items, Paragraph, Table

_CODE = re.compile(r"`([^`]*)`")
_LONGEST = 100_000


def write_guide(blocks: Iterable[Block], path: Path) -> None:
    """Write the page. Raises ``ConfigurationError`` where the file cannot be written."""
    made = list(blocks)
    name = next((block.text for block in made if isinstance(block, Heading)), "Guide")
    with target(path) as out:
        out.write(opening(name))
        for block in made:
            out.writelines(_block(block))
        out.write(CLOSING)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, words):
            yield f"<h{min(level, 6)}>{_inline(words)}</h{min(level, 6)}>\n"
        case Paragraph(words):
            yield f"<p>{_inline(words)}</p>\n"
        case Items(items):
            yield "<ul>\n" + "".join(f"<li>{_inline(item)}</li>\n" for item in items) + "</ul>\n"
        case Code(words):
            # line by line: a line end must stay one, everything else that cannot be seen becomes visible
            yield "<pre>" + "\n".join(text(line, _LONGEST) for line in words.splitlines()) + "</pre>\n"
        case Table():
            table = block.filled()
            yield "<table>\n<tr>" + "".join(f"<th>{_inline(one)}</th>" for one in table.headers) + "</tr>\n"
            for row in table.rows:
                yield "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>\n"
            yield "</table>\n"


def _inline(words: str) -> str:
    """Text with ``code`` in backticks; everything else is escaped."""
    return _CODE.sub(r"<code>\1</code>", text(words, _LONGEST))
