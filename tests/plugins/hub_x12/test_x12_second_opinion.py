"""Our validation against pyx12's map engine, over a few hundred damaged orders and answers."""

from __future__ import annotations

import random
from collections import Counter
from io import BytesIO
from typing import Any

import pytest

from hub_x12.reading import read_payload
from hub_x12.second_opinion import opinion_on, second_opinion

ORDER = """BEG*00*SA*NG-1**20260105
CUR*BY*USD
REF*DP*038
SAC*A*C310***1250***5.00*EA*250**02***TEXT
ITD*08*3*2*20260120*10*20260210*30
DTM*064*20260112
N9*L1*NOTE
MSG*RING
N1*ST*STORE*92*0117
N2*RECEIVING
N3*22 STREET
N4*SPRINGFIELD*IL*62701*US
PER*DC*PAT*TE*2175550134
PO1*1*240*CA*18.60*PE*UP*012345678905*VN*AB-1001
CTP**CON*2*1*EA
PID*F****COFFEE
REF*PD*WINTER26
SDQ*CA*92*0101*120*0117*80
PO1*2*60*CA*410*HP*UK*10012345678902
DTM*002*20260114*0930
CTT*2*300
AMT*1*4710.00""".splitlines()
ANSWER = """BAK*00*AC*NG-1*20260105****SO-1*20260106
CUR*SE*USD
DTM*069*20260114
N1*SE*AUERBACH*9*1234567890001
PO1*1*240*CA*18.60*PE*UP*012345678905
ACK*IQ*200*CA*069*20260114
PO1*2*60*CA*410
PID*F****TEA
ACK*IA*60*CA
CTT*2""".splitlines()
ODD = ["", "1", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 4, "20261301", "9.9.9", "-", "A", "12", "2561", "1e3", "x y"]


def mutated(lines: list[str], rng: random.Random) -> list[str]:
    """One to three changes: elements, segments lost, doubled, moved, strange."""
    out = list(lines)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(out))
        change = rng.randrange(9)
        if change < 5:
            values = out[at].split("*")
            place = rng.randrange(1, len(values) + (change == 0))
            values[place : place + 1] = [rng.choice(ODD)]
            out[at] = "*".join(values).rstrip("*")
        elif change == 5 and len(out) > 2:
            del out[at]
        elif change == 6:
            out.insert(at, out[at])
        elif change == 7:
            out.insert(rng.randrange(len(out)), out.pop(at))
        else:
            out.insert(at, rng.choice(["ZZZ*1", "B2*1", "N3*STREET", "CTT*1"]))
    return out


def verdicts(x12: Any, payload: str) -> tuple[set[Any], set[Any], str]:
    """Both opinions as (segment, code), in one language: see README, "The second opinion"."""
    seen: list[Any] = []
    list(read_payload(BytesIO(payload.encode()), x12.context(), observe=seen.append))
    (reader,) = seen
    ours, theirs = set(), set()
    for finding in reader.message.findings:
        if finding.list_id in ("720", "723") and finding.code not in UNSAID:
            code = "1" if finding.list_code in "1267" and finding.list_id == "720" else finding.list_code
            ours.add((finding.position.segment, finding.list_id, "8" if code == "9" else code))
    for finding in opinion_on(reader):
        if "trailing spaces" not in finding.message:
            code = finding.list_code
            theirs.add((finding.position.segment, finding.list_id, "8" if code == "9" else code))
    return ours, theirs, payload


UNSAID = {"x12.element.blank", "x12.element.separator_in_text"}
"""Our warnings about what pyx12 does not look at."""


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize(("kind", "functional", "lines"), [("850", "PO", ORDER), ("855", "PR", ANSWER)])
def test_both_agree(x12: Any, kind: str, functional: str, lines: list[str], version: str) -> None:
    body = [line.replace("MSG*", "MTX**") if version == "005010" else line for line in lines]
    rng = random.Random(f"{kind}{version}")
    clean = x12.interchange(x12.group(x12.set(*body, kind=kind), kind=functional, version=version))
    ours, theirs, _ = verdicts(x12, clean)
    assert ours == theirs == set()
    agree: Counter[bool] = Counter()
    same_verdict: Counter[bool] = Counter()
    for _ in range(120):
        changed = mutated(body, rng)
        payload = x12.interchange(x12.group(x12.set(*changed, kind=kind), kind=functional, version=version))
        ours, theirs, _ = verdicts(x12, payload)
        agree[ours == theirs] += 1
        same_verdict[bool(ours) == bool(theirs)] += 1
    assert same_verdict[True] >= 116, (same_verdict, agree)
    assert agree[True] >= 96, (same_verdict, agree)


def test_deep_says_where_pyx12_differs_and_changes_no_verdict(x12: Any, samples: Any) -> None:
    payload = (samples / "850-errors.edi").read_bytes()
    assert x12.read(payload, deep=True).accepted == x12.read(payload).accepted
    opinions = list(second_opinion(payload))
    assert {(one.position.message, one.position.segment) for one in opinions} == {
        ("0002", 2), ("0002", 3), ("0002", 4), ("0002", 5), ("0002", 6),
    }  # fmt: skip
    spaced = x12.order_of(*x12.order[:2], "N1*ST*STORE   *92*1", *x12.order[3:])
    (finding,) = [one for one in x12.read(spaced, deep=True).findings if one.code.startswith("x12.opinion")]
    assert finding.severity.value == "notice"
    assert "trailing spaces" in finding.message


def test_pyx12_is_not_loaded_until_asked() -> None:
    import subprocess
    import sys

    code = "import sys, hub_x12, hub_x12.translator; print(sorted(m for m in sys.modules if m.startswith('pyx12')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_path())
    assert done.stdout.strip() == "[]"


def _path() -> dict[str, str]:
    import os
    import sys

    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
