"""An answer's bytes, strictly parsed, as a plain tree of dict, list and str; faults; array counts.

zeep builds the requests from the WSDL, but it does not parse the answers: it takes the type that the answer claims
(``xsi:type``) over the WSDL's, drops members, makes floats of money and None of wrong dates, without a word. Here
nothing is typed: every leaf is the text that was sent, and the mapping converts.

The tree: an element without children is its text, or None where it is empty or ``xsi:nil``; with children (or data
attributes) a dict; elements of one name side by side are a list. Attributes are ``@name``, text beside attributes is
``_text``. Namespaces are left out. Attributes of XML Schema and SOAP encoding are not data and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from hub_soap.errors import AnswerRefused

SOAP = {"http://schemas.xmlsoap.org/soap/envelope/": "1.1", "http://www.w3.org/2003/05/soap-envelope": "1.2"}
ENCODING = ("http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding")
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NOT_DATA = (_XSI, *ENCODING, *SOAP)
_MAXIMUM_DEPTH = 100
_MAXIMUM_NODES = 2_000_000

Tree = dict[str, Any] | list[Any] | str | None


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """A SOAP fault: the code without its prefix, the sentence, and the names of the detail's elements."""

    code: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: HTTP status, media type, the seconds of Retry-After, and the parsed envelope. ``root`` is None
    where the body was ``empty`` or was no XML (an error page, of which nothing is kept)."""

    status: int
    media_type: str
    wait: float
    root: Any = None
    empty: bool = False


def strict(content: bytes) -> Any:
    """The root element of well-formed XML without DTD. Raises ``AnswerRefused``, or lxml's ``XMLSyntaxError`` for
    truncated, wrongly encoded or oversized text (libxml2's own limits stay on)."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser=parser)
    except etree.XMLSyntaxError:
        # libxml2 stops at an entity bomb by itself; say what it was instead of how far it came.
        if b"<!ENTITY" in content.replace(b"\0", b""):
            raise AnswerRefused("the document declares entities", hostile=True) from None
        raise
    if root.getroottree().docinfo.internalDTD is not None:
        raise AnswerRefused("the document has a document type declaration", hostile=True)
    return root


def body(root: Any) -> Any:
    """The one element inside the envelope's Body, None where the Body is empty."""
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in SOAP:
        raise AnswerRefused(f"the answer is <{name.localname}>, not a SOAP envelope")
    found = root.find(f"{{{name.namespace}}}Body")
    if found is None:
        raise AnswerRefused("the envelope has no Body")
    # Section 5 encoding puts referenced values beside the answer and marks them as not being the root.
    return next((child for child in found if child.get(f"{{{ENCODING[0]}}}root") != "0"), None)


def fault(element: Any) -> FaultAnswer | None:
    """The fault, if ``element`` (what ``body`` gave) is one; both SOAP versions, whatever version was asked."""
    name = etree.QName(element)
    if name.localname != "Fault" or name.namespace not in SOAP:
        return None
    if SOAP[name.namespace] == "1.1":
        code, text, detail = element.findtext("faultcode"), element.findtext("faultstring"), element.find("detail")
    else:
        space = {"s": name.namespace}
        sub = element.findtext("s:Code/s:Subcode/s:Value", namespaces=space)
        code = sub or element.findtext("s:Code/s:Value", namespaces=space)
        text = element.findtext("s:Reason/s:Text", namespaces=space)
        detail = element.find("s:Detail", namespaces=space)
    names = [etree.QName(child).localname for child in detail] if detail is not None else []
    return FaultAnswer(
        (code or "").strip().rpartition(":")[2], " ".join((text or "").split())[:300], ", ".join(names[:5])
    )


def tree(element: Any, count_arrays: bool = True) -> Tree:
    """``element`` as a plain tree; ``href`` of section 5 encoding is followed. Raises ``AnswerRefused`` where an
    array does not hold what its ``arrayType`` announces, and where the answer is too deep or too large."""
    if element is None:
        return None
    root = element.getroottree().getroot()
    wanted = {node.get("href")[1:] for node in root.iter("{*}*") if node.get("href", "").startswith("#")}
    marked = {node.get("id"): node for node in root.iter("{*}*") if node.get("id") in wanted} if wanted else {}
    return _Reader(marked, count_arrays).value(element, 0)


class _Reader:
    def __init__(self, marked: dict[str, Any], count_arrays: bool) -> None:
        self.marked = marked
        self.count_arrays = count_arrays
        self.nodes = 0

    def value(self, element: Any, depth: int) -> Tree:
        self.nodes += 1
        if depth > _MAXIMUM_DEPTH or self.nodes > _MAXIMUM_NODES:
            raise AnswerRefused("the answer is nested too deeply or holds too many elements")
        href = element.get("href", "")
        if href.startswith("#") and href[1:] in self.marked and not len(element):
            return self.value(self.marked[href[1:]], depth + 1)
        if element.get(f"{{{_XSI}}}nil") in ("true", "1"):
            return None
        if self.count_arrays:
            _check_count(element)
        out: dict[str, Any] = {}
        for name, text in element.attrib.items():
            qname = etree.QName(name)
            if qname.namespace not in _NOT_DATA and not (name == "id" and text in self.marked):
                out["@" + qname.localname] = text
        if not len(element):
            text = element.text
            if not out:
                return text or None
            if text and text.strip():
                out["_text"] = text
            return out
        repeated: set[str] = set()
        for child in element:
            name = etree.QName(child).localname
            item = self.value(child, depth + 1)
            if name not in out:
                out[name] = item
            elif name in repeated:
                out[name].append(item)
            else:
                out[name] = [out[name], item]
                repeated.add(name)
        return out


def _check_count(element: Any) -> None:
    """``arrayType="ns:Item[3]"`` (1.1) or ``arraySize="3"`` (1.2) against the children: a list that came out empty
    although the server says three is the worst of all failures, because nothing looks wrong."""
    announced = element.get(f"{{{ENCODING[0]}}}arrayType") or ""
    found = re.search(r"\[(\d+)\]\s*\Z", announced) or re.fullmatch(
        r"\s*(\d+)\s*", element.get(f"{{{ENCODING[1]}}}arraySize") or ""
    )
    if found and int(found[1]) != len(element):
        name = etree.QName(element).localname
        raise AnswerRefused(f"the array <{name}> announces {found[1]} items and holds {len(element)}")


def at(value: Tree, path: str) -> Tree:
    """What stands at ``path`` (names joined by ``/``; '' is the value itself); None where it is absent. A list on
    the way is entered at its first item."""
    for name in path.split("/") if path else ():
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def items(value: Tree, path: str) -> list[Any]:
    """All that stands at ``path``, always as a list: none, one and many look alike. Lists on the way are all
    entered. An item without any content is left out."""
    level: list[Any] = [value]
    for name in path.split("/") if path else ():
        level = [item.get(name) for item in _flat(level) if isinstance(item, dict)]
    return [item for item in _flat(level) if not hollow(item)]


def _flat(level: list[Any]) -> Iterator[Any]:
    for item in level:
        if isinstance(item, list):
            yield from item
        else:
            yield item


def text(value: Tree) -> str:
    """A leaf's text, stripped; '' for None and for anything that is no leaf."""
    if isinstance(value, dict):
        value = value.get("_text")
    return value.strip() if isinstance(value, str) else ""


def hollow(value: Tree) -> bool:
    """Whether nothing is in it: None, blank, or an object whose members are all hollow (a nil struct of some
    servers)."""
    if isinstance(value, dict):
        return all(hollow(item) for item in value.values())
    if isinstance(value, list):
        return all(hollow(item) for item in value)
    return value is None or not value.strip()
