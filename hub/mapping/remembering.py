"""Values that come again: the same texts make the same value, so it is made and validated once.

An item number, a quantity, a price: in the messages of one partner most of them have been seen before. Values are
frozen, so documents can share them. What is remembered is bounded over all mappings together: messages in which
nothing ever repeats cost no more memory than others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakSet

from pydantic import BaseModel, ValidationError

from hub.mapping.expression import Form, Meaning
from hub.mapping.fields import resolve
from hub.mapping.plan import Body, Leaf, Plan
from hub.model.checks import QUIET, remember_if_quiet
from hub.model.money import Money

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


class Sources:
    """Which bodies of a plan put something into a field: an object can be remembered by the texts of one segment only
    if no other segment adds to it."""

    def __init__(self, plan: Plan) -> None:
        self._form = plan.form
        self._of: dict[tuple[int, str], set[int]] = {}
        self._owner: dict[int, int] = {}
        self._look(plan.root, plan.root.number)

    def _look(self, body: Body, owner: int) -> None:
        """Note what a body fills; ``owner`` is the body that made its container, itself or one around it."""
        self._owner[body.number] = owner
        for leaf in body.leaves:
            if leaf.meaning is Meaning.FIELD:
                self._of.setdefault((owner, leaf.field[0].name), set()).add(body.number)
        for part in body.parts:
            for below in part.bodies:
                if below.into:
                    self._of.setdefault((owner, below.into[0].name), set()).add(below.number)
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

    def _closed(self, model: type[BaseModel] | None) -> bool:
        """Whether an object is finished once its line is read. An amount may still get the document's currency, and
        the functions of a form may look into what they do not call closed."""
        return model is not None and model is not Money and (self._form is None or model in self._form.closed)


def _lone(body: Body, leaf: Leaf) -> bool:
    return sum(one.meaning is Meaning.FIELD and one.field[0].name == leaf.field[0].name for one in body.leaves) == 1


def _simple(leaf: Leaf) -> bool:
    steps = leaf.field
    plain = len(steps) == 2 and not steps[0].kind and not steps[1].kind
    return plain and leaf.form is Form.VALUE and leaf.default is None
