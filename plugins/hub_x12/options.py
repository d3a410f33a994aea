"""What a trading agreement may set for X12, checked once per interchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hub.errors import ConfigurationError
from hub.findings import Finding, Position, Severity
from hub_x12.catalog import CATALOG

NOWHERE = Position()

CHARACTER_SETS = {"auto": "", "ascii": "ascii", "latin-1": "latin-1", "utf-8": "utf-8", "cp1252": "cp1252"}

_CHOICES: dict[str, tuple[str, ...]] = {
    "character_set": tuple(CHARACTER_SETS),
    "unknown_sets": ("accept", "reject"),
    "acknowledgment": ("997", "999", "none"),
    "ta1": ("requested", "always", "errors", "never"),
    "separators_in_data": ("reject", "replace", "choose"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """One agreement's choices; the defaults serve a partner without an agreement.

    Reading: ``tolerate`` and ``strict`` name findings of the catalog (``x12.set.segment_count``) that shall be
    warnings, or errors. ``codes`` adds code lists to check elements against (data element → values).
    ``unknown_sets``: what to do with a set that has no grammar. ``deep``: ask pyx12 as well.

    Acknowledging: ``ta1`` when to send one, ``ta1_reject`` TA105 codes that make it R although the interchange was
    processed (E otherwise), ``report_warnings`` also warnings as AK5*E, ``list_accepted`` an AK2/AK5 pair for
    accepted sets too.

    Writing: separators (empty: the usual ones, or others if the data holds those), ``separators_in_data``, versions
    and ids that differ from what the release implies.
    """

    character_set: str = "auto"
    tolerate: tuple[str, ...] = ()
    strict: tuple[str, ...] = ()
    codes: tuple[tuple[str, frozenset[str]], ...] = ()
    unknown_sets: str = "accept"
    deep: bool = False
    acknowledgment: str = "997"
    ta1: str = "requested"
    ta1_reject: tuple[str, ...] = ()
    report_warnings: bool = False
    list_accepted: bool = True
    element_separator: str = ""
    segment_terminator: str = ""
    component_separator: str = ""
    repetition_separator: str = ""
    line_breaks: bool = False
    separators_in_data: str = "reject"
    replacement: str = " "
    interchange_version: str = ""
    group_version: str = ""
    application_sender: str = ""
    application_receiver: str = ""
    acknowledgment_requested: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """Check what an agreement says. Options of other parts of the hub are left alone; a wrong value of one of
        ours raises ConfigurationError."""
        known = {item.name: item for item in fields(cls)}
        values: dict[str, Any] = {}
        for key, value in given.items():
            name = str(key).replace("-", "_")
            if name in known:
                values[name] = _checked(name, value, known[name].default)
        return cls(**values)

    def severity(self, code: str) -> Severity:
        """How grave a finding is under this agreement."""
        if code in self.strict or (code == "x12.set.not_supported" and self.unknown_sets == "reject"):
            return Severity.ERROR
        grave = CATALOG[code][0]
        return Severity.WARNING if grave is Severity.ERROR and code in self.tolerate else grave

    def finding(self, code: str, message: str, position: Position = NOWHERE, value: str = "") -> Finding:
        """A finding of the catalog, as grave as this agreement takes it; ``value`` is cut to 99 characters."""
        _, list_id, list_code = CATALOG[code]
        return Finding(self.severity(code), code, message, position, value[:99], list_id, list_code)


DEFAULT = Options()


def _wrong(name: str, value: Any, expected: str) -> ConfigurationError:
    return ConfigurationError(
        f"X12 option {name!r} is {value!r}", hint=f"Expected: {expected}. Correct it in the partner's agreement."
    )


def _checked(name: str, value: Any, default: Any) -> Any:
    if name in _CHOICES:
        if str(value) not in _CHOICES[name]:
            raise _wrong(name, value, " or ".join(_CHOICES[name]))
        return str(value)
    if name == "codes":
        if not isinstance(value, Mapping):
            raise _wrong(name, value, "data element number: list of codes")
        return tuple((str(number), frozenset(map(str, codes))) for number, codes in value.items())
    if isinstance(default, bool):
        if str(value).lower() not in ("true", "false"):
            raise _wrong(name, value, "true or false")
        return str(value).lower() == "true"
    if isinstance(default, tuple):
        items = (value,) if isinstance(value, str) else value
        if not isinstance(items, (list, tuple)):
            raise _wrong(name, value, "a list")
        names = tuple(map(str, items))
        unknown = [item for item in names if name != "ta1_reject" and item not in CATALOG]
        if unknown:
            raise _wrong(name, unknown[0], "names of findings, as `hub check --json` prints them")
        return names
    text = str(value)
    if name.endswith(("_separator", "_terminator", "replacement")) and len(text) > 1:
        raise _wrong(name, value, "one character")
    return text
