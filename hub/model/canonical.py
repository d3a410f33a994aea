"""The canonical JSON form of a value: one way to write it, so that equal content is equal text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from hub.model.dates import format_moment
from hub.model.numbers import format_number

_LAST = frozenset({"extensions", "provenance"})
"""Fields that a person wants to read after the document itself."""

_NAMES: dict[type[BaseModel], tuple[tuple[str, str, bool], ...]] = {}


def plain(value: BaseModel) -> dict[str, Any]:
    """``value`` as JSON data. Fields that hold None, "" or nothing are left out, at every level; False, "0" and
    required fields stay, and so does every item of a list, for its place in the list has a meaning. Numbers and
    moments become text, maps are sorted by key; free JSON (``extensions``) is kept item by item.
    """
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        names = tuple((name, field.alias or name, field.is_required()) for name, field in kind.model_fields.items())
        _NAMES[kind] = names
    held = value.__dict__
    out: dict[str, Any] = {}
    for name, key, required in names:
        item = held[name]
        if item:
            if type(item) is str:
                out[key] = item
            elif (written := _plain(item)) or required:
                out[key] = written
        elif required or type(item) in _NOTHING_IS_A_VALUE:
            out[key] = _plain(item)
    return out


_NOTHING_IS_A_VALUE = frozenset({bool, int, Decimal})


def _same(item: Any) -> Any:
    return item


def _list(items: tuple[Any, ...] | list[Any]) -> list[Any]:
    return [_plain(item) for item in items]


def _map(items: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain(items[key]) for key in sorted(items)}


_WRITERS: dict[type, Callable[[Any], Any]] = {
    str: _same,
    bool: _same,
    int: _same,
    type(None): _same,
    Decimal: format_number,
    tuple: _list,
    list: _list,
    dict: _map,
    date: format_moment,
    datetime: format_moment,
}


def _plain(item: Any) -> Any:
    writer = _WRITERS.get(type(item))
    if writer is not None:
        return writer(item)
    if isinstance(item, BaseModel):
        return plain(item)
    for kind, known in _WRITERS.items():
        if isinstance(item, kind):  # a subclass, such as an enumeration that is text
            return known(item)
    raise TypeError(f"{type(item).__name__} has no canonical form")
