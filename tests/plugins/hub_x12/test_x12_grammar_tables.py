"""Our grammar against the tables that other people made of the same standard, release by release.

Three collections: ``x12-004010.json`` (elements, syntax notes, sets), an editor's tables of five releases (elements
with their numbers, sets, every id) and tables of all releases without licence (lengths, requirement, sets). Where we
follow one against another on purpose, the place is listed here with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hub.grammar import ElementDef, Loop, SegmentDef, SegmentUse
from hub.grammar.model import UNBOUNDED
from hub_x12.grammar.release import Release, available, composite_notes, release

DEFS = Path(__file__).parents[4] / "shared" / "samples" / "defs"
pytestmark = pytest.mark.skipif(not DEFS.exists(), reason="the definitions to check against are not at hand")

EDITOR = {"003040": "00304", "003060": "00306", "004010": "00401", "004030": "00403", "005010": "00501"}
MANY = 99999
"""From this limit on a place is unbounded here: older tables write 100000 or 999999 for what newer ones call ``>1``."""

PLAIN_DATES = "a table gives the century as a second component of this date; the releases before and after have a date"
ELEMENTS = {
    ("003050", "PER07"): "mandatory in one table only; optional in every other release, and new here",
    ("003050", "PER08"): "mandatory in one table only; optional in every other release, and new here",
    **{("003070", ref): PLAIN_DATES for ref in ("BAK04", "BAK09", "BCA06", "BCA10", "BCA11", "BCA12")},
    **{("003070", ref): PLAIN_DATES for ref in ("BCH06", "BCH10", "BCH11", "BEG05")},
}
"""(release, element) that differs from the table without licence, and why."""

WIDER = {
    "1551": (1, 4096, "tables of 1 to 264 and of 1 to 4096 are both in use; the wider one is followed"),
    "739": (1, 20, "20 digits from 003060 to 005010; one table of 004010 has 10"),
    "740": (1, 20, "as 739"),
    "741": (1, 20, "as 739"),
}
"""Data elements that are wider here than in some table."""

KINDS = {"143": "a set number is a code (ID); the editor has AN", "96": "a count is a number (N0); the editor has AN"}
"""Data elements whose type differs from the editor's."""


MORE_NOTES = {"C2624"}
"""PAM12 requires PAM10 as PAM11 does, and as PAM08 and PAM09 require PAM07; one table has left it out. Numbered by
component, as that table does."""

LIMIT_IN_TABLE = 9999
"""The tables without licence write >1 for a limit of 9999 and more; the editor's number is followed."""

IN_LS = "mandatory inside the bounded loop LS … LE in one table; the editor's tables of the release have it optional"
SETS = {
    **{(name, "846", "LIN QTY LS REF"): IN_LS for name in ("003040", "003050", "003060", "003070")},
    **{(name, "846", "LIN QTY LS REF"): IN_LS for name in ("004030", "004060", "005010")},
    **{(name, "850", "PO1 LS LDT"): IN_LS for name in ("003050", "003060", "003070", "004030", "004060", "005010")},
    **{(name, "860", "POC LS LDT"): IN_LS for name in ("003050", "003060", "003070", "004030", "004060", "005010")},
    **{(name, "832", "LIN CTP LS LM"): IN_LS for name in ("004030", "004060", "005010")},
    **{(name, "832", "LIN CTP LS#2 N1"): IN_LS for name in ("004060", "005010")},
    **{(name, "940", "LX W01 LS LX"): IN_LS for name in ("004030", "004060", "005010")},
    **{(name, "945", "LX W12 LS LX"): IN_LS for name in ("004030", "004060", "005010")},
    ("003060", "865", "POC PD PDD"): "once in one table, any number in the editor's",
    ("003070", "810", "FA1 FA2"): "optional in one table here only; FA1 without FA2 says nothing",
}
"""(release, set, path) whose requirement or limit differs from the table without licence, and why."""


def _numbers(items: tuple[ElementDef, ...]) -> list[tuple[str, bool, int]]:
    return [(item.number, item.required, item.repeat) for item in items]


@cache
def _table(name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((DEFS / f"x12-{name}.json").read_text())
    return table


@cache
def _editor(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = DEFS / "x12-editor" / EDITOR[name]
    segments = json.loads((folder / f"{EDITOR[name]}.json").read_text())["Segments"]
    sets = json.loads((folder / f"{EDITOR[name]}_versions.json").read_text())["DocumentTypes"]
    named = {kind.partition("_")[2]: known.get("TransactionSet") for kind, known in sets.items()}
    return segments, {kind: content for kind, content in named.items() if content}


def _used(known: Release) -> Iterator[SegmentDef]:
    """The segments that a set of the release uses."""
    ids: set[str] = set()

    def collect(items: tuple[SegmentUse | Loop, ...]) -> None:
        for item in items:
            if isinstance(item, Loop):
                collect(item.content)
            else:
                ids.add(item.id)

    for described in known.sets.values():
        collect(described.content)
    return (known.segments[ident] for ident in sorted(ids))


def _size(fact: list[Any]) -> tuple[int, int]:
    return (fact[2][0], fact[2][1]) if isinstance(fact[2], list) else (1, fact[2])


FAMILY = {"ID": "AN", "N0": "R"}
"""What the tables without licence call a type."""


def _same(ours: ElementDef, theirs: list[Any]) -> bool:
    if ours.required != (theirs[1] == "M"):
        return False
    if isinstance(theirs[2], list) and isinstance(theirs[2][0], list):
        return len(ours.components) == len(theirs[2]) and all(map(_same, ours.components, theirs[2]))
    wide = WIDER.get(ours.number, _size(theirs))
    return not ours.components and (ours.min, ours.max) in (_size(theirs), wide[:2]) and (
        FAMILY.get(ours.type, ours.type) == theirs[3]
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in available() if name != "004010"])
def test_elements_agree_with_the_tables_of_every_release(name: str) -> None:
    differ = set()
    for definition in _used(release(name)):
        theirs = _table(name)["segments"].get(definition.id)
        if definition.id.startswith("IK") or definition.id == "CTX":
            continue  # those tables have no 999
        assert len(theirs) == len(definition.elements), definition.id
        differ |= {
            (name, ours.ref) for ours, fact in zip(definition.elements, theirs, strict=True) if not _same(ours, fact)
        }
    assert differ == {key for key in ELEMENTS if key[0] == name}


@pytest.mark.parametrize("name", EDITOR)
def test_elements_agree_with_the_editor(name: str) -> None:
    segments, sets = _editor(name)
    known = release(name)
    assert known.known_segments - {"ISA", "IEA", "GS", "GE", "TA1"} == set(segments) - {"ISA", "IEA", "GS", "GE", "TA1"}
    assert known.known_sets == set(sets)
    for definition in _used(known):
        theirs = segments[definition.id]["Elements"]
        expected = [(item["Id"], item["Required"], item.get("Repeat", 1)) for item in theirs]
        assert _numbers(definition.elements) == expected, definition.id
        for ours, fact in zip(definition.elements, theirs, strict=True):
            parts = [(part["Id"], part["Required"], 1) for part in fact.get("Components", ())]
            assert _numbers(ours.components) == parts, ours.ref
            if "DataType" in fact and ours.number not in KINDS:
                assert ours.type.rstrip("0123456789") == fact["DataType"], ours.ref
            if "MinLength" in fact:
                wide = WIDER.get(ours.number, (0, 0, ""))[:2]
                assert (ours.min, ours.max) in ((fact["MinLength"], fact["MaxLength"]), wide), ours.ref


def test_004010_agrees_with_its_own_table() -> None:
    table = _table("004010")
    for definition in _used(release("004010")):
        theirs = table["segments"][definition.id]
        assert _numbers(definition.elements) == [(n, r == "M", 1) for n, r, *_ in theirs["elements"]], definition.id
        for element in definition.elements:
            for part in element.components or (element,):
                fact = table["elements"][part.number]
                wide = WIDER.get(part.number, (0, 0, ""))[:2]
                assert (part.min, part.max) in ((fact["min"], fact["max"]), wide), part
                family = fact["type"] if re.fullmatch(r"N\d|AN|ID", fact["type"]) else fact["type"].rstrip("0123456789")
                assert part.type == family or (part.type, family) == ("ID", "AN"), part  # its codes have no list there
        assert _counted(definition) - MORE_NOTES == set(theirs["syntax"]), definition.id


def _counted(definition: SegmentDef) -> set[str]:
    """Our syntax notes as that table numbers them: by component, those inside a composite among them."""
    starts, at = [0], 1
    inner = set()
    for element in definition.elements:
        starts.append(at)
        for note in composite_notes("004010").get(element.number, ()):
            inner.add(_moved(note, [0, *range(at, at + len(element.components))]))
        at += len(element.components) or 1
    return {_moved(note, starts) for note in definition.notes} | inner


def _moved(note: str, starts: list[int]) -> str:
    return note[0] + "".join(f"{starts[int(note[at : at + 2])]:02d}" for at in range(1, len(note), 2))


Places = dict[str, tuple[bool, int]]
"""Requirement and limit by path; ``LIN QTY#2`` is the second QTY inside LIN, ``LIN/`` the loop itself."""


def _place(out: Places, path: str, ident: str, fact: tuple[bool, int]) -> str:
    start = f"{path} {ident}".strip()
    name, nth = start, 1
    while name in out:
        nth += 1
        name = f"{start}#{nth}"
    out[name] = (fact[0], UNBOUNDED if fact[1] >= MANY else fact[1])
    return name


def _ours(items: tuple[SegmentUse | Loop, ...], path: str = "", out: Places | None = None) -> Places:
    out = {} if out is None else out
    for item in items:
        if isinstance(item, Loop):
            _ours(item.content, _place(out, path, f"{item.id}/", (item.required, item.max)), out)
        else:
            _place(out, path, item.id, (item.required, item.max))
    return out


def _theirs(items: list[dict[str, Any]], path: str = "", out: Places | None = None) -> Places:
    """A table of ``segment``, ``loop``, ``req``, ``max``. Its SE is none of ours, and one segment is in lower case."""
    out = {} if out is None else out
    for item in items:
        fact = (item["req"] == "M", UNBOUNDED if item["max"] == ">1" else item["max"])
        if "loop" in item:
            _theirs(item["content"], _place(out, path, f"{item['loop'].upper()}/", fact), out)
        elif item["segment"] != "SE":
            _place(out, path, item["segment"].upper(), fact)
    return out


def _edited(items: list[dict[str, Any]], path: str = "", out: Places | None = None) -> Places:
    """The editor's ``Id``, ``Min``, ``Max``, ``Loop``; it numbers loops (``N1Loop2``) and lists ST and SE."""
    out = {} if out is None else out
    for item in items:
        most = item.get("Max", 1)
        fact = (item.get("Min", 1) > 0, UNBOUNDED if most == "unbounded" else most)
        if "Loop" in item:
            ident = re.sub(r"Loop\d+$", "", item["Id"])
            _edited(item["Loop"], _place(out, path, f"{ident}/", fact), out)
        elif item["Id"] not in ("ST", "SE"):
            _place(out, path, item["Id"], fact)
    return out


FLOATING = {"003040": ("810", "830", "832", "850", "855", "856", "860", "861", "862", "865", "869", "870")}
"""Sets in which NTE has the requirement designator F: it may stand anywhere. The tables have no such designator and
list it once."""


def _fixed(name: str, kind: str, places: Places) -> Places:
    floats = kind in FLOATING.get(name, ())
    assert not floats or any(place == "NTE" for place in places)
    return {place: fact for place, fact in places.items() if not (floats and re.search(r"NTE(#\d+)?$", place))}


@pytest.mark.parametrize("name", EDITOR)
def test_sets_agree_with_the_editor(name: str) -> None:
    for kind in release(name).sets:
        ours = _fixed(name, kind, _ours(release(name).sets[kind].content))
        theirs = _fixed(name, kind, _edited(_editor(name)[1][kind]))
        assert list(ours.items()) == list(theirs.items()), kind


@pytest.mark.parametrize("name", [name for name in available() if name != "004010"])
def test_sets_agree_with_the_tables_of_every_release(name: str) -> None:
    differ = set()
    for kind in set(release(name).sets) - {"999"}:
        ours = _fixed(name, kind, _ours(release(name).sets[kind].content))
        theirs = _fixed(name, kind, _theirs(_table(name)["sets"][kind]))
        assert list(ours) == list(theirs), kind
        for place, (required, most) in ours.items():
            rounded = UNBOUNDED if most >= LIMIT_IN_TABLE and theirs[place][1] == UNBOUNDED else most
            if (required, rounded) != theirs[place]:
                differ.add((name, kind, place.replace("/", "")))
    assert differ == {key for key in SETS if key[0] == name}


LAX = {"LQ", "FA2", "MSG", "AK5", "ZA", "LS", "LE"}
"""Segments that the table of 004010 has optional and the editor's mandatory inside their loops (LS and LE: it knows no
loop from the one to the other)."""

NO_LOOP = "DED"
"""In the 820 a loop of one segment, which the table of 004010 has as a segment that repeats."""


def test_sets_of_004010_agree_with_its_own_table() -> None:
    """Segment by segment: that table draws the bounded loops LS … LE in another way."""
    for kind, described in release("004010").sets.items():
        ours = [(place.split(" ")[-1], fact) for place, fact in _ours(described.content).items()]
        theirs = [(place.split(" ")[-1], fact) for place, fact in _theirs(_table("004010")["sets"][kind]).items()]
        expected = [(re.sub(r"#\d+", "", place), fact) for place, fact in theirs if not place.endswith("/")]
        found = [(re.sub(r"#\d+", "", place), fact) for place, fact in ours if not place.endswith("/")]
        expected, found = ([one for one in some if one[0] != NO_LOOP] for some in (expected, found))
        assert [ident for ident, _ in found] == [ident for ident, _ in expected], kind
        for (ident, (required, most)), (_, (required_there, most_there)) in zip(found, expected, strict=True):
            assert most == most_there, (kind, ident)
            assert required == required_there or (required and ident in LAX), (kind, ident)
