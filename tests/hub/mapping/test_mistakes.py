"""Every mistake in a mapping file is one message with file, line and, where possible, what was meant."""

from __future__ import annotations

import pytest

from hub.errors import ConfigurationError

HEAD = "document: Order\ngrammar: x12/004010/850\n"

MISTAKES = [
    ("document: Ordre\n", 1, "no canonical document 'Ordre'", "Order"),
    ("document: Order\n", 1, "names no grammar", "x12/004010/850"),
    ("document: Order\ngrammar: x12/9/850\n", 2, "grammar 'x12/9/850' is not known", "hub plugins"),
    (HEAD + "BGE: { BEG03: buyer_order_id }\n", 3, "BGE does not exist in x12/004010/850", "BEG"),
    (HEAD + "BEG: { BEG3: buyer_order_id }\n", 3, "segment BEG has no element BEG3", "BEG03"),
    (HEAD + "BEG: { BEG03: buyer_oder_id }\n", 3, "Order has no field buyer_oder_id", "buyer_order_id"),
    (HEAD + "BEG: { BEG05: issued_at | dat }\n", 3, "there is no converter 'dat'", "date"),
    (HEAD + "BEG: { BEG01: purpose | code(t.purpos) }\n", 3, "there is no code list 't.purpos'", "t.purpose"),
    (HEAD + "BEG: { BEG05: issued_at }\n", 3, "gives text, but the field needs date", "date"),
    (HEAD + "PO1: { into: 'lines[]', PO102: quantity }\n", 3, "gives text, but the field needs object", ""),
    (HEAD + "PO1: { into: 'lines[]', PO102: quantity.value }\n", 3, "needs decimal", "| decimal"),
    (HEAD + "PO1: { into: 'lines{}', PO102: quantity.value | decimal }\n", 3, "no field lines{}", "lines"),
    (HEAD + "BEG:\n  BEG03: buyer_order_id\n  BEG04: buyer_order_id\n", 5, "BEG03 (line 4) writes already", ""),
    (HEAD + "BEG:\n  BEG03: buyer_order_id\n  BEG03: release_no\n", 5, "BEG03 is here twice", ""),
    (HEAD + "DTM: { by: DTM01 }\n", 3, "'by' has no branches", ""),
    (HEAD + "N1: { into: 'roles{}', N102: name }\n", 3, "a keyed map needs 'key:", ""),
    (HEAD + "N1: { into: roles{}, key: N101, N103, N104: identifiers[] }\n", 3, "not valid YAML", "missing quotes"),
    (HEAD + "PO1: { into: 'lines[]', 'PO106, PO107': line_id }\n", 3, "several elements need a converter", ""),
    (HEAD + "BEG: { BEG03: '' }\n", 3, "says no field", "element: field"),
    (HEAD + "BEG: &a { BEG03: buyer_order_id }\nREF: *a\n", 3, "anchors and aliases are not allowed", ""),
    ("document: Order\ncolumns: { A: buyer_order_id }\nrow: { B: type }\n", 3, "'row' has no meaning here", "rows"),
    ("extends: x12/850.4010\n", 1, "extends 'x12/850.4010', which does not exist", "x12/850.004010"),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), MISTAKES, ids=[one[2][:40] for one in MISTAKES])
def test_mistake_is_told_with_its_place(make_library, text, line, message, hint):
    library = make_library({"x12/bad.1": text})
    with pytest.raises(ConfigurationError) as caught:
        library.compiled("x12/bad.1")
    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.file.endswith("bad.1.yaml")
    assert hint in caught.value.hint


def test_unknown_mapping_names_the_nearest(library):
    with pytest.raises(ConfigurationError, match=r"no mapping 'x12/850.04010'\n.*x12/850.004010"):
        library.compiled("x12/850.04010")


def test_files_that_extend_each_other_are_refused(make_library):
    library = make_library({"x12/a.1": "extends: x12/b.1\n", "x12/b.1": "extends: x12/a.1\n"})
    with pytest.raises(ConfigurationError, match="in a circle"):
        library.compiled("x12/a.1")


def test_code_list_of_another_name_is_refused(make_library, tmp_path):
    library = make_library()
    (tmp_path / "mappings" / "codes" / "t.role.yaml").write_text("list: t.roles\ncodes: { ST: ship_to }\n")
    with pytest.raises(ConfigurationError, match="does not agree with the file's name"):
        library.compiled("x12/850.004010")


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "document: [\n", "document: Order\n\tgrammar: x\n", "\x00"])
def test_text_that_is_no_mapping_is_a_clear_error(make_library, text):
    library = make_library({"x12/bad.1": text})
    with pytest.raises(ConfigurationError) as caught:
        library.compiled("x12/bad.1")
    assert "bad.1.yaml" in str(caught.value)
