"""Names of segments and data elements in our own words, from ``grammar/names.txt``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def named(tag: str) -> str:
    """``named("NAD")`` is ``name and address``; '' where there are no words for it."""
    return _names().get(tag, "")


@cache
def _names() -> dict[str, str]:
    found = {}
    text = files("hub_edifact").joinpath("grammar", "names.txt").read_text("utf-8")
    for line in text.splitlines():
        for entry in line.split(";") if not line.startswith("#") else ():
            tag, _, name = entry.strip().partition(" ")
            if name:
                found[tag] = name
    return found
