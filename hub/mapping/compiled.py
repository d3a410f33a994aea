"""Compiled mappings: what translators and connectors call. Built once per mapping and overlay; safe to share."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from hub.findings import Finding, Position, Severity, notice, warning
from hub.grammar import Grammar, Structure
from hub.mapping import trees
from hub.mapping.plan import Body, Leaf, Plan
from hub.mapping.reading import Handler, SegmentReader
from hub.mapping.runtime import Reading, ReadState, WriteState
from hub.mapping.writing import SegmentWriter
from hub.model import review
from hub.model.document import Document
from hub.model.invalid import findings_of

_ONE = Decimal(1)


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
        _ = (self._tree_readers, self._tree_writer) if self.shape == "tree" else (self._readers, self._writer)

    # -- reading -----------------------------------------------------------------------------------------------

    def read(self, native: Any, places: Sequence[int] = (), first: int = 2) -> Reading:
        """Read one message. Segments: ``places`` from ``structure.walk``, ``first`` the position of the first one.
        Records: ``places`` are the line numbers. Findings have segment, element and name (or tree path) filled in."""
        state = ReadState(self.plan.leaves, self.plan.grammar, lines=self.shape == "records")
        data: dict[str, Any] = {}
        self._run(native, places, first, data, state)
        return self._finish(data, state, lambda: {one.path: one for one in self.trace(native, places, first)})

    def _read_segments(
        self, segments: Sequence[Any], places: Sequence[int], first: int, data: dict[str, Any], state: ReadState
    ) -> None:
        handlers, width = self._readers[bool(state.trace)]
        frame: list[Any] = [None] * width
        frame[0] = data
        position = first
        for segment, place in zip(segments, places, strict=True):
            handlers[place](segment, frame, position, state)
            position += 1

    @cached_property
    def _readers(self) -> dict[bool, tuple[list[Handler], int]]:
        made = {}
        for trace in (False, True):
            generator = SegmentReader(self.plan, trace)
            handlers = generator.handlers()
            made[trace] = (handlers, generator.width)
        return made

    def _read_records(
        self, rows: Sequence[Mapping[str, str]], lines: Sequence[int], data: dict[str, Any], state: ReadState
    ) -> None:
        columns = self.plan.columns
        handlers, width = self._readers[bool(state.trace)]
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

    def _finish(self, data: dict[str, Any], state: ReadState, positions: Callable[[], dict[str, Traced]]) -> Reading:
        if state.checks:
            state.computed(data)
        complete(data, self.defaults)
        if state.extensions:
            data["extensions"] = state.extensions
            state.findings.append(_unmapped(state.extensions))
        try:
            document = self.plan.model.model_validate(data)
        except ValidationError as problem:
            where = positions()
            # a field whose value was refused is missing too: that has been said, once is enough
            said = {(one.position.segment, one.position.line) for one in state.findings if one.code == "mapping.value"}
            for fault in findings_of(problem):
                placed = _placed(fault, where, self.shape == "records")
                if fault.code != "model.invalid.missing" or (placed.position.segment, placed.position.line) not in said:
                    state.findings.append(placed)
            return Reading(None, state.findings)
        assert isinstance(document, Document)
        found = review(document)
        if found:
            # finding the place of a path runs the mapping again: worth it where somebody must act
            where = positions() if any(one.severity is not Severity.NOTICE for one in found) else {}
            state.findings += [_placed(finding, where, self.shape == "records") for finding in found]
        return Reading(document, state.findings)

    def trace(self, native: Any, places: Sequence[int] = (), first: int = 2) -> list[Traced]:
        """Where every canonical field of a message came from, in the order they were set; containers (a line, a role)
        are listed too, with value None. Works for a message whose document is not valid."""
        log: list[Traced] = []
        births: dict[int, tuple[int, str]] = {}
        kept: list[Any] = []

        def note(line: Leaf | Body, container: Any, at: int | str, value: Any) -> None:
            kept.append((container, value))  # ids stay unique while the objects live
            if isinstance(line, Body):
                births[id(value)] = (id(container), _grown(line, container, value))
                log.append(Traced(id(value), "", at, line, None))
            else:
                log.append(Traced(id(container), _below(line, container), at, line, value))

        self._run(
            native, places, first, {}, ReadState(self.plan.leaves, self.plan.grammar, note, self.shape == "records")
        )
        for traced in log:
            inside: int | None = traced.container
            path = traced.path
            while inside in births:
                inside, above = births[inside]
                path = above + path
            traced.path = "$" + path
        return log

    def _run(self, native: Any, places: Sequence[int], first: int, data: dict[str, Any], state: ReadState) -> None:
        if self.shape == "segments":
            self._read_segments(native, places, first, data, state)
        elif self.shape == "records":
            self._read_records(native, places, data, state)
        else:
            self._read_tree(native, data, state)

    # -- writing -----------------------------------------------------------------------------------------------

    def write(self, document: BaseModel, findings: list[Finding] | None = None) -> Any:
        """Write a document: body segments, rows, or a tree. What could not be written goes to ``findings``."""
        data = document.model_dump(mode="python", exclude_none=True)
        state = WriteState(self.plan.leaves)
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
        if findings is not None:
            findings += state.findings
        return result

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


class Traced:
    """One canonical field of one message: its path, where its value stands, and the mapping line that set it."""

    __slots__ = ("at", "container", "line", "path", "value")

    def __init__(self, container: int, path: str, at: int | str, line: Leaf | Body, value: Any) -> None:
        self.container, self.path, self.at, self.line, self.value = container, path, at, line, value


def complete(data: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """Fill in what a message says once and means everywhere: the agreement's defaults, the order's currency in its
    amounts, the line's unit in its price."""
    for name, value in defaults.items():
        if isinstance(value, Mapping) and isinstance(data.get(name), dict):
            for key, below in value.items():
                data[name].setdefault(key, below)
        else:
            data.setdefault(name, copy.deepcopy(value))
    currency = data.get("currency")
    for line in data.get("lines") or ():
        quantity = line.get("quantity")
        if quantity is not None and "value" not in quantity:  # a unit without a number: lawful, and no quantity
            del line["quantity"]
            line.setdefault("extensions", {})["quantity"] = dict(quantity)
        price = line.get("price")
        if price is not None:
            _price(line, price, currency)
        amount = line.get("line_amount_stated")
        if amount is not None and currency:
            amount.setdefault("currency", currency)
    for charge in data.get("allowances_charges") or ():
        if currency and isinstance(charge.get("amount"), dict):
            charge["amount"].setdefault("currency", currency)


def _price(line: dict[str, Any], price: dict[str, Any], currency: str | None) -> None:
    if "amount" not in price:
        del line["price"]
        line.setdefault("extensions", {})["price"] = {name: str(value) for name, value in price.items()}
        return
    if currency and not price.get("currency"):
        price["currency"] = currency
    per = price.setdefault("per", {"value": _ONE})
    per.setdefault("value", _ONE)
    unit = (line.get("quantity") or {}).get("unit")
    if unit and not per.get("unit"):
        per["unit"] = unit


def _unmapped(extensions: Mapping[str, Any]) -> Finding:
    names = sorted({name.partition("@")[0] for name in extensions})
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return notice("mapping.unread", f"not mapped, kept in extensions: {shown}")


def _below(leaf: Leaf, container: Any) -> str:
    path = ""
    for step in leaf.field:
        value = container.get(step.name) if isinstance(container, dict) else None
        path += f".{step.name}"
        if isinstance(value, list):
            path += f"[{len(value) - 1}]"
        container = value
    return path


def _grown(body: Body, container: Any, item: Any) -> str:
    path = ""
    for step in body.into:
        value = container.get(step.name)
        path += f".{step.name}"
        if isinstance(value, list):
            path += f"[{len(value) - 1}]"
        elif step.kind == "map" and isinstance(value, dict):
            path += f".{next((key for key, one in value.items() if one is item), '')}"
        container = value
    return path


def _placed(finding: Finding, where: Mapping[str, Traced], records: bool) -> Finding:
    """A finding about a canonical path, with the place in the message of that field or of the nearest one above."""
    path = finding.position.path
    while path and path not in where:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
    traced = where.get(path)
    if traced is None:
        if "[" not in finding.position.path:  # about the whole document, not about the first thing in it
            return finding
        below = next((one for known, one in where.items() if known.startswith(finding.position.path + ".")), None)
        if below is None:
            return finding
        traced = below
    line = traced.line
    places = line.places if isinstance(line, Leaf) else ()
    name = ", ".join(place.ref for place in places[:2])
    if isinstance(traced.at, str):
        return finding.at(name=f"{traced.at}/{name}" if traced.at and name else traced.at or name)
    slot = places[0].slot if places else None
    if records:
        return finding.at(line=traced.at, name=name)
    return finding.at(segment=traced.at, element=slot.element if slot else None, name=name)
