"""The clock of rows and ids: this machine's, and a simulation's for as long as it runs."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.model import Party
from hub.repository import Repository, clock
from hub.repository.identifiers import new_id

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)


def drawn(seed: int) -> list[str]:
    with clock.virtual(lambda: NOON, random.Random(seed).randbytes):
        return [new_id() for _ in range(100)]


def test_ids_of_one_moment_sort_as_they_were_made() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert abs(int(ids[0].replace("-", "")[:12], 16) - time.time() * 1000) < 60_000


def test_a_simulation_draws_the_same_ids_each_time() -> None:
    before = new_id()
    assert drawn(1) == drawn(1) == sorted(set(drawn(1)))
    assert drawn(1) != drawn(2)
    assert int(drawn(1)[0].replace("-", "")[:12], 16) == NOON.timestamp() * 1000
    assert new_id() > before


def test_rows_are_stamped_with_the_simulations_time(tmp_path: Path) -> None:
    at = NOON
    with Repository.open(f"sqlite:///{tmp_path / 'hub.sqlite'}") as repo:
        with clock.virtual(lambda: at, random.Random(1).randbytes):
            for hours in (0, 5):
                at = NOON + timedelta(hours=hours)
                with repo.begin() as tx:
                    tx.put(Party(legal_name=f"A {hours}", external_id="1"), system="erp")
        with repo.begin() as tx:
            tx.put(Party(legal_name="now", external_id="2"), system="erp")
        with repo.read() as tx:
            held = {one.data()["external_id"]: (one.created_at, one.updated_at) for one in tx.list("Party")}
    assert held["1"] == (NOON, NOON + timedelta(hours=5))
    assert datetime.now(UTC) - held["2"][0] < timedelta(minutes=1)
