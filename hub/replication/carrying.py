"""What a node would pull, as files in a folder: a signed manifest and its segments, to be carried on a stick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hub.authorizations.policies import load_policies
from hub.errors import ConfigurationError, TemporaryError
from hub.replication.catalog import Catalog, Cursor
from hub.replication.manifests import signed
from hub.replication.rows import SCHEMA
from hub.replication.scopes import subscription
from hub.replication.shelf import Shelf
from hub.replication.signing import HubKeys
from hub.replication.stores import load_stores, stores_of

if TYPE_CHECKING:
    from hub.repository import Repository


def export(
    repo: Repository, shelf: Shelf, keys: HubKeys, stores_file: Path, node: str, folder: Path, *, full: bool
) -> tuple[int, int]:
    """Write ``NODE.manifest.json`` and ``segments/DIGEST`` into ``folder``; the number of segments and their bytes.

    Without ``full``: what is new since the node's last poll, for exactly that state. Raises ``ConfigurationError`` for
    a node that is not active and ``TemporaryError`` where nothing is sealed yet."""
    with repo.read() as tx:
        held = next((one for one in tx.nodes() if one.node == node), None)
    if held is None or held.state != "active":
        raise ConfigurationError(
            f"node '{node}' is not registered" if held is None else f"node '{node}' is {held.state}",
            hint="hub store nodes lists the nodes; a node registers over HTTP once.",
        )
    store = stores_of(load_stores(stores_file), held.store)[0]
    whole = full or not held.cursor_seq
    cursor = Cursor(held.cursor_epoch, held.cursor_seq, SCHEMA, frozenset(held.cursor_buckets), reload=whole)
    settings = store.settings() | load_policies(stores_file.parent).settings(store.mode)
    checkpoint = Catalog.load(repo).checkpoint(cursor, subscription(store), settings)
    if checkpoint is None:
        raise TemporaryError("nothing is sealed for this store yet; run: hub store seal")
    if checkpoint["reset"]:
        # For whatever state the till is in: it will be emptied first.
        checkpoint["from"] = None
    target = folder / "segments"
    target.mkdir(parents=True, exist_ok=True)
    digests = {one["digest"] for one in checkpoint["segments"] if one["digest"]}
    size = 0
    for digest in digests:
        data = shelf.path(digest).read_bytes()
        (target / digest).write_bytes(data)
        size += len(data)
    # The manifest last: a stick that was pulled out early has none, or an older one.
    # Signed with the oldest key, which every node knows.
    oldest = next(iter(keys.public()))
    (folder / f"{node}.manifest.json").write_bytes(signed(keys, node, held.store, checkpoint, (oldest,)))
    return len(digests), size
