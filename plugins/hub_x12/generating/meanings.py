"""Random canonical values that a line of a mapping can write: by the domain that its converter describes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.mapping.plan import Leaf
from hub_x12.generating.digits import check_digit

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_DIGITS = "0123456789"
_FIRST = datetime(1995, 1, 1)  # noqa: DTZ001 - business dates have no zone


def sample(rng: random.Random, domain: Mapping[str, Any], leaf: Leaf) -> Any:
    """A value of ``domain`` (see ``hub.mapping.converters.Pair``); None for a domain that says nothing more than the
    element itself does."""
    kind = domain.get("kind")
    if kind == "choice":
        values = list(domain["values"])
        return rng.choice(values) if values else None
    if kind == "decimal":
        return _decimal(rng, domain, leaf)
    if kind == "integer":
        return rng.randint(1, 99)
    if kind == "date":
        return _day(rng)
    if kind == "datetime":
        moment = _FIRST + timedelta(minutes=rng.randrange(18_000_000))
        return moment.replace(tzinfo=UTC) if domain.get("zone") else moment
    if kind == "identifier":
        schemes = list(domain["schemes"])
        return identifier(rng, rng.choice(schemes), _longest(leaf)) if schemes else None
    if kind == "contact_point":
        return {"kind": rng.choice(list(domain["kinds"])), "value": "".join(rng.choices(_DIGITS, k=10))}
    if kind == "quantity":
        return {"value": Decimal(rng.randint(1, 999)), "unit": rng.choice(list(domain["units"]))}
    if kind == "store_split":
        return _store_split(rng, domain)
    if kind == "words":
        return " ".join("".join(rng.choices(_LETTERS, k=5)) for _ in range(rng.randint(1, 3)))
    return None


def _decimal(rng: random.Random, domain: Mapping[str, Any], leaf: Leaf) -> Decimal:
    """Above zero, and no percentage over a hundred."""
    places = int(domain.get("places", 0))
    places = places if domain.get("exact") else rng.randint(0, min(places, 2))
    share = any("percent" in step.name for step in leaf.field)
    top = 99 if share else 10 ** min(_longest(leaf), 5) - 1
    whole = rng.randint(1, max(top, 1) * (10**places if share or (places and rng.random() < 0.7) else 1))
    return Decimal(whole).scaleb(-places)


def _day(rng: random.Random) -> date:
    return (_FIRST + timedelta(days=rng.randrange(12_000))).date()


def _longest(leaf: Leaf) -> int:
    slot = leaf.places[-1].slot
    return (slot.definition.max or 12) if slot else 12


def identifier(rng: random.Random, scheme: str, longest: int) -> dict[str, str]:
    """An identifier of a scheme, with the check digit that the scheme asks for."""
    lengths = {"gtin": rng.choice((12, 13, 14)), "gln": 13, "sscc": 18}
    if (length := lengths.get(scheme)) is not None:
        body = "".join(rng.choices(_DIGITS, k=length - 1))
        digits = body + check_digit(body)
        return {"scheme": scheme, "value": digits.zfill(14) if scheme == "gtin" else digits}
    if scheme == "duns":
        return {"scheme": scheme, "value": "".join(rng.choices(_DIGITS, k=9))}
    size = rng.randint(2, max(2, min(longest, 12)))
    return {"scheme": scheme, "value": "".join(rng.choices(_LETTERS, k=size))}


def _store_split(rng: random.Random, domain: Mapping[str, Any]) -> list[dict[str, Any]]:
    unit = rng.choice(list(domain["units"]))
    scheme = rng.choice([one for one in domain["schemes"] if one not in ("gln", "gtin")])
    return [
        {
            "quantity": {"value": Decimal(rng.randint(1, 999)), "unit": unit},
            "location": {"identifiers": [{"scheme": scheme, "value": "".join(rng.choices(_DIGITS, k=4))}]},
        }
        for _ in range(rng.randint(1, 4))
    ]
