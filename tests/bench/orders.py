"""Interchanges for the benchmarks, made here: as many orders as wanted, six lines each."""

from __future__ import annotations

from collections.abc import Iterator

LINES = (
    ("1", "120", "EA", "9.25", "012345678905", "SKU00001", "COFFEE BEANS ARABICA"),
    ("2", "220", "EA", "13.79", "012345678912", "SKU00002", "GREEN TEA 20 BAGS"),
    ("3", "126", "CA", "10.99", "012345678929", "SKU00003", "SPAGHETTI NO 5"),
    ("4", "76", "EA", "4.35", "012345678936", "SKU00004", "OLIVE OIL"),
    ("5", "72", "EA", "7.5", "012345678943", "SKU00005", "DISH SOAP LEMON"),
    ("6", "696", "EA", "9.55", "012345678950", "SKU00006", "PAPER TOWELS"),
)


def _set(number: int) -> str:
    body = [
        f"ST*850*{number:09d}",
        f"BEG*00*SA*PO{number:08d}**20260101",
        "CUR*BY*USD",
        "REF*DP*038",
        "DTM*002*20260115",
        "N1*BY*NORTHGATE FOODS INC*92*NG01",
        "N1*ST*STORE NUMBER 0001*92*0001",
        "N3*123 MAIN STREET",
        "N4*SPRINGFIELD*IL*62701*US",
    ]
    for line, quantity, unit, price, gtin, sku, name in LINES:
        body += [f"PO1*{line}*{quantity}*{unit}*{price}**UP*{gtin}*VN*{sku}", f"PID*F****{name}"]
    body.append("CTT*6")
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
        "DTM+137:20260101:102",
        "DTM+2:20260115:102",
        "NAD+BY+4012345900026::9++HAGEDORN HANDEL GMBH+SPEICHERSTRASSE 12+HAMBURG++20457+DE",
        "NAD+SU+4012345999990::9",
        "NAD+DP+4012345900026::9",
        "CUX+2:EUR:9",
    ]
    for line, quantity, _, price, gtin, sku, name in LINES:
        body += [
            f"LIN+{line}++0{gtin}:EN",
            f"PIA+1+{sku}:SA",
            f"IMD+F++:::{name}",
            f"QTY+21:{quantity}:PCE",
            f"PRI+AAA:{price}",
        ]
    body += ["UNS+S", "CNT+2:6"]
    return "'".join([*body, f"UNT+{len(body) + 1}+{number}"]) + "'"


def edifact_parts(count: int) -> Iterator[str]:
    """An EDIFACT interchange of ``count`` D96A ORDERS, piece by piece."""
    yield "UNA:+.? 'UNB+UNOC:3+4012345900026:14+4012345999990:14+260101:0815+1'"
    for number in range(1, count + 1):
        yield _message(number)
    yield f"UNZ+{count}+1'"
