"""A new version of a document that is known by its id, whatever keys the new version would have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hub.repository import tables
from hub.repository.failures import NotFound, VersionConflict
from hub.repository.feed import PUT
from hub.repository.held import Held
from hub.repository.projections import tables_of
from hub.repository.records import Stored
from hub.repository.storing import Storing
from hub.repository.types import bounded

if TYPE_CHECKING:
    from hub.model.document import Document


class Revising(Storing):
    """Part of a transaction."""

    def revise(
        self, document_id: str, document: Document, *, expected_version: int, exchange_id: str = "", origin: str = ""
    ) -> Stored:
        """Store ``document`` as the next version of the one with this id. Its keys stay: it remains the record of the
        ERP or partner that it was. Raises NotFound where it is not held or was removed, VersionConflict where it is
        no longer ``expected_version``."""
        new = self._prepare(document, "", "", None)
        table = tables.documents
        row = self.one(select(table).where(table.c.id == document_id, table.c.kind == new.kind))
        if row is None or row.deleted:
            raise NotFound(f"the repository has no {new.kind} {bounded(document_id, 64)!r}")
        if row.version != expected_version:
            raise VersionConflict(f"{new.kind} {document_id} is no longer version {expected_version}; read it again")
        if row.hash == new.digest:
            return Stored(row.id, row.version, False, new.kind, row.key, existing_exchange=row.exchange_id)
        self._held.forget()
        version = row.version + 1
        values = {**row._mapping, "version": version, "hash": new.digest, "scopes": new.scopes}
        values.update(exchange_id=exchange_id, message=0, updated_at=self.now)
        self.replace(values, row.version, tables_of(new.kind))
        held = Held(row.id, row.key, version, new.digest, new.scopes, exchange_id)
        self._write_content(new, held, exchange_id, 0, row.partner)
        self._change(new.kind, row.id, PUT, version, row.scopes, new.scopes, exchange_id, origin)
        self._note(new.kind, row.id, new.data)
        self.flush()
        return Stored(row.id, version, True, new.kind, row.key)
