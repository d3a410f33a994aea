"""The upload: what waits in an outbox goes to the hub in batches, and is acknowledged one by one, by name.

Only what the hub named in its answer is acknowledged. A lost answer means sending again, which the hub recognizes by
node and place. A document that cannot be taken never holds up the others: the hub quarantines and acknowledges it, and
where the hub takes nothing of a batch, the batch is halved until the one document is found, which then waits by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from types import MappingProxyType
from typing import Any

from hub_pos.approvals import Approvals
from hub_pos.clock import instant
from hub_pos.errors import NoAnswer, UploadRefused
from hub_pos.forgetting import ASK, LEAVING
from hub_pos.giving_back import carried, give_back, told, unknown
from hub_pos.outbox import Entry, Outbox

Send = Callable[[bytes], bytes]
"""Brings an upload to the hub and its answer back. Raises ``NoAnswer`` (or OSError) where there is none, and
``UploadRefused`` where the hub took nothing of it."""

STATUSES = ("accepted", "quarantined", "duplicate")
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=15)
# Single documents refused one after the other before the hub itself is taken for away.
_REFUSED_AT_MOST = 3


@dataclass(slots=True)
class UploadReport:
    """What one call did: documents ``acknowledged`` (of these ``quarantined``), those still ``waiting``, numbers of
    places the hub misses (``resent``: they were acknowledged before and go again), and what went wrong."""

    acknowledged: int = 0
    quarantined: int = 0
    resent: int = 0
    waiting: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most in one batch, and how many days acknowledged documents are kept (for returns, and for a hub that was
    restored from a backup and asks again)."""

    documents: int = 200
    size: int = 512_000
    keep_days: int = 30


BOUNDS = Bounds()
"""What holds where nobody says otherwise."""


class Uploader:
    """Sends one terminal's outbox. Two at once on one outbox do no harm: the hub tells doubles apart."""

    def __init__(
        self,
        outbox: Outbox,
        send: Send,
        bounds: Bounds = BOUNDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._outbox, self._send, self._bounds, self._now = outbox, send, bounds, now
        self._refused = 0

    def upload(self, *, force: bool = False) -> UploadReport:
        """Send everything that is due, and remove what was acknowledged long ago. While a failure's waiting time runs,
        nothing is sent unless ``force``: new documents do not shorten it."""
        report = UploadReport()
        now = instant(self._now())
        if force or self._outbox.state("upload.next_at") <= now:
            give_back(self._outbox, self._now())
            lost = not self._outbox.last() and not self._outbox.state("upload.asked")
            if lost or self._outbox.state(ASK):
                # A new outbox asks first where it stands: the hub may know of one that was lost. After a new epoch each
                # asks: the hub may have been restored, and miss what it acknowledged.
                self._deliver([], report)
            while batch := self._batch("9" if force else now):
                if not self._deliver(batch, report) or report.resent:
                    break  # what the hub asks for again goes with the next call, so that this one ends
                force = False  # what was put aside by this very call waits for its time
            if not report.errors and unknown(self._outbox):
                self._deliver([], report)
        self._purge()
        report.waiting = self._outbox.waiting()
        return report

    def run(self, stop: Event, every: float = 5.0) -> None:
        """Upload every so many seconds until ``stop`` is set. Errors wait longer each time, up to 15 minutes."""
        while not stop.is_set():
            self.upload()
            stop.wait(every)

    def _batch(self, now: str) -> list[Entry]:
        batch: list[Entry] = []
        size = 0
        for entry in self._outbox.due(now, self._bounds.documents):
            size += len(entry.body.encode()) + 200
            if batch and size > self._bounds.size:
                break
            batch.append(entry)
        return batch

    def _deliver(self, batch: Sequence[Entry], report: UploadReport) -> bool:
        """Whether the hub answered; a batch that it refuses as a whole is sent in halves."""
        about = carried(self._outbox)
        try:
            answer = read_answer(self._send(upload_bytes(self._outbox.state("node"), batch, about)))
        except UploadRefused as problem:
            if not batch:
                self._back_off(str(problem), report)
                return False
            if len(batch) > 1:
                half = len(batch) // 2
                return self._deliver(batch[:half], report) and self._deliver(batch[half:], report)
            self._put_aside(batch[0], str(problem), report)
            self._refused += 1
            if self._refused < _REFUSED_AT_MOST:
                return True
            # It is not the documents: a revoked key, another hub, a proxy that refuses everything.
            self._back_off(f"the hub took none of {self._refused} documents: {problem}", report)
            return False
        except (NoAnswer, OSError) as problem:
            self._back_off(f"{type(problem).__name__}: {problem}", report)
            return False
        self._refused = 0
        named = acknowledge(self._outbox, answer, instant(self._now()), report)
        left = [entry for entry in batch if entry.seq not in named]
        if batch and len(left) == len(batch):
            self._back_off("the hub's answer names none of the documents that were sent", report)
            return False
        for entry in left:
            self._put_aside(entry, "the hub's answer does not name it", report)
        with self._outbox.transaction():
            self._outbox.keep("upload.attempts", "0")
            self._outbox.keep("upload.next_at", "")
            told(self._outbox, about)
        return True

    def _put_aside(self, entry: Entry, problem: str, report: UploadReport) -> None:
        """This one waits by itself; the others go on."""
        with self._outbox.transaction():
            self._outbox.run("UPDATE outbox SET attempts = attempts + 1 WHERE origin_seq = ?", entry.seq)
            self._outbox.run(
                "UPDATE outbox SET next_at = ?, findings = ? WHERE origin_seq = ?",
                instant(self._now() + _LONGEST_WAIT), json.dumps([problem], ensure_ascii=False), entry.seq,
            )  # fmt: skip
        report.errors.append(f"{entry.kind} {entry.number or entry.id}: {problem}")

    def _back_off(self, problem: str, report: UploadReport) -> None:
        report.errors.append(problem)
        with self._outbox.transaction():
            attempts = int(self._outbox.state("upload.attempts", "0")) + 1
            pause = min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)
            self._outbox.keep("upload.attempts", str(attempts))
            self._outbox.keep("upload.next_at", instant(self._now() + pause))

    def _purge(self) -> None:
        before = instant(self._now() - timedelta(days=self._bounds.keep_days))
        approvals = Approvals(self._outbox)
        if self._outbox.acknowledged(before) or approvals.settled(before):
            with self._outbox.transaction():
                self._outbox.run("DELETE FROM outbox WHERE acknowledged_at < ?", before)
                approvals.remove(before)


def upload_bytes(node: str, entries: Iterable[Entry], about: Mapping[str, Any] = MappingProxyType({})) -> bytes:
    """The body of an upload: a JSON object as ``PROTOCOL.md`` has it; ``about`` is what it says besides documents."""
    documents = [
        {
            "seq": one.seq,
            "id": one.id,
            "kind": one.kind,
            "created_at": one.created_at,
            "clock": one.clock,
            "body": json.loads(one.body),
        }
        for one in entries
    ]
    body = {"node": node, **about, "documents": documents}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def read_answer(data: bytes) -> Mapping[str, Any]:
    """The hub's answer. Raises ``NoAnswer`` for what is none: a proxy's error page acknowledges nothing."""
    try:
        answer = json.loads(data)
        if not isinstance(answer["results"], list) or not isinstance(answer["node"], str):
            raise TypeError("results is a list, node a text")
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        raise NoAnswer(f"what came back is no answer of the hub: {problem}") from problem
    return dict(answer)


def acknowledge(outbox: Outbox, answer: Mapping[str, Any], now: str, report: UploadReport) -> set[int]:
    """Mark what the hub named, and only that; its places are returned. What the hub says it misses is sent again, and
    places that it has and this file never gave are never given. An answer for another node changes nothing."""
    named: set[int] = set()
    forgot = left = False
    if answer["node"] != outbox.state("node"):
        report.errors.append(f"an answer for {str(answer['node'])[:64]!r} came to {outbox.state('node')!r}")
        return named
    with outbox.transaction():
        for one in answer["results"]:
            seq, status = (one.get("seq"), one.get("status")) if isinstance(one, dict) else (None, None)
            if not isinstance(seq, int) or status not in STATUSES:
                continue
            findings = json.dumps(one.get("findings", []), ensure_ascii=False)
            if outbox.run(
                "DELETE FROM outbox WHERE origin_seq = ? AND id = ? AND status = ?", seq, str(one.get("id")), LEAVING
            ):
                named.add(seq)
                report.acknowledged += 1
                left = True
            elif outbox.run(
                "UPDATE outbox SET acknowledged_at = ?, status = ?, document_id = ?, findings = ?"
                " WHERE origin_seq = ? AND id = ?",
                now, status, str(one.get("document_id") or ""), findings, seq, str(one.get("id")),
            ):  # fmt: skip
                named.add(seq)
                report.acknowledged += 1
                report.quarantined += status == "quarantined"
                forgot |= status == "quarantined" and '"return.seq_reused' in findings
        report.resent += _again(outbox, answer)
        if forgot:
            # Places were given twice: this file was restored from a copy, and so was its book of rights.
            outbox.renew()
        outbox.keep(ASK, "")
    if left:
        outbox.settle_log()
    return named


def _again(outbox: Outbox, answer: Mapping[str, Any]) -> int:
    """Send again what the hub misses: it was restored from a backup that is older than what it acknowledged."""
    again = 0
    for gap in answer.get("missing") or ():
        if isinstance(gap, list) and len(gap) == 2 and all(isinstance(one, int) for one in gap):
            again += outbox.run(
                "UPDATE outbox SET acknowledged_at = NULL, next_at = '' WHERE origin_seq BETWEEN ? AND ?"
                " AND acknowledged_at IS NOT NULL",
                *gap,
            )
    following = answer.get("next")
    if isinstance(following, int) and following > 0:
        again += outbox.run(
            "UPDATE outbox SET acknowledged_at = NULL, next_at = '' WHERE origin_seq >= ?"
            " AND acknowledged_at IS NOT NULL",
            following,
        )
        if following - 1 > outbox.last():
            outbox.advance(following - 1)
    return again
