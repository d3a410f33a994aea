"""Numbers of items: one name for one thing, whatever element it comes in, and names that the model knows."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hub.mapping.library import MappingLibrary
from hub.model.identifiers import Identifier
from hub.model.value import Value
from hub_x12.generating.agreed import interchanges
from hub_x12.generating.interchange import Counted

MAPPED = "810 816 820 830 832 846 850 852 855 856 860 861 865 869 870 875 880 940 945"
UNKNOWN = {"model.code.unknown", "model.identifier.unknown_scheme", "model.unit.unknown", "model.country.unknown"}
CASE_CODES = {
    "875-grocery": ("G68", 4),
    "880-grocery": ("G17", 4),
    "940-warehouse": ("W01", 3),
    "945-pallets-and-loose": ("W12", 6),
}
"""Samples, and the element of theirs that holds a UPC case code (data element 438)."""


def identifiers(value: Any) -> Iterator[Identifier]:
    """Every identifier in a document."""
    if isinstance(value, Identifier):
        yield value
    elif isinstance(value, Value):
        for one in value.__dict__.values():
            yield from identifiers(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from identifiers(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from identifiers(one)


@pytest.mark.parametrize("name", CASE_CODES)
def test_a_case_code_has_one_scheme_and_comes_back_in_its_element(x12: Any, samples: Path, name: str) -> None:
    segment, at = CASE_CODES[name]
    text = (samples / f"{name}.edi").read_text().replace("\n", "")
    sent = [line.split("*")[at] for line in text.split("~") if line.startswith(f"{segment}*")]
    sent = [code for code in sent if code]
    documents = [one for message in x12.read(text).messages for one in message.documents]
    found = [one.value for document in documents for one in identifiers(document) if one.scheme == "upc_case"]
    assert found == sent
    assert found
    written = x12.translator.write(documents, name[:3], "004010", x12.context()).payload.decode()
    assert [line.split("*")[at] for line in written.split("~") if line.startswith(f"{segment}*")][: len(sent)] == sent


def test_a_case_code_with_a_qualifier_is_the_same(x12: Any) -> None:
    (message,) = x12.read(x12.order_of(*x12.order[:3], "PO1*1*12*CA*2.49**UA*614141000012", "CTT*1")).messages
    (one,) = message.documents[0].lines[0].item.identifiers
    assert (one.scheme, one.value) == ("upc_case", "614141000012")


@pytest.mark.parametrize("kind", MAPPED.split())
def test_what_a_mapping_reads_is_said_in_words_of_the_model(x12: Any, library: MappingLibrary, kind: str) -> None:
    class Drawing(Counted):
        def mapping(self, standard: str, message: str, version: str) -> Any:
            return library.find(standard, message, version)

    drawn = interchanges(kind, "004010", "words", Drawing(), 2, incoming=True)
    for _ in range(2):
        for event in x12.translator.read(BytesIO(next(drawn).payload), x12.context()):
            unknown = [one for one in event.findings if one.code in UNKNOWN and "#" not in one.value]
            assert unknown == []  # "ship_to#2" is the second party of one role
