"""Open replicas, and what became of each store: one that fails is left out and reported, the others go on."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.errors import ConfigurationError
from hub.located import did_you_mean
from hub.replication.report import StoreReport
from hub.replication.scopes import subscription
from hub.replication.stores import Store

if TYPE_CHECKING:
    from hub.translation import ReplicaLink, ReplicaType

log = logging.getLogger("hub.replication")

_OPEN_AT_ONCE = 64


@dataclass(slots=True)
class Visit:
    """One store in one run: where it stands, what it is to get, and how it went."""

    store: Store
    wanted: frozenset[str]
    epoch: str = ""
    seq: int = 0
    held: frozenset[str] = frozenset()
    reset: bool = False
    done: bool = False
    report: StoreReport = field(init=False)

    def __post_init__(self) -> None:
        self.report = StoreReport(self.store.id)

    def stands(self, epoch: str, seq: int, held: frozenset[str]) -> None:
        """What the store said of itself."""
        self.epoch, self.seq, self.held = epoch, seq, held
        self.report.from_seq = self.report.to_seq = seq

    def plan(self, *, reset: bool) -> None:
        """Decide: load everything anew, or go on from where it stands."""
        self.reset = self.report.loaded = reset
        self.report.gained, self.report.lost = len(self.gained), len(self.lost)
        if reset:
            # Positions of another epoch, or of a future that was undone, mean nothing here.
            self.report.to_seq = 0

    @property
    def follows(self) -> bool:
        """Whether it takes changes, rather than everything anew."""
        return not self.done and not self.reset

    @property
    def kept(self) -> frozenset[str]:
        """Buckets that it holds and goes on holding."""
        return self.wanted & self.held

    @property
    def gained(self) -> frozenset[str]:
        """Buckets that must come whole: those it does not hold yet, all of them after a reset."""
        return self.wanted if self.reset else self.wanted - self.held

    @property
    def lost(self) -> frozenset[str]:
        """Buckets that left its scope."""
        return frozenset() if self.reset else self.held - self.wanted


class Links:
    """Replicas, opened when they are needed; the ones used last stay open, at most 64 however many stores there are."""

    def __init__(self, types: Mapping[str, ReplicaType]) -> None:
        self._types = types
        self._open: OrderedDict[str, ReplicaLink] = OrderedDict()

    def visit(self, store: Store) -> Visit:
        """A visit to ``store``, not begun yet."""
        return Visit(store, subscription(store))

    def use(self, visit: Visit, work: Callable[[ReplicaLink], None]) -> None:
        """Do ``work`` with the store's replica. Whatever goes wrong in opening it or inside ends this visit, is logged
        and put into its report."""
        try:
            work(self._link(visit.store))
        except Exception as problem:
            # Any exception: the replica is a plugin's, and a broken disk at one store is no reason to stop the rest.
            visit.done = True
            visit.report.error = f"{type(problem).__name__}: {problem}"
            log.warning("store %s was not replicated: %s", visit.store.id, visit.report.error)
            self._drop(visit.store)

    def _link(self, store: Store) -> ReplicaLink:
        link = self._open.pop(store.id, None)
        if link is None:
            known = self._types.get(store.kind)
            if known is None:
                raise ConfigurationError(
                    f"store '{store.id}' has a replica of kind '{store.kind}', which no plugin offers",
                    hint=did_you_mean(store.kind, self._types) or "Install the plugin that offers it.",
                )
            link = known.open({**store.model_dump(mode="json"), "path": str(store.path) if store.path else ""})
        self._open[store.id] = link
        if len(self._open) > _OPEN_AT_ONCE:
            self._close(*self._open.popitem(last=False))
        return link

    def _drop(self, store: Store) -> None:
        link = self._open.pop(store.id, None)
        if link is not None:
            self._close(store.id, link)

    def _close(self, store: str, link: ReplicaLink) -> None:
        try:
            link.close()
        except Exception as problem:
            log.warning("the replica of store %s did not close: %s: %s", store, type(problem).__name__, problem)

    def close(self) -> None:
        """Close every replica."""
        while self._open:
            store, link = self._open.popitem()
            self._close(store, link)
