"""Text as people type it at a till, folded so that case, accents and width do not matter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """Lower case without accents: ``Müller`` and ``MULLER`` are found by ``muller``."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def folded(values: Iterable[object]) -> str:
    """The search column of a row: its non-empty fields, folded, one space between."""
    return " ".join(fold(str(value)) for value in values if value not in (None, ""))


def exact(text: str) -> list[str]:
    """The forms in which a typed key may be stored: as it is, in lower case (e-mail), a phone number without gaps."""
    typed = text.strip()
    forms = [typed, typed.casefold()]
    if typed and not set(typed) - set("+0123456789 ()-/."):
        forms.append(("+" if typed.startswith("+") else "") + "".join(char for char in typed if char.isdecimal()))
    return list(dict.fromkeys(forms))


def patterns(text: str) -> list[str]:
    """One LIKE pattern (escape character ``\\``) for each word of ``text``; every one of them must match."""
    escaped = fold(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [f"%{word}%" for word in escaped.split()]
