"""Fetching what changed: pages of an ERP's list, mapped item by item, with a watermark that cannot skip anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub.findings import Finding, Position, warning
from hub.translation import Pulled
from hub_soap import answers, times
from hub_soap.answers import Tree
from hub_soap.client import SoapClient
from hub_soap.errors import CallFailed, CallRejected, EndpointSetup, Kind
from hub_soap.settings import Pull

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.model.document import Document


@dataclass(slots=True)
class _Page:
    """New items of one answer, with the latest change time up to here and whether everything before it was seen."""

    items: list[Any]
    complete_to: datetime | None
    findings: list[Finding] = field(default_factory=list)


class Puller:
    """One ``pull`` block at work. ``now`` is the hub's clock."""

    def __init__(
        self,
        client: SoapClient,
        kind: str,
        spec: Pull,
        mapping: CompiledMapping,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.client, self.kind, self.spec, self.mapping, self.now = client, kind, spec, mapping, now
        self.zone = client.endpoint.time_zone

    def run(self, since: str | None) -> Iterator[Pulled]:
        """Batches, oldest first. The watermark of a batch never lies after something that was not yet given out, so
        that a run which ends in the middle continues without a gap; what is given out again is the same document."""
        if self.spec.changed is None:
            yield from self._full(since)
            return
        reached = times.from_watermark(since)
        before = since or ""
        for page in self._pages(reached):
            if page.complete_to is not None:
                # A date in the future, by a wrong clock or a typing error, must not hide the changes until then.
                capped = min(page.complete_to, self.now())
                reached = capped if reached is None else max(reached, capped)
            after = times.watermark(reached) if reached else before
            yield from self._batches(page.items, before, after, page.findings)
            before = after

    def _full(self, since: str | None) -> Iterator[Pulled]:
        """A list without a filter is read whole, and given out only when anything in it is other than last time."""
        items = [item for page in self._pages(None) for item in page.items]
        text = json.dumps(items, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
        mark = "sha256:" + hashlib.sha256(text).hexdigest()
        if mark != since:
            yield from self._batches(items, since or "", mark, [])

    def _batches(self, items: list[Any], before: str, after: str, findings: list[Finding]) -> Iterator[Pulled]:
        size = self.spec.batch
        for start in range(0, max(len(items), 1), size):
            documents: list[Document] = []
            found = list(findings) if start == 0 else []
            for item in items[start : start + size]:
                for document, more in self._mapped(item):
                    documents += [document] if document is not None else []
                    found += more
            last = start + size >= len(items)
            if documents or found or (last and after != before):
                yield Pulled(tuple(documents), after if last else before, tuple(found))

    def _mapped(self, item: Tree) -> Iterator[tuple[Document | None, list[Finding]]]:
        name = self._id(item)
        whole = self._reread(item, name) if self.spec.reread else item
        for tree in split(whole, self.spec.split):
            if self.spec.omit and isinstance(tree, dict):
                tree = {member: value for member, value in tree.items() if member not in self.spec.omit}
            reading = self.mapping.read(tree)
            yield (
                reading.document,
                [finding.at(file=self.client.name, message=f"{self.kind} {name}") for finding in reading.findings],
            )

    def _reread(self, item: Tree, name: str) -> Tree:
        reread = self.spec.reread
        assert reread is not None
        return answers.at(self._call(lambda: self.client.call(reread, {"id": name}, repeat=True)), reread.item)

    def _id(self, item: Tree) -> str:
        return answers.text(answers.at(item, self.spec.id))

    # -- pages ---------------------------------------------------------------------------------------------------

    def _pages(self, since: datetime | None) -> Iterator[_Page]:
        changed, paging = self.spec.changed, self.spec.paging
        cursor = times.earlier(since, changed.overlap) if changed else None
        number, seen, latest = paging.first if paging else 1, set[tuple[str, str]](), since
        asked, ordered = self._since(cursor), bool(paging and paging.ordered)
        for _ in range(paging.maximum if paging else 1):
            answer = self._list(asked, number)
            rows = answers.items(answer, self.spec.items)
            fresh = [row for row in rows if self._mark(row) not in seen]
            seen.update(map(self._mark, fresh))
            moments = [moment for row in rows if (moment := self._moment(row))]
            findings = self._undated(fresh)
            if ordered and moments != sorted(moments):
                ordered = False
                findings.append(
                    warning(
                        "soap.unordered",
                        "the list is not sorted by its change time, although `ordered: true` says so",
                        Position(file=self.client.name, message=self.kind),
                    )
                )
            latest = max([moment for moment in (latest, *moments) if moment], default=None)
            last = self._last(answer, rows, fresh)
            if last:
                self._check_total(answer, seen)
            yield _Page(fresh, latest if last or ordered else None, findings)
            if last:
                return
            # Sorted by change time: go on from the last time seen instead of by page number, because a change in
            # between moves its item to the end and everything after it one place forward, over the page's border.
            further = self._since(times.earlier(moments[-1], 1)) if ordered and moments else asked
            asked, number = (further, paging.first) if further != asked and paging else (asked, number + 1)
        assert paging is not None
        raise EndpointSetup(
            f"{self.client.name}.{self.spec.operation}: no end after {paging.maximum} pages",
            hint="Check `paging`: does the server know the page parameter? Or raise paging.maximum.",
        )

    def _list(self, since: str | None, page: int) -> Tree:
        paging = self.spec.paging
        values = {"since": since, "page": str(page), "size": str(paging.size) if paging else None}
        return self._call(lambda: self.client.call(self.spec, values, repeat=True))

    def _call(self, call: Callable[[], Tree]) -> Tree:
        """A refused list is no matter of one document: somebody must look at the endpoint file or the ERP."""
        try:
            return call()
        except CallRejected as error:
            raise EndpointSetup(
                f"{error}",
                hint="Compare the parameters with the ERP's documentation; a fault that "
                "means something else can be given another kind under `faults`.",
            ) from None

    def _since(self, moment: datetime | None) -> str | None:
        changed = self.spec.changed
        return None if changed is None or moment is None else times.written(moment, changed.write, self.zone)

    def _last(self, answer: Tree, rows: list[Any], fresh: list[Any]) -> bool:
        paging = self.spec.paging
        if paging is None or not rows or (not fresh and not paging.more):
            return True
        if paging.more:
            return answers.text(answers.at(answer, paging.more)).lower() not in ("true", "1", "yes", "y")
        return len(rows) < paging.size

    def _check_total(self, answer: Tree, seen: set[tuple[str, str]]) -> None:
        total = answers.text(answers.at(answer, self.spec.paging.total)) if self.spec.paging else ""
        if total.isdigit() and not self.spec.changed and int(total) != len({name for name, _ in seen}):
            raise CallFailed(
                f"{self.client.name}.{self.spec.operation}: the list changed while it was read "
                f"({len(seen)} items of {total})",
                Kind.RETRY,
            )

    def _moment(self, row: Tree) -> datetime | None:
        changed = self.spec.changed
        if changed is None:
            return None
        return times.parsed(answers.text(answers.at(row, changed.member)), changed.read, self.zone)

    def _mark(self, row: Tree) -> tuple[str, str]:
        changed = self.spec.changed
        return self._id(row), answers.text(answers.at(row, changed.member)) if changed else ""

    def _undated(self, rows: list[Any]) -> list[Finding]:
        changed = self.spec.changed
        if changed is None:
            return []
        return [
            warning(
                "soap.undated",
                f"no readable change time at '{changed.member}': this item is fetched, but its "
                "later changes may be missed",
                Position(file=self.client.name, message=f"{self.kind} {self._id(row)}", name=changed.member),
                value=answers.text(answers.at(row, changed.member))[:99],
            )
            for row in rows
            if self._moment(row) is None
        ]


def split(item: Tree, path: str) -> Iterator[Tree]:
    """``item`` once for every occurrence at ``path``, each time with only that one; as it is for an empty path."""
    if not path:
        yield item
        return
    for part in answers.items(item, path):
        yield _only(item, path.split("/"), part)


def _only(item: Tree, names: list[str], part: Tree) -> Tree:
    if not names:
        return part
    if isinstance(item, list):
        item = item[0] if item else {}
    base = item if isinstance(item, dict) else {}
    return {**base, names[0]: _only(base.get(names[0]), names[1:], part)}
