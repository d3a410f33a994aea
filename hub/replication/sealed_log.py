"""What is sealed, in the repository's tables: how far, which buckets, which segments, and what is known of each row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, bindparam, delete, func, select, text, update

from hub.replication.windows import Known, Pair
from hub.repository import Transaction
from hub.repository.bulk import insert_rows
from hub.repository.wire_tables import sealed_buckets, sealed_rows, sealed_segments, sealed_state

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the feed is sealed. ``edition`` counts what was committed, so that readers see that they are behind."""

    epoch: str
    schema: int
    position: int
    as_of: datetime
    edition: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """A sealed bucket: the position of its snapshot, and from where on its changes are kept."""

    name: str
    snapshot: int
    kept_from: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed segment, or one part of a snapshot."""

    bucket: str
    first: int
    last: int
    snapshot: bool
    digest: str
    bytes: int
    rows: int
    schema: int
    created_at: datetime
    seg_no: int = 0


def progress(tx: Transaction) -> Progress | None:
    """How far the feed is sealed; None where it never was."""
    row = tx.one(select(sealed_state))
    return Progress(row.epoch, row.schema, row.position, row.as_of, row.edition) if row else None


def save_progress(tx: Transaction, epoch: str, schema: int, position: int, as_of: datetime) -> None:
    """Note how far the feed is sealed, as the next edition."""
    held = progress(tx)
    values = {"epoch": epoch, "schema": schema, "position": position, "as_of": as_of}
    if held is None:
        tx.add(sealed_state, {"one": 1, "edition": 1, **values})
    else:
        tx.write(update(sealed_state).values(edition=held.edition + 1, **values))


def touch(tx: Transaction) -> None:
    """Count an edition, so that readers look again."""
    tx.write(update(sealed_state).values(edition=sealed_state.c.edition + 1))


def forget(tx: Transaction) -> None:
    """Begin anew: after another epoch or schema nothing that was sealed means anything."""
    for table in (sealed_segments, sealed_buckets, sealed_rows):
        tx.write(delete(table))


def buckets(tx: Transaction) -> dict[str, Bucket]:
    """The sealed buckets by name."""
    table = sealed_buckets
    rows = tx.rows(select(table.c.bucket, table.c.snapshot, table.c.kept_from))
    return {row.bucket: Bucket(row.bucket, row.snapshot, row.kept_from) for row in rows}


def entries(tx: Transaction) -> list[Entry]:
    """Every segment, by bucket in the order of the feed."""
    table = sealed_segments
    query = select(table).order_by(table.c.bucket, table.c.last, table.c.seg_no)
    return [Entry(**row._mapping) for row in tx.rows(query)]


def changes(tx: Transaction, before: datetime | None = None) -> list[Entry]:
    """The segments that are no snapshots, in the same order; those made before a moment, or all. Snapshots are as many
    as there are buckets, so this is much less where there are many stores."""
    table = sealed_segments
    query = select(table).where(table.c.snapshot.is_(False)).order_by(table.c.bucket, table.c.last, table.c.seg_no)
    if before is not None:
        query = query.where(table.c.created_at < before)
    return [Entry(**row._mapping) for row in tx.rows(query)]


def snapshot_bytes(tx: Transaction) -> dict[str, int]:
    """Bytes of each bucket's snapshot; a bucket without rows is missing."""
    table = sealed_segments
    query = select(table.c.bucket, func.sum(table.c.bytes).label("size")).where(table.c.snapshot.is_(True))
    return {row.bucket: int(row.size) for row in tx.rows(query.group_by(table.c.bucket))}


def size(tx: Transaction) -> tuple[int, int]:
    """How many segments there are, and their bytes."""
    stored = func.coalesce(func.sum(sealed_segments.c.bytes), 0).label("size")
    row = tx.rows(select(func.count().label("number"), stored).select_from(sealed_segments))[0]
    return int(row.number), int(row.size)


def digests(tx: Transaction) -> frozenset[str]:
    """The names of all segments."""
    return frozenset(row.digest for row in tx.rows(select(sealed_segments.c.digest)))


def add_entries(tx: Transaction, new: Iterable[Entry]) -> None:
    """Append segments; each gets the next number of its bucket."""
    table = sealed_segments
    highest = {row.bucket: row.seg_no for row in tx.rows(_highest())}
    rows = []
    for entry in new:
        highest[entry.bucket] = highest.get(entry.bucket, 0) + 1
        rows.append({name: getattr(entry, name) for name in table.c.keys()} | {"seg_no": highest[entry.bucket]})  # noqa: SIM118
    if rows:
        insert_rows(tx.connection, table, rows)


def _highest() -> Any:
    table = sealed_segments
    return select(table.c.bucket, func.max(table.c.seg_no).label("seg_no")).group_by(table.c.bucket)


def replace_snapshots(tx: Transaction, position: int, at: datetime, parts: Mapping[str, Sequence[Entry]]) -> None:
    """Put new snapshots in the place of the old ones; a bucket without rows has no part, and is sealed all the same."""
    known = buckets(tx)
    table, listed = sealed_segments, list(parts)
    for start in range(0, len(listed), _CHUNK):
        names = listed[start : start + _CHUNK]
        tx.write(delete(table).where(table.c.bucket.in_(names), table.c.snapshot.is_(True)))
        same = sealed_buckets.c.bucket.in_(names)
        tx.write(update(sealed_buckets).where(same).values(snapshot=position, snapshot_at=at))
    new = [
        {"bucket": name, "snapshot": position, "kept_from": position, "snapshot_at": at}
        for name in listed
        if name not in known
    ]
    if new:
        insert_rows(tx.connection, sealed_buckets, new)
    add_entries(tx, [entry for entries_ in parts.values() for entry in entries_])


def drop_buckets(tx: Transaction, names: Iterable[str]) -> None:
    """Forget buckets that no store subscribes to any more."""
    for name in names:
        tx.write(delete(sealed_segments).where(sealed_segments.c.bucket == name))
        tx.write(delete(sealed_buckets).where(sealed_buckets.c.bucket == name))


def replace_entries(tx: Transaction, old: Sequence[Entry], new: Entry) -> None:
    """Put one segment in the place of some of the same bucket."""
    table = sealed_segments
    numbers = [entry.seg_no for entry in old]
    tx.write(delete(table).where(table.c.bucket == new.bucket, table.c.seg_no.in_(numbers)))
    add_entries(tx, [new])


def drop_changes(tx: Transaction, bucket: str, until: int) -> None:
    """Drop a bucket's changes up to a position; a store that stands before it is loaded anew."""
    table = sealed_segments
    tx.write(delete(table).where(table.c.bucket == bucket, table.c.snapshot.is_(False), table.c.last <= until))
    tx.write(update(sealed_buckets).where(sealed_buckets.c.bucket == bucket).values(kept_from=until))


def known_rows(tx: Transaction, ids: Sequence[str]) -> dict[str, Known]:
    """What is known of documents, by id."""
    table, found = sealed_rows, {}
    for start in range(0, len(ids), _CHUNK):
        for row in tx.rows(select(table).where(table.c.document_id.in_(ids[start : start + _CHUNK]))):
            found[row.document_id] = Known(row.number, row.version, frozenset(json.loads(row.scopes)))
    return found


def number_rows(tx: Transaction, states: Mapping[str, tuple[int, frozenset[str]]]) -> dict[str, Known]:
    """Give new documents their numbers, in this order, with the version and tags that count as sealed."""
    rows = [
        {"document_id": id_, "version": version, "scopes": _stored(scopes)} for id_, (version, scopes) in states.items()
    ]
    if rows:
        insert_rows(tx.connection, sealed_rows, rows)
    return known_rows(tx, list(states))


def save_known(tx: Transaction, known: Iterable[Known]) -> None:
    """Note what was sealed of rows."""
    rows = [{"n": one.number, "v": one.version, "s": _stored(one.scopes)} for one in known]
    if rows:
        statement = update(sealed_rows).where(sealed_rows.c.number == bindparam("n"))
        tx.write(statement.values(version=bindparam("v"), scopes=bindparam("s")), rows)


def versions(tx: Transaction, pairs: Sequence[Pair]) -> dict[Pair, str]:
    """The JSON of versions of documents; those that are not kept any more are missing."""
    found: dict[Pair, str] = {}
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        wanted: dict[str, Any] = {f"d{place}": id_ for place, (id_, _) in enumerate(part)}
        wanted |= {f"v{place}": version for place, (_, version) in enumerate(part)}
        for row in tx.rows(versions_query(len(part)).bindparams(**wanted)):
            found[row.document_id, row.version] = row.json
    return found


@lru_cache(maxsize=_CHUNK)
def versions_query(count: int) -> TextClause:
    """A query for this many pairs, with the parameters d0, v0, d1 …"""
    # A join and not ``(document_id, version) IN (…)``, for which SQLite reads the whole table.
    first = "(CAST(:d0 AS VARCHAR(36)), CAST(:v0 AS BIGINT))"
    values = ", ".join([first, *(f"(:d{place}, :v{place})" for place in range(1, count))])
    return text(
        f"WITH wanted (document_id, version) AS (VALUES {values})"
        " SELECT known.document_id, known.version, known.json FROM wanted JOIN document_versions AS known"
        " ON known.document_id = wanted.document_id AND known.version = wanted.version"
    )


def _stored(scopes: frozenset[str]) -> str:
    return json.dumps(sorted(scopes), ensure_ascii=False, separators=(",", ":"))
