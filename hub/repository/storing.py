"""Storing documents: identity, versions, crosswalk, rows and the change feed, all in the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from sqlalchemy import Connection, and_, bindparam, delete, insert, literal, select

from hub.repository import tables
from hub.repository.derivation import Derivation, Origin
from hub.repository.failures import NotFound, VersionConflict
from hub.repository.feed import DEL, MOVE, PUT
from hub.repository.held import Held, HeldDocuments
from hub.repository.identifiers import new_id
from hub.repository.keys import Keys, keys_of
from hub.repository.projections import rows_of, tables_of
from hub.repository.records import Stored
from hub.repository.types import bounded
from hub.repository.work import Work

if TYPE_CHECKING:
    from hub.model.document import Document

ScopeFunction = Callable[["Document"], frozenset[str]]


_BATCH = 500
# Documents remembered in one transaction, so that the same key is not looked up twice.
_REMEMBERED = 20_000


@dataclass(slots=True)
class _New:
    """A document about to be stored."""

    kind: str
    text: str
    digest: str
    data: dict[str, Any]
    keys: Keys
    scopes: str


class Storing(Work):
    """Part of a transaction."""

    def __init__(
        self,
        connection: Connection,
        *,
        writes: bool,
        scope_function: ScopeFunction,
        derivation: Derivation | None = None,
    ) -> None:
        super().__init__(connection, writes=writes)
        self._scope_function = scope_function
        self._derivation = derivation
        self._origins: list[Origin] = []
        self._held = HeldDocuments(connection)
        self._scope_texts: dict[frozenset[str], str] = {}

    def discard(self) -> None:
        """Forget what waits to be written and what was looked up: a savepoint was rolled back."""
        super().discard()
        self._held.forget()

    def put(
        self,
        document: Document,
        *,
        exchange_id: str = "",
        message: int = 0,
        partner: str = "",
        system: str = "",
        scopes: frozenset[str] | None = None,
        expected_version: int | None = None,
        origin: str = "",
        separate: bool = False,
    ) -> Stored:
        """Store a document: a new one, a new version of a known one, or nothing where the content is known.

        ``message`` is the position of its message in the exchange, ``system`` the endpoint whose ``external_id`` it
        carries, ``origin`` the store it came from (to which it need not go back). ``scopes`` None: the repository's
        scope function decides. ``separate``: master data is matched by its first key alone, so that one of two that
        share an identifier stays a document of its own. ``Stored.conflict`` is set, and nothing written, for a second
        original of a sent document with the same key and other content. Raises VersionConflict unless the version held
        is ``expected_version`` (0: none), where that is given.
        """
        new = self._prepare(document, partner, system, scopes)
        self._look_up([new])
        first = new.keys.aliases[0] if separate and new.keys.aliases else ""
        held = self._held.get(new.kind, first) if first else self._held.match(new.kind, new.keys)
        if expected_version is not None and expected_version != (held.version if held and not held.deleted else 0):
            raise VersionConflict(
                f"{new.kind} {new.keys.number!r} is no longer version {expected_version}; read it again"
            )
        return self._store(new, held, exchange_id, message, partner, origin)

    def put_many(
        self,
        documents: Iterable[Document],
        *,
        exchange_id: str = "",
        message: int = 0,
        partner: str = "",
        system: str = "",
        scopes: frozenset[str] | None = None,
        origin: str = "",
    ) -> list[Stored]:
        """As ``put`` for each document in order, with far fewer questions to the database."""
        stored: list[Stored] = []
        source = iter(documents)
        while batch := [self._prepare(one, partner, system, scopes) for one in islice(source, _BATCH)]:
            self._look_up(batch)
            for new in batch:
                held = self._held.match(new.kind, new.keys)
                stored.append(self._store(new, held, exchange_id, message, partner, origin))
        return stored

    def remove(self, kind: str, document_id: str, *, exchange_id: str = "", origin: str = "") -> Stored:
        """Take a document out of use: it leaves the rows and every store, its versions stay. Raises NotFound."""
        table = tables.documents
        row = self.one(select(table).where(table.c.id == document_id, table.c.kind == kind))
        if row is None:
            raise NotFound(f"the repository has no {kind} {bounded(document_id, 64)!r}")
        if row.deleted:
            return Stored(row.id, row.version, False, kind, row.key)
        self._held.forget()
        values = {**row._mapping, "version": row.version + 1, "deleted": True, "hash": "", "scopes": "[]"}
        self.replace({**values, "exchange_id": exchange_id, "updated_at": self.now}, row.version, tables_of(kind))
        self.flush()
        versions = tables.document_versions
        last = select(
            versions.c.document_id,
            literal(row.version + 1),
            versions.c.json,
            literal(exchange_id),
            literal(0),
            literal(self.now, versions.c.created_at.type),
        ).where(versions.c.document_id == row.id, versions.c.version == row.version)
        names = ["document_id", "version", "json", "exchange_id", "message", "created_at"]
        self.write(insert(versions).from_select(names, last))
        self._change(kind, row.id, DEL, row.version + 1, row.scopes, "[]", exchange_id, origin)
        self._note(kind, row.id, None)
        return Stored(row.id, row.version + 1, True, kind, row.key)

    def _prepare(self, document: Document, partner: str, system: str, scopes: frozenset[str] | None) -> _New:
        kind = type(document).__name__
        data = document.canonical_dict()
        # The same text as Document.to_json, several times as fast; a test keeps the two equal.
        text = content = to_json(data)
        if data.pop("provenance", None) is not None:
            content = to_json(data)
        digest = hashlib.sha256(kind.encode() + b"\n" + content).hexdigest()
        keys = keys_of(kind, data, digest, partner, system)
        chosen = self._scope_function(document) if scopes is None else scopes
        known = self._scope_texts.get(chosen)
        if known is None:
            known = self._scope_texts[chosen] = json.dumps(sorted(chosen))
        return _New(kind, text.decode(), digest, data, keys, known)

    def _look_up(self, batch: list[_New]) -> None:
        if len(self._held) > _REMEMBERED:
            self.flush()
            self._held.forget()
        wanted: dict[str, set[str]] = {}
        for new in batch:
            wanted.setdefault(new.kind, set()).update(new.keys.aliases or (new.keys.key,))
        for kind, keys in wanted.items():
            self._held.look_up(kind, keys)

    def _store(self, new: _New, held: Held | None, exchange_id: str, message: int, partner: str, origin: str) -> Stored:
        kind, keys = new.kind, new.keys
        if held is not None and not held.deleted:
            if held.digest == new.digest:
                if held.scopes != new.scopes:
                    self._rescope(new, held, exchange_id, origin)
                return Stored(held.id, held.version, False, kind, held.key, existing_exchange=held.exchange_id)
            if keys.sent:
                return Stored(held.id, held.version, False, kind, held.key, _conflict(new), held.exchange_id)
        old_scopes = held.scopes if held is not None else "[]"
        document_id, version = (held.id, held.version + 1) if held else (new_id(), 1)
        if held is not None and held.pending:
            self.flush()
        row: dict[str, Any] = {
            "id": document_id,
            "kind": kind,
            "key": self._held.own_key(kind, keys, held),
            "thread": keys.thread,
            "number": bounded(keys.number),
            "partner": bounded(partner),
            "version": version,
            "hash": new.digest,
            "deleted": False,
            "scopes": new.scopes,
            "exchange_id": exchange_id,
            "message": message,
            "updated_at": self.now,
        }
        if held is None:
            self.queue(tables.documents, {**row, "created_at": self.now})
            held = Held(document_id, row["key"], 1, new.digest, new.scopes, exchange_id)
        else:
            self.replace(row, held.version, tables_of(kind))
            held.version, held.digest, held.scopes, held.deleted = version, new.digest, new.scopes, False
            held.key, held.exchange_id = row["key"], exchange_id
        self._remember(new, held)
        self._write_content(new, held, exchange_id, message, partner)
        self._change(kind, document_id, PUT, version, old_scopes, new.scopes, exchange_id, origin)
        self._note(kind, document_id, new.data)
        self.flush_if_large()
        return Stored(document_id, version, True, kind, held.key)

    def _write_content(self, new: _New, held: Held, exchange_id: str, message: int, partner: str) -> None:
        self.queue(
            tables.document_versions,
            {
                "document_id": held.id,
                "version": held.version,
                "json": new.text,
                "exchange_id": exchange_id,
                "message": message,
                "created_at": self.now,
            },
        )
        for table, row in rows_of(new.kind, held.id, new.data, partner):
            self.queue(table, row)

    def _remember(self, new: _New, held: Held) -> None:
        held.pending = True
        if not new.keys.aliases:
            self._held.remember(new.kind, held.key, held)
            return
        # Keys that a thing no longer carries are free for others; its ids in other systems and its own stay.
        stale = {one for one in held.aliases - set(new.keys.aliases) if not one.startswith(("ext|", "id|"))}
        if stale:
            crosswalk = tables.document_keys
            gone = and_(crosswalk.c.kind == new.kind, crosswalk.c.key == bindparam("gone"))
            self.write(delete(crosswalk).where(gone), [{"gone": one} for one in sorted(stale)])
            held.aliases -= stale
            for alias in stale:
                self._held.drop(new.kind, alias)
        for alias in new.keys.aliases:
            if self._held.get(new.kind, alias) is None:
                self._held.remember(new.kind, alias, held)
                held.aliases.add(alias)
                self.queue(tables.document_keys, {"kind": new.kind, "key": alias, "document_id": held.id})

    def _rescope(self, new: _New, held: Held, exchange_id: str, origin: str) -> None:
        table = tables.documents
        same = (table.c.id == held.id) & (table.c.version == held.version) & (table.c.scopes == held.scopes)
        if self.write(table.update().where(same).values(scopes=new.scopes, updated_at=self.now)).rowcount != 1:
            raise VersionConflict("a document was changed by another process at the same moment; try again")
        # After the row is locked: among the changes of one document ``seq`` tells which is the newer one.
        self._change(new.kind, held.id, MOVE, held.version, held.scopes, new.scopes, exchange_id, origin)
        self._note(new.kind, held.id, new.data)
        held.scopes = new.scopes

    def _note(self, kind: str, document_id: str, data: Mapping[str, Any] | None) -> None:
        if self._derivation is not None and kind in self._derivation.kinds:
            names = () if data is None else self._derivation.names(kind, data)
            self._origins.append(Origin(kind, document_id, names))

    def _change(
        self, kind: str, document_id: str, op: str, version: int, old: str, new: str, exchange_id: str, origin: str
    ) -> None:
        self.queue(
            tables.changes,
            {
                "entity": kind,
                "row_id": document_id,
                "op": op,
                "version": version,
                "old_scopes": old,
                "new_scopes": new,
                "exchange_id": exchange_id,
                "origin": bounded(origin),
            },
        )


def _conflict(new: _New) -> str:
    number = f" {new.keys.number!r}" if new.keys.number else ""
    return f"{new.kind}{number} was received before with other content; the first one stays"
