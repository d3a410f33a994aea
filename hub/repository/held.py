"""What the repository holds under given keys, as of this moment of this transaction.

Asked once for every document that is stored, so the statements go to the driver directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from hub.repository.bulk import mark
from hub.repository.keys import MASTER, Keys

# The most parameters in one statement; SQLite's own limit is 32766, PostgreSQL's 65535.
_AT_ONCE = 500
_COLUMNS = "d.id, d.key, d.version, d.hash, d.scopes, d.exchange_id, d.deleted"


@dataclass(slots=True)
class Held:
    """A document that is held. ``aliases`` are its keys in the crosswalk; ``pending`` means that rows of it still
    wait to be written."""

    id: str
    key: str
    version: int
    digest: str
    scopes: str
    exchange_id: str
    deleted: bool = False
    aliases: set[str] = field(default_factory=set)
    pending: bool = False


class HeldDocuments:
    """Documents by key, remembered for the length of a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._by_key: dict[tuple[str, str], Held] = {}

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._by_key)

    def forget(self) -> None:
        """Ask the database again from here on. Only when nothing waits to be written."""
        self._by_key.clear()

    def get(self, kind: str, key: str) -> Held | None:
        """The document that has the key, if it was looked up."""
        return self._by_key.get((kind, key))

    def remember(self, kind: str, key: str, held: Held) -> None:
        """Remember that the document has the key now."""
        self._by_key[kind, key] = held

    def drop(self, kind: str, key: str) -> None:
        """Remember that no document has the key any more."""
        self._by_key.pop((kind, key), None)

    def look_up(self, kind: str, keys: set[str]) -> None:
        """Load the documents of ``kind`` that have any of the keys. Keys that are remembered are not asked again."""
        unknown = sorted(key for key in keys if (kind, key) not in self._by_key)
        for start in range(0, len(unknown), _AT_ONCE):
            part = unknown[start : start + _AT_ONCE]
            if kind in MASTER:
                self._load_master(kind, part)
            else:
                rows = self._ask(f"SELECT {_COLUMNS} FROM documents d WHERE d.kind = @ AND d.key IN (@@)", kind, part)
                for row in rows:
                    self._by_key[kind, row[1]] = _held(row)

    def match(self, kind: str, keys: Keys) -> Held | None:
        """The document that a document with these keys is a version of, or None: it is a new one."""
        if not keys.aliases:
            return self._by_key.get((kind, keys.key))
        for number, alias in enumerate(keys.aliases):
            held = self._by_key.get((kind, alias))
            if held is not None and (number < keys.decisive or not _other_thing(held, keys)):
                return held
        # Others hold some of its keys. It is a thing of its own only if a key is left for it.
        if all((kind, alias) in self._by_key for alias in keys.aliases):
            return self._by_key[kind, keys.aliases[0]]
        return None

    def own_key(self, kind: str, keys: Keys, held: Held | None) -> str:
        """The first of a document's keys that no other document has."""
        for alias in keys.aliases:
            if self._by_key.get((kind, alias), held) is held:
                return alias
        return held.key if held is not None and keys.aliases else keys.key

    def _load_master(self, kind: str, keys: list[str]) -> None:
        by_key = (
            f"SELECT DISTINCT {_COLUMNS} FROM documents d JOIN document_keys k ON k.document_id = d.id "
            "WHERE k.kind = @ AND k.key IN (@@)"
        )
        new = {row[0]: _held(row) for row in self._ask(by_key, kind, keys)}
        if not new:
            return
        aliases = "SELECT k.key, k.document_id FROM document_keys k WHERE k.kind = @ AND k.document_id IN (@@)"
        for key, document_id in self._ask(aliases, kind, list(new)):
            # Known by another of its keys already: that one also knows what this transaction did to it.
            if (kind, key) not in self._by_key:
                new[document_id].aliases.add(key)
                self._by_key[kind, key] = new[document_id]

    def _ask(self, statement: str, kind: str, values: list[str]) -> list[Any]:
        one = mark(self._connection.dialect)
        statement = statement.replace("@@", ", ".join([one] * len(values))).replace("@", one)
        return list(self._connection.exec_driver_sql(statement, (kind, *values)))


def _held(row: Any) -> Held:
    return Held(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]))


def _other_thing(held: Held, keys: Keys) -> bool:
    """Whether the document that has a shared key has another number where this one has its own."""
    return any(
        not held.aliases.intersection(keys.aliases[: keys.decisive])
        and any(alias.startswith(beginning) for alias in held.aliases)
        for beginning in keys.exclusive
    )
