"""From the text of a mapping to its plan: every name is resolved here, and every mistake has a file and a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from pydantic import BaseModel

from hub.errors import ConfigurationError
from hub.grammar import ElementDef, Grammar
from hub.located import did_you_mean
from hub.mapping import fields, head, placing
from hub.mapping.codes import CodeLists
from hub.mapping.converters import Converter, Environment, Pair, chain
from hub.mapping.expression import Access, Call, Form, Meaning, parse_path, parse_refs, parse_right
from hub.mapping.fitting import fits
from hub.mapping.forms import FormSource, MessageForm
from hub.mapping.placing import LeftOut
from hub.mapping.plan import Body, Guard, Leaf, Part, Plan
from hub.mapping.queues import writes
from hub.mapping.shapes import Level, RecordLevel, SegmentLevel, TreeLevel
from hub.mapping.source import Block, Entry, Listing, Text, fault

RESERVED = frozenset({"into", "key", "by", "when"})
MARKS = frozenset({"optional", "default", "written", "joined"})
"""What stands among the converters of a line and is none."""


class Builder:
    """Builds one plan. ``grammar_of`` finds a grammar by name, ``kinds`` are the canonical classes by name. With
    ``release`` the plan is for that release of the message and not for the one that the file is written for: lines
    that it has no place for are left out."""

    def __init__(
        self,
        name: str,
        block: Block,
        *,
        kinds: Mapping[str, type[BaseModel]],
        converters: Mapping[str, Converter],
        codes: CodeLists,
        grammar_of: Callable[[str], Grammar | None],
        forms: Mapping[str, MessageForm | FormSource] = MappingProxyType({}),
        release: str = "",
    ) -> None:
        self.name, self.block, self.release, self.forms = name, block, release, forms
        self.kinds, self.converters, self.codes, self.grammar_of = kinds, converters, codes, grammar_of
        self.leaves: list[Leaf] = []
        self.bodies = 0
        self.left_out: placing.Lacking = []

    def build(self) -> Plan:
        """The plan; raises ``ConfigurationError`` at the first mistake."""
        block = self.block
        kind, model = head.kind(block, self.kinds)
        form = head.form(block, self.forms, kind)
        if form is not None:
            model = form.model
        options = head.options(block)
        plan = Plan(
            name=self.name,
            version=block.text("version", "1"),
            kind=kind,
            model=model,
            shape="segments",
            root=self._body(None, model),
            leaves=self.leaves,
            options=options,
            form=form,
            left_out=self.left_out,
        )
        if "tree" in block.entries:
            self._tree(plan)
        elif "columns" in block.entries or "rows" in block.entries:
            self._records(plan)
        else:
            self._segments(plan)
        return plan

    # -- shapes ------------------------------------------------------------------------------------------------

    def _segments(self, plan: Plan) -> None:
        wanted = self.block.text("grammar")
        self.block.text("releases")  # one line of names, for the library reads it without parsing
        own = self._grammar(self.block.text(head.WRITTEN_FOR) or wanted, "grammar")
        named = _of_release(wanted, self.release) if self.release else wanted
        plan.grammar = grammar = self._grammar(named, "releases" if self.release else "grammar")
        self.env = Environment(self.codes, wanted.split("/")[0], grammar.version, plan.options)
        entries = {key: entry for key, entry in self.block.entries.items() if key not in head.HEADER}
        level = SegmentLevel(grammar).within(SegmentLevel(own) if grammar is not own else None)
        self._fill(plan.root, Block(entries, self.block.file, self.block.line), level)

    def _grammar(self, wanted: str, key: str) -> Grammar:
        at = self.block.entries.get(key)
        grammar = self.grammar_of(wanted) if wanted else None
        if grammar is None:
            message = f"grammar '{wanted}' is not known" if wanted else "names no grammar, columns or tree"
            raise ConfigurationError(
                message,
                file=at.file if at else self.block.file,
                line=at.line if at else 1,
                hint="see 'hub plugins' for what is installed; write: grammar: x12/004010/850",
            )
        return grammar

    def _records(self, plan: Plan) -> None:
        plan.shape = "records"
        self._only(head.HEADER)
        self.env = Environment(self.codes, "csv", "", plan.options)
        level = RecordLevel()
        plan.group_by = self.block.text("group-by")
        columns = self.block.get("columns")
        body = self._body(None, plan.model)
        if isinstance(columns, Block):
            self._fill(body, columns, level)
        plan.root.parts.append(Part("head", [body], segment=level.segment, nodes=(0,)))
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
        self._only(head.HEADER)
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
            try:
                if isinstance(value, Text):
                    body.leaves.append(self._leaf(entry, body.model, level))
                else:
                    body.parts += self._child(entry, body, level)
            except LeftOut as lacking:
                self.left_out.append((entry, str(lacking)))
                if own := level.own:
                    self._lack(body, partial(self._whole, entry, body, own))
        self._check_twice(body)
        if isinstance(level, SegmentLevel):
            body.parts.sort(key=lambda part: part.nodes[0])

    def _whole(self, entry: Entry, body: Body, level: Level) -> list[Leaf] | list[Body]:
        """What a line or block is in the file's own release."""
        if isinstance(entry.value, Text):
            return [self._leaf(entry, body.model, level)]
        return [one for part in self._child(entry, body, level) for one in part.bodies]

    def _lack(self, body: Body, make: Callable[[], Sequence[Leaf | Body]]) -> None:
        """Note which fields of ``body`` would be written by what ``make`` makes. Nothing of that is in the plan."""
        leaves, left_out, bodies = len(self.leaves), len(self.left_out), self.bodies
        body.lacking += [path for one in make() for path in writes(one)]
        del self.leaves[leaves:], self.left_out[left_out:]
        self.bodies = bodies

    def _child(self, entry: Entry, body: Body, level: Level) -> list[Part]:
        found = level.part(entry.key)
        if found is None:
            if level.lacks(entry.key):
                raise LeftOut(f"{level.title} has no {entry.key}")
            known = level.names()
            raise fault(f"{entry.key} does not exist in {level.title}", entry, did_you_mean(entry.key, known))
        found.within(level.own.part(entry.key) if level.own else None)
        return self._part(entry, body, found, loop=found.loop, nodes=found.nodes)

    def _part(self, entry: Entry, parent: Body, level: Level, *, loop: bool, nodes: tuple[int, ...]) -> list[Part]:
        blocks = entry.value.items if isinstance(entry.value, Listing) else [entry.value]
        part = Part(entry.key, [], loop=loop, segment=level.segment, nodes=nodes, path=level.path)
        for block in blocks:
            if not isinstance(block, Block):
                raise fault(f"{entry.key} must hold 'element: field' lines", block)
            if len(blocks) > 1:
                part.bodies += self._alternative(entry, block, parent, level)
            else:
                part.bodies += self._bodies(entry, block, parent.model, level)
        return [part] if part.bodies else []

    def _alternative(self, entry: Entry, block: Block, parent: Body, level: Level) -> list[Body]:
        """One of several blocks: where this release has no place for its qualifier, the others still stand."""
        try:
            return self._bodies(entry, block, parent.model, level)
        except LeftOut as lacking:
            at = next(iter(block.entries.values()), entry)
            self.left_out.append((at, str(lacking)))
            if own := level.own:
                self._lack(parent, partial(self._bodies, entry, block, parent.model, own))
            return []

    def _bodies(self, entry: Entry, block: Block, model: type[BaseModel], level: Level) -> list[Body]:
        """The alternatives that one block stands for: one per branch of ``by``, one if there is none."""
        branches = self._branches(block, level)
        if not branches:
            return self._one(entry, block, model, level, [])
        by = placing.place(block.text("by"), block.entries["by"], level)
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
            if isinstance(entry.value, Block) and key not in RESERVED and (key == "*" or not level.has(key))
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
        if inner is not level:
            inner.within(level.own.trigger_level() if level.own else None)
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
        return [Guard(placing.place(key, entry, level), value.text(key)) for key, entry in value.entries.items()]

    def _key(self, block: Block, model: type[BaseModel], level: Level, entry: Entry) -> Leaf:
        at = block.entries.get("key")
        if at is None:
            raise fault("a keyed map needs 'key: element | converter'", block.entries.get("into", entry))
        left, _, right = block.text("key").partition("|")
        pair = self._pair([*parse_right("x|" + right, at.file, at.line).calls] if right else [], at, None)
        return self._number(
            Leaf(0, at, Form.VALUE, Meaning.FIELD, (placing.place(left.strip(), at, level),), (Access("key"),), pair)
        )

    # -- lines -------------------------------------------------------------------------------------------------

    def _number(self, leaf: Leaf) -> Leaf:
        leaf = replace(leaf, number=len(self.leaves))
        self.leaves.append(leaf)
        return leaf

    def _leaf(self, entry: Entry, model: type[BaseModel], level: Level) -> Leaf:
        assert isinstance(entry.value, Text)
        refs = parse_refs(entry.key)
        right = parse_right(entry.value.value or "", entry.file, entry.line)
        if refs.form is Form.VALUE:
            places = placing.places(refs.names, entry, level, self.left_out)
        else:
            places = placing.span(refs.names, entry, level, self.left_out)
        optional = any(call.name == "optional" for call in right.calls)
        default = next((call.args[0] for call in right.calls if call.name == "default" and call.args), None)
        written = next((call.args[0] for call in right.calls if call.name == "written" and call.args), "")
        joined = any(call.name == "joined" for call in right.calls)
        if (written or joined) and (len(places) > 1 or self.env.standard in ("csv", "tree")):
            raise fault("'written' and 'joined' are for one element of a segment", entry)
        calls = [call for call in right.calls if call.name not in MARKS]
        if right.meaning is Meaning.CONSTANT:
            return self._number(Leaf(0, entry, refs.form, right.meaning, places, constant=right.text))
        if right.meaning is not Meaning.FIELD:
            return self._number(Leaf(0, entry, refs.form, right.meaning, places, right.path, optional=optional))
        element = places[0].slot.definition if len(places) == 1 and places[0].slot else None
        pair = self._pair(calls, entry, element)
        kind = self._kind(model, right.path, entry)
        fits(kind, pair, right, entry, places, refs.form)
        if joined and (right.path[-1].kind or str not in kind.types or (pair and pair.gives != "text")):
            raise fault("only a text can be joined", entry)
        leaf = Leaf(0, entry, refs.form, right.meaning, places, right.path, pair, optional, default, written, joined)
        return self._number(leaf)

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


def _of_release(grammar: str, release: str) -> str:
    """``x12/004010/850`` of another release: ``x12/003060/850``."""
    standard, *_, message = grammar.split("/")
    return f"{standard}/{release}/{message}"
