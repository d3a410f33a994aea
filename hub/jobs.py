"""Every job as a plain function, for the command line and for schedulers alike.

A job takes the workspace (None: as ``hub.workspace.find`` finds it) and names, does its work, and returns a small
summary that fits JSON: counts and ids, never documents. Each is idempotent and resumable: a second run, or one after a
kill, does only what is left. ``TemporaryError``: run it again later. ``ConfigurationError``: a person must act first.
What partners sent wrong is no error: it is in the summary (``refused``) and in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.exchange.session import Hub

if TYPE_CHECKING:
    from hub.replication.watching import Limits, Watch
    from hub.settings import Settings

Place = Path | str | None

GROUP = 200
"""Stores in one group for schedulers that map a task over groups; Airflow caps such a map at 1,024."""

LISTED = 100
"""Ids that a summary lists."""


def receive(workspace: Place = None, paths: Sequence[Path | str] = (), partner: str = "") -> dict[str, Any]:
    """Take in the inbox, or ``paths``: ``{"exchanges", "states", "documents", "sent", "refused", "refused_ids"}``."""
    from hub.exchange.receive import receive as receiving
    from hub.exchange.receive import summary

    with Hub.open(workspace) as hub:
        outcomes = list(receiving(hub, [Path(path) for path in paths], partner=partner))
    refused = [outcome.exchange_id for outcome in outcomes if outcome.refused]
    return {**summary(outcomes), "refused_ids": refused[:LISTED]}


def deliver(workspace: Place = None, partner: str | None = None) -> dict[str, Any]:
    """Hand what is due in the outbox to the partners: ``{"delivered", "failed", "given_up"}``."""
    from hub.exchange.deliver import deliver as delivering

    delivered = failed = given_up = 0
    with Hub.open(workspace) as hub:
        for one in delivering(hub, partner=partner):
            delivered += not one.error
            failed += bool(one.error)
            given_up += bool(one.error) and one.again_at is None
    return {"delivered": delivered, "failed": failed, "given_up": given_up}


def endpoints(workspace: Place = None) -> list[str]:
    """Names of the workspace's endpoints."""
    from hub.exchange.endpoint import endpoint_files

    with Hub.open(workspace) as hub:
        return sorted(endpoint_files(hub))


def sync(
    endpoint: str, workspace: Place = None, *, kinds: Sequence[str] | None = None, push: bool = True
) -> dict[str, Any]:
    """Exchange documents with an endpoint: ``{"endpoint", "pulled", "changed", "pushed", "already", "refused", …}``."""
    from hub.exchange.sync import sync as synchronize

    with Hub.open(workspace) as hub:
        return synchronize(hub, endpoint, kinds=kinds, push=push).as_dict()


def store_groups(workspace: Place = None, size: int = GROUP) -> list[list[str]]:
    """The ids of all stores in groups of at most ``size``, in order; [] where there is none."""
    from hub.replication.stores import load_stores

    with Hub.open(workspace) as hub:
        ids = [store.id for store in load_stores(hub.workspace.stores)]
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def replicate(
    workspace: Place = None,
    *,
    store: str | None = None,
    group: str | None = None,
    stores: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Bring one store, a group, some, or all up to date: ``{"position", "rows", "failed", "stores": [{"store", "rows",
    …}]}``.

    Raises ``TemporaryError`` where none of several stores could be brought up to date."""
    from hub.authorizations.policies import load_policies
    from hub.errors import TemporaryError
    from hub.replication.replicate import replicate as replicating
    from hub.replication.stores import load_stores, stores_of

    with Hub.open(workspace) as hub:
        every = load_stores(hub.workspace.stores)
        chosen = [one for name in stores for one in stores_of(every, name)] if stores is not None else every
        told = load_policies(hub.workspace.root)
        summary = replicating(hub.repository, chosen, hub.plugins.replica_types, store, group, authorizations=told)
    if summary.failed and len(summary.failed) == len(summary.stores):
        first = summary.failed[0]
        raise TemporaryError(f"no store could be brought up to date; {first.store}: {first.error}")
    return summary.as_dict()


def seal(workspace: Place = None) -> dict[str, Any]:
    """Seal the change feed into segments for the stores that have nodes: ``{"epoch", "position", "windows", "segments",
    "bytes", "snapshots", "dropped", "merged", "buckets", "swept"}``. Raises ``TemporaryError`` while another process
    is at it."""
    with Hub.open(workspace) as hub:
        publish_cards(hub)
        return sealed(hub)


def sealed(hub: Hub) -> dict[str, Any]:
    """``seal`` for a hub that is open, as a program that seals again and again has it."""
    from hub.replication.sealing import Retention, seal_feed
    from hub.replication.shelf import FOLDER, Shelf
    from hub.replication.stores import load_stores

    with hub.repository.read() as tx:
        pulling = {node.store for node in tx.nodes() if node.state != "expired"}
    stores = [store for store in load_stores(hub.workspace.stores) if store.id in pulling]
    keep = Retention(age=hub.workspace.settings.stores.keep)
    return seal_feed(hub.repository, stores, Shelf(hub.workspace.root / FOLDER), retention=keep).as_dict()


def publish_cards(hub: Hub) -> None:
    """Make what stores know of card keys and revoked cards what the workspace says: for keys that a person has put
    there or removed, or that a backup brought back. A file that is wrong stops no sealing; the log says why."""
    import logging

    from hub.cards.keys import FOLDER, CardKeys
    from hub.cards.publishing import publish
    from hub.errors import ConfigurationError

    keys = CardKeys(hub.workspace.root / FOLDER)
    try:
        hub.repository.retrying(lambda tx: publish(tx, keys))
    except ConfigurationError as problem:
        logging.getLogger("hub.stores").error("the card keys of the stores stay as they were: %s", problem)


def card_files(hub: Hub) -> frozenset[tuple[str, int]]:
    """Names and times of the workspace's card keys: where they are others, it is time to ``publish_cards``."""
    from hub.cards.keys import FOLDER

    found = set()
    for file in (hub.workspace.root / FOLDER).glob("card-*.cert"):
        with suppress(FileNotFoundError):  # retired just now
            found.add((file.name, file.stat().st_mtime_ns))
    return frozenset(found)


def unsealed(hub: Hub) -> bool:
    """Whether there are changes that are not sealed yet: cheap to ask often."""
    from hub.replication import sealed_log

    head = hub.repository.feed_head()
    with hub.repository.read() as tx:
        progress = sealed_log.progress(tx)
    return progress is None or (progress.epoch, progress.position) != (head.epoch, head.position)


def look_at_stores(workspace: Place = None) -> Watch:
    """How the stores are doing, with alarms; on PostgreSQL numbers the changes that can be numbered."""
    from hub.replication.watching import look

    with Hub.open(workspace) as hub:
        hub.repository.feed_head()
        return look(hub.repository, alarm_limits(hub.workspace.settings))


def alarm_limits(settings: Settings) -> Limits:
    """What is an alarm, as ``hub.toml`` says."""
    from hub.replication.watching import Limits

    stores = settings.stores
    return Limits(stores.silent, stores.unsent, stores.late, stores.stalled)


def watch_stores(workspace: Place = None) -> dict[str, Any]:
    """What a person must look at: ``{"alarms": [{"code", "text"}], "head", "kept", "waiting", "held_seconds", "silent",
    "gaps", "quarantined", "compared", "compared_at", "differ"}``. Each alarm is a warning in the log. Changes
    nothing."""
    import logging

    found = look_at_stores(workspace)
    for alarm in found.alarms:
        logging.getLogger("hub.stores").warning("%s: %s", alarm.code, alarm.text)
    return found.health()


def purge_feed(workspace: Place = None, *, dry_run: bool = False) -> dict[str, Any]:
    """Drop the changes that nobody needs any more, and those older than ``[feed] longest``: ``{"head", "purged",
    "until", "readers", "holding", "left_behind", "changes", "kept"}``; the last two only where it is no ``dry_run``.
    Raises ``TemporaryError`` while another process is at it."""
    from datetime import UTC, datetime

    from hub.replication.purge import Keep, plan
    from hub.replication.purge import purge_feed as purging

    with Hub.open(workspace) as hub:
        settings = hub.workspace.settings.feed
        keep = Keep(settings.keep, settings.longest)
        if not dry_run:
            return purging(hub.repository, keep)
        hub.repository.feed_head()
        with hub.repository.read() as tx:
            return plan(tx, keep, datetime.now(UTC)).as_dict()


def rebalance_rights(workspace: Place = None) -> dict[str, Any]:
    """Share customers' credit and points out to the tills that need them, and call back what lies idle: ``{"pools",
    "told", "lapsed", "short"}``. Raises ``TemporaryError`` while another process is at it."""
    from datetime import UTC, datetime

    from hub.authorizations.policies import load_policies
    from hub.authorizations.rebalancing import rebalance

    with Hub.open(workspace) as hub:
        return rebalance(hub.repository, load_policies(hub.workspace.root), datetime.now(UTC)).as_dict()


def purge_uploads(workspace: Place = None, days: int = 90) -> dict[str, Any]:
    """Empty what stores uploaded and the hub took in more than ``days`` days ago: ``{"uploads", "payloads"}``, the
    numbers of documents and of payloads. The documents themselves stay."""
    from datetime import UTC, datetime, timedelta

    before = datetime.now(UTC) - timedelta(days=days)
    uploads = payloads = 0
    with Hub.open(workspace) as hub:
        while (part := hub.repository.retrying(lambda tx: tx.purge_uploads(before)))[0]:
            uploads, payloads = uploads + part[0], payloads + part[1]
    return {"uploads": uploads, "payloads": payloads}


def watch_acknowledgments(workspace: Place = None, partner: str | None = None) -> dict[str, Any]:
    """What partners have not acknowledged in time or have rejected: ``{"waiting", "late", "rejected", "unknown",
    "double", "late_ids", "rejected_ids"}``; ids are outgoing exchanges. Changes nothing."""
    from hub.repository import LedgerState

    out: dict[str, Any] = {}
    with Hub.open(workspace) as hub, hub.repository.read() as tx:
        for state in ("waiting", "late", "rejected", "unknown", "double"):
            entries = tx.acknowledgments(state=LedgerState(state), partner=partner, limit=100_000)
            if state == "late":
                entries = [entry for entry in entries if entry.state is LedgerState.LATE]
            out[state] = len(entries)
            if state in ("late", "rejected"):
                ids = sorted({entry.exchange_id for entry in entries if entry.exchange_id})
                out[f"{state}_ids"] = ids[:LISTED]
    return out
