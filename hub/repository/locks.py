"""Named locks with a lease: one process at a time does a job. A killed one does not block it: on the same machine it is
seen to be dead, elsewhere its lease runs out."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.repository.failures import RepositoryBusy
from hub.repository.identifiers import new_id
from hub.repository.processes import is_dead, this_process
from hub.repository.tables import locks
from hub.repository.types import bounded
from hub.repository.work import Work

Begin = Callable[[], AbstractContextManager[Work]]


class Lock:
    """A lock that is taken on entering and given back on leaving. ``renew`` before ``ttl`` is over."""

    def __init__(self, name: str, ttl: timedelta, begin: Begin) -> None:
        self.name, self.ttl = bounded(name, 300), ttl
        self._begin = begin
        self._owner = new_id()

    def __enter__(self) -> Lock:
        """Take the lock. Raises RepositoryBusy, naming the holder, if somebody has it."""
        with self._begin() as work:
            now = _clock(work)
            row = {
                "owner": self._owner,
                "holder": bounded(f"{socket.gethostname()} process {os.getpid()}"),
                "until": now + self.ttl,
                "process": this_process(),
            }
            found = work.one(select(locks.c.process).where(locks.c.name == self.name))
            # Nobody but the dead one had this name: who takes it first changes it, and the others see that.
            dead = found.process if found and is_dead(found.process) else None
            free = (locks.c.until <= now) | (locks.c.process == dead)
            statement: Any = postgresql.insert(locks) if work.postgresql else sqlite.insert(locks)
            statement = statement.values(name=self.name, **row).on_conflict_do_update(
                index_elements=["name"], set_=row, where=free
            )
            # Without the option, SQLAlchemy does not keep the count of an INSERT.
            if work.write(statement.execution_options(preserve_rowcount=True)).rowcount != 1:
                held = work.one(select(locks.c.holder, locks.c.until).where(locks.c.name == self.name))
                until = f" until {held.until:%Y-%m-%d %H:%M:%S} UTC at the latest" if held else ""
                raise RepositoryBusy(f"{self.name!r} is being done by {held.holder if held else 'another'}{until}")
        return self

    def renew(self) -> None:
        """Hold the lock for another ``ttl`` from now. Raises RepositoryBusy if it was lost to somebody else."""
        with self._begin() as work:
            changed = work.write(
                update(locks)
                .where(locks.c.name == self.name, locks.c.owner == self._owner)
                .values(until=_clock(work) + self.ttl)
            )
            if not changed.rowcount:
                raise RepositoryBusy(f"the lock {self.name!r} was lost: its {self.ttl} ran out and another took it")

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back, unless somebody else has it by now."""
        with self._begin() as work:
            work.write(delete(locks).where(locks.c.name == self.name, locks.c.owner == self._owner))


def _clock(work: Work) -> datetime:
    """One clock for everybody: the server's on PostgreSQL, this machine's on SQLite."""
    if not work.postgresql:
        return datetime.now(UTC)
    now: datetime = work.connection.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)
