"""The seam between the core and the translators that can show a payload as a named tree, for ``hub explain``.

The tree is a stream of lines, so that a payload of any size takes the memory of one message. Nothing in it is about
one standard: a line has a depth, a label, a name, a value, what the value means, and the findings about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from hub.findings import Finding

if TYPE_CHECKING:
    from hub.grammar import ElementDef
    from hub.translation import Event, ReadContext


class Kind(StrEnum):
    """What a line of the tree is. ``NOTE`` is a place where something is missing, or findings about nothing else."""

    INTERCHANGE = "interchange"
    GROUP = "group"
    MESSAGE = "message"
    LOOP = "loop"
    SEGMENT = "segment"
    ELEMENT = "element"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``depth`` counts from 0 (interchange); what is inside a line follows it with a greater depth.

    ``label`` is the standard's own name (``BEG03``, ``set 850``), ``name`` ours in words, ``value`` what was sent,
    ``meaning`` what that value says in words. ``control`` is the control number of an interchange, group or message,
    ``state`` the verdict on a message (``accepted``, ``rejected``).
    """

    depth: int
    kind: Kind
    label: str
    name: str = ""
    value: str = ""
    meaning: str = ""
    findings: tuple[Finding, ...] = ()
    control: str = ""
    state: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON form: empty parts left out."""
        out: dict[str, Any] = {"depth": self.depth, "kind": self.kind.value, "label": self.label}
        for name in ("name", "value", "meaning", "control", "state"):
            if text := getattr(self, name):
                out[name] = text
        if self.findings:
            out["findings"] = [finding.as_dict() for finding in self.findings]
        return out


@runtime_checkable
class Outliner(Protocol):
    """What a translator may offer beside ``Translator``: a payload as a tree of lines."""

    name: str

    def outline(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event | Line]:
        """The events of ``Translator.read``, each followed by the lines about it. The core may add findings to a
        message before it asks for those lines. Never raises for what the payload holds."""


@runtime_checkable
class Wording(Protocol):
    """What a translator may offer beside ``Translator``: words for the guide of a mapping. ``version`` is the
    message's, as the grammar has it (``004010``)."""

    name: str

    def title(self, message: str, version: str) -> str:
        """The name of a message, '' where none is known."""

    def meaning(self, version: str, number: str, value: str) -> str:
        """What a code of the data element ``number`` means, '' where there are no words for it."""

    def note(self, note: str, elements: Sequence[ElementDef]) -> str:
        """One of a segment's syntax notes as a sentence; ``elements`` are the segment's."""
