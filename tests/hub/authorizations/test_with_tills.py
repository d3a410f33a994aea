"""Random histories of a real hub and real tills: sales on account out of rights and by the hub's approval, decisions
that are voided or forgotten, lines that fail before and after the hub has heard, tills that die in the middle, rights
that are shared out and called back. Nobody spends more than there is, and in the end the hub knows what was spent."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from hub.authorizations.deciding import Asking, decide
from hub.replication import Store, replicate
from hub.replication.intake import take
from hub_pos import NotAuthorized, Register, SaleLine, SaleRefused, Tender
from hub_pos.documents import Documents
from hub_pos.errors import HubAway, NoAnswer
from hub_pos.outbox import outbox_path
from hub_pos.plugin import hub_register_replicas
from hub_pos.upload import Uploader

LIMIT = Decimal(1000)
TYPES: Mapping[str, Any] = {offered.kind: offered for offered in hub_register_replicas()}


class Died(BaseException):
    """The process is gone: what was not committed is not there."""


class World:
    def __init__(self, desk: Any, folder: Path, rng: random.Random, parts: int = 3) -> None:
        self.desk, self.rng, self.faults = desk, rng, False
        self.stores = [
            Store(id=name, mode="distributed", currency="EUR", territories=("N",), path=folder / f"{name}.sqlite")
            for name in ("S1", "S2")
        ]
        self.tills = [(store, terminal) for store in self.stores for terminal in ("1", "2")]
        desk.now = datetime.now(UTC)  # what a replica is as of is the hub's real time
        self.party = desk.customer("C1", str(LIMIT))
        self.sold = Decimal(0)
        self.lost = False
        self.pull()  # a till that was never loaded knows no policy
        for till in self.tills[:parts]:
            with self.open(till) as register:
                register.authorize("credit_sale", self.party, amount=100)
            self.upload(till)
        desk.rebalance()
        self.pull()
        self.faults = True

    def pull(self) -> None:
        summary = replicate(self.desk.repo, self.rng.sample(self.stores, 1) if self.faults else self.stores, TYPES,
                            authorizations=self.desk.policies)  # fmt: skip
        assert not [one.error for one in summary.stores if one.error]

    def open(self, till: tuple[Store, str]) -> Register:
        store, terminal = till
        assert store.path is not None
        return Register(store.path, terminal, store=store.id, now=lambda: self.desk.now)

    def fails(self) -> bool:
        return self.faults and self.rng.random() < 0.15

    def ask(self, till: tuple[Store, str]) -> Callable[[Mapping[str, Any], str], str]:
        store, terminal = till

        def asked(question: Mapping[str, Any], outbox: str) -> str:
            if self.fails():
                raise HubAway("the question was lost")
            asking = Asking(f"{store.id}-{terminal}", store.id, store.mode, outbox)
            text: str = decide(self.desk.repo, asking, dict(question), self.desk.now, self.desk.policies)
            if self.fails():
                raise HubAway("the answer was lost")
            return text

        return asked

    def upload(self, till: tuple[Store, str]) -> None:
        def send(data: bytes) -> bytes:
            if self.fails():
                raise NoAnswer("the upload was lost")
            answer = take(self.desk.repo, till[0], data, self.desk.now, authorizations=self.desk.policies)
            quarantined = [one for one in answer["results"] if one["status"] == "quarantined"]
            assert self.lost or not quarantined, quarantined
            if self.fails():
                raise NoAnswer("the answer was lost")
            return json.dumps(answer).encode()

        with self.open(till) as register:
            Uploader(register.outbox, send, now=lambda: self.desk.now).upload(force=True)

    @contextmanager
    def dying(self) -> Iterator[None]:
        """Sometimes the process dies: the transaction that writes a document soon never ends."""
        left = [self.rng.choice([0, 1]) if self.fails() else 1_000]
        put = Documents.put

        def tried(documents: Documents, *what: Any) -> Any:
            if not left[0]:
                raise Died
            left[0] -= 1
            return put(documents, *what)

        with patch.object(Documents, "put", tried):
            yield

    def trade(self, till: tuple[Store, str], open_: dict[Any, list[Any]]) -> None:
        amount, turn = Decimal(self.rng.randrange(1, 220)), self.rng.random()
        with self.open(till) as register, self.dying():
            if turn < 0.35:
                self.sell(register, amount)
            elif turn < 0.75:
                decision = register.authorize("credit_sale", self.party, amount=amount, ask=self.ask(till))
                if decision.approved:
                    open_[till].append((decision.id, amount))
            elif open_[till]:
                id_, amount = open_[till].pop()
                if turn < 0.9:
                    self.sell(register, amount - self.rng.choice([0, 1]), id_)
                else:
                    register.void_authorization(id_)

    def sell(self, register: Register, amount: Decimal, authorization: str = "") -> None:
        if amount > 0:
            paid = [Tender("account", amount, authorization_id=authorization)]
            register.sell([SaleLine("x", 1, amount)], paid, self.party)
            self.sold += amount

    def lose(self, till: tuple[Store, str]) -> None:
        """A till's disk is broken: a new outbox begins."""
        assert till[0].path is not None
        path = outbox_path(till[0].path, till[1])
        for file in path.parent.glob(path.name + "*"):
            file.unlink()
        self.lost = True

    def check(self) -> Decimal:
        """What tills have in their hands. With what was sold, and what the hub would give, it is not more than there
        is."""
        held = Decimal(0)
        for till in self.tills:
            with self.open(till) as register:
                for one in register.rights():
                    assert one.available >= 0
                    held += one.available
                rows = register.outbox.rows(
                    "SELECT amount FROM approval WHERE used_by = '' AND reversed_by = '' AND (right_id <> '' OR"
                    " expires_at > ?)", self.desk.now.isoformat(),
                )  # fmt: skip
                held += sum((Decimal(amount) for (amount,) in rows), Decimal(0))
        assert self.sold + held + max(self.desk.credit(self.party).free, Decimal(0)) <= LIMIT
        return held


@pytest.mark.parametrize("seed", range(2))
def test_a_customer_never_spends_more_than_there_is(desk: Any, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    world = World(desk, tmp_path, rng)
    assert world.check() > 0
    open_: dict[Any, list[Any]] = {till: [] for till in world.tills}
    for _ in range(45):
        desk.now += timedelta(minutes=rng.choice([0, 0, 1, 5, 16]))
        turn, till = rng.random(), rng.choice(world.tills)
        if turn < 0.12:
            desk.rebalance()
        elif turn < 0.3:
            world.pull()
        elif turn < 0.5:
            world.upload(till)
        elif turn < 0.51 and seed % 2:
            world.lose(till)
            open_[till].clear()
        else:
            with suppress(Died, NotAuthorized, SaleRefused):
                world.trade(till, open_)
        world.check()
    # Everybody comes home, and what was left open ends.
    world.faults = False
    for _ in range(3):
        desk.now += timedelta(minutes=16)
        for till in world.tills:
            with world.open(till) as register:
                register.sell([SaleLine("x", 1, 1)], [Tender("cash", 1)])
            world.upload(till)
        desk.rebalance()
        world.pull()
    held, pool = world.check(), desk.credit(world.party)
    if not world.lost:  # what a lost till had in its hands stays out until a person gives it up
        assert (pool.approved, pool.capacity, pool.outstanding) == (0, LIMIT - world.sold, held)


def test_what_is_set_free_goes_back_in_the_same_upload(desk: Any, tmp_path: Path) -> None:
    world = World(desk, tmp_path, random.Random(1))
    world.faults = False
    till = world.tills[0]
    with world.open(till) as register:
        (held,) = register.rights()
        decision = register.authorize("credit_sale", world.party, amount=100)
    world.upload(till)
    assert desk.credit(world.party).rights
    with world.open(till) as register:
        register.void_authorization(decision.id)
    desk.now += timedelta(days=31)  # its time is over: all of it goes back
    world.upload(till)
    with desk.repo.read() as tx:
        (right,) = tx.rights(holder="S1-1")
    assert (right.returned, right.spent, right.outstanding) == (held.available, 0, 0)


def test_its_own_rights_do_not_stand_in_a_till_s_way(desk: Any, tmp_path: Path) -> None:
    world = World(desk, tmp_path, random.Random(1), parts=2)
    world.faults = False
    till = world.tills[0]
    with world.open(till) as register:
        (held,) = register.rights()
        wanted = held.available + 50
        assert wanted > desk.credit(world.party).free, "neither the till nor the hub has so much"
        decision = register.authorize("credit_sale", world.party, amount=wanted, ask=world.ask(till))
        assert (decision.approved, decision.offline) == (True, False)
        assert [one.available for one in register.rights()] == [0]
        world.sell(register, wanted, decision.id)
        more = register.authorize("credit_sale", world.party, amount=held.available, ask=world.ask(till))
        assert more.reasons == ("held_by_tills",), "what others have is called back, and not there yet"
    world.upload(till)
    pool = desk.credit(world.party)
    assert (pool.capacity, pool.approved) == (LIMIT - wanted, 0)
