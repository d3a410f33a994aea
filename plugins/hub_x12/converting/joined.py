"""Converters of elements that mean something only together: spans of days, rates of exchange, numbered references."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hub.mapping.converters import Converter, Environment, Pair, Unmapped
from hub.mapping.values import ccyymmdd, number, shown


def _century(parts: Sequence[str]) -> None:
    """What stands in DTM05 before release 004010 (data element 624): two-digit years tell it themselves."""
    if parts[0] not in ("19", "20"):
        raise Unmapped(f"{parts[0] or parts[1]} is no century of trade")


def _period(args: Sequence[str], env: Environment) -> Pair:
    """Format and period (DTM05, DTM06): ``RD8`` is a range of days, ``D8`` one day; other formats are kept."""
    if env.version < "004010":
        return Pair(_century, None, "texts", "object")

    def read(parts: Sequence[str]) -> dict[str, Any]:
        form, text = parts
        if form == "D8" and text:
            day = ccyymmdd(text)
            return {"start": day, "end": day}
        if form != "RD8" or not text:
            raise Unmapped(f"a period as {form or 'nothing'} has no field")
        start, dash, end = text.partition("-")
        if not dash:
            raise ValueError(f"'{text}' is not a range as CCYYMMDD-CCYYMMDD")
        return {"start": ccyymmdd(start), "end": ccyymmdd(end)}

    def write(value: dict[str, Any]) -> tuple[str, str]:
        start, end = value.get("start"), value.get("end")
        if type(start) is not date or type(end) is not date:
            raise ValueError("only a period of days with a first and a last one can be written")
        if start == end:
            return "D8", f"{start:%Y%m%d}"
        return "RD8", f"{start:%Y%m%d}-{end:%Y%m%d}"

    month, day = (date(2026, 1, 1), date(2026, 1, 31)), date(2026, 2, 2)
    samples = [{"start": month[0], "end": month[1]}, {"start": day, "end": day}]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


def _exchange(args: Sequence[str], env: Environment) -> Pair:
    """Rate and other currency (CUR03, CUR05): the rate of exchange from the document's currency into the other."""

    def read(parts: Sequence[str]) -> dict[str, Any]:
        rate, target = parts
        if not (rate and target):
            raise Unmapped("a rate of exchange needs both currencies")
        return {"target": target.strip().upper(), "rate": number(rate)}

    def write(value: dict[str, Any]) -> tuple[str, str]:
        return shown(value["rate"]), value["target"]

    samples = [{"target": "EUR", "rate": Decimal("0.9215")}, {"target": "JPY", "rate": Decimal(151)}]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


def _numbered(args: Sequence[str], env: Environment) -> Pair:
    """Qualifier and reference (CAD07, CAD08; ADX03, ADX04) as {type, id}, both ways."""
    if not args:
        raise ValueError("x12_numbered needs the name of a code list")
    found = env.codes.get(args)
    prefix = args[0] + ":"

    def read(parts: Sequence[str]) -> dict[str, str]:
        qualifier, value = parts
        if not value:
            raise Unmapped(f"qualifier {qualifier} has no reference")
        kind = found.read.get(qualifier)
        if kind is None:
            raise Unmapped(f"qualifier {qualifier} is not in list {args[0]}", {"type": prefix + qualifier, "id": value})
        return {"type": kind, "id": value}

    def write(item: dict[str, str]) -> tuple[str, str]:
        kind = item["type"]
        qualifier = kind[len(prefix) :] if kind.startswith(prefix) else found.write.get(kind)
        if qualifier is None:
            raise ValueError(f"list {args[0]} has no qualifier for {kind}")
        return qualifier, item["id"]

    samples = [{"type": kind, "id": "4711"} for kind, code in found.write.items() if found.read.get(code) == kind]
    return Pair(read, write, "texts", "object", {"kind": "choice", "values": samples})


CONVERTERS = (
    Converter("x12_numbered", _numbered, "x12_numbered(list): qualifier and reference as {type, id}, both ways"),
    Converter("x12_period", _period, "x12_period: format and period (DTM05, DTM06) as a first and a last day"),
    Converter("x12_exchange", _exchange, "x12_exchange: rate and other currency (CUR03, CUR05)"),
)
