"""The answer's bytes become a plain tree of text, or are refused; nothing is guessed and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub_soap import answers
from hub_soap.errors import AnswerRefused

ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" {0}><s:Body>{1}</s:Body></s:Envelope>'
ENCODED = (
    'xmlns:n="http://schemas.xmlsoap.org/soap/encoding/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:x="http://www.w3.org/2001/XMLSchema"'
)


def tree_of(inside: str, spaces: str = ENCODED, count: bool = True) -> answers.Tree:
    root = answers.strict(ENVELOPE.format(spaces, inside).encode())
    return answers.tree(answers.body(root), count)


def test_tree_keeps_the_text_that_was_sent_whatever_its_claimed_type() -> None:
    tree = tree_of('<r><total i:type="x:double">49.960</total><no i:type="x:int">007</no><flag>Y</flag></r>')
    assert tree == {"total": "49.960", "no": "007", "flag": "Y"}


def test_tree_tells_one_many_and_none() -> None:
    assert tree_of("<r><a>1</a><b><c>2</c></b><b><c>3</c></b><d/></r>") == {
        "a": "1",
        "b": [{"c": "2"}, {"c": "3"}],
        "d": None,
    }
    assert answers.items({"a": {"b": None}}, "a/b") == []
    assert answers.items({"a": {"b": {"c": "1"}}}, "a/b") == [{"c": "1"}]
    assert answers.items({"a": [{"b": "1"}, {"b": ["2", "3"]}]}, "a/b") == ["1", "2", "3"]


def test_nil_structs_and_objects_of_nothing_are_nothing() -> None:
    assert tree_of('<r><o i:nil="true"><id>7</id></o></r>') == {"o": None}
    assert answers.hollow({"id": None, "lines": [{"no": " "}]})
    assert answers.items({"o": {"id": None}}, "o") == []


def test_attributes_and_text_beside_them() -> None:
    assert tree_of('<r><q unit="EA" i:type="x:string">5</q><e id="7"/></r>') == {
        "q": {"@unit": "EA", "_text": "5"},
        "e": {"@id": "7"},
    }


def test_references_of_section_5_encoding_are_followed() -> None:
    inside = '<r><item href="#id0"/><item href="#id0"/></r><m id="id0" n:root="0"><no>1</no></m>'
    assert tree_of(inside) == {"item": [{"no": "1"}, {"no": "1"}]}


def test_references_in_a_circle_are_refused() -> None:
    with pytest.raises(AnswerRefused, match="nested too deeply"):
        tree_of('<r><a href="#x"/></r><m id="x" n:root="0"><b href="#x"/></m>')


def test_references_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_MAXIMUM_NODES", 10_000)
    levels = ""
    for number in range(8):
        inside = f'<b href="#l{number + 1}"/>' * 10
        levels += f'<m id="l{number}" n:root="0">{inside}</m>'
    with pytest.raises(AnswerRefused, match="too many elements"):
        tree_of(f'<r><a href="#l0"/></r>{levels}<m id="l8" n:root="0">x</m>')


@pytest.mark.parametrize("announced", [":[3]", "x:string[3]", "n:Item[3]"])
def test_an_array_that_announces_more_than_it_holds_is_refused(announced: str) -> None:
    inside = f'<r><products i:type="n:Array" n:arrayType="{announced}"><product/></products></r>'
    with pytest.raises(AnswerRefused, match="announces 3 items and holds 1"):
        tree_of(inside)
    assert tree_of(inside, count=False) == {"products": {"product": None}}


def test_arrays_that_tell_the_truth_are_read() -> None:
    assert tree_of('<r><p i:type="n:Array" n:arrayType=":[2]"><i>1</i><i>2</i></p></r>') == {"p": {"i": ["1", "2"]}}
    assert tree_of('<r><p n:arrayType="x:anyType[]"><i>1</i></p><e n:arrayType=":[0]"/></r>') == {
        "p": {"i": "1"},
        "e": None,
    }


def test_faults_of_both_versions() -> None:
    root = answers.strict(
        ENVELOPE.format(
            "",
            "<s:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring> no\n way"
            "</faultstring><detail><x>secret</x></detail></s:Fault>",
        ).encode()
    )
    assert answers.fault(answers.body(root)) == answers.FaultAnswer("Client", "no way", "x")
    root = answers.strict(
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code>'
        b"<e:Value>e:Sender</e:Value><e:Subcode><e:Value>m:Late</e:Value></e:Subcode></e:Code>"
        b'<e:Reason><e:Text xml:lang="en">too late</e:Text></e:Reason></e:Fault></e:Body>'
        b"</e:Envelope>"
    )
    assert answers.fault(answers.body(root)) == answers.FaultAnswer("Late", "too late")


@pytest.mark.parametrize(
    "content",
    [
        b"<a><b></a>",
        b"<a>\x01</a>",
        b"\n<?xml version='1.0'?><a/>",
        b"<a>M\xfcnchen</a>",
        b"",
        b"<a>&undefined;</a>",
        b"<a>" + b"x" * 11_000_000 + b"</a>",
    ],
)
def test_what_is_not_well_formed_is_refused(content: bytes) -> None:
    with pytest.raises(etree.XMLSyntaxError):
        answers.strict(content)


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_a_document_type_declaration_is_refused(content: bytes) -> None:
    with pytest.raises(AnswerRefused) as refused:
        answers.strict(content)
    assert refused.value.hostile


def test_bom_and_utf16_are_read() -> None:
    assert answers.strict("<a>ü</a>".encode("utf-8-sig")).text == "ü"
    assert answers.strict('<?xml version="1.0" encoding="UTF-16"?><a>ü</a>'.encode("utf-16")).text == "ü"


_leaf = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="<>&"), min_size=1, max_size=8)
_trees = st.recursive(
    _leaf,
    lambda inner: st.dictionaries(
        st.sampled_from("abcd"), inner | st.lists(inner, min_size=2, max_size=3), min_size=1, max_size=3
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(_trees)
def test_every_tree_survives_xml(tree: answers.Tree) -> None:
    element = etree.Element("r")
    _built(element, {"x": tree})
    assert answers.tree(answers.strict(etree.tostring(element))) == {"x": tree}


def _built(parent: etree._Element, members: dict[str, answers.Tree]) -> None:
    for name, value in members.items():
        for item in value if isinstance(value, list) else [value]:
            element = etree.SubElement(parent, name)
            if isinstance(item, dict):
                _built(element, item)
            else:
                assert isinstance(item, str)
                element.text = item
