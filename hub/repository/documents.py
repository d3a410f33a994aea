"""Reading documents: by id, by business key, in lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, select

from hub.repository import tables
from hub.repository.keys import external_key, identifier_key
from hub.repository.projections import tables_of
from hub.repository.records import DocumentRecord
from hub.repository.work import Work

_documents, _versions = tables.documents, tables.document_versions
_AT_ONCE = 400
_OWN = ("key", "number", "partner", "thread")


class Documents(Work):
    """Part of a transaction."""

    def get(self, kind: str, document_id: str, version: int | None = None) -> DocumentRecord | None:
        """A document by its id: the newest version or the one asked for, also when it was removed."""
        wanted = _versions.c.version == (_documents.c.version if version is None else version)
        row = self.one(_query(wanted).where(_documents.c.id == document_id, _documents.c.kind == kind))
        return None if row is None else _record(row)

    def versions(self, document_id: str) -> list[DocumentRecord]:
        """Every version of a document, oldest first."""
        query = _query(None).where(_documents.c.id == document_id).order_by(_versions.c.version)
        return [_record(row) for row in self.rows(query)]

    def find(self, kind: str, **keys: Any) -> DocumentRecord | None:
        """The newest document that fits all ``keys`` (see ``find_all``), or None."""
        return next(iter(self.find_all(kind, limit=1, **keys)), None)

    def find_all(self, kind: str, *, limit: int = 1000, **keys: Any) -> list[DocumentRecord]:
        """Documents of ``kind`` that fit all ``keys`` and are in use, newest first.

        ``keys``: ``key``, ``number``, ``partner``, ``thread``; ``system`` with ``external_id``; ``scheme`` with
        ``value`` (and ``issuer`` where it is no world-wide scheme); and every column of the kind's rows
        (Order: buyer_order_id, release_no, purpose (original where not given), buyer …; Product: gtin,
        seller_item …; Price: product, gtin, price_list …; Party: name, gln …). Raises TypeError for others.
        """
        query = _query(_versions.c.version == _documents.c.version)
        query = query.where(_documents.c.kind == kind, _documents.c.deleted.is_(False))
        if kind == "Order" and "purpose" not in keys and "key" not in keys:
            keys["purpose"] = "original"
        crosswalk = _crosswalk_key(keys)
        if crosswalk:
            known = tables.document_keys
            query = query.join(known, known.c.document_id == _documents.c.id)
            query = query.where(known.c.kind == kind, known.c.key == crosswalk)
        rows = next(reversed(tables_of(kind)), None)
        joined = False
        for name, value in keys.items():
            if rows is not None and name in rows.c and (name == "partner" or name not in _OWN):
                if not joined:
                    query, joined = query.join(rows, rows.c.document_id == _documents.c.id), True
                query = query.where(rows.c[name] == value)
            elif name in _OWN:
                query = query.where(_documents.c[name] == value)
            else:
                raise TypeError(f"{kind} cannot be found by {name!r}; use one of {', '.join(_names(rows))}")
        found = self.rows(query.order_by(_documents.c.id.desc()).limit(limit))
        return [_record(row) for row in found]

    def list(
        self,
        kind: str | None = None,
        *,
        partner: str | None = None,
        thread: str | None = None,
        exchange_id: str | None = None,
        number: str | None = None,
        deleted: bool = False,
        after: str = "",
        limit: int = 1000,
    ) -> list[DocumentRecord]:
        """Documents (newest versions) in the order in which they first came; ``after`` is an id, to read on from.

        ``deleted`` adds those that were removed.
        """
        found: list[ColumnElement[bool]] = [_documents.c.id > after] if after else []
        for column, value in (
            (_documents.c.kind, kind),
            (_documents.c.partner, partner),
            (_documents.c.thread, thread),
            (_documents.c.exchange_id, exchange_id),
            (_documents.c.number, number),
        ):
            if value is not None:
                found.append(column == value)
        if not deleted:
            found.append(_documents.c.deleted.is_(False))
        query = _query(_versions.c.version == _documents.c.version).where(*found)
        return [_record(row) for row in self.rows(query.order_by(_documents.c.id).limit(limit))]

    def wait_for(self, document_id: str) -> None:
        """Wait until no other transaction is changing the document, and keep others from it until this one ends. On
        SQLite nobody else writes anyway."""
        if self.postgresql:
            self.one(select(_documents.c.id).where(_documents.c.id == document_id).with_for_update())

    def threads(self, kinds: Sequence[str], wanted: Sequence[str]) -> set[str]:
        """Which of these threads have documents of these kinds."""
        found: set[str] = set()
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            query = select(_documents.c.thread).where(_documents.c.thread.in_(part), _documents.c.kind.in_(kinds))
            found.update(row.thread for row in self.rows(query.distinct()))
        return found


def _query(version: ColumnElement[bool] | None) -> Select[Any]:
    on = _versions.c.document_id == _documents.c.id
    columns = (
        _documents,
        _versions.c.json,
        _versions.c.version.label("of_version"),
        _versions.c.exchange_id.label("of_exchange"),
        _versions.c.message.label("of_message"),
        _versions.c.created_at.label("of_time"),
    )
    return select(*columns).join(_versions, on if version is None else on & version)


def _record(row: Row[Any]) -> DocumentRecord:
    return DocumentRecord(
        id=row.id,
        kind=row.kind,
        key=row.key,
        thread=row.thread,
        number=row.number,
        partner=row.partner,
        version=row.of_version,
        deleted=row.deleted,
        json=row.json,
        exchange_id=row.of_exchange,
        message=row.of_message,
        scopes=frozenset(json.loads(row.scopes)),
        created_at=row.created_at,
        updated_at=row.of_time,
    )


def _crosswalk_key(keys: dict[str, Any]) -> str:
    if "external_id" in keys:
        return external_key(keys.pop("system", ""), keys.pop("external_id"))
    if "scheme" in keys:
        return identifier_key(keys.pop("scheme"), keys.pop("value", ""), keys.pop("issuer", ""))
    return ""


def _names(rows: Table | None) -> tuple[str, ...]:
    own = ("system and external_id", "scheme and value", *_OWN)
    return own if rows is None else (*own, *(column.name for column in rows.c if column.name != "document_id"))
