"""Canonical fields by path: does the field exist, and what does it hold?"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union

from pydantic import BaseModel

from hub.mapping.expression import Access


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field holds: ``many`` is "", "list" or "map"; ``types`` the classes of the value (or of an item)."""

    many: str
    types: tuple[type, ...]

    @property
    def model(self) -> type[BaseModel] | None:
        """The model class, if the field holds an object (or objects)."""
        return next((one for one in self.types if isinstance(one, type) and issubclass(one, BaseModel)), None)


class UnknownField(KeyError):
    """A path leads nowhere. ``name`` is the part that is unknown, ``known`` what there is instead."""

    def __init__(self, name: str, owner: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name, self.owner, self.known = name, owner, tuple(known)


def resolve(model: type[BaseModel], path: Sequence[Access]) -> Kind:
    """Follow ``path`` from ``model``; raises ``UnknownField``."""
    kind = Kind("", (model,))
    for step in path:
        if kind.many == "map" and not step.kind:  # roles.ship_to: the name is a key of the map
            kind = Kind("", kind.types)
            continue
        owner = kind.model
        if owner is None or (kind.many and step is path[0]):
            raise UnknownField(step.name, kind.types[0].__name__ if kind.types else "value", ())
        if step.name not in owner.model_fields:
            raise UnknownField(step.name, owner.__name__, list(owner.model_fields))
        kind = _kind(owner.model_fields[step.name].annotation)
        if step.kind:
            wanted = "map" if step.kind == "map" else "list"
            if kind.many != wanted:
                mark = "{}" if wanted == "map" else "[]"
                raise UnknownField(f"{step.name}{mark}", owner.__name__, [step.name])
            kind = Kind("", kind.types)
    return kind


def _kind(annotation: Any) -> Kind:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _kind(typing.get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        parts = [_kind(arg) for arg in typing.get_args(annotation) if arg is not type(None)]
        many = next((part.many for part in parts if part.many), "")
        return Kind(many, tuple(one for part in parts for one in part.types))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Kind("map", _kind(typing.get_args(annotation)[-1]).types)
    if isinstance(origin, type) and issubclass(origin, (list, tuple, set, frozenset, Sequence)):
        return Kind("list", _kind(typing.get_args(annotation)[0]).types)
    if isinstance(annotation, type):
        return Kind("", (annotation,))
    if annotation is Any:
        return Kind("", (object,))
    value = getattr(annotation, "__value__", None)  # a PEP 695 style alias
    return _kind(value) if value is not None else Kind("", (str,))
