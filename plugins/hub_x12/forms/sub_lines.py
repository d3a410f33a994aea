"""Parts of a line (X12 SLN): below their line in a message, behind it in a document, with its id in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.mapping.forms import Data


def unfolded(line: Data) -> Iterator[Data]:
    """The parts of ``line``, taken out of it. A part names the part that holds it (SLN02) or, as here, the line; a name
    that is not among them is kept beside it."""
    known = {line["line_id"]}
    for part in line.pop("parts", ()):
        parent = part.get("parent_line_id", "")
        if parent not in known:
            if parent:
                part.setdefault("extensions", {})["SLN02"] = parent
            part["parent_line_id"] = line["line_id"]
        known.add(part["line_id"])
        yield part


def folded(lines: Iterable[Data]) -> list[Data]:
    """The lines that are no part of another one before them, each with its ``parts``."""
    roots: list[Data] = []
    held: dict[str, Data] = {}  # the id of a line or part → the line that it is, or is a part of
    for line in lines:
        parent = line.get("parent_line_id", "")
        root = held.get(parent) if parent else None
        if root is None:
            held[line["line_id"]] = line
            roots.append(line)
            continue
        if parent == root["line_id"]:
            del line["parent_line_id"]
        held[line["line_id"]] = root  # of several lines of one id, a part belongs to the nearest before it
        root.setdefault("parts", []).append(line)
    return roots
