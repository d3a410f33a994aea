"""Code values as data: one ``*.codes`` file per release, read when the first value is asked for.

The notation is explained at the top of ``004010.codes``. Files are read into one text per element; a text becomes a
set when that element is first asked for, so that a run that meets ten lists pays for ten.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from hub.errors import ConfigurationError

_HEAD = re.compile(r"(?P<number>I?\d+) [^:]+:(?P<rest>.*)")
_RELEASE = re.compile(r"release (?P<name>\d{6})(?: extends (?P<base>\d{6}))?")


@cache
def available() -> tuple[str, ...]:
    """The releases that have a file of their own, oldest first."""
    files = (entry.name for entry in resources.files("hub_x12.codes").iterdir())
    return tuple(sorted(name[:6] for name in files if re.fullmatch(r"\d{6}\.codes", name)))


@cache
def values(release: str, number: str) -> frozenset[str] | None:
    """Every value that ``release`` (``004010``) allows for data element ``number`` (``98``); None for an open list.

    A release between two that have a file is given the values of both: none that it may lawfully have is missing.
    Before the first and after the last file every list is open.
    """
    known = available()
    if release in known:
        return _own(release, number)
    older = [name for name in known if name < release]
    newer = [name for name in known if name > release]
    if not (older and newer):
        return None
    before, after = _own(older[-1], number), _own(newer[0], number)
    return after if before is None else before if after is None else before | after


@cache
def _own(release: str, number: str) -> frozenset[str] | None:
    base, texts = _file(release)
    inherited = _own(base, number) if base else None
    text = texts.get(number)
    return inherited if text is None else _expanded(text.split(), inherited or frozenset())


def _expanded(words: list[str], inherited: frozenset[str]) -> frozenset[str]:
    """The values that the words of one line stand for."""
    if words[:1] and words[0][0] in "+-":
        more = {word[1:] for word in words if word[0] == "+"}
        less = {word[1:] for word in words if word[0] == "-"}
        return (inherited | more) - less
    if "/" in words:
        at = words.index("/")
        first, second = words[:at], words[at + 1 :]
        return frozenset(first).union(one + two for one in first for two in second)
    return frozenset(words)


@cache
def _file(release: str) -> tuple[str, dict[str, str]]:
    """The release that a file extends ('' for none), and the text of each element in it."""
    name = f"{release}.codes"
    base = ""
    texts: dict[str, str] = {}
    number = ""
    content = resources.files("hub_x12.codes").joinpath(name).read_text("utf-8")
    for at, line in enumerate(content.splitlines(), 1):
        if line.startswith("  ") and number:
            texts[number] += line
        elif match := _HEAD.fullmatch(line):
            number = match["number"]
            texts[number] = match["rest"]
        elif head := _RELEASE.fullmatch(line):
            base = head["base"] or ""
        elif line and not line.startswith("#"):
            raise ConfigurationError(
                f"this line of code values cannot be read: {line[:60]!r}",
                file=name,
                line=at,
                hint="The notation is explained at the top of 004010.codes.",
            )
    return base, texts
