"""Damaged interchanges through the code of ``hub check``: a verdict each time, soon, and nothing dropped in silence.

The long run is ``python -m tests.bench mutation --count 100000``; here is a little of it.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hub.exchange.session import Hub
from hub.mapping.library import MappingLibrary
from hub.testing.hostile import SECONDS, endure
from hub_x12.generating.damage import damaged_body, damaged_payload
from hub_x12.generating.hostile import damaged, sets_seen
from hub_x12.generating.interchange import Interchanges


@pytest.mark.parametrize(("releases", "count"), [(("004010",), 700), ((), 1_300)])
def test_damaged_interchanges_end_in_a_verdict(
    releases: tuple[str, ...], count: int, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the mappings of one release; and of all releases without mappings, which would take long to compile."""
    if not releases:
        find = MappingLibrary.find
        monkeypatch.setattr(MappingLibrary, "find", lambda *asked: None if asked[1] == "x12" else find(*asked))
    files = [file.read_bytes() for file in sorted(samples.glob("*.edi"))]
    with Hub() as hub:
        trial = endure(hub, damaged(count, "suite", files, releases), count, sets_seen)
    assert [(fault, payload) for fault, payload in trial.faults if not fault.startswith("took ")] == []
    assert trial.payloads == count
    assert trial.interchanges > count // 2
    assert all(trial.ended[status] > count // 50 for status in ("accepted", "partial", "rejected"))
    assert len(trial.codes) >= 60  # the damage reaches every corner


def test_other_peoples_files_damaged(real_files: list[Path]) -> None:
    files = [payload for file in real_files if len(payload := file.read_bytes()) < 60_000]
    if not files:
        pytest.skip("no files of other people at hand")
    rng = random.Random(1)
    payloads = [damaged_payload(rng, rng.choice(files), rng.choice(files)) for _ in range(100)]
    with Hub() as hub:
        trial = endure(hub, payloads, len(payloads), sets_seen)
    assert [(fault, payload) for fault, payload in trial.faults if not fault.startswith("took ")] == []


def test_a_trial_notices_what_it_is_there_to_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = Interchanges(1).draw("004010", ["850", "850"])
    with Hub() as hub:
        assert endure(hub, [payload], 1, sets_seen).faults == []
        (lost,) = endure(hub, [payload], 1, lambda _: 3).faults
        assert lost[0].startswith("3 messages, of which 2 were received")
        monkeypatch.setattr("hub_x12.sets.SetReader.finish", lambda *_: 1 / 0)
        (raised,) = endure(hub, [payload], 1).faults
    assert raised[0].startswith("raised ZeroDivisionError")
    assert SECONDS == 1.0


def test_a_glance_at_an_interchange_counts_its_sets() -> None:
    payload = Interchanges(2).draw("005010", ["850", "855", "855"])
    assert sets_seen(payload) == 3
    assert sets_seen(b"ISA*00*") is None
    assert sets_seen(payload + payload) is None


def test_one_seed_damages_in_one_way() -> None:
    assert list(damaged(20, 7)) == list(damaged(20, 7)) != list(damaged(20, 8))
    lines = ["BEG*00*SA*1**20260101", "PO1*1*1*EA"]
    assert damaged_body(random.Random(3), lines) == damaged_body(random.Random(3), lines)
    assert lines == ["BEG*00*SA*1**20260101", "PO1*1*1*EA"]
