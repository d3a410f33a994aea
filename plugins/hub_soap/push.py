"""Delivering one document exactly once: find by the hub's key, create, read back, compare.

An ERP that is asked twice to create an order makes two. So nothing is created before the key was looked up, nothing
is created again after an answer was lost, and a process killed between creating and remembering finds its own order
when it runs again. Two processes must not push one key at the same moment; the hub's outbox sees to that.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.findings import Finding, Position, error, rejects, warning
from hub.translation import Receipt
from hub_soap import answers
from hub_soap.answers import Tree
from hub_soap.client import SoapClient
from hub_soap.errors import CallFailed, CallRejected, EndpointSetup, Kind
from hub_soap.settings import Push

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.model.document import Document


class Pusher:
    """One ``push`` block at work."""

    def __init__(self, client: SoapClient, kind: str, spec: Push, mapping: CompiledMapping) -> None:
        self.client, self.kind, self.spec, self.mapping = client, kind, spec, mapping

    def run(self, document: Document, key: str) -> Receipt:
        """Deliver ``document`` under ``key``. Raises ``CallFailed`` where the outcome is unknown or the ERP is away,
        ``CallRejected`` where the ERP refuses the document."""
        written: list[Finding] = []
        sent = self.mapping.write(document, written)
        if rejects(written):
            raise CallRejected(
                f"{self.client.name}: this {self.kind} cannot be written for the ERP", Kind.INVALID, tuple(written)
            )
        found, findings = self._find(key)
        findings = written + findings
        created = not found
        if created:
            found, created = self._create(sent, key)
        back = self._read(found, key)
        findings += self._key_findings(back, found, key, created)
        if not created and self.spec.update and self._differences(sent, back):
            back = self._update(sent, back, found, key)
            findings += self._key_findings(back, found, key, created=True)
        findings += [
            warning(
                "soap.differs",
                f"{path}: the ERP holds something else than was sent",
                Position(file=self.client.name, message=f"{self.kind} {found}", path=path),
                value=f"sent {ours}, there {theirs}"[:99],
            )
            for path, ours, theirs in self._differences(sent, back)
        ]
        return Receipt(found, created, tuple(findings))

    # -- finding and creating ------------------------------------------------------------------------------------

    def _find(self, key: str) -> tuple[str, list[Finding]]:
        """The ERP's id for ``key``, '' if it has none; a finding where it has several."""
        find = self.spec.find
        try:
            tree = self.client.call(find, {"key": key}, repeat=True)
        except CallRejected as refused:
            if refused.kind is Kind.NOT_FOUND:
                return "", []
            raise
        ids = [
            name
            for item in answers.items(tree, find.item)
            if (name := answers.text(answers.at(item, find.id)))
            and (not find.key or answers.text(answers.at(item, find.key)) == key)
        ]
        if len(set(ids)) < 2:
            return (ids[0] if ids else ""), []
        return ids[0], [
            error(
                "soap.duplicate",
                f"the ERP holds {len(ids)} documents under one key; cancel all but {ids[0]} there",
                Position(file=self.client.name, message=f"{self.kind} {key}"),
                value=", ".join(ids)[:99],
            )
        ]

    def _create(self, sent: dict[str, Any], key: str) -> tuple[str, bool]:
        """Create, and make certain of it. Returns the ERP's id and whether this run created it."""
        create = self.spec.create
        try:
            tree = self.client.call(create, {"document": sent, "key": key}, repeat=False)
        except CallFailed as lost:
            if lost.kind is not Kind.UNKNOWN:
                raise
            return self._settled(key, lost), True
        except CallRejected as refused:
            if refused.kind is not Kind.DUPLICATE:
                raise
            found, _ = self._find(key)
            if not found:
                raise
            return found, False
        name = answers.text(answers.at(tree, create.id)) if create.id else ""
        if not name:
            # Some servers answer the same empty result for success and for failure: only looking tells.
            name = self._settled(
                key,
                CallFailed(
                    f"{self.client.name}.{create.operation}: the answer holds no '{create.id or 'id'}'", Kind.UNKNOWN
                ),
            )
        return name, True

    def _settled(self, key: str, lost: HubError) -> str:
        """Look up after a lost answer, for as long as ``settle`` says: the server may still be at work on it. Never
        creates again; if nothing is found, the next delivery begins with looking, like every delivery."""
        waited, pause = 0.0, 0.0
        while True:
            found, _ = self._find(key)
            if found:
                return found
            if waited >= self.spec.settle:
                raise CallFailed(
                    f"{lost}; the document is not there after {waited:g} s. The next delivery looks for it first",
                    Kind.UNKNOWN,
                ) from None
            pause = min(max(pause * 2, 0.25), self.spec.settle - waited)
            self.client.sleep(pause)
            waited += pause

    # -- reading back --------------------------------------------------------------------------------------------

    def _read(self, name: str, key: str) -> Tree:
        read = self.spec.read
        try:
            return answers.at(self.client.call(read, {"id": name, "key": key}, repeat=True), read.item)
        except CallRejected as refused:
            raise CallFailed(f"{refused}: reading back what was delivered as {name} is refused", Kind.UNKNOWN) from None

    def _update(self, sent: dict[str, Any], back: Tree, name: str, key: str) -> Tree:
        """Replace the ERP's document by its own content with ours laid over it, because an update wipes every member
        that it does not name, the hub's own key included."""
        update = self.spec.update
        assert update is not None
        whole = merged(back, sent)
        self.client.call(update, {"document": whole, "id": name, "key": key}, repeat=True, prune=True)
        return self._read(name, key)

    def _key_findings(self, back: Tree, name: str, key: str, created: bool) -> list[Finding]:
        place = Position(file=self.client.name, message=f"{self.kind} {name}", name=self.spec.read.key)
        held = answers.text(answers.at(back, self.spec.read.key))
        if held == key:
            return []
        if held and not created:
            # Taking a stranger's order for ours would lose ours.
            raise EndpointSetup(
                f"{self.client.name}.{self.spec.find.operation}: looking up the key {key!r} found {name}, whose key is "
                f"{held[:99]!r}; nothing was delivered",
                hint="The look-up does not search for the whole key: check its parameters, or name the key's path in "
                "what it finds as `find.key`.",
            )
        what = "does not keep the hub's key" if not held else "keeps another key than the hub's"
        return [
            error(
                "soap.key_lost",
                f"the ERP {what}: the next delivery could create this document again",
                place,
                value=held[:99],
            )
        ]

    def _differences(self, sent: dict[str, Any], back: Tree) -> list[tuple[str, str, str]]:
        """Canonical fields that were sent and are not what the ERP holds. Both sides go through the mapping, so that
        ``2.5`` and ``2.50000000`` are equal and a code is compared by its meaning."""
        ours, theirs = (self._canonical(tree) for tree in (sent, back if isinstance(back, dict) else {}))
        return [
            (path, str(value), str(theirs.get(path, "nothing")))
            for path, value in ours.items()
            if theirs.get(path) != value and not any(fnmatch.fnmatchcase(path, one) for one in self.spec.ignore)
        ]

    def _canonical(self, tree: dict[str, Any]) -> dict[str, Any]:
        """The canonical values of a tree by path, as Python's, so that numbers and times compare by value."""
        reading = self.mapping.read(tree)
        if reading.document is None:
            return {}
        return dict(_leaves(reading.document.model_dump(exclude={"extensions", "provenance"}), ""))


def merged(theirs: Any, ours: Any) -> Any:
    """``theirs`` with ``ours`` laid over it: structures by member, lists item by item while they are equally long,
    otherwise ours alone."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return {**theirs, **{name: merged(theirs.get(name), value) for name, value in ours.items()}}
    if isinstance(ours, list):
        before = theirs if isinstance(theirs, list) else [theirs]
        return [merged(a, b) for a, b in zip(before, ours, strict=True)] if len(before) == len(ours) else ours
    return theirs if ours is None else ours


def _leaves(data: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, value in data.items():
            # How an identifier was written (`raw`) is no part of what it says.
            if name not in ("extensions", "raw"):
                yield from _leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _leaves(value, f"{path}[{index}]")
    elif data is not None and data != "":
        yield path, data
