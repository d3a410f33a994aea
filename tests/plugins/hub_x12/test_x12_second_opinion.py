"""Our validation against pyx12's map engine: sets of every kind and release, valid and damaged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub_x12.explained import RULES, differences
from hub_x12.generating.comparing import Comparison, compare
from hub_x12.grammar.release import available, release
from hub_x12.pyx12_maps import pyx12_map
from hub_x12.rules import Agreed
from hub_x12.second_opinion import opinion_on, second_opinion

OFTEN = {"004010": 22, "005010": 14}
"""How many sets of each kind are compared in the usual releases. Elsewhere it is a third of the kinds."""

SELDOM = 10


def kinds_of(name: str) -> list[str]:
    """Every kind in the usual releases, every third in the others, so that each kind comes twice."""
    kinds = sorted(release(name).sets)
    return kinds if name in OFTEN else kinds[available().index(name) % 3 :: 3]


@pytest.mark.parametrize("name", available())
def test_both_find_the_same_or_a_rule_says_why_not(name: str) -> None:
    whole = Comparison()
    for kind in kinds_of(name):
        whole += compare(name, kind, OFTEN.get(name, SELDOM), "suite")
    shown = [f"{'here' if one.ours else 'pyx12'}: {one.finding}\n{text}" for text, one in whole.unexplained[:5]]
    assert not whole.unexplained, "\n".join(shown)
    assert whole.total >= SELDOM * len(kinds_of(name))
    assert whole.same >= whole.total * 0.55  # the rules shall not explain everything away


def test_every_kind_is_compared_in_three_releases_at_least() -> None:
    compared = [kind for name in available() for kind in kinds_of(name)]
    assert {kind for kind in compared if compared.count(kind) < 3} <= {"999"}


def test_every_rule_is_explained_in_the_readme() -> None:
    readme = (Path(__file__).parents[3] / "plugins" / "hub_x12" / "README.md").read_text("utf-8")
    section = readme.partition("## The second opinion")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    assert sorted(named) == sorted(RULES)


@pytest.mark.parametrize("change", ["a finding more", "a finding less", "another place"])
def test_an_unexplained_difference_is_noticed(x12: Any, samples: Any, change: str) -> None:
    """The comparison itself: what pyx12 says is changed, and no rule takes it for lasting."""
    from io import BytesIO

    from hub_x12.reading import read_payload

    seen: list[Any] = []
    list(read_payload(BytesIO((samples / "850-errors.edi").read_bytes()), x12.context(), observe=seen.append))
    reader = next(one for one in seen if list(opinion_on(one)))
    theirs = list(opinion_on(reader))
    assert [one for one in differences(reader, theirs) if not one.rule] == []
    here = theirs[0].position
    structural = theirs[0]._replace(list_id="720", list_code="5", position=here._replace(segment=3))
    changed = {
        "a finding more": [*theirs, structural],
        "a finding less": theirs[1:],
        "another place": [theirs[0]._replace(position=here._replace(segment=4, element=9)), *theirs[1:]],
    }[change]
    assert [one for one in differences(reader, changed) if not one.rule]


def test_code_lists_and_what_an_agreement_adds_to_them_hold_for_pyx12_too() -> None:
    listed = pyx12_map("004010", "850", Agreed(listed="004010"))[0]
    more = Agreed(listed="004010", codes=(("353", ("more", frozenset({"QQ"}))),))
    bare = pyx12_map("004010", "850")[0]
    assert "00" in listed.ext_codes.codes["353"]["codes"]
    assert "QQ" not in listed.ext_codes.codes["353"]["codes"]
    assert "QQ" in pyx12_map("004010", "850", more)[0].ext_codes.codes["353"]["codes"]
    assert bare.ext_codes.codes == {}


def test_deep_says_where_pyx12_differs_and_changes_no_verdict(x12: Any, samples: Any) -> None:
    payload = (samples / "850-errors.edi").read_bytes()
    assert x12.read(payload, deep=True).accepted == x12.read(payload).accepted
    opinions = list(second_opinion(payload))
    assert {(one.position.message, one.position.segment) for one in opinions} >= {
        ("0002", 2), ("0002", 3), ("0002", 4), ("0002", 5), ("0002", 6),
    }  # fmt: skip
    spaced = x12.order_of(*x12.order[:2], "N1*ST*STORE   *92*1", *x12.order[3:])
    (finding,) = [one for one in x12.read(spaced, deep=True).findings if one.code.startswith("x12.opinion")]
    assert finding.severity.value == "notice"
    assert "trailing spaces" in finding.message
    assert "rule 'blanks'" in finding.message


def test_repetitions_are_shown_to_pyx12_one_by_one(x12: Any) -> None:
    body = ("AK1*PO*1*005010", "AK2*850*0001", "IK3*N1*3**8", "IK4*2:1:3*66*7", "IK5*R*5", "AK9*R*1*1*0")
    one = x12.set(*body, kind="999")
    payload = x12.interchange(x12.group(one, kind="FA", version="005010"), version="00501", standard="^")
    assert [str(finding) for finding in second_opinion(payload.replace(":", ">").encode())] == []


def test_pyx12_is_not_loaded_until_asked() -> None:
    code = "import sys, hub_x12, hub_x12.translator; print(sorted(m for m in sys.modules if m.startswith('pyx12')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_path())
    assert done.stdout.strip() == "[]"


def _path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
