"""A point of sale of a simulated world: its node, its till, and the line to the hub with everything that goes wrong on
it. Whatever happens, the till holds what its buckets held at its position, and nothing else."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hub.api.nodes import Node
from hub.simulation.center import Center, damaged
from hub.simulation.refusals import Killed, Refused
from hub.simulation.segment_reading import read
from hub.simulation.tills import Diverged, Till
from hub.simulation.truth import Truth


@dataclass(slots=True)
class Answer:
    """What the hub answered to a poll, and which buckets the store might see then."""

    body: bytes
    allowed: frozenset[str]


FAULTS: tuple[tuple[str, int], ...] = (
    ("none", 50), ("no request", 4), ("no answer", 4), ("doubled", 6), ("damaged answer", 4), ("damaged segment", 4),
    ("old answer", 6), ("late", 5), ("killed", 12), ("behind", 4), ("reload", 2), ("wiped", 2), ("older disk", 3),
)  # fmt: skip
_NAMES, _WEIGHTS = [name for name, _ in FAULTS], [weight for _, weight in FAULTS]


@dataclass(slots=True)
class Point:
    """One node. ``told`` counts what has happened to all of them."""

    node: Node
    till: Till
    center: Center
    truth: Truth
    rng: random.Random
    told: Counter[str]
    old: list[Answer] = field(default_factory=list)
    flying: Answer | None = None
    disk: object | None = None
    thorough: float = 1.0
    """The share of pulls after which everything in the till is compared."""

    gone: set[str] = field(default_factory=set)
    """Customers that left with the last checkpoints; whoever writes the outbox takes them."""

    def pull(self, fault: str = "") -> None:
        """One pull, with a fault by chance or by name."""
        what = fault or self.rng.choices(_NAMES, _WEIGHTS)[0]
        self.told[what] += 1
        if what == "wiped":
            self.till.begin_again(None)
        elif what == "older disk" and self.disk is not None:
            self.till.begin_again(self.disk)
        elif what == "old answer" and self.old:
            self._attempt(self.rng.choice(self.old))
        if self.flying is not None and self.rng.random() < 0.5:
            answer, self.flying = self.flying, None
            self._attempt(answer)
        if what == "no request":
            return
        question = self.till.poll(reload=what == "reload")
        body = self.center.poll(self.node, question, behind=what == "behind")
        if body is None:
            self.told["not sealed"] += 1
            return
        answer = Answer(body, self.center.available(self.node.store, behind=what == "behind"))
        if self.rng.random() < 0.1:
            self.old = [*self.old[-2:], answer]
        self._deliver(what, answer)

    def _deliver(self, what: str, answer: Answer) -> None:
        if what == "no answer":
            return
        if what == "late":
            self.flying = answer
            return
        if what == "damaged answer":
            self._spoilt(answer)
        elif what == "killed":
            self._killed(answer)
        else:
            self._outcome(what, self._attempt(answer, damage=what == "damaged segment"))
        if what == "doubled":
            before = self.till.held()
            self._attempt(answer)
            if self.till.held() != before:
                raise Diverged(f"{self.node.id}: the same answer twice is not the same as once")
        if self.rng.random() < 0.05:
            self.disk = self.till.image()

    def _outcome(self, what: str, outcome: str) -> None:
        """What may become of an answer that the hub gave just now."""
        self.told[outcome] += 1
        fine = {"taken"}
        if what == "damaged segment":
            fine |= {"damaged"}
        elif what == "behind":
            fine |= {"old", "gone"}
        if outcome not in fine:
            raise Diverged(f"{self.node.id}: a good answer was not taken: {outcome}")

    def _spoilt(self, answer: Answer) -> None:
        spoilt = damaged(answer.body, self.rng)
        outcome = self._attempt(Answer(spoilt, answer.allowed))
        # The last letter of a signature has bits that say nothing.
        if outcome == "taken" and json.loads(spoilt)["manifest"] != json.loads(answer.body)["manifest"]:
            raise Diverged(f"{self.node.id}: a damaged answer was taken")

    def _killed(self, answer: Answer) -> None:
        left, before = self.rng.randrange(1, self.till.moments + 1), self.till.held()

        def dying(where: str) -> None:
            nonlocal left
            left -= 1
            if left < 2 and where != "done" and self.till.held() != before:
                raise Diverged(f"{self.node.id}: a reader sees half a checkpoint")
            if not left:
                raise Killed

        self.till.instant = dying
        try:
            self._attempt(answer)
        except Killed:
            self.told["killed within"] += 1
            # Nothing of it, or all of it.
            if self.till.held() != before:
                self.check(answer.allowed)
        finally:
            self.till.instant = _go_on

    def _attempt(self, answer: Answer, *, damage: bool = False) -> str:
        """Give an answer to the till: ``taken``, ``other state`` or the code of the refusal. What it holds then is
        checked in any case."""
        try:
            done = self.till.take(answer.body, self._fetch(damage))
        except Refused as problem:
            outcome = problem.code
        else:
            outcome = "taken" if done is not None else "other state"
            self.gone.update(done or ())
        if self.thorough >= 1.0 or self.rng.random() < self.thorough:
            self.check(answer.allowed if outcome == "taken" else None)
        return outcome

    def _fetch(self, damage: bool) -> Any:
        if self.till.sealed:
            if damage:
                return lambda digest: damaged(self.center.bytes_of(self.node, digest), self.rng)
            return lambda digest: self.center.bytes_of(self.node, digest)
        if damage:
            return lambda digest: read(damaged(self.center.bytes_of(self.node, digest), self.rng), digest)
        return lambda digest: self.center.segment(self.node, digest)

    def check(self, allowed: frozenset[str] | None = None) -> None:
        """Compare what a reader sees with what must be there. Raises ``Diverged``."""
        held = self.till.held()
        if held.stray:
            raise Diverged(f"{self.node.id} holds {held.stray} rows that no bucket holds")
        if allowed is not None and not held.buckets.keys() <= allowed:
            raise Diverged(f"{self.node.id} sees {sorted(held.buckets.keys() - allowed)}")
        for bucket, found in held.buckets.items():
            must = self.truth.at(bucket, held.seq, held.epoch)
            if found != must:
                raise Diverged(f"{self.node.id} at {held.seq}: {bucket} holds {found}, must hold {must}")


def _go_on(_where: str) -> None:
    pass
