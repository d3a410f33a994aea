"""Values that come again: the same texts make the same value, so it is made and validated once.

An item number, a quantity, a price: in the messages of one partner most of them have been seen before. Values are
frozen, so documents can share them. What is remembered is bounded over all mappings together: messages in which
nothing ever repeats cost no more memory than others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from weakref import WeakSet

from pydantic import BaseModel, ValidationError

from hub.mapping.expression import Access, Form, Meaning
from hub.mapping.fields import resolve
from hub.mapping.plan import POSITION, Body, Leaf, Plan
from hub.model.checks import QUIET, remember_if_quiet
from hub.model.money import Money, UnitPrice

LINES = "lines"
"""The field of a document whose items are completed after reading (``hub.mapping.completing``)."""
KEPT = 16_384
"""Values remembered in all; beyond that everything is forgotten and learned again. About 12 MB when full."""


class Memory:
    """The values of one model made by one line of a mapping, by the texts they are made of."""

    _all: ClassVar[WeakSet[Memory]] = WeakSet()
    _count: ClassVar[int] = 0

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self.known: dict[Any, Any] = {}
        self.get: Callable[[Any], Any] = self.known.get
        Memory._all.add(self)

    def keep(self, texts: Any, value: Any) -> Any:
        """Remember what ``texts`` became. ``value`` is a dict or an object; an object comes back, or the dict itself
        where it is not valid: the validation of the whole document will say why."""
        if type(value) is dict:
            try:
                value = self.model.model_validate(value)
            except ValidationError:
                return value
        if Memory._count >= KEPT:
            Memory.forget()
        Memory._count += 1
        self.known[texts] = value
        if type(value) is self.model:
            remember_if_quiet(value)
        return value

    @staticmethod
    def forget() -> None:
        """Start again with nothing."""
        for one in Memory._all:
            one.known.clear()
        QUIET.clear()
        Memory._count = 0


class Composed:
    """Objects put together from texts and objects that are remembered themselves, whose identity stands for them."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._memory = Memory(model)
        self._known = self._memory.get

    def get(self, key: tuple[Any, ...]) -> Any:
        """What was made before of ``key``: texts, and the ``id`` of every object in it; None if nothing was."""
        found = self._known(key)
        return None if found is None else found[1]

    def make(self, key: tuple[Any, ...], parts: Sequence[BaseModel], data: dict[str, Any]) -> Any:
        """The object of ``data``, remembered; ``data`` itself where it is not valid. ``parts`` are the objects that
        ``key`` names: they are held here, so that no other object can get their identity."""
        try:
            done = self._memory.model.model_validate(data)
        except ValidationError:
            return data  # the validation of the whole document will say why
        self._memory.keep(key, (parts, done))
        remember_if_quiet(done)
        return done


class Sources:
    """Which bodies of a plan put something into a field: an object can be remembered by the texts of one segment only
    if no other segment adds to it."""

    def __init__(self, plan: Plan) -> None:
        self._form = plan.form
        self._of: dict[tuple[int, str], set[int]] = {}
        self._owner: dict[int, int] = {}
        self._entered: set[tuple[int, str]] = set()  # fields in whose items another line sets something
        self._look(plan.root, plan.root.number)

    def _look(self, body: Body, owner: int) -> None:
        """Note what a body fills; ``owner`` is the body that made its container, itself or one around it."""
        self._owner[body.number] = owner
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD:
                self._of.setdefault((owner, leaf.field[0].name), set()).add(body.number)
                if len(leaf.field) > (1 if leaf.field[0].kind else 2):
                    self._entered.add((owner, leaf.field[0].name))
        for part in body.parts:
            for below in part.bodies:
                if below.into:
                    self._of.setdefault((owner, below.into[0].name), set()).add(below.number)
                    if len(below.into) > 1 or (part.loop and below.key is None):
                        self._entered.add((owner, below.into[0].name))
                self._look(below, below.number if below.into else owner)

    def _alone(self, body: Body, name: str) -> bool:
        """Whether nothing but this body puts something into this field of its container."""
        return self._of[self._owner[body.number], name] == {body.number}

    def memory(self, body: Body, leaf: Leaf) -> Memory | None:
        """A memory for a line that gives a whole object; None where what it gives must stay open."""
        model = resolve(body.model, leaf.field).model
        if leaf.pair is None or leaf.pair.gives != "object" or leaf.pair.table or not self._closed(model):
            return None
        listed = leaf.field[-1].kind in ("list", "select", "index")
        lone = self._alone(body, leaf.field[0].name) and _lone(body, leaf)
        return Memory(model) if model is not None and (listed or lone) else None

    def groups(self, body: Body) -> dict[int, list[Leaf]]:
        """Lines that together make one object, by the number of the first of them."""
        found: dict[str, list[Leaf]] = {}
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD:
                found.setdefault(leaf.field[0].name, []).append(leaf)
        return {
            leaves[0].number: leaves
            for name, leaves in found.items()
            if all(_simple(leaf) for leaf in leaves)
            and self._alone(body, name)
            and self._closed(resolve(body.model, leaves[0].field[:1]).model)
        }

    def whole(self, body: Body, above: Body) -> Memory | None:
        """A memory for all that a body makes: of a segment (terms of payment), or of a whole turn of a keyed loop (the
        party of a role with its address). None where something else sets a field of the object, or may have to."""
        name = body.into[0].name
        if name == LINES or (self._owner[above.number], name) in self._entered or not self._closed(body.model):
            return None
        numbered = any(leaf.default == POSITION for leaf in body.leaves)
        return None if numbered else Memory(body.model)

    def _closed(self, model: type[BaseModel] | None) -> bool:
        """Whether an object is finished once its line is read. An amount may still get the document's currency, and
        the functions of a form may look into what they do not call closed."""
        return model is not None and model is not Money and (self._form is None or model in self._form.closed)


def with_amounts(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a class in which somewhere an amount may be, that gets the document's currency later."""
    return frozenset(name for name in model.model_fields if _holds_money(_inside(model, name), set()))


def _inside(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    return resolve(model, (Access(name),)).model


def _holds_money(model: type[BaseModel] | None, seen: set[type[BaseModel]]) -> bool:
    if model is None or model in seen:
        return False
    seen.add(model)
    return model in (Money, UnitPrice) or any(_holds_money(_inside(model, name), seen) for name in model.model_fields)


def _lone(body: Body, leaf: Leaf) -> bool:
    return sum(one.meaning is Meaning.FIELD and one.field[0].name == leaf.field[0].name for one in body.leaves) == 1


def _simple(leaf: Leaf) -> bool:
    steps = leaf.field
    plain = len(steps) == 2 and not steps[0].kind and not steps[1].kind
    return plain and leaf.form is Form.VALUE and leaf.default is None
