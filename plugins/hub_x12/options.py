"""What a trading agreement may set for X12, checked once per interchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hub.errors import ConfigurationError
from hub.findings import Finding, Position, Severity
from hub.translation import POLICIES
from hub_x12.catalog import CATALOG
from hub_x12.deviations import DEVIATIONS, agreed
from hub_x12.rules import CHARACTERS, Agreed, CodeRule

NOWHERE = Position()

CHARACTER_SETS = {"auto": "", "ascii": "ascii", "latin-1": "latin-1", "utf-8": "utf-8", "cp1252": "cp1252"}

_CHOICES: dict[str, tuple[str, ...]] = {
    "character_set": tuple(CHARACTER_SETS),
    "characters": tuple(CHARACTERS),
    "blanks": ("accept", "report"),
    "code_lists": ("standard", "agreed"),
    "unknown_sets": ("accept", "reject"),
    "acknowledgment": ("997", "999", "none"),
    "ta1": ("requested", "always", "errors", "never"),
    "separators_in_data": ("reject", "replace", "choose"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """One agreement's choices; the defaults serve a partner without an agreement.

    Reading: ``deviations`` says of those in ``hub_x12.deviations`` whether they are accepted, accepted with a warning,
    or refused. ``code_lists``: whether the standard's lists hold or only the agreed ones; ``codes`` says what
    is agreed about single elements. ``characters`` are those a text may hold, ``blanks`` what to do about those
    around a value.
    ``unknown_sets``: what to do with a set that has no grammar. ``deep``: ask pyx12 as well.

    Acknowledging: ``ta1`` when to send one, ``ta1_reject`` TA105 codes that make it R although the interchange was
    processed (E otherwise), ``report_warnings`` also warnings as AK5*E, ``list_accepted`` an AK2/AK5 pair for
    accepted sets too.

    Writing: separators (empty: the usual ones, or others if the data holds those), ``separators_in_data``, versions
    and ids that differ from what the release implies.
    """

    character_set: str = "auto"
    deviations: tuple[tuple[str, str], ...] = ()
    codes: tuple[tuple[str, CodeRule], ...] = ()
    code_lists: str = "standard"
    characters: str = "any"
    blanks: str = "accept"
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
        values: dict[str, Any] = {}
        for key, value in given.items():
            name = str(key).replace("-", "_")
            if name in ("tolerate", "strict"):
                raise _wrong(name, value, "nothing; deviations: {x12: {NAME: accept, warn or refuse}} takes its place")
            if name in _DEFAULTS:
                values[name] = _checked(name, value, _DEFAULTS[name])
        return cls(**values) if values else DEFAULT

    def checks(self, release: str) -> Agreed:
        """What this agreement changes in the checks of a set of ``release``."""
        listed = release if self.code_lists == "standard" else ""
        return Agreed(self.codes, listed, release < "004010", self.characters, self.blanks == "report")

    def severity(self, code: str) -> Severity:
        """How grave a finding is under this agreement."""
        if code == "x12.set.not_supported" and self.unknown_sets == "reject":
            return Severity.ERROR
        return agreed(self.deviations).get(code) or CATALOG[code][0]

    def finding(self, code: str, message: str, position: Position = NOWHERE, value: str = "") -> Finding:
        """A finding of the catalog, as grave as this agreement takes it; ``value`` is cut to 99 characters."""
        _, list_id, list_code = CATALOG[code]
        return Finding(self.severity(code), code, message, position, value[:99], list_id, list_code)


DEFAULT = Options()
_DEFAULTS: dict[str, Any] = {item.name: item.default for item in fields(Options)}


def _wrong(name: str, value: Any, expected: str) -> ConfigurationError:
    return ConfigurationError(
        f"X12 option {name!r} is {value!r}", hint=f"Expected: {expected}. Correct it in the partner's agreement."
    )


def _codes(number: Any, said: Any) -> CodeRule:
    """What an agreement says of one element: a list (codes more than the standard's), ``{only: list}``, ``any``."""
    if said == "any":
        return "any", frozenset()
    mode, codes = "more", said
    if isinstance(said, Mapping) and list(said) == ["only"]:
        mode, codes = "only", said["only"]
    if not isinstance(codes, (list, tuple)):
        raise _wrong(f"codes: {number}", said, "a list of codes, {only: a list of codes}, or any")
    return mode, frozenset(map(str, codes))


def _deviation(key: Any) -> str:
    name = str(key).replace("-", "_")
    if name not in DEVIATIONS:
        raise _wrong("deviations", key, "names of deviations, as `hub partner deviations --known` prints them")
    return name


def _policy(key: Any, policy: Any) -> str:
    if policy not in POLICIES:
        raise _wrong(f"deviations: {key}", policy, " or ".join(POLICIES))
    return str(policy)


def _checked(name: str, value: Any, default: Any) -> Any:
    if name in _CHOICES:
        if str(value) not in _CHOICES[name]:
            raise _wrong(name, value, " or ".join(_CHOICES[name]))
        return str(value)
    if name == "deviations":
        return tuple(sorted((_deviation(key), _policy(key, policy)) for key, policy in dict(value or {}).items()))
    if name == "codes":
        if not isinstance(value, Mapping):
            raise _wrong(name, value, "data element number: list of codes")
        return tuple((str(number), _codes(number, said)) for number, said in value.items())
    if isinstance(default, bool):
        if str(value).lower() not in ("true", "false"):
            raise _wrong(name, value, "true or false")
        return str(value).lower() == "true"
    if isinstance(default, tuple):
        items = (value,) if isinstance(value, str) else value
        if not isinstance(items, (list, tuple)):
            raise _wrong(name, value, "a list")
        return tuple(map(str, items))
    text = str(value)
    if name.endswith(("_separator", "_terminator", "replacement")) and len(text) > 1:
        raise _wrong(name, value, "one character")
    return text
