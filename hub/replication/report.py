"""What a run of the replication did, small enough to be handed from task to task."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class StoreReport:
    """One store: position before and after, rows written or deleted, bytes of the segments as they travel
    (compressed), changes still missing (``lag``). ``loaded`` is a first load or reload. ``error`` is empty if all
    went well; then the store stands where it stood, or at an earlier checkpoint of this run."""

    store: str
    from_seq: int = 0
    to_seq: int = 0
    rows: int = 0
    bytes: int = 0
    lag: int = 0
    loaded: bool = False
    gained: int = 0
    lost: int = 0
    error: str = ""


@dataclass(slots=True)
class Summary:
    """A run: the feed's position that every store was brought to, and how it went at each."""

    epoch: str
    position: int
    as_of: str
    stores: list[StoreReport] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows written or deleted at all stores together."""
        return sum(store.rows for store in self.stores)

    @property
    def failed(self) -> list[StoreReport]:
        """The stores that were not brought up to date."""
        return [store for store in self.stores if store.error]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for ``--json`` and XCom."""
        return {**asdict(self), "rows": self.rows, "failed": len(self.failed)}
