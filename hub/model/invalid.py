"""What is wrong with data that is no valid document, as findings."""

from __future__ import annotations

from pydantic import ValidationError

from hub.findings import Finding, Position, error

MAX_FINDINGS = 1_000
"""How many faults of one document are reported."""


def findings_of(failure: ValidationError) -> list[Finding]:
    """One finding per fault: code ``model.invalid.<type>``, ``position.path`` such as ``$.lines[2].quantity.value``."""
    out = []
    for fault in failure.errors(include_url=False, include_context=False)[:MAX_FINDINGS]:
        value = fault.get("input")
        shown = str(value)[:99] if isinstance(value, str | int | float) else ""
        path = path_of(fault["loc"])
        out.append(error(f"model.invalid.{fault['type']}", fault["msg"], Position(path=path), value=shown))
    return out


def path_of(location: tuple[int | str, ...]) -> str:
    """A pydantic location as a path: ``("lines", 2, "price")`` is ``$.lines[2].price``."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
