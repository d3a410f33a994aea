"""What a store of a simulated world does besides pulling: it sells, registers and changes customers, books points and
counts; and sends it over a bad line. In the end the hub has each of its documents exactly once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hub.simulation.points import Point
from hub.simulation.second_outbox import SecondOutbox
from hub.simulation.tills import Diverged

if TYPE_CHECKING:
    from hub.repository import Repository
    from hub.repository.uploads import UploadRecord

_FAULTS = ("none", "none", "none", "none", "no request", "no answer", "doubled", "cut answer", "late", "late")
_SKEWS = (timedelta(), timedelta(), timedelta(minutes=2), timedelta(minutes=-4), timedelta(hours=3), timedelta(days=-1))
_MOST, _PAGE, _ALL = 100, 2_000, 10_000_000


@dataclass(slots=True)
class Seller:
    """The selling side of a point."""

    point: Point
    rng: random.Random
    outbox: SecondOutbox = field(init=False)
    skew: timedelta = field(init=False)
    printed: list[str] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)
    """Documents that the hub has to refuse."""

    changes: set[str] = field(default_factory=set)
    """Changes of customers: such a customer may have left meanwhile, and then they are quarantined."""

    own: list[str] = field(default_factory=list)
    """Customers that this till has registered, by its own ids."""

    late: list[bytes] = field(default_factory=list)
    epoch: str = ""
    """The epoch in which the hub was asked last."""

    follows: str = ""
    """The epoch of the replica when the outbox last followed it."""

    def __post_init__(self) -> None:
        store, _, terminal = self.point.node.id.rpartition("-")
        self.outbox, self.skew = SecondOutbox(store, terminal, self.rng), self.rng.choice(_SKEWS)

    def work(self, now: datetime) -> None:
        """A few documents, and an upload."""
        for _ in range(self.rng.randrange(3)):
            self.write(now)
        self.upload(self.rng.choice(_FAULTS), now, self.rng.choice((1, 3, _MOST)))

    def write(self, now: datetime, sales: float = 0.6) -> None:
        """One document, and with this chance a sale."""
        if self.rng.random() < sales:
            self._sell(now)
        else:
            self.rng.choice((self._register, self._change, self._redeem, self._spoil))(now)

    def _follow_replica(self) -> None:
        """Customers who left take what was written about them with them."""
        gone = self.point.gone
        self.point.gone = set()
        epoch = self.point.till.place()[0]
        self.outbox.forget(gone, new_epoch=epoch != self.follows)
        self.follows = epoch

    def _time(self, now: datetime) -> datetime:
        self.skew += timedelta(milliseconds=self.rng.randrange(1_000))
        return now + self.skew

    def _sell(self, now: datetime) -> None:
        lines = [
            {
                "line_id": str(line),
                "quantity": {"value": "1", "unit": "EA"},
                "amount": {"amount": "2.50", "currency": "EUR"},
            }
            for line in range(1, self.rng.randrange(2, 4))
        ]
        tender = {"type": "cash", "amount": {"amount": "2.50", "currency": "EUR"}}
        self.printed.append(self.outbox.sell(lines, tender, self._time(now), ""))

    def _register(self, now: datetime) -> None:
        at = self._time(now)
        id_ = self.outbox.new_id(at)
        body = {"external_id": id_, "legal_name": f"New {self.rng.randrange(5)}", "kind": "person"}
        if self.rng.random() < 0.5:
            body["territory"] = "N"  # the hub's business, not the store's: not taken
        self.outbox.add("Party", body, at, id_=id_)
        self.own.append(id_)

    def _change(self, now: datetime) -> None:
        known = [*self.own, *self.point.till.customers()]
        if not known:
            return
        changed = {"email": self.rng.choice((None, "c1@example.com"))}
        points = [{"kind": "email", "value": f"t{self.rng.randrange(9)}@example.com"}]
        body = {"party_id": self.rng.choice(known), "action": "change", "contact_points": points,
                "extensions": {"changed": changed}}  # fmt: skip
        self.changes.add(self.outbox.add("Party", body, self._time(now)).id)

    def _redeem(self, now: datetime) -> None:
        at = self._time(now)
        id_ = self.outbox.new_id(at)
        body = {"entry_id": id_, "account_id": "A1", "type": "redeem", "points": "-5", "at": at.isoformat(),
                "pos_id": self.outbox.node}  # fmt: skip
        self.outbox.add("LoyaltyEntry", body, at, id_=id_)

    def _spoil(self, now: datetime) -> None:
        """Something that the hub does not take: it must hold up nothing."""
        kind, body = self.rng.choice((("Price", {}), ("PosTransaction", {"key": {"store": "S999"}}), ("Party", {})))
        self.bad.add(self.outbox.add(kind, body, self._time(now)).id)

    def upload(self, fault: str, now: datetime, most: int = _MOST) -> None:
        """Send what waits, or ask where the node stands where the hub began a new epoch: it may be a restored one."""
        told = self.point.told
        self._follow_replica()
        epoch = self.point.till.place()[0]
        if not self.outbox.waiting() and epoch == self.epoch:
            return
        told["upload " + fault] += 1
        if fault == "no request":
            return
        body = self.outbox.upload(most)
        if fault == "late":
            self.late.append(body)
            return
        answer = self._deliver(body, now)
        if fault == "doubled" and self._deliver(body, now) != answer:
            raise Diverged(f"{self.outbox.node}: the same upload twice is answered in two ways")
        if self.late and self.rng.random() < 0.5:
            self._deliver(self.late.pop(self.rng.randrange(len(self.late))), now)
        text = json.dumps(answer).encode()
        if fault == "cut answer":
            text = text[: self.rng.randrange(len(text))]
        if fault != "no answer":
            self.outbox.answered(text, now)
            self.epoch = epoch if fault != "cut answer" else self.epoch

    def _deliver(self, body: bytes, now: datetime) -> Mapping[str, Any]:
        return self.point.center.take(self.point.node.store, body, now)

    def finish(self, now: datetime, *, ask: bool = True) -> None:
        """Send everything; with ``ask`` also ask the hub where it stands, and send again what it misses."""
        while self.late:
            self._deliver(self.late.pop(), now)
        if not ask and not self.outbox.waiting():
            return
        for _ in range(1_000):
            self.epoch = "none"  # so that it asks in any case
            before = len(self.outbox.waiting())
            self.upload("none", now)
            if not before and not self.outbox.waiting():
                return
        raise Diverged(f"{self.outbox.node} does not get rid of its documents")

    def check(self, held: Sequence[UploadRecord], sold: Sequence[str]) -> None:
        """Compare what the hub has of this node with what was written here. Raises ``Diverged``."""
        if sorted(sold) != sorted(self.printed):
            raise Diverged(f"{self.outbox.node} printed {sorted(self.printed)}, the hub has {sorted(sold)}")
        places = [one.entry.seq or 0 for one in held]
        # What went with its customer cannot be sent again to a hub that was put back to before it came.
        missing = set(range(1, self.outbox.last + 1)) - set(places) - self.outbox.forgotten
        if missing or len(set(places)) < len(places):
            raise Diverged(f"{self.outbox.node} wrote {self.outbox.last} documents, the hub has the places {places}")
        refused = {one.entry.document for one in held if one.state == "quarantined"} - self.changes
        if refused != self.bad:
            raise Diverged(f"{self.outbox.node}: quarantined {sorted(refused)}, to be refused {sorted(self.bad)}")


def check_all(repo: Repository, sellers: Iterable[Seller]) -> None:
    """Every sale that was printed is at the hub, once; no place is missing; and nothing was quarantined but what had to
    be. Raises ``Diverged``."""
    held: dict[str, list[UploadRecord]] = {}
    sold: dict[str, list[str]] = {}
    after = ""
    with repo.read() as tx:
        for one in tx.uploads(limit=_ALL):
            held.setdefault(one.node, []).append(one)
        while page := tx.list("PosTransaction", after=after, limit=_PAGE):
            for record in page:
                key = record.data()["key"]
                node = f"{key['store']}-{key['workstation']}"
                sold.setdefault(node, []).append(f"{node}-{key['sequence']}")
            after = page[-1].id
    for seller in sellers:
        seller.check(held.get(seller.outbox.node, ()), sold.get(seller.outbox.node, ()))
