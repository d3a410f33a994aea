"""What code values mean, in our own few words: those of the supply chain, not the whole standard."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from hub_x12.codes.lists import values

_HEAD = re.compile(r"(?P<number>I?\d+) [^:]+:")


def meaning(release: str, number: str, value: str) -> str:
    """``meaning("004010", "98", "ST")`` is ``ship to``. '' where this project has no words for the value, or the
    release does not have it."""
    text = _meanings().get(number, {}).get(value, "")
    if not text:
        return ""
    allowed = values(release, number)
    return text if allowed is None or value in allowed else ""


@cache
def _meanings() -> dict[str, dict[str, str]]:
    """Data element number → value → meaning."""
    out: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    content = resources.files("hub_x12.codes").joinpath("meanings.codes").read_text("utf-8")
    for line in content.splitlines():
        if match := _HEAD.fullmatch(line):
            current = out.setdefault(match["number"], {})
        elif line and not line.startswith("#"):
            for entry in line.split(";"):
                value, _, says = entry.strip().partition(" ")
                if says:
                    current[value] = says
    return out
