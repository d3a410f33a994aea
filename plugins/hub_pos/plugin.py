"""What the hub loads by entry point: the replica type ``sqlite``. The only module here that needs pluggy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy

from hub_pos.replica import Replica
from hub_pos.simulated import SimulatedTill

hookimpl = pluggy.HookimplMarker("hub")


@dataclass(frozen=True, slots=True)
class SqliteReplicas:
    """Replicas that are SQLite files. The settings are a store's entry in ``stores.toml``; only ``path`` is used."""

    kind: str
    open: Callable[[Mapping[str, Any]], Replica]
    simulated: type[SimulatedTill] = SimulatedTill


def open_replica(settings: Mapping[str, Any]) -> Replica:
    """The replica at ``settings["path"]``, made if it is missing."""
    return Replica(settings["path"])


@hookimpl
def hub_register_replicas() -> Sequence[SqliteReplicas]:
    """Offer the kind ``sqlite``."""
    return (SqliteReplicas("sqlite", open_replica),)
