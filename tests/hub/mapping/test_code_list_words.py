"""What a code list makes of a code is a word that the model knows, or a right message would be told of a fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.mapping.codes import CodeLists
from hub.model.identifiers import NATIONAL, SCHEMES, scheme_name
from hub.model.units import is_unit
from hub.model.vocabulary import VOCABULARIES

ROOT = Path(__file__).parents[3]
FOLDERS = sorted({path.parent for path in ROOT.glob("mappings/**/*.yaml")} | set(ROOT.glob("plugins/*/mappings/**/")))
LISTS = CodeLists([ROOT / "mappings" / "codes"])

WORDS = {
    "purpose": "x12.353 x12.473 edifact.1225",
    "order_type": "x12.92 edifact.1001",
    "response": "x12.587 edifact.1225.response marketplace.response",
    "line_status": "x12.668 edifact.1229 marketplace.line_status",
    "line_action": "edifact.1229.action",
    "invoice_kind": "x12.640",
    "role": "x12.98 edifact.3035 erp.role",
    "party_role": "x12.98 erp.customer_type",
    "contact_point": "x12.365 edifact.3155 erp.contact",
    "contact_function": "x12.366 edifact.3139",
    "date": "x12.374 x12.432 edifact.2005",
    "reference": "x12.128 edifact.1153",
    "price_basis": "x12.639",
    "tax_type": "x12.963 edifact.5153",
    "activity": "x12.673 x12.859",
    "allowance charge": "x12.1300 x12.340 edifact.7161",
    "scheme": "x12.66 x12.88 x12.235 x12.506 edifact.3055 edifact.7143 edifact.7143.D01B",
    "unit": "x12.188 x12.355 rec20 units.de units.en erp.unit",
}
"""The lists that fill the fields of each vocabulary; ``scheme`` is the registry of identifiers, ``unit`` the units."""

_FREE = (
    "edifact.2475 edifact.4215 edifact.4279 edifact.4343 edifact.4451 edifact.4471 edifact.5125 iso3166 "
    "marketplace.product_status x12.1005 x12.1048 x12.1065 x12.107 x12.146 x12.187 x12.23 x12.236 x12.248 x12.283 "
    "x12.284 x12.305 x12.305.activity x12.306 x12.309 x12.331 x12.333 x12.335 x12.336 x12.344 x12.345 x12.368 x12.412 "
    "x12.426 x12.433 x12.478 x12.481 x12.482 x12.522 x12.563 x12.569 x12.591 x12.648 x12.662 x12.670 x12.672 x12.675 "
    "x12.676 x12.680 x12.681 x12.683 x12.687 x12.735 x12.737 x12.738 x12.750 x12.753 x12.755 x12.783 x12.812 x12.847 "
    "x12.848 x12.849 x12.850 x12.875 x12.91 x12.962"
)
FREE = frozenset(_FREE.split())
"""Lists of fields without a vocabulary: any word may stand there."""

FIELDS = {
    "purpose": "purpose",
    "header_code": "response",
    "status_code": "line_status",
    "invoice_kind": "invoice_kind",
    "role": "role",
    "roles[]": "party_role",
    "function": "contact_function",
    "contact_points[]": "contact_point",
    "identifiers[]": "scheme",
    "unit": "unit",
    "base_unit": "unit",
}
"""Fields whose name says their vocabulary."""

FORMS = {("purpose", "x12.1048"), ("status_code", "x12.368")}
"""Fields of forms, which are not those of documents: the purpose of a payment, the state of a line that was shipped."""

_LINE = re.compile(r"([\w.\[\]{}]+) *\| *(?:code|identifier|contact_point|quantity)\(([^)]*)\)")


def _known(vocabulary: str) -> Callable[[str], bool]:
    if vocabulary == "unit":
        return is_unit
    if vocabulary == "scheme":
        return lambda word: scheme_name(word) in SCHEMES or word.partition(":")[0] in NATIONAL
    words = frozenset().union(*(VOCABULARIES[name] for name in vocabulary.split()))
    return words.__contains__


@pytest.mark.parametrize(("vocabulary", "name"), [(key, name) for key in WORDS for name in WORDS[key].split()])
def test_every_word_of_a_code_list_is_known(vocabulary: str, name: str) -> None:
    known = _known(vocabulary)
    produced = set(LISTS.get([name]).read.values())
    assert produced
    assert sorted(word for word in produced if not known(word)) == []


def test_every_code_list_has_its_vocabulary_or_needs_none() -> None:
    named = {name for names in WORDS.values() for name in names.split()}
    assert named | FREE == set(LISTS.names())
    assert not named & FREE


def test_fields_with_a_vocabulary_are_filled_by_its_lists() -> None:
    seen = set()
    for folder in FOLDERS:
        for path in folder.glob("*.yaml"):
            for field, lists in _LINE.findall(path.read_text("utf-8")):
                name = field.rpartition(".")[2]
                for one in lists.replace(" ", "").split(","):
                    if name in FIELDS and (name, one) not in FORMS:
                        assert one in WORDS[FIELDS[name]].split(), f"{path.name}: {field} | {one}"
                        seen.add(name)
    assert seen == set(FIELDS)
