"""A little of ``python -m tests.bench rights``: customers, stores that are off line part of the time, real tills."""

from __future__ import annotations

from datetime import timedelta

from tests.bench.rights import Plan, purchases, simulated


def test_nobody_owes_more_than_the_limit(database_url: str) -> None:
    plan = Plan(customers=6, stores=3, days=2, a_day=5, away=0.2, tick=timedelta(hours=6))
    wanted = purchases(plan)
    world, tally = simulated(plan, wanted, database_url)
    assert tally.asked == len(wanted) > 40
    assert tally.over == set()
    assert tally.rightly > 5  # there was something to refuse
    assert tally.approved > tally.asked / 3
    assert sum(world.owed) > 0
