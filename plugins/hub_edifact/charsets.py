"""Syntax identifiers (data element 0001) and the character sets they name.

Sources: ISO 9735 part 1 (version 3: UNOA to UNOF; version 4 adds UNOG to UNOK, UNOX, UNOY), KECA for Korea.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from hub.errors import ConfigurationError

CODECS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOX": "iso2022_jp_2",
    "UNOY": "utf-8",
    "KECA": "cp949",
    "IATA": "ascii",
    "IATB": "ascii",
}
"""Python codec by syntax identifier. UNOA and UNOB are repertoires of ISO 646. UNOY (ISO 10646) travels as UTF-8."""

ENCODINGS = {"1": "ascii", "2": "iso8859-1", "3": "cp500", "4": "cp850", "7": "utf-8"}
"""Codec by data element 0133 of syntax version 4; 5, 6 and 8 (UCS-2, UCS-4, UTF-16) cannot follow an ASCII UNB."""

_LEVEL_A = "A-Z0-9 .,\\-()/='+:?!\"%&*;<>"
_OUTSIDE = {
    "UNOA": re.compile(f"[^{_LEVEL_A}\r\n]"),
    "UNOB": re.compile(f"[^{_LEVEL_A}a-z\r\n\x1c\x1d\x1f]"),
}
_OUTSIDE_WRITTEN = {
    "UNOA": re.compile(f"[^{_LEVEL_A}]"),
    "UNOB": re.compile(f"[^{_LEVEL_A}a-z]"),
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_SPELLED = {
    "ß": "ss", "ẞ": "SS", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE", "æ": "ae", "Æ": "AE",
    "ø": "oe", "Ø": "OE", "å": "aa", "Å": "AA", "œ": "oe", "Œ": "OE", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "€": "EUR", "£": "GBP", "§": "Par.", "°": " Grad", "–": "-", "—": "-",
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "…": "...", "•": "-", "×": "x", "µ": "u",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Charset:
    """How the body of an interchange is decoded. ``identifier`` is 0001 as sent; ``known`` whether it is in the list;
    ``overridden`` whether the agreement says otherwise than the header."""

    identifier: str
    codec: str
    known: bool = True
    overridden: bool = False


def charset_for(identifier: str, encoding: str = "", override: str = "") -> Charset:
    """The character set for a UNB's 0001 and 0133; ``override`` is the agreement's ``charset`` option.

    Raises ``ConfigurationError`` for an override that Python has no codec for, or one in which the service characters
    are not single ASCII bytes."""
    if override:
        name = CODECS.get(override.upper(), override)
        try:
            if "UNB+:'?*".encode(name) != b"UNB+:'?*":
                raise LookupError(name)
        except (LookupError, ValueError) as problem:
            raise ConfigurationError(
                f"charset {override!r} cannot be used for EDIFACT",
                hint="give a syntax identifier such as UNOC or a codec of ASCII's family such as cp1252 or utf-8",
            ) from problem
        return Charset(identifier, codecs.lookup(name).name, identifier in CODECS, True)
    if encoding in ENCODINGS and encoding not in ("1", "2") and ENCODINGS[encoding] != "cp500":
        return Charset(identifier, ENCODINGS[encoding])
    return Charset(identifier, CODECS.get(identifier, "iso8859-1"), identifier in CODECS)


def outside_repertoire(text: str, identifier: str) -> str:
    """The first character of ``text`` that level A or B does not contain; '' if none, or for another identifier."""
    pattern = _OUTSIDE.get(identifier)
    if pattern is None:
        return ""
    match = pattern.search(text)
    return match[0] if match else ""


def not_writable(text: str, identifier: str) -> str:
    """The first character of a data value that cannot be written under ``identifier``; '' if all can."""
    pattern = _OUTSIDE_WRITTEN.get(identifier)
    if pattern is not None:
        match = pattern.search(text)
        return match[0] if match else ""
    match = _CONTROLS.search(text)
    if match:
        return match[0]
    try:
        text.encode(CODECS.get(identifier, "iso8859-1"))
    except UnicodeEncodeError as problem:
        return text[problem.start]
    return ""


def transliterate(text: str, identifier: str) -> str:
    """``text`` in the repertoire of ``identifier``: spelled out (``ü`` becomes ``ue``), accents dropped, lower case
    raised for UNOA, control characters to spaces; what remains foreign becomes ``.``."""
    out = []
    for char in text:
        if not not_writable(char, identifier):
            out.append(char)
            continue
        plain = _SPELLED.get(char) or (" " if _CONTROLS.match(char) else _without_accents(char))
        if identifier == "UNOA":
            plain = plain.upper()
        out.append("".join(one if not not_writable(one, identifier) else "." for one in plain) or ".")
    return "".join(out)


def _without_accents(char: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
