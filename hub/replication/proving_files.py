"""Replicas that the hub reaches itself and that can be compared with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.replication.stores import Store
    from hub.translation import ReplicaType


class Finding(Protocol):
    """What a comparison found, as ``hub_pos.healing.Proved`` has it (a dataclass)."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    position: int
    comparable: bool
    why: str
    equal: bool
    differ: tuple[str, ...]
    rows: int
    healed: bool
    reload: bool


class Provable(Protocol):
    """A replica that can be compared: it asks the questions of ``plugins/hub_pos/PROTOCOL.md``, section 10."""

    def prove(self, ask: Callable[[dict[str, Any]], Mapping[str, Any]], *, heal: bool = False) -> Finding:
        """Compare everything, and put right what differs with ``heal``."""

    def close(self) -> None:
        """Release the replica."""


def open_replica(store: Store, types: Mapping[str, ReplicaType], file: Path | None = None) -> Provable:
    """The replica of a store, or another ``file`` of the same kind. Raises ``ConfigurationError`` where the kind is not
    known, cannot be compared, or the replica is not there yet."""
    path = file or store.path
    if path is None or not path.exists():
        raise ConfigurationError(f"the replica of store '{store.id}' is not there", hint="hub replicate makes it.")
    known = types.get(store.kind)
    link: Any = known.open({**store.model_dump(mode="json"), "path": str(path)}) if known else None
    if not hasattr(link, "prove"):
        raise ConfigurationError(f"a replica of kind '{store.kind}' cannot be compared", file=path)
    return cast("Provable", link)
