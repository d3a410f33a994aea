"""``hub deliver``: the outbox into the partners' folders, at least once, each time under the same name.

A file appears in a folder whole or not at all: it is written under a hidden name, brought to the disk, and renamed.
A run that is killed in between leaves the item pending; the next one writes the same name with the same bytes.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hub.durable import settle
from hub.exchange.sending import safe_name
from hub.repository.records import ExchangeState, OutboxItem, OutboxState

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.settings import Deliver

UNKNOWN = ".unknown"
"""The folder of the outbox for answers to senders that are no partners; a person decides what becomes of them."""

_BLOCK = 1 << 20
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt. ``error`` is '' where it arrived; ``again_at`` is when it is tried again, None if never."""

    item: OutboxItem
    path: Path
    error: str = ""
    again_at: datetime | None = None


def deliver(hub: Hub, *, partner: str | None = None, everything: bool = False) -> Iterator[Delivery]:
    """Deliver what is due, oldest first, and tell of each item. ``partner`` restricts it; ``everything`` does not wait
    for the time of the next attempt. Two runs at once are safe: both write the same bytes under the same name."""
    repository = hub.repository
    settings = hub.workspace.settings.deliver
    now = datetime.now(UTC) + (timedelta(days=3650) if everything else timedelta(0))
    tried: set[str] = set()
    while True:
        with repository.read() as tx:
            due = tx.outbox_due(limit=200 + len(tried), partner=partner, now=now)
        due = [item for item in due if item.id not in tried]
        if not due:
            return
        for item in due:
            tried.add(item.id)
            yield _attempt(hub, item, settings)


def _attempt(hub: Hub, item: OutboxItem, settings: Deliver) -> Delivery:
    folder = folder_of(hub, item.partner)
    path = folder / safe_name(item.filename)
    try:
        path = _put(hub, item, folder)
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or folder}".lower()
        attempts = item.attempts + 1
        again_at = None
        if attempts < settings.attempts:
            wait = min(settings.first_retry * 2 ** min(attempts - 1, 30), settings.longest_retry)
            again_at = datetime.now(UTC) + wait
        with hub.repository.begin() as tx:
            tx.mark_failed(item.id, reason, again_at)
        return Delivery(item, path, reason, again_at)
    with hub.repository.begin() as tx:
        tx.mark_delivered(item.id)
        if item.exchange_id and tx.exchange(item.exchange_id).state is ExchangeState.PROCESSING:
            tx.update_exchange(item.exchange_id, state=ExchangeState.ACCEPTED)
    return Delivery(item, path)


def requeue(hub: Hub, exchange_id: str) -> int:
    """Make what was given up of an outgoing exchange due again, after the cause was put right; how many items. The next
    ``hub deliver`` or ``hub sync`` tries them under the same key."""
    now = datetime.now(UTC)
    with hub.repository.begin() as tx:
        failed = [item for item in tx.outbox(exchange_id=exchange_id) if item.state is OutboxState.FAILED]
        for item in failed:
            tx.mark_failed(item.id, item.error, now)
        if failed:
            tx.update_exchange(exchange_id, state=ExchangeState.PROCESSING, error="")
    return len(failed)


def folder_of(hub: Hub, partner: str) -> Path:
    """Where a partner's files go: the folder of its agreement, else ``outbox/NAME``."""
    if not partner:
        return hub.workspace.outbox / UNKNOWN
    known = hub.partners.by_name.get(partner)
    agreed = known.file.delivery.folder if known is not None else ""
    return hub.workspace.root / agreed if agreed else hub.workspace.outbox / safe_name(partner)


def _put(hub: Hub, item: OutboxItem, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    # A name of its own for every attempt: two runs at once must not write into each other's file.
    hidden = folder / f".{item.id}-{uuid.uuid4().hex}.tmp"
    _sweep(folder)
    with hidden.open("wb") as target, hub.repository.open_payload(item.payload.sha256) as source:
        shutil.copyfileobj(source, target, _BLOCK)
        target.flush()
        os.fsync(target.fileno())
    path = folder / safe_name(item.filename)
    if path.exists() and not _same(path, hidden):
        # Another payload of this name is waiting there (a translator's names need not be unique): keep both.
        path = path.with_name(f"{path.stem}-{item.id[-12:]}{path.suffix}")
    hidden.replace(path)
    settle(folder)
    return path


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed a day ago left half-written."""
    for left in folder.glob(".*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _DAY:
                left.unlink()


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except FileNotFoundError:
        return False  # the partner has fetched it a moment ago
