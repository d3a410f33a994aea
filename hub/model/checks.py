"""The review of a document: what is notable in it although it is valid.

One walk over the document calls the checks of every value by its class, then the checks of the document itself.
Nothing that is found here loses anything: the document stays as it is, and who reviews decides.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from hub.findings import Finding, Position, Severity
from hub.model.document import Document

Path = tuple[Any, ...]
"""A place in the document as (path of the parent, name or index); () is the document."""

TOLERANCE = Decimal("0.02")
"""How far a stated amount may be from the computed one (Peppol BIS Billing 3 allows 0.02 on a line)."""

MAX_FINDINGS = 1_000
"""After so many findings in one document the rest is counted, not listed."""


@dataclass(slots=True)
class Review:
    """One review in progress. ``currency`` is the document's or the agreement's; ``tolerance`` is for amounts."""

    document: Document | None
    currency: str = ""
    tolerance: Decimal = TOLERANCE
    findings: list[Finding] = field(default_factory=list)
    unlisted: int = 0

    def add(self, severity: Severity, code: str, message: str, path: Path, value: object = "") -> None:
        """Record a finding ``model.<code>`` at ``path``."""
        if len(self.findings) >= MAX_FINDINGS:
            self.unlisted += 1
            return
        self.findings.append(_finding(severity, code, message, path, str(value)[:99]))

    def warn(self, code: str, message: str, path: Path, value: object = "") -> None:
        """Something a person should look at."""
        self.add(Severity.WARNING, code, message, path, value)

    def note(self, code: str, message: str, path: Path, value: object = "") -> None:
        """Something worth knowing."""
        self.add(Severity.NOTICE, code, message, path, value)


@lru_cache(maxsize=4_096)
def _finding(severity: Severity, code: str, message: str, path: Path, value: str) -> Finding:
    """Most documents of a partner lack the same role or hold the same odd code: the finding is made once."""
    return Finding(severity, f"model.{code}", message, Position(path=render(path)), value)


Check = Callable[[Any, Path, Review], None]
CHECKS: dict[type[BaseModel], list[Check]] = {}
"""The checks of each class; a subclass has those of its bases as well."""


def check(*kinds: type[BaseModel]) -> Callable[[Check], Check]:
    """Register a check for values of ``kinds``: called with the value, its path and the review."""

    def register(function: Check) -> Check:
        for kind in kinds:
            CHECKS.setdefault(kind, []).append(function)
        return function

    return register


def render(path: Path) -> str:
    """``$.lines[2].item.identifiers[0]``."""
    if len(path) == 2 and not path[0]:
        return f"$.{path[1]}"  # a field of the document itself
    parts: list[str] = []
    while path:
        path, step = path
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "$" + "".join(reversed(parts))


QUIET: dict[int, BaseModel] = {}
"""Values in which nothing is notable, wherever they stand, by identity. They are held here: the identity is theirs."""


def remember_if_quiet(value: BaseModel) -> None:
    """Look at a value that many documents will share. If nothing is notable in it, reviews pass it by; a price only
    while it is in the document's currency."""
    alone = Review(None, getattr(value, "currency", ""))
    walk(value, ((), "value"), alone)
    if not alone.findings:
        QUIET[id(value)] = value


Walk = Callable[[Any, Path, Review], None]
_WALKS: dict[type[BaseModel], Walk] = {}


def walk(value: BaseModel, path: Path, review: Review) -> None:
    """Call the checks of ``value`` and of everything in it, parents first."""
    _walk_of(type(value))(value, path, review)


def _walk_of(kind: type[BaseModel]) -> Walk:
    """The walk of one class as plain Python made for it: a document has some fifty values, and looking up for each
    what its class holds cost more than the checks. Fields whose classes have no checks inside are left out."""
    known = _WALKS.get(kind)
    if known is not None:
        return known
    names: dict[str, Any] = {"quiet": QUIET.get}
    lines = ["def walk(value, path, review):"]
    for number, one in enumerate(one for base in kind.__mro__[::-1] for one in CHECKS.get(base, ())):
        names[f"check{number}"] = one
        lines.append(f"    check{number}(value, path, review)")
    lines.append("    held = value.__dict__")
    for number, (name, info) in enumerate(kind.model_fields.items()):
        inside = _model_in(info.annotation)
        if inside is None or not _checked(inside, set()):
            continue
        names[f"walk{number}"] = _later(inside)
        here, shape = f"(path, {(info.alias or name)!r})", _shape(info.annotation)
        lines.append(f"    item = held[{name!r}]")
        loud = "if quiet(id({0})) is not {0}" + (
            " or {0}.currency != review.currency" if "currency" in inside.model_fields else ""
        )
        if shape is None:
            lines += ["    if item is not None:", f"        {loud.format('item')}: walk{number}(item, {here}, review)"]
            continue
        items = "enumerate(item)" if shape is tuple else "item.items()"
        lines += ["    if item:", f"        here = {here}", f"        for key, one in {items}:"]
        lines.append(f"            {loud.format('one')}: walk{number}(one, (here, key), review)")
    exec(compile("\n".join(lines), f"<review of {kind.__name__}>", "exec"), names)
    made: Walk = names["walk"]
    return _WALKS.setdefault(kind, made)


def _later(kind: type[BaseModel]) -> Walk:
    """The walk of a class; of one that is being made (a class inside itself), a call that finds it when it runs."""
    if kind in _MAKING:
        return walk
    _MAKING.add(kind)
    try:
        return _walk_of(kind)
    finally:
        _MAKING.discard(kind)


_MAKING: set[type[BaseModel]] = set()


def _checked(kind: type[BaseModel], seen: set[type[BaseModel]]) -> bool:
    """Whether a class, or anything inside it, has checks."""
    if kind in seen:
        return False
    seen.add(kind)
    if any(CHECKS.get(base) for base in kind.__mro__):
        return True
    inside = (_model_in(info.annotation) for info in kind.model_fields.values())
    return any(_checked(one, seen) for one in inside if one is not None)


_STEP = re.compile(r"(\d+)")


def in_order(finding: Finding) -> list[tuple[int, str]]:
    """Sort key: by path, with list items by number."""
    path = finding.position.path
    if "[" not in path:
        return [(-1, path)]
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _STEP.split(path)]


def _shape(annotation: Any) -> type | None:
    origin = typing.get_origin(annotation)
    return origin if origin in (tuple, dict) else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The class of values that a field holds, one or many; None if it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in typing.get_args(annotation) if (found := _model_in(one)) is not None), None)
