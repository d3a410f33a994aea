"""Interchanges for the benchmarks, made here: as many orders as wanted, six lines each.

They vary as real ones do: a range of 2,000 items, of which every order takes others, 200 stores, quantities and dates
of their own. The same count gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hub.model.check_digits import gs1_check_digit

ITEMS = 2_000
STORES = 200
LINES = 6
_NAMES = ("COFFEE BEANS", "GREEN TEA", "SPAGHETTI", "OLIVE OIL", "DISH SOAP", "PAPER TOWELS", "RICE", "CANDLES")
_KINDS = ("SMALL", "LARGE", "ORGANIC", "BULK", "LEMON", "CLASSIC", "FINE")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the range: GTIN-12, the seller's number, price, unit, name."""

    gtin: str
    sku: str
    price: str
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    number: int
    quantity: int
    item: Item


@cache
def item(number: int) -> Item:
    """The item ``number`` (0 to 1,999)."""
    digits = f"01234{number:06d}"
    price = f"{1 + number * 7 % 40}.{number * 13 % 100:02d}"
    name = f"{_NAMES[number % 8]} {_KINDS[number % 7]} {number}"
    return Item(digits + gs1_check_digit(digits), f"SKU{number:05d}", price, "CA" if number % 6 == 0 else "EA", name)


def lines(order: int) -> list[Line]:
    """The lines of one order: other items each time, the same every run."""
    return [
        Line(at, 1 + (order * 31 + at * 17) % 300, item((order * 389 + at * at * 97 + order // 7) % ITEMS))
        for at in range(1, LINES + 1)
    ]


def day(number: int) -> str:
    """A day of January 2026, as CCYYMMDD."""
    return f"202601{1 + number % 28:02d}"


def _set(number: int) -> str:
    store = number * 37 % STORES
    body = [
        f"ST*850*{number:09d}",
        f"BEG*00*SA*PO{number:08d}**{day(number)}",
        "CUR*BY*USD",
        f"REF*DP*{number % 40:03d}",
        f"DTM*002*{day(number + 9)}",
        "N1*BY*NORTHGATE FOODS INC*92*NG01",
        f"N1*ST*STORE NUMBER {store:04d}*92*{store:04d}",
        f"N3*{store + 100} MAIN STREET",
        f"N4*SPRINGFIELD*IL*62{store:03d}*US",
    ]
    for one in lines(number):
        what = one.item
        body += [
            f"PO1*{one.number}*{one.quantity}*{what.unit}*{what.price}**UP*{what.gtin}*VN*{what.sku}",
            f"PID*F****{what.name}",
        ]
    body.append(f"CTT*{LINES}")
    return "~".join([*body, f"SE*{len(body) + 1}*{number:09d}"]) + "~"


def x12_parts(count: int) -> Iterator[str]:
    """An X12 004010 interchange of ``count`` 850s, piece by piece."""
    yield (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'NORTHGATE':15}*ZZ*{'AUERBACH':15}*260101*0815*U*00401*000000001*0*P*>~"
        "GS*PO*NORTHGATE*AUERBACH*20260101*0815*1*X*004010~"
    )
    for number in range(1, count + 1):
        yield _set(number)
    yield f"GE*{count}*1~IEA*1*000000001~"


def _message(number: int) -> str:
    body = [
        f"UNH+{number}+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+PO{number:08d}+9",
        f"DTM+137:{day(number)}:102",
        f"DTM+2:{day(number + 9)}:102",
        "NAD+BY+4012345900026::9++HAGEDORN HANDEL GMBH+SPEICHERSTRASSE 12+HAMBURG++20457+DE",
        "NAD+SU+4012345999990::9",
        "NAD+DP+4012345900026::9",
        "CUX+2:EUR:9",
    ]
    for one in lines(number):
        body += [
            f"LIN+{one.number}++0{one.item.gtin}:EN",
            f"PIA+1+{one.item.sku}:SA",
            f"IMD+F++:::{one.item.name}",
            f"QTY+21:{one.quantity}:PCE",
            f"PRI+AAA:{one.item.price}",
        ]
    body += ["UNS+S", f"CNT+2:{LINES}"]
    return "'".join([*body, f"UNT+{len(body) + 1}+{number}"]) + "'"


def edifact_parts(count: int) -> Iterator[str]:
    """An EDIFACT interchange of ``count`` D96A ORDERS, piece by piece."""
    yield "UNA:+.? 'UNB+UNOC:3+4012345900026:14+4012345999990:14+260101:0815+1'"
    for number in range(1, count + 1):
        yield _message(number)
    yield f"UNZ+{count}+1'"
