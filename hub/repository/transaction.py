"""A transaction on the repository: everything that is stored in it is stored, or nothing."""

from __future__ import annotations

from hub.repository.cards import Cards
from hub.repository.conflicts import Conflicts
from hub.repository.counters import Counters
from hub.repository.deviations import Deviations
from hub.repository.documents import Documents
from hub.repository.journal import Journal
from hub.repository.ledger import Ledger
from hub.repository.nodes import Nodes
from hub.repository.outbox import Outbox
from hub.repository.purging import Purging
from hub.repository.revising import Revising


class Transaction(Revising, Purging, Documents, Journal, Outbox, Ledger, Deviations, Counters, Conflicts, Nodes, Cards):
    """What ``Repository.begin`` and ``Repository.read`` give. Not for two threads, not after its ``with`` block.

    ``now`` is the same instant for everything that is stored in it.
    """
