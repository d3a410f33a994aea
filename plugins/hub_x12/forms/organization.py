"""X12 816, organizational relationships: one message is one ``Party`` for every place or company that it lists.

They are parties and not ``Location`` documents: a location needs its time zone, and an 816 never says one. A party
with the role store or warehouse holds all that is said; whoever makes locations of them knows the zone. The hierarchy
(HL) is kept twice: as a relation ``parent`` to the number of the party above, and as the levels of the message, so that
the message can be written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from hub.mapping.forms import Data, MessageForm
from hub.model.address import Address
from hub.model.contact import Contact
from hub.model.dates import When
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.identifiers import Identifier
from hub.model.party_ref import PartyRef
from hub.model.quantity import QualifiedQuantity
from hub.model.reference import Code, DocRef, QualifiedDate
from hub.model.value import Many, Value

_SHARED = ("message_id", "structure", "purpose", "type", "issued_at", "roles", "references", "dates")
"""What an announcement takes from the heading of the message."""
_PLAIN = ("identifiers", "contacts", "references", "dates", "quantities", "classification", "action", "change",
          "action_reason", "extensions")  # fmt: skip
"""What a listed party and a ``Party`` call by one name."""
_HEAD = {"structure": "ZZZZ", "purpose": "original"}
"""What a heading must say; ZZZZ is a hierarchy that no code describes (data element 1005)."""
_LEVEL, _ROLE = "operating_unit", "place_of_business"
"""What a level and a party must say they are."""


class ListedParty(Value):
    """An N1 loop below a level."""

    role: str = ""
    name: str = ""
    more_names: Many[str] = ()
    identifiers: Many[Identifier] = ()
    address: Address | None = None
    contacts: Many[Contact] = ()
    references: Many[DocRef] = ()
    dates: Many[QualifiedDate] = ()
    quantities: Many[QualifiedQuantity] = ()
    classification: Many[Code] = ()
    action: str = ""
    change: str = ""
    action_reason: str = ""
    extensions: Extensions = Field(default_factory=dict)


class OrganizationLevel(Value):
    """An HL loop: its number, the number of the level above, what kind of level it is, and the parties on it."""

    level_id: str = ""
    parent_level_id: str = ""
    level: str = ""
    has_children: str = ""
    parties: Many[ListedParty] = ()


class OrganizationList(Value):
    """The message."""

    structure: str = ""
    purpose: str = ""
    message_id: str = ""
    issued_at: When | None = None
    type: str = ""
    dates: Many[QualifiedDate] = ()
    references: Many[DocRef] = ()
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    levels: Many[OrganizationLevel] = ()


def read(form: Data) -> list[tuple[str, Data]]:
    """A party for every N1 below a level, in the order of the message."""
    shared = _HEAD | {name: form[name] for name in _SHARED if form.get(name)}
    above: dict[str, str] = {}
    made = []
    for number, level in enumerate(form.get("levels") or (), 1):
        parties = level.get("parties") or ()
        level = {"level_id": str(number), "level": _LEVEL} | level
        if parties:
            above[level["level_id"]] = _known_as(parties[0])
        for listed in parties:
            made.append(("Party", _party(listed, level, shared, above)))
    return made


def _known_as(listed: Data) -> str:
    """The number that the sender has for a party, else its name."""
    identifiers = listed.get("identifiers") or ()
    return str(identifiers[0]["value"]) if identifiers else str(listed.get("name", ""))


def _party(listed: Data, level: Data, shared: Data, above: dict[str, str]) -> Data:
    party: Data = {"party_kind": "organization", "level": level["level"], "roles": [listed.get("role") or _ROLE]}
    if listed.get("name"):
        party["legal_name"] = listed["name"]
    if listed.get("more_names"):
        party["names"] = listed["more_names"]
    if listed.get("address"):
        party["addresses"] = [listed["address"]]
    if listed.get("identifiers"):
        party["external_id"] = _known_as(listed)
    party |= {name: listed[name] for name in _PLAIN if listed.get(name)}
    announcement = shared | {"level_id": level["level_id"]}
    if parent := level.get("parent_level_id"):
        announcement["parent_level_id"] = parent
        if above.get(parent):
            party["relations"] = [{"type": "parent", "from_party": _known_as(listed), "to_party": above[parent]}]
    party["announcement"] = announcement
    return party


def write(documents: Sequence[Document]) -> list[Data]:
    """One message for the parties of every announcement, and one for all parties that none announced."""
    heads: list[Data] = []
    groups: list[list[Data]] = []
    for document in documents:
        party = document.model_dump(exclude_defaults=True, exclude={"extensions", "provenance"})
        head = {name: value for name, value in party.get("announcement", {}).items() if name in _SHARED}
        if head not in heads:
            heads.append(head)
            groups.append([])
        groups[heads.index(head)].append(party)
    return [_message(head, group) for head, group in zip(heads, groups, strict=True)]


def _message(head: Data, parties: list[Data]) -> Data:
    levels: list[Data] = []
    known = {str(party.get("external_id") or party.get("legal_name", "")): party for party in parties}
    numbers = _numbered(parties)
    for party, own in zip(parties, numbers, strict=True):
        level: Data = {"level_id": own, "level": party.get("level") or _LEVEL, "parties": [_listed(party)]}
        if parent := _parent(party, parties, numbers, known):
            level["parent_level_id"] = parent
        if levels and levels[-1]["level_id"] == own:
            levels[-1]["parties"] += level["parties"]
        else:
            levels.append(level)
    return _HEAD | head | {"levels": levels}


def _numbered(parties: list[Data]) -> list[str]:
    """The number of every party's level: as announced, else counted on from the highest."""
    announced = [str(party.get("announcement", {}).get("level_id", "")) for party in parties]
    last = max((int(one) for one in announced if one.isdecimal()), default=0)
    out = []
    for one in announced:
        if not one:
            last += 1
        out.append(one or str(last))
    return out


def _parent(party: Data, parties: list[Data], numbers: list[str], known: dict[str, Data]) -> str:
    if announced := party.get("announcement", {}).get("parent_level_id"):
        return str(announced)
    for relation in party.get("relations") or ():
        above: Any = known.get(relation.get("to_party", "")) if relation["type"] == "parent" else None
        if above is not None and above is not party:
            return next(number for one, number in zip(parties, numbers, strict=True) if one is above)
    return ""


def _listed(party: Data) -> Data:
    listed: Data = {"role": next(iter(party.get("roles") or ()), _ROLE)}
    name = party.get("legal_name") or party.get("trading_name")
    if name:
        listed["name"] = name
    if party.get("names"):
        listed["more_names"] = party["names"]
    if party.get("addresses"):
        fields = Address.model_fields
        listed["address"] = {key: value for key, value in party["addresses"][0].items() if key in fields}
    listed |= {name: party[name] for name in _PLAIN if name != "extensions" and party.get(name)}
    return listed


def lawful(form: Data) -> Data:
    """See ``MessageForm.lawful``: every level has a number of its own."""
    known: set[str] = set()
    for number, level in enumerate(form.get("levels") or (), 1):
        if level.get("level_id", str(number)) in known:
            level["level_id"] = f"{number}#"
        known.add(level.get("level_id", str(number)))
    return form


FORM = MessageForm(
    "x12.organization", OrganizationList, ("Party",), read, write,
    "816: the parties that the levels of an organization list, each a document",
    lawful=lawful,
)  # fmt: skip
