"""How old something is, in words."""

from __future__ import annotations

from datetime import timedelta


def spoken(age: timedelta | None) -> str:
    """``3 hours old``; None is what was never loaded."""
    if age is None:
        return "not loaded yet"
    seconds = int(age.total_seconds())
    if seconds < 0:
        return "from the future: check this machine's clock"
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} old"
    return f"{seconds} seconds old"
