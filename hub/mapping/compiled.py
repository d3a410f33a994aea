"""Compiled mappings: what translators and connectors call. Built once per mapping and overlay; safe to share."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from pydantic import BaseModel, ValidationError

from hub.findings import Finding, Position, Severity, notice, warning
from hub.grammar import Grammar, Structure
from hub.mapping import trees
from hub.mapping.completing import complete
from hub.mapping.expression import Meaning
from hub.mapping.plan import Leaf, Plan
from hub.mapping.reading import Handler, SegmentReader
from hub.mapping.runtime import Reading, ReadState, WriteState
from hub.mapping.tracing import Log, Traced, placed
from hub.mapping.writing import SegmentWriter
from hub.model import review
from hub.model.document import Document, kind_named
from hub.model.invalid import findings_of

Traces = tuple[str, list[Traced]]
"""The kind of a document, and where its fields came from."""


class CompiledMapping:
    """One mapping, ready for use. ``version`` is the message's (``004010``), ``mapping_version`` the file's.

    ``shape`` says which native form ``read`` takes: ``segments`` (segments and their places), ``records`` (rows and
    their lines) or ``tree``. ``options`` holds the file's ``format`` block.
    """

    def __init__(self, plan: Plan, defaults: Mapping[str, Any] | None = None) -> None:
        self.plan = plan
        self.defaults = dict(defaults or {})
        self.name, self.shape, self.document, self.options = plan.name, plan.shape, plan.kind, plan.options
        self.version = plan.grammar.version if plan.grammar else ""
        self.mapping_version = plan.version

    def with_defaults(self, defaults: Mapping[str, Any]) -> CompiledMapping:
        """The same mapping for an agreement that supplies fields the message may leave out (``currency`` …)."""
        other = copy.copy(self)
        other.defaults = dict(defaults)
        return other

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of document that one of its messages may hold: ``document``, and those of its form."""
        return self.plan.form.kinds if self.plan.form is not None else (self.document,)

    @property
    def grammar(self) -> Grammar:
        """The message's grammar (for records: one made from the columns). Trees have none."""
        assert self.plan.grammar is not None, f"{self.name} has no grammar"
        return self.plan.grammar

    @cached_property
    def structure(self) -> Structure:
        """The compiled segment order."""
        return Structure(self.grammar)

    def prepare(self) -> None:
        """Generate both directions now, so that a fault in them shows here and not with the first message."""
        if self.shape == "tree":
            _ = (self._tree_readers, self._tree_writer)
        else:
            _ = (self._reader(False), self._reader(True), self._writer)

    # -- reading -----------------------------------------------------------------------------------------------

    def read(self, native: Any, places: Sequence[int] = (), first: int = 2) -> Reading:
        """Read one message. Segments: ``places`` from ``structure.walk``, ``first`` the position of the first one.
        Records: ``places`` are the line numbers. Findings have segment, element and name (or tree path) filled in."""
        state = ReadState(self.plan.leaves, self.plan.grammar, lines=self.shape == "records")
        data: dict[str, Any] = {}
        self._run(native, places, first, data, state)
        return self._finish(data, state, lambda: self.traces(native, places, first))

    def _read_segments(
        self, segments: Sequence[Any], places: Sequence[int], first: int, data: dict[str, Any], state: ReadState
    ) -> None:
        handlers, width = self._reader(bool(state.trace))
        frame: list[Any] = [None] * width
        frame[0] = data
        state.segments, state.places, state.first, state.handlers = segments, places, first, handlers
        position = first
        for segment, place in zip(segments, places, strict=True):
            handlers[place](segment, frame, position, state)
            position += 1

    def _reader(self, trace: bool) -> tuple[list[Handler], int]:
        """The generated reader, and the one that also tells where every value came from, each when it is first used."""
        made = self._readers.get(trace)
        if made is None:
            generator = SegmentReader(self.plan, trace)
            made = self._readers[trace] = (generator.handlers(), generator.width)
        return made

    @cached_property
    def _readers(self) -> dict[bool, tuple[list[Handler], int]]:
        return {}

    def _read_records(
        self, rows: Sequence[Mapping[str, str]], lines: Sequence[int], data: dict[str, Any], state: ReadState
    ) -> None:
        columns = self.plan.columns
        handlers, width = self._reader(bool(state.trace))
        frame: list[Any] = [None] * width
        frame[0] = data
        head: list[str] = []
        for number, (row, line) in enumerate(zip(rows, lines, strict=True)):
            segment = ["row", *[(row.get(column) or "").strip() for column in columns]]
            if not number:
                head = segment
                handlers[0](segment, frame, line, state)
            elif self.plan.root.parts:
                self._differs(head, segment, line, state)
            if any(segment[element] for element in self._row):
                handlers[1](segment, frame, line, state)
            for column in row.keys() - set(columns):
                if row[column]:
                    state.extensions[f"{column}@{line}"] = row[column]

    @cached_property
    def _row(self) -> frozenset[int]:
        """Elements that make a row more than a repetition of the document's head."""
        bodies = [body for part in self.plan.root.parts[1:] for body in part.bodies]
        places = [place for body in bodies for leaf in body.leaves for place in leaf.places]
        return frozenset(place.slot.element for place in places if place.slot)

    @cached_property
    def _head(self) -> list[tuple[int, Leaf]]:
        leaves = [leaf for body in self.plan.root.parts[0].bodies for leaf in body.leaves]
        return [(place.slot.element, leaf) for leaf in leaves for place in leaf.places if place.slot]

    def _differs(self, head: list[str], segment: list[str], line: int, state: ReadState) -> None:
        for element, leaf in self._head:
            if segment[element] and segment[element] != head[element]:
                name = self.plan.columns[element - 1]
                state.findings.append(
                    warning(
                        "mapping.record.differs",
                        f"differs from the first row of this document ({head[element]!r})",
                        Position(line=line, name=name),
                        value=segment[element][:99],
                    )
                )
                state.keep(leaf, segment[element], line)

    def _read_tree(self, tree: Any, data: dict[str, Any], state: ReadState) -> None:
        inner = trees.get(tree, self.plan.root_path) if self.plan.root_path else tree
        if not isinstance(inner, dict) and isinstance(tree, dict):
            inner = tree  # the caller may hand over the element itself
        self._tree_readers[bool(state.trace)](inner if isinstance(inner, dict) else {}, data, "", state)

    @cached_property
    def _tree_readers(self) -> dict[bool, trees.ReadTree]:
        return {trace: trees.TreeReader(self.plan, trace).function() for trace in (False, True)}

    def _finish(self, data: dict[str, Any], state: ReadState, traces: Callable[[], list[Traces]]) -> Reading:
        if state.checks:
            state.computed(data)
        form = self.plan.form
        made = [(self.document, data)] if form is None else form.documents(data, state.findings)
        unread = state.extensions
        if form is None:
            if unread:
                data["extensions"] = unread
        else:
            for _, one in made:
                unread = unread | one.get("extensions", {})
        if unread:
            state.findings.append(_unmapped(unread))
        where = _Places(traces)
        documents = []
        for number, (kind, one) in enumerate(made):
            complete(one, self.defaults if kind == self.document else {})
            document = self._document(kind_named(kind), one, state, partial(where.of, number))
            if document is not None:
                documents.append(document)
        return Reading(documents, state.findings, unread)

    def _document(
        self, model: type[Document], data: dict[str, Any], state: ReadState, where: Callable[[], dict[str, Traced]]
    ) -> Document | None:
        records = self.shape == "records"
        try:
            document = model.model_validate(data)
        except ValidationError as problem:
            # a field whose value was refused is missing too: that has been said, once is enough
            said = {(one.position.segment, one.position.line) for one in state.findings if one.code == "mapping.value"}
            for fault in findings_of(problem):
                found = placed(fault, where(), records)
                if fault.code != "model.invalid.missing" or (found.position.segment, found.position.line) not in said:
                    state.findings.append(found)
            return None
        remarks = review(document)
        if remarks:
            # finding the place of a path runs the mapping again: worth it where somebody must act
            paths = where() if any(one.severity is not Severity.NOTICE for one in remarks) else None
            state.findings += [placed(finding, paths, records) for finding in remarks] if paths else remarks
        return document

    def trace(self, native: Any, places: Sequence[int] = (), first: int = 2) -> list[Traced]:
        """Where every canonical field of a message came from, in the order they were set; containers (a line, a role)
        are listed too, with value None. Works for a message whose document is not valid."""
        return [traced for _, log in self.traces(native, places, first) for traced in log]

    def traces(self, native: Any, places: Sequence[int] = (), first: int = 2) -> list[Traces]:
        """The same for each document of a message, with its kind."""
        log, data = Log(), dict[str, Any]()
        state = ReadState(self.plan.leaves, self.plan.grammar, log.note, self.shape == "records")
        self._run(native, places, first, data, state)
        if self.plan.form is None:
            return [(self.document, log.of_document())]
        return [(kind, log.within(one)) for kind, one in self.plan.form.documents(data, [])]

    def _run(self, native: Any, places: Sequence[int], first: int, data: dict[str, Any], state: ReadState) -> None:
        if self.shape == "segments":
            self._read_segments(native, places, first, data, state)
        elif self.shape == "records":
            self._read_records(native, places, data, state)
        else:
            self._read_tree(native, data, state)

    # -- writing -----------------------------------------------------------------------------------------------

    def write(self, document: BaseModel, findings: list[Finding] | None = None) -> Any:
        """Write a document: body segments, rows, or a tree. What could not be written goes to ``findings``. Raises
        ``ValueError`` for a document whose form takes several messages (or none): see ``messages``."""
        if self.plan.form is None:
            return self._write(document.model_dump(mode="python", exclude_none=True), findings)
        assert isinstance(document, Document)
        (message,) = self.messages([document], findings)
        return message

    def messages(
        self, documents: Sequence[Document], findings: list[Finding] | None = None, *, complete: bool = False
    ) -> list[Any]:
        """Write documents as as many messages as they take: one each, unless the mapping's form says otherwise.
        ``complete``: what lacks a mandatory element or breaks a syntax note is left out, with a finding."""
        found = findings if findings is not None else []
        if self.plan.form is None:
            forms = [one.model_dump(mode="python", exclude_none=True) for one in documents]
        else:
            forms = self.plan.form.forms(documents, found)
        return [self._write(form, found, complete) for form in forms]

    def _write(self, data: dict[str, Any], findings: list[Finding] | None, complete: bool = False) -> Any:
        state = WriteState(self.plan.leaves, complete)
        result: Any
        if self.shape == "tree":
            tree: dict[str, Any] = {}
            self._tree_writer(data, tree, state, "", data)
            for name in reversed(self.plan.root_path):
                tree = {name: tree}
            result = tree
        else:
            result = []
            self._writer(data, result, state, "", data)
            if self.shape == "records":
                result = self._rows(result)
        form = self.plan.form
        if form is not None and form.unsaid is not None:
            for what, count in form.unsaid(data, self._said):
                state.lost(what, count)
        if findings is not None:
            findings += state.findings
        return result

    @cached_property
    def _said(self) -> frozenset[str]:
        """Fields of the document or form that lines write."""
        bodies = list(self.plan.root.walk())
        paths = [body.into for body in bodies if body.into]
        paths += [leaf.field for one in bodies for leaf in one.leaves if leaf.meaning is Meaning.FIELD]
        return frozenset(path[0].name for path in paths if path)

    @cached_property
    def _writer(self) -> Any:
        return SegmentWriter(self.plan).function()

    @cached_property
    def _tree_writer(self) -> Any:
        return trees.TreeWriter(self.plan).function()

    def _rows(self, segments: list[list[Any]]) -> list[dict[str, str]]:
        """The head's columns repeated in every row."""
        columns = self.plan.columns
        named = [{columns[at]: text for at, text in enumerate(one[1:]) if text} for one in segments]
        heads = [row for row, one in zip(named, segments, strict=True) if one[0] == "head"]
        rows = [row for row, one in zip(named, segments, strict=True) if one[0] == "row"]
        head = heads[0] if heads else {}
        return [{column: (head | row).get(column, "") for column in columns} for row in rows or [{}]]


def _unmapped(extensions: Mapping[str, Any]) -> Finding:
    names = sorted({name.partition("@")[0] for name in extensions})
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return notice("mapping.unread", f"not mapped, kept in extensions: {shown}")


class _Places:
    """Where the fields of each document of a message stand, found when it is first asked for."""

    def __init__(self, traces: Callable[[], list[Traces]]) -> None:
        self._traces = traces
        self._found: list[dict[str, Traced]] | None = None

    def of(self, number: int) -> dict[str, Traced]:
        """Traced fields by path of the document with this number, from 0."""
        if self._found is None:
            self._found = [{one.path: one for one in log} for _, log in self._traces()]
        return self._found[number] if number < len(self._found) else {}
