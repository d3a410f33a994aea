"""Free JSON that a document carries along."""

from __future__ import annotations

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "str | bool | int | list[Json] | dict[str, Json] | None")
"""Any JSON except numbers with a fraction: those are text, because a float is not what was received."""

Extensions = dict[str, Json]
"""Free JSON by name: what was received and has no field of its own."""
