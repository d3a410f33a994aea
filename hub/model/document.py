"""What every document has: a kind, room for what was not mapped, its origin, and one exact JSON form."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field, ValidationError

from hub.errors import ConfigurationError, DocumentRejected
from hub.model.canonical import plain
from hub.model.extension import Extensions
from hub.model.invalid import findings_of
from hub.model.provenance import Provenance
from hub.model.value import Value

KINDS: dict[str, type[Document]] = {}
"""Every kind of document by name (``Order``, ``Party``, …), filled as the classes are defined."""

MAX_JSON_BYTES = 64_000_000
"""The longest JSON text that ``from_json`` reads."""


class Document(Value):
    """A canonical document. ``kind`` is the class name; ``extensions`` keeps what was received and not mapped, by
    its path in the source; ``provenance`` says where the document came from and is no part of its content."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
    kind: ClassVar[str] = "Document"

    extensions: Extensions = Field(default_factory=dict)
    provenance: Provenance | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the class under its name; two kinds of one name are refused."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.kind = cls.__name__
        if (other := KINDS.setdefault(cls.kind, cls)) is not cls:
            raise ConfigurationError(
                f"two kinds of document are called {cls.kind}: {other.__module__} and {cls.__module__}",
                hint="rename one of the classes",
            )

    def canonical_dict(self, *, provenance: bool = True) -> dict[str, Any]:
        """The JSON form: empty fields left out, numbers and dates as text, keys of maps sorted."""
        data = plain(self)
        if not provenance:
            data.pop("provenance", None)
        return data

    def to_json(self, *, provenance: bool = True) -> str:
        """``canonical_dict`` as one line of JSON text; equal documents give equal text."""
        return json.dumps(self.canonical_dict(provenance=provenance), ensure_ascii=False, separators=(",", ":"))

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of kind and content without provenance: equal digests mean nothing has changed."""
        return hashlib.sha256(f"{self.kind}\n{self.to_json(provenance=False)}".encode()).hexdigest()

    @classmethod
    def from_json(cls, kind: str, data: str | bytes | dict[str, Any]) -> Document:
        """The document of ``kind`` from its JSON form (text, or the dictionary that it parses to).

        Raises ``DocumentRejected`` with one finding per fault (``position.path``), ``ConfigurationError`` for a
        kind that does not exist.
        """
        return kind_named(kind).read_json(data)

    @classmethod
    def read_json(cls, data: str | bytes | dict[str, Any]) -> Self:
        """As ``from_json``, when the class is known."""
        text = json.dumps(data) if isinstance(data, dict) else data
        if len(text) > MAX_JSON_BYTES:
            raise DocumentRejected(f"{cls.kind} is longer than {MAX_JSON_BYTES} bytes of JSON: send it in parts")
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            findings = findings_of(error)
            raise DocumentRejected(
                f"not a valid {cls.kind}: {findings[0]}" + (f" (and {len(findings) - 1} more)" if findings[1:] else ""),
                findings,
            ) from error


def kind_named(kind: str) -> type[Document]:
    """The class of a kind of document; raises ``ConfigurationError`` naming the nearest kinds that exist."""
    found = KINDS.get(kind)
    if found is None:
        near = [name for name in KINDS if name.lower() == kind.lower()] or sorted(KINDS)
        raise ConfigurationError(f"there is no kind of document called {kind!r}", hint=f"known: {', '.join(near)}")
    return found
