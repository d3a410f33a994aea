"""Envelopes of the demonstration ERP: plain records to XML and back, with lxml only."""

from __future__ import annotations

from typing import Any

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ERP = "urn:demo-erp"


class ClientFault(Exception):
    """A fault to answer: ``code`` and sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def request(content: bytes) -> tuple[str, dict[str, Any]]:
    """The operation and the parameters of a request."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        body = etree.fromstring(content, parser=parser).find(f"{{{SOAP}}}Body")
    except etree.XMLSyntaxError:
        raise ClientFault("Client", "the request is not well-formed XML") from None
    if body is None or not len(body):
        raise ClientFault("Client", "the request has no Body")
    found = record(body[0])
    return etree.QName(body[0]).localname, found if isinstance(found, dict) else {}


def record(element: Any) -> Any:
    """An element as dict, list or text; attributes are ``@name``, the text beside them ``_text``."""
    out: dict[str, Any] = {"@" + name: value for name, value in element.attrib.items()}
    if not len(element):
        return {**out, "_text": element.text or ""} if out else element.text or ""
    for child in element:
        name, value = etree.QName(child).localname, record(child)
        if name not in out:
            out[name] = value
        elif isinstance(out[name], list):
            out[name].append(value)
        else:
            out[name] = [out[name], value]
    return out


def answer(operation: str, members: dict[str, Any]) -> Any:
    """The envelope of an answer, as an element that a deviation may still change. Empty members are left out."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, None: ERP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    _fill(etree.SubElement(body, f"{{{ERP}}}{operation}Response"), members)
    return envelope


def fault(code: str, text: str) -> Any:
    """The envelope of a fault (SOAP 1.1 §4.4)."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    element = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = code if code.isdigit() else f"soap:{code}"
    etree.SubElement(element, "faultstring").text = text
    return envelope


def written(envelope: Any, encoding: str = "UTF-8") -> bytes:
    """The bytes of an envelope."""
    content: bytes = etree.tostring(envelope, xml_declaration=True, encoding=encoding)
    return content


def _fill(parent: Any, members: dict[str, Any]) -> None:
    for name, value in members.items():
        if name.startswith("@"):
            parent.set(name[1:], value)
            continue
        if name == "_text":
            parent.text = value
            continue
        for item in value if isinstance(value, list) else [value]:
            if item is None or item == "":
                continue
            element = etree.SubElement(parent, f"{{{ERP}}}{name}")
            if isinstance(item, dict):
                _fill(element, item)
            else:
                element.text = str(item)
