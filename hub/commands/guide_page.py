"""``hub mapping guide --html``: the blocks of a guide as one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.commands.html import CLOSING, opening, target, text
from hub.mapping.blocks import Block, Code, Heading, Items, Paragraph, Table

_CODE = re.compile(r"`([^`]*)`")
_PAIR = re.compile(r"(<code>[^<]*</code>[^<]*?(?:, |$))(?=<code>|$)")
_WORD = re.compile(r"[^a-z]")
_LONGEST = 100_000
_SECTION, _MANY = 2, 4
"""Headings of this level begin sections, which are linked from the top of the page where there are so many."""


def write_guide(blocks: Iterable[Block], path: Path) -> None:
    """Write the page. Raises ``ConfigurationError`` where the file cannot be written."""
    made = list(blocks)
    name = next((block.text for block in made if isinstance(block, Heading)), "Guide")
    sections = [block for block in made if isinstance(block, Heading) and block.level == _SECTION]
    with target(path) as out:
        out.write(opening(name))
        done = 0
        for block in made:
            if done < len(sections) and block is sections[done]:
                out.write("</section>\n" if done else "")
                done += 1
                out.write(f'<section id="s{done}">\n')
            out.writelines(_block(block))
            if isinstance(block, Heading) and block.level < _SECTION and len(sections) >= _MANY:
                links = (f'<a href="#s{at}">{_inline(one.text)}</a>' for at, one in enumerate(sections, 1))
                out.write("<nav>\n" + "\n".join(links) + "\n</nav>\n")
        out.write(("</section>\n" if done else "") + CLOSING)


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
            yield from _table(block.filled())


def _table(table: Table) -> Iterator[str]:
    """Columns have the widths that the style knows for their names."""
    elements = ' class="elements"' if "fills" in table.headers else ""
    yield f'<div class="wide"><table{elements}>\n<thead><tr>'
    yield "".join(f'<th class="{_WORD.sub("", one)}">{_inline(one)}</th>' for one in table.headers)
    yield "</tr></thead>\n<tbody>\n"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{_kept_together(_inline(cell))}</td>" for cell in row) + "</tr>\n"
    yield "</tbody></table></div>\n"


def _kept_together(cell: str) -> str:
    """A list of codes with their meanings: none is broken between the two."""
    return _PAIR.sub(r'<span class="p">\1</span>', cell) if cell.startswith("<code>") else cell


def _inline(words: str) -> str:
    """Text with ``code`` in backticks; everything else is escaped."""
    return _CODE.sub(r"<code>\1</code>", text(words, _LONGEST))
