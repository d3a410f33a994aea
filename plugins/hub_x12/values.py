"""What is wrong with one value: type, length, characters, calendar. X12.6 §3.5.1."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from functools import lru_cache

from hub.grammar import ElementDef
from hub_x12.rules import Rules

Complaint = tuple[str, str]
"""A finding of the catalog and the rest of the sentence that begins with the element's name."""

_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_WHOLE = re.compile(r"-?[0-9]+")


def check(text: str, element: ElementDef, rules: Rules) -> Iterator[Complaint]:
    """Every complaint about a value that is present. A value of the wrong form is not looked up in a code list too:
    one fault, one code."""
    wrong = list(_form(text, element, rules))
    yield from wrong
    if not wrong:
        codes = rules.codes.get(element.number)
        if codes is not None and text not in codes:
            yield "x12.element.code", rules.codes.sentence(element.number)


def _form(text: str, element: ElementDef, rules: Rules) -> Iterator[Complaint]:
    if any(char < " " or "\x7f" <= char <= "\x9f" for char in text):
        yield "x12.element.character", "holds control characters"
    elif element.type == "DT":
        yield from _date(text, element, rules)
    elif element.type == "TM":
        yield from _time(text, element)
    elif element.type[0] == "N":
        yield from _number(text, element, _WHOLE, "is not a whole number; decimals are implied")
    elif element.type == "R":
        yield from _number(text, element, _DECIMAL, "is not a decimal number")
    else:
        yield from _text(text, element, rules)


def _length(length: int, element: ElementDef) -> Iterator[Complaint]:
    if length < element.min:
        yield "x12.element.too_short", f"is {length} long, at least {element.min} are required"
    elif length > element.max:
        yield "x12.element.too_long", f"is {length} long, at most {element.max} are allowed"


def _text(text: str, element: ElementDef, rules: Rules) -> Iterator[Complaint]:
    if not text.strip(" "):
        yield "x12.element.blank", "holds nothing but blanks"
    elif rules.agreed.blanks and text.strip(" ") != text:
        yield "x12.element.padded", "begins or ends with blanks"
    yield from _length(len(text), element)
    marks = rules.separators.component + rules.separators.repetition
    if any(mark in text for mark in marks):
        yield "x12.element.separator_in_text", "holds a separator of the interchange; it is taken as text"
    allowed = rules.characters
    if allowed is not None and (outside := sorted({char for char in text if char not in allowed} - set(marks))):
        shown = " ".join(outside[:5])
        yield "x12.element.character_set", f"holds {shown}, not of the {rules.agreed.characters} character set agreed"


def _number(text: str, element: ElementDef, form: re.Pattern[str], says: str) -> Iterator[Complaint]:
    """Sign and decimal point do not count toward the length (X12.6 §3.5.1.2)."""
    if not form.fullmatch(text):
        yield "x12.element.character", says
    else:
        yield from _length(sum(map(str.isdigit, text)), element)


def _date(text: str, element: ElementDef, rules: Rules) -> Iterator[Complaint]:
    lengths = [length for length in (6, 8) if element.min <= length <= element.max]
    if rules.agreed.short_dates and lengths == [8]:
        lengths = [6]
    if not (text.isascii() and text.isdigit()):
        yield "x12.element.date", "is not a date"
    elif len(text) not in (6, 8):
        yield from _length(len(text), element)
        yield "x12.element.date", "is not a date"
    elif not real_date(text):
        yield "x12.element.date", "is not a date of the calendar"
    elif len(text) not in lengths:
        expected = "CCYYMMDD" if 8 in lengths else "YYMMDD"
        yield "x12.element.date_length", f"is a date of {len(text)} digits, the release asks for {expected}"


def _time(text: str, element: ElementDef) -> Iterator[Complaint]:
    if not (text.isascii() and text.isdigit()):
        yield "x12.element.time", "is not a time"
    elif not element.min <= len(text) <= element.max or len(text) == 5:
        yield from _length(len(text), element)
        if len(text) == 5:
            yield "x12.element.time", "is not HHMM, HHMMSS or longer"
    elif not real_time(text):
        yield "x12.element.time", "is not a time of the day"


@lru_cache(maxsize=1024)
def real_date(text: str) -> bool:
    """Whether six digits (YYMMDD) or eight (CCYYMMDD) are a day of the calendar. A short year may be of either
    century, so 29 February passes where one of them has it."""
    year, month, day = text[:-4], int(text[-4:-2]), int(text[-2:])
    if not 1 <= month <= 12:
        return False
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    return any(known and 1 <= day <= monthrange(known, month)[1] for known in years)


def real_time(text: str) -> bool:
    """Whether digits are HHMM, HHMMSS or HHMMSSD(D), within a day."""
    seconds = text[4:6]
    return int(text[:2]) < 24 and int(text[2:4]) < 60 and (not seconds or int(seconds) < 60)
