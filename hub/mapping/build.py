"""From the text of a mapping to its plan: every name is resolved here, and every mistake has a file and a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Grammar
from hub.located import did_you_mean
from hub.mapping import fields
from hub.mapping.codes import CodeLists
from hub.mapping.converters import Converter, Environment, Pair, chain
from hub.mapping.expression import Access, Call, Form, Meaning, parse_path, parse_refs, parse_right
from hub.mapping.fitting import fits
from hub.mapping.plan import Body, Guard, Leaf, Part, Place, Plan
from hub.mapping.shapes import Level, RecordLevel, SegmentLevel, TreeLevel
from hub.mapping.source import Block, Entry, Listing, Text, fault

RESERVED = frozenset({"into", "key", "by", "when"})
HEADER = frozenset(
    ["document", "grammar", "version", "extends", "format", "group-by", "columns", "rows", "tree", "operation", "title"]
)


class Builder:
    """Builds one plan. ``grammar_of`` finds a grammar by name, ``kinds`` are the canonical classes by name."""

    def __init__(
        self,
        name: str,
        block: Block,
        *,
        kinds: Mapping[str, type[BaseModel]],
        converters: Mapping[str, Converter],
        codes: CodeLists,
        grammar_of: Callable[[str], Grammar | None],
    ) -> None:
        self.name, self.block = name, block
        self.kinds, self.converters, self.codes, self.grammar_of = kinds, converters, codes, grammar_of
        self.leaves: list[Leaf] = []
        self.bodies = 0

    def build(self) -> Plan:
        """The plan; raises ``ConfigurationError`` at the first mistake."""
        block = self.block
        kind = block.text("document")
        if kind not in self.kinds:
            at = block.entries.get("document")
            message = (
                f"there is no canonical document '{kind}'" if at else "the file does not say which document it makes"
            )
            raise ConfigurationError(
                message,
                file=block.file,
                line=at.line if at else 1,
                hint=did_you_mean(kind, self.kinds) or "write: document: Order",
            )
        model = self.kinds[kind]
        options = self._options()
        plan = Plan(
            name=self.name,
            version=block.text("version", "1"),
            kind=kind,
            model=model,
            shape="segments",
            root=self._body(None, model),
            leaves=self.leaves,
            options=options,
        )
        if "tree" in block.entries:
            self._tree(plan)
        elif "columns" in block.entries or "rows" in block.entries:
            self._records(plan)
        else:
            self._segments(plan)
        return plan

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for key in ("format", "operation"):
            value = self.block.get(key)
            if isinstance(value, Block):
                options |= value.plain() if key == "format" else {key: value.plain()}
            elif value is not None:
                raise fault(f"{key} must be 'name: value' lines", value)
        return options

    # -- shapes ------------------------------------------------------------------------------------------------

    def _segments(self, plan: Plan) -> None:
        wanted = self.block.text("grammar")
        at = self.block.entries.get("grammar")
        grammar = self.grammar_of(wanted) if wanted else None
        if grammar is None:
            message = f"grammar '{wanted}' is not known" if wanted else "names no grammar, columns or tree"
            raise ConfigurationError(
                message,
                file=self.block.file,
                line=at.line if at else 1,
                hint="see 'hub plugins' for what is installed; write: grammar: x12/004010/850",
            )
        plan.grammar = grammar
        self.env = Environment(self.codes, wanted.split("/")[0], grammar.version, plan.options)
        entries = {key: entry for key, entry in self.block.entries.items() if key not in HEADER}
        self._fill(plan.root, Block(entries, self.block.file, self.block.line), SegmentLevel(grammar))

    def _records(self, plan: Plan) -> None:
        plan.shape = "records"
        self._only(HEADER)
        self.env = Environment(self.codes, "csv", "", plan.options)
        level = RecordLevel()
        plan.group_by = self.block.text("group-by")
        columns = self.block.get("columns")
        head = Part("head", [], segment=level.segment, nodes=(0,))
        body = self._body(None, plan.model)
        head.bodies.append(body)
        if isinstance(columns, Block):
            self._fill(body, columns, level)
        plan.root.parts.append(head)
        rows = self.block.entries.get("rows")
        if rows is not None:
            plan.root.parts += self._part(rows, plan.root, level, loop=True, nodes=(1,))
        if plan.group_by:
            level.resolve(plan.group_by)
        plan.columns = tuple(level.columns)
        plan.grammar = level.grammar(self.name)
        for part, name in zip(plan.root.parts, ("head", "row"), strict=False):
            part.segment = plan.grammar.segments[name]

    def _tree(self, plan: Plan) -> None:
        plan.shape = "tree"
        self._only(HEADER)
        self.env = Environment(self.codes, "tree", "", plan.options)
        tree = self.block.get("tree")
        if not isinstance(tree, Block) or not tree.entries:
            raise ConfigurationError("tree holds nothing", file=self.block.file, line=self.block.line)
        only = next(iter(tree.entries.values()))
        if len(tree.entries) == 1 and isinstance(only.value, Block) and "into" not in only.value.entries:
            plan.root_path = tuple(only.key.split("/"))
            tree = only.value
        self._fill(plan.root, tree, TreeLevel())

    def _only(self, known: frozenset[str]) -> None:
        for key, entry in self.block.entries.items():
            if key not in known:
                raise fault(f"'{key}' has no meaning here", entry, did_you_mean(key, known))

    # -- bodies ------------------------------------------------------------------------------------------------

    def _body(self, entry: Entry | None, model: type[BaseModel]) -> Body:
        self.bodies += 1
        return Body(self.bodies - 1, entry, model)

    def _fill(self, body: Body, block: Block, level: Level) -> None:
        """Put the lines and parts of ``block`` into ``body``."""
        for key, entry in block.entries.items():
            if key in RESERVED:
                continue
            value = entry.value
            if isinstance(value, Text):
                body.leaves.append(self._leaf(entry, body.model, level))
            else:
                body.parts += self._child(entry, body, level)
        self._check_twice(body)
        if isinstance(level, SegmentLevel):
            body.parts.sort(key=lambda part: part.nodes[0])

    def _child(self, entry: Entry, body: Body, level: Level) -> list[Part]:
        found = level.part(entry.key)
        if found is None:
            known = level.names()
            raise fault(f"{entry.key} does not exist in {level.title}", entry, did_you_mean(entry.key, known))
        return self._part(entry, body, found, loop=found.loop, nodes=found.nodes)

    def _part(self, entry: Entry, parent: Body, level: Level, *, loop: bool, nodes: tuple[int, ...]) -> list[Part]:
        blocks = entry.value.items if isinstance(entry.value, Listing) else [entry.value]
        part = Part(entry.key, [], loop=loop, segment=level.segment, nodes=nodes, path=level.path)
        for block in blocks:
            if not isinstance(block, Block):
                raise fault(f"{entry.key} must hold 'element: field' lines", block)
            part.bodies += self._bodies(entry, block, parent.model, level)
        return [part]

    def _bodies(self, entry: Entry, block: Block, model: type[BaseModel], level: Level) -> list[Body]:
        """The alternatives that one block stands for: one per branch of ``by``, one if there is none."""
        branches = self._branches(block, level)
        if not branches:
            return self._one(entry, block, model, level, [])
        by = self._place(block.text("by"), block.entries["by"], level)
        shared = {key: one for key, one in block.entries.items() if key != "by" and key not in branches}
        out: list[Body] = []
        for value in sorted(branches, key=lambda one: one == "*"):
            inner = branches[value].value
            assert isinstance(inner, Block)
            merged = Block(shared | inner.entries, inner.file, inner.line)
            guards = [] if value == "*" else [Guard(by, value)]
            out += self._one(branches[value], merged, model, level, guards)
        return out

    def _branches(self, block: Block, level: Level) -> dict[str, Entry]:
        if "by" not in block.entries:
            return {}
        branches = {
            key: entry
            for key, entry in block.entries.items()
            if isinstance(entry.value, Block) and key not in RESERVED and (key == "*" or level.part(key) is None)
        }
        if not branches:
            raise fault("'by' has no branches", block.entries["by"], 'write: "002": { DTM02: … }')
        return branches

    def _one(self, entry: Entry, block: Block, model: type[BaseModel], level: Level, guards: list[Guard]) -> list[Body]:
        into_entry = block.entries.get("into")
        into: tuple[Access, ...] = ()
        if into_entry is not None:
            into = parse_path(block.text("into"), into_entry.file, into_entry.line)
            kind = self._kind(model, into, into_entry)
            if kind.model is None:
                raise fault(f"{block.text('into')} holds no objects", into_entry)
            model = kind.model
        body = self._body(entry, model)
        body.into = into
        body.guards = guards + self._when(block, level)
        if into and into[-1].kind == "map":
            body.key = self._key(block, model, level, entry)
        trigger = level.trigger_key()
        own = block.entries.get(trigger) if trigger else None
        rest = Block({k: e for k, e in block.entries.items() if k != trigger or own is None}, block.file, block.line)
        self._fill(body, rest, level)
        if own is None:
            return [body]
        return self._merge_trigger(body, own, level)

    def _merge_trigger(self, body: Body, own: Entry, level: Level) -> list[Body]:
        """A group's first segment written as a part of it (EDIFACT ``SG2: { NAD: … }``): one body with the group."""
        inner = level.trigger_level()
        (part,) = self._part(own, body, inner, loop=False, nodes=level.nodes)
        out = []
        for one in part.bodies:
            if one.into and body.into:
                raise fault("'into' stands both in the group and in its first segment", own)
            merged = replace(body, leaves=body.leaves + one.leaves, guards=body.guards + one.guards)
            merged.number, merged.parts = one.number, list(body.parts)
            if one.into:
                merged.into, merged.key, merged.model = one.into, one.key, one.model
                if body.parts or body.leaves:
                    raise fault(
                        "'into' in the group's first segment does not reach the rest of the group",
                        own,
                        "write 'by' and 'into' in the group itself",
                    )
            self._check_twice(merged)
            out.append(merged)
        return out

    def _when(self, block: Block, level: Level) -> list[Guard]:
        value = block.get("when")
        if value is None:
            return []
        if not isinstance(value, Block):
            raise fault("'when' must be '{ element: value }'", value)
        return [Guard(self._place(key, entry, level), value.text(key)) for key, entry in value.entries.items()]

    def _key(self, block: Block, model: type[BaseModel], level: Level, entry: Entry) -> Leaf:
        at = block.entries.get("key")
        if at is None:
            raise fault("a keyed map needs 'key: element | converter'", block.entries.get("into", entry))
        left, _, right = block.text("key").partition("|")
        pair = self._pair([*parse_right("x|" + right, at.file, at.line).calls] if right else [], at, None)
        return self._number(
            Leaf(0, at, Form.VALUE, Meaning.FIELD, (self._place(left.strip(), at, level),), (Access("key"),), pair)
        )

    # -- lines -------------------------------------------------------------------------------------------------

    def _number(self, leaf: Leaf) -> Leaf:
        leaf = replace(leaf, number=len(self.leaves))
        self.leaves.append(leaf)
        return leaf

    def _place(self, ref: str, entry: Entry, level: Level) -> Place:
        place = level.resolve(ref)
        if place is None:
            raise fault(f"{level.title} has no element {ref}", entry, did_you_mean(ref, level.elements()))
        return place

    def _leaf(self, entry: Entry, model: type[BaseModel], level: Level) -> Leaf:
        assert isinstance(entry.value, Text)
        refs = parse_refs(entry.key)
        right = parse_right(entry.value.value or "", entry.file, entry.line)
        if refs.form is Form.VALUE:
            places = tuple(self._place(name, entry, level) for name in refs.names)
        else:
            places = self._range(refs.names, entry, level)
        optional = any(call.name == "optional" for call in right.calls)
        default = next((call.args[0] for call in right.calls if call.name == "default" and call.args), None)
        calls = [call for call in right.calls if call.name not in ("optional", "default")]
        if right.meaning is Meaning.CONSTANT:
            return self._number(Leaf(0, entry, refs.form, right.meaning, places, constant=right.text))
        if right.meaning is not Meaning.FIELD:
            return self._number(Leaf(0, entry, refs.form, right.meaning, places, right.path, optional=optional))
        element = places[0].slot.definition if len(places) == 1 and places[0].slot else None
        pair = self._pair(calls, entry, element)
        kind = self._kind(model, right.path, entry)
        fits(kind, pair, right, entry, places, refs.form)
        return self._number(
            Leaf(0, entry, refs.form, right.meaning, places, right.path, pair, optional=optional, default=default)
        )

    def _range(self, names: tuple[str, ...], entry: Entry, level: Level) -> tuple[Place, ...]:
        first, last = (self._place(name, entry, level) for name in names)
        if first.slot is None or last.slot is None or level.segment is None:
            raise fault("a range needs elements of a segment", entry)
        span = range(first.slot.element, last.slot.element + 1)
        return tuple(self._place(level.segment.elements[at - 1].ref, entry, level) for at in span)

    def _pair(self, calls: list[Call], entry: Entry, element: ElementDef | None) -> Pair | None:
        pairs = []
        for call in calls:
            if call.name not in self.converters:
                raise fault(f"there is no converter '{call.name}'", entry, did_you_mean(call.name, self.converters))
            try:
                pairs.append(self.converters[call.name].make(call.args, replace(self.env, element=element)))
            except KeyError as missing:
                name = str(missing.args[0])
                hint = did_you_mean(name, self.codes.names()) or f"write mappings/codes/{name}.yaml"
                raise fault(f"there is no code list '{name}'", entry, hint) from missing
            except ValueError as problem:
                raise fault(str(problem), entry) from problem
        return chain(pairs) if pairs else None

    def _kind(self, model: type[BaseModel], path: tuple[Access, ...], entry: Entry) -> fields.Kind:
        try:
            return fields.resolve(model, path)
        except fields.UnknownField as missing:
            raise fault(
                f"{missing.owner} has no field {missing.name}", entry, did_you_mean(missing.name, missing.known)
            ) from missing

    def _check_twice(self, body: Body) -> None:
        seen: dict[tuple[Access, ...], Leaf] = {}
        for leaf in body.leaves:
            if leaf.meaning is not Meaning.FIELD or leaf.queued or (leaf.field and leaf.field[-1].kind == "select"):
                continue
            if leaf.field in seen:
                first = seen[leaf.field].entry
                raise fault(f"writes a field that {first.key} (line {first.line}) writes already", leaf.entry)
            seen[leaf.field] = leaf
