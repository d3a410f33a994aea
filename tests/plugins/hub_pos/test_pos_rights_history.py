"""Random histories of rights: grants, recalls, spends, reversals, returns, deaths in the middle of a transaction, lost
uploads and answers, tills whose outbox is lost. No till ever has less than nothing, and together they never spend more
than the pool."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_pos import NotAuthorized, Register, Replica, SaleLine, SaleRefused, Tender
from hub_pos.documents import Documents
from hub_pos.errors import NoAnswer
from hub_pos.outbox import outbox_path
from hub_pos.upload import Uploader

Make = Callable[..., dict[str, Any]]
POOL = Decimal(100)
TILLS = ("1", "2", "3")
RULE = {"resource": "credit", "ask": "never", "expires_minutes": 15}


class Died(BaseException):
    """The process is gone: what was not committed is not there."""


class World:
    """A pool, three tills of one store with their replica, and a hub that knows only what came to it."""

    def __init__(self, rng: random.Random, folder: Path, checkpoint: Make) -> None:
        self.rng, self.checkpoint, self.path = rng, checkpoint, folder / "S.sqlite"
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.rights: dict[str, dict[str, Any]] = {}
        self.documents: dict[tuple[str, int], dict[str, Any]] = {}
        self.outboxes: dict[str, str] = {}
        self.replica = Replica(self.path)
        told = {"store": "S", "currency": "EUR", "authorization": {"operations": {"credit_sale": RULE}}}
        rows = [(1, "customer", "c1", {"number": "1"})]
        self.replica.apply(checkpoint(0, 1, {"a": rows}, reset=("", 0), settings=told))

    def hub_free(self) -> Decimal:
        """What the hub may give: all but what is out. A right is out until the till has said that it gave it back."""
        out = sum((Decimal(one["granted"]) for one in self.rights.values()), Decimal(0))
        back = sum((Decimal(one["amount"]) for one in self.documents.values() if "return_id" in one), Decimal(0))
        return POOL - out + back

    def give(self, till: str) -> None:
        outbox, free = self.outboxes.get(till), self.hub_free()
        if outbox is None or free <= 0:
            return
        name = f"{till}/{outbox}"
        held = self.rights.get(name, {"granted": "0", "recalled": "0"})
        more = min(free, Decimal(self.rng.randrange(10, 60)))
        ends = self.now + timedelta(minutes=self.rng.choice([5, 60, 600]))
        self.rights[name] = {
            "right_id": name, "holder": f"S-{till}", "outbox": outbox, "party_id": "c1", "resource": "credit",
            "currency": "EUR", "granted": str(Decimal(held["granted"]) + more), "recalled": held["recalled"],
            "expires_at": ends.isoformat(),
        }  # fmt: skip

    def recall(self) -> None:
        if self.rights:
            right = self.rights[self.rng.choice(sorted(self.rights))]
            right["recalled"] = str(Decimal(right["recalled"]) + self.rng.randrange(1, 60))

    def pull(self) -> None:
        cursor = self.replica.cursor()
        seq = cursor["seq"] + 1
        rows = [(seq, "right", name, dict(row)) for name, row in self.rights.items()]
        made = self.checkpoint(cursor["seq"], seq, {"a": rows}, held=["a"], as_of=self.now.isoformat())
        self.replica.apply(made)

    def take(self, data: bytes) -> bytes:
        upload = json.loads(data)
        if self.rng.random() < 0.2:
            raise NoAnswer("the upload was lost")
        till = upload["node"].removeprefix("S-")
        if "outbox" in upload:
            self.outboxes[till] = upload["outbox"]
        results = []
        for one in upload["documents"]:
            held = self.documents.setdefault((till, one["seq"]), one["body"])
            status = ("duplicate", []) if held == one["body"] else ("quarantined", ["return.seq_reused: other content"])
            results.append({"seq": one["seq"], "id": one["id"], "status": status[0], "findings": status[1]})
        following = 1 + max((seq for name, seq in self.documents if name == till), default=0)
        if self.rng.random() < 0.2:
            raise NoAnswer("the answer was lost")
        return json.dumps({"node": upload["node"], "results": results, "next": following}).encode()


class Tills:
    """What the tills do, and what they have sold on account, by what a customer would remember."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng
        self.open: dict[str, list[tuple[str, Decimal]]] = {till: [] for till in TILLS}
        self.sold = Decimal(0)

    def act(self, till: str) -> None:
        amount = Decimal(self.rng.randrange(1, 25))
        with Register(self.world.path, till, now=lambda: self.world.now) as register, self._maybe_dying():
            turn = self.rng.random()
            if turn < 0.35:
                register.sell([SaleLine("x", 1, amount)], [Tender("account", amount)], "c1")
                self.sold += amount
            elif turn < 0.55:
                decision = register.authorize("credit_sale", "c1", amount=amount)
                if decision.approved:
                    self.open[till].append((decision.id, amount))
            elif turn < 0.7 and self.open[till]:
                id_, amount = self.open[till].pop()
                register.sell([SaleLine("x", 1, amount)], [Tender("account", amount, authorization_id=id_)], "c1")
                self.sold += amount
            elif turn < 0.8 and self.open[till]:
                register.void_authorization(self.open[till].pop()[0])
            else:
                Uploader(register.outbox, self.world.take, now=lambda: self.world.now).upload(force=True)

    def upload(self, till: str) -> None:
        with Register(self.world.path, till, now=lambda: self.world.now) as register:
            Uploader(register.outbox, self.world.take, now=lambda: self.world.now).upload(force=True)

    def _maybe_dying(self) -> Any:
        """Sometimes the process dies: the transaction that writes the second document from now never ends."""
        left = [self.rng.choice([0, 1, 2])] if self.rng.random() < 0.15 else [1_000]
        put = Documents.put

        def dying(documents: Documents, *what: Any) -> Any:
            if not left[0]:
                raise Died
            left[0] -= 1
            return put(documents, *what)

        return patch.object(Documents, "put", dying)

    def lose(self, till: str) -> None:
        """The till's disk is broken: a new outbox begins."""
        path = outbox_path(self.world.path, till)
        for file in path.parent.glob(path.name + "*"):
            file.unlink()
        self.open[till].clear()

    def check(self) -> None:
        available = Decimal(0)
        for till in TILLS:
            with Register(self.world.path, till, now=lambda: self.world.now) as register:
                for one in register.rights():
                    assert one.available >= 0
                    assert 0 <= one.spendable <= one.available
                    available += one.available
        assert self.sold + available <= POOL
        assert self.world.hub_free() >= 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), steps=st.integers(15, 45))
def test_together_they_never_spend_more_than_the_pool(checkpoint: Make, seed: int, steps: int) -> None:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        world = World(rng, Path(folder), checkpoint)
        tills = Tills(world)
        for till in TILLS:
            tills.upload(till)
            tills.upload(till)
            world.give(till)
        world.pull()
        for _ in range(steps):
            world.now += timedelta(minutes=rng.choice([0, 1, 7, 20]))
            turn, till = rng.random(), rng.choice(TILLS)
            if turn < 0.15:
                world.give(till)
            elif turn < 0.2:
                world.recall()
            elif turn < 0.35:
                world.pull()
            elif turn < 0.41:
                tills.lose(till)
            else:
                with suppress(Died, NotAuthorized, SaleRefused):
                    tills.act(till)
            tills.check()
        world.replica.close()
