"""The return flow's end: uploads of stores are stored, then judged, then become documents, each exactly once.

``take`` is the whole of it as a plain function. An upload is kept as it came, in a transaction of its own, before
anything looks into a document. Each document is then taken in, or quarantined with findings, and acknowledged either
way: a bad one never holds up the others. The same upload again, whole or in part, changes nothing and is answered as
before; a node's place that comes with other content is kept beside the first, and never overwrites it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from hub.authorizations.booking import KINDS as BOOKED
from hub.authorizations.booking import Sent, book, give_back
from hub.authorizations.demand import note_demands, read_demand
from hub.authorizations.policies import Policies as Authorizations
from hub.authorizations.policies import shipped as shipped_authorizations
from hub.errors import DocumentRejected, TemporaryError
from hub.findings import Finding, error
from hub.model import Party
from hub.replication.acceptance import accepted, belongs, refused
from hub.replication.customers import UNKNOWN, take_customer
from hub.replication.policies import Policies, shipped
from hub.replication.upload import Upload, read_upload
from hub.repository.uploads import ACCEPTED, DUPLICATE, QUARANTINED, RECEIVED, Decision

if TYPE_CHECKING:
    from hub.model.document import Document
    from hub.replication.stores import Store
    from hub.repository import Repository, Stored, Transaction
    from hub.repository.uploads import UploadRecord

log = logging.getLogger("hub.replication")

CardShown = Callable[["Transaction", str, str, str, datetime], Sequence[Finding]]
"""Notes that a card, as text, was shown, and which one the till wrote in its place ("" for none), in a store at a time;
what is suspicious about them. ``hub.cards.shown`` has one."""

_GAPS_TOLD = 100
_WAITING = 1_000


def take(
    repo: Repository,
    store: Store,
    upload: bytes | Mapping[str, Any],
    now: datetime,
    policies: Policies | None = None,
    shown: CardShown | None = None,
    authorizations: Authorizations | None = None,
) -> dict[str, Any]:
    """Take in an upload of a node of ``store`` and return the answer: ``{"node", "results": [{"seq", "id", "status",
    "document_id", "findings"}], "next", "missing"}`` (``PROTOCOL.md``, section 7). ``shown`` is told of the cards that
    sales name; without it nobody looks at them. ``authorizations`` says how what tills need of credit and points is
    noted.

    Raises ``DocumentRejected`` where it is no upload of this store as a whole (nothing is stored then), and
    ``TemporaryError`` where the database is busy: what was stored is taken in with the next upload of the node.
    """
    read = read_upload(upload)
    if not belongs(read.node, store):
        raise refused("return.node", f"{read.node[:64]!r} is no node of store {store.id!r}")
    rules = authorizations or shipped_authorizations()
    held = repo.retrying(lambda tx: _keep(tx, read, store, rules, now))
    _decide_waiting(repo, read.node, Taking(store, policies or shipped(), now, shown))
    return _answer(repo, read.node, held)


def retry(
    repo: Repository,
    store: Store,
    records: Iterable[UploadRecord],
    now: datetime,
    policies: Policies | None = None,
    shown: CardShown | None = None,
) -> list[UploadRecord]:
    """Judge entries again that are quarantined or were never judged, after a person has put something right. A place
    that was used twice is taken in as well now: the person has seen it. Returns what they are now."""
    done = []
    taking = Taking(store, policies or shipped(), now, shown)
    for record in records:
        if record.state in (QUARANTINED, RECEIVED):
            repo.retrying(partial(_decide, id_=record.id, taking=taking))
        with repo.read() as tx:
            done.append(tx.upload(record.id))
    return done


@dataclass(frozen=True, slots=True)
class Taking:
    """What is the same for every document that is taken in at once."""

    store: Store
    policies: Policies
    now: datetime
    shown: CardShown | None


def _keep(tx: Transaction, read: Upload, store: Store, authorizations: Authorizations, now: datetime) -> list[str]:
    """Store an upload and its entries; their ids, in order."""
    tx.lock_node(read.node, store.id)
    ids, new = tx.keep_uploads(read.node, store.id, read.entries, hashlib.sha256(read.data).hexdigest())
    if new:  # what was sent before was kept before, and may have been purged or erased since
        tx.store_payload(read.data)
    known = bool(read.outbox) and tx.save_outbox(read.outbox, read.node, store.id)
    if known and read.demand and (new or not read.entries):  # an upload that comes twice needed nothing twice
        note_demands(tx, store.id, read.outbox, read_demand(read.demand), authorizations, now)
    return ids


def _decide_waiting(repo: Repository, node: str, taking: Taking) -> None:
    """Judge what the node has sent and nobody has judged: of this upload, or of one that a kill interrupted."""

    def work(tx: Transaction) -> None:
        tx.lock_node(node, taking.store.id)
        records = tx.uploads(node=node, state=RECEIVED, limit=_WAITING)
        reused = tx.reused(node, records)
        decisions: list[Decision] = []
        together: list[Judged] = []
        back: list[Judged] = []
        for record in records:
            judged = _judge(record, taking, reused=record.id in reused)
            if isinstance(judged, Decision):
                decisions.append(judged)
            elif judged.record.entry.kind == "RightReturn":
                back.append(judged)
            elif judged.record.entry.kind in _ALONE:
                decisions.append(_alone(tx, judged, taking))
            else:
                together.append(judged)
        decisions += _together(tx, together, taking)
        decisions = _booked(tx, records, _cards_seen(tx, records, decisions, taking), taking.now)
        # What a till sets free and gives back comes in one upload: first it is free, then it can be given back.
        decisions += [_alone(tx, one, taking) for one in back]
        tx.decide_uploads(decisions)
        customers = {record.id for record in records if record.entry.kind == "Party"}
        if any(one.state == ACCEPTED and one.id in customers for one in decisions):
            # A change may have come before its customer.
            for record in tx.uploads(node=node, state=QUARANTINED, code=UNKNOWN, limit=_WAITING):
                _decide(tx, record.id, taking)

    repo.retrying(work)


@dataclass(frozen=True, slots=True)
class Judged:
    """A document that may be stored, and what is worth telling about it."""

    record: UploadRecord
    document: Document
    findings: tuple[Finding, ...]


# Taken in one by one: what becomes of one depends on those before it, or it belongs to the store as a partner.
_ALONE = ("Party", "Order")


def _decide(tx: Transaction, id_: str, taking: Taking) -> None:
    """Judge one entry again, and take it in if it can be."""
    record = tx.upload(id_)
    judged = _judge(record, taking, reused=False)
    if isinstance(judged, Judged):
        judged = _alone(tx, judged, taking)
    tx.decide_uploads(_booked(tx, [record], _cards_seen(tx, [record], [judged], taking), taking.now))


def _booked(
    tx: Transaction, records: Sequence[UploadRecord], decisions: Iterable[Decision], now: datetime
) -> list[Decision]:
    """The decisions, with what is suspicious about what was taken in now: sales on account, points, and decisions of
    tills count against the customer's credit and points from here on."""
    known = {one.id: one for one in records if _books(one)}
    decisions = [*decisions]
    taken = [known[one.id] for one in decisions if one.state == ACCEPTED and one.id in known]
    if not taken:
        return decisions
    found = book(tx, [Sent(one.id, one.node, one.store, one.entry.kind, one.data()) for one in taken], now)
    return [replace(one, findings=(*one.findings, *found.get(one.id, ()))) for one in decisions]


def _books(record: UploadRecord) -> bool:
    """Whether a document may be one to book; most sales are not."""
    kind, body = record.entry.kind, record.entry.body
    named = {"PosTransaction": '"account"', "LoyaltyEntry": '"authorization"'}.get(kind, "")
    return kind in BOOKED and named in body


def _cards_seen(
    tx: Transaction, records: Sequence[UploadRecord], decisions: Iterable[Decision], taking: Taking
) -> list[Decision]:
    """The decisions, with what is suspicious about the cards of sales that were taken in now."""
    if taking.shown is None:
        return [*decisions]
    sales = {one.id: one for one in records if one.entry.kind == "PosTransaction"}
    out = []
    for decision in decisions:
        record = sales.get(decision.id) if decision.state == ACCEPTED else None
        cards = _cards_of(record) if record is not None else ("", "")
        if record is not None and any(cards):
            at = _made_at(record, taking.now)
            found = taking.shown(tx, *cards, taking.store.id, at)
            decision = replace(decision, findings=(*decision.findings, *found))
        out.append(decision)
    return out


def _cards_of(record: UploadRecord) -> tuple[str, str]:
    """The card that was shown for a sale, and the one that was written."""
    if '"card' not in record.entry.body:
        return "", ""
    extensions = record.data().get("extensions")
    named = extensions if isinstance(extensions, dict) else {}
    shown, written = (named.get(name) for name in ("card", "card_written"))
    return shown if isinstance(shown, str) else "", written if isinstance(written, str) else ""


def _made_at(record: UploadRecord, now: datetime) -> datetime:
    """When a document was made, by its till; not later than ``now``, which also stands for what is no time."""
    try:
        made = datetime.fromisoformat(record.entry.created_at)
    except ValueError:
        return now
    return min(made if made.tzinfo else made.replace(tzinfo=UTC), now)


def _judge(record: UploadRecord, taking: Taking, *, reused: bool) -> Judged | Decision:
    """Whether an entry may be stored, without looking at what is stored."""
    try:
        if reused:
            raise refused("return.seq_reused", f"place {record.entry.seq} came before with other content")
        document, findings = accepted(record.entry, record.node, taking.store, taking.policies)
    except Exception as problem:
        return _quarantined(record, problem)
    return Judged(record, document, tuple(findings))


def _together(tx: Transaction, judged: list[Judged], taking: Taking) -> Iterable[Decision]:
    """Store documents of one node that do not depend on one another; one by one where that fails."""
    if not judged:
        return ()
    try:
        with tx.connection.begin_nested():
            stored = tx.put_many([one.document for one in judged], origin=judged[0].record.node)
            tx.flush()
    except TemporaryError:
        raise
    except Exception:
        return [_alone(tx, one, taking) for one in judged]
    return [_stored(one, what) for one, what in zip(judged, stored, strict=True)]


def _alone(tx: Transaction, judged: Judged, taking: Taking) -> Decision:
    record, document = judged.record, judged.document
    try:
        with tx.connection.begin_nested():
            if isinstance(document, Party):
                taken = take_customer(tx, record, document, taking.store, taking.policies, taking.now)
                tx.flush()
                told = (*taken.findings, *judged.findings)
                return Decision(record.id, ACCEPTED if taken.new else DUPLICATE, taken.document_id, told)
            # Two stores may number their orders alike; everything else names the store or has a number of its own.
            partner = f"store:{taking.store.id}" if record.entry.kind == "Order" else ""
            stored = tx.put(document, origin=record.node, partner=partner)
            if record.entry.kind == "RightReturn" and stored.changed:
                give_back(tx, record.node, record.data())
            tx.flush()
    except TemporaryError:
        raise
    except Exception as problem:
        return _quarantined(record, problem)
    return _stored(judged, stored)


def _stored(judged: Judged, stored: Stored) -> Decision:
    if stored.conflict:
        return _quarantined(judged.record, refused("return.conflict", stored.conflict))
    return Decision(judged.record.id, ACCEPTED if stored.changed else DUPLICATE, stored.id, judged.findings)


def _quarantined(record: UploadRecord, problem: Exception) -> Decision:
    if isinstance(problem, DocumentRejected):
        findings = problem.findings or (error("return.rejected", str(problem)),)
    else:
        # Whatever it is, it is this document's: the others go on, and a person finds this one in quarantine.
        log.warning("%s %s of %s was not taken in: %r", record.entry.kind, record.entry.seq, record.node, problem)
        findings = (error("return.failed", f"the hub failed on it: {type(problem).__name__}"),)
    return Decision(record.id, QUARANTINED, findings=findings, code=findings[0].code)


def _answer(repo: Repository, node: str, ids: list[str]) -> dict[str, Any]:
    with repo.read() as tx:
        held = tx.uploads_by_id(ids)
        results = [_result(held[id_]) for id_ in ids]
        missing = [[gap.first, gap.last] for gap in tx.gaps(node=node, limit=_GAPS_TOLD)]
        return {"node": node, "results": results, "next": tx.next_place(node), "missing": missing}


def _result(record: UploadRecord) -> dict[str, Any]:
    if record.state == RECEIVED:
        raise TemporaryError(f"place {record.entry.seq} of {record.node} is stored and waits; send it again")
    return {
        "seq": record.entry.seq,
        "id": record.entry.document,
        "status": record.state,
        "document_id": record.document_id,
        "findings": [f"{finding.code}: {finding}" for finding in record.findings],
    }
