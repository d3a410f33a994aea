"""A page of text as blocks, so that one guide can be Markdown and HTML. Text may hold `code` in backticks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` 1 is the title of the page."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; columns that are empty in all rows are left out when it is written."""

    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def filled(self) -> Table:
        """The same without empty columns."""
        kept = [at for at in range(len(self.headers)) if any(row[at] for row in self.rows)]
        return Table(tuple(self.headers[at] for at in kept), [tuple(row[at] for at in kept) for row in self.rows])


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short texts."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be shown as they are."""

    text: str


Block = Heading | Paragraph | Table | Items | Code


def markdown(blocks: Iterable[Block]) -> Iterator[str]:
    """Lines of Markdown."""
    for number, block in enumerate(blocks):
        if number:
            yield ""
        match block:
            case Heading(level, text):
                yield f"{'#' * min(level, 6)} {text}"
            case Paragraph(text):
                yield text
            case Table():
                table = block.filled()
                yield "| " + " | ".join(table.headers) + " |"
                yield "| " + " | ".join("---" for _ in table.headers) + " |"
                for row in table.rows:
                    yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
            case Items(items):
                yield from (f"- {item}" for item in items)
            case Code(text):
                fence = "```"
                while fence in text:
                    fence += "`"
                yield from (fence, *text.splitlines(), fence)
