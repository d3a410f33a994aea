"""What a line is about."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import LocalDate
from hub.model.identifiers import Identifier
from hub.model.reference import Code
from hub.model.value import Many, Value


class Item(Value):
    """A product as a document describes it: a snapshot, not a look-up. ``attributes`` holds colour, size and the
    like by name. ``lot``, ``serials`` and ``expires_on`` are for goods that are traced."""

    identifiers: Many[Identifier] = ()
    name: str = ""
    description: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)
    classification: Many[Code] = ()
    product_id: str = ""
    brand: str = ""
    country_of_origin: str = ""
    lot: str = ""
    serials: Many[str] = ()
    expires_on: LocalDate | None = None
    best_before: LocalDate | None = None

    def identifier(self, scheme: str) -> str:
        """The value of the first identifier of ``scheme``, or "" if there is none."""
        return next((one.value for one in self.identifiers if one.scheme == scheme), "")
