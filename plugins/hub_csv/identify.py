"""Whether a payload looks like a table of delimited text."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from hub_csv.header import CANDIDATES
from hub_csv.lines import encoding_of

EXTENSIONS = frozenset((".csv", ".tsv", ".tab", ".psv"))
_OTHER = re.compile(r"\s*(?:<|\{|\[|%PDF|ISA[^A-Za-z0-9\s,;]|UNA.{6}\s*UNB|UNB[+:]|STX=|\{\\rtf)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def looks_like_table(head: bytes, filename: str) -> bool:
    """A text that is no EDI, XML or JSON, and whose name or first lines are those of a table.

    A name that ends as tables' names do is enough, so that a table that is not in order is refused with its own
    reason; any other text must have the same number of delimiters, two at least, in its first two lines.
    """
    encoding, mark, _ = encoding_of(head, "utf-8")
    text = head[mark:].decode(encoding, "replace")
    if not text.strip() or _OTHER.match(text):
        return False
    if PurePosixPath(filename.replace("\\", "/")).suffix.lower() in EXTENSIONS:
        return len(_CONTROL.findall(text)) * 10 <= len(text)
    if _CONTROL.search(text):
        return False
    found = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
    if len(found) < 2:
        return False
    # The last line may have been cut off; with two lines of a longer text the second one is whole only up to there.
    first, second = (re.sub(r'"(?:[^"]|"")*"', "", line) for line in found[:2])
    whole = len(found) > 2 or len(head) < 4_000
    return any(first.count(mark) >= 2 and (second.count(mark) == first.count(mark) or not whole) for mark in CANDIDATES)
