"""The tills of a simulation: what it needs of any, the second till, and the real one that a plugin offers."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hub.simulation.refusals import Refused
from hub.simulation.second_till import SecondTill, State
from hub.simulation.truth import Sum, mark


class Diverged(Exception):
    """A till holds something else than it must, or does not take what it must. Nothing may go on after it."""


class Till(Protocol):
    """What a simulation needs of a till's replica."""

    instant: Callable[[str], None]
    moments: int
    """About how many instants a checkpoint has."""

    sealed: bool
    """Whether it reads the bytes of segments itself."""

    def poll(self, *, reload: bool = False) -> dict[str, Any]:
        """The body of a poll."""

    def take(self, answer: bytes, fetch: Any) -> Collection[str] | None:
        """Take an answer; the ids of the customers that are gone, or None where nothing was done. Raises Refused."""

    def place(self) -> tuple[str, int]:
        """Epoch and position."""

    def held(self) -> Held:
        """Everything that a reader sees."""

    def customers(self) -> list[str]:
        """Ids of a few customers that are here."""

    def image(self) -> object:
        """A copy of the till's disk."""

    def begin_again(self, image: object | None) -> None:
        """Start with a copy of the disk, or (None) as a new till."""

    def close(self) -> None:
        """Release what is open."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a reader of a till sees: where it stands, what each bucket holds, and rows that no bucket holds."""

    epoch: str
    seq: int
    buckets: Mapping[str, Sum]
    stray: int


class Second(SecondTill):
    """The second till, with what a simulation needs."""

    moments = 6
    sealed = False

    def place(self) -> tuple[str, int]:
        """Epoch and position."""
        return self.state.epoch, self.state.seq

    def held(self) -> Held:
        """What its rows say, and whether every row is in a bucket."""
        state = self.state
        buckets = {}
        seen: set[int] = set()
        for name, numbers in state.members.items():
            total = 0
            for number in numbers:
                row = state.rows.get(number)
                if row is None:
                    raise Diverged(f"{self.node}: {name} holds row {number}, which is not there")
                if not row.mark:
                    row.mark = mark(row.entity, row.id, row.fields)
                total += row.mark
            seen |= numbers
            buckets[name] = (len(numbers), total)
        return Held(state.epoch, state.seq, buckets, len(state.rows) - len(seen))

    def customers(self) -> list[str]:
        """Ids of customers that are here."""
        return [row.id for row in self.state.rows.values() if row.entity == "customer"]

    def image(self) -> State:
        """A copy of the state."""
        one = self.state
        members = {name: set(numbers) for name, numbers in one.members.items()}
        return State(one.epoch, one.seq, one.schema, one.as_of, dict(one.rows), members, dict(one.settings))

    def begin_again(self, image: object | None) -> None:
        """Take a copy for the state."""
        self.state = image if isinstance(image, State) else State()
        self.state = self.image()

    def close(self) -> None:
        """Nothing is open."""


MakeTill = Callable[[str, Mapping[str, str], Path], Till]
"""Makes the till of a node that knows these keys of the hub, in a folder of its own."""


def second(node: str, keys: Mapping[str, str], _folder: Path) -> Till:
    """The second till, which needs no folder."""
    return Second(node, keys)


class Real:
    """A real till, as a plugin offers it for simulations (``hub_pos.simulated``)."""

    sealed = True

    def __init__(self, real: Any) -> None:
        self._real, self.moments = real, real.moments

    @property
    def instant(self) -> Callable[[str], None]:
        """What is called at any moment of an apply."""
        called: Callable[[str], None] = self._real.instant
        return called

    @instant.setter
    def instant(self, called: Callable[[str], None]) -> None:
        self._real.instant = called

    def poll(self, *, reload: bool = False) -> dict[str, Any]:
        """The body of a poll."""
        body: dict[str, Any] = self._real.poll(reload=reload)
        return body

    def take(self, answer: bytes, fetch: Callable[[str], bytes]) -> Collection[str] | None:
        """Take an answer; who left is its own outbox's business."""
        outcome = self._real.take(answer, fetch)
        if outcome == "other state":
            return None
        if outcome != "taken":
            raise Refused(outcome, "refused by the till")
        return ()

    def place(self) -> tuple[str, int]:
        """Epoch and position."""
        question = self._real.poll()
        return question["epoch"], question["cursor"]["seq"]

    def held(self) -> Held:
        """What a reader of the file sees."""
        epoch, seq, buckets, stray = self._real.read()
        sums = {name: (len(rows), sum(mark(*row) for row in rows)) for name, rows in buckets.items()}
        return Held(epoch, seq, sums, stray)

    def customers(self) -> list[str]:
        """Ids of customers that are here."""
        _, _, buckets, _ = self._real.read()
        return sorted({id_ for rows in buckets.values() for entity, id_, _ in rows if entity == "customer"})

    def prove(self, ask: Callable[[Mapping[str, Any]], Mapping[str, Any]], rng: random.Random) -> None:
        """Its state hashes are the hub's; where a row is spoilt on the disk they are not, and it is put right. Raises
        ``Diverged``."""
        held = self.held()
        if not self._real.prove(ask).equal:
            raise Diverged(f"the till at {held.seq} holds what it must, and its hashes are not the hub's")
        if not self._real.spoil(rng):
            return
        found = self._real.prove(ask, heal=True)
        if found.rows != 1 or not found.healed or self.held() != held:
            raise Diverged(f"one row was spoilt at {held.seq}: found {found}")

    def image(self) -> object:
        """A copy of the till's folder."""
        return self._real.image()

    def begin_again(self, image: object | None) -> None:
        """Start with a copy of the folder, or as a new till."""
        self._real.begin_again(image)

    def close(self) -> None:
        """Release the files."""
        self._real.close()
