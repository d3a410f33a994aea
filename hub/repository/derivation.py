"""Documents that follow from others, kept up to date in the transaction that stores those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from hub.repository.transaction import Transaction


class Origin(NamedTuple):
    """A document that was stored, moved or removed; ``names`` as ``Derivation.names`` took them from it, none where it
    was removed."""

    kind: str
    id: str
    names: tuple[str, ...]


class Derivation(Protocol):
    """What ``Repository.open`` is given to keep such documents."""

    kinds: frozenset[str]

    def names(self, kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        """What to remember of a document of ``kinds`` (its JSON data) until the transaction ends: it may be large."""

    def derive(self, tx: Transaction, origins: Sequence[Origin]) -> None:
        """Store what follows from ``origins``. Called at the end of a transaction that has such, inside it."""
