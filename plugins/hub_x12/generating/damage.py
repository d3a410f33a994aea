"""Damage, for tests of what reads X12: one to a few changes to elements, segments or bytes."""

from __future__ import annotations

import random
from collections.abc import Callable

ODD = (
    "", "1", "0", "-", "A", "12", "-1", "1.", ".5", "1.5", "9.9.9", "1e3", "x y", "abc", " A", "A ", "2561", "24",
    "99999", "20261301", "20260229", "20260228", "260228", "00000000", "99991231", "0000", "2400", "120060", "12005",
    "1200599", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 4, "9" * 12, "9" * 40, "É", "€", "\t", "A\x07B",
)  # fmt: skip
"""Values that are too short, too long, of another type, no date, no time, or all right by chance."""

STRANGE = ("ZZZ", "B2", "N3", "CTT", "N1", "REF", "HL", "LIN", "DTM", "LS", "LE", "SE1", "Z", "A1B2", "n1")
"""Segment ids that are put where they may not belong."""


def damaged_body(rng: random.Random, lines: list[str], element: str = "*", component: str = ">") -> list[str]:
    """A set's segments (without terminators, ST and SE) with one to three changes."""
    out = list(lines)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if out:
            rng.choice(_SEGMENT_CHANGES if rng.random() < 0.4 else _ELEMENT_CHANGES)(rng, out, element, component)
    return out


def damaged_payload(rng: random.Random, payload: bytes, other: bytes = b"") -> bytes:
    """An interchange with changes anywhere, envelope and separators included: to its segments, or to its bytes.
    ``other`` is one that pieces are taken from."""
    if rng.random() < 0.5 and (changed := _segments_damaged(rng, payload)):
        payload = changed
        if rng.random() < 0.7:
            return payload
    out = bytearray(payload)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        rng.choice(_BYTE_CHANGES)(rng, out, other)
    return bytes(out)


def _segments_damaged(rng: random.Random, payload: bytes) -> bytes:
    """Changes to whole segments and elements; b'' for a payload that does not look like an interchange."""
    if len(payload) < 107 or not payload.startswith(b"ISA"):
        return b""
    text = payload.decode("latin-1")
    element, component, end = text[3], text[104], text[105]
    lines = text.split(end)
    at = 0 if rng.random() < 0.1 else 1
    return end.join(lines[:at] + damaged_body(rng, lines[at:], element, component)).encode("latin-1", "replace")


_Change = Callable[[random.Random, list[str], str, str], None]


def _value(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    values = out[at].split(element)
    place = rng.randrange(1, len(values) + 1)
    values[place : place + 1] = [rng.choice(ODD)]
    out[at] = element.join(values)
    if rng.random() < 0.8:
        out[at] = out[at].rstrip(element)


def _lost_value(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    values = out[at].split(element)
    if len(values) > 1:
        values[rng.randrange(1, len(values))] = ""
        out[at] = element.join(values).rstrip(element)


def _changed_character(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    if out[at]:
        place = rng.randrange(len(out[at]))
        out[at] = out[at][:place] + rng.choice("0A z-.>^é") + out[at][place + rng.randrange(2) :]


def _more_components(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    values = out[at].split(element)
    if len(values) > 1:
        place = rng.randrange(1, len(values))
        values[place] += rng.choice((component, component + "1", component * 3 + "AB", component.join("ABCDEFGHI")))
        out[at] = element.join(values)


def _shifted(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    values = out[at].split(element)
    values.insert(rng.randrange(1, len(values) + 1), "")
    out[at] = element.join(values)


def _lengthened(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    out[at] += element * rng.choice((1, 1, 5, 30)) + rng.choice(("", "X", "1"))


_ELEMENT_CHANGES: tuple[_Change, ...] = (
    _value, _value, _value, _lost_value, _lost_value, _changed_character, _more_components, _shifted, _lengthened,
)  # fmt: skip


def _lost(rng: random.Random, out: list[str], element: str, component: str) -> None:
    del out[rng.randrange(len(out))]


def _doubled(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    out[at:at] = [out[at]] * rng.choice((1, 1, 2, 12))


def _moved(rng: random.Random, out: list[str], element: str, component: str) -> None:
    line = out.pop(rng.randrange(len(out)))
    out.insert(rng.randrange(len(out) + 1), line)


def _swapped(rng: random.Random, out: list[str], element: str, component: str) -> None:
    one, two = rng.randrange(len(out)), rng.randrange(len(out))
    out[one], out[two] = out[two], out[one]


def _inserted(rng: random.Random, out: list[str], element: str, component: str) -> None:
    out.insert(rng.randrange(len(out) + 1), element.join((rng.choice(STRANGE), rng.choice(ODD) or "1")))


def _renamed(rng: random.Random, out: list[str], element: str, component: str) -> None:
    at = rng.randrange(len(out))
    _, _, rest = out[at].partition(element)
    out[at] = rng.choice(STRANGE) + element + rest


_SEGMENT_CHANGES: tuple[_Change, ...] = (_lost, _lost, _doubled, _moved, _swapped, _inserted, _renamed)


def _flipped(rng: random.Random, out: bytearray, other: bytes) -> None:
    if out:
        out[rng.randrange(len(out))] = rng.randrange(256)


def _removed(rng: random.Random, out: bytearray, other: bytes) -> None:
    at = rng.randrange(len(out) + 1)
    del out[at : at + rng.choice((1, 1, 2, 10, 60))]


def _added(rng: random.Random, out: bytearray, other: bytes) -> None:
    at = rng.randrange(len(out) + 1)
    more = rng.choice(
        (b"\r\n", b"\n", b" ", b"\x00", b"~", b"*", b">", b"ISA", b"ST*850*0001~", b"SE*1*1~", b"\xef\xbb\xbf")
    )
    out[at:at] = more


def _cut(rng: random.Random, out: bytearray, other: bytes) -> None:
    if rng.random() < 0.5:
        del out[rng.randrange(len(out) + 1) :]
    else:
        del out[: rng.randrange(len(out) + 1)]


def _copied(rng: random.Random, out: bytearray, other: bytes) -> None:
    source = other or bytes(out)
    begin = rng.randrange(len(source) + 1)
    at = rng.randrange(len(out) + 1)
    out[at:at] = source[begin : begin + rng.randrange(400)]


def _exchanged(rng: random.Random, out: bytearray, other: bytes) -> None:
    """One byte value becomes another everywhere: other separators, upper and lower case, blanks."""
    if out:
        old, new = bytes([rng.choice(out)]), bytes([rng.choice(b"*~>|^: \n\rA1\x1f\x80")])
        out[:] = out.replace(old, new)


def _wrapped(rng: random.Random, out: bytearray, other: bytes) -> None:
    width = rng.choice((20, 60, 80, 106))
    out[:] = b"\r\n".join(bytes(out[at : at + width]) for at in range(0, len(out), width))


_BYTE_CHANGES = (_flipped, _flipped, _flipped, _removed, _removed, _added, _cut, _copied, _exchanged, _wrapped)
