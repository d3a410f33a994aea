"""The acknowledgment ledger: every message that we sent has a due time, and every acknowledgment is matched to one.

What a partner's acknowledgment says at one level goes for the levels below it (X12 997 AK9 for the sets of its
group, EDIFACT CONTRL UCI for the messages of its interchange), unless it says something more exact there.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, or_, select, update

from hub.repository.finding_text import findings_of, findings_text
from hub.repository.identifiers import new_id
from hub.repository.records import LedgerEntry, LedgerState, LedgerVerdict
from hub.repository.tables import acknowledgments as table
from hub.repository.types import bounded
from hub.repository.work import Work

if TYPE_CHECKING:
    from hub.translation import Acknowledged

_WAITING = LedgerState.WAITING.value
_APPLICATION = {
    LedgerState.ACCEPTED: LedgerState.APPLICATION_ACCEPTED,
    LedgerState.ACCEPTED_WITH_ERRORS: LedgerState.APPLICATION_ACCEPTED_WITH_ERRORS,
    LedgerState.PARTIAL: LedgerState.APPLICATION_PARTIAL,
    LedgerState.REJECTED: LedgerState.APPLICATION_REJECTED,
}
_RANK = {"interchange": 0, "group": 1, "message": 2}
# EDIFACT 0083, code 8: "interchange received"; its messages are not decided by it. The same goes for X12 TA1.
_ONLY_RECEIVED = frozenset(("8",))


class Ledger(Work):
    """Part of a transaction."""

    def expect_acknowledgment(
        self,
        *,
        partner: str,
        exchange_id: str,
        standard: str,
        sender: object,
        receiver: object,
        interchange: str,
        group: str = "",
        message: str = "",
        type: str = "",
        due_at: datetime | None = None,
        reference: str = "",
    ) -> str:
        """Wait for the acknowledgment of one outgoing message; returns the entry's id.

        Control numbers as sent (leading zeros do not matter). ``due_at`` None: it never becomes late. ``reference`` is
        the number of the document that was sent.
        """
        row = self._entry(partner, standard, _WAITING, interchange, group, message, type)
        row.update(exchange_id=exchange_id, sender=bounded(sender), receiver=bounded(receiver), due_at=due_at)
        row.update(reference=bounded(reference))
        self.add(table, row)
        return str(row["id"])

    def acknowledge(
        self, acknowledged: Acknowledged, *, partner: str, standard: str, exchange_id: str = ""
    ) -> LedgerVerdict:
        """Match what a partner's acknowledgment says about one thing, and decide the entries it is about.

        ``exchange_id`` is the incoming exchange: what one exchange says about a message replaces what the same
        exchange said about its group or interchange. An acknowledgment of something decided by another exchange is
        ``double``, of something never sent ``unknown``; both are entries of their own that can be listed, and
        neither changes what was decided.
        """
        found = self._matching(acknowledged, partner, standard)
        if not found:
            self._remark(LedgerState.UNKNOWN, acknowledged, partner, standard, exchange_id)
            return LedgerVerdict(LedgerState.UNKNOWN)
        if acknowledged.application:
            return self._advise(found, acknowledged, partner, standard, exchange_id)
        state = _state_of(acknowledged)
        if acknowledged.level == "interchange":
            self._note_interchange(found, acknowledged.code)
            received = standard.lower() == "x12" or acknowledged.code in _ONLY_RECEIVED
            if state is not LedgerState.REJECTED and received:
                return LedgerVerdict(state, self._entries(found))
        decided = [row for row in found if _decides(row, acknowledged.level, state, exchange_id)]
        if decided:
            self._decide(decided, acknowledged, state, exchange_id)
        elif any(row.answered_by != exchange_id or not exchange_id for row in found):
            self._remark(LedgerState.DOUBLE, acknowledged, partner, standard, exchange_id, found[0].id)
            return LedgerVerdict(LedgerState.DOUBLE, self._entries(found))
        late = any(row.due_at is not None and row.due_at < self.now for row in decided)
        return LedgerVerdict(state, self._entries(found), late)

    def acknowledgments(
        self,
        *,
        state: LedgerState | str | None = None,
        partner: str | None = None,
        exchange_id: str | None = None,
        now: datetime | None = None,
        limit: int = 1000,
    ) -> list[LedgerEntry]:
        """Entries of the ledger, newest first. ``waiting`` are those not due yet; ``late`` those overdue and those
        that came too late. ``exchange_id`` is the outgoing exchange."""
        now = now or self.now
        overdue = and_(table.c.state == _WAITING, table.c.due_at < now)
        found: list[ColumnElement[bool]] = []
        if state is not None:
            wanted = LedgerState(state)
            if wanted in _APPLICATION.values():
                found.append(table.c.application == wanted.value)
            elif wanted is LedgerState.LATE:
                found.append(or_(overdue, table.c.late.is_(True)))
            elif wanted is LedgerState.WAITING:
                found += [table.c.state == _WAITING, or_(table.c.due_at.is_(None), table.c.due_at >= now)]
            else:
                found += [table.c.state == wanted.value, table.c.application == ""]
        if partner is not None:
            found.append(table.c.partner == partner)
        if exchange_id is not None:
            found.append(table.c.exchange_id == exchange_id)
        rows = self.rows(select(table).where(*found).order_by(table.c.id.desc()).limit(limit))
        return [_record(row, now) for row in rows]

    def _entry(
        self, partner: str, standard: str, state: str, interchange: str, group: str, message: str, kind: str
    ) -> dict[str, Any]:
        return {
            "id": new_id(),
            "partner": bounded(partner),
            "standard": bounded(standard),
            "state": state,
            "interchange": _control(interchange),
            "grp": _control(group),
            "message": _control(message),
            "type": bounded(kind),
            "late": False,
            "created_at": self.now,
        }

    def _matching(self, said: Acknowledged, partner: str, standard: str) -> list[Row[Any]]:
        if said.level not in _RANK:
            raise ValueError(f"an acknowledgment's level is interchange, group or message, not {said.level!r}")
        found: list[ColumnElement[bool]] = [table.c.partner == bounded(partner), table.c.standard == bounded(standard)]
        names = ("interchange", "group", "message")[: _RANK[said.level] + 1]
        known = [(table.c["grp" if name == "group" else name], _control(getattr(said, name))) for name in names]
        found += [column == value for column, value in known if value]
        if len(found) == 2 and said.reference:
            found.append(table.c.reference == bounded(said.reference))
        if len(found) == 2:
            return []
        if said.level == "message" and said.message_type:
            found.append(table.c.type.in_(["", bounded(said.message_type)]))
        found.append(table.c.state.not_in([LedgerState.UNKNOWN.value, LedgerState.DOUBLE.value]))
        # Control numbers come round again: the entries meant are those of one exchange, the newest that still waits.
        waits = (table.c.application == "").desc() if said.application else (table.c.state == _WAITING).desc()
        rows = self.rows(select(table).where(*found).order_by(waits, table.c.id.desc()))
        return [row for row in rows if row.exchange_id == rows[0].exchange_id]

    def _advise(
        self, found: list[Row[Any]], said: Acknowledged, partner: str, standard: str, exchange_id: str
    ) -> LedgerVerdict:
        """Enter what the partner's application says; the functional state stays what it is."""
        state = _APPLICATION[_state_of(said)]
        open_ = [row for row in found if not row.application or (exchange_id and row.application_by == exchange_id)]
        if not open_:
            self._remark(LedgerState.DOUBLE, said, partner, standard, exchange_id, found[0].id)
            return LedgerVerdict(LedgerState.DOUBLE, self._entries(found))
        statement = update(table).where(table.c.id == bindparam("entry"))
        values = {
            "application": state.value,
            "application_code": bounded(said.code),
            "application_by": exchange_id,
            "application_at": self.now,
            "application_findings": findings_text(said.findings),
        }
        self.write(statement.values(values), [{"entry": row.id} for row in open_])
        return LedgerVerdict(state, self._entries(open_))

    def _note_interchange(self, found: list[Row[Any]], code: str) -> None:
        statement = update(table).where(table.c.exchange_id == found[0].exchange_id)
        self.write(statement.values(interchange_code=bounded(code)))

    def _decide(self, found: list[Row[Any]], said: Acknowledged, state: LedgerState, exchange_id: str) -> None:
        statement = update(table).where(table.c.id == bindparam("entry"))
        self.write(
            statement.values(
                state=state.value,
                code=bounded(said.code),
                decided_at=self.now,
                decided_level=said.level,
                late=bindparam("too_late"),
                answered_by=exchange_id,
                findings=findings_text(said.findings),
            ),
            [{"entry": row.id, "too_late": row.due_at is not None and row.due_at < self.now} for row in found],
        )

    def _remark(
        self, state: LedgerState, said: Acknowledged, partner: str, standard: str, exchange_id: str, related: str = ""
    ) -> None:
        row = self._entry(partner, standard, state.value, said.interchange, said.group, said.message, said.message_type)
        row.update(
            code=bounded(said.code),
            decided_at=self.now,
            decided_level=said.level,
            answered_by=exchange_id,
            related=related,
            findings=findings_text(said.findings),
            reference=bounded(said.reference),
        )
        self.add(table, row)

    def _entries(self, found: list[Row[Any]]) -> tuple[LedgerEntry, ...]:
        ids = [row.id for row in found][:1000]
        rows = self.rows(select(table).where(table.c.id.in_(ids)).order_by(table.c.id))
        return tuple(_record(row, self.now) for row in rows)


def _decides(row: Row[Any], level: str, state: LedgerState, exchange_id: str) -> bool:
    if row.state == _WAITING:
        return True
    if not exchange_id or row.answered_by != exchange_id:
        return False
    if _RANK[level] > _RANK[row.decided_level]:
        return True
    return state is LedgerState.REJECTED and row.state != state.value and _RANK[level] < _RANK[row.decided_level]


def _state_of(said: Acknowledged) -> LedgerState:
    if said.status.value == "accepted":
        # Data elements 717 and 715 of X12: E, accepted but errors were noted; the second letter of 110 means the same.
        noted = said.code == "E" or (said.application and said.code[1:] == "E")
        return LedgerState.ACCEPTED_WITH_ERRORS if noted else LedgerState.ACCEPTED
    return LedgerState.PARTIAL if said.status.value == "partial" else LedgerState.REJECTED


def _control(value: str) -> str:
    """A control number to compare: partners repeat ``0001`` as ``1`` and the other way round."""
    text = bounded(value).strip()
    return text.lstrip("0") or "0" if text.isdigit() else text


def _record(row: Row[Any], now: datetime) -> LedgerEntry:
    overdue = row.state == _WAITING and row.due_at is not None and row.due_at < now
    functional = LedgerState.LATE if overdue else LedgerState(row.state)
    return LedgerEntry(
        id=row.id,
        partner=row.partner,
        standard=row.standard,
        state=LedgerState(row.application) if row.application else functional,
        functional=functional,
        exchange_id=row.exchange_id,
        sender=row.sender,
        receiver=row.receiver,
        interchange=row.interchange,
        group=row.grp,
        message=row.message,
        type=row.type,
        code=row.code,
        interchange_code=row.interchange_code,
        due_at=row.due_at,
        decided_at=row.decided_at,
        late=row.late or overdue,
        answered_by=row.answered_by,
        related=row.related,
        created_at=row.created_at,
        findings=findings_of(row.findings),
        reference=row.reference,
        application_code=row.application_code,
        application_at=row.application_at,
        application_by=row.application_by,
        application_findings=findings_of(row.application_findings),
    )
