"""Forms: what stands between a message and documents that have another shape than the message.

A mapping with ``form: NAME`` in its head fills the form's class instead of a document. The plugin that brings the form
turns it into documents and back: one message may be several documents (an inventory report: one for each item and
place), and its flat list of loops may be a tree (X12 HL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hub.findings import Finding, error, warning
from hub.mapping.converters import Converter
from hub.model.document import Document

Data = dict[str, Any]
"""A form or a document as reading makes it and ``model_dump`` gives it: converted values, empty fields left out."""


UNWRITTEN = "unwritten"
"""Name of a form's list of what there was no room for. It is no field: it is taken out before the form is written."""


@dataclass(frozen=True)
class MessageForm:
    """A named form. ``model`` is the class whose fields the lines of a mapping name; ``kinds`` are the kinds of
    document it makes, the first is the one that the mapping's ``document:`` says.

    ``read`` gets the form of one message and returns its documents as ``(kind, data)``. It shall move the objects that
    it finds (a line, a quantity) and not copy them: their identity tells from which segment they came. What the message
    holds and no line reads stands in ``extensions`` of the nearest object around it whose class has that field, and
    ``read`` moves it along; the rest goes to the first document. ``write`` gets documents and returns the forms of as
    many messages as it takes. Both are given what a partner sent or somebody asked for: they raise ``ValueError``
    where nothing can be made of it. What a form has no room for ``write`` names in the form's list ``unwritten``
    (``UNWRITTEN``), a text each; they become findings ``mapping.no_room``.

    ``closed`` are classes of values (``Identifier``) that ``read`` hands on as they are: it gets them as dicts or as
    finished objects, whichever is quicker, and where it must look into one, ``opened`` gives the dict.
    """

    name: str
    model: type[BaseModel]
    kinds: tuple[str, ...]
    read: Callable[[Data], list[tuple[str, Data]]]
    write: Callable[[Sequence[Document]], list[Data]]
    doc: str = ""
    closed: tuple[type[BaseModel], ...] = ()
    unsaid: Callable[[Data, frozenset[str]], Iterable[tuple[str, int]]] | None = None
    """What a form holds that a release has no place for: given the form and the fields that the mapping's lines write,
    the names of what is left, and how many. Each is told as a finding."""
    lawful: Callable[[Data], Data] | None = None
    """For generated tests: makes of random data a form that a message can be (parts that refer to one another)."""

    def documents(self, data: Data, findings: list[Finding]) -> list[tuple[str, Data]]:
        """The documents of a form that was read; a finding where there are none."""
        left = data.pop("extensions", None)
        try:
            made = self.read(data)
        except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as problem:
            findings.append(error("mapping.form", f"no document can be made of the message: {_said(problem)}"))
            return []
        if not made:
            findings.append(error("mapping.form", "the message holds nothing that a document can be made of"))
        elif left:
            kept = made[0][1].setdefault("extensions", {})
            kept.update(left)
        return made

    def forms(self, documents: Sequence[Document], findings: list[Finding]) -> list[Data]:
        """The forms of documents that are to be written; a finding where they cannot be."""
        try:
            made = self.write(documents)
        except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as problem:
            findings.append(error("mapping.form", f"the documents cannot be written: {_said(problem)}"))
            return []
        for form in made:
            findings += [warning("mapping.no_room", text) for text in form.pop(UNWRITTEN, ())]
        return made


def _said(problem: Exception) -> str:
    text = str(problem) or type(problem).__name__
    return text if isinstance(problem, ValueError) else f"{type(problem).__name__} {text}"


def opened(value: Any) -> Data:
    """A value of a closed class as a dict; a dict is given back as it is."""
    return value if isinstance(value, dict) else value.model_dump(exclude_defaults=True)


@dataclass(frozen=True)
class FormSource:
    """A form that is loaded when a mapping asks for it: most runs read one or two kinds of message."""

    name: str
    load: Callable[[], MessageForm]


Function = Converter | MessageForm | FormSource
"""What a plugin registers for mapping files."""


def divided(functions: Iterable[Function]) -> tuple[list[Converter], dict[str, MessageForm | FormSource]]:
    """Converters, and forms by name."""
    converters: list[Converter] = []
    forms: dict[str, MessageForm | FormSource] = {}
    for one in functions:
        if isinstance(one, MessageForm | FormSource):
            forms[one.name] = one
        else:
            converters.append(one)
    return converters, forms
