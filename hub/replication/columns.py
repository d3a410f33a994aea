"""Rows as columns: what all values of a field have in common is said once, which is what makes segments small.

The forms are described, for authors of tills, in ``plugins/hub_pos/PROTOCOL.md``, section 6; the till's decoder is the
mirror of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

SEPARATOR = "|"


def columns(rows: Sequence[Mapping[str, Any]], names: Iterable[str] | None = None) -> dict[str, Any]:
    """The fields of ``rows`` (at least one) by name, each as one column; ``names`` are all that occur where it is
    None. A field that a row lacks is absent in its column."""
    chosen = list(dict.fromkeys(name for row in rows for name in row)) if names is None else list(names)
    return {name: column([row.get(name) for row in rows]) for name in chosen}


def column(values: Sequence[Any]) -> Any:
    """One value for each row, in the shortest of four forms: ``{"all": value}`` where all are the same, one text with
    separators, ``{"lengths": …, "columns": …}`` for lists of rows, else a plain list. None is "absent"; so are an empty
    text and an empty list."""
    if any(isinstance(value, list | tuple) for value in values):
        return _lists(values)
    first = values[0]
    if all(value == first and type(value) is type(first) for value in values):
        return {"all": first}
    if all(value is None or (isinstance(value, str) and SEPARATOR not in value) for value in values):
        return SEPARATOR.join([value or "" for value in values])
    return list(values)


def _lists(values: Sequence[Any]) -> dict[str, Any]:
    items = [item for value in values for item in value or ()]
    lengths = column([len(value or ()) for value in values])
    return {"lengths": lengths, "columns": columns(items) if items else {}}


def gaps(numbers: Sequence[int]) -> list[int]:
    """Growing numbers, each as its distance from the one before; the first from 0."""
    return [after - before for before, after in pairwise((0, *numbers))]


def ids(values: Sequence[str]) -> Any:
    """Ids as a column: UUIDs as their digits in two halves, because the first half of neighbours is alike; other ids
    like any text."""
    digits = [value.replace("-", "") for value in values]
    for text, value in zip(digits, values, strict=True):
        whole = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        if len(text) != 32 or whole != value or not set(text) <= set("0123456789abcdef"):
            return column(values)
    return {"high": "".join(text[:16] for text in digits), "low": "".join(text[16:] for text in digits)}
