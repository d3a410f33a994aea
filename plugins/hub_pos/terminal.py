"""One terminal of a store: its outbox, the replica it works from, and how its documents are written."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hub_pos.authorizing import Declined, Desk, Facts, Need
from hub_pos.documents import Documents, stated
from hub_pos.errors import ReplicaMissing, SaleRefused
from hub_pos.outbox import Outbox, outbox_path
from hub_pos.sale import Written
from hub_pos.till import Till, zone_of

_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# What is kept beside the outbox, so that a till sells while its replica is away.
_KEPT = ("store", "mode", "currency", "time_zone", "locations", "day_begins", "authorization")
Body = Mapping[str, Any]
Build = Callable[[str], tuple[str, Body]]
"""Makes a document from its id: the receipt number, "" for none, and the body."""


class Terminal:
    """One terminal's outbox, and the replica it works from. Not for sharing between threads; several processes may use
    one outbox. The replica may be missing or in the middle of being replaced: then the store's settings are those of
    the last time it was there. ``store`` is needed only if that never was."""

    def __init__(
        self,
        replica: Path | str,
        terminal: str = "1",
        *,
        store: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        busy_seconds: float = 30.0,
    ) -> None:
        self.path = Path(replica)
        self.terminal = terminal
        self._now = now
        if not _NODE.fullmatch(terminal):
            raise SaleRefused(f"{terminal[:40]!r} is no terminal: letters, digits, '.', '_' and '-'")
        self.outbox = Outbox(outbox_path(self.path, terminal), busy_seconds=busy_seconds)
        self.settings: dict[str, Any] = json.loads(self.outbox.state("settings", "{}"))
        try:
            self._know(store)
        except BaseException:
            self.close()
            raise

    def _know(self, store: str) -> None:
        with self._till() as till:
            fresh = till.settings() if till else {}
        known = _known(self.settings, fresh)
        known["store"] = known.get("store") or store
        if not known["store"]:
            raise ReplicaMissing(
                f"terminal {self.terminal} does not know its store: load {self.path}, or name the store"
            )
        node = self.outbox.state("node") or f"{known['store']}-{self.terminal}"
        if node != f"{known['store']}-{self.terminal}":
            raise ReplicaMissing(
                f"{self.outbox.path} is the outbox of {node}, not of {known['store']}-{self.terminal}: its numbers"
                " cannot be used here"
            )
        if known != self.settings or not self.outbox.state("node"):
            with self.outbox.transaction():
                self.outbox.keep("settings", json.dumps(known))
                self.outbox.keep("node", node)
        self.settings, self.node = known, node

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the outbox."""
        self.outbox.close()

    @contextmanager
    def _till(self) -> Iterator[Till | None]:
        """The replica as it is now; None where there is none that can be read."""
        try:
            till = Till(self.path)
        except (ReplicaMissing, sqlite3.Error):
            yield None
            return
        with till:
            yield till

    @property
    def currency(self) -> str:
        """The store's currency."""
        return str(self.settings.get("currency", ""))

    def business_day(self) -> str:
        """The day of the shop: it begins at ``day_begins`` (00:00 if the store does not say) in the store's zone."""
        hours, _, minutes = str(self.settings.get("day_begins") or "00:00").partition(":")
        return (self._local() - timedelta(hours=int(hours), minutes=int(minutes or 0))).date().isoformat()

    def _local(self) -> datetime:
        # Wall clock arithmetic: a day that has 23 hours begins at its hour all the same.
        return self._now().astimezone(zone_of(str(self.settings.get("time_zone", "")))).replace(tzinfo=None)

    def _rules(self, till: Till | None) -> Mapping[str, Any]:
        """The store's settings as they are now; a till that was opened long ago follows a changed policy."""
        return _known(self.settings, till.settings() if till else {})

    def _transaction(self, kind: str, content: Callable[[], Body], id_: str, needs: list[Need], party: str) -> Written:
        """A sale or return: ``content`` is made inside the transaction, and may add to ``needs`` there."""
        zone = str(self.settings.get("time_zone") or "UTC")
        moment, day = self._now().astimezone(zone_of(zone)), self.business_day()
        at = {"local": moment.replace(tzinfo=None, fold=0).isoformat(), "zone": zone, "fold": moment.fold}

        def build(_id: str) -> tuple[str, Body]:
            body = content()
            sequence = self.outbox.count("receipt")
            key = {"store": self.settings["store"], "workstation": self.terminal, "sequence": str(sequence)}
            whole = {"key": {**key, "business_day": day}, "type": kind, "began": at, "ended": at, **body}
            extensions = {"extensions": whole.get("extensions")}
            order = [name for name in whole if name not in ("offline", "prices_version", "extensions")]
            ordered = (
                extensions
                | {name: whole[name] for name in order}
                | {
                    "offline": whole["offline"],
                    "processing_mode": self.settings.get("mode", ""),
                    "prices_version": whole.get("prices_version", ""),
                }
            )
            return f"{self.node}-{sequence}", {name: value for name, value in ordered.items() if stated(value)}

        return self._write("PosTransaction", build, id_, needs, party)

    def _write(self, kind: str, build: Build, id_: str, needs: Sequence[Need] = (), party: str = "") -> Written:
        """One document and the decisions that it ``needs``, one transaction, on the disk when it returns. Where one is
        declined, the decision alone is written, and ``NotAuthorized`` raised."""
        with self._till() as till:
            try:
                with self.outbox.transaction():
                    documents = self._documents(till)
                    if held := documents.held(id_):
                        return held
                    new = id_ or documents.new_id()
                    number, body = build(new)
                    if needs:
                        self._desk(till, documents, party).use(needs, new)
                    return documents.put(new, kind, body, number)
            except Declined as declined:
                with self.outbox.transaction():
                    desk = self._desk(till, self._documents(till), party)
                    desk.decline(declined.need.question, declined.reasons, declined.need.made)
                raise declined.refusal() from None

    def _documents(self, till: Till | None) -> Documents:
        return Documents(self.outbox, self._now(), till.as_of() if till else "")

    def _desk(self, till: Till | None, documents: Documents, party: str) -> Desk:
        facts = Facts.of(till, party, self.outbox, documents.now)
        return Desk(documents, self._rules(till), facts, self.business_day())


def _known(held: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are kept, with those of the replica, if it was loaded, over them."""
    known = {**held, **{name: fresh[name] for name in _KEPT if name in fresh}}
    if fresh and "authorization" not in fresh:
        known.pop("authorization", None)  # a hub that decides nothing any more
    return known
