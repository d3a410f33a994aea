"""The JSON Schema of every kind of document."""

from __future__ import annotations

from typing import Any

from hub.model.document import kind_named


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a kind's JSON form, names as they are written.

    Raises ``ConfigurationError`` for a kind that does not exist.
    """
    found = kind_named(kind).model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind, **found}
