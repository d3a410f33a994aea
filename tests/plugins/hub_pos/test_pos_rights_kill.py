"""kill -9 between a decision and its sale, and anywhere else: nothing is spent twice, nothing is lost."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub_pos import Register, Replica
from hub_pos.book import Book
from hub_pos.giving_back import give_back

Make = Callable[..., dict[str, Any]]
GRANTED = Decimal(1_000_000)

TILL = """
import sys
from hub_pos import Register, SaleLine, Tender

with Register(sys.argv[1]) as register:
    lines = [SaleLine("x", 1, 3)]
    print("ready", flush=True)
    for turn in range(10_000):
        if turn % 4 == 3:
            register.void_authorization(register.authorize("credit_sale", "c1", amount=7).id)
            continue
        id = register.authorize("credit_sale", "c1", amount=3).id if turn % 2 else ""
        print(register.sell(lines, [Tender("account", 3, authorization_id=id)], "c1").number, flush=True)
"""


def world(replica: Replica, checkpoint: Make, path: Path) -> None:
    rule = {"resource": "credit", "ask": "never", "expires_minutes": 15}
    settings = {"store": "S001", "currency": "EUR", "authorization": {"operations": {"credit_sale": rule}}}
    replica.apply(checkpoint(0, 1, {"a": [(1, "customer", "c1", {"number": "1"})]}, reset=("", 0), settings=settings))
    with Register(path) as register:
        row = {"right_id": "r", "holder": "S001-1", "outbox": register.outbox.id, "party_id": "c1",
               "resource": "credit", "currency": "EUR", "granted": str(GRANTED),
               "expires_at": "2999-01-01T00:00:00Z"}  # fmt: skip
    replica.apply(checkpoint(1, 2, {"a": [(2, "right", "r", row)]}, held=["a"]))


def checked(register: Register, printed: list[str]) -> tuple[Decimal, Decimal]:
    """What was sold on account, and what is spent by the book; book, approvals and documents say the same."""
    documents = [(one.id, one.kind, one.number, json.loads(one.body)) for one in register.outbox.entries()]
    numbers = [number for _, kind, number, _ in documents if kind == "PosTransaction"]
    assert numbers == [f"S001-1-{at}" for at in range(1, len(numbers) + 1)]
    assert set(printed) <= set(numbers), "what was printed is there"
    used = [
        (body["tenders"][0]["authorization_id"], id_) for id_, kind, _, body in documents if kind != "Authorization"
    ]
    assert len({authorization for authorization, _ in used}) == len(used), "an approval has one sale"
    said = {id_: body for id_, kind, _, body in documents if kind == "Authorization"}
    free = {body["reverses"]: id_ for id_, body in said.items() if body["decision"] == "reversed"}
    rows = register.outbox.rows("SELECT id, used_by, reversed_by FROM approval")
    assert {(id_, by) for id_, by, _ in rows if by} == set(used)
    assert {id_: by for id_, _, by in rows if by} == free
    assert {id_ for id_, _, _ in rows} == {id_ for id_, body in said.items() if body["decision"] == "approved"}
    sums = {"approved": Decimal(0), "reversed": Decimal(0), "declined": Decimal(0)}
    for body in said.values():
        sums[body["decision"]] += Decimal(body["amount"]["amount"])
    entry = Book(register.outbox).entry("r")
    assert (entry.approved, entry.reversed, sums["declined"]) == (sums["approved"], sums["reversed"], 0)
    return Decimal(3) * len(used), entry.approved - entry.reversed


def test_a_till_killed_anywhere(replica: Replica, checkpoint: Make, path: Path) -> None:
    world(replica, checkpoint, path)
    rng, printed, between = random.Random(11), list[str](), 0
    for kill in range(150):
        if kill >= 15 and between and len(printed) > 30:
            break
        till = subprocess.Popen([sys.executable, "-c", TILL, str(path)], stdout=subprocess.PIPE, text=True)
        assert till.stdout is not None
        till.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.08))
        till.kill()
        # A line that the kill cut off was not printed.
        printed += [line.strip() for line in till.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
        with closing(Register(path)) as register:
            sold, spent = checked(register, printed)
        assert spent >= sold
        between += spent > sold
    assert between, "no kill came between a decision and its sale"
    with Register(path) as register:
        give_back(register.outbox, datetime.now(UTC) + timedelta(minutes=16))
        sold, spent = checked(register, printed)
        assert spent == sold, "what was decided and not sold is free again"
        assert [one.available for one in register.rights()] == [GRANTED - sold]
