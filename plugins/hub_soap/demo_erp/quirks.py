"""What goes wrong with real ERPs, one switch each: every entry was seen in the wild.

A quirk of the kind *answer* changes the envelope; one of the kind *sending* decides what leaves on the connection,
after the work was done; one of the kind *instead* answers without doing the work.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from lxml import etree

from hub_soap.demo_erp import wire

Send = Callable[[BaseHTTPRequestHandler, bytes], None]
_XML = "text/xml; charset=utf-8"


def send(handler: BaseHTTPRequestHandler, content: bytes, status: int = 200, media: str = _XML, **headers: str) -> None:
    """A complete, honest HTTP answer."""
    handler.send_response(status)
    handler.send_header("Content-Type", media)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def _open_ended(handler: BaseHTTPRequestHandler, length: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", _XML)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True


def _truncated(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    _open_ended(handler)
    handler.wfile.write(content[: len(content) * 2 // 3])


def _short(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    _open_ended(handler, len(content))
    handler.wfile.write(content[: len(content) // 2])


def _drip(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    _open_ended(handler)
    with contextlib.suppress(OSError):
        for byte in content:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.1)


def _drip_headers(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(90):
            handler.wfile.write(f"X-Filler-{number}: 0\r\n".encode())
            handler.wfile.flush()
            time.sleep(0.1)
        handler.wfile.write(b"\r\n")
    handler.close_connection = True


def _zipped(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, gzip.compress(content), Content_Encoding="gzip")


def _bomb(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, gzip.compress(content + b" " * 300_000_000, 1), Content_Encoding="gzip")


def lost(handler: BaseHTTPRequestHandler, content: bytes = b"") -> None:
    """Reset the connection (RST): whatever was done, nobody hears of it."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def _slow(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    time.sleep(1.5)
    with contextlib.suppress(OSError):
        send(handler, content)


def _latin1(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content.replace(b"</soap:Body>", b"<!-- M\xfcnchen --></soap:Body>"))


SENDING: dict[str, Send] = {
    "truncated": _truncated, "short": _short, "drip": _drip, "drip_headers": _drip_headers, "gzip": _zipped,
    "gzip_bomb": _bomb, "lost": lost, "slow": _slow, "latin1": _latin1,
    "empty": lambda handler, content: send(handler, b"", 202),
    "html_200": lambda handler, content: send(handler, b"<html><body>Maintenance</body></html>", 200, "text/html"),
    "work_then_500": lambda handler, content: send(handler, b"<br><b>Fatal error</b> in SQL", 500, "text/html"),
    "work_then_fault": lambda handler, content: send(handler, wire.written(wire.fault("Server", "deadlock")), 500),
}  # fmt: skip

_ENTITIES = (b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
             + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
             + b']><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><x>&i;</x>'
             b"</soap:Body></soap:Envelope>")  # fmt: skip
_ARRAY = (b'<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
          b'xmlns:n="http://schemas.xmlsoap.org/soap/encoding/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
          b'<e:Body><listCustomersResponse><customers i:type="n:Array" n:arrayType=":[3]"/></listCustomersResponse>'
          b"</e:Body></e:Envelope>")  # fmt: skip


def _fault(code: str, text: str, status: int) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, wire.written(wire.fault(code, text)), status)


INSTEAD: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "fault_200": _fault("102", "Customer not exists.", 200),
    "fault_500": _fault("Server", "the database is locked", 500),
    "fault_client": _fault("Client", "the quantity is missing", 500),
    "session": _fault("5", "Session expired. Try to relogin.", 200),
    "duplicate": _fault("100", "This order already exists", 200),
    "reset": lost,
    "html_500": lambda handler: send(handler, b"<b>Warning</b>: SELECT * FROM users", 500, "text/html"),
    "unauthorized": lambda handler: send(handler, b"login please", 401, "text/plain"),
    "unavailable": lambda handler: send(handler, b"", 503, "text/plain", Retry_After="2"),
    "gone": lambda handler: send(handler, b"not here", 404, "text/plain"),
    "redirect": lambda handler: send(handler, b"", 307, Location="http://other.example/erp"),
    "entities": lambda handler: send(handler, _ENTITIES),
    "doctype": lambda handler: send(handler, b'<!DOCTYPE Envelope SYSTEM "http://other.example/x.dtd"><Envelope/>'),
    "array": lambda handler: send(handler, _ARRAY),
}  # fmt: skip


def _each(envelope: Any, name: str) -> list[Any]:
    return list(envelope.iter(f"{{{wire.ERP}}}{name}"))


def _missing(envelope: Any) -> None:
    for element in _each(envelope, "name"):
        element.getparent().remove(element)


def _undeclared(envelope: Any) -> None:
    for element in [*_each(envelope, "name"), *_each(envelope, "number")]:
        extra = etree.Element(f"{{{wire.ERP}}}adress")
        extra.text = "misspelt"
        element.addprevious(extra)


def _reordered(envelope: Any) -> None:
    for element in [*_each(envelope, "customer"), *_each(envelope, "product"), *_each(envelope, "order")]:
        element[:] = sorted(element, key=lambda child: str(etree.QName(child).localname), reverse=True)


def _zero_dates(envelope: Any) -> None:
    for element in _each(envelope, "changed"):
        element.text = "0000-00-00T00:00:00"


def _nil(envelope: Any) -> None:
    for element in [*_each(envelope, "order"), *_each(envelope, "customers")]:
        element[:] = []
        element.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")


def _no_id(envelope: Any) -> None:
    for element in _each(envelope, "id"):
        element.getparent().remove(element)


ANSWER: dict[str, Callable[[Any], None]] = {
    "missing": _missing, "undeclared": _undeclared, "reordered": _reordered, "zero_dates": _zero_dates, "nil": _nil,
    "no_id": _no_id,
}  # fmt: skip

STORING = ("drop_key", "other_quantity", "narrow_text")
"""Quirks of createOrder's own work: the hub's key is dropped, a quantity changed, 4-byte characters lost."""

NAMES = frozenset([*SENDING, *INSTEAD, *ANSWER, *STORING, "hold"])
"""All quirks; ``hold`` does the work and answers only when it is released."""
