"""Random valid interchanges: from the grammar alone, and through ``hub generate`` as a partner's mapping reads them."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.translation import InterchangeClosed, MessageRead
from hub.workspace import initialize
from hub_x12.form import FormOnly
from hub_x12.generating.digits import check_digit
from hub_x12.generating.interchange import Interchanges
from hub_x12.generating.notes import Unsatisfiable, present
from hub_x12.grammar.release import available, release
from hub_x12.patterns import note_places
from hub_x12.reading import read_payload

SETS = "810 812 816 820 824 830 832 846 850 852 855 856 860 861 862 864 865 867 869 870 875 880 940 943 944 945 997"
RELEASES = "003040 003050 003060 003070 004010 004030 004060 005010"
MEANT = {"x12.interchange.acknowledgment", "x12.interchange.newline_terminator", "x12.set.no_mapping"}
"""What reading for form says of TA1 segments, of a line end as terminator, and of sets that it does not translate."""


def events(payload: bytes) -> list[Any]:
    return list(read_payload(BytesIO(payload), FormOnly({})))


def complaints(payload: bytes) -> list[str]:
    return [str(one) for event in events(payload) for one in event.findings if one.code not in MEANT]


# from the grammar


@pytest.mark.parametrize("name", RELEASES.split())
def test_every_set_of_every_release_is_valid(name: str) -> None:
    known = release(name)
    assert set(SETS.split()) <= set(known.sets)
    for kind in sorted(known.sets):
        made = Interchanges(f"valid {kind}")
        for turn in range(4):
            payload = made.draw(name, [kind] * made.rng.randint(1, 3), separators=turn > 0, answers=turn == 1)
            assert complaints(payload) == [], payload


def test_one_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    first, again, other = (Interchanges(seed).draw("004010", ["850", "850"]) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_groups_hold_the_sets_that_belong_together() -> None:
    payload = Interchanges(5).draw("005010", ["850", "850", "855", "810", "997"])
    read = events(payload)
    messages = [event for event in read if isinstance(event, MessageRead)]
    assert [message.type for message in messages] == ["850", "850", "855", "810", "997"]
    assert len({message.group for message in messages}) >= 4
    assert [event.received for event in read if isinstance(event, InterchangeClosed)] == [5]


def test_all_kinds_of_separators_are_used() -> None:
    made = Interchanges(1)
    heads = [made.draw("005010", ["997"])[:106].decode() for _ in range(60)]
    for at, expected in ((3, "*|\x1d"), (105, "~'\x1c\n"), (104, ">:\x1f<"), (82, "^!\x1e")):
        assert {head[at] for head in heads} == set(expected)


def test_optional_segments_and_elements_all_come_sooner_or_later() -> None:
    made = Interchanges("coverage")
    bodies = [made.body("004010", "850", 60) for _ in range(400)]
    seen = {str(segment[0]) for body in bodies for segment in body}
    assert len(seen) >= 45
    beg = [segment for body in bodies for segment in body if segment[0] == "BEG"]
    assert max(map(len, beg)) == len(release("004010").segments["BEG"].elements) + 1


@pytest.mark.parametrize("kind", ["816", "856", "869", "870"])
def test_hierarchies_hold_together(kind: str) -> None:
    made = Interchanges(kind)
    codes = set()
    for _ in range(40):
        levels = [segment for segment in made.body("004010", kind) if segment[0] == "HL"]
        assert [level[1] for level in levels] == [str(at) for at in range(1, len(levels) + 1)]
        for at, level in enumerate(levels):
            assert level[2] == "" or level[2] in [one[1] for one in levels[:at]]
            assert level[4] == ("1" if any(one[2] == level[1] for one in levels) else "0")
        codes.update(str(level[3]) for level in levels)
    if kind == "856":
        assert codes == {"S", "O", "T", "P", "I"}


def test_counts_and_hash_totals_are_true() -> None:
    made = Interchanges("totals")
    summed = 0
    for _ in range(60):
        body = made.body("004010", "850", 60)
        lines = [segment for segment in body if segment[0] == "PO1"]
        for segment in body:
            if segment[0] == "CTT":
                assert segment[1] == str(len(lines))
                if len(segment) > 2 and segment[2]:
                    summed += 1
                    assert Decimal(str(segment[2])) == sum(
                        Decimal(str(one[2])) for one in lines if len(one) > 2 and one[2]
                    )
    assert summed


def test_bounded_loops_are_closed_with_the_id_they_were_opened_with() -> None:
    made = Interchanges("bounds")
    pairs = 0
    for _ in range(300):
        opened: list[str] = []
        for segment in made.body("004010", "850", 80):
            if segment[0] == "LS":
                opened.append(str(segment[1]))
            elif segment[0] == "LE":
                assert str(segment[1]) == opened.pop()
                pairs += 1
        assert opened == []
    assert pairs


def test_every_segment_can_satisfy_its_notes() -> None:
    rng = random.Random(1)
    for name in available():
        for definition in release(name).segments.values():
            required = {at for at, element in enumerate(definition.elements, 1) if element.required}
            optional = set(range(1, len(definition.elements) + 1)) - required
            for density in (0.0, 0.5, 1.0):
                there = present(rng, required, optional, definition.notes, density)
                for note in definition.notes:
                    assert holds(note, there), (name, definition.id, note, there)


def holds(note: str, there: set[int]) -> bool:
    first, *rest = note_places(note)
    held = {first, *rest} & there
    return {
        "P": held in (set(), {first, *rest}),
        "R": bool(held),
        "E": len(held) <= 1,
        "C": first not in there or set(rest) <= there,
        "L": first not in there or bool(set(rest) & there),
    }[note[0]]


def test_notes_that_contradict_each_other_are_said_to() -> None:
    with pytest.raises(Unsatisfiable):
        present(random.Random(1), {1, 2}, set(), ["E0102"], 0.5)


def test_check_digits() -> None:
    assert check_digit("01234567890") == "5"
    assert check_digit("400638133393") == "1"
    made = Interchanges("digits")
    found = [
        (str(segment[at]), str(segment[at + 1]))
        for _ in range(300)
        for segment in made.body("004010", "850", 60)
        if segment[0] == "PO1"
        for at in range(6, len(segment) - 1, 2)
    ]
    gtins = [value for qualifier, value in found if qualifier in ("UP", "EN", "UK")]
    assert gtins
    assert all(check_digit(value[:-1]) == value[-1] for value in gtins)


# hub generate


def hub(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


PARTNER = """
identities: { x12: ZZ:BRIGHTWELL }
translator: { x12: { element-separator: "|", line-breaks: true } }
documents:
  - { direction: in, standard: x12, message: "850", overlay: brightwell-850.yaml, response: accept_all }
  - { direction: out, standard: x12, message: "855", version: 005010 }
"""
OVERLAY = """
extends: x12/850.004010
DTM:
  "074": { DTM02: requested_delivery.end | date }
PO1:
  PO103: quantity.unit | code(brightwell.units)
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = initialize(tmp_path / "ws")
    (root / "partners" / "brightwell.yaml").write_text(PARTNER)
    (root / "mappings" / "codes").mkdir(parents=True)
    (root / "mappings" / "brightwell-850.yaml").write_text(OVERLAY)
    units = root / "mappings" / "codes" / "brightwell.units.yaml"
    units.write_text('list: brightwell.units\nversion: "1"\ncodes: { CS: XCS, EA: EA }\n')
    monkeypatch.setenv("HUB_WORKSPACE", str(root))
    return root


def test_generated_orders_are_accepted_and_make_documents(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.edi"
    done = hub("generate", "850", "--partner", "brightwell", "--count", 6, "--sets", 2, "--seed", 1, "--out", file)
    assert (done.exit_code, done.output) == (0, "")
    text = file.read_text()
    assert text.count("ISA|") == 6
    assert "|ZZ|BRIGHTWELL     |ZZ|MYCOMPANY      |" in text
    assert text.count("\nGS|PO|BRIGHTWELL|MYCOMPANY|") == 6
    checked = hub("check", file)
    assert checked.exit_code == 0, checked.output
    assert "error" not in checked.output
    lines = [json.loads(line) for line in hub("translate", file).stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["Order"] * 12


def test_what_is_drawn_is_what_the_overlay_reads(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.edi"
    hub("generate", "850", "--partner", "brightwell", "--count", 60, "--seed", 2, "--out", file)
    lines = [line.split("|") for line in file.read_text().replace("~", "").splitlines()]
    units = {line[3] for line in lines if line[0] == "PO1" and len(line) > 3 and line[3]}
    assert units == {"CS", "EA"}
    assert any(line[:2] == ["DTM", "074"] for line in lines)
    documents = [json.loads(line)["document"] for line in hub("translate", file).stdout.splitlines()]
    assert any("end" in document.get("requested_delivery", {}) for document in documents)


def test_a_folder_that_is_not_there_is_said(workspace: Path, tmp_path: Path) -> None:
    done = hub("generate", "850", "-p", "brightwell", "--out", tmp_path / "no" / "orders.edi")
    assert done.exit_code == 2
    assert "the file cannot be written: no such file or directory" in done.output


def test_outgoing_messages_are_ours_in_the_version_agreed(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.edi"
    assert hub("generate", "855", "-p", "brightwell", "-n", 3, "--seed", 1, "--out", file).exit_code == 0
    text = file.read_text()
    assert text.count("|ZZ|MYCOMPANY      |ZZ|BRIGHTWELL     |") == 3
    assert text.count("|005010~") == 3
    assert "|00501|" in text
    assert hub("check", file).exit_code == 0
    kinds = [json.loads(line)["kind"] for line in hub("translate", file).stdout.splitlines()]
    assert kinds == ["OrderResponse"] * 3


def test_one_seed_gives_one_output_and_a_new_seed_is_told(workspace: Path) -> None:
    runs = [hub("generate", "850", "-p", "brightwell", "--seed", seed).stdout for seed in ("a", "a", "b")]
    assert runs[0] == runs[1] != runs[2]
    free = hub("generate", "850", "-p", "brightwell")
    assert free.stderr.startswith("seed ")
    assert free.stdout == hub("generate", "850", "-p", "brightwell", "--seed", free.stderr.split()[1]).stdout


def test_a_set_without_a_mapping_is_drawn_from_the_grammar(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "texts.edi"
    done = hub("generate", "864", "-p", "brightwell", "--version", "004030VICS", "--seed", 1, "--out", file)
    assert done.exit_code == 0
    assert "not agreed with partner 'brightwell'" in done.stderr
    assert "|004030VICS~" in file.read_text()
    assert complaints(file.read_bytes()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["8x0", "-p", "brightwell"], "unknown set: 8x0 is no X12 set"),
        (["315", "-p", "brightwell"], "unknown set: 315 is an X12 set without a grammar"),
        (["850", "-p", "nobody"], "there is no partner 'nobody'"),
        (["850", "-p", "brightwell", "--version", "17"], "'17' is no X12 version"),
        (["850", "-p", "brightwell", "--standard", "csv"], "messages of 'csv' cannot be generated"),
    ],
)
def test_mistakes_are_told(workspace: Path, tmp_path: Path, arguments: list[str], says: str) -> None:
    file = tmp_path / "none.edi"
    done = hub("generate", *arguments, "--seed", 1, "--out", file)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not file.exists()
