"""The grammar files: readable and complete in themselves. ``test_x12_grammar_tables.py`` compares them with others."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.grammar import Structure
from hub_x12.grammar import grammar, release
from hub_x12.grammar.release import available, nearest
from hub_x12.grammar.source import parse


def test_releases_and_names() -> None:
    assert available() == ("003040", "003050", "003060", "003070", "004010", "004030", "004060", "005010")
    pairs = {"002040": "003040", "003030": "003040", "003060": "003060", "004020": "004010", "004040": "004030"}
    for name, read_with in (pairs | {"005040": "005010", "006020": "005010", "007030": "005010"}).items():
        assert nearest(name) == read_with
    for name in ("x12/004010/840", "x12/009999/850", "edifact/D96A/ORDERS", "x12/004010/850/x", ""):
        assert grammar(name) is None
    with pytest.raises(ConfigurationError, match="no X12 grammar for release 003030"):
        release("003030")


@pytest.mark.parametrize("name", available())
def test_everything_named_is_defined(name: str) -> None:
    known = release(name)
    assert set(known.segments) <= known.known_segments
    assert set(known.sets) - {"999"} <= known.known_sets
    for kind in known.sets:
        found = grammar(f"x12/{name}/{kind}")
        assert found is not None
        assert Structure(found).nodes
    for definition in known.segments.values():
        assert definition.name, definition.id
        for element in definition.elements:
            assert element.name
            for part in element.components or (element,):
                assert part.max > 0
                assert part.min <= part.max
        for note in definition.notes:
            places = [int(note[at : at + 2]) for at in range(1, len(note), 2)]
            assert note[0] in "PRECL"
            assert len(places) > 1
            assert max(places) <= len(definition.elements), (definition.id, note)


def _read(text: str) -> list[object]:
    source = parse(text, "x.grammar")
    return [
        fact for part in (source.elements, source.composites, source.segments, source.sets) for fact in part.values()
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("release 004010\nset 850 PO order\n  BEG! N1/2 { N1!\n", r"x\.grammar:2: .*braces"),
        ("set 850 PO order\n  BEG! beg\n", r"x\.grammar:1: .*no segment or loop"),
        ("elephants\n  1\n", r"x\.grammar:1: .*unknown heading"),
        ("set 850 PO order\n  BEG!\n# a note\n  PO1!\n", r"x\.grammar:3: .*unknown heading"),
        ("segments\n  BEG  heading: 353! what?\n", r"x\.grammar:2: .*no element of BEG"),
        ("# one\nelements\n  91 ID 2/2 kind\n  92 ID two order type\n", r"x\.grammar:4"),
        ("elements\n  92 ID 2/2 order type\n  92 ID 2/2 kind\n", r"x\.grammar:1: .*92 is described twice"),
    ],
)
def test_a_broken_file_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        _read(text)


def test_what_005010_changed() -> None:
    old, new = release("004010"), release("005010")
    assert (old.segments["REF"].elements[1].max, new.segments["REF"].elements[1].max) == (30, 50)
    assert (old.segments["PO1"].elements[1].number, new.segments["PO1"].elements[1].number) == ("330", "380")
    assert "IK3" in new.segments
    assert "IK3" not in old.segments
    assert len(new.segments["N4"].elements) == 7
    texts = grammar("x12/005010/850")
    assert texts is not None
    assert "MTX" in texts.node_ids()
    assert "MSG" not in texts.node_ids()


SETS = "810 812 816 820 824 830 832 846 850 852 855 856 860 861 862 864 865 867 869 870 875 880 940 943 944 945 997"


@pytest.mark.parametrize("name", available())
def test_every_release_has_every_set(name: str) -> None:
    assert sorted(release(name).sets) == SETS.split() + (["999"] if name == "005010" else [])
    assert release(name).functional["850"] == release(name).sets["850"].functional == "PO"
    assert {"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"} <= set(release(name).segments)


def _element(name: str, ref: str) -> Any:
    definition = release(name).segments[ref[:-2]]
    return next(element for element in definition.elements if element.ref == ref)


@pytest.mark.parametrize(
    ("ref", "fact", "by_release"),
    [
        ("BEG05", "max", {"003040": 6, "003050": 6, "003060": 6, "003070": 6, "004010": 8, "004030": 8, "005010": 8}),
        ("N104", "max", {"003040": 17, "003050": 20, "003060": 20, "003070": 20, "004010": 80, "005010": 80}),
        ("REF02", "max", {"003040": 30, "003070": 30, "004010": 30, "004030": 50, "004060": 50, "005010": 50}),
        ("PO102", "number", {"003040": "330", "004010": "330", "004060": "330", "005010": "380"}),
        ("PO107", "max", {"003040": 30, "003050": 40, "003060": 40, "003070": 48, "004010": 48, "005010": 48}),
        ("AK401", "number", {"003040": "722", "003060": "C030", "004010": "C030", "005010": "C030"}),
        ("DMG05", "repeat", {"004010": 1, "004030": 10, "004060": 10, "005010": 10}),
        ("SAC05", "type", {"003040": "N2", "004010": "N2", "005010": "N2"}),
    ],
)
def test_what_the_releases_differ_in(ref: str, fact: str, by_release: dict[str, Any]) -> None:
    assert {name: getattr(_element(name, ref), fact) for name in by_release} == by_release


def test_syntax_notes_follow_their_elements() -> None:
    """DTM04 to DTM06 of 004010 are one place further where DTM05 is the century; a note without its elements goes."""
    assert release("004010").segments["DTM"].notes == ("R020305", "C0403", "P0506")
    assert release("003060").segments["DTM"].notes == ("R020306", "C0403", "P0607")
    assert "P0708" not in release("003040").segments["PER"].notes
    assert len(release("003040").segments["PER"].elements) == 6


def test_what_a_release_has_not() -> None:
    """An id taken away by a later or earlier release is neither known nor described there."""
    assert "G27" in release("004010").segments
    assert "G27" not in release("005010").segments
    assert "G27" not in release("005010").known_segments
    assert "SSS" in release("003040").segments
    assert "SSS" not in release("003050").segments
    assert "IK3" in release("005010").known_segments
    assert "IK3" not in release("004010").known_segments
    every = grammar("x12/004010/850")
    assert every is not None
    assert set(every.segments) == release("004010").known_segments
    assert len(every.segments) == len(release("004010").known_segments)
    assert every.segments["ZA"].elements  # of another set
    assert every.segments["B2"].elements == ()  # known, not described
    assert "XYZ" not in every.segments


def test_a_floating_note_may_stand_anywhere() -> None:
    floating, fixed = grammar("x12/003040/850"), grammar("x12/003060/850")
    assert floating is not None
    assert fixed is not None
    ids = ["BEG", "NTE", "N1", "N3", "NTE", "NTE", "PO1", "PID", "NTE", "CTT", "NTE"]
    assert not Structure(floating).walk(ids).faults
    assert len(Structure(fixed).walk(ids).faults) == 4
    broken = parse("release 1\nset 850 PO order\n  BEG! NTE~2 PO1/*! { PO1! PID }\n", "x.grammar").sets["850"]
    assert [getattr(item, "id", "") for item in broken.content] == ["BEG", "NTE", "PO1"]


@pytest.mark.parametrize("version", ["003040VICS", "003060UCS", "004010VICS", "004010UCS", "004030VICS", "005010VICS"])
def test_the_subsets_of_retail_are_read_with_their_release(x12: Any, version: str) -> None:
    date = "20260105" if version >= "004010" else "260105"
    text = x12.set("BMG*00", f"DTM*097*{date}", "MIT*1", "MSG*HELLO", kind="864")
    read = x12.read(x12.interchange(x12.group(text, version=version, kind="TX")))
    assert (read.accepted, read.messages[0].version) == ([True], version)
    assert not {code for code in read.codes if code.startswith(("x12.group", "x12.element", "x12.segment"))}


def test_only_what_is_asked_for_is_read() -> None:
    """Opening a release reads no set and no segment: start-up pays for what the files hold."""
    source = parse("release 1\nset 850 PO order\n  BEG! N1/2 { N1!\n", "x.grammar")
    assert source.functional() == {"850": "PO"}
    with pytest.raises(ConfigurationError, match="braces"):
        source.sets["850"]
    with pytest.raises(KeyError):
        source.sets["860"]
