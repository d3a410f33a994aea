"""What is remembered of one segment is not taken for another that begins as it does."""

from __future__ import annotations

import pytest

from hub.mapping.library import MappingLibrary


@pytest.mark.parametrize("name", ["edifact/ORDERS.D96A", "edifact/ORDERS.D01B"])
def test_addresses_are_told_apart_by_all_their_lines(library: MappingLibrary, name: str) -> None:
    compiled = library.compiled(name)

    def lines(*texts: str) -> tuple[str, ...]:
        message = [
            ["BGM", [""], ["PO1"]],
            ["DTM", ["137", "20260115", "102"]],
            ["NAD", ["CA"], [""], [""], [""], texts],
        ]
        places = compiled.structure.walk([segment[0] for segment in message]).places
        found: tuple[str, ...] = compiled.read(message, places).documents[0].roles["carrier"].address.lines
        return found

    for told in (("DEPOT", "GATE 1"), ("DEPOT",), ("DEPOT", "GATE 2"), ("DEPOT", "GATE 1")):
        assert lines(*told) == told
