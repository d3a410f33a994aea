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

    document: Document
    currency: str = ""
    tolerance: Decimal = TOLERANCE
    findings: list[Finding] = field(default_factory=list)
    unlisted: int = 0

    def add(self, severity: Severity, code: str, message: str, path: Path, value: object = "") -> None:
        """Record a finding ``model.<code>`` at ``path``."""
        if len(self.findings) >= MAX_FINDINGS:
            self.unlisted += 1
            return
        self.findings.append(Finding(severity, f"model.{code}", message, Position(path=render(path)), str(value)[:99]))

    def warn(self, code: str, message: str, path: Path, value: object = "") -> None:
        """Something a person should look at."""
        self.add(Severity.WARNING, code, message, path, value)

    def note(self, code: str, message: str, path: Path, value: object = "") -> None:
        """Something worth knowing."""
        self.add(Severity.NOTICE, code, message, path, value)


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
    parts: list[str] = []
    while path:
        path, step = path
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "$" + "".join(reversed(parts))


def walk(value: BaseModel, path: Path, review: Review) -> None:
    """Call the checks of ``value`` and of everything in it, parents first. Only fields that were set are looked at
    (the others hold nothing), in no particular order: ``review`` puts the findings in order."""
    kind = type(value)
    checks, fields = _PLANS.get(kind) or _plan(kind)
    for one in checks:
        one(value, path, review)
    if not fields:
        return
    held = value.__dict__
    for name in value.__pydantic_fields_set__:
        found = fields.get(name)
        if found is None or not (item := held[name]):
            continue
        key, shape = found
        here = (path, key)
        if shape is None:
            walk(item, here, review)
        elif shape is tuple:
            for i, one_item in enumerate(item):
                walk(one_item, (here, i), review)
        else:
            for name_in_map, one_item in item.items():
                walk(one_item, (here, name_in_map), review)


_Plan = tuple[tuple[Check, ...], dict[str, tuple[str, type | None]]]
"""What the walk does with a class: its checks, and the fields that hold other values, by attribute: JSON name, and
tuple or dict (None for a single one)."""

_PLANS: dict[type[BaseModel], _Plan] = {}


def _plan(kind: type[BaseModel]) -> _Plan:
    checks = tuple(one for base in kind.__mro__[::-1] for one in CHECKS.get(base, ()))
    fields = {
        name: (info.alias or name, _shape(info.annotation))
        for name, info in kind.model_fields.items()
        if _holds_models(info.annotation)
    }
    return _PLANS.setdefault(kind, (checks, fields))


_STEP = re.compile(r"(\d+)")


def in_order(finding: Finding) -> list[tuple[int, str]]:
    """Sort key: by path, with list items by number."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _STEP.split(finding.position.path)]


def _shape(annotation: Any) -> type | None:
    origin = typing.get_origin(annotation)
    return origin if origin in (tuple, dict) else None


def _holds_models(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds_models(one) for one in typing.get_args(annotation))
