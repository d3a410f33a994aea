"""Does a line fit: what it takes from the message, what its converter gives, what its field holds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from hub.mapping import fields
from hub.mapping.converters import Pair
from hub.mapping.expression import Form, Right
from hub.mapping.plan import Place
from hub.mapping.source import Entry, fault

_HINTS = {"decimal": "| decimal", "date": "| date", "object": "| identifier(list)", "integer": "| integer"}


def fits(
    kind: fields.Kind, pair: Pair | None, right: Right, entry: Entry, places: tuple[Place, ...], form: Form
) -> None:
    """Raise ``ConfigurationError`` with the line's place where its parts do not go together."""
    _takes(pair.takes if pair else "text", entry, places, form)
    gives = pair.gives if pair else "text"
    many = right.path[-1].kind == "" and kind.many == "list"
    if gives == "any" or (gives == "list" and (many or right.path[-1].kind == "list")):
        return
    wanted = _wanted(kind)
    if many or (wanted and gives not in wanted):
        need = "a list" if many else " or ".join(sorted(wanted))
        hint = "add " + " or ".join(_HINTS[one] for one in sorted(wanted & set(_HINTS))) if wanted & set(_HINTS) else ""
        raise fault(f"{entry.key} gives {gives}, but the field needs {need}", entry, hint)


def _takes(takes: str, entry: Entry, places: tuple[Place, ...], form: Form) -> None:
    composite = len(places) == 1 and places[0].slot is not None and bool(places[0].slot.definition.components)
    if form is Form.SEGMENTS and takes != "items":
        raise fault("segments(…) needs a converter of whole segments, such as store_split", entry)
    if form is Form.VALUE and len(places) > 1 and takes != "texts":
        raise fault("several elements need a converter that joins them, such as identifier(list)", entry)
    if form is Form.VALUE and composite and takes != "components":
        hint = f"name a component: {places[0].ref}.1, or a converter"
        raise fault(f"{places[0].ref} is a composite", entry, hint)


def _wanted(kind: fields.Kind) -> set[str]:
    """Which results of converters a field can take; empty: any."""
    if kind.model is not None:
        return {"object"}
    known: tuple[tuple[type, str], ...] = (
        (bool, "bool"),
        (str, "text"),
        (Decimal, "decimal"),
        (int, "integer"),
        (datetime, "datetime"),
        (date, "date"),
    )
    wanted = set()
    for one in kind.types:
        name = next((name for base, name in known if issubclass(one, base)), None)
        if name is None:
            return set()
        wanted.add(name)
    return wanted
