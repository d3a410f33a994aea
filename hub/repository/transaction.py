"""A transaction on the repository: everything that is stored in it is stored, or nothing."""

from __future__ import annotations

from hub.repository.cards import Cards
from hub.repository.conflicts import Conflicts
from hub.repository.counters import Counters
from hub.repository.deviations import Deviations
from hub.repository.documents import Documents
from hub.repository.feed_keeping import FeedKeeping
from hub.repository.journal import Journal
from hub.repository.ledger import Ledger
from hub.repository.nodes import Nodes
from hub.repository.outbox import Outbox
from hub.repository.purging import Purging
from hub.repository.revising import Revising
from hub.repository.rights import Rights


class Transaction(
    Revising,
    Purging,
    Documents,
    Journal,
    Outbox,
    Ledger,
    Deviations,
    Counters,
    Conflicts,
    Nodes,
    Cards,
    FeedKeeping,
    Rights,
):
    """What ``Repository.begin`` and ``Repository.read`` give. Not for two threads, not after its ``with`` block.

    ``now`` is the same instant for everything that is stored in it.
    """

    def derive(self) -> None:
        """Write what waits, and store what follows from what was stored in this transaction."""
        self.flush()
        if self._derivation is not None and self._origins:
            origins, self._origins = self._origins, []
            self._derivation.derive(self, origins)
            self.flush()
