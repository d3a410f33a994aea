"""A request's values put into the shape that the WSDL demands, and checked before they leave.

zeep sends what it is given: ``'1,5'`` into a decimal, ``'no'`` into a boolean (as true), a control character into a
name. One ERP stores the price ``12,34`` as 1234.00. So every text is held against its type first.
"""

from __future__ import annotations

import re
from typing import Any

from zeep import xsd
from zeep.xsd.types import builtins

from hub.findings import Position, error
from hub.located import did_you_mean
from hub_soap.errors import CallRejected, EndpointSetup, Kind
from hub_soap.settings import Fixes

_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_LEXICAL: tuple[tuple[type, str, re.Pattern[str]], ...] = (
    # XML Schema part 2: lexical representations. Subclasses of Integer and Decimal in zeep come after their kind.
    (builtins.Boolean, "a boolean (true, false, 1, 0)", re.compile(r"true|false|1|0")),
    (builtins.Integer, "a whole number", re.compile(r"[+-]?\d+")),
    (builtins.Decimal, "a decimal number with a point", re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")),
    (builtins.Double, "a number", re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")),
    (builtins.Float, "a number", re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")),
    (
        builtins.DateTime,
        "a date and time (2026-01-31T12:00:00Z)",
        re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?" + _ZONE),
    ),
    (builtins.Date, "a date (2026-01-31)", re.compile(r"\d{4}-\d\d-\d\d" + _ZONE)),
    (builtins.Time, "a time", re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?" + _ZONE)),
)
# Characters that XML 1.0 §2.2 does not allow at all, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def shaped(values: Any, kind: Any, fixes: Fixes, *, prune: bool = False, path: str = "") -> Any:
    """``values`` (a tree of dict, list, str) as zeep wants it for the type ``kind``.

    Raises ``EndpointSetup`` for a member that the WSDL does not have (or leaves it out, with ``prune``), and
    ``CallRejected`` for a text that is not what its type allows.
    """
    if values is None:
        return None
    if not isinstance(kind, xsd.ComplexType):
        return _checked(values, kind, path)
    if not isinstance(values, dict):
        values = {"_text": values}
    elements = dict(kind.elements)
    attributes = dict(kind.attributes)
    out: dict[str, Any] = {}
    for name, value in values.items():
        here = f"{path}/{name}" if path else name
        if name == "_text" and "_value_1" in elements:
            out["_value_1"] = _checked(value, elements["_value_1"].type, here)
        elif name.startswith("@") and name[1:] in attributes:
            out[name[1:]] = _checked(value, attributes[name[1:]].type, here)
        elif name in elements:
            out[name] = _member(value, elements[name], fixes, prune, here)
        elif not prune:
            raise EndpointSetup(
                f"the WSDL has no member '{here}' in this operation's request",
                hint=did_you_mean(name, [*elements, *("@" + key for key in attributes)])
                + " Check the mapping file and `parameters`.",
            )
    if fixes.skip_missing:
        for name, element in elements.items():
            if out.get(name) is None and element.min_occurs:
                out[name] = xsd.SkipValue
    return out


def _member(value: Any, element: Any, fixes: Fixes, prune: bool, path: str) -> Any:
    if isinstance(value, list):
        if not element.accepts_multiple:
            raise EndpointSetup(
                f"'{path}' occurs once in the WSDL, and the mapping writes a list",
                hint="Give it a name without [] in the mapping file.",
            )
        return [shaped(item, element.type, fixes, prune=prune, path=path) for item in value]
    single = shaped(value, element.type, fixes, prune=prune, path=path)
    return [single] if element.accepts_multiple and single is not None else single


def _checked(value: Any, kind: Any, path: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise EndpointSetup(f"'{path}' is a single text in the WSDL, and the mapping writes a structure")
    if found := _ILLEGAL.search(value):
        raise _refused(path, f"holds the character U+{ord(found[0]):04X}, which XML cannot carry", value)
    for known, name, pattern in _LEXICAL:
        if isinstance(kind, known):
            if not pattern.fullmatch(value.strip()):
                raise _refused(path, f"must be {name}", value)
            return value.strip()
    return value


def _refused(path: str, problem: str, value: str) -> CallRejected:
    shown = value.encode("utf-8", "replace").decode()[:99]
    finding = error("soap.value", f"'{path}' {problem}", Position(name=path), value=shown)
    return CallRejected(f"'{path}' {problem}", Kind.INVALID, (finding,))


def nested(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters by path as one tree: ``{"auth/login": "x", "order": {…}}``; outer paths first, so that a member
    can be added to a structure (``order/ExternalKey``). None leaves a parameter out."""
    out: dict[str, Any] = {}
    for path, value in sorted(parameters.items(), key=lambda item: item[0].count("/")):
        if value is None:
            continue
        *above, last = path.split("/")
        level = out
        for name in above:
            inner = level.get(name)
            level[name] = inner = dict(inner) if isinstance(inner, dict) else {}
            level = inner
        level[last] = value
    return out
