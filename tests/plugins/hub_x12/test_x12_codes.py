"""Code values: the data itself, what a release allows, what an agreement changes, and one finding for one fault."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.errors import ConfigurationError
from hub.grammar import ElementDef
from hub_x12.checker import checker
from hub_x12.codes import available, lists, meaning, values
from hub_x12.codes.meanings import _meanings as meanings
from hub_x12.envelope import FUNCTIONAL_IDS
from hub_x12.grammar.release import available as described
from hub_x12.grammar.release import release
from hub_x12.options import Options
from hub_x12.rules import Agreed, CodeLists
from hub_x12.separators import Separators

MAPPED = sorted((Path(__file__).parents[3] / "mappings" / "codes").glob("x12.*.yaml"))

EXTERNAL = {
    "24": "AAR", "26": "ISO 3166", "100": "ISO 4217", "116": "postal services", "140": "NMFTA (SCAC)",
    "154": "NMFTA (SPLC)", "156": "postal services", "168": "tariff publishers", "177": "carriers", "215": "49 CFR 172",
    "218": "49 CFR 172", "222": "49 CFR 172", "230": "49 CFR 172", "254": "49 CFR 172", "277": "49 CFR 172",
    "296": "NMFTA (SCAC)", "597": "Lloyd's", "721": "X12.22, and the message says of what", "806": "EPA", "807": "EPA",
    "819": "ISO 639", "876": "agreed", "1000": "agreed", "1049": "tax authorities", "1096": "FIPS", "1149": "agencies",
    "1281": "agencies", "1684": "agencies", "1688": "agencies", "1715": "ISO 3166-2", "I10": "a separator too",
    "I11": "checked with ISA12",
}  # fmt: skip
"""Elements of type ID whose codes are not in the standard's dictionary, and who publishes them."""


def simple(name: str) -> Iterator[ElementDef]:
    for definition in release(name).segments.values():
        for element in definition.elements:
            yield from element.components or (element,)


@pytest.mark.parametrize("name", described())
def test_coded_elements_have_lists_that_fit(name: str) -> None:
    """Every element of type ID has a list, or a reason for having none; its values have the lengths of the element
    (some are shorter or longer in newer releases: at least one fits)."""
    for element in simple(name):
        allowed = values(name, element.number)
        if element.type != "ID":
            continue
        if allowed is None:
            assert element.number in EXTERNAL, f"{element.ref} ({element.number}) has neither list nor reason"
        else:
            assert any(element.min <= len(value) <= element.max for value in allowed), element.ref


def test_the_files_are_well_formed() -> None:
    for name in available():
        base, texts = lists._file(name)
        assert (base == "") == (name == "004010")
        for number, text in texts.items():
            words = text.split()
            signs = {word[0] for word in words} & {"+", "-"}
            assert words
            assert not signs or all(word[0] in "+-" for word in words), f"{name} {number} mixes lists and differences"
            if signs:
                inherited = values(base, number) or frozenset()
                assert not [word for word in words if word[0] == "+" and word[1:] in inherited], (name, number)
                assert not [word for word in words if word[0] == "-" and word[1:] not in inherited], (name, number)
            else:
                assert len(words) == len(set(words)), f"{name} {number} names a value twice"
            assert all(word.isascii() and word.upper() == word for word in words), (name, number)


@pytest.mark.parametrize(
    ("name", "number", "value", "allowed"),
    [
        ("004010", "98", "ST", True),
        ("004010", "98", "QQQ", False),
        ("003040", "353", "CO", False),  # corrected: newer than 003040
        ("004010", "723", "12", False),
        ("005010", "723", "12", True),
        ("004010", "103", "CTN", True),
        ("004010", "103", "CTN25", True),
        ("004010", "103", "CTNZZ", False),
        ("004010", "335", "DDU", True),
        ("005010", "335", "CAF", False),
        ("004010", "I05", "ZZ", True),
    ],
)
def test_values(name: str, number: str, value: str, allowed: bool) -> None:
    known = values(name, number)
    assert known is not None
    assert (value in known) == allowed


def test_releases_without_a_file_are_taken_wide() -> None:
    for number in ("98", "355", "374"):
        between = values("003070", number)
        older, newer = values("003060", number), values("004010", number)
        assert older
        assert newer
        assert between == older | newer
    assert values("002040", "98") is None
    assert values("007010", "98") is None
    assert values("004010", "26") is None


def test_the_lists_hold_what_is_said_elsewhere() -> None:
    for name in available():
        assert (values(name, "479") or frozenset()) >= FUNCTIONAL_IDS
    for name in described():
        assert release(name).known_sets <= (values(name, "143") or frozenset())


def test_meanings() -> None:
    assert meaning("004010", "98", "ST") == "ship to"
    assert meaning("004010", "98", "QQQ") == ""
    assert meaning("003040", "353", "CO") == ""
    assert meaning("004010", "353", "CO") == "corrected"
    assert meaning("004010", "I05", "ZZ") == "mutually defined"
    known = meanings()
    assert sum(map(len, known.values())) > 1000
    for number, words in known.items():
        allowed = frozenset().union(*(values(name, number) or () for name in available()))
        assert set(words) <= allowed, f"{number}: {set(words) - allowed} are codes of no release"
        for value, says in words.items():
            assert 0 < len(says.split()) <= 6, f"{number} {value}: {says}"
            assert says == says.strip(), f"{number} {value}"


@pytest.mark.parametrize("file", MAPPED, ids=lambda file: file.stem)
def test_mappings_speak_of_codes_that_exist(file: Path) -> None:
    """Every code in a code list of the mappings is one of some release."""
    number = file.stem.split(".")[1]
    known = frozenset().union(*(values(name, number) or () for name in available()))
    mapped = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)["codes"]
    assert not known or set(mapped) <= known, sorted(set(mapped) - known)


def test_collections_of_others_agree() -> None:
    """The code lists that lie beside the project, where they do: all of it is in ours."""
    folder = Path(__file__).parents[4] / "shared" / "samples" / "defs" / "x12-code-lists"
    if not folder.is_dir():
        pytest.skip("no other collection at hand")
    for file in folder.glob("*.tsv"):
        ours = values("004010", file.stem)
        theirs = {line.split("\t")[0] for line in file.read_text("utf-8").splitlines()[1:] if "\t" in line}
        if ours is not None:
            # 103: material alone is no code of the element
            missing = {code for code in theirs - ours if not (file.stem == "103" and code.isdigit())}
            assert not missing, f"{file.stem}: {sorted(missing)[:5]}"


def test_a_broken_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "009999.codes").write_text("release 009999\n\nnonsense\n")
    monkeypatch.setattr(lists.resources, "files", lambda _: tmp_path)
    lists._file.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match="cannot be read"):
            lists._file("009999")
    finally:
        lists._file.cache_clear()


def test_nothing_is_read_before_it_is_asked_for() -> None:
    """Importing the translator reads no code file; the files are in the package."""
    program = "import hub_x12.translator, hub_x12.codes.lists as lists; print(lists._file.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
    names = {entry.name for entry in resources.files("hub_x12.codes").iterdir()}
    assert {"004010.codes", "005010.codes", "meanings.codes"} <= names


# what an agreement changes


@pytest.mark.parametrize(
    ("codes", "listed", "value", "allowed"),
    [
        ({}, "004010", "EA", True),
        ({}, "004010", "C!", False),
        ({"355": ["C!"]}, "004010", "C!", True),
        ({"355": ["C!"]}, "004010", "EA", True),
        ({"355": {"only": ["EA", "C!"]}}, "004010", "CA", False),
        ({"355": {"only": ["EA", "C!"]}}, "004010", "C!", True),
        ({"355": "any"}, "004010", "??", True),
        ({"355": ["EA"]}, "", "CA", False),
        ({}, "", "??", True),
    ],
)
def test_agreed_lists(codes: dict[str, Any], listed: str, value: str, allowed: bool) -> None:
    options = Options.of({"codes": codes, "code-lists": "standard" if listed else "agreed"})
    known = checker("004010", Separators(), options.checks("004010"))
    segment = f"PO1**1*{value}"
    assert known.passes(segment, segment.split("*")) == allowed
    assert [one.code for one in known.faults(segment.split("*"))] == ([] if allowed else ["x12.element.code"])


@pytest.mark.parametrize("codes", [["EA"], {"355": "EA"}, {"355": {"just": ["EA"]}}, {"355": {"only": "EA"}}])
def test_an_agreement_that_cannot_be_read(codes: Any) -> None:
    with pytest.raises(ConfigurationError):
        Options.of({"codes": codes})


def test_agreed_codes_in_a_set(x12: Any) -> None:
    payload = x12.interchange()
    assert "x12.element.code" not in x12.read(payload).codes
    read = x12.read(payload, codes={"92": {"only": ["NE"]}})
    assert read.codes.count("x12.element.code") == 1
    assert read.accepted == [True]
    read = x12.read(payload, codes={"92": {"only": ["NE"]}}, deviations={"code": "refuse"})
    assert read.accepted == [False]
    assert "x12.element.code" not in x12.read(payload, codes={"92": {"only": ["SA", "NE"]}}).codes


def test_an_unknown_code_is_a_warning_with_its_place(x12: Any) -> None:
    body = ("BEG*00*SA*PO1**20260105", "N1*QQQ*STORE*92*0117", "PO1*1*1*EA*1")
    read = x12.read(x12.order_of(*body))
    found = next(one for one in read.findings if one.code == "x12.element.code")
    assert (found.severity.value, found.list_id, found.list_code, found.value) == ("warning", "723", "7", "QQQ")
    assert (found.position.segment, found.position.element, found.position.loop) == (3, 1, "N1")
    assert "code list 98" in found.message
    answer = x12.acknowledge(x12.order_of(*body), deviations={"code": "refuse"})
    assert "AK3*N1*3*N1*8~\nAK4*1*98*7*QQQ~" in answer


def test_one_fault_is_one_finding(x12: Any) -> None:
    """A code that the standard does not have is told by the check, one that only our list lacks by the mapping."""
    order = "BEG*00*SA*PO1**20260105"
    read = x12.read(x12.order_of(order, "PO1*1*1*??*1"))
    assert [one.code for one in read.findings if one.value == "??"] == ["x12.element.code"]
    read = x12.read(x12.order_of(order, "PO1*1*1*??*1"), code_lists="agreed")
    assert [one.code for one in read.findings if one.value == "??"] == ["mapping.unmapped"]
    read = x12.read(x12.order_of(order, "PO1*1*1*CS*1"))
    assert [one.code for one in read.findings if one.value == "CS"] == ["mapping.unmapped"]


def test_a_release_without_lists_has_no_unknown_codes(x12: Any) -> None:
    group = x12.group(x12.set("BEG*00*SA*PO1**20260105", "PO1*1*1*??*1"), version="007030")
    assert "x12.element.code" not in x12.read(x12.interchange(group)).codes


def test_lists_are_made_once() -> None:
    known = CodeLists(Agreed((("355", ("more", frozenset({"C!"}))),), "004010"))
    assert known.get("355") is known.get("355")
    assert known.get("26") is None


@pytest.mark.parametrize(
    ("position", "value", "code"),
    [(5, "QQ", "x12.interchange.sender_qualifier"), (1, "55", "x12.interchange.authorization_qualifier")],
)
def test_codes_of_the_envelope(x12: Any, position: int, value: str, code: str) -> None:
    parts = x12.interchange().split("*")
    parts[position] = value
    read = x12.read("*".join(parts))
    assert code in read.codes
    assert read.accepted == [True]


def test_codes_of_the_group(x12: Any) -> None:
    read = x12.read(x12.interchange().replace("*0815*1*X*", "*2561*1*Q*"))
    assert {"x12.group.time", "x12.group.agency"} <= set(read.codes)
    assert read.accepted == [True]
