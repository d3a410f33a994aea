"""Before an upload: what expired without use is set free, and what the hub wants back of its rights is given back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hub_pos.approvals import Approvals
from hub_pos.authorizing import Desk, Facts
from hub_pos.book import Book
from hub_pos.documents import Documents
from hub_pos.errors import ReplicaMissing
from hub_pos.outbox import Outbox
from hub_pos.rows import Right
from hub_pos.till import Till


def give_back(outbox: Outbox, now: datetime) -> int:
    """Write what is due of an outbox, by the replica that it lies beside; how many rights something was given back of.
    Raises ``OutboxFailed``."""
    facts, seen = _facts(outbox, now)
    if not _anything(outbox, facts):
        return 0
    with outbox.transaction():
        desk = Desk(Documents(outbox, now, seen), {}, facts, "")
        desk.expire()
        due = _due(Book(outbox), facts)
        for right, amount in due:
            desk.give_back(right, amount)
    return len(due)


def carried(outbox: Outbox) -> Mapping[str, Any]:
    """What an upload says besides its documents (``PROTOCOL.md``, section 11.3): nothing before the hub has answered
    once, for it may know of an older outbox of this node; and nothing to a hub that knows no rights."""
    if not outbox.state("upload.asked") or not _rights(outbox):
        return {}
    wanted = Book(outbox).wanted()
    return {"outbox": outbox.id, **({"demand": wanted} if wanted else {})}


def told(outbox: Outbox, about: Mapping[str, Any]) -> None:
    """The hub has answered an upload that said this. Only inside ``transaction``."""
    outbox.keep("upload.asked", "yes")
    outbox.keep("upload.told", str(about.get("outbox", "")))
    Book(outbox).told(about.get("demand", ()))


def unknown(outbox: Outbox) -> bool:
    """Whether the hub has not heard of this outbox's id, and should."""
    return _rights(outbox) and outbox.state("upload.told") != outbox.id


def _rights(outbox: Outbox) -> bool:
    return "authorization" in json.loads(outbox.state("settings", "{}"))


def _facts(outbox: Outbox, now: datetime) -> tuple[Facts, str]:
    try:
        with Till(_replica(outbox)) as till:
            return Facts.of(till, "", outbox, now), till.as_of()
    except (ReplicaMissing, sqlite3.Error):
        return Facts.of(None, "", outbox, now), ""


def _replica(outbox: Outbox) -> Path:
    """The replica that an outbox lies beside: ``S001-1.outbox.sqlite`` of node ``S001-1`` beside ``S001.sqlite``."""
    store = str(json.loads(outbox.state("settings", "{}")).get("store", ""))
    stem, _, suffix = outbox.path.name.rpartition(".outbox")
    return outbox.path.with_name(stem.removesuffix(outbox.state("node").removeprefix(store)) + suffix)


def _anything(outbox: Outbox, facts: Facts) -> bool:
    return bool(_due(Book(outbox), facts)) or any(True for _ in Approvals(outbox).expired(facts.now))


def _due(book: Book, facts: Facts) -> Sequence[tuple[Right, Any]]:
    found = [(right, book.due_back(right, facts.now)) for right in facts.rights]
    return [(right, amount) for right, amount in found if amount > 0]
